#include "tsr-project-place.h"

#include "tsr-i18n.h"
#include "tsr-project-private.h"
#include "tsr-slide-fingerprint.h"

/* Width and height of a slide of the project. */
static bool
slide_size (TsrProject *project, int32_t slide, int64_t *width, int64_t *height, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT width, height FROM slide WHERE id = ?", error);
  if (find)
    sqlite3_bind_int (find, 1, slide);
  int row = tsr_db_step (project, find, error);
  if (row == 0)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("The project has no slide number %d."),
                 slide + 1);
  if (row <= 0)
    return false;
  *width = sqlite3_column_int64 (find, 0);
  *height = sqlite3_column_int64 (find, 1);
  return true;
}

/* 1 the tile is a file, 0 it is a region, or not there; -1 error. */
static int
is_file (TsrProject *project, uint32_t tile, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT root IS NOT NULL FROM tile WHERE id = ?", error);
  if (find)
    sqlite3_bind_int64 (find, 1, tile);
  int row = tsr_db_step (project, find, error);
  return row > 0 ? sqlite3_column_int (find, 0) : row;
}

static bool
check (TsrProject *project, const TsrTilePlacing *tile, int64_t width, int64_t height,
       GError **error)
{
  int file = is_file (project, tile->tile, error);
  if (file < 0)
    return false;
  if (file == 0)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("Tile number %u was cut from a slide, so its place is known already."),
                 tile->tile);
  else if (tile->width < 1 || tile->height < 1 || tile->x >= width || tile->y >= height ||
           tile->x <= -(int64_t)tile->width || tile->y <= -(int64_t)tile->height)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("Tile number %u would lie at %lld, %lld (%d x %d), outside of its slide of %lld x %lld "
           "pixels; it is on another slide, or said in another level's pixels."),
        tile->tile, (long long)tile->x, (long long)tile->y, tile->width, tile->height,
        (long long)width, (long long)height);
  else
    return true;
  return false;
}

static bool
store (TsrProject *project, int32_t slide, const TsrTilePlacing *tile, GError **error)
{
  g_autoptr (TsrStatement) set = tsr_db_prepare (
      project, "UPDATE tile SET slide = ?, x = ?, y = ?, side_x = ?, side_y = ? WHERE id = ?",
      error);
  if (!set)
    return false;
  sqlite3_bind_int (set, 1, slide);
  sqlite3_bind_int64 (set, 2, tile->x);
  sqlite3_bind_int64 (set, 3, tile->y);
  sqlite3_bind_int (set, 4, tile->width);
  sqlite3_bind_int (set, 5, tile->height);
  sqlite3_bind_int64 (set, 6, tile->tile);
  return tsr_db_run (project, set, error);
}

static bool
store_all (TsrProject *project, int32_t slide, const TsrTilePlacing *tiles, size_t n,
           GError **error)
{
  int64_t width, height;
  if (!slide_size (project, slide, &width, &height, error))
    return false;
  for (size_t i = 0; i < n; i++)
    if (!check (project, &tiles[i], width, height, error) ||
        !store (project, slide, &tiles[i], error))
      return false;
  return true;
}

bool
tsr_project_place_tiles (TsrProject *project, TsrSlide *slide, int32_t *number, double mpp,
                         const TsrTilePlacing *tiles, size_t n, GError **error)
{
  int64_t size = 0;
  uint8_t fingerprint[TSR_SLIDE_FINGERPRINT];
  TsrTilingOptions options = tsr_tiling_options ();
  options.slide_mpp = mpp;
  g_hash_table_remove_all (project->roots);
  g_autofree char *path = slide ? tsr_path_real (tsr_slide_path (slide)) : NULL;
  if ((slide && !tsr_slide_fingerprint (path, &size, fingerprint, error)) ||
      !tsr_db_begin (project, error))
    return false;
  bool ok = (!slide || tsr_project_store_slide (project, slide, path, size, fingerprint, &options,
                                                number, error)) &&
            store_all (project, *number, tiles, n, error);
  g_hash_table_remove_all (project->roots); /* some were noted inside the transaction */
  return tsr_db_end (project, ok, error);
}

/* ---- taking it back ---- */

static bool
restore (TsrProject *project, uint32_t tile, const TsrTileRegion *place, GError **error)
{
  TsrTilePlacing placing = {tile, place->x, place->y, place->width, place->height};
  if (place->slide >= 0)
    return store (project, place->slide, &placing, error);
  g_autoptr (TsrStatement) set = tsr_db_prepare (
      project,
      "UPDATE tile SET slide = NULL, x = NULL, y = NULL, side_x = NULL, side_y = NULL "
      "WHERE id = ? AND root IS NOT NULL",
      error);
  if (set)
    sqlite3_bind_int64 (set, 1, tile);
  return set && tsr_db_run (project, set, error);
}

/* Numbers stay without gaps: an older slide is kept by a newer one that is. */
static bool
remove_slides (TsrProject *project, uint32_t n_slides, GError **error)
{
  g_autoptr (TsrStatement) remove = tsr_db_prepare (
      project,
      "DELETE FROM slide WHERE id >= ?1 AND id > coalesce ((SELECT max (id) FROM slide WHERE id IN "
      "(SELECT slide FROM tile WHERE slide >= ?1 UNION SELECT slide FROM tiling WHERE slide >= "
      "?1)), -1)",
      error);
  if (remove)
    sqlite3_bind_int64 (remove, 1, n_slides);
  return remove && tsr_db_run (project, remove, error);
}

bool
tsr_project_restore_places (TsrProject *project, const uint32_t *tiles, const TsrTileRegion *places,
                            size_t n, uint32_t n_slides, GError **error)
{
  if (!tsr_db_begin (project, error))
    return false;
  bool ok = true;
  for (size_t i = 0; ok && i < n; i++)
    ok = restore (project, tiles[i], &places[i], error);
  ok = ok && remove_slides (project, n_slides, error);
  g_hash_table_remove_all (project->roots);
  return tsr_db_end (project, ok, error);
}
