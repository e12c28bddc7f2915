#include "tessera-slide-coords.h"

#include "tessera-slide-regions.h"
#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-folder-walk.h"
#include "tsr-place-table.h"

#include <math.h>
#include <string.h>

#define MOST_SIDE 16384 /* as tsr_slide_tile_at takes */

struct TesseraSlideCoords {
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

void
tessera_slide_coords_free (TesseraSlideCoords *self)
{
  if (!self)
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

static bool
take_row (TesseraSlideCoords *self, const char *shown, const TsrPlaceRow *row, GError **error)
{
  const TsrTilePlace *place = &row->place;
  gssize i = tsr_geojson_find_slide (place->slide, self->stems, self->n);
  if (i < 0) {
    self->unknown++;
    self->several |= self->n != 1 || (self->other && strcmp (self->other, place->slide) != 0);
    if (self->several || self->misshapen)
      return true;
    if (!self->other)
      self->other = g_strdup (place->slide);
    error = &self->misshapen;
    i = (gssize)self->n;
  }
  if (!self->corners[i]) {
    self->corners[i] = g_array_new (FALSE, FALSE, 2 * sizeof (int64_t));
    self->sides[i] = place->width;
  }
  if (place->width != self->sides[i] || place->height != self->sides[i] || place->width < 1 ||
      place->width > MOST_SIDE) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        "Tiles that are cut are squares of one size on a slide, 1 to %d pixels, but row %u "
        "of “%s” asks for %g x %g on “%s”.",
        MOST_SIDE, row->line, shown, place->width, place->height, place->slide);
    return i == (gssize)self->n;
  }
  const int64_t corner[2] = {llround (place->x), llround (place->y)};
  g_array_append_vals (self->corners[i], corner, 1);
  return true;
}

/* One of a folder that cannot be read is listed; one that was named ends it all. */
static bool
take_table (TesseraSlideCoords *self, TesseraCli *cli, const char *path, bool named, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;
  double side = (double)tessera_options_integer (cli->options, "coords-size");
  TsrPlaceOptions with = {.width = side, .height = side, .size_option = "--coords-size"};
  g_autoptr (TsrPlaceTable) table = tsr_place_table_read (path, &with, &cause);
  if (!table && named)
    g_propagate_error (error, g_steal_pointer (&cause));
  else if (!table)
    tessera_cli_note (cli, "%s", cause->message);
  if (!table)
    return !named;
  if (table->bad)
    tessera_cli_note (cli,
                      table->bad == 1 ? "%s: %u row makes no sense, row %u."
                                      : "%s: %u rows make no sense, the first of them row %u.",
                      shown, table->bad, table->bad_line);
  for (guint i = 0; i < table->rows->len; i++)
    if (!take_row (self, shown, table->rows->pdata[i], error))
      return false;
  return true;
}

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

static void
free_skipped (gpointer data)
{
  TsrSkippedFile *skipped = data;
  g_free (skipped->file);
  g_free (skipped->reason);
  g_free (skipped);
}

static bool
take_folder (TesseraSlideCoords *self, TesseraCli *cli, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) walked = g_ptr_array_new_with_free_func (free_walked),
                        skipped = g_ptr_array_new_with_free_func (free_skipped);
  if (!tsr_folder_walk (folder, &cli->progress, walked, skipped, error))
    return false;
  for (guint i = 0; i < walked->len; i++) {
    const char *path = ((const TsrWalkedFile *)walked->pdata[i])->path;
    g_autofree char *lower = g_ascii_strdown (path, -1);
    if (!tsr_progress_step (&cli->progress, 0, TSR_STAGE ("Reading coordinates"), error))
      return false;
    if ((g_str_has_suffix (lower, ".h5") || g_str_has_suffix (lower, ".csv")) &&
        !take_table (self, cli, path, false, error))
      return false;
  }
  return true;
}

/* Whatever it is called, one slide's list is about the only slide. */
static bool
take_others (TesseraSlideCoords *self, GError **error)
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

static bool
check_any (const TesseraSlideCoords *self, TesseraCli *cli, GError **error)
{
  bool any = false;
  for (size_t i = 0; i < self->n; i++)
    any |= self->corners[i] != NULL;
  if (!any)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        "What --coords names places no tile on any of the slides: a table names its slide, "
        "or is called like it, “%s.h5” for instance.",
        self->n > 0 ? self->stems[0] : "slide");
  else if (self->unknown > 0)
    tessera_cli_note (
        cli, "%u %s about none of the slides.", self->unknown,
        tessera_cli_noun (self->unknown, "row of --coords is", "rows of --coords are"));
  return any;
}

TesseraSlideCoords *
tessera_slide_coords_new (TesseraCli *cli, char *const *files, size_t n, GError **error)
{
  char *const *paths = tessera_options_words (cli->options, "coords");
  if (!paths)
    return NULL;
  g_autoptr (TesseraSlideCoords) self = g_new0 (TesseraSlideCoords, 1);
  self->n = n;
  self->corners = g_new0 (GArray *, n + 1);
  self->sides = g_new0 (double, n + 1);
  self->stems = g_new0 (char *, n + 1);
  for (size_t i = 0; i < n; i++)
    self->stems[i] = tsr_slide_stem (files[i]);
  for (guint k = 0; paths[k]; k++)
    if (!(g_file_test (paths[k], G_FILE_TEST_IS_DIR)
              ? take_folder (self, cli, paths[k], error)
              : take_table (self, cli, paths[k], true, error)))
      return NULL;
  return take_others (self, error) && check_any (self, cli, error) ? g_steal_pointer (&self) : NULL;
}

bool
tessera_slide_coords_cut (const TesseraSlideCoords *self, size_t i, TsrSlide *slide,
                          TsrTilingOptions *options, TsrSlideCut *cut, GError **error)
{
  const GArray *corners = self->corners[i];
  *cut = (TsrSlideCut){0};
  if (!corners) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, "What --coords names places no tile on it.");
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
