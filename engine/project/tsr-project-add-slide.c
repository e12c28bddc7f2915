/* A slide's tiles join as regions of it. As with folders, pictures are decoded first, without
 * holding the file, and everything is written in one transaction. */

#include "tsr-parallel.h"
#include "tsr-i18n.h"
#include "tsr-project-private.h"
#include "tsr-slide-fingerprint.h"

#include <math.h>
#include <string.h>

#define CHUNK          512 /* tiles decoded at a time: 14 MB of thumbnails */
#define SHARE_DECODING 0.9 /* of the time, for the progress */

typedef struct {
  const TsrSlideTile *tile;
  TsrSpooled thumbnail;
} NewRegion;

typedef struct {
  TsrProject *project;
  TsrSlide *slide;
  const TsrSlideCut *cut;
  const TsrTilingOptions *options;
  const TsrMaskOptions *mask; /* or NULL */
  char *path;                 /* real, absolute */
  int64_t size;
  uint8_t fingerprint[TSR_SLIDE_FINGERPRINT];
  int32_t id; /* of the slide, -1 while it is not known */
  TsrSpool *spool;
  GArray *regions; /* NewRegion: what can be read of it */
  TsrSlideAdded *added;
} Import;

void
tsr_slide_added_clear (TsrSlideAdded *added)
{
  g_free (added->reason);
  *added = (TsrSlideAdded){0};
}

/* ---- decoding ---- */

typedef struct {
  TsrSlide *slide;
  const TsrSlideTile *tiles;
  int pixels;
  bool one_by_one; /* they are still to be read, because one of them is damaged */
  uint8_t *rgb;
  GBytes **jpeg;
  GError **errors;
} Batch;

static void
make_thumbnails (size_t begin, size_t end, unsigned worker, void *data)
{
  Batch *batch = data;
  size_t bytes = (size_t)batch->pixels * (size_t)batch->pixels * 3;
  for (size_t i = begin; i < end; i++) {
    const TsrSlideTile *tile = &batch->tiles[i];
    TsrImage image = {batch->pixels, batch->pixels, 3, batch->rgb + i * bytes};
    if (!batch->one_by_one || tsr_slide_read_tile (batch->slide, tile->x, tile->y, tile->side,
                                                   batch->pixels, image.pixels, &batch->errors[i]))
      batch->jpeg[i] = tsr_image_to_jpeg (&image, TSR_THUMBNAIL_QUALITY);
  }
}

static bool
spool_batch (Import *import, Batch *batch, size_t n, GError **error)
{
  bool ok = true;
  for (size_t i = 0; i < n; i++) {
    NewRegion region = {.tile = &batch->tiles[i]};
    if (batch->jpeg[i]) {
      ok = ok && tsr_spool_add (import->spool, batch->jpeg[i], &region.thumbnail, error);
      g_array_append_val (import->regions, region);
    } else {
      import->added->damaged++;
      if (!import->added->reason)
        import->added->reason =
            batch->errors[i] ? tsr_image_reason (batch->errors[i], tsr_slide_path (import->slide))
                             : g_strdup (_ ("There was not enough memory."));
    }
    g_clear_pointer (&batch->jpeg[i], g_bytes_unref);
    g_clear_error (&batch->errors[i]);
  }
  return ok;
}

/* One damaged tile must not cost the others: then each is read for itself. */
static bool
read_batch (Import *import, Batch *batch, size_t n, const TsrProgress *progress, GError **error)
{
  g_autoptr (GError) cause = NULL;
  bool ok = tsr_slide_read_tiles (import->slide, batch->tiles, n, batch->pixels, batch->rgb,
                                  progress, &cause);
  if (!ok && !g_error_matches (cause, TSR_ERROR, TSR_ERROR_IMAGE)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  batch->one_by_one = !ok;
  tsr_parallel_for (n, 1, make_thumbnails, batch);
  return spool_batch (import, batch, n, error);
}

static bool
decode (Import *import, const GArray *wanted, const TsrProgress *progress, GError **error)
{
  g_autofree GBytes **jpeg = g_new0 (GBytes *, CHUNK);
  g_autofree GError **errors = g_new0 (GError *, CHUNK);
  int pixels = CLAMP (import->cut->tiling.side, 1, TSR_THUMBNAIL_SIZE);
  g_autofree uint8_t *rgb = g_malloc ((size_t)CHUNK * (size_t)pixels * (size_t)pixels * 3);
  for (guint done = 0; done < wanted->len;) {
    guint n = MIN (CHUNK, wanted->len - done);
    TsrProgressShare share;
    TsrProgress part =
        tsr_progress_share (progress, &share, SHARE_DECODING * done / wanted->len,
                            SHARE_DECODING * (done + n) / wanted->len, TSR_STAGE ("Reading tiles"));
    Batch batch = {.slide = import->slide,
                   .tiles = &g_array_index (wanted, TsrSlideTile, done),
                   .pixels = pixels,
                   .rgb = rgb,
                   .jpeg = jpeg,
                   .errors = errors};
    if (!read_batch (import, &batch, n, &part, error))
      return false;
    done += n;
  }
  return tsr_spool_flush (import->spool, error);
}

/* ---- which are new ---- */

/* 1 the region is a tile already, 0 not, -1 error. */
static int
is_known (Import *import, const TsrSlideTile *tile, GError **error)
{
  if (import->id < 0)
    return 0;
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (import->project,
                      "SELECT 1 FROM tile WHERE root IS NULL AND slide = ? AND x = ? AND y = ? AND "
                      "side_x = ? AND side_y = ?",
                      error);
  if (!find)
    return -1;
  sqlite3_bind_int (find, 1, import->id);
  sqlite3_bind_int64 (find, 2, tile->x);
  sqlite3_bind_int64 (find, 3, tile->y);
  sqlite3_bind_int (find, 4, tile->side);
  sqlite3_bind_int (find, 5, tile->side);
  return tsr_db_step (import->project, find, error);
}

/* So that adding a slide again decodes nothing twice. */
static GArray *
choose_new (Import *import, GError **error)
{
  if (tsr_project_slide_of (import->project, import->fingerprint, &import->id, error) < 0)
    return NULL;
  const GArray *tiles = import->cut->tiling.tiles;
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (TsrSlideTile));
  for (guint i = 0; i < tiles->len; i++) {
    const TsrSlideTile *tile = &g_array_index (tiles, TsrSlideTile, i);
    int known = is_known (import, tile, error);
    if (known < 0)
      return NULL;
    if (known == 0)
      g_array_append_val (wanted, *tile);
  }
  return g_steal_pointer (&wanted);
}

/* ---- writing the slide ---- */

static bool
is_taken (TsrProject *project, const char *name)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT 1 FROM slide WHERE name = ?", NULL);
  if (find)
    sqlite3_bind_text (find, 1, name, -1, SQLITE_TRANSIENT);
  return tsr_db_step (project, find, NULL) > 0;
}

/* The file's name without its ending, as QuPath calls an image; ".ome.tif" is one ending. */
static char *
choose_name (Import *import, int32_t id)
{
  if (tsr_project_hides_slide_names (import->project))
    return g_strdup_printf ("slide %d", id + 1);
  g_autofree char *base = g_path_get_basename (import->path);
  g_autofree char *name = tsr_path_display (base);
  char *dot = strrchr (name, '.');
  if (dot && dot > name)
    *dot = '\0';
  if (strlen (name) > 4 && g_ascii_strcasecmp (name + strlen (name) - 4, ".ome") == 0)
    name[strlen (name) - 4] = '\0';
  for (char *c = name; *c; c++)
    if (g_ascii_iscntrl (*c))
      *c = '_';
  char *unique = g_strdup (name);
  for (unsigned k = 2; is_taken (import->project, unique); k++) {
    g_free (unique);
    unique = g_strdup_printf ("%s (%u)", name, k);
  }
  return unique;
}

static void
bind_number (TsrStatement *statement, int index, double value)
{
  if (isfinite (value))
    sqlite3_bind_double (statement, index, value);
  else
    sqlite3_bind_null (statement, index);
}

static void
bind_text (TsrStatement *statement, int index, const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;
  sqlite3_bind_text (statement, index, valid, -1, SQLITE_TRANSIENT);
}

/* The new slide's row; its place follows. */
static bool
insert_slide (Import *import, int64_t root, GError **error)
{
  TsrProject *project = import->project;
  int32_t id = (int32_t)tsr_db_int (project, "SELECT coalesce (max (id) + 1, 0) FROM slide", 0);
  g_autofree char *name = choose_name (import, id), *base = g_path_get_basename (import->path);
  g_autoptr (TsrStatement) insert = tsr_db_prepare (
      project,
      "INSERT INTO slide (id, root, path, name, size, fingerprint, format, vendor, scanner, width, "
      "height, mpp, mpp_given, objective) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      error);
  if (!insert)
    return false;
  const TsrSlideInfo *info = tsr_slide_info (import->slide);
  double said = tsr_slide_effective_mpp (info, NAN),
         mpp = tsr_slide_effective_mpp (info, import->options->slide_mpp);
  sqlite3_bind_int (insert, 1, id);
  sqlite3_bind_int64 (insert, 2, root);
  tsr_db_bind_bytes (insert, 3, base);
  bind_text (insert, 4, name);
  sqlite3_bind_int64 (insert, 5, import->size);
  sqlite3_bind_blob (insert, 6, import->fingerprint, TSR_SLIDE_FINGERPRINT, SQLITE_STATIC);
  bind_text (insert, 7, info->format);
  bind_text (insert, 8, info->vendor);
  bind_text (insert, 9, info->scanner);
  sqlite3_bind_int64 (insert, 10, info->levels[0].width);
  sqlite3_bind_int64 (insert, 11, info->levels[0].height);
  bind_number (insert, 12, mpp);
  sqlite3_bind_int (insert, 13, isnan (said) && !isnan (mpp));
  bind_number (insert, 14, info->objective);
  import->id = id;
  return tsr_db_run (project, insert, error);
}

/* What somebody says of a slide now counts for one that is known, too. */
static bool
store_given_mpp (Import *import, GError **error)
{
  double given = import->options->slide_mpp;
  if (isnan (given))
    return true;
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      import->project,
      "UPDATE slide SET mpp = ?2, mpp_given = 1 WHERE id = ?1 AND (mpp IS NULL OR mpp_given)",
      error);
  if (!store)
    return false;
  sqlite3_bind_int (store, 1, import->id);
  sqlite3_bind_double (store, 2, given);
  return tsr_db_run (import->project, store, error);
}

/* A known slide stays where it is unless it is not there any more. */
static bool
store_slide (Import *import, GError **error)
{
  TsrProject *project = import->project;
  import->id = -1;
  int known = tsr_project_slide_of (project, import->fingerprint, &import->id, error);
  if (known < 0)
    return false;
  if (known == 0) {
    g_autofree char *folder = g_path_get_dirname (import->path);
    int64_t root = tsr_project_ensure_root (project, folder, error);
    return root >= 0 && insert_slide (import, root, error);
  }
  int64_t size;
  g_autofree char *path = tsr_project_slide_path (project, import->id, &size, error);
  return path && store_given_mpp (import, error) &&
         (g_file_test (path, G_FILE_TEST_IS_REGULAR) ||
          tsr_project_store_slide_path (project, import->id, import->path, error));
}

static bool
bind_mask (TsrStatement *store, const TsrTissueMask *mask)
{
  if (!mask->classes)
    return true;
  TsrImage image = {mask->width, mask->height, 1, mask->classes};
  g_autoptr (GBytes) png = tsr_image_to_png (&image);
  if (!png)
    return false;
  gsize n;
  const void *bytes = g_bytes_get_data (png, &n);
  sqlite3_bind_int (store, 8, mask->width);
  sqlite3_bind_int (store, 9, mask->height);
  sqlite3_bind_blob64 (store, 10, bytes, n, SQLITE_TRANSIENT);
  return true;
}

static bool
store_tiling (Import *import, GError **error)
{
  const TsrTiling *tiling = &import->cut->tiling;
  g_autoptr (TsrStatement) store = tsr_db_prepare (
      import->project,
      "INSERT OR REPLACE INTO tiling (slide, pixels, side, step, level, overlap, options, "
      "mask_width, mask_height, mask) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      error);
  if (!store)
    return false;
  g_autofree char *options = tsr_slide_options_format (import->options, import->mask);
  sqlite3_bind_int (store, 1, import->id);
  sqlite3_bind_int (store, 2, tiling->pixels);
  sqlite3_bind_int (store, 3, tiling->side);
  sqlite3_bind_int (store, 4, tiling->step);
  sqlite3_bind_int (store, 5, tiling->level);
  sqlite3_bind_int (store, 6, import->options->overlap);
  sqlite3_bind_text (store, 7, options, -1, SQLITE_TRANSIENT);
  if (!bind_mask (store, &import->cut->mask)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("There is not enough memory for the slide's mask; close other programs."));
    return false;
  }
  return tsr_db_run (import->project, store, error);
}

/* ---- writing the tiles ---- */

/* 1 it joined, 0 it was there (another process has added the slide meanwhile), -1 error. */
static int
write_region (Import *import, const char *slide, const NewRegion *region, uint32_t id,
              GError **error)
{
  TsrProject *project = import->project;
  const TsrSlideTile *tile = region->tile;
  int known = is_known (import, tile, error);
  if (known != 0)
    return known < 0 ? -1 : 0;
  g_autoptr (TsrStatement) insert =
      tsr_db_prepare (project,
                      "INSERT INTO tile (id, name, width, height, channels, slide, x, y, side_x, "
                      "side_y, level, tissue) VALUES (?1, ?2, ?3, ?3, 3, ?4, ?5, ?6, ?7, ?7, ?8, "
                      "?9)",
                      error);
  if (!insert)
    return -1;
  int pixels = import->cut->tiling.pixels;
  g_autofree char *name = tsr_region_name (slide, tile->x, tile->y, tile->side, pixels);
  sqlite3_bind_int64 (insert, 1, id);
  sqlite3_bind_text (insert, 2, name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int (insert, 3, pixels);
  sqlite3_bind_int (insert, 4, import->id);
  sqlite3_bind_int64 (insert, 5, tile->x);
  sqlite3_bind_int64 (insert, 6, tile->y);
  sqlite3_bind_int (insert, 7, tile->side);
  sqlite3_bind_int (insert, 8, tile->level);
  sqlite3_bind_double (insert, 9, (double)tile->tissue);
  return tsr_db_run (project, insert, error) &&
                 tsr_spool_store (import->spool, region->thumbnail, id, error)
             ? 1
             : -1;
}

static char *
slide_name (Import *import, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (import->project, "SELECT name FROM slide WHERE id = ?", error);
  if (find)
    sqlite3_bind_int (find, 1, import->id);
  return tsr_db_step (import->project, find, error) > 0 ? tsr_db_text (find, 0) : NULL;
}

static bool
write_regions (Import *import, const TsrProgress *progress, GError **error)
{
  int64_t id = tsr_project_count_tiles (import->project, error);
  g_autofree char *slide = id < 0 ? NULL : slide_name (import, error);
  if (!slide)
    return false;
  guint n = import->regions->len;
  for (guint i = 0; i < n; i++) {
    if (i % 256 == 0 && !tsr_progress_step (progress, SHARE_DECODING + (1 - SHARE_DECODING) * i / n,
                                            TSR_STAGE ("Storing tiles"), error))
      return false;
    if (id >= INT32_MAX)
      return tsr_db_corrupt (import->project, _ ("it holds too many tiles"), error);
    int joined = write_region (import, slide, &g_array_index (import->regions, NewRegion, i),
                               (uint32_t)id, error);
    if (joined < 0)
      return false;
    id += joined;
    import->added->tiles += (uint32_t)joined;
  }
  return true;
}

static bool
store (Import *import, const TsrProgress *progress, GError **error)
{
  if (!tsr_db_begin (import->project, error))
    return false;
  bool ok = store_slide (import, error) && store_tiling (import, error) &&
            write_regions (import, progress, error);
  g_hash_table_remove_all (
      import->project->roots); /* some were noted inside the transaction, which may be gone */
  return tsr_db_end (import->project, ok, error);
}

bool
tsr_project_store_slide (TsrProject *project, TsrSlide *slide, const char *path, int64_t size,
                         const uint8_t *fingerprint, const TsrTilingOptions *options,
                         int32_t *number, GError **error)
{
  g_autofree char *copy = g_strdup (path);
  Import import = {
      .project = project, .slide = slide, .options = options, .path = copy, .size = size};
  memcpy (import.fingerprint, fingerprint, sizeof import.fingerprint);
  if (!store_slide (&import, error))
    return false;
  *number = import.id;
  return true;
}

bool
tsr_project_add_slide (TsrProject *project, TsrSlide *slide, const TsrSlideCut *cut,
                       const TsrTilingOptions *options, const TsrMaskOptions *mask,
                       TsrSlideAdded *added, const TsrProgress *progress, GError **error)
{
  *added = (TsrSlideAdded){0};
  Import import = {.project = project,
                   .slide = slide,
                   .cut = cut,
                   .options = options,
                   .mask = mask,
                   .id = -1,
                   .added = added};
  g_hash_table_remove_all (project->roots);
  g_autofree char *path = tsr_path_real (tsr_slide_path (slide));
  import.path = path;
  if (!tsr_slide_fingerprint (path, &import.size, import.fingerprint, error))
    return false;
  g_autoptr (GArray) wanted = choose_new (&import, error);
  import.spool = wanted ? tsr_spool_new (project, error) : NULL;
  bool ok = import.spool != NULL;
  g_autoptr (GArray) regions = g_array_new (FALSE, FALSE, sizeof (NewRegion));
  import.regions = regions;
  ok = ok && decode (&import, wanted, progress, error) && store (&import, progress, error);
  tsr_spool_free (import.spool);
  if (!ok) {
    tsr_slide_added_clear (added);
    return false;
  }
  added->slide = import.id;
  added->known = cut->tiling.tiles->len - added->tiles - added->damaged;
  tsr_progress_step (progress, 1, TSR_STAGE ("Storing tiles"), NULL);
  return true;
}
