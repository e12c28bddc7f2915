/* Tiles instead of points, where there is room for them, and the textures kept for that. Which
 * tiles are shown as pictures is worked out anew when the view moves: labelled and suggested ones
 * first, then in an order that depends on the tile's number only, so that dragging the map does not
 * shuffle them. */

#include "tessera-map-view-private.h"

#include "tsr-marker.h"

#include <math.h>

#define LEAST_EDGE    36.0 /* logical pixels: smaller pictures say nothing */
#define MOST_EDGE     120.0
#define MOST_POINTS   4000 /* more points in view than this: no pictures */
#define MOST_PICTURES 400
#define KEPT          1200 /* textures */
#define GAP           4.0
#define FRAMED        10.0 /* logical pixels about a picture: the current tile's frame */
#define MOST_FEW      4096 /* tiles; of more there is no picture in a map seen as a whole */

typedef struct {
  GdkTexture *texture; /* NULL: asked for, not there yet */
  guint64 used;
} Kept;

typedef struct {
  guint32 tile;
  guint32 rank;
  double x, y; /* pixels */
} Place;

struct TesseraMapTiles {
  GHashTable *kept; /* tile + 1 -> Kept */
  guint64 clock;
  GskRenderNode *node; /* of the pictures, while nothing changes */
  GArray *places;      /* Place, what is shown */
  GHashTable *placed;  /* tile + 1 */
  double edge;
  TesseraMapCamera camera;
  int width, height;
  bool fresh;
};

static void
kept_free (gpointer data)
{
  Kept *kept = data;
  g_clear_object (&kept->texture);
  g_free (kept);
}

TesseraMapTiles *
tessera_map_tiles_new (void)
{
  TesseraMapTiles *tiles = g_new0 (TesseraMapTiles, 1);
  tiles->kept = g_hash_table_new_full (NULL, NULL, NULL, kept_free);
  tiles->placed = g_hash_table_new (NULL, NULL);
  tiles->places = g_array_new (FALSE, FALSE, sizeof (Place));
  return tiles;
}

void
tessera_map_tiles_free (TesseraMapTiles *tiles)
{
  g_hash_table_unref (tiles->kept);
  g_hash_table_unref (tiles->placed);
  g_array_unref (tiles->places);
  g_clear_pointer (&tiles->node, gsk_render_node_unref);
  g_free (tiles);
}

void
tessera_map_view_tiles_changed (TesseraMapView *self)
{
  self->tiles->fresh = false;
}

void
tessera_map_view_thumbnail_ready (TesseraMapView *self, guint tile)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  Kept *kept = g_hash_table_lookup (self->tiles->kept, GUINT_TO_POINTER (tile + 1));
  if (kept && !kept->texture)
    g_hash_table_remove (self->tiles->kept, GUINT_TO_POINTER (tile + 1));
  if (g_hash_table_contains (self->tiles->placed, GUINT_TO_POINTER (tile + 1)))
    self->tiles->fresh = false;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_map_view_clear_thumbnails (TesseraMapView *self)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  g_hash_table_remove_all (self->tiles->kept);
  self->tiles->fresh = false;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static int
compare_used (gconstpointer a, gconstpointer b)
{
  guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;
  return (x > y) - (x < y);
}

/* Drops the half that has not been used for longest. */
static void
make_room (TesseraMapTiles *tiles)
{
  if (g_hash_table_size (tiles->kept) < KEPT)
    return;
  g_autoptr (GArray) used = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, tiles->kept);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_array_append_val (used, ((Kept *)value)->used);
  g_array_sort (used, compare_used);
  guint64 limit = g_array_index (used, guint64, used->len / 2);
  g_hash_table_iter_init (&iter, tiles->kept);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Kept *)value)->used < limit)
      g_hash_table_iter_remove (&iter);
}

GdkTexture *
tessera_map_view_texture (TesseraMapView *self, guint32 tile)
{
  TesseraMapTiles *tiles = self->tiles;
  Kept *kept = g_hash_table_lookup (tiles->kept, GUINT_TO_POINTER (tile + 1));
  if (!kept && self->thumbnail) {
    make_room (tiles);
    GdkTexture *texture = self->thumbnail (self, tile, self->thumbnail_user);
    kept = g_new0 (Kept, 1);
    kept->texture = texture;
    g_hash_table_insert (tiles->kept, GUINT_TO_POINTER (tile + 1), kept);
  }
  if (!kept)
    return NULL;
  kept->used = ++tiles->clock;
  return kept->texture;
}

/* ---- which tiles ---- */

static guint32
scramble (guint32 v)
{
  v ^= v >> 16, v *= 0x7feb352du;
  v ^= v >> 15, v *= 0x846ca68bu;
  return v ^ v >> 16;
}

static guint32
rank_of (TesseraMapView *self, guint32 tile)
{
  TesseraMapPoint p = tessera_map_point_of (self->points, tile);
  guint32 order = scramble (tile) >> 2;
  if ((int)tile == self->state->current ||
      g_hash_table_contains (self->suggested, GUINT_TO_POINTER (tile + 1)))
    return order;
  return (p.flags & TESSERA_MAP_POINT_LABELLED ? 1u
          : self->state->selected[tile]        ? 2u
                                               : 3u)
             << 30 |
         order;
}

static int
compare_rank (gconstpointer a, gconstpointer b)
{
  guint32 x = ((const Place *)a)->rank, y = ((const Place *)b)->rank;
  return (x > y) - (x < y);
}

/* A square of the view as a key. */
static gint64
square (gint64 column, gint64 row)
{
  return (gint64)((guint64)(guint32)column << 32 | (guint32)row);
}

/* Keeps, in order of rank, every place that does not overlap one kept before. */
static void
thin_out (TesseraMapTiles *tiles, GArray *wanted)
{
  double pitch = tiles->edge + GAP;
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < wanted->len && tiles->places->len < MOST_PICTURES; i++) {
    Place place = g_array_index (wanted, Place, i);
    gint64 cx = (gint64)floor (place.x / pitch), cy = (gint64)floor (place.y / pitch);
    bool free_spot = true;
    for (int d = 0; d < 9 && free_spot; d++) {
      gint64 key = square (cx + d % 3 - 1, cy + d / 3 - 1);
      guint at = GPOINTER_TO_UINT (g_hash_table_lookup (taken, &key));
      if (at == 0)
        continue;
      const Place *other = &g_array_index (tiles->places, Place, at - 1);
      free_spot = fabs (other->x - place.x) >= pitch || fabs (other->y - place.y) >= pitch;
    }
    if (!free_spot)
      continue;
    g_array_append_val (tiles->places, place);
    g_hash_table_add (tiles->placed, GUINT_TO_POINTER (place.tile + 1));
    gint64 *key = g_new (gint64, 1);
    *key = square (cx, cy);
    g_hash_table_insert (taken, key, GUINT_TO_POINTER (tiles->places->len));
  }
}

/* The edge of pictures at this scale; 0: there is no room for them. */
static double
picture_edge (TesseraMapView *self, const TesseraMapGrid *grid, double scale)
{
  double edge = 0.92 * grid->spacing * scale;
  return !self->show_thumbnails || !self->thumbnail || edge < LEAST_EDGE
             ? 0
             : MIN (floor (edge), MOST_EDGE);
}

double
tessera_map_view_picture_reach (TesseraMapView *self, TesseraMapIndex *index, double scale)
{
  if (tessera_map_index_n (index) > MOST_FEW)
    return 0;
  double edge = picture_edge (self, tessera_map_index_grid (index), scale);
  return edge > 0 ? edge / 2 + FRAMED : 0;
}

static void
place_pictures (TesseraMapView *self, const TesseraMapGrid *grid)
{
  TesseraMapTiles *tiles = self->tiles;
  g_array_set_size (tiles->places, 0);
  g_hash_table_remove_all (tiles->placed);
  double x0, y0, x1, y1;
  tiles->edge = picture_edge (self, grid, self->state->camera.scale);
  if (!(tiles->edge > 0))
    return;
  double border = 2 * tiles->edge;
  tessera_map_camera_unproject (&self->state->camera, tiles->width, tiles->height, -border, -border,
                                &x0, &y0);
  tessera_map_camera_unproject (&self->state->camera, tiles->width, tiles->height,
                                tiles->width + border, tiles->height + border, &x1, &y1);
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (!tessera_map_grid_list (grid, x0, y0, x1, y1, MOST_POINTS, seen))
    return;
  g_autoptr (GArray) wanted = g_array_sized_new (FALSE, FALSE, sizeof (Place), seen->len);
  for (guint i = 0; i < seen->len; i++) {
    Place place = {.tile = g_array_index (seen, guint32, i)};
    if (!tessera_map_view_is_pickable (TESSERA_CANVAS (self), place.tile) ||
        !tessera_map_view_locate (self, place.tile, &place.x, &place.y))
      continue;
    place.rank = rank_of (self, place.tile);
    g_array_append_val (wanted, place);
  }
  g_array_sort (wanted, compare_rank);
  thin_out (tiles, wanted);
}

/* ---- drawing ---- */

static GdkRGBA
frame_color (TesseraMapView *self, TesseraMapPoint p, TesseraMapLook look)
{
  guint32 rgb = tessera_map_view_is_dark (self) ? 0x77777c : 0xb5b5ba;
  double alpha = 1;
  if (look == TESSERA_MAP_LOOK_LABELLED || look == TESSERA_MAP_LOOK_PREDICTED)
    rgb = g_array_index (self->classes, TesseraMapClass, p.class_index).rgb;
  if (look == TESSERA_MAP_LOOK_PREDICTED)
    alpha = 0.35 + 0.65 * p.margin / 255.0;
  return (GdkRGBA){((rgb >> 16) & 255) / 255.0f, ((rgb >> 8) & 255) / 255.0f, (rgb & 255) / 255.0f,
                   (float)alpha};
}

/* The class's shape in the corner, since colour alone must not carry it. */
static void
append_badge (TesseraMapView *self, GtkSnapshot *snapshot, TesseraMapPoint p, bool labelled,
              double x, double y)
{
  TesseraMapClass class = g_array_index (self->classes, TesseraMapClass, p.class_index);
  const double r = 5;
  size_t n;
  const TsrMarkerVertex *v = tsr_marker_polygon (class.shape, &n);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (x - 9, y - 9, 18, 18));
  cairo_arc (cr, x, y, 8.5, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.92);
  cairo_fill (cr);
  if (n == 0)
    cairo_arc (cr, x, y, r, 0, 2 * G_PI);
  for (size_t i = 0; i < n; i++)
    cairo_line_to (cr, x + r * v[i].x, y + r * v[i].y);
  cairo_close_path (cr);
  cairo_set_source_rgb (cr, ((class.rgb >> 16) & 255) / 255.0, ((class.rgb >> 8) & 255) / 255.0,
                        (class.rgb & 255) / 255.0);
  if (labelled) {
    cairo_fill (cr);
  } else {
    cairo_set_line_width (cr, 1.6);
    cairo_stroke (cr);
  }
  cairo_destroy (cr);
}

static void
append_tile (TesseraMapView *self, GtkSnapshot *snapshot, const Place *place, double edge)
{
  TesseraMapPoint p = tessera_map_point_of (self->points, place->tile);
  TesseraMapLook look =
      tessera_map_look (p, (const TesseraMapClass *)self->classes->data, self->classes->len);
  GdkTexture *texture = tessera_map_view_texture (self, place->tile);
  graphene_rect_t rect =
      GRAPHENE_RECT_INIT (round (place->x - edge / 2), round (place->y - edge / 2), edge, edge);
  GskRoundedRect outline;
  gsk_rounded_rect_init_from_rect (&outline, &rect, 4);
  GdkRGBA empty = tessera_map_view_is_dark (self) ? (GdkRGBA){0.25f, 0.25f, 0.25f, 1}
                                                  : (GdkRGBA){0.9f, 0.9f, 0.9f, 1};
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  if (texture)
    gtk_snapshot_append_texture (snapshot, texture, &rect);
  else
    gtk_snapshot_append_color (snapshot, &empty, &rect);
  if (self->state->n_selected > 1 && !self->state->selected[place->tile])
    gtk_snapshot_append_color (snapshot, &(GdkRGBA){empty.red, empty.green, empty.blue, 0.6f},
                               &rect);
  gtk_snapshot_pop (snapshot);
  bool labelled = look == TESSERA_MAP_LOOK_LABELLED, predicted = look == TESSERA_MAP_LOOK_PREDICTED;
  float width = labelled ? 3.5f : predicted ? 2.0f : 1.0f;
  GdkRGBA color = frame_color (self, p, look);
  gtk_snapshot_append_border (snapshot, &outline, (const float[4]){width, width, width, width},
                              (const GdkRGBA[4]){color, color, color, color});
  if ((labelled || predicted) && edge >= 44)
    append_badge (self, snapshot, p, labelled, rect.origin.x + edge - 9, rect.origin.y + 9);
}

void
tessera_map_view_snapshot_tiles (TesseraMapView *self, GtkSnapshot *snapshot)
{
  TesseraMapTiles *tiles = self->tiles;
  const TesseraMapGrid *grid = self->shown ? tessera_map_index_peek (self->shown) : NULL;
  int width = gtk_widget_get_width (GTK_WIDGET (self)),
      height = gtk_widget_get_height (GTK_WIDGET (self));
  if (!grid || self->glide_from) {
    g_array_set_size (tiles->places, 0);
    g_hash_table_remove_all (tiles->placed);
    tiles->fresh = false;
    return;
  }
  const TesseraMapCamera *c = &self->state->camera, *k = &tiles->camera;
  bool same = tiles->fresh && c->x == k->x && c->y == k->y && c->scale == k->scale &&
              tiles->width == width && tiles->height == height;
  if (!same) {
    tiles->camera = self->state->camera;
    tiles->width = width, tiles->height = height;
    tiles->fresh = true;
    place_pictures (self, grid);
    g_clear_pointer (&tiles->node, gsk_render_node_unref);
    if (tiles->places->len > 0) {
      GtkSnapshot *pictures = gtk_snapshot_new ();
      for (guint i = tiles->places->len; i-- > 0;)
        append_tile (self, pictures, &g_array_index (tiles->places, Place, i), tiles->edge);
      tiles->node = gtk_snapshot_free_to_node (pictures);
    }
  }
  if (tiles->node)
    gtk_snapshot_append_node (snapshot, tiles->node);
}

int
tessera_map_view_tile_at (TesseraMapView *self, double x, double y)
{
  double half = self->tiles->edge / 2;
  for (guint i = 0; i < self->tiles->places->len; i++) {
    const Place *place = &g_array_index (self->tiles->places, Place, i);
    if (fabs (place->x - x) <= half && fabs (place->y - y) <= half)
      return (int)place->tile;
  }
  return -1;
}

double
tessera_map_view_tile_half (TesseraMapView *self, guint32 tile)
{
  return g_hash_table_contains (self->tiles->placed, GUINT_TO_POINTER (tile + 1))
             ? self->tiles->edge / 2
             : 0;
}
