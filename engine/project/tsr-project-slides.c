/* Slides as stored: the list, where tiles lie on them, names, sizes of pixels, masks. */

#include "tsr-project-private.h"

#include "tsr-i18n.h"
#include "tsr-number.h"
#include "tsr-reread.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define HIDE_NAMES "slides.hide-names"
#define FAR        ((int64_t)1 << 33) /* no place on a slide is as far from its corner */
#define MAX_SLIDES 1000000
#define LEAST_MPP  0.01
#define MOST_MPP   20

void
tsr_project_slide_free (TsrProjectSlide *slide)
{
  if (!slide)
    return;
  g_free (slide->name);
  g_free (slide->path);
  g_free (slide->format);
  g_free (slide->vendor);
  g_free (slide->scanner);
  g_free (slide);
}

static void
free_slide (gpointer data)
{
  tsr_project_slide_free (data);
}

/* ---- the list ---- */

static double
real_column (TsrStatement *statement, int column)
{
  return sqlite3_column_type (statement, column) == SQLITE_NULL
             ? NAN
             : sqlite3_column_double (statement, column);
}

static char *
text_or_null (TsrStatement *statement, int column)
{
  return sqlite3_column_type (statement, column) == SQLITE_NULL ? NULL
                                                                : tsr_db_text (statement, column);
}

static bool
is_positive (double value)
{
  return isnan (value) || (value > 0 && value < 1e6);
}

static char *
resolve (TsrProject *project, TsrStatement *row, int root, int path, GError **error)
{
  const char *folder = tsr_project_root_folder (project, sqlite3_column_int64 (row, root), error);
  g_autofree char *below = folder ? tsr_db_bytes (row, path) : NULL;
  if (folder && !below)
    tsr_db_corrupt (project, _ ("a slide has no path"), error);
  return below ? g_build_filename (folder, below, NULL) : NULL;
}

static bool
is_present (const char *path, int64_t size)
{
  GStatBuf info;
  return g_stat (path, &info) == 0 && S_ISREG (info.st_mode) && info.st_size == size;
}

/* Columns as in tsr_project_slides' statement. */
static TsrProjectSlide *
read_slide (TsrProject *project, TsrStatement *row, GError **error)
{
  g_autoptr (TsrProjectSlide) slide = g_new0 (TsrProjectSlide, 1);
  slide->path = resolve (project, row, 1, 2, error);
  if (!slide->path)
    return NULL;
  slide->name = tsr_db_text (row, 3);
  slide->size = sqlite3_column_int64 (row, 4);
  slide->format = tsr_db_text (row, 5);
  slide->vendor = text_or_null (row, 6);
  slide->scanner = text_or_null (row, 7);
  slide->width = sqlite3_column_int64 (row, 8);
  slide->height = sqlite3_column_int64 (row, 9);
  slide->mpp = real_column (row, 10);
  slide->mpp_given = sqlite3_column_int (row, 11) != 0;
  slide->objective = real_column (row, 12);
  slide->pixels = sqlite3_column_int (row, 13);
  slide->side = sqlite3_column_int (row, 14);
  slide->step = sqlite3_column_int (row, 15);
  bool good = slide->size >= 0 && slide->width > 0 && slide->width < FAR && slide->height > 0 &&
              slide->height < FAR && is_positive (slide->mpp) && is_positive (slide->objective) &&
              slide->pixels >= 0 && slide->side >= 0 && slide->step >= 0;
  if (!good) {
    tsr_db_corrupt (project, _ ("a slide has no size that a slide can have"), error);
    return NULL;
  }
  slide->present = is_present (slide->path, slide->size);
  return g_steal_pointer (&slide);
}

static bool
count_tiles (TsrProject *project, GPtrArray *slides, GError **error)
{
  g_autoptr (TsrStatement) count = tsr_db_prepare (
      project, "SELECT slide, count (*) FROM tile WHERE slide IS NOT NULL GROUP BY slide", error);
  int row;
  while ((row = tsr_db_step (project, count, error)) > 0) {
    int64_t slide = sqlite3_column_int64 (count, 0);
    if (slide < 0 || slide >= (int64_t)slides->len)
      return tsr_db_corrupt (project, _ ("a tile lies on a slide that is not there"), error);
    ((TsrProjectSlide *)slides->pdata[slide])->tiles = (uint32_t)sqlite3_column_int64 (count, 1);
  }
  return row == 0;
}

GPtrArray *
tsr_project_slides (TsrProject *project, GError **error)
{
  g_autoptr (GPtrArray) slides = g_ptr_array_new_with_free_func (free_slide);
  g_autoptr (TsrStatement) list = tsr_db_prepare (
      project,
      "SELECT id, root, path, name, size, format, vendor, scanner, width, height, mpp, mpp_given, "
      "objective, pixels, side, step FROM slide LEFT JOIN tiling ON slide = id ORDER BY id",
      error);
  int row;
  while ((row = tsr_db_step (project, list, error)) > 0) {
    if (sqlite3_column_int64 (list, 0) != slides->len || slides->len == MAX_SLIDES) {
      tsr_db_corrupt (project, _ ("its slides are not numbered in order"), error);
      return NULL;
    }
    TsrProjectSlide *slide = read_slide (project, list, error);
    if (!slide)
      return NULL;
    g_ptr_array_add (slides, slide);
  }
  if (row < 0 || (slides->len > 0 && !count_tiles (project, slides, error)))
    return NULL;
  return g_steal_pointer (&slides);
}

/* ---- where tiles lie ---- */

/* Reads a row into the region, all of whose bytes are set: two readings of the same are the same
 * bytes. */
static bool
read_region (TsrProject *project, TsrStatement *list, int64_t m, TsrTileRegion *region,
             GError **error)
{
  int64_t slide = sqlite3_column_int64 (list, 1), x = sqlite3_column_int64 (list, 2),
          y = sqlite3_column_int64 (list, 3), width = sqlite3_column_int64 (list, 4),
          height = sqlite3_column_int64 (list, 5), pixels = sqlite3_column_int64 (list, 7);
  if (slide < 0 || slide >= m || x < -FAR || x > FAR || y < -FAR || y > FAR || width < 1 ||
      width > INT32_MAX || height < 1 || height > INT32_MAX || pixels < 1 || pixels > INT32_MAX)
    return tsr_db_corrupt (project, _ ("a tile lies where no slide can be"), error);
  memset (region, 0, sizeof *region);
  region->x = x;
  region->y = y;
  region->width = (int32_t)width;
  region->height = (int32_t)height;
  region->slide = (int32_t)slide;
  region->pixels = (int32_t)pixels;
  region->tissue = (float)real_column (list, 6);
  return true;
}

GBytes *
tsr_project_reread_regions (TsrProject *project, GBytes *former, GError **error)
{
  uint32_t n = tsr_project_known_tiles (project), next = 0;
  TsrTileRegion region, none;
  memset (&none, 0, sizeof none);
  none.slide = -1;
  none.tissue = NAN;
  int64_t m = tsr_db_int (project, "SELECT count (*) FROM slide", -1);
  g_autoptr (TsrStatement) list =
      tsr_db_prepare (project,
                      "SELECT id, slide, x, y, side_x, side_y, tissue, width FROM tile WHERE slide "
                      "IS NOT NULL AND id < ? ORDER BY id",
                      error);
  if (list)
    sqlite3_bind_int64 (list, 1, n);
  g_autoptr (TsrReread) all = tsr_reread_new (former);
  tsr_reread_expect (all, (size_t)n * sizeof region);
  int row;
  while ((row = tsr_db_step (project, list, error)) > 0) {
    int64_t tile = sqlite3_column_int64 (list, 0);
    if (tile < next || tile >= n) {
      tsr_db_corrupt (project, _ ("a tile lies where no slide can be"), error);
      return NULL;
    }
    if (!read_region (project, list, m, &region, error))
      return NULL;
    tsr_reread_repeat (all, &none, sizeof none, (uint32_t)tile - next);
    tsr_reread_put (all, &region, sizeof region);
    next = (uint32_t)tile + 1;
  }
  if (row < 0)
    return NULL;
  tsr_reread_repeat (all, &none, sizeof none, n - next);
  return tsr_reread_end (g_steal_pointer (&all), error);
}

bool
tsr_project_regions (TsrProject *project, TsrTileRegion *regions, GError **error)
{
  g_autoptr (GBytes) all = tsr_project_reread_regions (project, NULL, error);
  if (!all)
    return false;
  gsize size;
  const void *data = g_bytes_get_data (all, &size);
  if (size > 0)
    memcpy (regions, data, size);
  return true;
}

char *
tsr_region_name (const char *slide, int64_t x, int64_t y, int32_t side, int32_t pixels)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *d =
      side == pixels ? g_strdup ("")
                     : g_strdup_printf ("d=%s,", g_ascii_formatd (number, sizeof number, "%.6g",
                                                                  (double)side / MAX (pixels, 1)));
  return g_strdup_printf ("%s [%sx=%" G_GINT64_FORMAT ",y=%" G_GINT64_FORMAT ",w=%d,h=%d]", slide,
                          d, x, y, side, side);
}

/* ---- one slide ---- */

int
tsr_project_slide_of (TsrProject *project, const uint8_t *fingerprint, int32_t *slide,
                      GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT id FROM slide WHERE fingerprint = ?", error);
  if (find)
    sqlite3_bind_blob (find, 1, fingerprint, TSR_SLIDE_FINGERPRINT, SQLITE_STATIC);
  int row = tsr_db_step (project, find, error);
  if (row > 0)
    *slide = sqlite3_column_int (find, 0);
  return row;
}

char *
tsr_project_slide_path (TsrProject *project, int32_t slide, int64_t *size, GError **error)
{
  g_autoptr (TsrStatement) find =
      tsr_db_prepare (project, "SELECT root, path, size FROM slide WHERE id = ?", error);
  if (find)
    sqlite3_bind_int (find, 1, slide);
  int row = tsr_db_step (project, find, error);
  if (row <= 0) {
    if (row == 0)
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE, _ ("The project has no slide number %d."),
                   slide + 1);
    return NULL;
  }
  *size = sqlite3_column_int64 (find, 2);
  return resolve (project, find, 0, 1, error);
}

bool
tsr_project_set_slide_mpp (TsrProject *project, int32_t slide, double mpp, GError **error)
{
  if (!(mpp >= LEAST_MPP && mpp <= MOST_MPP)) {
    g_autofree char *least = tsr_number_digits (LEAST_MPP, 6), *given = tsr_number_digits (mpp, 6);
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 /* Translators: both %s are numbers. */
                 _ ("A pixel of a slide is %s to %d micrometres wide, not %s."), least, MOST_MPP,
                 given);
    return false;
  }
  g_autoptr (TsrStatement) set =
      tsr_db_prepare (project,
                      "UPDATE slide SET mpp = ?2, mpp_given = 1 WHERE id = ?1 AND (mpp IS NULL OR "
                      "mpp_given) RETURNING id",
                      error);
  if (!set || !tsr_db_begin (project, error))
    return false;
  sqlite3_bind_int (set, 1, slide);
  sqlite3_bind_double (set, 2, mpp);
  int row = tsr_db_step (project, set, error);
  if (row == 0)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_USAGE,
        _ ("The file of slide number %d says itself how wide its pixels are, or there is no "
           "such slide."),
        slide + 1);
  sqlite3_reset (set);
  return tsr_db_end (project, row > 0, error);
}

/* ---- masks ---- */

static bool
check_mask (TsrProject *project, const TsrImage *image, int width, int height, GError **error)
{
  bool good = image->width == width && image->height == height;
  for (size_t i = 0; good && i < (size_t)width * (size_t)height; i++)
    good = image->pixels[i] <= TSR_MASK_MARGIN;
  return good || tsr_db_corrupt (project, _ ("a slide's mask is not valid"), error);
}

bool
tsr_project_slide_mask (TsrProject *project, int32_t slide, TsrTissueMask *mask, GError **error)
{
  *mask = (TsrTissueMask){.saturation = NAN, .brightness = NAN};
  g_autoptr (TsrStatement) find = tsr_db_prepare (
      project, "SELECT mask_width, mask_height, mask FROM tiling WHERE slide = ?", error);
  if (find)
    sqlite3_bind_int (find, 1, slide);
  if (tsr_db_step (project, find, error) <= 0 || sqlite3_column_type (find, 2) == SQLITE_NULL)
    return false;
  const void *png = sqlite3_column_blob (find, 2);
  TsrImage image = {0};
  g_autoptr (GError) cause = NULL;
  if (!png || !tsr_image_load_bytes (png, (size_t)sqlite3_column_bytes (find, 2), "mask", 0, 1,
                                     &image, &cause))
    return tsr_db_corrupt (project, _ ("a slide's mask cannot be read"), error);
  if (!check_mask (project, &image, sqlite3_column_int (find, 0), sqlite3_column_int (find, 1),
                   error)) {
    tsr_image_clear (&image);
    return false;
  }
  mask->width = image.width;
  mask->height = image.height;
  mask->classes = image.pixels;
  return true;
}

/* ---- names ---- */

bool
tsr_project_hides_slide_names (TsrProject *project)
{
  g_autofree char *setting = tsr_project_get (project, HIDE_NAMES);
  return g_strcmp0 (setting, "1") == 0;
}

/* Names are unique, so all go through one that cannot be a file's. */
static bool
rename_slides (TsrProject *project, GError **error)
{
  static const char *const sql[] = {
      "UPDATE tile SET name = 'slide ' || (slide + 1) || substr (name, length ((SELECT s.name FROM "
      "slide s WHERE s.id = tile.slide)) + 1) WHERE root IS NULL",
      "UPDATE slide SET name = '/' || id",
      "UPDATE slide SET name = 'slide ' || (id + 1)",
      "INSERT INTO setting VALUES ('" HIDE_NAMES "', '1') ON CONFLICT (key) DO UPDATE SET value = "
      "excluded.value",
  };
  for (size_t i = 0; i < G_N_ELEMENTS (sql); i++)
    if (!tsr_db_exec (project, sql[i], error))
      return false;
  return true;
}

bool
tsr_project_hide_slide_names (TsrProject *project, GError **error)
{
  return tsr_db_begin (project, error) &&
         tsr_db_end (project, rename_slides (project, error), error);
}
