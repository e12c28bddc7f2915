/* tessera place: tiles that are files get their places on slides. */

#include "tessera-open.h"
#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-folder-walk.h"
#include "tsr-place-table.h"
#include "tsr-project-place.h"
#include "tsr-slide-pool.h"

#include <math.h>
#include <string.h>

static const TesseraOption options[] = {
    {.name = "from",
     .kind = TESSERA_OPTION_TEXTS,
     .value_name = "TABLE...",
     .help = "Tables that say where tiles lie: Slideflow's, WSInfer's, Tessera's, or with columns "
             "of such names; TRIDENT's and CLAM's HDF5"},
    {.name = "from-names",
     .kind = TESSERA_OPTION_FLAG,
     .help = "Tiles are named as QuPath names them, “Slide [x=0,y=512,w=512,h=512].png”"},
    {.name = "slide",
     .kind = TESSERA_OPTION_TEXTS,
     .value_name = "FILE...",
     .help = "The slides that tiles lie on"},
    {.name = "slides",
     .kind = TESSERA_OPTION_TEXT,
     .value_name = "DIR",
     .help = "Look below this folder for the slides, by their names"},
    {.name = "tile-size",
     .kind = TESSERA_OPTION_INTEGER,
     .value_name = "PIXELS",
     .help = "Side of a tile in pixels of the slide's finest level, for tables that do not say",
     .min = 1,
     .max = 1000000},
    {.name = "slide-mpp",
     .kind = TESSERA_OPTION_NUMBER,
     .value_name = "UM",
     .help = "Micrometres a pixel of the slide, for slides whose files do not say",
     .min = 0.01,
     .max = 20},
    TESSERA_COMMON_OPTIONS};

typedef struct {
  TesseraCli *cli;
  TsrProject *project;
  uint32_t n;           /* tiles that are files */
  uint32_t *tiles;      /* [n]: their numbers */
  char **names;         /* [n], borrowed */
  TsrTilePlace *places; /* [n]; slide NULL: nobody says */
  uint8_t *stated;      /* [n]: by what was asked for */
  GPtrArray *files;     /* char *: where slides may be */
  GPtrArray *stems;     /* char *: as they are called */
  uint32_t placed;
  json_t *slides, *missing;
} Placing;

static bool
check_options (TesseraCli *cli, GError **error)
{
  bool table = tessera_options_given (cli->options, "from"),
       names = tessera_options_flag (cli->options, "from-names");
  const char *problem = NULL;
  if (table == names)
    problem = "Give either --from with a table, or --from-names.";
  else if (names && tessera_options_given (cli->options, "tile-size"))
    problem = "--tile-size goes with --from; names say how large their tiles are.";
  if (problem)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_USAGE, problem);
  return !problem;
}

/* ---- what is said of tiles ---- */

/* Only files: regions know where they lie. */
static bool
list_tiles (Placing *self, char **names, GError **error)
{
  uint32_t all = tsr_project_n_tiles (self->project);
  self->tiles = g_new (uint32_t, (size_t)all + 1);
  self->names = g_new0 (char *, (size_t)all + 1);
  for (uint32_t tile = 0; tile < all; tile++) {
    g_autofree char *path = tsr_project_tile_path (self->project, tile);
    if (!path)
      continue;
    self->tiles[self->n] = tile;
    self->names[self->n++] = names[tile];
  }
  self->places = tsr_tile_places_of_names (self->names, self->n);
  self->stated = g_new0 (uint8_t, (size_t)self->n + 1);
  if (self->n == 0)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_PROJECT,
                         "The project has no tiles that are files; regions of slides know where "
                         "they lie.");
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
read_table (Placing *self, const char *path, TsrPlaceCounts *sum, uint32_t *bad, GError **error)
{
  double side = (double)tessera_options_integer (self->cli->options, "tile-size");
  TsrPlaceOptions with = {.width = side, .height = side, .size_option = "--tile-size"};
  TsrPlaceCounts counts;
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (TsrPlaceTable) table = tsr_place_table_read (path, &with, error);
  if (!table)
    return false;
  tsr_place_table_apply (table, self->names, self->places, self->n, &counts);
  sum->unknown += counts.unknown;
  sum->ambiguous += counts.ambiguous;
  *bad += table->bad;
  if (table->bad)
    tessera_cli_note (self->cli,
                      table->bad == 1 ? "%s: %u line makes no sense, line %u."
                                      : "%s: %u lines make no sense, the first of them line %u.",
                      shown, table->bad, table->bad_line);
  if (counts.unknown + counts.ambiguous == table->rows->len) {
    const TsrPlaceRow *row = table->rows->pdata[0];
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "No row of “%s” is about a tile of the project; line %u is about %s%s%s.", shown,
                 row->line, row->file ? "“" : "a tile of slide “",
                 row->file ? row->file : row->place.slide, "”");
    return false;
  }
  note_stated (self, table);
  return true;
}

static bool
read_places (Placing *self, GError **error)
{
  char *const *tables = tessera_options_words (self->cli->options, "from");
  TsrPlaceCounts counts = {0};
  uint32_t bad = 0, stated = 0;
  for (guint i = 0; tables && tables[i]; i++)
    if (!read_table (self, tables[i], &counts, &bad, error))
      return false;
  for (uint32_t i = 0; i < self->n; i++) {
    self->stated[i] |= !tables && self->places[i].slide;
    stated += self->stated[i];
  }
  json_object_set_new (self->cli->result, "unknown", json_integer (counts.unknown));
  json_object_set_new (self->cli->result, "ambiguous", json_integer (counts.ambiguous));
  json_object_set_new (self->cli->result, "bad", json_integer (bad));
  if (counts.unknown + counts.ambiguous > 0)
    tessera_cli_note (self->cli, "Rows about no tile of the project: %u; about several: %u.",
                      counts.unknown, counts.ambiguous);
  if (stated == 0)
    g_set_error_literal (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        "No tile is named as QuPath names it, “Slide [x=0,y=512,w=512,h=512].png”; "
        "--from takes a table.");
  return stated > 0;
}

/* ---- the slides ---- */

static void
add_file (Placing *self, const char *path)
{
  char *stem = g_path_get_basename (path), *dot = strrchr (stem, '.');
  if (dot && dot > stem)
    *dot = '\0';
  size_t n = strlen (stem);
  if (n > 4 && g_ascii_strcasecmp (stem + n - 4, ".ome") == 0)
    stem[n - 4] = '\0';
  g_ptr_array_add (self->files, g_strdup (path));
  g_ptr_array_add (self->stems, stem);
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
find_files (Placing *self, GError **error)
{
  char *const *files = tessera_options_words (self->cli->options, "slide");
  const char *folder = tessera_options_text (self->cli->options, "slides");
  g_autoptr (GPtrArray) walked = g_ptr_array_new_with_free_func (free_walked),
                        skipped = g_ptr_array_new_with_free_func (free_skipped);
  TsrProgressShare share;
  TsrProgress looking =
      tsr_progress_share (&self->cli->progress, &share, 0, 0, TSR_STAGE ("Looking for slides"));
  for (guint i = 0; files && files[i]; i++)
    add_file (self, files[i]);
  if (folder && !tsr_folder_walk (folder, &looking, walked, skipped, error))
    return false;
  for (guint i = 0; i < walked->len; i++)
    add_file (self, ((const TsrWalkedFile *)walked->pdata[i])->path);
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

static bool
place_on (Placing *self, const char *name, const char *path, int32_t number, GError **error)
{
  g_autoptr (GArray) list = placings_on (self, name);
  g_autoptr (TsrSlide) slide = path ? tsr_slide_pool_open (path, error) : NULL;
  double mpp = tessera_options_given (self->cli->options, "slide-mpp")
                   ? tessera_options_number (self->cli->options, "slide-mpp")
                   : NAN;
  if ((path && !slide) ||
      !tsr_project_place_tiles (self->project, slide, &number, mpp,
                                (const TsrTilePlacing *)(const void *)list->data, list->len, error))
    return false;
  g_autoptr (GPtrArray) slides = tsr_project_slides (self->project, error);
  if (!slides || number >= (int32_t)slides->len)
    return false;
  const TsrProjectSlide *row = slides->pdata[number];
  g_autofree char *shown = tessera_cli_shown (row->name);
  json_t *object = json_object ();
  tessera_cli_set_text (object, "slide", row->name);
  json_object_set_new (object, "tiles", json_integer (list->len));
  json_array_append_new (self->slides, object);
  self->placed += list->len;
  tessera_cli_print (self->cli, "%s: %u %s placed.\n", shown, list->len,
                     tessera_cli_noun (list->len, "tile", "tiles"));
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

static void
report_missing (Placing *self, const char *name)
{
  g_autofree char *shown = tessera_cli_shown (name);
  json_array_append_new (self->missing, json_string (shown));
  tessera_cli_note (self->cli,
                    "%s: its file is not known, so its tiles stay without a place; --slide names "
                    "it, --slides its folder.",
                    shown);
}

/* One slide's transaction after the other; the first that is wrong ends it. */
static bool
place_all (Placing *self, GError **error)
{
  g_autoptr (GPtrArray) wanted = wanted_slides (self),
                        slides = tsr_project_slides (self->project, error);
  if (!slides)
    return false;
  for (guint i = 0; i < wanted->len; i++) {
    const char *name = wanted->pdata[i], *path = file_of (self, name, wanted->len == 1);
    int32_t number = path ? -1 : number_of (slides, name);
    if (!tsr_progress_step (&self->cli->progress, (double)i / wanted->len,
                            TSR_STAGE ("Placing tiles"), error))
      return false;
    if (!path && number < 0)
      report_missing (self, name);
    else if (!place_on (self, name, path, number, error))
      return false;
  }
  if (self->placed == 0)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 "No file is known of slide “%s”, nor of any other that tiles lie on: name them "
                 "with --slide, or their folder with --slides.",
                 (const char *)wanted->pdata[0]);
  return self->placed > 0;
}

static bool
work (Placing *self, char **names, GError **error)
{
  json_object_set (self->cli->result, "slides", self->slides);
  json_object_set (self->cli->result, "missing", self->missing);
  if (!list_tiles (self, names, error) || !read_places (self, error) || !find_files (self, error) ||
      !place_all (self, error))
    return false;
  json_object_set_new (self->cli->result, "placed", json_integer (self->placed));
  json_object_set_new (self->cli->result, "files", json_integer (self->n));
  tessera_cli_print (self->cli, "%u of %u %s placed.\n", self->placed, self->n,
                     tessera_cli_noun (self->n, "tile that is a file", "tiles that are files"));
  return true;
}

static bool
run (TesseraCli *cli, GError **error)
{
  if (!check_options (cli, error))
    return false;
  g_autoptr (TsrProject) project = tessera_cli_open (cli, TSR_PROJECT_READ_WRITE, error);
  if (!project)
    return false;
  g_auto (GStrv) names = tsr_project_tile_names (project);
  Placing self = {.cli = cli,
                  .project = project,
                  .files = g_ptr_array_new_with_free_func (g_free),
                  .stems = g_ptr_array_new_with_free_func (g_free),
                  .slides = json_array (),
                  .missing = json_array ()};
  bool ok = work (&self, names, error);
  tsr_tile_places_free (self.places, self.n);
  g_ptr_array_unref (self.files);
  g_ptr_array_unref (self.stems);
  json_decref (self.slides);
  json_decref (self.missing);
  g_free (self.tiles);
  g_free (self.names);
  g_free (self.stated);
  tsr_slide_pool_clear ();
  return ok;
}

const TesseraCommand tessera_command_place = {
    .name = "place",
    .arguments = "PROJECT --from TABLE... | --from-names",
    .summary = "Say where on slides a project's image files lie",
    .details = "Places come from tables, or from the tiles' names. A slide is the file that is "
               "called like it, below --slides or among\n--slide, or the only one; it joins the "
               "project without being cut. Areas and GeoJSON then work for its tiles.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
