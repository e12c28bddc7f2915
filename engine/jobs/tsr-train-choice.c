#include "tsr-train-choice.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-model-file.h"
#include "tsr-orientation.h"
#include "tsr-train-best.h"
#include "tsr-train-safety.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* PROJECT.tessera trains into PROJECT.model.safetensors beside it, the n-th time into
 * PROJECT.model-n.safetensors. */
static char *
nth_model_path (const char *project, unsigned n)
{
  g_autofree char *stem = g_str_has_suffix (project, ".tessera")
                              ? g_strndup (project, strlen (project) - 8)
                              : g_strdup (project);
  g_autofree char *number = n > 1 ? g_strdup_printf ("-%u", n) : g_strdup ("");
  g_autofree char *path = g_strconcat (stem, ".model", number, ".safetensors", NULL);
  return g_canonicalize_filename (path, NULL);
}

static char *
real_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  char *real = realpath (folder, NULL), *found = g_strdup (real ? real : folder);
  free (real);
  return found;
}

/* Another project, of which this one is a copy perhaps, or with whose model it embeds, may need its
 * checkpoint as it is. */
static bool
is_own (const char *project, const char *model)
{
  static const char ending[] = ".safetensors";
  g_autofree char *first = nth_model_path (project, 1);
  g_autofree char *name = g_path_get_basename (first), *other = g_path_get_basename (model),
                  *folder = real_folder (first), *other_folder = real_folder (model);
  size_t stem = strlen (name) - strlen (ending);
  if (strcmp (folder, other_folder) != 0 || strncmp (name, other, stem) != 0)
    return false;
  const char *rest = other + stem;
  if (*rest == '-')
    rest += 1 + strspn (rest + 1, "0123456789");
  return strcmp (rest, ending) == 0;
}

/* Whether the name still means the file that was locked: who let go of it has removed it. */
static bool
is_named (int fd, const char *name)
{
  struct stat locked, named;
  return fstat (fd, &locked) == 0 && stat (name, &named) == 0 && locked.st_ino == named.st_ino &&
         locked.st_dev == named.st_dev;
}

/* The lock beside a model, as a file descriptor; -1 with busy if another training has it, -1 with
 * error if there can be none. A file system that knows no such locks protects nothing, and stops
 * nothing. */
static int
take_lock (const char *path, bool *busy, GError **error)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  for (;;) {
    int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    *busy = fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd < 0)
      tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", path, errno);
    if (fd < 0 || (!*busy && is_named (fd, name)))
      return fd;
    close (fd);
    if (*busy)
      return -1;
  }
}

void
tsr_train_release_path (const char *path, int lock)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  if (lock < 0)
    return;
  g_unlink (name);
  close (lock);
}

static char *
take_resumed (const char *path, int *lock, GError **error)
{
  bool busy;
  *lock = take_lock (path, &busy, error);
  if (busy)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_BUSY,
        _ ("“%s” is being trained already. Wait until that training has ended, or stop it."), path);
  return *lock >= 0 ? g_strdup (path) : NULL;
}

char *
tsr_train_take_path (const char *project, const char *resumed, int *lock, GError **error)
{
  if (resumed && is_own (project, resumed))
    return take_resumed (resumed, lock, error);
  for (unsigned n = 1;; n++) {
    g_autofree char *path = nth_model_path (project, n);
    bool busy;
    *lock = take_lock (path, &busy, error);
    if (busy)
      continue;
    if (*lock < 0)
      return NULL;
    g_autofree char *best = tsr_train_best_name (path);
    if (!g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (best, G_FILE_TEST_EXISTS))
      return g_steal_pointer (&path);
    tsr_train_safety_free (tsr_train_safety_new (path, false)); /* what a killed one left */
    tsr_train_release_path (path, *lock);
  }
}

static const struct {
  const char *key;
  size_t offset;
} kept_numbers[] = {
    {"train.kimg", G_STRUCT_OFFSET (TsrTrainOptions, kimg)},
    {"train.gamma", G_STRUCT_OFFSET (TsrTrainOptions, gamma)},
    {"train.lambda", G_STRUCT_OFFSET (TsrTrainOptions, lambda)},
    {"train.beta", G_STRUCT_OFFSET (TsrTrainOptions, beta)},
    {"train.encoder_ema", G_STRUCT_OFFSET (TsrTrainOptions, encoder_ema)},
    {"train.learning_rate", G_STRUCT_OFFSET (TsrTrainOptions, learning_rate)},
};

/* The shape of the model gone on from. */
static void
inherit_shape (TsrTrainOptions *o, const TsrModelConfig *c)
{
  struct {
    int *field, value, unset;
  } fields[] = {{&o->resolution, c->resolution, 0},
                {&o->channels, c->channels, 0},
                {&o->channel_base, c->channel_base, 0},
                {&o->channel_max, c->channel_max, 0},
                {&o->w_dim, c->w_dim, 0},
                {&o->mapping_layers, c->mapping_layers, 0},
                {&o->shared_layers, c->shared_layers, -1}};
  for (size_t k = 0; k < G_N_ELEMENTS (fields); k++)
    if (*fields[k].field == fields[k].unset)
      *fields[k].field = fields[k].value;
  if (!o->latent)
    o->latent = tsr_latent_name (c->latent);
}

/* How the run was trained that is resumed: what the user did not say stays as it was, so that it is
 * the same run. */
static bool
inherit_run (TsrTrainOptions *o, const TsrSafetensors *file, GError **error)
{
  double asked = o->kimg;
  bool another_pace = o->learning_rate > 0 || o->gamma >= 0;
  for (size_t k = 0; k < G_N_ELEMENTS (kept_numbers); k++) {
    const char *text = tsr_safetensors_metadata (file, kept_numbers[k].key);
    double *field = &G_STRUCT_MEMBER (double, o, kept_numbers[k].offset);
    bool chosen = kept_numbers[k].offset == G_STRUCT_OFFSET (TsrTrainOptions, kimg) ||
                          kept_numbers[k].offset == G_STRUCT_OFFSET (TsrTrainOptions, learning_rate)
                      ? *field > 0
                      : *field >= 0;
    if (text && !chosen)
      *field = g_ascii_strtod (text, NULL);
  }
  /* A training that has reached its end is given as much again, and as many setbacks. */
  const char *images = tsr_safetensors_metadata (file, "trained_images"),
             *setbacks = tsr_safetensors_metadata (file, "train.setbacks"),
             *length = tsr_safetensors_metadata (file, kept_numbers[0].key);
  bool ended =
      images && length && g_ascii_strtod (images, NULL) >= g_ascii_strtod (length, NULL) * 1000;
  if (ended && !(asked > 0))
    o->kimg = 0;
  if (setbacks && !ended && !another_pace)
    o->setbacks = (unsigned)g_ascii_strtoull (setbacks, NULL, 10);
  const char *batch = tsr_safetensors_metadata (file, "train.batch"),
             *preset = tsr_safetensors_metadata (file, "train.preset"),
             *precision = tsr_safetensors_metadata (file, "train.precision"),
             *choose = tsr_safetensors_metadata (file, "train.choose"),
             *augment = tsr_safetensors_metadata (file, "train.augment"),
             *orientations = tsr_safetensors_metadata (file, TSR_MODEL_ORIENTATIONS),
             *encoder_only = tsr_safetensors_metadata (file, "train.encoder_only");
  if (!o->preset)
    o->preset = tsr_train_preset (preset);
  if (batch && o->batch == 0)
    o->batch = (int)g_ascii_strtoll (batch, NULL, 10);
  if (o->orientations == 0)
    o->orientations = tsr_orientations_parse (orientations);
  if (precision && !o->precision)
    o->precision = g_strcmp0 (precision, "bf16") == 0 ? "bf16" : "f32";
  if (choose && !o->choose)
    o->choose = g_strcmp0 (choose, "reconstruction") == 0 ? "reconstruction" : "last";
  o->generator_reconstructs |=
      g_strcmp0 (tsr_safetensors_metadata (file, "train.generator_reconstructs"), "1") == 0;
  if (!o->augment) /* an older checkpoint was trained without */
    o->augment = g_strcmp0 (augment, "ada") == 0 ? "ada" : "none";
  bool was = g_strcmp0 (encoder_only, "1") == 0;
  if (o->encoder_only && !was && encoder_only) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("“%s” was not trained with its generator frozen, so it cannot be resumed that "
                    "way: to train an encoder against its generator, start without resuming."),
                 tsr_safetensors_path (file));
    return false;
  }
  o->encoder_only |= was;
  return true;
}

static bool
inherit (TsrTrainOptions *o, const char *path, GError **error)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, error);
  TsrModelConfig config;
  if (!file || !tsr_model_config_read (file, &config, error))
    return false;
  inherit_shape (o, &config);
  return !o->resume || inherit_run (o, file, error);
}

bool
tsr_train_choose (const TsrTrainJob *job, TsrProject *project, TsrTileSource *source,
                  TsrTrainOptions *o, char **from, GError **error)
{
  *o = job->options;
  *from = !o->resume && !o->encoder_only ? NULL
          : job->model && !o->resume     ? g_strdup (job->model)
                                         : tsr_project_get_model (project);
  if (o->encoder_only && !*from) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The project “%s” has no model whose generator an encoder could be trained "
                    "against: name one first."),
                 job->project);
    return false;
  }
  if (o->resume && !*from) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("The project “%s” has no checkpoint that could be gone on from: train without "
                    "resuming first."),
                 job->project);
    return false;
  }
  if (o->resume) {
    g_autofree char *model = g_steal_pointer (from);
    *from = tsr_train_best_checkpoint (model, error);
    if (!*from)
      return false;
  }
  if (*from && !inherit (o, *from, error))
    return false;
  int size, channels;
  return tsr_tile_source_probe (source, &size, &channels, error) &&
         tsr_train_options_resolve (o, source->tiles->len, size, channels, error);
}

#define LOOK "train.normalise"

char *
tsr_train_choice_look (const char *model)
{
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, NULL);
  const char *look = file ? tsr_safetensors_metadata (file, LOOK) : NULL;
  bool own = file && tsr_safetensors_metadata (file, "train.batch");
  return g_strdup (look ? look : own ? "none" : NULL);
}

char **
tsr_train_choice_metadata (const TsrTrainOptions *o, const char *look)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (size_t k = 0; k < G_N_ELEMENTS (kept_numbers); k++) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double value = G_STRUCT_MEMBER (double, o, kept_numbers[k].offset);
    g_strv_builder_add_many (builder, kept_numbers[k].key,
                             g_ascii_dtostr (text, sizeof text, value), NULL);
  }
  g_autofree char *batch = g_strdup_printf ("%d", o->batch),
                  *setbacks = g_strdup_printf ("%u", o->setbacks);
  g_strv_builder_add_many (
      builder, "train.batch", batch, "train.setbacks", setbacks, "train.preset", o->preset,
      "train.precision", o->precision ? o->precision : "f32", "train.augment", o->augment,
      "train.choose", o->choose, "train.encoder_only", o->encoder_only ? "1" : "0",
      "train.generator_reconstructs", o->generator_reconstructs ? "1" : "0", LOOK, look, NULL);
  return g_strv_builder_end (builder);
}
