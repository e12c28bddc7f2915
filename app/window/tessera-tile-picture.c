#include "tessera-tile-picture.h"

/* A square picture gives way to what is below it, but not beyond this. */
#define LARGE 300

struct _TesseraTilePicture {
  GtkWidget parent_instance;

  GdkTexture *texture;
  cairo_surface_t *surface; /* its pixels for cairo, made when first drawn crisp */
  gboolean smooth;
  gboolean square; /* would like to be as high as it is wide */
  int size, large;
  int times; /* the picture is as many times as wide as the tile in its middle */
  gboolean whole;
};

G_DEFINE_FINAL_TYPE (TesseraTilePicture, tessera_tile_picture, GTK_TYPE_WIDGET)

enum { PROP_0, PROP_TEXTURE, PROP_SMOOTH, PROP_SQUARE, PROP_SIZE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static cairo_surface_t *
make_surface (GdkTexture *texture)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS) {
    gdk_texture_download (texture, cairo_image_surface_get_data (surface),
                          cairo_image_surface_get_stride (surface));
    cairo_surface_mark_dirty (surface);
  }
  return surface;
}

/* White within black is seen on any tissue. */
static void
draw_frame (GtkSnapshot *snapshot, const graphene_rect_t *area, const graphene_rect_t *tile)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, area);
  cairo_rectangle (cr, tile->origin.x, tile->origin.y, tile->size.width, tile->size.height);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.8);
  cairo_set_line_width (cr, 4);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static void
draw_texture (TesseraTilePicture *self, GtkSnapshot *snapshot, const graphene_rect_t *area)
{
  double scale = area->size.width / gdk_texture_get_width (self->texture);
  if (scale <= 1 && self->smooth) {
    gtk_snapshot_append_texture (snapshot, self->texture, area);
    return;
  }
  if (self->surface == NULL)
    self->surface = make_surface (self->texture);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, area);
  cairo_translate (cr, area->origin.x, area->origin.y);
  cairo_scale (cr, scale, scale);
  cairo_set_source_surface (cr, self->surface, 0, 0);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter (cairo_get_source (cr),
                            !self->smooth && scale > 1 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
  cairo_rectangle (cr, 0, 0, gdk_texture_get_width (self->texture),
                   gdk_texture_get_height (self->texture));
  cairo_fill (cr);
  cairo_destroy (cr);
}

static graphene_rect_t
middle_of (const graphene_rect_t *area, int times)
{
  float w = area->size.width / (float)times, h = area->size.height / (float)times;
  return GRAPHENE_RECT_INIT (area->origin.x + (area->size.width - w) / 2,
                             area->origin.y + (area->size.height - h) / 2, w, h);
}

static void
tessera_tile_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TesseraTilePicture *self = TESSERA_TILE_PICTURE (widget);
  if (self->texture == NULL)
    return;
  double w = gtk_widget_get_width (widget), h = gtk_widget_get_height (widget);
  double tw = gdk_texture_get_width (self->texture), th = gdk_texture_get_height (self->texture);
  double scale = MIN (w / tw, h / th);
  graphene_rect_t area =
      GRAPHENE_RECT_INIT ((float)((w - tw * scale) / 2), (float)((h - th * scale) / 2),
                          (float)(tw * scale), (float)(th * scale));
  graphene_rect_t tile = middle_of (&area, self->times);
  draw_texture (self, snapshot, self->whole ? &area : &tile);
  if (self->times > 1)
    draw_frame (snapshot, &area, &tile);
}

static void
tessera_tile_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
  TesseraTilePicture *self = TESSERA_TILE_PICTURE (widget);
  *minimum = *natural = self->size;
  if (self->square && orientation == GTK_ORIENTATION_VERTICAL) {
    *natural = MAX (self->size, for_size);
    *minimum = MIN (*natural, MAX (self->size, self->large));
  }
  *minimum_baseline = *natural_baseline = -1;
}

/* Also where it is not square: GTK 4.8 keeps the mode of a hidden widget that becomes square. */
static GtkSizeRequestMode
tessera_tile_picture_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_tile_picture_set_property (GObject *object, guint id, const GValue *value,
                                   GParamSpec *pspec)
{
  TesseraTilePicture *self = TESSERA_TILE_PICTURE (object);
  switch (id) {
  case PROP_TEXTURE:
    tessera_tile_picture_set_texture (self, g_value_get_object (value));
    break;
  case PROP_SMOOTH:
    tessera_tile_picture_set_smooth (self, g_value_get_boolean (value));
    break;
  case PROP_SQUARE:
    self->square = g_value_get_boolean (value);
    gtk_widget_queue_resize (GTK_WIDGET (self));
    break;
  case PROP_SIZE:
    tessera_tile_picture_set_size (self, g_value_get_int (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tessera_tile_picture_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TesseraTilePicture *self = TESSERA_TILE_PICTURE (object);
  switch (id) {
  case PROP_TEXTURE:
    g_value_set_object (value, self->texture);
    break;
  case PROP_SMOOTH:
    g_value_set_boolean (value, self->smooth);
    break;
  case PROP_SQUARE:
    g_value_set_boolean (value, self->square);
    break;
  case PROP_SIZE:
    g_value_set_int (value, self->size);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tessera_tile_picture_finalize (GObject *object)
{
  TesseraTilePicture *self = TESSERA_TILE_PICTURE (object);
  g_clear_object (&self->texture);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  G_OBJECT_CLASS (tessera_tile_picture_parent_class)->finalize (object);
}

static void
tessera_tile_picture_class_init (TesseraTilePictureClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->finalize = tessera_tile_picture_finalize;
  object_class->set_property = tessera_tile_picture_set_property;
  object_class->get_property = tessera_tile_picture_get_property;
  widget_class->snapshot = tessera_tile_picture_snapshot;
  widget_class->measure = tessera_tile_picture_measure;
  widget_class->get_request_mode = tessera_tile_picture_request_mode;
  properties[PROP_TEXTURE] = g_param_spec_object ("texture", NULL, NULL, GDK_TYPE_TEXTURE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SMOOTH] = g_param_spec_boolean ("smooth", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SQUARE] = g_param_spec_boolean ("square", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SIZE] = g_param_spec_int ("size", NULL, NULL, 1, 4096, 48,
                                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "tilepicture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tessera_tile_picture_init (TesseraTilePicture *self)
{
  self->size = 48;
  self->large = LARGE;
  self->times = 1;
  self->whole = TRUE;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
tessera_tile_picture_new (int size)
{
  return g_object_new (TESSERA_TYPE_TILE_PICTURE, "size", size, NULL);
}

void
tessera_tile_picture_set_texture (TesseraTilePicture *self, GdkTexture *texture)
{
  tessera_tile_picture_set_around (self, texture, 1, TRUE);
}

void
tessera_tile_picture_set_around (TesseraTilePicture *self, GdkTexture *texture, int times,
                                 gboolean whole)
{
  g_return_if_fail (TESSERA_IS_TILE_PICTURE (self));
  if (self->times != times || self->whole != whole)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->times = MAX (1, times);
  self->whole = whole;
  if (!g_set_object (&self->texture, texture))
    return;
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXTURE]);
}

void
tessera_tile_picture_set_smooth (TesseraTilePicture *self, gboolean smooth)
{
  g_return_if_fail (TESSERA_IS_TILE_PICTURE (self));
  if (self->smooth == !!smooth)
    return;
  self->smooth = !!smooth;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SMOOTH]);
}

void
tessera_tile_picture_set_size (TesseraTilePicture *self, int size)
{
  g_return_if_fail (TESSERA_IS_TILE_PICTURE (self));
  if (self->size == size)
    return;
  self->size = size;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SIZE]);
}

void
tessera_tile_picture_set_large (TesseraTilePicture *self, int large)
{
  g_return_if_fail (TESSERA_IS_TILE_PICTURE (self));
  if (self->large == large)
    return;
  self->large = large;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

int
tessera_tile_picture_get_times (TesseraTilePicture *self)
{
  g_return_val_if_fail (TESSERA_IS_TILE_PICTURE (self), 1);
  return self->times;
}
