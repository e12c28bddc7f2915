/* What the views ask: tiles, classes, counts. */

#include "tessera-session-private.h"

#include <math.h>
#include <string.h>

uint32_t
tessera_session_get_n_tiles (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->contents != NULL ? self->contents->n : 0;
}

const char *
tessera_session_get_tile_name (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), NULL);
  return tessera_contents_name (self->contents, tile);
}

gboolean
tessera_session_shows_truth (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), FALSE);
  const char *by = tessera_session_get_setting (self, "view.color-by", "prediction");
  return g_str_equal (tessera_session_get_setting (self, "view.truth", "0"), "1") &&
         (self->label[tile] != TSR_LABEL_NONE || self->excluded[tile] ||
          g_str_equal (by, "truth") || g_str_equal (by, "right"));
}

const char *
tessera_session_get_shown_name (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), NULL);
  const char *name = tessera_contents_name (self->contents, tile);
  if (self->contents->truth == NULL || tessera_session_shows_truth (self, tile))
    return name;
  const char *slash = strrchr (name, '/'), *base = slash != NULL ? slash + 1 : name;
  const char *truth = tessera_session_get_truth (self, tile);
  if (truth == NULL || g_ascii_strncasecmp (base, truth, strlen (truth)) != 0)
    return base;
  const char *rest = base + strlen (truth);
  rest += strspn (rest, "_- .");
  return *rest != '\0' ? rest : base;
}

const float *
tessera_session_get_map (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  if (self->preview != NULL)
    return g_bytes_get_data (self->preview, NULL);
  return self->contents != NULL ? self->contents->map : NULL;
}

GBytes *
tessera_session_get_map_bytes (TesseraSession *self)
{
  if (tessera_session_get_map (self) == NULL)
    return NULL;
  return g_bytes_ref (self->preview != NULL ? self->preview
                                            : self->contents->parts[TESSERA_PART_MAP]);
}

/* Compared, not by fminf: a million tiles are looked at on the main thread. */
static float
width_of (const float *map, uint32_t n)
{
  float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  for (size_t i = 0; i < n; i++)
    for (int a = 0; a < 2; a++) {
      float v = map[2 * i + a]; /* NAN is neither less nor more */
      low[a] = v < low[a] ? v : low[a];
      high[a] = v > high[a] ? v : high[a];
    }
  float width = fmaxf (high[0] - low[0], high[1] - low[1]);
  return isfinite (width) ? width : 0;
}

float
tessera_session_get_map_width (TesseraSession *self)
{
  const float *map = tessera_session_get_map (self);
  if (self->map_width < 0)
    self->map_width = map != NULL ? width_of (map, self->contents->n) : 0;
  return self->map_width;
}

const TsrMapInfo *
tessera_session_get_map_info (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->contents != NULL && self->preview == NULL ? self->contents->map_info : NULL;
}

gboolean
tessera_session_can_continue_map (TesseraSession *self)
{
  const TsrMapInfo *info = tessera_session_get_map_info (self);
  return info != NULL && g_strcmp0 (info->method, "tsne") == 0 && info->model != NULL &&
         !self->contents->map_is_stale && self->contents->n_embedded > 0;
}

gboolean
tessera_session_vectors_are_stale (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->contents != NULL && self->contents->vectors_are_stale;
}

TsrStainMethod
tessera_session_get_normalised (TesseraSession *self, gboolean *own_reference)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), TSR_STAIN_NONE);
  if (own_reference != NULL)
    *own_reference = self->contents != NULL && self->contents->own_reference;
  return self->contents != NULL ? self->contents->normalised : TSR_STAIN_NONE;
}

double
tessera_session_get_kept (TesseraSession *self, uint32_t tile)
{
  const TsrMapInfo *info = tessera_session_get_map_info (self);
  return info != NULL ? tsr_map_info_kept (info, tile) : NAN;
}

uint32_t *
tessera_session_find_strangers (TesseraSession *self, size_t *n)
{
  uint32_t all = tessera_session_get_n_tiles (self);
  uint32_t *tiles = g_new (uint32_t, MAX (1, all));
  *n = 0;
  for (uint32_t i = 0; i < all; i++)
    if (tessera_session_get_kept (self, i) == 0 && !self->excluded[i])
      tiles[(*n)++] = i;
  return tiles;
}

const GPtrArray *
tessera_session_get_slides (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->slides : NULL;
}

const TsrProjectSlide *
tessera_session_get_slide (TesseraSession *self, int32_t slide)
{
  const GPtrArray *slides = tessera_session_get_slides (self);
  return slides != NULL && slide >= 0 && slide < (int32_t)slides->len ? slides->pdata[slide] : NULL;
}

const TsrTileRegion *
tessera_session_get_region (TesseraSession *self, uint32_t tile)
{
  if (tile >= tessera_session_get_n_tiles (self) || self->contents->regions == NULL)
    return NULL;
  const TsrTileRegion *region = &self->contents->regions[tile];
  return region->slide >= 0 ? region : NULL;
}

gboolean
tessera_session_has_vectors (TesseraSession *self)
{
  return tessera_session_get_n_embedded (self) > 0;
}

uint32_t
tessera_session_get_n_embedded (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->contents != NULL ? self->contents->n_embedded : 0;
}

gboolean
tessera_session_has_model (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->contents != NULL && self->contents->model != NULL;
}

gboolean
tessera_session_get_trained (TesseraSession *self, uint64_t *images, uint64_t *goal)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  *images = self->contents != NULL ? self->contents->trained : 0;
  *goal = self->contents != NULL ? self->contents->trained_for : 0;
  return *images > 0 && *images < *goal;
}

const GArray *
tessera_session_get_losses (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->losses : NULL;
}

const GArray *
tessera_session_get_quality (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->quality : NULL;
}

int32_t
tessera_session_get_label (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), TSR_LABEL_NONE);
  return self->label[tile];
}

gboolean
tessera_session_get_excluded (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), FALSE);
  return self->excluded[tile] != 0;
}

const TsrPrediction *
tessera_session_get_prediction (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), NULL);
  return self->predictions != NULL ? &self->predictions[tile] : NULL;
}

GBytes *
tessera_session_get_colours (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->colours != NULL ? g_bytes_ref (self->colours) : NULL;
}

const TsrPrediction *
tessera_session_get_predictions (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->predictions;
}

const int32_t *
tessera_session_get_labels (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->label;
}

const uint8_t *
tessera_session_get_all_excluded (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->excluded;
}

const char *
tessera_session_get_truth (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), NULL);
  if (self->contents->truth == NULL || self->contents->truth[tile] < 0)
    return NULL;
  return self->contents->truth_names[self->contents->truth[tile]];
}

int32_t
tessera_session_get_truth_class (TesseraSession *self, uint32_t tile)
{
  g_return_val_if_fail (tile < tessera_session_get_n_tiles (self), TSR_LABEL_NONE);
  if (self->truth_classes == NULL || self->contents->truth[tile] < 0)
    return TSR_LABEL_NONE;
  return self->truth_classes[self->contents->truth[tile]];
}

gboolean
tessera_session_truth_means_class (TesseraSession *self, guint name)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->truth_classes != NULL && self->truth_classes[name] >= 0;
}

gboolean
tessera_session_has_truth (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->contents != NULL && self->contents->truth != NULL;
}

const char *const *
tessera_session_get_truth_names (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->contents != NULL ? (const char *const *)self->contents->truth_names : NULL;
}

const GPtrArray *
tessera_session_get_columns (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->contents != NULL ? self->contents->columns : NULL;
}

void
tessera_session_get_tile_format (TesseraSession *self, int *size, int *channels)
{
  g_return_if_fail (TESSERA_IS_SESSION (self));
  *size = self->contents != NULL ? self->contents->tile_size : 64;
  *channels = self->contents != NULL ? self->contents->tile_channels : 3;
}

uint32_t
tessera_session_get_n_skipped (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->contents != NULL ? self->contents->n_skipped : 0;
}

GPtrArray *
tessera_session_get_classes (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  return self->classes;
}

const TsrClass *
tessera_session_get_class (TesseraSession *self, int32_t id)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  for (guint i = 0; i < self->classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (self->classes, i);
    if (class_->id == id)
      return class_;
  }
  return NULL;
}

const TsrClass *
tessera_session_get_class_for_key (TesseraSession *self, char key)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NULL);
  for (guint i = 0; key != 0 && i < self->classes->len; i++) {
    const TsrClass *class_ = g_ptr_array_index (self->classes, i);
    if (class_->key == key)
      return class_;
  }
  return NULL;
}

TesseraClassCount
tessera_session_count_class (TesseraSession *self, int32_t id)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), ((TesseraClassCount){0}));
  return tessera_counts_of_class (self->counts, id);
}

uint32_t
tessera_session_count_labelled (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->counts->n_labelled;
}

uint32_t
tessera_session_count_unsure (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->counts->n_unsure;
}

uint32_t
tessera_session_count_excluded (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), 0);
  return self->counts->n_excluded;
}

double
tessera_session_accuracy (TesseraSession *self, uint32_t *counted)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), NAN);
  if (counted != NULL)
    *counted = self->counts->accuracy_of;
  return self->counts->accuracy;
}

gboolean
tessera_session_has_rivals (TesseraSession *self)
{
  g_return_val_if_fail (TESSERA_IS_SESSION (self), FALSE);
  return self->counts->n_taught > 1;
}
