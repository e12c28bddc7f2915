#include "tsr-csv.h"
#include "tsr-error.h"
#include "tsr-export.h"
#include "tsr-file.h"
#include "tsr-image-bare.h"
#include "tsr-tile-pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A class's name as a folder's: what file systems or shells stumble over becomes "_". */
static char *
folder_name (const char *class_)
{
  char *name = g_strdup (class_);
  for (char *c = name; *c; c++)
    if (strchr ("/\\:*?\"<>|", *c) || (unsigned char)*c < 32 || *c == 127)
      *c = '_';
  if (name[0] == '.') /* "..", and hidden folders */
    name[0] = '_';
  if (strlen (name) > 200) /* file systems take 255 bytes */
    *g_utf8_find_prev_char (name, name + 200) = '\0';
  if (*name)
    return name;
  g_free (name);
  return g_strdup ("_");
}

/* One folder name a class, different classes never sharing one. */
static char **
folder_names (const TsrTable *table)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_add (taken, g_strdup ("tiles.csv")); /* stands beside the class folders */
  char **names = g_new0 (char *, table->n_classes + 1);
  for (uint32_t c = 0; c < table->n_classes; c++) {
    g_autofree char *plain = folder_name (tsr_table_nth_class (table, (int32_t)c)->name);
    names[c] = g_strdup (plain);
    /* Compared without case, for file systems that do the same. */
    for (unsigned k = 2; !g_hash_table_add (taken, g_utf8_casefold (names[c], -1)); k++) {
      g_free (names[c]);
      names[c] = g_strdup_printf ("%s-%u", plain, k);
    }
  }
  return names;
}

typedef struct {
  const TsrTable *table;
  TsrProject *project;
  TsrExportTiles which;
  char **folders;
  const char *root; /* where it is built: renamed at the end */
  GHashTable *taken;
  GArray *tiles;    /* what is there, for tiles.csv: the tile ... */
  GPtrArray *files; /* ... and its file below root */
  TsrExportFolders *report;
} Job;

/* Compared without case, for file systems that do the same. */
static bool
take (Job *job, const char *file)
{
  g_autofree char *shown = g_filename_display_name (file);
  return g_hash_table_add (job->taken, g_utf8_casefold (shown, -1));
}

/* Returns "<class>/<file>" that is not taken yet; a name that is becomes "<name>-<tile>", and with
 * further numbers where some tile is called so. */
static char *
choose_file (Job *job, const char *folder, const char *base, uint32_t tile)
{
  char *file = g_build_filename (folder, base, NULL);
  const char *dot = strrchr (base, '.');
  size_t stem = dot && dot != base ? (size_t)(dot - base) : strlen (base);
  for (unsigned k = 1; !take (job, file); k++) {
    g_autofree char *number = k > 1 ? g_strdup_printf ("-%u", k) : g_strdup ("");
    g_autofree char *other =
        g_strdup_printf ("%.*s-%u%s%s", (int)stem, base, tile, number, base + stem);
    g_free (file);
    file = g_build_filename (folder, other, NULL);
  }
  return file;
}

/* A copy of the thumbnail stands in for a tile whose file is gone. */
static bool
write_thumbnail (Job *job, uint32_t tile, const char *to, GError **error)
{
  TsrImage image = {0};
  if (!tsr_project_thumbnail (job->project, tile, &image, NULL)) {
    job->report->missing++;
    return true;
  }
  bool ok = tsr_image_save_png (&image, to, error);
  tsr_image_clear (&image);
  job->report->thumbnails += ok;
  return ok;
}

/* All of a file, or nothing of one that is too large to be made bare; NULL with error. */
static GBytes *
read_file (const char *path, GError **error)
{
  GStatBuf status;
  int fd = tsr_file_open_regular (path, TSR_ERROR_FAILED, error);
  if (fd < 0)
    return NULL;
  gsize size = fstat (fd, &status) == 0 ? (gsize)status.st_size : 0, n = 0;
  g_autofree uint8_t *data = size <= TSR_IMAGE_BARE_MAX ? g_try_malloc (size + 1) : NULL;
  if (!data)
    size = 0;
  gssize got = 1;
  while (n < size && (got = read (fd, data + n, size - n)) > 0)
    n += (gsize)got;
  int problem = errno;
  close (fd);
  if (got >= 0)
    return g_bytes_new_take (g_steal_pointer (&data), n);
  tsr_file_set_errno (error, TSR_ERROR_FAILED, "read", path, problem);
  return NULL;
}

static bool
write_bytes (GBytes *bytes, const char *to, GError **error)
{
  gsize n;
  const char *data = g_bytes_get_data (bytes, &n);
  g_autoptr (GError) cause = NULL;
  if (g_file_set_contents_full (to, data, (gssize)n, G_FILE_SET_CONTENTS_NONE, 0666, &cause))
    return true;
  tsr_file_set_cause (error, TSR_ERROR_FAILED, "write", to, cause);
  return false;
}

/* What the tile shows, as a PNG; *file stays NULL if it can no longer be seen. */
static bool
write_anew (Job *job, uint32_t tile, const char *path, const char *folder, const char *base,
            char **file, GError **error)
{
  TsrImage image = {0};
  g_autofree char *png = path ? g_strconcat (base, ".png", NULL) : g_strdup (base);
  if (!(path ? tsr_image_load (path, 0, 0, &image, NULL)
             : tsr_project_tile_picture (job->project, tile, 0, 3, &image, NULL)))
    return true;
  *file = choose_file (job, folder, png, tile);
  g_autofree char *to = g_build_filename (job->root, *file, NULL);
  bool ok = tsr_image_save_png (&image, to, error);
  tsr_image_clear (&image);
  return ok;
}

/* The same pixels, without what may name a patient beside them; *file stays NULL if it is gone. */
static bool
copy_file (Job *job, uint32_t tile, const char *path, const char *folder, const char *base,
           char **file, GError **error)
{
  if (g_access (path, R_OK) != 0)
    return true;
  g_autoptr (GBytes) whole = read_file (path, error);
  if (!whole)
    return false;
  g_autoptr (GBytes) bare = tsr_image_bare (whole);
  if (!bare)
    return write_anew (job, tile, path, folder, base, file, error);
  *file = choose_file (job, folder, base, tile);
  g_autofree char *to = g_build_filename (job->root, *file, NULL);
  return write_bytes (bare, to, error);
}

static char *
file_name (const Job *job, uint32_t tile, const char *path)
{
  if (path)
    return g_path_get_basename (path);
  g_autofree char *plain = folder_name (job->table->names[tile]);
  return g_strconcat (plain, ".png", NULL);
}

static bool
export_tile (Job *job, uint32_t tile, const char *folder, GError **error)
{
  g_autofree char *path = tsr_project_tile_path (job->project, tile);
  g_autofree char *base = file_name (job, tile, path), *file = NULL;
  if (!(path ? copy_file (job, tile, path, folder, base, &file, error)
             : write_anew (job, tile, NULL, folder, base, &file, error)))
    return false;
  if (file) {
    job->report->copied++;
  } else {
    g_autofree char *thumbnail = g_strconcat (base, ".thumbnail.png", NULL);
    file = choose_file (job, folder, thumbnail, tile);
    g_autofree char *to = g_build_filename (job->root, file, NULL);
    uint32_t missing = job->report->missing;
    if (!write_thumbnail (job, tile, to, error))
      return false;
    if (job->report->missing > missing)
      return true;
  }
  g_ptr_array_add (job->files, g_steal_pointer (&file));
  g_array_append_val (job->tiles, tile);
  return true;
}

/* tiles.csv: which file is which tile, and whether its class is a label or a prediction. */
static bool
fill_list (FILE *out, void *data, GError **error)
{
  Job *job = data;
  fputs ("path,tile_id,file,class,state", out);
  tsr_csv_end (out);
  for (guint i = 0; i < job->tiles->len; i++) {
    uint32_t tile = g_array_index (job->tiles, uint32_t, i);
    g_autofree char *shown = g_filename_display_name (g_ptr_array_index (job->files, i));
    tsr_csv_text (out, shown, true);
    fprintf (out, ",%u", tile);
    tsr_csv_text (out, job->table->names[tile], false);
    tsr_csv_text (out, tsr_table_class (job->table, tile)->name, false);
    tsr_csv_text (out, job->table->label[tile] >= 0 ? "labelled" : "predicted", false);
    tsr_csv_end (out);
  }
  return true;
}

static bool
export_all (Job *job, const TsrProgress *progress, GError **error)
{
  for (uint32_t c = 0; c < job->table->n_classes; c++) {
    g_autofree char *folder = g_build_filename (job->root, job->folders[c], NULL);
    if (g_mkdir (folder, 0777) != 0) {
      tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", folder, errno);
      return false;
    }
  }
  for (uint32_t tile = 0; tile < job->table->n; tile++) {
    if (!tsr_progress_step (progress, (double)tile / job->table->n, TSR_STAGE ("Copying tiles"),
                            error))
      return false;
    const TsrClass *class_ = tsr_table_class (job->table, tile);
    bool labelled = job->table->label[tile] >= 0;
    if (!class_ || (job->which.chosen && !job->which.chosen[tile]) ||
        (job->which.only != TSR_EXPORT_ALL && (job->which.only == TSR_EXPORT_LABELLED) != labelled))
      continue;
    int32_t index = labelled ? job->table->label[tile] : job->table->prediction[tile].class_id;
    if (!export_tile (job, tile, job->folders[index], error))
      return false;
  }
  g_autofree char *list = g_build_filename (job->root, "tiles.csv", NULL);
  return tsr_file_replace (list, fill_list, job, error);
}

/* Removes what an export that failed has built: the class folders' files, the folders, the root. */
static void
remove_tree (const char *root, unsigned depth)
{
  g_autoptr (GDir) dir = g_dir_open (root, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (root, name, NULL);
    if (depth > 0 && g_file_test (path, G_FILE_TEST_IS_DIR) &&
        !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      remove_tree (path, depth - 1);
    else
      g_unlink (path);
  }
  g_rmdir (root);
}

/* What is built beside the target until it is whole is called what it would have become: nobody
 * knows the temporary folder, which is gone by then. */
static void
name_target (GError *error, const char *root, const char *target)
{
  g_autofree char *built = g_filename_display_name (root),
                  *asked = g_filename_display_name (target);
  g_autoptr (GString) message = g_string_new (error->message);
  g_string_replace (message, built, asked, 0);
  g_free (error->message);
  error->message = g_strdup (message->str);
}

/* On the disk before it gets its name: a power cut leaves all of the folder, or none. */
static bool
settle (const char *root, const char *target, GError **error)
{
  int fd = g_open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  bool ok = fd >= 0 && syncfs (fd) == 0 && g_rename (root, target) == 0;
  int problem = errno;
  if (fd >= 0)
    close (fd);
  if (!ok)
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", target, problem);
  return ok;
}

bool
tsr_export_folders (const TsrTable *table, TsrProject *project, const char *folder,
                    TsrExportTiles which, TsrExportFolders *report, const TsrProgress *progress,
                    GError **error)
{
  *report = (TsrExportFolders){0};
  g_autofree char *target = g_canonicalize_filename (folder, NULL);
  if (!tsr_file_check_new_folder (target, error))
    return false;
  g_autofree char *root = g_strconcat (target, ".XXXXXX", NULL);
  if (!g_mkdtemp_full (root, 0777)) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", target, errno);
    return false;
  }
  g_auto (GStrv) folders = folder_names (table);
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  Job job = {.table = table,
             .project = project,
             .which = which,
             .folders = folders,
             .root = root,
             .taken = taken,
             .tiles = tiles,
             .files = files,
             .report = report};
  GError *problem = NULL;
  if (export_all (&job, progress, &problem) && settle (root, target, &problem))
    return true;
  remove_tree (root, 1);
  name_target (problem, root, target);
  g_propagate_error (error, problem);
  return false;
}

bool
tsr_export_thumbnails (TsrProject *project, const uint32_t *tiles, size_t n, const char *folder,
                       GError **error)
{
  if (g_mkdir_with_parents (folder, 0777) != 0) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", folder, errno);
    return false;
  }
  g_auto (GStrv) names = tsr_project_tile_names (project);
  for (size_t i = 0; i < n; i++) {
    TsrImage image = {0};
    if (!tsr_project_thumbnail (project, tiles[i], &image, error))
      return false;
    g_autofree char *plain = folder_name (names[tiles[i]]);
    g_autofree char *file = g_strdup_printf ("%02zu-%s%s", i + 1, plain,
                                             g_str_has_suffix (plain, ".png") ? "" : ".png");
    g_autofree char *path = g_build_filename (folder, file, NULL);
    bool ok = tsr_image_save_png (&image, path, error);
    tsr_image_clear (&image);
    if (!ok)
      return false;
  }
  return true;
}
