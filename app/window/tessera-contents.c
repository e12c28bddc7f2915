#include "tessera-contents.h"

#include "tsr-jobs.h"
#include "tsr-safetensors.h"
#include "tsr-table.h"
#include "tsr-tile-source.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define NAMES 16 /* of which only the first one's place is known */

/* Reads the names in one block: a small block of the heap and a pointer to it for each would be a
 * fifth of what the window keeps of a tile. */
static bool
load_names (TesseraContents *self, TsrProject *project)
{
  self->names = tsr_project_tile_names_packed (project, NULL);
  if (self->names == NULL)
    return false;
  self->name_at = g_new (uint64_t, self->n / NAMES + 1);
  const char *name = self->names;
  for (uint32_t i = 0; i < self->n; i++, name += strlen (name) + 1)
    if (i % NAMES == 0)
      self->name_at[i / NAMES] = (uint64_t)(name - self->names);
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

static bool
load_vectors (TesseraContents *self, TsrProject *project, char **model_id, GError **error)
{
  g_autoptr (GError) local = NULL;
  if (!tsr_project_get_vectors (project, &self->w, &self->w_dim, model_id, &local)) {
    if (local != NULL) {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
    return true;
  }
  for (uint32_t i = 0; i < self->n; i++)
    if (!isnan (self->w[(size_t)i * self->w_dim]))
      self->n_embedded++;
  return true;
}

/* A map made before tiles were added is shorter than the project: the newcomers are off the map. */
static bool
load_map (TesseraContents *self, TsrProject *project, const char *model_id, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree float *y = NULL;
  g_autofree char *info = NULL;
  uint32_t n = 0;
  if (!tsr_project_get_map (project, &y, &n, &info, &local)) {
    if (local != NULL) {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
    return true;
  }
  self->map = g_new (float, MAX (1, (size_t)self->n * 2));
  for (size_t i = 0; i < (size_t)self->n * 2; i++)
    self->map[i] = i < (size_t)n * 2 ? y[i] : NAN;
  self->map_info = tsr_map_info_parse (info);
  self->map_is_stale = tsr_map_info_is_stale (info, model_id);
  return true;
}

/* Where no ground truth is taken from the folders, they are a column too: often they are slides or
 * patients. */
static void
add_folder_column (TesseraContents *self)
{
  g_autofree const char **folders = g_new0 (const char *, (size_t)self->n + 1);
  g_autoptr (GStringChunk) chunk = g_string_chunk_new (4096);
  const char *name = self->names, *last = NULL;
  gsize length = 0;
  for (uint32_t i = 0; self->truth == NULL && i < self->n; i++, name += strlen (name) + 1) {
    const char *slash = strrchr (name, '/');
    if (slash == NULL)
      continue;
    /* neighbours mostly share theirs, which then need not be compared again */
    if (last == NULL || (gsize)(slash - name) != length || memcmp (name, last, length) != 0)
      last = g_string_chunk_insert_len (chunk, name, slash - name);
    length = (gsize)(slash - name);
    folders[i] = last;
  }
  TsrColumn *column = tsr_column_new (_ ("Folder"), folders, self->n);
  if (column->n_texts > 1)
    g_ptr_array_add (self->columns, column);
  else
    tsr_column_free (column);
}

static bool
load_slides (TesseraContents *self, TsrProject *project, GError **error)
{
  self->slides = tsr_project_slides (project, error);
  if (self->slides == NULL || self->slides->len == 0)
    return self->slides != NULL;
  self->regions = g_new (TsrTileRegion, MAX (1, self->n));
  return tsr_project_regions (project, self->regions, error);
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

TesseraContents *
tessera_contents_load (TsrProject *project, GError **error)
{
  g_autoptr (TesseraContents) self = g_new0 (TesseraContents, 1);
  g_atomic_ref_count_init (&self->refs);

  self->n = tsr_project_n_tiles (project);
  if (!load_names (self, project)) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_CORRUPT,
                 _ ("The list of tiles in “%s” cannot be read; restore the file from a copy."),
                 tsr_project_path (project));
    return NULL;
  }
  self->truth = g_new (int32_t, MAX (1, self->n));
  self->truth_names = tsr_project_truth (project, self->truth);
  if (self->truth_names == NULL)
    g_clear_pointer (&self->truth, g_free);

  g_autofree char *model_id = NULL;
  if (!load_vectors (self, project, &model_id, error) || !load_map (self, project, model_id, error))
    return NULL;
  self->vectors_id = g_steal_pointer (&model_id);
  self->model = tsr_project_get_model (project);
  probe_model (self);
  if (!load_training (self, project, error))
    return NULL;
  self->columns = tsr_project_columns (project, error);
  if (self->columns == NULL)
    return NULL;
  add_folder_column (self);
  if (!load_slides (self, project, error) || !load_stains (self, project, error))
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
  g_free (self->names);
  g_free (self->name_at);
  g_strfreev (self->truth_names);
  g_free (self->truth);
  g_free (self->w);
  g_free (self->vectors_id);
  g_free (self->map);
  tsr_map_info_free (self->map_info);
  g_free (self->model);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  g_clear_pointer (&self->losses, g_array_unref);
  g_clear_pointer (&self->quality, g_array_unref);
  g_clear_pointer (&self->slides, g_ptr_array_unref);
  g_free (self->regions);
  g_free (self);
}
