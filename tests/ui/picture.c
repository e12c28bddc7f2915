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

static void
collect_popovers (GtkWidget *widget, GPtrArray *found)
{
  if (GTK_IS_POPOVER (widget) && gtk_widget_get_mapped (widget))
    g_ptr_array_add (found, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_popovers (child, found);
}

GtkWidget *
picture_find_popover (GtkWidget *widget)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  collect_popovers (widget, found);
  return found->len > 0 ? found->pdata[0] : NULL;
}

/* Each is a surface of its own, which lies on its parent's. */
static void
add_popovers (GtkWidget *widget, GtkSnapshot *snapshot)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  collect_popovers (widget, found);
  for (guint i = 0; i < found->len; i++) {
    GtkNative *popover = found->pdata[i],
              *parent = gtk_widget_get_native (gtk_widget_get_parent (found->pdata[i]));
    GdkPopup *popup = GDK_POPUP (gtk_native_get_surface (popover));
    double own_x, own_y, parent_x, parent_y;
    int width = 0, height = 0;
    if (parent != GTK_NATIVE (widget))
      continue;
    gtk_native_get_surface_transform (popover, &own_x, &own_y);
    gtk_native_get_surface_transform (parent, &parent_x, &parent_y);
    g_autoptr (GskRenderNode) node = node_of (found->pdata[i], &width, &height, 1);
    if (node == NULL)
      continue;
    gtk_snapshot_save (snapshot);
    gtk_snapshot_translate (
        snapshot,
        &GRAPHENE_POINT_INIT ((float)(gdk_popup_get_position_x (popup) + own_x - parent_x),
                              (float)(gdk_popup_get_position_y (popup) + own_y - parent_y)));
    gtk_snapshot_append_node (snapshot, node);
    gtk_snapshot_restore (snapshot);
  }
}

/* The picture as a paintable of its own, to be drawn upon. */
static GdkTexture *
render_all (GtkWidget *widget, float scale)
{
  g_autoptr (GdkTexture) below = render (widget, 0, 0, scale, NULL);
  if (picture_find_popover (widget) == NULL)
    return g_steal_pointer (&below);
  float w = (float)gdk_texture_get_width (below), h = (float)gdk_texture_get_height (below);
  graphene_rect_t whole = GRAPHENE_RECT_INIT (0, 0, w, h);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  gtk_snapshot_append_texture (snapshot, below, &whole);
  gtk_snapshot_scale (snapshot, scale, scale);
  add_popovers (widget, snapshot);
  g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
  return gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)),
                                      node, &whole);
}

void
picture_save (GtkWidget *widget, const char *path)
{
  float scale = (float)gtk_widget_get_scale_factor (widget);
  g_autoptr (GdkTexture) texture = render_all (widget, scale);
  if (!gdk_texture_save_to_png (texture, path))
    g_error ("%s cannot be written", path);
  g_print ("%s\n", path);
}
