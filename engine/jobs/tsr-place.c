#include "tsr-place.h"

#include "tsr-balance.h"
#include "tsr-distance-block.h"
#include "tsr-plane.h"
#include "tsr-trust.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

/* Tiles with a vector, packed: those with a place and those to be placed. */
typedef struct {
  uint32_t *tile;
  uint32_t count;
  float *w, *y;
} Set;

static void
set_clear (Set *set)
{
  g_free (set->tile);
  g_free (set->w);
  g_free (set->y);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Set, set_clear)

static void
gather (Set *set, const float *w, uint32_t n, uint32_t d, const float *y, bool mapped)
{
  set->tile = g_new (uint32_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++)
    if (tsr_vectors_row_finite (w + (size_t)i * d, d) &&
        tsr_vectors_row_finite (y + 2 * (size_t)i, 2) == mapped)
      set->tile[set->count++] = i;
  set->w = g_new (float, (size_t)set->count *d + 1);
  set->y = g_new (float, (size_t)set->count * 2 + 1);
  for (uint32_t k = 0; k < set->count; k++) {
    memcpy (set->w + (size_t)k * d, w + (size_t)set->tile[k] * d, d * sizeof *w);
    memcpy (set->y + 2 * (size_t)k, y + 2 * (size_t)set->tile[k], 2 * sizeof *y);
  }
}

/* Finds places by vectors whose axes are balanced as the map's were: the axes are those of what is
 * on the map, so that a place does not depend on which other tiles join with it. */
static bool
transform_balanced (const Set *mapped, const Set *fresh, uint32_t d, double balance,
                    const TsrTransformOptions *options, const TsrProgress *progress, GError **error)
{
  size_t n = (size_t)mapped->count + fresh->count, axes = d, first = mapped->count;
  g_autofree float *all = g_new (float, n *d);
  TsrProgressShare share;
  memcpy (all, mapped->w, first * d * sizeof *all);
  memcpy (all + first * d, fresh->w, (size_t)fresh->count * d * sizeof *all);
  TsrProgress part = tsr_progress_share (progress, &share, 0, 0.2, TSR_STAGE ("Placing new tiles"));
  g_autofree float *balanced = tsr_balance_axes (all, n, first, d, balance, &axes, &part, error);
  part = tsr_progress_share (progress, &share, 0.2, 1, NULL);
  return balanced && tsr_transform (balanced, mapped->y, first, balanced + first * axes,
                                    fresh->count, axes, options, fresh->y, &part, error);
}

/* How many of each new tile's nearest in W are near on the map too. */
static bool
count_kept (const Set *mapped, const Set *fresh, uint32_t d, size_t k, uint8_t *kept,
            const TsrProgress *progress, GError **error)
{
  g_autofree uint32_t *near_w = g_new (uint32_t, fresh->count * k), *near_map = g_new (uint32_t, k);
  g_autofree float *distance = g_new (float, fresh->count *k);
  if (!tsr_distance_block_nearest (fresh->w, fresh->count, mapped->w, mapped->count, d, k, near_w,
                                   distance, progress, error))
    return false;
  float inverse = 1 / tsr_vectors_scale (mapped->w, mapped->count, d);
  TsrPlane *plane = tsr_plane_new (mapped->y, mapped->count);
  for (uint32_t i = 0; i < fresh->count; i++) {
    const float *at = fresh->y + 2 * (size_t)i;
    tsr_plane_nearest (plane, at[0], at[1], UINT32_MAX, k, near_map, distance);
    kept[fresh->tile[i]] = (uint8_t)tsr_trust_kept (fresh->w + (size_t)i * d, mapped->w, d, inverse,
                                                    near_w + (size_t)i * k, near_map, k);
  }
  tsr_plane_free (plane);
  return true;
}

bool
tsr_place_new_tiles (const float *w, uint32_t n, uint32_t d, double balance,
                     const TsrTransformOptions *options, float *y, uint8_t *kept, size_t k,
                     uint32_t *placed, const TsrProgress *progress, GError **error)
{
  g_auto (Set) mapped = {0}, fresh = {0};
  TsrProgressShare share;
  TsrProgress part = tsr_progress_share (progress, &share, 0, kept ? 0.7 : 1, NULL);
  if (placed)
    *placed = 0;
  gather (&mapped, w, n, d, y, true);
  gather (&fresh, w, n, d, y, false);
  if (mapped.count == 0 || fresh.count == 0)
    return true;
  bool ok = balance > 0 ? transform_balanced (&mapped, &fresh, d, balance, options, &part, error)
                        : tsr_transform (mapped.w, mapped.y, mapped.count, fresh.w, fresh.count, d,
                                         options, fresh.y, &part, error);
  for (uint32_t i = 0; ok && kept && i < fresh.count; i++)
    kept[fresh.tile[i]] = TSR_TRUST_UNKNOWN;
  part = tsr_progress_share (progress, &share, 0.7, 1, TSR_STAGE ("Placing new tiles"));
  if (!ok || (kept && k > 0 && k <= mapped.count &&
              !count_kept (&mapped, &fresh, d, k, kept, &part, error)))
    return false;
  for (uint32_t i = 0; i < fresh.count; i++)
    memcpy (y + 2 * (size_t)fresh.tile[i], fresh.y + 2 * (size_t)i, 2 * sizeof *y);
  if (placed)
    *placed = fresh.count;
  return true;
}
