/* Checkpoints through power cuts and full disks.
 *
 * A power cut leaves of a file what was synced, and of a renaming both or neither. This program
 * stands between the engine and the system: it remembers what of every file has been synced, and
 * holds at each sync and renaming that whoever looked at the disk now would find a whole checkpoint
 * under the model's name. */

#include "fixture.h"
#include "tsr-error.h"
#include "tsr-safetensors.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static TsrEngine *engine;

/* ---- the disk as a power cut would leave it ---- */

static GMutex lock;
static GHashTable *synced; /* inode -> checksum of the bytes last synced */
static char *watched;      /* the model's path */
static unsigned syncs, renames, looks;
static bool is_whole = true;

int __real_fsync (int fd);
int __wrap_fsync (int fd);
int __real_rename (const char *from, const char *to);
int __wrap_rename (const char *from, const char *to);

static char *
checksum_of (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize length;
  if (!g_file_get_contents (path, &bytes, &length, NULL))
    return NULL;
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)bytes, length);
}

static gpointer
inode_of (const char *path)
{
  GStatBuf info;
  return g_stat (path, &info) == 0 ? GSIZE_TO_POINTER ((gsize)info.st_ino) : NULL;
}

/* Whether all the bytes behind a name are on the disk. */
static bool
is_synced (const char *path)
{
  g_autofree char *now = checksum_of (path);
  const char *then = g_hash_table_lookup (synced, inode_of (path));
  return now && g_strcmp0 (now, then) == 0;
}

static void
look (void)
{
  if (!watched || !g_file_test (watched, G_FILE_TEST_EXISTS))
    return;
  looks++;
  is_whole = is_whole && is_synced (watched);
}

int
__wrap_fsync (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_mutex_lock (&lock);
  look ();
  int result = __real_fsync (fd);
  if (!g_file_test (link, G_FILE_TEST_IS_DIR)) {
    g_hash_table_insert (synced, inode_of (link), checksum_of (link));
    syncs++;
  }
  g_mutex_unlock (&lock);
  return result;
}

int
__wrap_rename (const char *from, const char *to)
{
  g_mutex_lock (&lock);
  look ();
  if (g_strcmp0 (to, watched) == 0) {
    is_whole = is_whole && is_synced (from);
    renames++;
  }
  int result = __real_rename (from, to);
  look ();
  g_mutex_unlock (&lock);
  return result;
}

/* ---- tests ---- */

static char *
model_path (const char *project)
{
  g_autofree char *stem = g_strndup (project, strlen (project) - strlen (".tessera"));
  return g_strconcat (stem, ".model.safetensors", NULL);
}

/* A training that chooses has a second file to keep whole: `name` is the one that is watched. */
static void
cut_power (const char *name, const char *choose, unsigned written)
{
  g_autofree char *path = fixture_project (5, true);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  watched = g_build_filename (folder, name, NULL);
  syncs = renames = looks = 0;
  TsrTrainJob job = fixture_training (path, 0.3);
  job.options.choose = choose;
  job.checkpoint_s = 1e-6; /* after every step */
  g_assert_true (
      tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (renames, >=, written);
  g_assert_cmpuint (syncs, >=, renames);
  g_assert_cmpuint (looks, >, 2 * renames);
  g_assert_true (is_whole);
  look ();
  g_assert_true (is_whole);
  g_clear_pointer (&watched, g_free);
}

static void
test_power_cut (void)
{
  cut_power ("p.model.safetensors", "last", 10);
}

static void
test_power_cut_chosen (void)
{
  cut_power ("p.model.safetensors", "reconstruction", 10);
  cut_power ("p.model.best.safetensors", "reconstruction", 2);
}

/* Fills the disk that folder is on until less than `left` bytes are free. */
static void
fill_disk (const char *folder, size_t left)
{
  g_autofree char *path = g_build_filename (folder, "filler", NULL);
  FILE *file = fopen (path, "wb");
  static const char zeros[4096];
  while (fwrite (zeros, 1, sizeof zeros, file) == sizeof zeros && fflush (file) == 0)
    continue;
  long size = ftell (file);
  fclose (file);
  g_assert_cmpint (truncate (path, MAX (0, size / 4096 * 4096 - (long)left)), ==, 0);
}

typedef struct {
  char *folder;
  char *message;
  bool filled;
} Full;

static void
hear (gpointer data, gpointer user)
{
  const TsrTrainSnapshot *snapshot = data;
  Full *full = user;
  if (!snapshot->message)
    return;
  g_free (full->message);
  full->message = g_strdup (snapshot->message);
}

static Full *full_now;

/* Called at each checkpoint: the disk fills up on the way and is freed before the end. */
static int
fill_and_free (double kimg)
{
  g_autofree char *filler = g_build_filename (full_now->folder, "filler", NULL);
  if (kimg > 0.1 && kimg < 0.2 && !full_now->filled) {
    fill_disk (full_now->folder, 16384);
    full_now->filled = true;
  } else if (kimg > 0.25)
    g_unlink (filler);
  return 0;
}

/* With a state to choose, room for a checkpoint is not yet room for both. */
static void
fill_up (const char *choose)
{
  g_autofree char *source = fixture_project (5, true), *from = g_path_get_dirname (source),
                  *mount = g_dir_make_tmp ("tessera-full-XXXXXX", NULL);
  g_autofree char *mounting =
      g_strdup_printf ("mount -t tmpfs -o size=16m tessera-test '%s' 2>/dev/null", mount);
  if (geteuid () != 0 || system (mounting) != 0) {
    g_test_skip ("Only the superuser can mount a small disk.");
    return;
  }
  g_autofree char *copying = g_strdup_printf ("cp -r '%s'/* '%s'", from, mount),
                  *path = g_build_filename (mount, "p.tessera", NULL);
  g_assert_cmpint (system (copying), ==, 0);
  Full full = {.folder = mount};
  full_now = &full;
  g_autoptr (GError) error = NULL;
  TsrMailbox *mailbox = tsr_mailbox_new (hear, &full, (GDestroyNotify)tsr_train_snapshot_free);
  TsrTrainJob job = fixture_training (path, 0.4);
  job.options.choose = choose;
  job.snapshots = mailbox;
  job.checkpoint_s = 1e-6;
  job.pretend = fill_and_free;
  bool ok = tsr_engine_run (engine, "train", TSR_ENGINE_DEVICE, tsr_job_train, &job, NULL, &error);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_true (full.filled);
  g_assert_true (job.kept);
  g_assert_nonnull (full.message);
  g_assert_nonnull (strstr (full.message, "the disk is full"));
  g_assert_nonnull (strstr (full.message, "Training goes on"));
  g_autofree char *model = model_path (path), *best = fixture_model (path);
  g_assert_cmpint (strcmp (model, best) != 0, ==, strcmp (choose, "last") != 0);
  for (int k = 0; k < 2; k++) { /* each whole */
    g_autoptr (TsrSafetensors) each = tsr_safetensors_open (k ? best : model, &error);
    g_assert_no_error (error);
  }
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (model, &error);
  g_assert_cmpstr (tsr_safetensors_metadata (file, "trained_images"), ==, "400");
  tsr_mailbox_unref (mailbox);
  g_free (full.message);
  g_autofree char *unmounting = g_strdup_printf ("umount '%s'", mount);
  g_clear_pointer (&file, tsr_safetensors_free);
  g_assert_cmpint (system (unmounting), ==, 0);
  g_rmdir (mount);
}

static void
test_full_disk (void)
{
  fill_up ("last");
}

static void
test_full_disk_chosen (void)
{
  fill_up ("reconstruction");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  synced = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  engine = tsr_engine_new (NULL);
  g_test_add_func ("/checkpoint/power-cut", test_power_cut);
  g_test_add_func ("/checkpoint/power-cut-chosen", test_power_cut_chosen);
  g_test_add_func ("/checkpoint/full-disk", test_full_disk);
  g_test_add_func ("/checkpoint/full-disk-chosen", test_full_disk_chosen);
  int result = g_test_run ();
  tsr_engine_free (engine);
  g_hash_table_unref (synced);
  return result;
}
