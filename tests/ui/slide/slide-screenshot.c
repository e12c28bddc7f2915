/* Shows a slide in a real window and writes what is drawn as PNG: a tool for looking. Usage:
 * slide-screenshot SLIDE OUT.png [dark] [tiles] [mask] [heat] [select] [hover] [focus] [label]
 * [plain] [zoom=F] [at=X,Y] [side=PIXELS] [opacity=F] [size=WxH]; zoom is in screen pixels a pixel
 * of the slide, at is the middle. */

#include "picture.h"
#include "tessera-slide-view-private.h"
#include "tsr-marker.h"
#include "tsr-slide-tiling.h"

#include <adwaita.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES 5

static void
run_for (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (1000);
}

static bool
has (int argc, char **argv, const char *word)
{
  for (int i = 3; i < argc; i++)
    if (g_str_equal (argv[i], word))
      return true;
  return false;
}

/* Classes that go with the tissue's brightness, so that the picture looks like work. */
static void
lay_tiles (TesseraSlideView *view, TsrSlide *slide, const TsrTissueMask *mask, int side, bool plain)
{
  TsrTilingOptions options = tsr_tiling_options ();
  options.pixels = side;
  TsrTiling tiling;
  if (!tsr_slide_tile (tsr_slide_info (slide), mask, &options, &tiling, NULL))
    return;
  guint n = tiling.tiles->len;
  g_autofree TesseraSlideTile *tiles = g_new (TesseraSlideTile, MAX (n, 1));
  g_autofree TesseraMapPoint *points = g_new0 (TesseraMapPoint, MAX (n, 1));
  for (guint i = 0; i < n; i++) {
    const TsrSlideTile *tile = &g_array_index (tiling.tiles, TsrSlideTile, i);
    tiles[i] = (TesseraSlideTile){tile->x, tile->y, tile->side, tile->side, i};
    guint8 rgb[3];
    tsr_slide_read_tile (slide, tile->x, tile->y, tile->side, 1, rgb, NULL);
    double redness = (rgb[0] - rgb[2] + 20) / 70.0, blue = (255 - rgb[1]) / 140.0;
    double value = CLAMP (redness * 0.7 + blue * 0.6, 0, 0.999);
    points[i] =
        (TesseraMapPoint){(guint8)(value * CLASSES),
                          i % 41 == 0 ? TESSERA_MAP_POINT_LABELLED : TESSERA_MAP_POINT_PREDICTED,
                          (guint8)(255 * fabs (sin (20 * value))), 0};
    if (i % 97 == 5)
      points[i].flags = TESSERA_MAP_POINT_UNSURE;
    if (plain)
      points[i] = (TesseraMapPoint){.class_index = TESSERA_MAP_NO_CLASS};
  }
  tessera_slide_view_set_tiles (view, tiles, n);
  g_autoptr (GBytes) bytes = g_bytes_new (points, n * sizeof *points);
  tessera_slide_view_set_points (view, bytes);
  tsr_tiling_clear (&tiling);
}

typedef struct {
  int width, height; /* of the picture */
  int side;          /* of a tile */
  double zoom;       /* 0: all of the slide */
  double x, y;       /* the middle; NAN: the slide's */
  double opacity;    /* of the tiles; -1: as it is */
} Numbers;

static Numbers
read_numbers (int argc, char **argv)
{
  Numbers ask = {.width = 1280, .height = 720, .side = 64, .x = NAN, .y = NAN, .opacity = -1};
  for (int i = 3; i < argc; i++) {
    sscanf (argv[i], "size=%dx%d", &ask.width, &ask.height);
    sscanf (argv[i], "zoom=%lf", &ask.zoom);
    sscanf (argv[i], "at=%lf,%lf", &ask.x, &ask.y);
    sscanf (argv[i], "side=%d", &ask.side);
    sscanf (argv[i], "opacity=%lf", &ask.opacity);
  }
  return ask;
}

static void
set_palette (TesseraSlideView *view)
{
  TesseraMapClass classes[CLASSES];
  for (guint i = 0; i < CLASSES; i++)
    classes[i] =
        (TesseraMapClass){.rgb = tsr_marker_color (i), .shape = (gint32)tsr_marker_shape (i)};
  tessera_slide_view_set_palette (view, classes, CLASSES);
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    return 2;
  adw_init ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (argv[1], &error);
  if (!slide) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  Numbers ask = read_numbers (argc, argv);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      has (argc, argv, "dark") ? ADW_COLOR_SCHEME_FORCE_DARK
                                                               : ADW_COLOR_SCHEME_FORCE_LIGHT);
  GtkWidget *window = gtk_window_new (), *widget = tessera_slide_view_new ();
  TesseraSlideView *view = TESSERA_SLIDE_VIEW (widget);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), ask.width, ask.height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  set_palette (view);
  tessera_slide_view_set_slide (view, slide);
  TsrImage overview;
  TsrTissueMask mask = {0};
  TsrMaskOptions options = tsr_mask_options ();
  if (tsr_slide_overview (slide, 1024, &overview, NULL, NULL))
    tsr_tissue_mask_find (&overview, &options, &mask, NULL);
  if (has (argc, argv, "tiles"))
    lay_tiles (view, slide, &mask, ask.side, has (argc, argv, "plain"));
  if (has (argc, argv, "mask"))
    tessera_slide_view_set_mask (view, &mask);
  g_object_set (view, "heatmap", has (argc, argv, "heat"), NULL);
  if (ask.opacity >= 0)
    tessera_slide_view_set_opacity (view, ask.opacity);
  gtk_window_present (GTK_WINDOW (window));
  run_for (300);
  double cx, cy, scale;
  if (ask.zoom > 0 && tessera_canvas_get_viewport (TESSERA_CANVAS (view), &cx, &cy, &scale))
    tessera_canvas_set_viewport (TESSERA_CANVAS (view), isfinite (ask.x) ? ask.x : cx,
                                 isfinite (ask.y) ? ask.y : cy, ask.zoom);
  int middle = tessera_slide_view_pick (view, ask.width / 2.0, ask.height / 2.0);
  const guint32 chosen[3] = {(guint32)middle, (guint32)middle + 3, 11};
  if (has (argc, argv, "select"))
    tessera_slide_view_set_selected (view, chosen, 3);
  if (has (argc, argv, "label"))
    tessera_slide_view_show_label_image (view, TRUE);
  if (has (argc, argv, "focus"))
    gtk_window_set_focus_visible (GTK_WINDOW (window), TRUE), gtk_widget_grab_focus (widget);
  for (int i = 0; i < 300 && !(run_for (20), tessera_slide_view_is_idle (view)); i++)
    ;
  run_for (200);
  if (has (argc, argv, "hover") && view->index)
    tessera_canvas_set_hovered (TESSERA_CANVAS (view),
                                tessera_slide_index_find (view->index, chosen[0]));
  run_for (100);
  picture_save (widget, argv[2]);
  gtk_window_destroy (GTK_WINDOW (window));
  tsr_image_clear (&overview);
  tsr_tissue_mask_clear (&mask);
  return 0;
}
