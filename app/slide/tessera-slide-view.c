/* TesseraSlideView: the object and what it shows. */

#include "tessera-slide-view-private.h"

#include "tessera-map-scene.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE (TesseraSlideView, tessera_slide_view, TESSERA_TYPE_CANVAS)

enum {
  PROP_0,
  PROP_OPACITY,
  PROP_SHOW_TILES,
  PROP_SHOW_GRID,
  PROP_SHOW_MASK,
  PROP_HEATMAP,
  PROP_BARE,
  PROP_SHOW_SCALE_BAR,
  PROP_SHOW_OVERVIEW,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum { TILE_ACTIVATED, HOVERED, DAMAGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static guint
n_tiles (TesseraSlideView *self)
{
  return self->index ? tessera_slide_index_n (self->index) : 0;
}

static int
id_at (TesseraSlideView *self, int place)
{
  return place < 0 ? -1 : (int)tessera_slide_index_tiles (self->index)[place].id;
}

/* ---- for the other parts ---- */

void
tessera_slide_view_emit_damaged (TesseraSlideView *self, const char *sentence)
{
  g_signal_emit (self, signals[DAMAGED], 0, sentence);
}

static void
activated (TesseraCanvas *canvas, int place)
{
  g_signal_emit (canvas, signals[TILE_ACTIVATED], 0, id_at (TESSERA_SLIDE_VIEW (canvas), place));
}

static void
hovered (TesseraCanvas *canvas, int place)
{
  g_signal_emit (canvas, signals[HOVERED], 0, id_at (TESSERA_SLIDE_VIEW (canvas), place));
}

static bool
is_in_areas (TesseraCanvas *canvas, guint place)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  guint32 tile = (guint32)id_at (self, (int)place);
  return tessera_map_point_in_areas (tessera_map_point_of (self->points, tile));
}

bool
tessera_slide_view_is_pickable (TesseraCanvas *canvas, guint place)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  TesseraMapPoint p = tessera_map_point_of (self->points, (guint32)id_at (self, (int)place));
  if (p.flags & TESSERA_MAP_POINT_HIDDEN)
    return FALSE;
  return p.class_index >= self->classes->len ||
         !g_array_index (self->classes, TesseraMapClass, p.class_index).hidden;
}

void
tessera_slide_view_describe (TesseraCanvas *canvas)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  guint n = n_tiles (self);
  g_autofree char *all = g_strdup_printf (g_dngettext (NULL, "%u tile", "%u tiles", n), n);
  g_autofree char *chosen =
      g_strdup_printf (g_dngettext (NULL, "%u selected", "%u selected", self->state->n_selected),
                       self->state->n_selected);
  g_autofree char *text = g_strdup_printf ("%s, %s", all, chosen);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

void
tessera_slide_view_extent (TesseraSlideView *self, double *width, double *height)
{
  const TsrSlideInfo *info = self->slide ? tsr_slide_info (self->slide) : NULL;
  *width = info ? (double)info->levels->width : 0;
  *height = info ? (double)info->levels->height : 0;
}

GdkRGBA
tessera_slide_view_style_color (TesseraSlideView *self, const char *name, guint32 fallback)
{
  GdkRGBA color;
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (GTK_WIDGET (self)), name,
                                       &color))
    color = (GdkRGBA){((fallback >> 16) & 255) / 255.0f, ((fallback >> 8) & 255) / 255.0f,
                      (fallback & 255) / 255.0f, 1};
  return color;
}

/* ---- what is shown ---- */

void
tessera_slide_view_set_slide (TesseraSlideView *self, TsrSlide *slide)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  if (self->slide == slide)
    return;
  tessera_slide_view_show_label_image (self, FALSE);
  tessera_slide_view_set_tiles (self, NULL, 0);
  tessera_slide_view_set_mask (self, NULL);
  tessera_slide_view_clear_sheet (self);
  g_clear_pointer (&self->slide, tsr_slide_unref);
  self->slide = slide ? tsr_slide_ref (slide) : NULL;
  self->mpp = NAN;
  self->state->camera = (TesseraMapCamera){0};
  tessera_canvas_stop (TESSERA_CANVAS (self));
  self->state->drag = TESSERA_CANVAS_DRAG_NONE;
  tessera_slide_blocks_restart (self->blocks);
  tessera_canvas_set_auto_fit (TESSERA_CANVAS (self), TRUE);
  tessera_slide_view_refresh (TESSERA_CANVAS (self));
}

TsrSlide *
tessera_slide_view_get_slide (TesseraSlideView *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), NULL);
  return self->slide;
}

void
tessera_slide_view_set_mpp (TesseraSlideView *self, double mpp)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  self->mpp = mpp;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_slide_view_set_tiles (TesseraSlideView *self, const TesseraSlideTile *tiles, guint n)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  g_autoptr (TesseraSlideIndex) before = g_steal_pointer (&self->index);
  if (n > 0)
    self->index = tessera_slide_index_new (tiles, n);
  tessera_slide_view_carry_selection (self, before);
  tessera_slide_view_outdate (self);
  tessera_slide_view_describe (TESSERA_CANVAS (self));
}

void
tessera_slide_view_set_points (TesseraSlideView *self, GBytes *points)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  if (points)
    g_bytes_ref (points);
  g_clear_pointer (&self->points, g_bytes_unref);
  self->points = points;
  tessera_slide_view_outdate (self);
}

void
tessera_slide_view_set_palette (TesseraSlideView *self, const TesseraMapClass *classes, guint n)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  g_array_set_size (self->classes, 0);
  if (n > 0)
    g_array_append_vals (self->classes, classes, MIN (n, TESSERA_MAP_NO_CLASS));
  tessera_slide_view_outdate (self);
}

void
tessera_slide_view_set_mask (TesseraSlideView *self, const TsrTissueMask *mask)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  if (!mask && !self->mask)
    return;
  g_clear_pointer (&self->mask, tessera_slide_mask_unref);
  self->mask = tessera_slide_mask_new (mask);
  tessera_slide_view_outdate (self);
}

void
tessera_slide_view_set_opacity (TesseraSlideView *self, double opacity)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  opacity = opacity > 0 ? MIN (opacity, 1) : 0;
  if (opacity == self->opacity)
    return;
  self->opacity = opacity;
  tessera_slide_view_outdate (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPACITY]);
}

void
tessera_slide_view_set_cache_limit (TesseraSlideView *self, gsize bytes)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  tessera_slide_blocks_set_limit (self->blocks, bytes);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- for the window and tests ---- */

gboolean
tessera_slide_view_locate (TesseraSlideView *self, guint32 id, graphene_rect_t *rect)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), FALSE);
  int place = self->index ? tessera_slide_index_find (self->index, id) : -1;
  if (place < 0 || !self->slide || !(self->state->camera.scale > 0))
    return FALSE;
  const TesseraSlideTile *tile = &tessera_slide_index_tiles (self->index)[place];
  double x, y, scale = self->state->camera.scale;
  tessera_map_camera_project (&self->state->camera, gtk_widget_get_width (GTK_WIDGET (self)),
                              gtk_widget_get_height (GTK_WIDGET (self)), (double)tile->x,
                              (double)tile->y, &x, &y);
  graphene_rect_init (rect, (float)x, (float)y, (float)(tile->width * scale),
                      (float)(tile->height * scale));
  return TRUE;
}

void
tessera_slide_view_get_state (TesseraSlideView *self, TesseraSlideState *state)
{
  g_return_if_fail (TESSERA_IS_SLIDE_VIEW (self));
  *state = (TesseraSlideState){.pictures = self->n_pictures,
                               .x = self->state->camera.x,
                               .y = self->state->camera.y,
                               .scale = self->state->camera.scale};
  tessera_slide_blocks_state (self->blocks, state);
}

gboolean
tessera_slide_view_is_idle (TesseraSlideView *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_VIEW (self), FALSE);
  if (!self->slide)
    return TRUE;
  return self->state->camera.scale > 0 && !tessera_map_motion_is_on (&self->state->motion) &&
         tessera_slide_blocks_are_complete (self->blocks) &&
         tessera_slide_view_sheet_is_current (self);
}

/* ---- the object ---- */

static void
snapshot (GtkWidget *widget, GtkSnapshot *snap)
{
  tessera_slide_view_snapshot (TESSERA_SLIDE_VIEW (widget), snap);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (widget);
  if (!self->state->auto_fit)
    self->state->camera = tessera_slide_view_limited (TESSERA_CANVAS (self), self->state->camera);
  tessera_slide_view_refresh (TESSERA_CANVAS (self));
}

static void
style_cb (TesseraSlideView *self)
{
  tessera_slide_view_outdate (self);
  tessera_slide_view_refresh (TESSERA_CANVAS (self));
}

/* What is drawn in the style's colours is drawn anew with every frame. */
static void
css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (tessera_slide_view_parent_class)->css_changed (widget, change);
  gtk_widget_queue_draw (widget);
}

/* The focus is drawn by hand. */
static void
state_flags_changed (GtkWidget *widget, GtkStateFlags before)
{
  gtk_widget_queue_draw (widget);
}

static gboolean *
switch_of (TesseraSlideView *self, guint id)
{
  switch (id) {
  case PROP_SHOW_TILES:
    return &self->show_tiles;
  case PROP_SHOW_GRID:
    return &self->show_grid;
  case PROP_SHOW_MASK:
    return &self->show_mask;
  case PROP_HEATMAP:
    return &self->heatmap;
  case PROP_BARE:
    return &self->bare;
  case PROP_SHOW_SCALE_BAR:
    return &self->show_scale_bar;
  case PROP_SHOW_OVERVIEW:
    return &self->show_overview;
  default:
    return NULL;
  }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (object);
  if (switch_of (self, id))
    g_value_set_boolean (value, *switch_of (self, id));
  else if (id == PROP_OPACITY)
    g_value_set_double (value, self->opacity);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (object);
  gboolean *which = switch_of (self, id);
  if (which) {
    if (*which == g_value_get_boolean (value))
      return;
    *which = g_value_get_boolean (value);
    tessera_slide_view_outdate (self);
    tessera_slide_view_refresh (TESSERA_CANVAS (self));
    g_object_notify_by_pspec (object, pspec);
  } else if (id == PROP_OPACITY) {
    tessera_slide_view_set_opacity (self, g_value_get_double (value));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
dispose (GObject *object)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (object);
  if (self->label_reading)
    g_cancellable_cancel (self->label_reading);
  g_clear_object (&self->label_reading);
  g_clear_pointer (&self->painter, tessera_painter_free);
  g_clear_pointer (&self->blocks, tessera_slide_blocks_free);
  G_OBJECT_CLASS (tessera_slide_view_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (object);
  tessera_slide_view_clear_sheet (self);
  g_clear_object (&self->label_image);
  g_clear_pointer (&self->slide, tsr_slide_unref);
  g_clear_pointer (&self->index, tessera_slide_index_unref);
  g_clear_pointer (&self->mask, tessera_slide_mask_unref);
  g_clear_pointer (&self->points, g_bytes_unref);
  g_array_unref (self->classes);
  G_OBJECT_CLASS (tessera_slide_view_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  static const struct {
    guint id;
    const char *name;
    gboolean on;
  } switches[] = {{PROP_SHOW_TILES, "show-tiles", TRUE},
                  {PROP_SHOW_GRID, "show-grid", TRUE},
                  {PROP_SHOW_MASK, "show-mask", TRUE},
                  {PROP_HEATMAP, "heatmap", FALSE},
                  {PROP_BARE, "bare", FALSE},
                  {PROP_SHOW_SCALE_BAR, "show-scale-bar", TRUE},
                  {PROP_SHOW_OVERVIEW, "show-overview", TRUE}};
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    properties[switches[i].id] =
        g_param_spec_boolean (switches[i].name, NULL, NULL, switches[i].on, flags);
  properties[PROP_OPACITY] =
      g_param_spec_double ("opacity-of-tiles", NULL, NULL, 0, 1, 0.35, flags);
  g_object_class_install_properties (class, N_PROPS, properties);
}

static guint
new_signal (GType type, const char *name, guint n, GType argument)
{
  return g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n,
                       argument);
}

static bool
has_content (TesseraCanvas *canvas)
{
  TesseraSlideView *self = TESSERA_SLIDE_VIEW (canvas);
  return self->slide && self->state->camera.scale > 0;
}

static guint
n_tiles_of (TesseraCanvas *canvas)
{
  return n_tiles (TESSERA_SLIDE_VIEW (canvas));
}

static void
fill_in_canvas (TesseraCanvasClass *class)
{
  tessera_slide_view_class_input (class);
  class->has_content = has_content;
  class->n_tiles = n_tiles_of;
  class->is_pickable = tessera_slide_view_is_pickable;
  class->is_in_areas = is_in_areas;
  class->fitted = tessera_slide_view_fitted;
  class->scales = tessera_slide_view_scales;
  class->limited = tessera_slide_view_limited;
  class->refresh = tessera_slide_view_refresh;
  class->dragged = tessera_slide_view_go_in_inset;
  class->activated = activated;
  class->hovered = hovered;
  class->selection_changed = tessera_slide_view_selection_changed;
  class->describe = tessera_slide_view_describe;
}

static void
tessera_slide_view_class_init (TesseraSlideViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GType type = G_TYPE_FROM_CLASS (class);
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  widget_class->snapshot = snapshot;
  widget_class->css_changed = css_changed;
  widget_class->state_flags_changed = state_flags_changed;
  widget_class->size_allocate = size_allocate;
  fill_in_canvas (TESSERA_CANVAS_CLASS (class));
  install_properties (object_class);
  signals[TILE_ACTIVATED] = new_signal (type, "tile-activated", 1, G_TYPE_INT);
  signals[HOVERED] = new_signal (type, "hovered", 1, G_TYPE_INT);
  signals[DAMAGED] = new_signal (type, "damaged", 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (widget_class, "tessera-slide");
}

static void
tessera_slide_view_init (TesseraSlideView *self)
{
  self->state = tessera_canvas_state (TESSERA_CANVAS (self));
  self->classes = g_array_new (FALSE, FALSE, sizeof (TesseraMapClass));
  self->mpp = NAN;
  self->opacity = 0.35;
  self->show_tiles = self->show_grid = self->show_mask = TRUE;
  self->show_scale_bar = self->show_overview = TRUE;
  self->version = 1;
  self->blocks = tessera_slide_blocks_new (self);
  self->painter =
      tessera_painter_new (&tessera_slide_picture_kind, tessera_slide_view_picture_done, self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Whole slide"), -1);
  tessera_slide_view_describe (TESSERA_CANVAS (self));
  tessera_slide_view_add_controllers (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (style_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (style_cb), NULL);
}

GtkWidget *
tessera_slide_view_new (void)
{
  return g_object_new (TESSERA_TYPE_SLIDE_VIEW, NULL);
}
