#include "tsr-train-safety.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct TsrTrainSafety {
  char *model, *newest, *before, *temporary;
};

TsrTrainSafety *
tsr_train_safety_new (const char *model_path, bool resume)
{
  TsrTrainSafety *self = g_new0 (TsrTrainSafety, 1);
  self->model = g_strdup (model_path);
  self->newest = g_strconcat (model_path, ".good", NULL);
  self->before = g_strconcat (model_path, ".good-before", NULL);
  self->temporary = g_strconcat (model_path, ".good-new", NULL);
  if (!resume)
    tsr_train_safety_clear (self);
  return self;
}

void
tsr_train_safety_free (TsrTrainSafety *self)
{
  if (!self)
    return;
  g_free (self->model);
  g_free (self->newest);
  g_free (self->before);
  g_free (self->temporary);
  g_free (self);
}

/* Checkpoints are replaced, never written over, so that a link keeps the bytes of now. */
static bool
link_or_copy (const char *from, const char *to)
{
  g_unlink (to);
  if (link (from, to) == 0)
    return true;
  g_autoptr (GFile) source = g_file_new_for_path (from), target = g_file_new_for_path (to);
  if (g_file_copy (source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, NULL))
    return true;
  g_unlink (to);
  return false;
}

void
tsr_train_safety_keep (TsrTrainSafety *self)
{
  if (!link_or_copy (self->model, self->temporary))
    return;
  /* With hard links, renaming one name of a file to another of the same file does nothing. */
  if (g_file_test (self->newest, G_FILE_TEST_EXISTS))
    g_rename (self->newest, self->before);
  g_rename (self->temporary, self->newest);
}

char *
tsr_train_safety_back (TsrTrainSafety *self)
{
  if (g_file_test (self->before, G_FILE_TEST_EXISTS))
    g_rename (self->before, self->newest);
  return g_file_test (self->newest, G_FILE_TEST_EXISTS) ? g_strdup (self->newest) : NULL;
}

bool
tsr_train_safety_restore (TsrTrainSafety *self, GError **error)
{
  if (!g_file_test (self->newest, G_FILE_TEST_EXISTS))
    return false;
  if (g_rename (self->newest, self->model) == 0)
    return true;
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      _ ("The last good model “%s” cannot be put in the place of “%s”: %s. It can be used as "
         "it is."),
      self->newest, self->model, g_strerror (errno));
  return false;
}

void
tsr_train_safety_clear (TsrTrainSafety *self)
{
  g_unlink (self->newest);
  g_unlink (self->before);
  g_unlink (self->temporary);
}
