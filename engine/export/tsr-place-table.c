#include "tsr-place-table.h"

#include "tsr-coords.h"
#include "tsr-csv.h"
#include "tsr-error.h"
#include "tsr-folder-walk.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

#define FARTHEST 2147483648.0

typedef struct {
  int file, slide, x, y, width, height;
  bool centre;
} Columns;

static void
row_free (void *data)
{
  TsrPlaceRow *row = data;
  tsr_tile_place_clear (&row->place);
  g_free (row->file);
  g_free (row);
}

void
tsr_place_table_free (TsrPlaceTable *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->rows);
  g_free (self);
}

static void
refuse_size (const char *shown, const TsrPlaceOptions *options, GError **error)
{
  if (options->size_option)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 /* Translators: the second %s is an option of the command line. */
                 _ ("“%s” does not say how large tiles are; say it with %s, in pixels of the "
                    "slide's finest level."),
                 shown, options->size_option);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("“%s” does not say how large tiles are; say it, in pixels of the slide's "
                    "finest level."),
                 shown);
}

static bool
find_columns (const TsrCsvRow *header, const TsrPlaceOptions *options, const char *shown,
              Columns *columns, GError **error)
{
  static const char *const file[] = {"file", "path", "tile", "filename", "image", "name", NULL},
                           *const slide[] = {"slide", "slide_id", "slide_name", NULL},
                           *const x[] = {"minx", "x", NULL}, *const y[] = {"miny", "y", NULL},
                           *const middle_x[] = {"loc_x", NULL}, *const middle_y[] = {"loc_y", NULL},
                           *const width[] = {"width", "w", "tile_size", "patch_size", NULL},
                           *const height[] = {"height", "h", "tile_size", "patch_size", NULL};
  *columns = (Columns){.file = tsr_csv_column (header, file),
                       .slide = tsr_csv_column (header, slide),
                       .x = tsr_csv_column (header, x),
                       .y = tsr_csv_column (header, y),
                       .width = tsr_csv_column (header, width),
                       .height = tsr_csv_column (header, height)};
  if (columns->x < 0 || columns->y < 0) {
    columns->x = tsr_csv_column (header, middle_x);
    columns->y = tsr_csv_column (header, middle_y);
    columns->centre = true;
  }
  if (columns->x < 0 || columns->y < 0)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("“%s” does not say where tiles lie; its first line must name the columns, “minx” "
           "and “miny” or “loc_x” and “loc_y” among them."),
        shown);
  else if ((columns->width < 0 || columns->height < 0) &&
           !(options->width > 0 && options->height > 0))
    refuse_size (shown, options, error);
  else
    return true;
  return false;
}

static bool
read_number (const TsrCsvRow *row, int column, double *value)
{
  return tsr_row_number (row, column, value) && fabs (*value) <= FARTHEST;
}

/* NULL if the row's numbers make no sense, or it says no slide. */
static TsrPlaceRow *
read_row (const TsrCsvRow *row, const Columns *columns, const TsrPlaceOptions *options,
          const char *slide)
{
  TsrTilePlace place = {.downsample = 1, .width = options->width, .height = options->height};
  bool own_size = columns->width >= 0 && columns->height >= 0;
  if (!read_number (row, columns->x, &place.x) || !read_number (row, columns->y, &place.y) ||
      (own_size && (!read_number (row, columns->width, &place.width) ||
                    !read_number (row, columns->height, &place.height))) ||
      !(place.width > 0 && place.height > 0))
    return NULL;
  if (columns->centre) {
    place.x -= place.width / 2;
    place.y -= place.height / 2;
  }
  const char *named = columns->slide >= 0 ? tsr_row_field (row, columns->slide) : slide,
             *file = columns->file >= 0 ? tsr_row_field (row, columns->file) : "";
  if (!*named)
    return NULL;
  place.slide = g_strdup (named);
  TsrPlaceRow *result = g_new (TsrPlaceRow, 1);
  *result = (TsrPlaceRow){*file ? g_strdup (file) : NULL, place, row->line, columns->centre};
  return result;
}

/* ---- HDF5 ---- */

/* “SLIDE_patches.h5” is TRIDENT's name of a file, “SLIDE.h5” CLAM's. */
static char *
slide_of (const TsrCoords *coords, const char *path)
{
  static const char *const endings[] = {".h5", ".hdf5", "_patches"};
  if (coords->slide)
    return g_strdup (coords->slide);
  char *stem = g_path_get_basename (path);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (stem, endings[i]) && strlen (stem) > strlen (endings[i]))
      stem[strlen (stem) - strlen (endings[i])] = '\0';
  return stem;
}

static TsrPlaceTable *
read_coords (const char *path, const TsrPlaceOptions *options, GError **error)
{
  g_autoptr (TsrCoords) coords = tsr_coords_read (path, error);
  if (!coords)
    return NULL;
  g_autofree char *shown = g_filename_display_name (path), *named = slide_of (coords, path);
  double width = coords->side > 0 ? coords->side : options->width,
         height = coords->side > 0 ? coords->side : options->height;
  if (!(width > 0 && height > 0)) {
    refuse_size (shown, options, error);
    return NULL;
  }
  TsrPlaceTable *self = g_new0 (TsrPlaceTable, 1);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  for (size_t i = 0; i < coords->n; i++) {
    double x = (double)coords->corners[2 * i], y = (double)coords->corners[2 * i + 1];
    if (fabs (x) > FARTHEST || fabs (y) > FARTHEST) {
      if (self->bad++ == 0)
        self->bad_line = (guint)i + 1;
      continue;
    }
    TsrPlaceRow *row = g_new0 (TsrPlaceRow, 1);
    row->place = (TsrTilePlace){.slide = g_strdup (options->slide ? options->slide : named),
                                .x = x,
                                .y = y,
                                .width = width,
                                .height = height,
                                .downsample = 1};
    row->line = (guint)i + 1;
    g_ptr_array_add (self->rows, row);
  }
  if (self->rows->len > 0)
    return self;
  g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
               _ ("No row of “%s” gives a tile a valid place; copy it again from where it came."),
               shown);
  tsr_place_table_free (self);
  return NULL;
}

/* ---- CSV ---- */

static TsrPlaceTable *
read_csv (const char *path, const TsrPlaceOptions *options, GError **error)
{
  g_autoptr (GPtrArray) rows = tsr_csv_read (path, error);
  g_autofree char *shown = g_filename_display_name (path), *stem = g_path_get_basename (shown);
  Columns columns;
  if (!rows || !find_columns (rows->pdata[0], options, shown, &columns, error))
    return NULL;
  size_t length = strlen (stem);
  if (length > 4 && g_ascii_strcasecmp (stem + length - 4, ".csv") == 0)
    stem[length - 4] = '\0';
  TsrPlaceTable *self = g_new0 (TsrPlaceTable, 1);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  for (guint i = 1; i < rows->len; i++) {
    const TsrCsvRow *row = rows->pdata[i];
    TsrPlaceRow *read = read_row (row, &columns, options, options->slide ? options->slide : stem);
    if (read)
      g_ptr_array_add (self->rows, read);
    else if (self->bad++ == 0)
      self->bad_line = row->line;
  }
  if (self->rows->len > 0)
    return self;
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_FAILED,
      self->bad > 0
          ? _ ("No row of “%s” gives a tile a valid place; each needs numbers for where it lies.")
          : _ ("No row of “%s” places a tile; each needs numbers for where it "
               "lies."),
      shown);
  tsr_place_table_free (self);
  return NULL;
}

TsrPlaceTable *
tsr_place_table_read (const char *path, const TsrPlaceOptions *options, GError **error)
{
  return tsr_coords_matches (path) ? read_coords (path, options, error)
                                   : read_csv (path, options, error);
}

/* ---- which tiles rows are about ---- */

#define SEVERAL G_MAXUINT

/* key -> index + 1 of the one tile that has it, or SEVERAL. Takes key. */
static void
note (GHashTable *table, char *key, size_t tile)
{
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (table, key));
  g_hash_table_replace (table, key,
                        GUINT_TO_POINTER (known && known != tile + 1 ? SEVERAL : (guint)tile + 1));
}

typedef struct {
  GHashTable *whole, *base; /* names, with and without folders */
  GHashTable *spot; /* “SLIDE-X-Y” by name, and slide, corner and size of known places */
} Finder;

static char *
spot_of (const TsrTilePlace *place)
{
  return g_strdup_printf ("%s/%.17g/%.17g/%.17g/%.17g", place->slide, place->x, place->y,
                          place->width, place->height);
}

static void
finder_init (Finder *finder, char *const *names, const TsrTilePlace *places, size_t n)
{
  finder->whole = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  finder->base = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  finder->spot = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < n; i++) {
    g_autofree char *base = g_path_get_basename (names[i]);
    note (finder->whole, g_strdup (names[i]), i);
    note (finder->base, g_strdup (base), i);
    if (places[i].slide)
      note (finder->spot, spot_of (&places[i]), i);
    char *dot = strrchr (base, '.');
    if (dot)
      *dot = '\0';
    note (finder->spot, g_strdup (base), i);
  }
}

static void
finder_clear (Finder *finder)
{
  g_hash_table_unref (finder->whole);
  g_hash_table_unref (finder->base);
  g_hash_table_unref (finder->spot);
}

/* Index + 1, 0 for none, SEVERAL. */
static guint
find_tile (const Finder *finder, const TsrPlaceRow *row)
{
  const TsrTilePlace *place = &row->place;
  if (row->file) {
    guint found = GPOINTER_TO_UINT (g_hash_table_lookup (finder->whole, row->file));
    g_autofree char *base = g_path_get_basename (row->file);
    return found ? found : GPOINTER_TO_UINT (g_hash_table_lookup (finder->base, base));
  }
  double x = row->centre ? place->x + place->width / 2 : place->x,
         y = row->centre ? place->y + place->height / 2 : place->y;
  g_autofree char *named = g_strdup_printf ("%s-%.0f-%.0f", place->slide, x, y),
                  *spot = spot_of (place);
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (finder->spot, named));
  return found ? found : GPOINTER_TO_UINT (g_hash_table_lookup (finder->spot, spot));
}

static bool
same_place (const TsrTilePlace *a, const TsrTilePlace *b)
{
  return g_strcmp0 (a->slide, b->slide) == 0 && a->x == b->x && a->y == b->y &&
         a->width == b->width && a->height == b->height;
}

void
tsr_place_table_apply (const TsrPlaceTable *table, char *const *names, TsrTilePlace *places,
                       size_t n, TsrPlaceCounts *counts)
{
  Finder finder;
  g_autofree uint8_t *moved = g_new0 (uint8_t, n + 1);
  *counts = (TsrPlaceCounts){0};
  finder_init (&finder, names, places, n);
  for (guint i = 0; i < table->rows->len; i++) {
    const TsrPlaceRow *row = table->rows->pdata[i];
    guint found = find_tile (&finder, row);
    counts->unknown += found == 0;
    counts->ambiguous += found == SEVERAL;
    if (found == 0 || found == SEVERAL)
      continue;
    TsrTilePlace *place = &places[found - 1];
    if (same_place (place, &row->place))
      continue;
    counts->placed += !moved[found - 1];
    moved[found - 1] = 1;
    tsr_tile_place_clear (place);
    *place = row->place;
    place->slide = g_strdup (row->place.slide);
  }
  finder_clear (&finder);
}

void
tsr_place_table_skip_bad (const TsrPlaceTable *table, const char *shown, GPtrArray *skipped)
{
  if (table->bad == 0)
    return;
  g_autofree char *text = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u row of “%s” makes no sense: row %u.",
                   "%u rows of “%s” make no sense, the first of them is row %u.", table->bad),
      table->bad, shown, table->bad_line);
  tsr_skip_file (skipped, shown, text);
}
