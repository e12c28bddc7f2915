#include "tsr-slide-counts.h"

enum { FINEST = 4 }; /* steps in a tile's side; finer ones are no grid but places taken at will */

/* Where the tiles of one size on one slide lie, as an earlier cut left them. */
typedef struct {
  int32_t slide, width, height; /* the key */
  int64_t x, y;                 /* of the first */
  int64_t step_x, step_y;  /* what all distances from there are multiples of; 0: there are none */
  uint32_t overlaps, hits; /* neighbours in a row that overlap, and those one step apart */
} Grid;

static guint
grid_hash (gconstpointer key)
{
  const Grid *grid = key;
  return (guint)grid->slide * 31 + (guint)grid->width * 8191 + (guint)grid->height;
}

static gboolean
grid_equal (gconstpointer one, gconstpointer other)
{
  const Grid *a = one, *b = other;
  return a->slide == b->slide && a->width == b->width && a->height == b->height;
}

static int64_t
common_divisor (int64_t a, int64_t b)
{
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return ABS (a);
}

/* By slide, size and row, from left to right. */
static int
compare_places (gconstpointer one, gconstpointer other, gpointer data)
{
  const TsrTileRegion *regions = data, *a = &regions[*(const uint32_t *)one],
                      *b = &regions[*(const uint32_t *)other];
  const int64_t keys[][2] = {{a->slide, b->slide},
                             {a->width, b->width},
                             {a->height, b->height},
                             {a->y, b->y},
                             {a->x, b->x}};
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i][0] != keys[i][1])
      return keys[i][0] < keys[i][1] ? -1 : 1;
  return 0;
}

/* Of two grids over each other few neighbours are one step of both apart. */
static void
count_neighbours (GHashTable *grids, const TsrTileRegion *regions, uint32_t n)
{
  g_autofree uint32_t *order = g_new (uint32_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int)n, sizeof *order, compare_places, (gpointer)regions);
  for (uint32_t i = 1; i < n; i++) {
    const TsrTileRegion *left = &regions[order[i - 1]], *right = &regions[order[i]];
    Grid key = {right->slide, right->width, right->height, 0, 0, 0, 0, 0, 0};
    Grid *grid = g_hash_table_lookup (grids, &key);
    int64_t gap = right->x - left->x;
    if (!grid || left->slide != right->slide || left->width != right->width ||
        left->height != right->height || left->y != right->y || gap >= right->width)
      continue;
    grid->overlaps++;
    grid->hits += gap == grid->step_x;
  }
}

static GHashTable *
find_grids (const TsrTileRegion *regions, uint32_t n)
{
  GHashTable *grids = g_hash_table_new_full (grid_hash, grid_equal, g_free, NULL);
  for (uint32_t tile = 0; tile < n; tile++) {
    const TsrTileRegion *region = &regions[tile];
    if (region->slide < 0)
      continue;
    Grid key = {region->slide, region->width, region->height, region->x, region->y, 0, 0, 0, 0};
    Grid *grid = g_hash_table_lookup (grids, &key);
    if (!grid)
      g_hash_table_add (grids, grid = g_memdup2 (&key, sizeof key));
    grid->step_x = common_divisor (grid->step_x, region->x - grid->x);
    grid->step_y = common_divisor (grid->step_y, region->y - grid->y);
  }
  count_neighbours (grids, regions, n);
  return grids;
}

/* What of a tile's side is its own, where its neighbours are a step away. */
static double
own (int32_t side, int64_t step)
{
  return step > 0 && step < side && step * FINEST >= side ? (double)step : side;
}

/* In square millimetres. */
static double
area (const TsrProjectSlide *slide, const TsrTileRegion *region, GHashTable *grids)
{
  Grid key = {region->slide, region->width, region->height, 0, 0, 0, 0, 0, 0};
  const Grid *grid = g_hash_table_lookup (grids, &key);
  bool regular = 2 * grid->hits >= grid->overlaps;
  double width = own (region->width, regular ? grid->step_x : 0),
         height = own (region->height, regular ? grid->step_y : 0);
  if (region->width == slide->side && region->height == slide->side && slide->step > 0 &&
      slide->step < slide->side)
    width = height = slide->step;
  return width * height * slide->mpp * slide->mpp * 1e-6;
}

static TsrSlideCount *
count_of (TsrSlideCounts *self, const TsrTable *table, int32_t slide, uint32_t tile)
{
  size_t row = (size_t)slide * self->n_classes;
  if (table->excluded[tile] || table->label[tile] == TSR_LABEL_UNSURE)
    return &self->other[slide];
  if (table->label[tile] >= 0)
    return &self->labelled[row + (size_t)table->label[tile]];
  int32_t class_ = table->prediction ? table->prediction[tile].class_id : -1;
  return class_ >= 0 ? &self->predicted[row + (size_t)class_] : &self->other[slide];
}

TsrSlideCounts *
tsr_slide_counts_new (const TsrTable *table, const GPtrArray *slides, const TsrTileRegion *regions)
{
  TsrSlideCounts *self = g_new0 (TsrSlideCounts, 1);
  g_autoptr (GHashTable) grids = find_grids (regions, table->n);
  self->n_slides = slides->len;
  self->n_classes = table->n_classes;
  self->labelled = g_new0 (TsrSlideCount, (size_t)slides->len * table->n_classes + 1);
  self->predicted = g_new0 (TsrSlideCount, (size_t)slides->len * table->n_classes + 1);
  self->other = g_new0 (TsrSlideCount, (size_t)slides->len + 1);
  for (uint32_t tile = 0; tile < table->n; tile++) {
    int32_t slide = regions[tile].slide;
    if (slide < 0 || slide >= (int32_t)slides->len)
      continue;
    TsrSlideCount *count = count_of (self, table, slide, tile);
    count->tiles++;
    count->mm2 += area (slides->pdata[slide], &regions[tile], grids);
  }
  return self;
}

TsrSlideCounts *
tsr_slide_counts_read (const TsrTable *table, TsrProject *project, GPtrArray **slides,
                       GError **error)
{
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)table->n + 1);
  *slides = tsr_project_slides (project, error);
  if (!*slides)
    return NULL;
  if (tsr_project_regions (project, regions, error))
    return tsr_slide_counts_new (table, *slides, regions);
  g_clear_pointer (slides, g_ptr_array_unref);
  return NULL;
}

TsrSlideCount
tsr_slide_counts_all (const TsrSlideCounts *self, guint slide)
{
  TsrSlideCount all = self->other[slide];
  for (uint32_t c = 0; c < self->n_classes; c++) {
    size_t at = (size_t)slide * self->n_classes + c;
    all.tiles += self->labelled[at].tiles + self->predicted[at].tiles;
    all.mm2 += self->labelled[at].mm2 + self->predicted[at].mm2;
  }
  return all;
}

void
tsr_slide_counts_free (TsrSlideCounts *self)
{
  if (!self)
    return;
  g_free (self->labelled);
  g_free (self->predicted);
  g_free (self->other);
  g_free (self);
}
