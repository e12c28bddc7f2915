/* The slide view's parts without a window: where tiles are, against plain loops; blocks, against
 * the slide's own pixels; the picture of tiles and mask, pixel by pixel. */

#include "slide-view-fixture.h"

#include "tessera-slide-loader.h"
#include "tessera-slide-picture.h"
#include "tessera-slide-scene.h"
#include "tsr-marker.h"
#include "tsr-random.h"

#include <math.h>
#include <string.h>

/* ---- where tiles are ---- */

typedef struct {
  guint8 *hits;
  guint n;
} Hits;

static void
count_hit (guint place, gpointer user)
{
  Hits *hits = user;
  hits->hits[place]++;
  hits->n++;
}

/* Every look-up against all tiles one by one. */
static void
check_index (const TesseraSlideTile *tiles, guint n, guint seed)
{
  g_autoptr (TesseraSlideIndex) index = tessera_slide_index_new (tiles, n);
  guint there = tessera_slide_index_n (index);
  const TesseraSlideTile *kept = tessera_slide_index_tiles (index);
  TsrRandom r;
  tsr_random_init (&r, seed, 3);
  for (guint i = 1; i < there; i++)
    g_assert_cmpuint (kept[i - 1].id, <=, kept[i].id);
  for (int turn = 0; turn < 200; turn++) {
    double x0 = tsr_random_uniform (&r) * 1400 - 200, y0 = tsr_random_uniform (&r) * 1400 - 200;
    double x1 = x0 + tsr_random_uniform (&r) * (turn % 3 ? 90 : 1500), y1 = y0 + turn % 7 * 50 + 1;
    if (turn % 5 == 0)
      x0 = floor (x0), y0 = floor (y0), x1 = floor (x1) + 1, y1 = floor (y1);
    g_autofree guint8 *got = g_malloc0 (there + 1);
    Hits hits = {got, 0};
    tessera_slide_index_in (index, x0, y0, x1, y1, count_hit, &hits);
    for (guint i = 0; i < there; i++) {
      bool inside = kept[i].x < x1 && kept[i].x + kept[i].width > x0 && kept[i].y < y1 &&
                    kept[i].y + kept[i].height > y0 && y1 > y0;
      g_assert_cmpuint (got[i], ==, inside);
    }
    int at = tessera_slide_index_at (index, x0, y0);
    double best = INFINITY, mine = INFINITY;
    for (guint i = 0; i < there; i++) {
      double far =
          hypot (kept[i].x + kept[i].width / 2.0 - x0, kept[i].y + kept[i].height / 2.0 - y0);
      if (kept[i].x <= x0 && kept[i].x + kept[i].width > x0 && kept[i].y <= y0 &&
          kept[i].y + kept[i].height > y0)
        best = fmin (best, far);
      if ((int)i == at)
        mine = far;
    }
    g_assert_true (mine == best); /* both infinite: none */
  }
  for (guint i = 0; i < n; i++)
    if (tiles[i].width > 0 && tiles[i].height > 0)
      g_assert_cmpuint (kept[tessera_slide_index_find (index, tiles[i].id)].id, ==, tiles[i].id);
  g_assert_cmpint (tessera_slide_index_find (index, 4000000), ==, -1);
}

static void
test_index (void)
{
  TesseraSlideTile tiles[700];
  TsrRandom r;
  tsr_random_init (&r, 5, 0);
  for (guint i = 0; i < 700; i++)
    tiles[i] = (TesseraSlideTile){.x = tsr_random_below (&r, 1000),
                                  .y = tsr_random_below (&r, 1000),
                                  .width = (gint32)tsr_random_below (&r, 60),
                                  .height = (gint32)tsr_random_below (&r, 60),
                                  .id = i * 7919 % 1009};
  check_index (tiles, 700, 1); /* of all sizes, some empty, ids in no order */
  check_index (tiles, 1, 2);
  check_index (tiles, 2, 3);
  check_index (tiles, 0, 4);
  for (guint i = 0; i < 300; i++) /* a grid in one row */
    tiles[i] = (TesseraSlideTile){.x = i * 4, .y = 100, .width = 4, .height = 4, .id = i};
  check_index (tiles, 300, 5);
  for (guint i = 0; i < 300; i++) /* all in one place */
    tiles[i] = (TesseraSlideTile){.x = 500, .y = 500, .width = 40, .height = 40, .id = i};
  check_index (tiles, 300, 6);
  tiles[1] = (TesseraSlideTile){.x = (gint64)1 << 22, .y = 0, .width = 1, .height = 1, .id = 1};
  check_index (tiles, 3, 7); /* far apart */
}

static void
test_toward (void)
{
  TesseraSlideTile tiles[25];
  for (guint i = 0; i < 25; i++)
    tiles[i] = (TesseraSlideTile){i % 5 * 10, i / 5 * 10, 10, 10, i};
  g_autoptr (TesseraSlideIndex) index = tessera_slide_index_new (tiles, 25);
  g_assert_cmpint (tessera_slide_index_toward (index, 25, 25, 1, 0, 12), ==, 13);
  g_assert_cmpint (tessera_slide_index_toward (index, 25, 25, -1, 0, 12), ==, 11);
  g_assert_cmpint (tessera_slide_index_toward (index, 25, 25, 0, 1, 12), ==, 17);
  g_assert_cmpint (tessera_slide_index_toward (index, 25, 25, 0, -1, 12), ==, 7);
  g_assert_cmpint (tessera_slide_index_toward (index, 45, 25, 1, 0, 14), ==, -1);
  g_assert_cmpfloat (tessera_slide_index_width (index), ==, 10);
}

/* ---- blocks ---- */

typedef struct {
  GPtrArray *blocks;
} Inbox;

static void
block_cb (TesseraSlideBlock *block, gpointer inbox)
{
  g_ptr_array_add (((Inbox *)inbox)->blocks, block);
}

static void
await (Inbox *inbox, guint n)
{
  for (int i = 0; i < 20000 && inbox->blocks->len < n; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  g_assert_cmpuint (inbox->blocks->len, ==, n);
}

static Inbox
new_inbox (void)
{
  return (Inbox){g_ptr_array_new_with_free_func ((GDestroyNotify)tessera_slide_block_free)};
}

/* Every block of every zoom shows what the slide's own reader gives there. */
static void
test_blocks (void)
{
  const SlideViewKind kind = {1280, 960, 3, 0, -1, -1};
  g_autoptr (TsrSlide) slide = slide_view_fixture (&kind);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpint (tessera_slide_coarsest (info), ==, 3); /* 256 * 8 holds 1280 */
  g_assert_cmpint (tessera_slide_zoom_for (info, 4), ==, 0);
  g_assert_cmpint (tessera_slide_zoom_for (info, 1), ==, 0);
  g_assert_cmpint (tessera_slide_zoom_for (info, 0.51), ==, 0);
  g_assert_cmpint (tessera_slide_zoom_for (info, 0.5), ==, 1);
  g_assert_cmpint (tessera_slide_zoom_for (info, 0.001), ==, 3);
  Inbox inbox = new_inbox ();
  TesseraSlideLoader *loader = tessera_slide_loader_new (slide, block_cb, &inbox);
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (TesseraSlideKey));
  for (int zoom = 0; zoom <= 3; zoom++)
    for (int row = 0; row << zoom < 4; row++)
      for (int column = 0; column << zoom < 5; column++)
        g_array_append_vals (keys, &(TesseraSlideKey){zoom, column, row}, 1);
  tessera_slide_loader_want (loader, (TesseraSlideKey *)(void *)keys->data, keys->len);
  await (&inbox, keys->len);
  g_assert_cmpuint (tessera_slide_loader_n_decoded (loader), ==, keys->len);
  g_autofree guint8 *rgb = g_malloc (256 * 256 * 3);
  for (guint k = 0; k < keys->len; k++) {
    const TesseraSlideBlock *block = g_ptr_array_index (inbox.blocks, k);
    gint64 side = (gint64)256 << block->key.zoom;
    g_assert_true (tsr_slide_read_tile (slide, block->key.column * side, block->key.row * side,
                                        side, 256, rgb, NULL));
    g_assert_null (block->damage);
    for (int i = 0; i < 256 * 256; i++)
      g_assert_cmphex (block->pixels[i], ==,
                       0xff000000u | (guint)rgb[3 * i] << 16 | (guint)rgb[3 * i + 1] << 8 |
                           rgb[3 * i + 2]);
  }
  tessera_slide_loader_free (loader);
  g_ptr_array_unref (inbox.blocks);
}

/* Of a damaged block all is shown that can be read; what cannot is hatched, at every zoom. */
static void
test_damage (void)
{
  const SlideViewKind kind = {512, 512, 1, 0, 1, 2};
  g_autoptr (TsrSlide) slide = slide_view_fixture (&kind);
  Inbox inbox = new_inbox ();
  TesseraSlideLoader *loader = tessera_slide_loader_new (slide, block_cb, &inbox);
  const TesseraSlideKey keys[3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 0}};
  tessera_slide_loader_want (loader, keys, 3);
  await (&inbox, 3);
  for (guint k = 0; k < 3; k++) {
    const TesseraSlideBlock *block = g_ptr_array_index (inbox.blocks, k);
    bool hurt = block->key.zoom == 1 || block->key.column == 0;
    g_assert_true (!block->damage == !hurt);
    int step = 1 << block->key.zoom;
    for (int y = 0; y < 256; y++)
      for (int x = 0; x < 256; x++) {
        int sx = block->key.column * 256 * step + x * step,
            sy = block->key.row * 256 * step + y * step;
        guint32 got = block->pixels[y * 256 + x];
        if (sx / PATCH == 1 && sy / PATCH == 2)
          g_assert_true (got == 0xff8c8c8cu || got == 0xffe4e4e4u);
        else
          g_assert_cmphex (got, ==, 0xff000000u | slide_view_color (sx, sy));
      }
  }
  tessera_slide_loader_free (loader);
  g_ptr_array_unref (inbox.blocks);
}

/* What is no longer wanted is not decoded, and a loader may go while its threads are at work. */
static void
test_giving_up (void)
{
  const SlideViewKind kind = {2048, 2048, 1, 0, -1, -1};
  g_autoptr (TsrSlide) slide = slide_view_fixture (&kind);
  for (int turn = 0; turn < 8; turn++) {
    Inbox inbox = new_inbox ();
    TesseraSlideLoader *loader = tessera_slide_loader_new (slide, block_cb, &inbox);
    TesseraSlideKey keys[64];
    for (int i = 0; i < 64; i++)
      keys[i] = (TesseraSlideKey){0, i % 8, i / 8};
    tessera_slide_loader_want (loader, keys, 64);
    g_usleep ((gulong)turn * 300);
    if (turn % 2 == 0) {
      tessera_slide_loader_want (loader, keys + 63, 1);
      tessera_slide_loader_want (loader, keys + 63, 1); /* twice is once */
      for (int i = 0; i < 20000 && tessera_slide_loader_n_decoded (loader) < 1; i++)
        g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (500);
      bool last = false;
      for (int i = 0; i < 20000 && !last; i++) {
        g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (500);
        for (guint k = 0; k < inbox.blocks->len; k++) {
          TesseraSlideBlock *block = g_ptr_array_index (inbox.blocks, k);
          last |= block->key.column == 7 && block->key.row == 7;
        }
      }
      g_assert_true (last);
    }
    guint before = inbox.blocks->len;
    tessera_slide_loader_free (loader);
    while (g_main_context_iteration (NULL, FALSE))
      ;
    g_assert_cmpuint (inbox.blocks->len, ==, before);
    g_ptr_array_unref (inbox.blocks);
  }
}

/* ---- the picture ---- */

#define SIDE 20 /* of a tile, in pixels of level 0 and of the picture */

static guint32
pixel (cairo_surface_t *image, int x, int y)
{
  const guint32 *pixels = (const guint32 *)(void *)cairo_image_surface_get_data (image);
  return pixels[(gsize)y * ((gsize)cairo_image_surface_get_stride (image) / 4) + (gsize)x];
}

/* Premultiplied, worked out in doubles. */
static guint32
mixed (guint32 rgb, double opacity)
{
  double alpha = round (255 * opacity);
  guint32 p = (guint32)alpha << 24;
  for (int shift = 0; shift <= 16; shift += 8)
    p |= (guint32)floor (((rgb >> shift) & 255) * alpha / 255 + 0.5) << shift;
  return p;
}

static TesseraSlideScene *
make_scene (const TesseraMapPoint *points, guint n, double opacity)
{
  static const TesseraMapClass classes[3] = {{0xc01c28, TSR_MARKER_CIRCLE, FALSE},
                                             {0x1a5fb4, TSR_MARKER_SQUARE, FALSE},
                                             {0x26a269, TSR_MARKER_STAR, TRUE}};
  g_autofree TesseraSlideTile *tiles = g_new (TesseraSlideTile, MAX (n, 1));
  for (guint i = 0; i < n; i++)
    tiles[i] = (TesseraSlideTile){10 + 2 * SIDE * (gint64)i, 10, SIDE, SIDE, i};
  TesseraSlideScene *scene = tessera_slide_scene_new ();
  scene->width = 400, scene->height = 100;
  scene->index = tessera_slide_index_new (tiles, n);
  scene->points = g_bytes_new (points, n * sizeof *points);
  scene->classes = g_memdup2 (classes, sizeof classes);
  scene->n_classes = 3;
  scene->opacity = opacity;
  scene->tiles = scene->grid = true;
  scene->pixel_ratio = 1;
  return scene;
}

static void
test_looks (void)
{
  const TesseraMapPoint points[8] = {
      {0, TESSERA_MAP_POINT_PREDICTED, 200, 0},
      {1, TESSERA_MAP_POINT_LABELLED, 255, 0},
      {TESSERA_MAP_NO_CLASS, 0, 0, 0},
      {TESSERA_MAP_NO_CLASS, TESSERA_MAP_POINT_VALUE, 0, 77},
      {2, TESSERA_MAP_POINT_PREDICTED, 9, 0}, /* a class that is switched off */
      {0, TESSERA_MAP_POINT_PREDICTED | TESSERA_MAP_POINT_EXCLUDED, 9, 0},
      {TESSERA_MAP_NO_CLASS, TESSERA_MAP_POINT_UNSURE, 0, 0},
      {0, TESSERA_MAP_POINT_PREDICTED | TESSERA_MAP_POINT_HIDDEN, 9, 0}};
  const TesseraSlideFrame frame = {400, 100, 0, 0, 1};
  TesseraSlideScene *scene = make_scene (points, 8, 0.6);
  cairo_surface_t *image = tessera_slide_scene_paint (scene, &frame);
  const guint32 red = tsr_marker_tone (0xc01c28, false), blue = tsr_marker_tone (0x1a5fb4, false);
  const guint32 middle[8] = {
      mixed (red, 0.6), mixed (blue, 0.6), 0, mixed (tsr_marker_ramp (77), 0.6), 0, 0, 0, 0};
  for (int i = 0; i < 8; i++)
    g_assert_cmphex (pixel (image, 10 + 2 * SIDE * i + SIDE / 2, 20), ==, middle[i]);
  for (int i = 0; i < 7; i++) /* between tiles nothing */
    g_assert_cmphex (pixel (image, 10 + 2 * SIDE * i + SIDE + 10, 20), ==, 0);
  /* The label has a border of its colour, opaque; the prediction a faint line; what is nothing the
   * grid's line, and what was looked at a heavier one. */
  g_assert_cmphex (pixel (image, 50, 20), ==, mixed (0x202024, 1));
  g_assert_cmphex (pixel (image, 51, 20), ==, mixed (blue, 1));
  g_assert_cmphex (pixel (image, 10, 20), ==, mixed (red, 0.81));
  g_assert_cmphex (pixel (image, 90, 20), ==, mixed (0x30343c, 0.34));
  g_assert_cmphex (pixel (image, 251, 20), ==, mixed (0x5e6068, 0.9));
  cairo_surface_destroy (image);

  scene->heatmap = true;
  image = tessera_slide_scene_paint (scene, &frame);
  g_assert_cmphex (pixel (image, 20, 20), ==, mixed (tsr_marker_ramp (200), 0.6));
  g_assert_cmphex (pixel (image, 60, 20), ==, mixed (tsr_marker_ramp (255), 0.6));
  cairo_surface_destroy (image);

  scene->grid = false;
  image = tessera_slide_scene_paint (scene, &frame);
  g_assert_cmphex (pixel (image, 90, 20), ==, 0);
  cairo_surface_destroy (image);

  scene->tiles = false;
  image = tessera_slide_scene_paint (scene, &frame);
  for (int x = 0; x < 400; x++)
    g_assert_cmphex (pixel (image, x, 20), ==, 0);
  cairo_surface_destroy (image);
  tessera_slide_scene_free (scene);
}

/* Transparent to opaque, small to smallest: the tile's middle has the colour at every size. */
static void
test_sizes (void)
{
  const TesseraMapPoint points[2] = {{0, TESSERA_MAP_POINT_PREDICTED, 9, 0},
                                     {1, TESSERA_MAP_POINT_LABELLED, 9, 0}};
  const guint32 red = tsr_marker_tone (0xc01c28, false), blue = tsr_marker_tone (0x1a5fb4, false);
  static const double opacities[4] = {0, 0.25, 0.5, 1};
  for (int o = 0; o < 4; o++)
    for (double scale = 4; scale > 0.01; scale /= 2) {
      TesseraSlideScene *scene = make_scene (points, 2, opacities[o]);
      TesseraSlideFrame frame = {400, 300, 0, 0, scale};
      cairo_surface_t *image = tessera_slide_scene_paint (scene, &frame);
      /* The middle, or the first pixel where that is further. */
      int x = (int)fmax (floor (20 * scale), floor (10 * scale + 0.5)), y = x,
          u = (int)fmax (floor (60 * scale), floor (50 * scale + 0.5));
      bool tiny = SIDE * scale < 5;
      if (u == x) { /* one pixel for both: the label's */
        g_assert_true (tiny);
        x = -1;
      }
      if (x >= 0 && u > x + (int)(SIDE * scale))
        g_assert_cmphex (pixel (image, x, y), ==, mixed (red, opacities[o]));
      g_assert_cmphex (pixel (image, u, y), ==,
                       mixed (blue, tiny ? fmin (2.5 * opacities[o], 1) : opacities[o]));
      cairo_surface_destroy (image);
      tessera_slide_scene_free (scene);
    }
}

static void
test_rings (void)
{
  const TesseraMapPoint points[3] = {{0, TESSERA_MAP_POINT_PREDICTED, 9, 0}};
  static const guint8 chosen[3] = {0, 1, 0};
  TesseraSlideScene *scene = make_scene (points, 3, 0.5);
  scene->selected = g_bytes_new_static (chosen, 3);
  scene->n_selected = 1;
  TesseraSlideFrame frame = {200, 60, 0, 0, 1};
  cairo_surface_t *image = tessera_slide_scene_paint (scene, &frame);
  g_assert_cmphex (pixel (image, 50 - 2, 20), ==, 0xffffffffu); /* white just outside the tile */
  g_assert_cmphex (pixel (image, 50 + SIDE + 1, 20), ==, 0xffffffffu);
  g_assert_cmphex (pixel (image, 50 - 3, 20), ==, mixed (0x202024, 1));
  g_assert_cmphex (pixel (image, 10 - 2, 20), ==, 0); /* and round no other */
  g_assert_cmphex (pixel (image, 90 - 2, 20), ==, 0);
  cairo_surface_destroy (image);
  frame.scale = 0.05; /* a tile of one pixel wears a ring of its own size */
  image = tessera_slide_scene_paint (scene, &frame);
  g_assert_cmphex (pixel (image, 3 + 6, 1), ==, 0xffffffffu);
  cairo_surface_destroy (image);
  tessera_slide_scene_free (scene);
}

/* The left half is tissue. */
static void
test_mask (void)
{
  guint8 classes[40 * 10];
  for (int i = 0; i < 400; i++)
    classes[i] = i % 40 < 20 ? TSR_MASK_TISSUE : i / 40 % 3;
  for (int i = 0; i < 400; i++)
    if (i % 40 >= 20 && classes[i] == TSR_MASK_TISSUE)
      classes[i] = TSR_MASK_PEN;
  TsrTissueMask mask = {.width = 40, .height = 10, .classes = classes};
  static const double scales[3] = {2, 1, 0.05};
  for (int s = 0; s < 3; s++) {
    TesseraSlideScene *scene = tessera_slide_scene_new ();
    scene->width = 400, scene->height = 100; /* ten pixels of level 0 a pixel of the mask */
    scene->mask = tessera_slide_mask_new (&mask);
    scene->outline = 0x204080;
    scene->pixel_ratio = 1;
    TesseraSlideFrame frame = {900, 260, -10 / scales[s], -10 / scales[s], scales[s]};
    cairo_surface_t *image = tessera_slide_scene_paint (scene, &frame);
    int w = (int)(400 * scales[s]), mid = 10 + (int)(50 * scales[s]);
    g_assert_cmphex (pixel (image, 10 + w / 4, mid), ==, 0);        /* tissue as it is */
    g_assert_cmpuint (pixel (image, 10 + w - 2, mid) >> 24, >, 50); /* the rest dimmed */
    g_assert_cmpuint (pixel (image, 10 + w - 2, mid) >> 24, <, 100);
    g_assert_cmphex (pixel (image, 10 + w + 4, mid), ==, 0); /* beside the slide nothing */
    /* The outline is where the tissue ends: 1.2 pixels wide, of which one has 0.6 at least. */
    guint most = 0;
    for (int x = 10 + w / 2 - 2; x <= 10 + w / 2 + 2; x++)
      most = MAX (most, pixel (image, x, mid) >> 24);
    g_assert_cmpuint (most, >=, 153);
    cairo_surface_destroy (image);
    tessera_slide_scene_free (scene);
  }
  g_assert_null (tessera_slide_mask_new (NULL));
  g_assert_null (tessera_slide_mask_new (&(TsrTissueMask){0}));
}

static void
picture_cb (gpointer data, gpointer user)
{
  TesseraSlidePicture *picture = data;
  GArray *versions = user;
  g_assert_nonnull (picture->image);
  g_array_append_val (versions, picture->version);
  tessera_slide_picture_free (picture);
}

/* The first and the last of many orders are painted, none after the painter has gone. */
static void
test_painter (void)
{
  const TesseraMapPoint points[2] = {{0}};
  g_autoptr (GArray) versions = g_array_new (FALSE, FALSE, sizeof (guint));
  TesseraPainter *painter = tessera_painter_new (&tessera_slide_picture_kind, picture_cb, versions);
  TesseraSlideFrame frame = {64, 64, 0, 0, 1};
  for (guint i = 0; i < 20; i++)
    tessera_painter_order (painter,
                           tessera_slide_picture_new (make_scene (points, 2, 0.5), &frame, i));
  while (tessera_painter_is_busy (painter))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (versions->len, ==, 2);
  g_assert_cmpuint (g_array_index (versions, guint, 0), ==, 0);
  g_assert_cmpuint (g_array_index (versions, guint, 1), ==, 19);
  tessera_painter_order (painter,
                         tessera_slide_picture_new (make_scene (points, 2, 0.5), &frame, 20));
  tessera_painter_order (painter,
                         tessera_slide_picture_new (make_scene (points, 2, 0.5), &frame, 21));
  tessera_painter_free (painter);
  for (int i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (2000);
  g_assert_cmpuint (versions->len, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/index", test_index);
  g_test_add_func ("/slide/toward", test_toward);
  g_test_add_func ("/slide/blocks", test_blocks);
  g_test_add_func ("/slide/damage", test_damage);
  g_test_add_func ("/slide/giving-up", test_giving_up);
  g_test_add_func ("/slide/looks", test_looks);
  g_test_add_func ("/slide/sizes", test_sizes);
  g_test_add_func ("/slide/rings", test_rings);
  g_test_add_func ("/slide/mask", test_mask);
  g_test_add_func ("/slide/painter", test_painter);
  return g_test_run ();
}
