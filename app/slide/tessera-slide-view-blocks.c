/* TesseraSlideView's pixels: which blocks are wanted and in which order, those that are kept, and
 * how they are drawn, with coarser ones where the right ones are still missing. */

#include "tessera-slide-view-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT ((gsize)256 << 20)
#define LEAST_LIMIT                                                                                \
  (32 * TESSERA_SLIDE_BLOCK_BYTES)       /* half for what is in sight, and the overview */
#define INSET_SIDE   180                 /* logical pixels of the overview */
#define CHEAP        ((double)(1 << 26)) /* pixels of the file: an overview of more comes last */
#define COARSE_STEPS 2                   /* how much coarser the first pixels of a new place are */
#define BLOCK        TESSERA_SLIDE_BLOCK

/* A block that is kept. */
typedef struct {
  gint64 id; /* of the key; the table's, so it stays first */
  TesseraSlideKey key;
  cairo_surface_t *image; /* RGB24 */
  GdkTexture *texture;    /* of image, made when first needed */
  guint64 used;           /* when it was last in sight */
  guint drawn;            /* in which node */
} Kept;

/* Blocks of one zoom: columns [left, right), rows [top, bottom). */
typedef struct {
  int zoom, left, top, right, bottom;
} Range;

struct TesseraSlideBlocks {
  TesseraSlideView *view;
  TesseraSlideLoader *loader; /* NULL without a slide */
  GHashTable *table;          /* Kept */
  gsize limit;
  guint64 now;
  Range sight, inset;
  guint n_damaged, version, node_version;
  GskRenderNode *node;
  TesseraMapCamera node_camera;
  int node_width, node_height;
  double node_ratio;
  guint turn;
};

/* ---- keeping ---- */

static gint64
id_of (int zoom, int column, int row)
{
  return (gint64)zoom << 56 | (gint64)row << 28 | column;
}

static Kept *
find (TesseraSlideBlocks *self, int zoom, int column, int row)
{
  gint64 id = id_of (zoom, column, row);
  return g_hash_table_lookup (self->table, &id);
}

static void
kept_free (gpointer data)
{
  Kept *kept = data;
  cairo_surface_destroy (kept->image);
  g_clear_object (&kept->texture);
  g_free (kept);
}

static gsize
bytes_of (TesseraSlideBlocks *self)
{
  return g_hash_table_size (self->table) * TESSERA_SLIDE_BLOCK_BYTES;
}

static bool
is_in (const Range *range, const TesseraSlideKey *key)
{
  return range->zoom == key->zoom && key->column >= range->left && key->column < range->right &&
         key->row >= range->top && key->row < range->bottom;
}

/* Drops what was out of use for longest; what is in sight stays. */
static void
shrink (TesseraSlideBlocks *self)
{
  while (bytes_of (self) > self->limit) {
    GHashTableIter iter;
    gpointer value;
    Kept *oldest = NULL;
    g_hash_table_iter_init (&iter, self->table);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
      Kept *kept = value;
      if ((!oldest || kept->used < oldest->used) && !is_in (&self->sight, &kept->key) &&
          !(self->view->show_overview && is_in (&self->inset, &kept->key)))
        oldest = kept;
    }
    if (!oldest)
      return;
    g_hash_table_remove (self->table, oldest);
  }
}

static void
block_done (TesseraSlideBlock *block, gpointer user)
{
  TesseraSlideBlocks *self = user;
  TesseraSlideView *view = self->view;
  g_autofree char *damage = NULL;
  Kept *kept = g_new0 (Kept, 1);
  kept->key = block->key;
  kept->id = id_of (block->key.zoom, block->key.column, block->key.row);
  kept->used = self->now;
  kept->image = cairo_image_surface_create_for_data ((guchar *)block->pixels, CAIRO_FORMAT_RGB24,
                                                     BLOCK, BLOCK, BLOCK * (int)sizeof (guint32));
  static const cairo_user_data_key_t pixels;
  cairo_surface_set_user_data (kept->image, &pixels, g_steal_pointer (&block->pixels), g_free);
  if (block->damage && self->n_damaged++ == 0)
    damage = g_strdup (block->damage);
  tessera_slide_block_free (block);
  g_hash_table_replace (self->table, kept, kept);
  self->version++;
  shrink (self);
  gtk_widget_queue_draw (GTK_WIDGET (view));
  if (damage)
    tessera_slide_view_emit_damaged (view, damage);
}

TesseraSlideBlocks *
tessera_slide_blocks_new (TesseraSlideView *view)
{
  TesseraSlideBlocks *self = g_new0 (TesseraSlideBlocks, 1);
  self->view = view;
  self->limit = LIMIT;
  self->table = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, kept_free);
  return self;
}

void
tessera_slide_blocks_restart (TesseraSlideBlocks *self)
{
  g_clear_pointer (&self->loader, tessera_slide_loader_free);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_hash_table_remove_all (self->table);
  self->sight = self->inset = (Range){0};
  self->n_damaged = 0;
  self->version++;
  if (self->view->slide)
    self->loader = tessera_slide_loader_new (self->view->slide, block_done, self);
}

void
tessera_slide_blocks_free (TesseraSlideBlocks *self)
{
  g_clear_pointer (&self->loader, tessera_slide_loader_free);
  g_clear_pointer (&self->node, gsk_render_node_unref);
  g_hash_table_unref (self->table);
  g_free (self);
}

void
tessera_slide_blocks_set_limit (TesseraSlideBlocks *self, gsize bytes)
{
  self->limit = MAX (bytes, LEAST_LIMIT);
  tessera_slide_blocks_want (self);
  shrink (self);
}

/* ---- wanting ---- */

/* Blocks of a zoom that have a part of [x0,x1) x [y0,y1), pixels of level 0, on the slide. */
static Range
range_of (TesseraSlideBlocks *self, int zoom, double x0, double y0, double x1, double y1)
{
  double width, height, side = ldexp (BLOCK, zoom);
  tessera_slide_view_extent (self->view, &width, &height);
  return (Range){zoom, (int)floor (MAX (x0, 0) / side), (int)floor (MAX (y0, 0) / side),
                 (int)ceil (CLAMP (x1, 0, width) / side), (int)ceil (CLAMP (y1, 0, height) / side)};
}

static guint
count_of (Range range)
{
  return (guint)(MAX (range.right - range.left, 0) * MAX (range.bottom - range.top, 0));
}

static Range
range_in_sight (TesseraSlideBlocks *self, int zoom)
{
  GtkWidget *widget = GTK_WIDGET (self->view);
  const TesseraMapCamera *camera = &self->view->state->camera;
  double half_w = gtk_widget_get_width (widget) / 2.0 / camera->scale,
         half_h = gtk_widget_get_height (widget) / 2.0 / camera->scale;
  return range_of (self, zoom, camera->x - half_w, camera->y - half_h, camera->x + half_w,
                   camera->y + half_h);
}

typedef struct {
  TesseraSlideKey key;
  double far;
} Want;

/* What is wanted, range after range. */
typedef struct {
  GArray *keys;
  Range ranges[5];
  guint n_ranges;
} Wish;

static bool
is_asked_for (const Wish *wish, const TesseraSlideKey *key)
{
  for (guint i = 0; i < wish->n_ranges; i++)
    if (is_in (&wish->ranges[i], key))
      return true;
  return false;
}

static int
by_distance (gconstpointer a, gconstpointer b)
{
  double one = ((const Want *)a)->far, other = ((const Want *)b)->far;
  return (one > other) - (one < other);
}

/* Adds the range's blocks that are not there, nearest to the middle of the view first; those that
 * are there stay. */
static void
add_range (TesseraSlideBlocks *self, Wish *wish, Range range)
{
  const TesseraMapCamera *camera = &self->view->state->camera;
  double side = ldexp (BLOCK, range.zoom);
  g_autoptr (GArray) wants = g_array_new (FALSE, FALSE, sizeof (Want));
  for (int row = range.top; row < range.bottom; row++)
    for (int column = range.left; column < range.right; column++) {
      Kept *kept = find (self, range.zoom, column, row);
      Want want = {{range.zoom, column, row},
                   hypot ((column + 0.5) * side - camera->x, (row + 0.5) * side - camera->y)};
      if (kept)
        kept->used = self->now;
      else if (!is_asked_for (wish, &want.key))
        g_array_append_val (wants, want);
    }
  g_array_sort (wants, by_distance);
  for (guint i = 0; i < wants->len; i++)
    g_array_append_val (wish->keys, g_array_index (wants, Want, i).key);
  wish->ranges[wish->n_ranges++] = range;
}

/* How many pixels of the file all of the slide has at a zoom. */
static double
cost_of (TesseraSlideBlocks *self, int zoom)
{
  const TsrSlideInfo *info = tsr_slide_info (self->view->slide);
  const TsrSlideLevel *level =
      &info->levels[tsr_slide_level_for (self->view->slide, ldexp (1, zoom))];
  return (double)level->width * (double)level->height;
}

/* Whether the file has a coarser level for a coarser zoom. */
static bool
is_cheaper (TesseraSlideBlocks *self, int zoom, int than)
{
  return tsr_slide_level_for (self->view->slide, ldexp (1, zoom)) !=
         tsr_slide_level_for (self->view->slide, ldexp (1, than));
}

void
tessera_slide_blocks_want (TesseraSlideBlocks *self)
{
  TesseraSlideView *view = self->view;
  if (!self->loader || !(view->state->camera.scale > 0))
    return;
  const TsrSlideInfo *info = tsr_slide_info (view->slide);
  int coarsest = tessera_slide_coarsest (info);
  double ratio = tessera_canvas_ratio (TESSERA_CANVAS (view)), width, height;
  tessera_slide_view_extent (view, &width, &height);
  self->now++;
  int zoom = tessera_slide_zoom_for (info, view->state->camera.scale * ratio);
  for (self->sight = range_in_sight (self, zoom);
       zoom < coarsest && count_of (self->sight) * TESSERA_SLIDE_BLOCK_BYTES > self->limit / 2;)
    self->sight = range_in_sight (self, ++zoom);
  int small = tessera_slide_zoom_for (info, INSET_SIDE * ratio / MAX (width, height));
  self->inset = range_of (self, small, 0, 0, width, height);

  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (TesseraSlideKey));
  Wish wish = {.keys = keys};
  if (cost_of (self, coarsest) <= CHEAP)
    add_range (self, &wish, range_of (self, coarsest, 0, 0, width, height));
  if (zoom + COARSE_STEPS < coarsest && is_cheaper (self, zoom + COARSE_STEPS, zoom))
    add_range (self, &wish, range_in_sight (self, zoom + COARSE_STEPS));
  add_range (self, &wish, self->sight);
  if (view->show_overview)
    add_range (self, &wish, self->inset);
  Range around = {zoom, MAX (self->sight.left - 1, 0), MAX (self->sight.top - 1, 0),
                  MIN (self->sight.right + 1, (int)ceil (width / ldexp (BLOCK, zoom))),
                  MIN (self->sight.bottom + 1, (int)ceil (height / ldexp (BLOCK, zoom)))};
  if (count_of (around) * TESSERA_SLIDE_BLOCK_BYTES <= self->limit / 2)
    add_range (self, &wish, around);
  tessera_slide_loader_want (self->loader, (TesseraSlideKey *)(void *)keys->data, keys->len);
}

static guint
count_there (TesseraSlideBlocks *self, Range range)
{
  guint n = 0;
  for (int row = range.top; row < range.bottom; row++)
    for (int column = range.left; column < range.right; column++)
      n += find (self, range.zoom, column, row) != NULL;
  return n;
}

gboolean
tessera_slide_blocks_are_complete (TesseraSlideBlocks *self)
{
  return !self->loader || (count_there (self, self->sight) == count_of (self->sight) &&
                           (!self->view->show_overview ||
                            count_there (self, self->inset) == count_of (self->inset)));
}

void
tessera_slide_blocks_state (TesseraSlideBlocks *self, TesseraSlideState *state)
{
  state->wanted = count_of (self->sight);
  state->there = count_there (self, self->sight);
  state->zoom = self->sight.zoom;
  state->bytes = bytes_of (self);
  state->decoded = self->loader ? tessera_slide_loader_n_decoded (self->loader) : 0;
  state->damaged = self->n_damaged;
}

/* ---- drawing ---- */

/* From the slide to the screen: `scale` logical pixels a pixel of level 0, its corner at (x, y). */
typedef struct {
  double x, y, scale, ratio;
  graphene_rect_t clip;
} Placing;

/* Blocks meet on whole pixels of the screen, so that no line is seen between them. */
static double
snapped (double at, double ratio)
{
  return floor (at * ratio + 0.5) / ratio;
}

static void
append_block (TesseraSlideBlocks *self, GtkSnapshot *snapshot, const Placing *placing, Kept *kept)
{
  double side = ldexp (BLOCK, kept->key.zoom);
  double x0 = snapped (placing->x + kept->key.column * side * placing->scale, placing->ratio),
         y0 = snapped (placing->y + kept->key.row * side * placing->scale, placing->ratio),
         x1 = snapped (placing->x + (kept->key.column + 1) * side * placing->scale, placing->ratio),
         y1 = snapped (placing->y + (kept->key.row + 1) * side * placing->scale, placing->ratio);
  if (!(x1 > x0) || !(y1 > y0))
    return;
  kept->used = self->now;
  bool sharp = fabs ((x1 - x0) * placing->ratio - BLOCK) < 0.5;
  tessera_slide_view_append_image (
      self->view, snapshot, kept->image, &kept->texture,
      &GRAPHENE_RECT_INIT ((float)x0, (float)y0, (float)(x1 - x0), (float)(y1 - y0)),
      &placing->clip, sharp);
}

static int
coarsest_first (gconstpointer a, gconstpointer b)
{
  return (*(Kept *const *)b)->key.zoom - (*(Kept *const *)a)->key.zoom;
}

static void
add_once (TesseraSlideBlocks *self, GPtrArray *list, Kept *kept)
{
  if (!kept || kept->drawn == self->turn)
    return;
  kept->drawn = self->turn;
  g_ptr_array_add (list, kept);
}

/* All blocks that make up a range: its own, where one is missing the nearest coarser one and, over
 * it, finer ones that are left from before. In the order in which they are to be drawn. */
static GPtrArray *
gather (TesseraSlideBlocks *self, Range range)
{
  int coarsest = tessera_slide_coarsest (tsr_slide_info (self->view->slide));
  GPtrArray *list = g_ptr_array_new ();
  self->turn++;
  for (int row = range.top; row < range.bottom; row++)
    for (int column = range.left; column < range.right; column++) {
      Kept *kept = find (self, range.zoom, column, row);
      if (kept) {
        add_once (self, list, kept);
        continue;
      }
      for (int up = 1; !kept && range.zoom + up <= coarsest; up++)
        kept = find (self, range.zoom + up, column >> up, row >> up);
      add_once (self, list, kept);
      for (int part = 0; range.zoom > 0 && part < 4; part++)
        add_once (self, list,
                  find (self, range.zoom - 1, 2 * column + part % 2, 2 * row + part / 2));
    }
  g_ptr_array_sort (list, coarsest_first);
  return list;
}

static void
draw (TesseraSlideBlocks *self, GtkSnapshot *snapshot, const Placing *placing, Range range)
{
  g_autoptr (GPtrArray) list = gather (self, range);
  gtk_snapshot_push_clip (snapshot, &placing->clip);
  for (guint i = 0; i < list->len; i++)
    append_block (self, snapshot, placing, g_ptr_array_index (list, i));
  gtk_snapshot_pop (snapshot);
}

/* The slide's rectangle on the screen, as far as it is within the widget. */
static bool
place_slide (TesseraSlideBlocks *self, Placing *placing)
{
  TesseraSlideView *view = self->view;
  double width = gtk_widget_get_width (GTK_WIDGET (view)),
         height = gtk_widget_get_height (GTK_WIDGET (view)), across, down;
  tessera_slide_view_extent (view, &across, &down);
  placing->ratio = tessera_canvas_ratio (TESSERA_CANVAS (view));
  placing->scale = view->state->camera.scale;
  placing->x = width / 2 - view->state->camera.x * view->state->camera.scale;
  placing->y = height / 2 - view->state->camera.y * view->state->camera.scale;
  double x0 = MAX (snapped (placing->x, placing->ratio), 0),
         y0 = MAX (snapped (placing->y, placing->ratio), 0);
  double x1 = MIN (snapped (placing->x + across * placing->scale, placing->ratio), width),
         y1 = MIN (snapped (placing->y + down * placing->scale, placing->ratio), height);
  if (!(x1 > x0) || !(y1 > y0))
    return false;
  graphene_rect_init (&placing->clip, (float)x0, (float)y0, (float)(x1 - x0), (float)(y1 - y0));
  return true;
}

/* The node stays while nothing has changed, so that GTK sees nothing to redraw. */
static bool
is_fresh (TesseraSlideBlocks *self)
{
  GtkWidget *widget = GTK_WIDGET (self->view);
  return self->node && self->node_version == self->version &&
         memcmp (&self->node_camera, &self->view->state->camera, sizeof self->node_camera) == 0 &&
         self->node_width == gtk_widget_get_width (widget) &&
         self->node_height == gtk_widget_get_height (widget) &&
         self->node_ratio == tessera_canvas_ratio (TESSERA_CANVAS (self->view));
}

void
tessera_slide_blocks_snapshot (TesseraSlideBlocks *self, GtkSnapshot *snapshot)
{
  static const GdkRGBA paper = {0.955f, 0.955f, 0.96f, 1}; /* until there are pixels */
  Placing placing;
  if (!self->loader || !place_slide (self, &placing))
    return;
  if (!is_fresh (self)) {
    GtkSnapshot *parts = gtk_snapshot_new ();
    if (count_there (self, self->sight) < count_of (self->sight))
      gtk_snapshot_append_color (parts, &paper, &placing.clip);
    draw (self, parts, &placing, self->sight);
    g_clear_pointer (&self->node, gsk_render_node_unref);
    self->node = gtk_snapshot_free_to_node (parts);
    self->node_version = self->version;
    self->node_camera = self->view->state->camera;
    self->node_width = gtk_widget_get_width (GTK_WIDGET (self->view));
    self->node_height = gtk_widget_get_height (GTK_WIDGET (self->view));
    self->node_ratio = placing.ratio;
  }
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
}

void
tessera_slide_blocks_snapshot_overview (TesseraSlideBlocks *self, GtkSnapshot *snapshot,
                                        const graphene_rect_t *rect)
{
  double width, height;
  tessera_slide_view_extent (self->view, &width, &height);
  if (!self->loader)
    return;
  Placing placing = {rect->origin.x, rect->origin.y, rect->size.width / width,
                     tessera_canvas_ratio (TESSERA_CANVAS (self->view)), *rect};
  draw (self, snapshot, &placing, self->inset);
}
