/* Every file below a folder is decoded once, in parallel; the good become tiles, the others a list
 * of reasons. */

#include "tsr-folder-walk.h"
#include "tsr-image-reader.h"

#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-parallel.h"

#include <string.h>

/* What one file came to: a reason, or its size. */
typedef struct {
  bool tried;
  char *reason;
  TsrImageInfo info;
} Outcome;

typedef struct {
  GPtrArray *files; /* TsrWalkedFile */
  Outcome *outcomes;
  size_t offset; /* of the batch */
  GCancellable *cancellable;
} Batch;

static void
free_tile (TsrFoundTile *tile)
{
  g_free (tile->path);
  g_free (tile->relative);
  g_free (tile->folder);
  g_free (tile);
}

void
tsr_folder_scan_free (TsrFolderScan *scan)
{
  if (!scan)
    return;
  g_ptr_array_unref (scan->tiles);
  g_ptr_array_unref (scan->skipped);
  g_free (scan);
}

static void
decode_one (Batch *batch, const TsrWalkedFile *file, Outcome *outcome)
{
  TsrPicture picture;
  GError *error = NULL;
  bool ok = tsr_image_read_file (file->path, false, &picture, &error);
  outcome->tried = true;
  if (ok && picture.orientation >= 5) { /* the size a viewer shows */
    int width = picture.info.width;
    picture.info.width = picture.info.height, picture.info.height = width;
  }
  outcome->info = picture.info;
  if (!ok)
    outcome->reason = g_strdup (error->message);
  g_clear_error (&error);
  tsr_picture_clear (&picture);
}

static void
decode_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Batch *batch = data;
  for (size_t i = begin + batch->offset; i < end + batch->offset; i++)
    if (!g_cancellable_is_cancelled (batch->cancellable))
      decode_one (batch, batch->files->pdata[i], &batch->outcomes[i]);
}

/* Batches grow until one takes about 30 ms, so that progress and cancellation stay prompt for small
 * and large images. */
static bool
decode_all (Batch *batch, const TsrProgress *progress, GError **error)
{
  size_t n = batch->files->len, size = tsr_parallel_workers ();
  while (batch->offset < n) {
    if (!tsr_progress_step (progress, (double)batch->offset / n, TSR_STAGE ("Reading images"),
                            error))
      return false;
    gint64 start = g_get_monotonic_time ();
    size_t now = MIN (size, n - batch->offset);
    tsr_parallel_for (now, 1, decode_range, batch);
    batch->offset += now;
    gint64 taken = g_get_monotonic_time () - start;
    if (taken < 15000)
      size = MIN (size * 2, 4096);
    else if (taken > 40000)
      size = MAX (size / 2, tsr_parallel_workers ());
  }
  return tsr_progress_step (progress, 1, TSR_STAGE ("Reading images"), error);
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const TsrWalkedFile *const *x = a, *const *y = b;
  return tsr_natural_order ((*x)->relative, (*y)->relative);
}

static int
compare_skipped (gconstpointer a, gconstpointer b)
{
  const TsrSkippedFile *const *x = a, *const *y = b;
  return tsr_natural_order ((*x)->file, (*y)->file);
}

static void
add_tile (TsrFolderScan *scan, const TsrWalkedFile *file, const TsrImageInfo *info)
{
  TsrFoundTile *tile = g_new0 (TsrFoundTile, 1);
  const char *slash = strchr (file->relative, '/');
  *tile =
      (TsrFoundTile){.path = g_strdup (file->path),
                     .relative = g_strdup (file->relative),
                     .folder = slash ? g_strndup (file->relative, slash - file->relative) : NULL,
                     .width = info->width,
                     .height = info->height,
                     .channels = info->channels};
  g_ptr_array_add (scan->tiles, tile);
}

/* The reason given most often. Details in brackets (a library's words, a size) do not make it
 * another reason. */
static char *
commonest_reason (GPtrArray *skipped)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *best = NULL;
  guint best_count = 0;
  for (guint i = 0; i < skipped->len; i++) {
    const TsrSkippedFile *file = skipped->pdata[i];
    char *kind = g_strndup (file->reason, strcspn (file->reason, "("));
    guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, kind)) + 1;
    g_hash_table_replace (counts, kind, GUINT_TO_POINTER (count));
    if (count > best_count)
      best = file->reason, best_count = count;
  }
  return g_strdup (best);
}

static void
explain_nothing (const char *folder, const TsrFolderScan *scan, GError **error)
{
  g_autofree char *name = g_filename_display_name (folder);
  if (scan->skipped->len == 0) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        _ ("The folder “%s” is empty; choose a folder that holds PNG, JPEG or TIFF images."), name);
    return;
  }
  g_autofree char *reason = commonest_reason (scan->skipped);
  char *stop = strrchr (reason, '.');
  *stop = '\0';
  *reason = g_ascii_tolower (*reason);
  if (scan->skipped->len == 1)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        _ ("The folder “%s” holds no image that can be read; its only file was refused: %s."), name,
        reason);
  else
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        _ ("The folder “%s” holds no image that can be read; all %u files were refused, most "
           "often because: %s."),
        name, scan->skipped->len, reason);
}

static void
collect (const Batch *batch, TsrFolderScan *scan)
{
  for (guint i = 0; i < batch->files->len; i++) {
    const TsrWalkedFile *file = batch->files->pdata[i];
    const Outcome *outcome = &batch->outcomes[i];
    if (outcome->reason)
      tsr_skip_file (scan->skipped, file->relative, outcome->reason);
    else if (outcome->tried)
      add_tile (scan, file, &outcome->info);
  }
  g_ptr_array_sort (scan->skipped, compare_skipped);
}

TsrFolderScan *
tsr_folder_scan (const char *folder, const TsrProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) refused = NULL;
  return tsr_folder_scan_explained (folder, &refused, progress, error);
}

TsrFolderScan *
tsr_folder_scan_explained (const char *folder, GPtrArray **refused, const TsrProgress *progress,
                           GError **error)
{
  g_autofree char *root = g_canonicalize_filename (folder, NULL);
  TsrFolderScan *scan = g_new0 (TsrFolderScan, 1);
  scan->tiles = g_ptr_array_new_with_free_func ((GDestroyNotify)free_tile);
  scan->skipped = tsr_skipped_files_new ();
  Batch batch = {.files = g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_walked_file_free),
                 .cancellable = progress ? progress->cancellable : NULL};
  bool ok = tsr_folder_walk (root, progress, batch.files, scan->skipped, error);
  if (ok) {
    g_ptr_array_sort (batch.files, compare_files);
    batch.outcomes = g_new0 (Outcome, batch.files->len);
    ok = decode_all (&batch, progress, error);
    collect (&batch, scan);
  }
  if (ok && scan->tiles->len == 0) {
    explain_nothing (root, scan, error);
    ok = false;
  }
  for (guint i = 0; batch.outcomes && i < batch.files->len; i++)
    g_free (batch.outcomes[i].reason);
  g_free (batch.outcomes);
  g_ptr_array_unref (batch.files);
  *refused = ok ? NULL : g_ptr_array_ref (scan->skipped);
  if (!ok)
    g_clear_pointer (&scan, tsr_folder_scan_free);
  return scan;
}
