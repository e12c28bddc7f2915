#include "tsr-placing.h"

#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-folder-walk.h"
#include "tsr-i18n.h"
#include "tsr-slide-pool.h"
#include "tsr-slide-regions.h"

#include <math.h>
#include <string.h>

/* Of the whole, for the progress. */
#define SHARE_TABLES 0.3
#define SHARE_WALK   0.4

typedef struct {
  TsrProject *project;
  const TsrPlacingOptions *options;
  TsrPlacingReport *report;
  const TsrProgress *progress;
  uint32_t n;             /* tiles that are files */
  uint32_t *tiles;        /* [n]: their numbers */
  char **names;           /* [n], borrowed */
  TsrTilePlace *places;   /* [n]; slide NULL: nobody says */
  uint8_t *stated;        /* [n]: by what was asked for */
  TsrTileRegion *regions; /* [all tiles]: as they were */
  GPtrArray *files;       /* char *: where slides may be */
  GPtrArray *stems;       /* char *: as they are called */
} Placing;

/* ---- the report ---- */

static void
placed_slide_free (gpointer data)
{
  TsrPlacedSlide *slide = data;
  g_free (slide->name);
  g_free (slide);
}

void
tsr_placing_report_init (TsrPlacingReport *report)
{
  *report = (TsrPlacingReport){.slides = g_ptr_array_new_with_free_func (placed_slide_free),
                               .missing = g_ptr_array_new_with_free_func (g_free),
                               .refused = tsr_skipped_files_new (),
                               .tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                               .before = g_array_new (FALSE, FALSE, sizeof (TsrTileRegion))};
}

void
tsr_placing_report_clear (TsrPlacingReport *report)
{
  g_clear_pointer (&report->slides, g_ptr_array_unref);
  g_clear_pointer (&report->missing, g_ptr_array_unref);
  g_clear_pointer (&report->refused, g_ptr_array_unref);
  g_clear_pointer (&report->tiles, g_array_unref);
  g_clear_pointer (&report->before, g_array_unref);
}

/* ---- what is said of tiles ---- */

/* Only files: regions know where they lie. */
static bool
list_tiles (Placing *self, char **names, GError **error)
{
  uint32_t all = tsr_project_n_tiles (self->project);
  self->tiles = g_new (uint32_t, (size_t)all + 1);
  self->names = g_new0 (char *, (size_t)all + 1);
  self->regions = g_new0 (TsrTileRegion, (size_t)all + 1);
  if (!tsr_project_regions (self->project, self->regions, error))
    return false;
  for (uint32_t tile = 0; tile < all; tile++) {
    g_autofree char *path = tsr_project_tile_path (self->project, tile);
    if (!path)
      continue;
    self->tiles[self->n] = tile;
    self->names[self->n++] = names[tile];
  }
  self->places = tsr_tile_places_of_names (self->names, self->n);
  self->stated = g_new0 (uint8_t, (size_t)self->n + 1);
  self->report->files = self->n;
  if (self->n == 0)
    g_set_error_literal (
        error, TSR_ERROR, TSR_ERROR_PROJECT,
        _ ("All tiles of this project were cut from slides, so their places are known already."));
  return self->n > 0;
}

static char *
spot_of (const TsrTilePlace *place)
{
  return g_strdup_printf ("%s/%.17g/%.17g/%.17g/%.17g", place->slide, place->x, place->y,
                          place->width, place->height);
}

/* Notes which tiles now lie where a row of the table says. */
static void
note_stated (Placing *self, const TsrPlaceTable *table)
{
  g_autoptr (GHashTable) spots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < table->rows->len; i++)
    g_hash_table_add (spots, spot_of (&((const TsrPlaceRow *)table->rows->pdata[i])->place));
  for (uint32_t i = 0; i < self->n; i++) {
    g_autofree char *spot = self->places[i].slide ? spot_of (&self->places[i]) : NULL;
    self->stated[i] |= spot && g_hash_table_contains (spots, spot);
  }
}

static bool
apply_table (Placing *self, const char *path, const char *shown, GError **error)
{
  TsrPlaceOptions with = {.width = self->options->side,
                          .height = self->options->side,
                          .size_option = self->options->side_option};
  TsrPlaceCounts counts;
  g_autoptr (TsrPlaceTable) table = tsr_place_table_read (path, &with, error);
  if (!table)
    return false;
  tsr_place_table_apply (table, self->names, self->places, self->n, &counts);
  self->report->unknown += counts.unknown;
  self->report->ambiguous += counts.ambiguous;
  self->report->bad += table->bad;
  tsr_place_table_skip_bad (table, shown, self->report->refused);
  if (counts.unknown + counts.ambiguous == table->rows->len) {
    const TsrPlaceRow *row = table->rows->pdata[0];
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 row->file ? _ ("No row of “%s” is about a tile of the project; line %u, for "
                                "instance, is about “%s”.")
                           : _ ("No row of “%s” is about a tile of the project; line %u, for "
                                "instance, is about a tile of slide “%s”."),
                 shown, row->line, row->file ? row->file : row->place.slide);
    return false;
  }
  note_stated (self, table);
  return true;
}

/* A table that cannot be used is listed, or ends it where that is asked for. */
static bool
read_table (Placing *self, const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;
  if (apply_table (self, path, shown, &cause))
    return true;
  if (self->options->strict) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  tsr_skip_file (self->report->refused, shown, cause->message);
  return true;
}

static bool
refuse_all (const Placing *self, GError **error)
{
  const TsrSkippedFile *first =
      self->report->refused->len > 0 ? self->report->refused->pdata[0] : NULL;
  if (first && self->options->tables)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED, first->reason);
  else
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED,
                         _ ("No tile is named as QuPath names it, “Slide "
                            "[x=0,y=512,w=512,h=512].png”; a table can say where tiles lie."));
  return false;
}

static bool
read_places (Placing *self, GError **error)
{
  char *const *tables = self->options->tables;
  guint n = tables ? g_strv_length ((char **)tables) : 0;
  uint32_t stated = 0;
  for (guint i = 0; i < n; i++)
    if (!tsr_progress_step (self->progress, SHARE_TABLES * i / n, TSR_STAGE ("Reading coordinates"),
                            error) ||
        !read_table (self, tables[i], error))
      return false;
  for (uint32_t i = 0; i < self->n; i++) {
    self->stated[i] |= !tables && self->places[i].slide;
    stated += self->stated[i];
  }
  return stated > 0 || refuse_all (self, error);
}

/* ---- the slides ---- */

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

static void
add_file (Placing *self, const char *path)
{
  g_ptr_array_add (self->files, g_strdup (path));
  g_ptr_array_add (self->stems, tsr_slide_stem (path));
}

static bool
find_files (Placing *self, GError **error)
{
  TsrProgressShare share;
  TsrProgress looking = tsr_progress_share (self->progress, &share, SHARE_TABLES, SHARE_WALK,
                                            TSR_STAGE ("Looking for slides"));
  for (guint k = 0; self->options->slides && self->options->slides[k]; k++) {
    const char *path = self->options->slides[k];
    g_autoptr (GPtrArray) walked = g_ptr_array_new_with_free_func (free_walked),
                          skipped = tsr_skipped_files_new ();
    if (!g_file_test (path, G_FILE_TEST_IS_DIR))
      add_file (self, path);
    else if (!tsr_folder_walk (path, &looking, walked, skipped, error))
      return false;
    for (guint i = 0; i < walked->len; i++)
      add_file (self, ((const TsrWalkedFile *)walked->pdata[i])->path);
  }
  return true;
}

/* The file of a slide: the one called so, or the only one of the only slide. */
static const char *
file_of (const Placing *self, const char *slide, bool only)
{
  gssize found =
      tsr_geojson_find_slide (slide, (char *const *)self->stems->pdata, self->stems->len);
  if (found < 0 && only && self->files->len == 1)
    found = 0;
  return found < 0 ? NULL : self->files->pdata[found];
}

static int32_t
number_of (const GPtrArray *slides, const char *name)
{
  for (guint i = 0; i < slides->len; i++)
    if (strcmp (((const TsrProjectSlide *)slides->pdata[i])->name, name) == 0)
      return (int32_t)i;
  return -1;
}

/* ---- placing ---- */

static GArray *
placings_on (const Placing *self, const char *slide)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (TsrTilePlacing));
  for (uint32_t i = 0; i < self->n; i++) {
    const TsrTilePlace *place = &self->places[i];
    if (!self->stated[i] || strcmp (place->slide, slide) != 0)
      continue;
    double x = round (place->x), y = round (place->y);
    TsrTilePlacing placing = {self->tiles[i], (int64_t)x, (int64_t)y,
                              (int32_t)CLAMP (round (place->x + place->width) - x, 0, INT32_MAX),
                              (int32_t)CLAMP (round (place->y + place->height) - y, 0, INT32_MAX)};
    g_array_append_val (list, placing);
  }
  return list;
}

static void
note_placed (Placing *self, const char *name, const GArray *list)
{
  TsrPlacedSlide *placed = g_new (TsrPlacedSlide, 1);
  *placed = (TsrPlacedSlide){g_strdup (name), list->len};
  g_ptr_array_add (self->report->slides, placed);
  self->report->placed += list->len;
  for (guint i = 0; i < list->len; i++) {
    uint32_t tile = g_array_index (list, TsrTilePlacing, i).tile;
    g_array_append_val (self->report->tiles, tile);
    g_array_append_val (self->report->before, self->regions[tile]);
  }
}

static bool
place_on (Placing *self, const char *name, const char *path, int32_t number, GError **error)
{
  g_autoptr (GArray) list = placings_on (self, name);
  g_autoptr (TsrSlide) slide = path ? tsr_slide_pool_open (path, error) : NULL;
  if ((path && !slide) ||
      !tsr_project_place_tiles (self->project, slide, &number, self->options->mpp,
                                (const TsrTilePlacing *)(const void *)list->data, list->len, error))
    return false;
  g_autoptr (GPtrArray) slides = tsr_project_slides (self->project, error);
  if (!slides || number >= (int32_t)slides->len)
    return false;
  note_placed (self, ((const TsrProjectSlide *)slides->pdata[number])->name, list);
  return true;
}

/* Names of the slides that tiles are said to lie on, in the order of their first tiles. */
static GPtrArray *
wanted_slides (const Placing *self)
{
  GPtrArray *wanted = g_ptr_array_new ();
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  for (uint32_t i = 0; i < self->n; i++)
    if (self->stated[i] && g_hash_table_add (known, self->places[i].slide))
      g_ptr_array_add (wanted, self->places[i].slide);
  return wanted;
}

/* What is wrong with a slide, or with a place on it, costs this slide; all else ends it. */
static bool
costs_one (const Placing *self, const GError *cause)
{
  return !self->options->strict && (g_error_matches (cause, TSR_ERROR, TSR_ERROR_FAILED) ||
                                    g_error_matches (cause, TSR_ERROR, TSR_ERROR_IMAGE));
}

static void
refuse_none_placed (const Placing *self, const char *slide, GError **error)
{
  const TsrPlacingOptions *options = self->options;
  const TsrSkippedFile *last = self->report->missing->len == 0 && self->report->refused->len > 0
                                   ? self->report->refused->pdata[self->report->refused->len - 1]
                                   : NULL;
  if (last)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("No tile can be placed; what is wrong with “%s”: %s"), last->file,
                 last->reason);
  else if (options->slides_option)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 /* Translators: the last %s is an option of the command line. */
                 _ ("No file is known for slide “%s”, nor for any other that tiles lie on; say "
                    "where the files are with %s."),
                 slide, options->slides_option);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("No file is known for slide “%s”, nor for any other that tiles lie on; say "
                    "where the files are."),
                 slide);
}

/* One slide's transaction after the other. */
static bool
place_all (Placing *self, GError **error)
{
  g_autoptr (GPtrArray) wanted = wanted_slides (self),
                        slides = tsr_project_slides (self->project, error);
  if (!slides)
    return false;
  self->report->n_slides = slides->len;
  for (guint i = 0; i < wanted->len; i++) {
    const char *name = wanted->pdata[i], *path = file_of (self, name, wanted->len == 1);
    int32_t number = path ? -1 : number_of (slides, name);
    g_autoptr (GError) cause = NULL;
    if (!tsr_progress_step (self->progress, SHARE_WALK + (1 - SHARE_WALK) * i / wanted->len,
                            TSR_STAGE ("Placing tiles"), error))
      return false;
    if (!path && number < 0)
      g_ptr_array_add (self->report->missing, g_strdup (name));
    else if (!place_on (self, name, path, number, &cause)) {
      if (!costs_one (self, cause)) {
        g_propagate_error (error, g_steal_pointer (&cause));
        return false;
      }
      tsr_skip_file (self->report->refused, name, cause->message);
    }
  }
  if (self->report->placed == 0)
    refuse_none_placed (self, wanted->pdata[0], error);
  return self->report->placed > 0;
}

bool
tsr_place_tiles (TsrProject *project, const TsrPlacingOptions *options, TsrPlacingReport *report,
                 const TsrProgress *progress, GError **error)
{
  g_auto (GStrv) names = tsr_project_tile_names (project);
  Placing self = {.project = project,
                  .options = options,
                  .report = report,
                  .progress = progress,
                  .files = g_ptr_array_new_with_free_func (g_free),
                  .stems = g_ptr_array_new_with_free_func (g_free)};
  bool ok = list_tiles (&self, names, error) && read_places (&self, error) &&
            find_files (&self, error) && place_all (&self, error);
  if (self.places)
    tsr_tile_places_free (self.places, self.n);
  g_ptr_array_unref (self.files);
  g_ptr_array_unref (self.stems);
  g_free (self.tiles);
  g_free (self.names);
  g_free (self.stated);
  g_free (self.regions);
  tsr_slide_pool_clear ();
  return ok;
}

bool
tsr_placing_undo (TsrProject *project, const TsrPlacingReport *report, GError **error)
{
  return tsr_project_restore_places (project, (const uint32_t *)(const void *)report->tiles->data,
                                     (const TsrTileRegion *)(const void *)report->before->data,
                                     report->tiles->len, report->n_slides, error);
}
