#include "tsr-train-best.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-safetensors.h"

#include <math.h>
#include <string.h>

/* What the file's metadata say. */
#define KEY_CHECKPOINT "best.checkpoint" /* the name of a file beside this one */
#define KEY_MEASURE    "best.measure"
#define KEY_IMAGES     "trained_images"

struct TsrTrainBest {
  char *checkpoint, *path;
  double measure, kimg; /* of the state that is there; NAN and 0 without one */
};

char *
tsr_train_best_name (const char *model_path)
{
  static const char suffix[] = ".safetensors";
  g_autofree char *stem = g_str_has_suffix (model_path, suffix)
                              ? g_strndup (model_path, strlen (model_path) - strlen (suffix))
                              : g_strdup (model_path);
  return g_strconcat (stem, ".best", suffix, NULL);
}

static double
number (const TsrSafetensors *file, const char *key)
{
  const char *text = tsr_safetensors_metadata (file, key);
  return text ? g_ascii_strtod (text, NULL) : (double)NAN;
}

/* A file that cannot be read, or is of another checkpoint, is no state to beat. */
static void
look (TsrTrainBest *self)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (self->path, NULL);
  g_autofree char *name = g_path_get_basename (self->checkpoint);
  if (!file || g_strcmp0 (tsr_safetensors_metadata (file, KEY_CHECKPOINT), name) != 0)
    return;
  self->measure = number (file, KEY_MEASURE);
  self->kimg = number (file, KEY_IMAGES) / 1000;
}

TsrTrainBest *
tsr_train_best_new (const char *model_path, bool resume)
{
  TsrTrainBest *self = g_new0 (TsrTrainBest, 1);
  self->checkpoint = g_strdup (model_path);
  self->path = tsr_train_best_name (model_path);
  self->measure = NAN;
  if (resume)
    look (self);
  return self;
}

void
tsr_train_best_free (TsrTrainBest *self)
{
  if (!self)
    return;
  g_free (self->checkpoint);
  g_free (self->path);
  g_free (self);
}

bool
tsr_train_best_offer (TsrTrainBest *self, TsrTrainer *trainer, double measure, GError **error)
{
  if (!isfinite (measure) || measure >= self->measure)
    return true;
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  uint64_t shown = tsr_trainer_images (trainer);
  g_autofree char *name = g_path_get_basename (self->checkpoint),
                  *images = g_strdup_printf ("%" G_GUINT64_FORMAT, shown);
  const char *extra[] = {
      KEY_CHECKPOINT, name,   KEY_MEASURE, g_ascii_dtostr (text, sizeof text, measure),
      KEY_IMAGES,     images, NULL};
  if (!tsr_trainer_export (trainer, self->path, extra, error))
    return false;
  self->measure = measure;
  self->kimg = (double)shown / 1000;
  return true;
}

const char *
tsr_train_best_path (const TsrTrainBest *self)
{
  return isfinite (self->measure) ? self->path : NULL;
}

double
tsr_train_best_kimg (const TsrTrainBest *self)
{
  return isfinite (self->measure) ? self->kimg : 0;
}

char *
tsr_train_best_checkpoint (const char *model, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, error);
  if (!file)
    return NULL;
  const char *named = tsr_safetensors_metadata (file, KEY_CHECKPOINT);
  if (!named)
    return g_strdup (model);
  g_autofree char *folder = g_path_get_dirname (model), *name = g_path_get_basename (named);
  g_autofree char *checkpoint = g_build_filename (folder, name, NULL);
  if (g_file_test (checkpoint, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&checkpoint);
  g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
               _ ("The model “%s” is one state of a training, whose checkpoint “%s” is no longer "
                  "beside it: put that back to go on with the training, or train a new model."),
               model, name);
  return NULL;
}
