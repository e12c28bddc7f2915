#include "power-cut-vfs.h"

#include "fixture.h"
#include "tsr-random.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define SECTOR 512

typedef struct {
  bool truncate;
  sqlite3_int64 offset; /* or the new length */
  GByteArray *bytes;
} Pending;

typedef struct {
  char *path;
  GByteArray *synced;
  bool entry_synced; /* the folder's entry for this file is on the disk */
  bool removed;      /* live: it is not there now */
  GByteArray
      *ghost; /* the synced content of a former file of this name, whose removal is not synced */
  GPtrArray *pending; /* Pending, since the last sync */
} File;

typedef struct {
  sqlite3_file base;
  File *file; /* NULL: not tracked (temporary files) */
  bool journal;
  sqlite3_file *real;
} Handle;

static struct {
  sqlite3_vfs vfs, *real;
  GHashTable *files; /* path -> File */
  uint64_t count, at;
  bool off;
} power;

static void
pending_free (gpointer data)
{
  Pending *pending = data;
  g_byte_array_unref (pending->bytes);
  g_free (pending);
}

static void
file_free (gpointer data)
{
  File *file = data;
  g_byte_array_unref (file->synced);
  g_clear_pointer (&file->ghost, g_byte_array_unref);
  g_ptr_array_unref (file->pending);
  g_free (file->path);
  g_free (file);
}

/* One more step towards the cut. */
static bool
power_fails (void)
{
  if (!power.off && ++power.count == power.at)
    power.off = true;
  return power.off;
}

static void
add_pending (File *file, bool truncate, sqlite3_int64 offset, const void *bytes, int n)
{
  Pending *pending = g_new (Pending, 1);
  *pending = (Pending){truncate, offset, g_byte_array_new ()};
  g_byte_array_append (pending->bytes, bytes ? bytes : (const guint8 *)"", (guint)n);
  g_ptr_array_add (file->pending, pending);
}

static void
set_length (GByteArray *image, gsize length)
{
  guint before = image->len;
  g_byte_array_set_size (image, (guint)length);
  if (length > before)
    memset (image->data + before, 0, length - before);
}

static void
apply_bytes (GByteArray *image, sqlite3_int64 offset, const guint8 *bytes, gsize n)
{
  if (image->len < offset + n)
    set_length (image, offset + n);
  memcpy (image->data + offset, bytes, n);
}

static void
apply (GByteArray *image, const Pending *pending)
{
  if (!pending->truncate)
    apply_bytes (image, pending->offset, pending->bytes->data, pending->bytes->len);
  else if (image->len > pending->offset)
    set_length (image, (gsize)pending->offset);
}

/* ---- methods of files ---- */

#define REAL(f) (((Handle *)(f))->real)

static int
file_close (sqlite3_file *f)
{
  return REAL (f)->pMethods ? REAL (f)->pMethods->xClose (REAL (f)) : SQLITE_OK;
}

static int
file_read (sqlite3_file *f, void *bytes, int n, sqlite3_int64 offset)
{
  return power.off ? SQLITE_IOERR_READ : REAL (f)->pMethods->xRead (REAL (f), bytes, n, offset);
}

static int
file_write (sqlite3_file *f, const void *bytes, int n, sqlite3_int64 offset)
{
  File *file = ((Handle *)f)->file;
  bool dead = power.off, fails = file && power_fails ();
  if (file && !dead)
    add_pending (file, false, offset, bytes,
                 n); /* the write under way may have reached the disk, too */
  return dead || fails ? SQLITE_IOERR_WRITE
                       : REAL (f)->pMethods->xWrite (REAL (f), bytes, n, offset);
}

static int
file_truncate (sqlite3_file *f, sqlite3_int64 length)
{
  File *file = ((Handle *)f)->file;
  bool dead = power.off, fails = file && power_fails ();
  if (file && !dead)
    add_pending (file, true, length, NULL, 0);
  return dead || fails ? SQLITE_IOERR_TRUNCATE : REAL (f)->pMethods->xTruncate (REAL (f), length);
}

/* Like the real one, a sync of a journal or log puts the folder's entry on the disk as well. */
static int
file_sync (sqlite3_file *f, int flags)
{
  Handle *handle = (Handle *)f;
  File *file = handle->file;
  if (!file)
    return SQLITE_OK;
  if (power_fails ())
    return SQLITE_IOERR_FSYNC;
  for (guint i = 0; i < file->pending->len; i++)
    apply (file->synced, file->pending->pdata[i]);
  g_ptr_array_set_size (file->pending, 0);
  if (handle->journal) {
    file->entry_synced = true;
    g_clear_pointer (&file->ghost, g_byte_array_unref);
  }
  return SQLITE_OK;
}

static int
file_size (sqlite3_file *f, sqlite3_int64 *size)
{
  return power.off ? SQLITE_IOERR_FSTAT : REAL (f)->pMethods->xFileSize (REAL (f), size);
}

static int
file_lock (sqlite3_file *f, int level)
{
  return REAL (f)->pMethods->xLock (REAL (f), level);
}

static int
file_unlock (sqlite3_file *f, int level)
{
  return REAL (f)->pMethods->xUnlock (REAL (f), level);
}

static int
file_check_lock (sqlite3_file *f, int *result)
{
  return REAL (f)->pMethods->xCheckReservedLock (REAL (f), result);
}

static int
file_control (sqlite3_file *f, int operation, void *argument)
{
  return REAL (f)->pMethods->xFileControl (REAL (f), operation, argument);
}

static int
file_sector_size (sqlite3_file *f)
{
  return REAL (f)->pMethods->xSectorSize (REAL (f));
}

static int
file_characteristics (sqlite3_file *f)
{
  return REAL (f)->pMethods->xDeviceCharacteristics (REAL (f));
}

static int
file_shm_map (sqlite3_file *f, int page, int size, int extend, void volatile **memory)
{
  return power.off ? SQLITE_IOERR_SHMMAP
                   : REAL (f)->pMethods->xShmMap (REAL (f), page, size, extend, memory);
}

static int
file_shm_lock (sqlite3_file *f, int offset, int n, int flags)
{
  return REAL (f)->pMethods->xShmLock (REAL (f), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *f)
{
  REAL (f)->pMethods->xShmBarrier (REAL (f));
}

static int
file_shm_unmap (sqlite3_file *f, int remove)
{
  return REAL (f)->pMethods->xShmUnmap (REAL (f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ---- methods of the VFS ---- */

static File *
track (const char *path, bool exists)
{
  File *file = g_hash_table_lookup (power.files, path);
  if (!file) {
    file = g_new0 (File, 1);
    file->path = g_strdup (path);
    file->pending = g_ptr_array_new_with_free_func (pending_free);
    file->entry_synced = exists;
    file->synced = exists ? fixture_read (path) : g_byte_array_new ();
    g_hash_table_insert (power.files, file->path, file);
  }
  file->removed = false;
  return file;
}

static int
vfs_open (sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out_flags)
{
  Handle *handle = (Handle *)f;
  const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  bool tracked = name && (flags & (SQLITE_OPEN_MAIN_DB | journals));
  bool exists = tracked && g_file_test (name, G_FILE_TEST_EXISTS);
  *handle = (Handle){.real = (sqlite3_file *)(handle + 1), .journal = (flags & journals) != 0};
  handle->base.pMethods = NULL;
  if (power.off)
    return SQLITE_CANTOPEN;
  int rc = power.real->xOpen (power.real, name, handle->real, flags, out_flags);
  if (rc == SQLITE_OK) {
    handle->base.pMethods = &methods;
    handle->file = tracked ? track (name, exists) : NULL;
  }
  return rc;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *name, int sync_folder)
{
  bool dead = power.off, fails = power_fails ();
  if (dead)
    return SQLITE_IOERR_DELETE;
  bool exists = g_file_test (name, G_FILE_TEST_EXISTS);
  File *file = exists ? track (name, true) : NULL;
  if (file) {
    if (file->entry_synced) {
      g_clear_pointer (&file->ghost, g_byte_array_unref);
      file->ghost = g_steal_pointer (&file->synced);
      file->synced = g_byte_array_new ();
    }
    g_byte_array_set_size (file->synced, 0);
    g_ptr_array_set_size (file->pending, 0);
    file->entry_synced = false;
    file->removed = true;
  }
  if (fails)
    return SQLITE_IOERR_DELETE;
  if (file && sync_folder)
    g_clear_pointer (&file->ghost, g_byte_array_unref);
  return power.real->xDelete (power.real, name, 0);
}

static int
vfs_access (sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
  return power.off ? SQLITE_IOERR_ACCESS : power.real->xAccess (power.real, name, flags, result);
}

static int
vfs_full_pathname (sqlite3_vfs *vfs, const char *name, int n, char *out)
{
  return power.real->xFullPathname (power.real, name, n, out);
}

static int
vfs_randomness (sqlite3_vfs *vfs, int n, char *out)
{
  return power.real->xRandomness (power.real, n, out);
}

static int
vfs_sleep (sqlite3_vfs *vfs, int microseconds)
{
  return power.real->xSleep (power.real, microseconds);
}

static int
vfs_current_time (sqlite3_vfs *vfs, sqlite3_int64 *now)
{
  return power.real->xCurrentTimeInt64 (power.real, now);
}

static int
vfs_last_error (sqlite3_vfs *vfs, int n, char *out)
{
  return power.off ? 0 : power.real->xGetLastError (power.real, n, out);
}

void
power_cut_register (void)
{
  power.real = sqlite3_vfs_find (NULL);
  power.files = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, file_free);
  power.vfs = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = (int)sizeof (Handle) + power.real->szOsFile,
      .mxPathname = power.real->mxPathname,
      .zName = "power-cut",
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_pathname,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xGetLastError = vfs_last_error,
      .xCurrentTimeInt64 = vfs_current_time,
  };
  g_assert_cmpint (sqlite3_vfs_register (&power.vfs, 1), ==, SQLITE_OK);
}

void
power_cut_arm (uint64_t at)
{
  g_hash_table_remove_all (power.files);
  power.count = 0;
  power.at = at;
  power.off = false;
}

uint64_t
power_cut_count (void)
{
  return power.count;
}

bool
power_cut_happened (void)
{
  return power.off;
}

/* ---- after the cut ---- */

static void
apply_torn (GByteArray *image, const Pending *pending, TsrRandom *random)
{
  gsize n = pending->bytes->len;
  for (gsize begin = 0; begin < n;) {
    gsize end = MIN (n, begin + SECTOR - (pending->offset + begin) % SECTOR);
    if (tsr_random_below (random, 2))
      apply_bytes (image, pending->offset + begin, pending->bytes->data + begin, end - begin);
    begin = end;
  }
}

static void
apply_some (File *file, PowerCutMode mode, TsrRandom *random)
{
  guint prefix = tsr_random_below (random, file->pending->len + 1);
  for (guint i = 0; i < file->pending->len; i++) {
    const Pending *pending = file->pending->pdata[i];
    if (mode == POWER_CUT_TORN && !pending->truncate)
      apply_torn (file->synced, pending, random);
    else if (mode == POWER_CUT_KEEP || (mode == POWER_CUT_PREFIX && i < prefix) ||
             ((mode == POWER_CUT_SUBSET || mode == POWER_CUT_TORN) && tsr_random_below (random, 2)))
      apply (file->synced, pending);
  }
}

static void
restore_file (File *file, PowerCutMode mode, TsrRandom *random)
{
  const GByteArray *image = file->synced;
  bool is_there = file->entry_synced;
  apply_some (file, mode, random);
  /* without its entry synced, the folder may show the new file, the one that was removed, or none
   */
  if (!is_there && mode == POWER_CUT_DROP && file->ghost) {
    image = file->ghost;
    is_there = true;
  } else if (!is_there && mode != POWER_CUT_DROP) {
    uint32_t choice = mode == POWER_CUT_KEEP ? 0 : tsr_random_below (random, 3);
    is_there = (choice == 0 && !file->removed) || (choice == 1 && file->ghost);
    image = choice == 1 ? file->ghost : file->synced;
  }
  if (is_there)
    fixture_write (file->path, image->data, image->len);
  else
    g_unlink (file->path);
}

void
power_cut_restore (PowerCutMode mode, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, mode);
  /* in a fixed order, so that a seed means the same every time */
  g_autoptr (GList) paths = g_list_sort (g_hash_table_get_keys (power.files), (GCompareFunc)strcmp);
  for (GList *at = paths; at; at = at->next) {
    restore_file (g_hash_table_lookup (power.files, at->data), mode, &random);
    g_autofree char *memory = g_strconcat (at->data, "-shm", NULL);
    g_unlink (memory); /* shared memory does not outlive the machine; what a disk may keep of its
                          file is ignored by SQLite */
  }
  power_cut_arm (0);
}
