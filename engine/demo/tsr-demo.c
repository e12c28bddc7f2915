/* The demonstration set: which painter draws which class, and the files of the set. */

#include "tsr-demo.h"

#include "tsr-demo-canvas.h"
#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-parallel.h"

#include <errno.h>
#include <sys/stat.h>
#include <glib/gstdio.h>

/* Marks a name for translation, which is the window's business: here it names a folder. */
#define NC_(context, text) text

static const struct {
  const char *name;
  void (*paint) (TsrCanvas *canvas);
} classes[] = {
    {NC_ ("tissue", "tumour"), tsr_paint_tumour},
    {NC_ ("tissue", "lymphocytes"), tsr_paint_lymphocytes},
    {NC_ ("tissue", "stroma"), tsr_paint_stroma},
    {NC_ ("tissue", "fat"), tsr_paint_fat},
    {NC_ ("tissue", "necrosis"), tsr_paint_necrosis},
    {NC_ ("tissue", "glands"), tsr_paint_glands},
    {NC_ ("tissue", "muscle"), tsr_paint_muscle},
    {NC_ ("tissue", "mucus"), tsr_paint_mucus},
};

unsigned
tsr_demo_n_classes (void)
{
  return G_N_ELEMENTS (classes);
}

const char *
tsr_demo_class_name (unsigned class_)
{
  g_return_val_if_fail (class_ < G_N_ELEMENTS (classes), NULL);
  return classes[class_].name;
}

void
tsr_demo_tile (unsigned class_, int size, uint64_t seed, uint64_t index, TsrImage *tile)
{
  g_return_if_fail (class_ < G_N_ELEMENTS (classes));
  TsrCanvas canvas;
  tsr_canvas_init (&canvas, CLAMP (size, 16, 256), seed, (uint64_t)class_ << 48 | index);
  classes[class_].paint (&canvas);
  tsr_photograph (&canvas, tile);
  tsr_canvas_clear (&canvas);
}

/* A run of tiles drawn in parallel; the first failure is kept. */
typedef struct {
  const char *folder;
  unsigned per_class;
  int size;
  uint64_t seed;
  size_t offset;
  GCancellable *cancellable;
  GMutex lock;
  GError *error;
} Job;

/* An empty file is what a power cut can leave of one that was not synchronised. */
static bool
is_there (const char *path)
{
  GStatBuf status;
  return g_stat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0;
}

static bool
write_tile (const TsrImage *tile, const char *path, GError **error)
{
  g_autoptr (GBytes) png = tsr_image_to_png (tile);
  g_autoptr (GError) reason = NULL;
  gsize n = 0;
  const char *bytes = png ? g_bytes_get_data (png, &n) : NULL;
  if (bytes && g_file_set_contents_full (path, bytes, (gssize)n, G_FILE_SET_CONTENTS_CONSISTENT,
                                         0644, &reason))
    return true;
  if (reason)
    tsr_file_set_cause (error, TSR_ERROR_FAILED, "write", path, reason);
  else
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", path, ENOMEM);
  return false;
}

static void
write_one (Job *job, size_t i)
{
  unsigned class_ = (unsigned)(i / job->per_class), index = (unsigned)(i % job->per_class);
  g_autofree char *name = g_strdup_printf ("%s_%05u.png", classes[class_].name, index);
  g_autofree char *path = g_build_filename (job->folder, classes[class_].name, name, NULL);
  if (is_there (path))
    return;
  TsrImage tile;
  GError *error = NULL;
  tsr_demo_tile (class_, job->size, job->seed, index, &tile);
  if (!write_tile (&tile, path, &error)) {
    g_mutex_lock (&job->lock);
    if (!job->error)
      job->error = g_steal_pointer (&error);
    g_mutex_unlock (&job->lock);
    g_clear_error (&error);
  }
  tsr_image_clear (&tile);
}

static void
write_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Job *job = data;
  for (size_t i = begin; i < end; i++) {
    g_mutex_lock (&job->lock);
    bool stop = job->error || g_cancellable_is_cancelled (job->cancellable);
    g_mutex_unlock (&job->lock);
    if (stop)
      return;
    write_one (job, job->offset + i);
  }
}

static bool
make_folders (const char *folder, GError **error)
{
  for (unsigned c = 0; c < G_N_ELEMENTS (classes); c++) {
    g_autofree char *path = g_build_filename (folder, classes[c].name, NULL);
    if (g_mkdir_with_parents (path, 0755) != 0) {
      tsr_file_set_errno (error, TSR_ERROR_FAILED, "create the folder", path, errno);
      return false;
    }
  }
  return true;
}

bool
tsr_demo_write (const char *folder, unsigned per_class, int size, uint64_t seed,
                const TsrProgress *progress, GError **error)
{
  size_t n = (size_t)per_class * G_N_ELEMENTS (classes),
         batch = 8 * (size_t)tsr_parallel_workers ();
  Job job = {.folder = folder,
             .per_class = per_class,
             .size = size,
             .seed = seed,
             .cancellable = progress ? progress->cancellable : NULL};
  if (!make_folders (folder, error))
    return false;
  g_mutex_init (&job.lock);
  bool ok = true;
  for (; ok && job.offset < n && !job.error; job.offset += batch) {
    ok = tsr_progress_step (progress, (double)job.offset / n, TSR_STAGE ("Drawing tiles"), error);
    if (ok)
      tsr_parallel_for (MIN (batch, n - job.offset), 1, write_range, &job);
  }
  g_mutex_clear (&job.lock);
  if (job.error) {
    g_propagate_error (error, job.error);
    return false;
  }
  return ok && tsr_progress_step (progress, 1, TSR_STAGE ("Drawing tiles"), error);
}
