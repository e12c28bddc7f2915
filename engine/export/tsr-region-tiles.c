#include "tsr-region-tiles.h"

#include "tsr-export-geojson.h"

#include <math.h>
#include <string.h>

#define EVERY 64 /* boxes between two looks at the progress */

TsrBox
tsr_slide_tile_box (const TsrSlideTile *tile)
{
  return (TsrBox){(double)tile->x, (double)tile->y, tile->side, tile->side};
}

bool
tsr_region_tells_of_tile (const TsrRegion *region)
{
  const char *name = region->name ? region->name : "";
  double x, y, width, height;
  return !region->class_name &&
         (strcmp (name, TSR_GEOJSON_UNSURE) == 0 || strcmp (name, TSR_GEOJSON_EXCLUDED) == 0 ||
          strcmp (name, TSR_GEOJSON_EXCLUDED_UNSURE) == 0 ||
          g_str_has_prefix (name, TSR_GEOJSON_EXCLUDED_OF)) &&
         tsr_outline_rectangle (region->outline, &x, &y, &width, &height);
}

/* The part of each box inside of the outline, at most 1 whatever rounding says. */
static bool
measure (const TsrOutline *outline, const TsrBox *boxes, size_t n, double *share,
         const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrOutlineIndex) index = tsr_outline_index_new (outline);
  for (size_t i = 0; i < n; i++) {
    const TsrBox *box = &boxes[i];
    if (i % EVERY == 0 && !tsr_progress_step (progress, (double)i / (double)n,
                                              TSR_STAGE ("Comparing with annotations"), error))
      return false;
    double whole = box->width * box->height,
           area = tsr_outline_overlap (index, box->x, box->y, box->width, box->height);
    share[i] = area > 0 && whole > 0 ? MIN (area / whole, 1) : 0;
  }
  return true;
}

bool
tsr_regions_share (const GPtrArray *regions, const TsrBox *boxes, size_t n, double *share,
                   const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrOutline) all = tsr_outline_new ();
  for (guint i = 0; i < regions->len; i++)
    tsr_outline_append (all, ((const TsrRegion *)regions->pdata[i])->outline);
  return measure (all, boxes, n, share, progress, error);
}

bool
tsr_regions_limit (const GPtrArray *regions, GArray *tiles, double least,
                   const TsrProgress *progress, GError **error)
{
  g_autofree TsrBox *boxes = g_new (TsrBox, (size_t)tiles->len + 1);
  g_autofree double *share = g_new (double, (size_t)tiles->len + 1);
  for (guint i = 0; i < tiles->len; i++)
    boxes[i] = tsr_slide_tile_box (&g_array_index (tiles, TsrSlideTile, i));
  if (!tsr_regions_share (regions, boxes, tiles->len, share, progress, error))
    return false;
  guint kept = 0;
  for (guint i = 0; i < tiles->len; i++)
    if (share[i] >= least - 1e-9)
      g_array_index (tiles, TsrSlideTile, kept++) = g_array_index (tiles, TsrSlideTile, i);
  g_array_set_size (tiles, kept);
  return true;
}

static void
class_free (void *data)
{
  TsrRegionClass *class_ = data;
  g_free (class_->name);
  g_free (class_);
}

void
tsr_region_labels_clear (TsrRegionLabels *labels)
{
  g_clear_pointer (&labels->classes, g_ptr_array_unref);
  g_clear_pointer (&labels->of_box, g_free);
  g_clear_pointer (&labels->excluded, g_free);
  g_clear_pointer (&labels->by, g_free);
}

/* ---- boxes by their rectangle ---- */

static guint
hash_box (gconstpointer key)
{
  const TsrBox *box = key;
  guint hash = 17;
  const double parts[4] = {box->x, box->y, box->width, box->height};
  for (int i = 0; i < 4; i++)
    hash = hash * 31 + g_double_hash (&parts[i]);
  return hash;
}

static gboolean
same_box (gconstpointer a, gconstpointer b)
{
  const TsrBox *p = a, *q = b;
  return p->x == q->x && p->y == q->y && p->width == q->width && p->height == q->height;
}

/* As tsr_export_geojson writes it: whole pixels. */
static TsrBox
rounded (const TsrBox *box)
{
  double x = round (box->x), y = round (box->y);
  return (TsrBox){x, y, round (box->x + box->width) - x, round (box->y + box->height) - y};
}

typedef struct {
  GHashTable *first; /* TsrBox -> index + 1 of the first box there */
  TsrBox *keys;
  uint32_t *next; /* [n]: index + 1 of the next box in the same place, 0: none */
} Places;

static void
places_init (Places *places, const TsrBox *boxes, size_t n)
{
  places->first = g_hash_table_new (hash_box, same_box);
  places->keys = g_new (TsrBox, n + 1);
  places->next = g_new (uint32_t, n + 1);
  for (size_t i = n; i-- > 0;) {
    places->keys[i] = rounded (&boxes[i]);
    places->next[i] = GPOINTER_TO_UINT (g_hash_table_lookup (places->first, &places->keys[i]));
    g_hash_table_replace (places->first, &places->keys[i], GUINT_TO_POINTER ((guint)i + 1));
  }
}

static void
places_clear (Places *places)
{
  g_hash_table_unref (places->first);
  g_free (places->keys);
  g_free (places->next);
}

/* ---- labels ---- */

typedef struct {
  TsrRegionLabels *labels;
  Places places;
  GHashTable *known;   /* name -> index + 1 */
  GPtrArray *outlines; /* TsrOutline of each class */
} Labeller;

static int32_t
class_named (Labeller *labeller, const char *name, int64_t rgb)
{
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (labeller->known, name));
  if (!known) {
    TsrRegionClass *class_ = g_new (TsrRegionClass, 1);
    *class_ = (TsrRegionClass){g_strdup (name), -1};
    g_ptr_array_add (labeller->labels->classes, class_);
    g_ptr_array_add (labeller->outlines, tsr_outline_new ());
    known = labeller->labels->classes->len;
    g_hash_table_insert (labeller->known, class_->name, GUINT_TO_POINTER (known));
  }
  TsrRegionClass *class_ = labeller->labels->classes->pdata[known - 1];
  if (class_->rgb < 0)
    class_->rgb = rgb;
  return (int32_t)known - 1;
}

/* What a region says about a tile that it is the rectangle of. */
typedef struct {
  int32_t label;
  bool excluded;
} Word;

static Word
word_of (Labeller *labeller, const TsrRegion *region)
{
  const char *name = region->name ? region->name : "";
  if (region->class_name)
    return (Word){class_named (labeller, region->class_name, region->rgb), false};
  if (strcmp (name, TSR_GEOJSON_UNSURE) == 0)
    return (Word){TSR_REGION_UNSURE, false};
  if (strcmp (name, TSR_GEOJSON_EXCLUDED_UNSURE) == 0)
    return (Word){TSR_REGION_UNSURE, true};
  if (g_str_has_prefix (name, TSR_GEOJSON_EXCLUDED_OF) && name[strlen (TSR_GEOJSON_EXCLUDED_OF)])
    return (Word){class_named (labeller, name + strlen (TSR_GEOJSON_EXCLUDED_OF), -1), true};
  return (Word){TSR_REGION_NONE, strcmp (name, TSR_GEOJSON_EXCLUDED) == 0};
}

/* Labels the boxes that region is the rectangle of; false if there are none. */
static bool
label_exactly (Labeller *labeller, const TsrRegion *region, Word word)
{
  TsrBox box;
  if (!tsr_outline_rectangle (region->outline, &box.x, &box.y, &box.width, &box.height))
    return false;
  uint32_t i = GPOINTER_TO_UINT (g_hash_table_lookup (labeller->places.first, &box));
  bool any = i > 0;
  for (; i > 0; i = labeller->places.next[i - 1]) {
    labeller->labels->of_box[i - 1] = word.label;
    labeller->labels->excluded[i - 1] = word.excluded;
    labeller->labels->by[i - 1] = region->annotator;
  }
  return any;
}

/* Gives the boxes that have no label yet the class that covers most of them. */
static bool
label_by_area (Labeller *labeller, const TsrBox *boxes, size_t n, double least,
               const TsrProgress *progress, GError **error)
{
  int32_t *of_box = labeller->labels->of_box;
  g_autofree double *best = g_new0 (double, n + 1), *share = g_new (double, n + 1);
  g_autofree int32_t *winner = g_new (int32_t, n + 1);
  memset (winner, 0xff, n * sizeof *winner);
  for (guint c = 0; c < labeller->outlines->len; c++) {
    TsrProgressShare part;
    TsrProgress step = tsr_progress_share (progress, &part, (double)c / labeller->outlines->len,
                                           (c + 1.0) / labeller->outlines->len, NULL);
    const TsrOutline *outline = labeller->outlines->pdata[c];
    if (outline->n_polygons == 0)
      continue;
    if (!measure (outline, boxes, n, share, &step, error))
      return false;
    for (size_t i = 0; i < n; i++)
      if (share[i] > best[i] + 1e-9) {
        best[i] = share[i];
        winner[i] = (int32_t)c;
      }
  }
  for (size_t i = 0; i < n; i++)
    if (of_box[i] == TSR_REGION_NONE && !labeller->labels->excluded[i] && winner[i] >= 0 &&
        best[i] >= least - 1e-9)
      of_box[i] = winner[i];
  return true;
}

bool
tsr_regions_label (const GPtrArray *regions, const TsrBox *boxes, size_t n, double least,
                   TsrRegionLabels *labels, const TsrProgress *progress, GError **error)
{
  *labels = (TsrRegionLabels){g_ptr_array_new_with_free_func (class_free), g_new (int32_t, n + 1),
                              g_new0 (uint8_t, n + 1), g_new0 (const char *, n + 1)};
  for (size_t i = 0; i < n; i++)
    labels->of_box[i] = TSR_REGION_NONE;
  Labeller labeller = {.labels = labels,
                       .known = g_hash_table_new (g_str_hash, g_str_equal),
                       .outlines =
                           g_ptr_array_new_with_free_func ((GDestroyNotify)tsr_outline_free)};
  places_init (&labeller.places, boxes, n);
  for (guint i = 0; i < regions->len; i++) {
    const TsrRegion *region = regions->pdata[i];
    Word word = word_of (&labeller, region);
    if ((word.label != TSR_REGION_NONE || word.excluded) &&
        !label_exactly (&labeller, region, word) && region->class_name &&
        !g_str_has_suffix (region->class_name, "*"))
      tsr_outline_append (labeller.outlines->pdata[word.label], region->outline);
  }
  bool ok = label_by_area (&labeller, boxes, n, least, progress, error);
  places_clear (&labeller.places);
  g_hash_table_unref (labeller.known);
  g_ptr_array_unref (labeller.outlines);
  return ok;
}
