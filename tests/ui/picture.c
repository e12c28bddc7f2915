#include "picture.h"
#include "hands.h"

#include <math.h>

/* width 0: what the widget takes with its shadow, which its own size leaves out. NULL: it has not
 * been drawn yet. */
static GskRenderNode *
node_of (GtkWidget *widget, int *width, int *height, float scale)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  if (*width == 0) {
    *width = gdk_paintable_get_intrinsic_width (paintable);
    *height = gdk_paintable_get_intrinsic_height (paintable);
  }
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gtk_snapshot_scale (snapshot, scale, scale);
  gdk_paintable_snapshot (paintable, snapshot, *width, *height);
  return gtk_snapshot_free_to_node (snapshot);
}

static GdkTexture *
render (GtkWidget *widget, int width, int height, float scale, const graphene_rect_t *area)
{
  int w = width, h = height;
  g_autoptr (GskRenderNode) node = node_of (widget, &w, &h, scale);
  for (int i = 0; node == NULL && i < 200; i++) {
    hands_turn (50);
    w = width;
    h = height;
    node = node_of (widget, &w, &h, scale);
  }
  if (node == NULL)
    g_error ("a %s was never drawn", G_OBJECT_TYPE_NAME (widget));
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  graphene_rect_t whole = GRAPHENE_RECT_INIT (0, 0, scale * (float)w, scale * (float)h);
  return gsk_renderer_render_texture (renderer, node, area != NULL ? area : &whole);
}

GdkTexture *
picture_of (GtkWidget *widget, int width, int height)
{
  g_return_val_if_fail (width > 0 && height > 0, NULL);
  return render (widget, width, height, 1, NULL);
}

guint32
picture_color (GtkWidget *widget, double x, double y)
{
  graphene_rect_t area = GRAPHENE_RECT_INIT (floorf ((float)x), floorf ((float)y), 1, 1);
  g_autoptr (GdkTexture) texture =
      render (widget, gtk_widget_get_width (widget), gtk_widget_get_height (widget), 1, &area);
  guint32 pixel = 0;
  gdk_texture_download (texture, (guchar *)&pixel, sizeof pixel);
  return pixel & 0xffffff;
}

void
picture_save (GtkWidget *widget, const char *path)
{
  float scale = (float)gtk_widget_get_scale_factor (widget);
  g_autoptr (GdkTexture) texture = render (widget, 0, 0, scale, NULL);
  if (!gdk_texture_save_to_png (texture, path))
    g_error ("%s cannot be written", path);
  g_print ("%s\n", path);
}
