/* What GTK and cairo need on a machine without a GPU, so that a frame costs its drawing and not the
 * kernel's clearing of fresh pages: buffers that stay. */

#include "tessera-map-view-private.h"

#include <malloc.h>

#ifdef GDK_WINDOWING_X11
#include <cairo-xlib.h>
#include <gdk/x11/gdkx.h>
#endif

#define PIN_EDGE 64 /* pixels: the smallest picture cairo keeps in shared memory has 4096 bytes */

bool
tessera_map_view_draws_with_cairo (TesseraMapView *self)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  GskRenderer *renderer = native ? gtk_native_get_renderer (native) : NULL;
  return renderer && g_str_equal (G_OBJECT_TYPE_NAME (renderer), "GskCairoRenderer");
}

/* A frame is copied into memory shared with the X server. cairo takes that memory in blocks of
 * several frames and gives a block back once nothing lies in it: after every frame, whose pages
 * then come new from the kernel, on both sides. A small picture that stays keeps its block; it gets
 * into one that is large enough by being made while a picture as large as the screen is there. */
static cairo_surface_t *
pin_shared_memory (GdkDisplay *display, int width, int height)
{
#ifdef GDK_WINDOWING_X11
  if (GDK_IS_X11_DISPLAY (display)) {
    Screen *screen = gdk_x11_display_get_xscreen (display);
    cairo_surface_t *root = cairo_xlib_surface_create (
        gdk_x11_display_get_xdisplay (display), RootWindowOfScreen (screen),
        DefaultVisualOfScreen (screen), WidthOfScreen (screen), HeightOfScreen (screen));
    cairo_surface_t *block = cairo_surface_create_similar_image (
                        root, CAIRO_FORMAT_ARGB32, MAX (width, PIN_EDGE), MAX (height, PIN_EDGE)),
                    *pin = cairo_surface_create_similar_image (root, CAIRO_FORMAT_ARGB32, PIN_EDGE,
                                                               PIN_EDGE);
    cairo_surface_destroy (block);
    cairo_surface_destroy (root);
    return pin;
  }
#endif
  return NULL;
}

void
tessera_map_view_keep_buffers (TesseraMapView *self)
{
  if (!tessera_map_view_draws_with_cairo (self))
    return;
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, 24 << 20);
  mallopt (M_TRIM_THRESHOLD, 96 << 20);
#endif
  GdkDisplay *display = gtk_widget_get_display (GTK_WIDGET (self));
  GdkRectangle screen = {0};
  g_autoptr (GdkMonitor) monitor = g_list_model_get_item (gdk_display_get_monitors (display), 0);
  if (!monitor)
    return;
  gdk_monitor_get_geometry (monitor, &screen);
  int ratio = gdk_monitor_get_scale_factor (monitor);
  self->pin = pin_shared_memory (display, screen.width * ratio, screen.height * ratio);
}

void
tessera_map_view_drop_buffers (TesseraMapView *self)
{
  g_clear_pointer (&self->pin, cairo_surface_destroy);
}
