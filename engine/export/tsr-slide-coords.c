#include "tsr-slide-coords.h"

#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-folder-walk.h"
#include "tsr-i18n.h"
#include "tsr-number.h"
#include "tsr-place-table.h"
#include "tsr-slide-regions.h"

#include <math.h>
#include <string.h>

#define MOST_SIDE 16384 /* as tsr_slide_tile_at takes */
#define STRIDE    4096  /* rows between two looks at whether somebody still waits */

struct TsrSlideCoords {
  gatomicrefcount refs;
  size_t n;
  GArray **corners;  /* [n + 1] of int64_t pairs; NULL: no row. The last: rows that name none of
                        them, which are about the only slide if all tables name the same one */
  double *sides;     /* [n + 1] */
  char **stems;      /* [n] */
  char *other;       /* what the first of those rows names */
  GError *misshapen; /* what is wrong with those rows, should they be about it */
  bool several;      /* they name several */
  uint32_t unknown;  /* rows about no slide */
};

typedef struct {
  TsrSlideCoords *self;
  const TsrSlideCoordsOptions *options;
  GPtrArray *refused;
  const TsrProgress *progress;
} Reading;

TsrSlideCoords *
tsr_slide_coords_ref (TsrSlideCoords *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tsr_slide_coords_unref (TsrSlideCoords *self)
{
  if (!self || !g_atomic_ref_count_dec (&self->refs))
    return;
  for (size_t i = 0; i <= self->n; i++)
    g_clear_pointer (&self->corners[i], g_array_unref);
  g_clear_error (&self->misshapen);
  g_free (self->other);
  g_free (self->corners);
  g_free (self->sides);
  g_strfreev (self->stems);
  g_free (self);
}

uint32_t
tsr_slide_coords_unknown (const TsrSlideCoords *self)
{
  return self->unknown;
}

/* ---- rows ---- */

/* Which slide each row is about, n where it is none: [rows]. Tables name the same one for long. */
static size_t *
find_slides (const TsrSlideCoords *self, const TsrPlaceTable *table)
{
  size_t *found = g_new (size_t, (size_t)table->rows->len + 1);
  for (guint i = 0; i < table->rows->len; i++) {
    const char *named = ((const TsrPlaceRow *)table->rows->pdata[i])->place.slide;
    if (i > 0 && strcmp (named, ((const TsrPlaceRow *)table->rows->pdata[i - 1])->place.slide) == 0)
      found[i] = found[i - 1];
    else {
      gssize slide = tsr_geojson_find_slide (named, self->stems, self->n);
      found[i] = slide < 0 ? self->n : (size_t)slide;
    }
  }
  return found;
}

static bool
check_row (const TsrPlaceRow *row, double side, const char *shown, GError **error)
{
  const TsrTilePlace *place = &row->place;
  if (place->width == side && place->height == side && side >= 1 && side <= MOST_SIDE)
    return true;
  g_autofree char *width = tsr_number_digits (place->width, 6),
                  *height = tsr_number_digits (place->height, 6);
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("Tiles that are cut are squares of one size per slide, 1 to %d pixels, but row "
                  "%u of “%s” asks for %s × %s on “%s”; leave such rows out."),
               MOST_SIDE, row->line, shown, width, height, place->slide);
  return false;
}

/* Whether all rows about slides have the size of those that are there, and of each other. */
static bool
check_rows (const TsrSlideCoords *self, const TsrPlaceTable *table, const size_t *slides,
            const char *shown, GError **error)
{
  g_autofree double *sides = g_memdup2 (self->sides, (self->n + 1) * sizeof *sides);
  for (guint i = 0; i < table->rows->len; i++) {
    const TsrPlaceRow *row = table->rows->pdata[i];
    if (slides[i] == self->n)
      continue;
    if (sides[slides[i]] == 0)
      sides[slides[i]] = row->place.width;
    if (!check_row (row, sides[slides[i]], shown, error))
      return false;
  }
  return true;
}

/* A row that names none of the slides: it may yet be about the only one. */
static bool
take_other (TsrSlideCoords *self, const TsrPlaceRow *row, const char *shown)
{
  self->unknown++;
  self->several |= self->n != 1 || (self->other && strcmp (self->other, row->place.slide) != 0);
  if (self->several || self->misshapen)
    return false;
  if (!self->other)
    self->other = g_strdup (row->place.slide);
  if (self->sides[self->n] == 0)
    self->sides[self->n] = row->place.width;
  return check_row (row, self->sides[self->n], shown, &self->misshapen);
}

static bool
take_rows (Reading *reading, const TsrPlaceTable *table, const size_t *slides, const char *shown,
           GError **error)
{
  TsrSlideCoords *self = reading->self;
  for (guint i = 0; i < table->rows->len; i++) {
    const TsrPlaceRow *row = table->rows->pdata[i];
    const int64_t corner[2] = {llround (row->place.x), llround (row->place.y)};
    size_t slide = slides[i];
    if (i % STRIDE == 0 &&
        !tsr_progress_step (reading->progress, -1, TSR_STAGE ("Reading coordinates"), error))
      return false;
    if (slide == self->n && !take_other (self, row, shown))
      continue;
    if (!self->corners[slide])
      self->corners[slide] = g_array_new (FALSE, FALSE, 2 * sizeof (int64_t));
    self->sides[slide] = row->place.width;
    g_array_append_vals (self->corners[slide], corner, 1);
  }
  return true;
}

/* ---- tables ---- */

/* A table that cannot be used is listed; or, where it was named and that is asked for, ends it. */
static bool
take_table (Reading *reading, const char *path, bool named, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;
  const TsrSlideCoordsOptions *options = reading->options;
  TsrPlaceOptions with = {
      .width = options->side, .height = options->side, .size_option = options->side_option};
  g_autoptr (TsrPlaceTable) table = tsr_place_table_read (path, &with, &cause);
  g_autofree size_t *slides = table ? find_slides (reading->self, table) : NULL;
  if (table && check_rows (reading->self, table, slides, shown, &cause)) {
    tsr_place_table_skip_bad (table, shown, reading->refused);
    return take_rows (reading, table, slides, shown, error);
  }
  if (!named || !options->strict) {
    tsr_skip_file (reading->refused, shown, cause->message);
    return true;
  }
  g_propagate_error (error, g_steal_pointer (&cause));
  return false;
}

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

static int
compare_walked (gconstpointer a, gconstpointer b)
{
  return tsr_natural_order ((*(TsrWalkedFile *const *)a)->relative,
                            (*(TsrWalkedFile *const *)b)->relative);
}

static bool
take_folder (Reading *reading, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) walked = g_ptr_array_new_with_free_func (free_walked),
                        skipped = tsr_skipped_files_new ();
  if (!tsr_folder_walk (folder, reading->progress, walked, skipped, error))
    return false;
  g_ptr_array_sort (walked, compare_walked);
  for (guint i = 0; i < walked->len; i++) {
    const char *path = ((const TsrWalkedFile *)walked->pdata[i])->path;
    g_autofree char *lower = g_ascii_strdown (path, -1);
    bool table = g_str_has_suffix (lower, ".h5") || g_str_has_suffix (lower, ".hdf5") ||
                 g_str_has_suffix (lower, ".csv");
    if (!tsr_progress_step (reading->progress, (double)i / walked->len,
                            TSR_STAGE ("Reading coordinates"), error) ||
        (table && !take_table (reading, path, false, error)))
      return false;
  }
  return true;
}

/* Whatever it is called, one slide's list is about the only slide. */
static bool
take_others (TsrSlideCoords *self, GError **error)
{
  if (self->n != 1 || self->corners[0] || !self->other || self->several)
    return true;
  if (self->misshapen) {
    g_propagate_error (error, g_steal_pointer (&self->misshapen));
    return false;
  }
  self->corners[0] = g_steal_pointer (&self->corners[1]);
  self->sides[0] = self->sides[1];
  self->unknown = 0;
  return true;
}

/* What was wrong with the only file says more than that nothing is left. */
static bool
check_any (const Reading *reading, GError **error)
{
  const TsrSlideCoords *self = reading->self;
  const TsrSkippedFile *only = reading->refused->len == 1 ? reading->refused->pdata[0] : NULL;
  for (size_t i = 0; i < self->n; i++)
    if (self->corners[i])
      return true;
  if (only && self->unknown == 0)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED, only->reason);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("The coordinates place no tile on any of the slides: a table must name its "
                    "slide, or be called like it, “%s.h5” for instance."),
                 self->n > 0 ? self->stems[0] : "slide");
  return false;
}

TsrSlideCoords *
tsr_slide_coords_new (char *const *files, size_t n, char *const *paths,
                      const TsrSlideCoordsOptions *options, GPtrArray *refused,
                      const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrSlideCoords) self = g_new0 (TsrSlideCoords, 1);
  g_atomic_ref_count_init (&self->refs);
  self->n = n;
  self->corners = g_new0 (GArray *, n + 1);
  self->sides = g_new0 (double, n + 1);
  self->stems = g_new0 (char *, n + 1);
  Reading reading = {self, options, refused, progress};
  for (size_t i = 0; i < n; i++)
    self->stems[i] = tsr_slide_stem (files[i]);
  for (guint k = 0; paths[k]; k++)
    if (!(g_file_test (paths[k], G_FILE_TEST_IS_DIR)
              ? take_folder (&reading, paths[k], error)
              : take_table (&reading, paths[k], true, error)))
      return NULL;
  return take_others (self, error) && check_any (&reading, error) ? g_steal_pointer (&self) : NULL;
}

bool
tsr_slide_coords_cut (const TsrSlideCoords *self, size_t i, TsrSlide *slide,
                      TsrTilingOptions *options, TsrSlideCut *cut, GError **error)
{
  const GArray *corners = self->corners[i];
  *cut = (TsrSlideCut){0};
  if (!corners) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_IMAGE,
                         _ ("The coordinates place no tile on this slide."));
    return false;
  }
  options->mpp = options->micrometres = NAN;
  options->overlap = 0;
  if (!tsr_slide_tile_at (tsr_slide_info (slide), (const int64_t *)(const void *)corners->data,
                          corners->len, self->sides[i], options, &cut->tiling, error))
    return false;
  options->mpp = cut->tiling.mpp;
  return true;
}
