#include "tessera-contents.h"

#include "tsr-jobs.h"
#include "tsr-reread.h"
#include "tsr-safetensors.h"
#include "tsr-table.h"
#include "tsr-tile-source.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define NAMES 16 /* of which only the first one's place is known */

/* A part of the former contents, borrowed; NULL if there is none. */
static GBytes *
former_part (const TesseraContents *former, TesseraPart part)
{
  return former != NULL ? former->parts[part] : NULL;
}

/* Keeps bytes (transfer full) as a part, and says where they are. */
static gconstpointer
keep (TesseraContents *self, TesseraPart part, GBytes *bytes)
{
  self->parts[part] = bytes;
  return g_bytes_get_data (bytes, NULL);
}

/* Whether a part is the former one, which also says that as many tiles are in it. */
static bool
is_former (const TesseraContents *self, const TesseraContents *former, TesseraPart part)
{
  return former != NULL && self->parts[part] == former->parts[part];
}

/* Reads the names in one block: a small block of the heap and a pointer to it for each would be a
 * fifth of what the window keeps of a tile. */
static bool
load_names (TesseraContents *self, TsrProject *project, const TesseraContents *former)
{
  GBytes *names =
      tsr_project_reread_names (project, former_part (former, TESSERA_PART_NAMES), NULL);
  if (names == NULL)
    return false;
  self->names = keep (self, TESSERA_PART_NAMES, names);
  if (is_former (self, former, TESSERA_PART_NAMES)) {
    GBytes *places = g_bytes_ref (former->parts[TESSERA_PART_NAME_PLACES]);
    self->name_at = keep (self, TESSERA_PART_NAME_PLACES, places);
    return true;
  }
  gsize n = self->n / NAMES + 1;
  uint64_t *places = g_new (uint64_t, n);
  const char *name = self->names;
  for (uint32_t i = 0; i < self->n; i++, name += strlen (name) + 1)
    if (i % NAMES == 0)
      places[i / NAMES] = (uint64_t)(name - self->names);
  self->name_at =
      keep (self, TESSERA_PART_NAME_PLACES, g_bytes_new_take (places, n * sizeof *places));
  return true;
}

const char *
tessera_contents_name (const TesseraContents *self, uint32_t tile)
{
  const char *name = self->names + self->name_at[tile / NAMES];
  for (uint32_t i = 0; i < tile % NAMES; i++)
    name += strlen (name) + 1;
  return name;
}

static void
load_truth (TesseraContents *self, TsrProject *project, const TesseraContents *former)
{
  int32_t *truth = g_new (int32_t, MAX (1, self->n));
  self->truth_names = tsr_project_truth (project, truth);
  if (self->truth_names == NULL)
    g_free (truth);
  else
    self->truth = keep (
        self, TESSERA_PART_TRUTH,
        tsr_reread_take (former_part (former, TESSERA_PART_TRUTH), truth, self->n * sizeof *truth));
}

static bool
load_vectors (TesseraContents *self, TsrProject *project, const TesseraContents *former,
              GError **error)
{
  g_autoptr (GError) local = NULL;
  GBytes *w = NULL;
  if (!tsr_project_reread_vectors (project, former_part (former, TESSERA_PART_VECTORS), &w,
                                   &self->w_dim, &self->vectors_id, &local)) {
    if (local != NULL) {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
    return true;
  }
  self->w = keep (self, TESSERA_PART_VECTORS, w);
  for (uint32_t i = 0; i < self->n; i++)
    if (!isnan (self->w[(size_t)i * self->w_dim]))
      self->n_embedded++;
  return true;
}

/* A map made before tiles were added is shorter than the project: the newcomers are off the map. */
static bool
load_map (TesseraContents *self, TsrProject *project, const TesseraContents *former, GError **error)
{
  g_autoptr (GError) local = NULL;
  GBytes *map = NULL;
  g_autofree char *info = NULL;
  if (!tsr_project_reread_map (project, former_part (former, TESSERA_PART_MAP), &map, &info,
                               &local)) {
    if (local != NULL) {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
    return true;
  }
  self->map = keep (self, TESSERA_PART_MAP, map);
  self->map_info = tsr_map_info_parse (info);
  self->map_is_stale = tsr_map_info_is_stale (info, self->vectors_id);
  return true;
}

static TsrColumn *
folders_of_names (const TesseraContents *self)
{
  g_autofree const char **folders = g_new0 (const char *, (size_t)self->n + 1);
  g_autoptr (GStringChunk) chunk = g_string_chunk_new (4096);
  const char *name = self->names, *last = NULL;
  gsize length = 0;
  for (uint32_t i = 0; i < self->n; i++, name += strlen (name) + 1) {
    const char *slash = strrchr (name, '/');
    if (slash == NULL)
      continue;
    /* neighbours mostly share theirs, which then need not be compared again */
    if (last == NULL || (gsize)(slash - name) != length || memcmp (name, last, length) != 0)
      last = g_string_chunk_insert_len (chunk, name, slash - name);
    length = (gsize)(slash - name);
    folders[i] = last;
  }
  return tsr_column_new (_ ("Folder"), folders, self->n);
}

/* Where no ground truth is taken from the folders, they are a column too: often they are slides or
 * patients. Tiles of the same names have the same. */
static void
add_folder_column (TesseraContents *self, const TesseraContents *former)
{
  if (self->truth != NULL)
    return;
  bool known = is_former (self, former, TESSERA_PART_NAMES) && former->truth == NULL;
  TsrColumn *folders = known && former->folders != NULL ? tsr_column_ref (former->folders)
                       : known                          ? NULL
                                                        : folders_of_names (self);
  if (folders != NULL && folders->n_texts > 1) {
    self->folders = folders;
    g_ptr_array_add (self->columns, tsr_column_ref (folders));
  } else {
    tsr_column_unref (folders);
  }
}

static bool
load_slides (TesseraContents *self, TsrProject *project, const TesseraContents *former,
             GError **error)
{
  self->slides = tsr_project_slides (project, error);
  if (self->slides == NULL || self->slides->len == 0)
    return self->slides != NULL;
  GBytes *regions =
      tsr_project_reread_regions (project, former_part (former, TESSERA_PART_REGIONS), error);
  if (regions != NULL)
    self->regions = keep (self, TESSERA_PART_REGIONS, regions);
  return regions != NULL;
}

static bool
load_stains (TesseraContents *self, TsrProject *project, GError **error)
{
  g_auto (TsrProjectStains) stains = {0};
  if (!tsr_project_stains_read (project, &stains, error) ||
      !tsr_project_stains_stale (project, &self->vectors_are_stale, error))
    return false;
  TsrStain published = tsr_stain_reference (stains.method);
  g_autofree char *here = tsr_stain_to_json (&stains.reference),
                  *there = tsr_stain_to_json (&published);
  self->normalised = stains.method;
  self->own_reference = stains.method != TSR_STAIN_NONE && !g_str_equal (here, there);
  return true;
}

static void
probe_tiles (TesseraContents *self, TsrProject *project)
{
  self->tile_size = 64;
  self->tile_channels = 3;
  g_autoptr (TsrTileSource) source =
      tsr_tile_source_new_sample (project, TSR_TILE_SOURCE_SAMPLE, NULL);
  int size, channels;
  if (source != NULL && tsr_tile_source_probe (source, &size, &channels, NULL)) {
    self->tile_size = size;
    self->tile_channels = channels;
  }
}

/* How far the model's training came: its own file says. */
static void
probe_model (TesseraContents *self)
{
  g_autoptr (TsrSafetensors) file =
      self->model != NULL ? tsr_safetensors_open (self->model, NULL) : NULL;
  const char *images = file != NULL ? tsr_safetensors_metadata (file, "trained_images") : NULL;
  const char *kimg = file != NULL ? tsr_safetensors_metadata (file, "train.kimg") : NULL;
  if (images == NULL)
    return;
  self->trained = g_ascii_strtoull (images, NULL, 10);
  double goal = kimg != NULL ? g_ascii_strtod (kimg, NULL) * 1000 : 0;
  if (goal >= 1 && goal < 1e15)
    self->trained_for = (uint64_t)(goal + 0.5);
}

/* Four series side by side, up to where the model's own file says that it is. */
static bool
load_series (TesseraContents *self, TsrProject *project, const char *const names[TESSERA_N_LOSSES],
             GArray **into, GError **error)
{
  g_autoptr (GPtrArray) series = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  guint at[TESSERA_N_LOSSES] = {0};
  double end = self->trained > 0 ? (double)self->trained / 1000 * (1 + 1e-9) : INFINITY;
  GArray *rows = *into = g_array_new (FALSE, FALSE, sizeof (TesseraLosses));
  for (int k = 0; k < TESSERA_N_LOSSES; k++) {
    GArray *found = tsr_project_series (project, names[k], error);
    if (found == NULL)
      return false;
    g_ptr_array_add (series, found);
  }
  for (;;) {
    TesseraLosses next = {.kimg = INFINITY};
    for (int k = 0; k < TESSERA_N_LOSSES; k++) {
      const GArray *one = series->pdata[k];
      if (at[k] < one->len)
        next.kimg = fmin (next.kimg, g_array_index (one, TsrMeasure, at[k]).kimg);
    }
    if (!isfinite (next.kimg) || next.kimg > end)
      return true;
    for (int k = 0; k < TESSERA_N_LOSSES; k++) {
      const GArray *one = series->pdata[k];
      bool has = at[k] < one->len && g_array_index (one, TsrMeasure, at[k]).kimg == next.kimg;
      next.value[k] = has ? g_array_index (one, TsrMeasure, at[k]++).value : NAN;
    }
    g_array_append_val (rows, next);
  }
}

static bool
load_training (TesseraContents *self, TsrProject *project, GError **error)
{
  static const char *const losses[] = {TSR_SERIES_LOSS_G, TSR_SERIES_LOSS_D, TSR_SERIES_LOSS_NLL,
                                       TSR_SERIES_LOSS_MSE},
                           *const quality[] = {TSR_SERIES_FRECHET, TSR_SERIES_KID,
                                               TSR_SERIES_PRECISION, TSR_SERIES_RECALL};
  return load_series (self, project, losses, &self->losses, error) &&
         load_series (self, project, quality, &self->quality, error);
}

/* What is said of all tiles, part by part. */
static bool
load_parts (TesseraContents *self, TsrProject *project, const TesseraContents *former,
            GError **error)
{
  if (!load_names (self, project, former)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_CORRUPT,
                 _ ("The list of tiles in “%s” cannot be read; restore the file from a copy."),
                 tsr_project_path (project));
    return false;
  }
  load_truth (self, project, former);
  if (!load_vectors (self, project, former, error) || !load_map (self, project, former, error))
    return false;
  self->columns =
      tsr_project_reread_columns (project, former != NULL ? former->columns : NULL, error);
  if (self->columns == NULL)
    return false;
  add_folder_column (self, former);
  return load_slides (self, project, former, error);
}

TesseraContents *
tessera_contents_load (TsrProject *project, const TesseraContents *former, GError **error)
{
  g_autoptr (TesseraContents) self = g_new0 (TesseraContents, 1);
  g_atomic_ref_count_init (&self->refs);

  self->n = tsr_project_n_tiles (project);
  if (!load_parts (self, project, former, error))
    return NULL;
  self->model = tsr_project_get_model (project);
  probe_model (self);
  if (!load_training (self, project, error) || !load_stains (self, project, error))
    return NULL;

  probe_tiles (self, project);
  g_autoptr (GPtrArray) skipped = tsr_project_skipped (project);
  self->n_skipped = skipped != NULL ? skipped->len : 0;
  return g_steal_pointer (&self);
}

TesseraContents *
tessera_contents_ref (TesseraContents *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tessera_contents_unref (TesseraContents *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (int part = 0; part < TESSERA_N_PARTS; part++)
    g_clear_pointer (&self->parts[part], g_bytes_unref);
  g_strfreev (self->truth_names);
  g_free (self->vectors_id);
  tsr_map_info_free (self->map_info);
  g_free (self->model);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  tsr_column_unref (self->folders);
  g_clear_pointer (&self->losses, g_array_unref);
  g_clear_pointer (&self->quality, g_array_unref);
  g_clear_pointer (&self->slides, g_ptr_array_unref);
  g_free (self);
}
