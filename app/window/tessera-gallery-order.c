#include "tessera-gallery-order.h"

#include "tsr-distance.h"
#include "tsr-parallel.h"
#include "tsr-told.h"

#include <math.h>
#include <string.h>

#define LAST UINT32_MAX
/* A float's key; floats that are not negative order like their bits. */
#define INFINITE 0x7f800000u

/* ---- sorting ---- */

/* Least significant digit first, three digits of 11 bits: a million tiles in some milliseconds. */
static void
sort_by_keys (uint32_t *tiles, uint32_t *keys, size_t n)
{
  enum { BITS = 11, DIGITS = 1 << BITS };
  g_autofree uint32_t *tiles_of = g_new (uint32_t, n + 1), *keys_of = g_new (uint32_t, n + 1);
  for (int shift = 0; shift < 32; shift += BITS) {
    size_t at[DIGITS + 1] = {0};
    for (size_t i = 0; i < n; i++)
      at[(keys[i] >> shift & (DIGITS - 1)) + 1]++;
    for (int digit = 0; digit < DIGITS; digit++)
      at[digit + 1] += at[digit];
    for (size_t i = 0; i < n; i++) {
      size_t to = at[keys[i] >> shift & (DIGITS - 1)]++;
      tiles_of[to] = tiles[i];
      keys_of[to] = keys[i];
    }
    memcpy (tiles, tiles_of, n * sizeof *tiles);
    memcpy (keys, keys_of, n * sizeof *keys);
  }
}

static uint32_t
float_key (float value)
{
  uint32_t bits;
  if (!(value >= 0))
    return INFINITE;
  memcpy (&bits, &value, sizeof bits);
  return MIN (bits & 0x7fffffffu, INFINITE); /* -0 is 0 */
}

/* An unlabelled tile's prediction, or NULL. */
static const TsrPrediction *
prediction_of (const TesseraSnapshot *s, uint32_t tile)
{
  if (s->predictions == NULL || s->label[tile] >= 0 || s->excluded[tile] ||
      s->predictions[tile].class_id < 0)
    return NULL;
  return &s->predictions[tile];
}

static uint32_t
margin_key (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrPrediction *p = prediction_of (s, tile);
  return p != NULL ? float_key (p->margin) : LAST;
}

static uint32_t
distance_key (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrPrediction *p = prediction_of (s, tile);
  return p != NULL ? INFINITE - float_key (p->distance) : LAST;
}

static uint32_t
class_key (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrPrediction *p = prediction_of (s, tile);
  int32_t id = s->excluded[tile]     ? TSR_LABEL_NONE
               : s->label[tile] >= 0 ? s->label[tile]
               : p != NULL           ? p->class_id
                                     : TSR_LABEL_NONE;
  for (uint32_t i = 0; i < s->n_classes; i++)
    if (s->classes[i] == id)
      return 2 * i + (p != NULL);
  return LAST;
}

static const TsrTileRegion *
region_of (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrTileRegion *regions = s->contents->regions;
  return regions != NULL && regions[tile].slide >= 0 ? &regions[tile] : NULL;
}

/* Places may be negative: a grid may begin beside its slide. */
static uint32_t
whole_key (int64_t value)
{
  return (uint32_t)(CLAMP (value, INT32_MIN, INT32_MAX) + 0x80000000LL);
}

static uint32_t
x_key (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrTileRegion *r = region_of (s, tile);
  return r != NULL ? whole_key ((int64_t)r->x) : LAST;
}

static uint32_t
y_key (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrTileRegion *r = region_of (s, tile);
  return r != NULL ? whole_key ((int64_t)r->y) : LAST;
}

static uint32_t
slide_key (const TesseraSnapshot *s, uint32_t tile)
{
  const TsrTileRegion *r = region_of (s, tile);
  return r != NULL ? (uint32_t)r->slide : LAST;
}

typedef struct {
  const TesseraSnapshot *snapshot;
  GCancellable *cancellable;
  const float *from; /* [w_dim] */
  uint32_t *tiles, *keys;
  size_t n;
} Sorting;

static void
sort_by (Sorting *sorting, uint32_t (*key) (const TesseraSnapshot *, uint32_t))
{
  if (g_cancellable_is_cancelled (sorting->cancellable))
    return;
  for (size_t i = 0; i < sorting->n; i++)
    sorting->keys[i] = key (sorting->snapshot, sorting->tiles[i]);
  sort_by_keys (sorting->tiles, sorting->keys, sorting->n);
}

static void
like_range (size_t begin, size_t end, unsigned worker, void *data)
{
  Sorting *sorting = data;
  const TesseraContents *contents = sorting->snapshot->contents;
  float squared[256];
  if (g_cancellable_is_cancelled (sorting->cancellable))
    return;
  tsr_distances_of (contents->w, contents->w_dim, sorting->tiles + begin, end - begin,
                    sorting->from, squared);
  for (size_t i = begin; i < end; i++)
    sorting->keys[i] = isnan (squared[i - begin]) ? LAST : float_key (squared[i - begin]);
}

static void
sort_by_example (Sorting *sorting)
{
  tsr_parallel_for (sorting->n, 256, like_range, sorting);
  sort_by_keys (sorting->tiles, sorting->keys, sorting->n);
}

static void
sort (Sorting *sorting, TesseraSort by)
{
  switch (by) {
  case TESSERA_SORT_MARGIN:
    sort_by (sorting, margin_key);
    break;
  case TESSERA_SORT_DISTANCE:
    sort_by (sorting, distance_key);
    break;
  case TESSERA_SORT_LIKE:
    if (sorting->from != NULL)
      sort_by_example (sorting);
    break;
  case TESSERA_SORT_CLASS:
    sort_by (sorting, margin_key);
    sort_by (sorting, class_key);
    break;
  case TESSERA_SORT_SLIDE:
    sort_by (sorting, x_key);
    sort_by (sorting, y_key);
    sort_by (sorting, slide_key);
    break;
  default:
    break;
  }
}

/* ---- filtering ---- */

/* What is found out only for those who ask. */
typedef struct {
  int32_t *told;   /* [n] class ids; NULL: not asked */
  int32_t *by;     /* [n] into names; NULL: not asked */
  uint8_t *how;    /* [n] */
  int32_t wanted;  /* of by */
  uint8_t *hidden; /* [n_ids] */
  int32_t n_ids;
} Facts;

static void
facts_clear (Facts *facts)
{
  g_free (facts->told);
  g_free (facts->by);
  g_free (facts->how);
  g_free (facts->hidden);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Facts, facts_clear)

static bool
find_origins (Facts *facts, const TesseraSnapshot *s, const char *annotator, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (s->path, TSR_PROJECT_READ_ONLY, error);
  if (project == NULL)
    return false;
  size_t n = MAX (s->contents->n, tsr_project_n_tiles (project));
  facts->by = g_new (int32_t, n + 1);
  facts->how = g_new (uint8_t, n + 1);
  for (size_t i = 0; i < n; i++)
    facts->by[i] = -1;
  g_auto (GStrv) names = tsr_project_label_origins (project, facts->by, facts->how, error);
  facts->wanted = -1;
  for (int32_t i = 0; names != NULL && names[i] != NULL; i++)
    if (g_strcmp0 (names[i], annotator) == 0)
      facts->wanted = i;
  return names != NULL;
}

/* The rules count classes from 0. */
static bool
find_told (Facts *facts, const TesseraSnapshot *s, GCancellable *cancellable, GError **error)
{
  const TesseraContents *contents = s->contents;
  bool in_w = tsr_rule_needs_w (s->rule);
  const float *points = in_w ? contents->w : contents->map;
  size_t n = contents->n, d = in_w ? contents->w_dim : 2;
  facts->told = g_new (int32_t, n + 1);
  for (size_t i = 0; i < n; i++)
    facts->told[i] = TSR_NO_CLASS;
  if (points == NULL)
    return true;
  g_autofree int32_t *label = g_new (int32_t, n + 1);
  g_autofree uint8_t *blocked = g_new (uint8_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    blocked[i] = s->excluded[i] || isnan (points[i * d]);
    label[i] = TSR_NO_CLASS;
    for (uint32_t c = 0; s->label[i] >= 0 && c < s->n_classes; c++)
      if (s->classes[c] == s->label[i])
        label[i] = (int32_t)c;
  }
  TsrProgress progress = {.cancellable = cancellable};
  if (!tsr_told (s->rule, points, n, d, blocked, label, MAX (1, s->n_classes), facts->told,
                 &progress, error))
    return false;
  for (size_t i = 0; i < n; i++)
    if (facts->told[i] >= 0)
      facts->told[i] = s->classes[facts->told[i]];
  return true;
}

static void
mark_hidden (Facts *facts, const TesseraGalleryQuery *query)
{
  for (size_t i = 0; i < query->n_hidden; i++)
    facts->n_ids = MAX (facts->n_ids, query->hidden[i] + 1);
  facts->hidden = g_new0 (uint8_t, (size_t)facts->n_ids + 1);
  for (size_t i = 0; i < query->n_hidden; i++)
    if (query->hidden[i] >= 0)
      facts->hidden[query->hidden[i]] = 1;
}

static bool
find_facts (Facts *facts, const TesseraSnapshot *s, const TesseraGalleryQuery *query,
            GCancellable *cancellable, GError **error)
{
  mark_hidden (facts, query);
  return (!(query->annotator != NULL || query->how >= 0) ||
          find_origins (facts, s, query->annotator, error)) &&
         (!query->discordant || find_told (facts, s, cancellable, error));
}

static bool
passes_origin (const Facts *facts, const TesseraGalleryQuery *query, uint32_t tile)
{
  return facts->by == NULL ||
         (facts->by[tile] >= 0 && (query->how < 0 || facts->how[tile] == query->how) &&
          (query->annotator == NULL || facts->by[tile] == facts->wanted));
}

static bool
passes_show (const TesseraSnapshot *s, const Facts *facts, const TesseraGalleryQuery *query,
             uint32_t tile)
{
  int32_t label = s->label[tile];
  int32_t truth = s->contents->truth != NULL ? s->contents->truth[tile] : -1;
  TesseraShowTile shown = {
      .label = label,
      .excluded = s->excluded[tile],
      .prediction = s->predictions != NULL ? &s->predictions[tile] : NULL,
      .has_truth = truth >= 0,
      .truth_class =
          truth >= 0 && s->truth_classes != NULL ? s->truth_classes[truth] : TSR_LABEL_NONE,
  };
  const TsrPrediction *p = prediction_of (s, tile);
  int32_t id = label >= 0 ? label : p != NULL ? p->class_id : TSR_LABEL_NONE;
  return tessera_show_passes (query->show, &shown) &&
         (id < 0 || id >= facts->n_ids || !facts->hidden[id]);
}

static bool
passes (const TesseraSnapshot *s, const Facts *facts, const TesseraGalleryQuery *query,
        uint32_t tile)
{
  const TsrPrediction *p = prediction_of (s, tile);
  const TsrTileRegion *region = region_of (s, tile);
  int32_t label = s->label[tile];
  return passes_show (s, facts, query, tile) &&
         (query->predicted == TSR_LABEL_NONE || (p != NULL && p->class_id == query->predicted)) &&
         (query->labelled == TSR_LABEL_NONE || label == query->labelled) &&
         (!(query->below > 0) || (p != NULL && p->margin < query->below)) &&
         (query->slide < 0 || (region != NULL && region->slide == query->slide)) &&
         passes_origin (facts, query, tile) &&
         (facts->told == NULL ||
          (label >= 0 && facts->told[tile] >= 0 && facts->told[tile] != label));
}

/* ---- both ---- */

static void
note_places (TesseraGalleryOrder *order)
{
  memset (order->at, 0xff, (size_t)order->n_all * sizeof *order->at);
  for (uint32_t i = 0; i < order->n; i++)
    order->at[order->tiles[i]] = i;
}

TesseraGalleryOrder *
tessera_gallery_order_make (const TesseraSnapshot *snapshot, const TesseraGalleryQuery *query,
                            GCancellable *cancellable, GError **error)
{
  const TesseraContents *contents = snapshot->contents;
  g_auto (Facts) facts = {0};
  if (!find_facts (&facts, snapshot, query, cancellable, error))
    return NULL;
  g_autoptr (TesseraGalleryOrder) order = g_new0 (TesseraGalleryOrder, 1);
  g_atomic_ref_count_init (&order->refs);
  order->n_all = contents->n;
  order->tiles = g_new (uint32_t, (size_t)contents->n + 1);
  order->at = g_new (uint32_t, (size_t)contents->n + 1);
  for (uint32_t i = 0; i < contents->n; i++)
    if (passes (snapshot, &facts, query, i))
      order->tiles[order->n++] = i;

  g_autofree float *from = g_new (float, (size_t)contents->w_dim + 1);
  bool wanted = query->sort == TESSERA_SORT_LIKE;
  bool located =
      wanted && query->example != NULL && tessera_example_locate (query->example, contents, from);
  g_autofree uint32_t *keys = g_new (uint32_t, (size_t)order->n + 1);
  Sorting sorting = {snapshot, cancellable, located ? from : NULL, order->tiles, keys, order->n};
  sort (&sorting, query->sort);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  order->located = located || !wanted;
  note_places (order);
  return g_steal_pointer (&order);
}

TesseraGalleryOrder *
tessera_gallery_order_ref (TesseraGalleryOrder *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tessera_gallery_order_unref (TesseraGalleryOrder *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->tiles);
  g_free (self->at);
  g_free (self);
}
