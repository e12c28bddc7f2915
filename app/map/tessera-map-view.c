/* TesseraMapView: the object and what it shows. */

#include "tessera-map-view-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (TesseraMapView, tessera_map_view, TESSERA_TYPE_CANVAS)

enum { PROP_0, PROP_MODE, PROP_SHOW_THUMBNAILS, PROP_SHOW_CONTOURS, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { POINT_HOVERED, POINT_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

static guint
n_tiles (TesseraMapView *self)
{
  return self->index ? tessera_map_index_n (self->index) : 0;
}

static bool
is_in_areas (TesseraCanvas *canvas, guint tile)
{
  return tessera_map_point_in_areas (
      tessera_map_point_of (TESSERA_MAP_VIEW (canvas)->points, tile));
}

bool
tessera_map_view_is_pickable (TesseraCanvas *canvas, guint tile)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  TesseraMapPoint p = tessera_map_point_of (self->points, tile);
  if (p.flags & TESSERA_MAP_POINT_HIDDEN)
    return FALSE;
  return p.class_index >= self->classes->len ||
         !g_array_index (self->classes, TesseraMapClass, p.class_index).hidden;
}

TesseraMapSizes
tessera_map_view_sizes (TesseraMapView *self)
{
  const TesseraMapGrid *grid = self->shown ? tessera_map_index_peek (self->shown) : NULL;
  double ratio = MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  if (!grid || !(self->state->camera.scale > 0))
    return (TesseraMapSizes){.point = 3 * ratio, .labelled = 5 * ratio};
  return tessera_map_sizes (grid, self->n_labelled, self->state->camera.scale * ratio, ratio);
}

/* Tells assistive technology what the map holds and which tile it is about. */
void
tessera_map_view_describe (TesseraCanvas *canvas)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (canvas);
  guint n = n_tiles (self);
  g_autofree char *all = g_strdup_printf (g_dngettext (NULL, "%u tile", "%u tiles", n), n);
  g_autofree char *labels = g_strdup_printf (
      g_dngettext (NULL, "%u labelled", "%u labelled", self->n_labelled), self->n_labelled);
  g_autofree char *chosen =
      g_strdup_printf (g_dngettext (NULL, "%u selected", "%u selected", self->state->n_selected),
                       self->state->n_selected);
  int tile = tessera_canvas_key_place (canvas);
  g_autofree char *caption =
      tile >= 0 && self->caption ? self->caption (self, tile, self->caption_user) : NULL;
  g_autofree char *text = caption ? g_strdup_printf ("%s. %s, %s, %s", caption, all, labels, chosen)
                                  : g_strdup_printf ("%s, %s, %s", all, labels, chosen);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

/* ---- what is shown ---- */

/* Another set of tiles: whatever referred to the old numbers goes. */
static void
forget_tiles (TesseraMapView *self)
{
  tessera_map_view_clear_sheets (self);
  g_clear_pointer (&self->shown, tessera_map_index_unref);
  g_clear_pointer (&self->headed, tessera_map_places_unref);
  g_clear_pointer (&self->glide_from, tessera_map_places_unref);
  self->streamed_at = 0;
  g_array_set_size (self->suggestions, 0);
  g_array_set_size (self->lights, 0);
  g_hash_table_remove_all (self->suggested);
  self->state->camera = (TesseraMapCamera){0};
  tessera_canvas_stop (TESSERA_CANVAS (self));
  tessera_canvas_renumber (TESSERA_CANVAS (self), NULL);
  tessera_canvas_set_auto_fit (TESSERA_CANVAS (self), TRUE);
}

static void
take_layout (TesseraMapView *self, GBytes *xy, bool more)
{
  guint before = n_tiles (self);
  g_clear_pointer (&self->cloud, tessera_map_cloud_unref);
  g_clear_pointer (&self->index, tessera_map_index_unref);
  if (xy)
    self->index = tessera_map_index_new (xy);
  if (n_tiles (self) != before || !self->index)
    forget_tiles (self);
  if (self->index)
    tessera_map_view_start_glide (self, more);
  tessera_map_view_tiles_changed (self);
  tessera_map_view_outdate (self, ~0u);
}

void
tessera_map_view_set_layout (TesseraMapView *self, GBytes *xy)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  take_layout (self, xy, false);
  tessera_map_view_describe (TESSERA_CANVAS (self));
}

void
tessera_map_view_stream_layout (TesseraMapView *self, GBytes *xy)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self) && xy);
  guint before = n_tiles (self);
  take_layout (self, xy, true);
  if (n_tiles (self) != before)
    tessera_map_view_describe (TESSERA_CANVAS (self));
}

/* How many labels there are sizes the markers. */
static void
count_labelled (TesseraMapView *self)
{
  gsize size = 0;
  const TesseraMapPoint *p = self->points ? g_bytes_get_data (self->points, &size) : NULL;
  guint count = 0;
  for (gsize i = 0; i < size / sizeof *p; i++)
    count += p[i].flags & TESSERA_MAP_POINT_LABELLED;
  self->n_labelled = count;
}

void
tessera_map_view_set_points (TesseraMapView *self, GBytes *points)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  if (points)
    g_bytes_ref (points);
  g_clear_pointer (&self->points, g_bytes_unref);
  self->points = points;
  g_clear_pointer (&self->cloud, tessera_map_cloud_unref);
  count_labelled (self);
  tessera_map_view_tiles_changed (self);
  tessera_map_view_outdate (self, ~0u);
  tessera_map_view_describe (TESSERA_CANVAS (self));
}

void
tessera_map_view_set_palette (TesseraMapView *self, const TesseraMapClass *classes, guint n)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  g_array_set_size (self->classes, 0);
  if (n > 0)
    g_array_append_vals (self->classes, classes, MIN (n, TESSERA_MAP_NO_CLASS));
  tessera_map_view_tiles_changed (self);
  tessera_map_view_outdate (self, ~0u);
}

void
tessera_map_view_set_suggestions (TesseraMapView *self, const guint32 *tiles, guint n)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  g_array_set_size (self->suggestions, 0);
  g_hash_table_remove_all (self->suggested);
  for (guint i = 0; i < n; i++)
    if (tiles[i] < n_tiles (self) &&
        g_hash_table_add (self->suggested, GUINT_TO_POINTER (tiles[i] + 1)))
      g_array_append_val (self->suggestions, tiles[i]);
  g_array_set_size (self->lights, self->suggestions->len);
  for (guint i = 0; i < self->lights->len; i++)
    g_array_index (self->lights, float, i) = (float)self->glow;
  tessera_map_view_tiles_changed (self);
  tessera_canvas_wake (TESSERA_CANVAS (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_map_view_set_current (TesseraMapView *self, int tile)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  if (tile < 0 || (guint)tile >= n_tiles (self))
    tile = -1;
  if (self->state->current == tile)
    return;
  self->state->current = tile;
  self->state->cursor = -1;
  tessera_map_view_hide_card (self); /* the window shows another tile large now */
  tessera_map_view_describe (TESSERA_CANVAS (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
tessera_map_view_get_current (TesseraMapView *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), -1);
  return self->state->current;
}

static void
set_callback (GDestroyNotify *old_destroy, gpointer *old_user, gpointer user,
              GDestroyNotify destroy)
{
  if (*old_destroy)
    (*old_destroy) (*old_user);
  *old_user = user;
  *old_destroy = destroy;
}

void
tessera_map_view_set_thumbnail_func (TesseraMapView *self, TesseraMapThumbnailFunc func,
                                     gpointer user, GDestroyNotify destroy)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  set_callback (&self->thumbnail_destroy, &self->thumbnail_user, user, destroy);
  self->thumbnail = func;
  tessera_map_view_clear_thumbnails (self);
}

void
tessera_map_view_set_caption_func (TesseraMapView *self, TesseraMapCaptionFunc func, gpointer user,
                                   GDestroyNotify destroy)
{
  g_return_if_fail (TESSERA_IS_MAP_VIEW (self));
  set_callback (&self->caption_destroy, &self->caption_user, user, destroy);
  self->caption = func;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

TesseraMapMode
tessera_map_view_get_mode (TesseraMapView *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_VIEW (self), TESSERA_MAP_MODE_PAN);
  return self->mode;
}

/* ---- for the canvas ---- */

static bool
has_content (TesseraCanvas *canvas)
{
  return TESSERA_MAP_VIEW (canvas)->index != NULL;
}

static guint
n_tiles_of (TesseraCanvas *canvas)
{
  return n_tiles (TESSERA_MAP_VIEW (canvas));
}

static bool
place_of (TesseraCanvas *canvas, int tile, double *x, double *y)
{
  return tessera_map_view_place (TESSERA_MAP_VIEW (canvas), (guint32)tile, x, y);
}

static void
activated (TesseraCanvas *canvas, int tile)
{
  g_signal_emit (canvas, signals[POINT_ACTIVATED], 0, tile);
}

static void
hovered (TesseraCanvas *canvas, int tile)
{
  tessera_map_view_card_follow (TESSERA_MAP_VIEW (canvas), tile);
  g_signal_emit (canvas, signals[POINT_HOVERED], 0, tile);
}

/* ---- the object ---- */

static void
realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tessera_map_view_parent_class)->realize (widget);
  tessera_map_view_keep_buffers (TESSERA_MAP_VIEW (widget));
}

static void
unrealize (GtkWidget *widget)
{
  tessera_map_view_drop_buffers (TESSERA_MAP_VIEW (widget));
  GTK_WIDGET_CLASS (tessera_map_view_parent_class)->unrealize (widget);
}

static void
snapshot (GtkWidget *widget, GtkSnapshot *snap)
{
  tessera_map_view_snapshot (TESSERA_MAP_VIEW (widget), snap);
}

static void
size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (widget);
  if (self->state->auto_fit && self->index && self->shown == self->index &&
      !self->state->motion.fly_start) {
    TesseraMapCamera fit = tessera_map_view_fitted (TESSERA_CANVAS (self), width, height);
    if (fit.scale > 0)
      self->state->camera = fit;
  }
  tessera_map_view_refresh (TESSERA_CANVAS (self));
}

static void
style_cb (TesseraMapView *self)
{
  tessera_map_view_tiles_changed (self);
  tessera_map_view_outdate (self, ~0u);
}

/* Colours of a style can be asked for only after it was applied, which is later than the style
 * manager's notification. */
static void
css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (widget);
  GTK_WIDGET_CLASS (tessera_map_view_parent_class)->css_changed (widget, change);
  GdkRGBA ground;
  tessera_map_view_ground (self, &ground);
  if (gdk_rgba_equal (&ground, &self->painted_ground))
    return;
  self->painted_ground = ground;
  style_cb (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (object);
  switch (id) {
  case PROP_MODE:
    g_value_set_int (value, self->mode);
    break;
  case PROP_SHOW_THUMBNAILS:
    g_value_set_boolean (value, self->show_thumbnails);
    break;
  case PROP_SHOW_CONTOURS:
    g_value_set_boolean (value, self->contours);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
set_switch (TesseraMapView *self, gboolean *which, gboolean on, GParamSpec *pspec)
{
  if (*which == on)
    return;
  *which = on;
  style_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (object);
  switch (id) {
  case PROP_MODE:
    tessera_map_view_set_mode (self, g_value_get_int (value));
    break;
  case PROP_SHOW_THUMBNAILS:
    set_switch (self, &self->show_thumbnails, g_value_get_boolean (value), pspec);
    break;
  case PROP_SHOW_CONTOURS:
    set_switch (self, &self->contours, g_value_get_boolean (value), pspec);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
dispose (GObject *object)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (object);
  g_clear_handle_id (&self->card_timer, g_source_remove);
  g_clear_pointer (&self->painter, tessera_painter_free);
  set_callback (&self->thumbnail_destroy, &self->thumbnail_user, NULL, NULL);
  set_callback (&self->caption_destroy, &self->caption_user, NULL, NULL);
  self->thumbnail = NULL;
  self->caption = NULL;
  G_OBJECT_CLASS (tessera_map_view_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  TesseraMapView *self = TESSERA_MAP_VIEW (object);
  tessera_map_view_clear_sheets (self);
  g_clear_pointer (&self->cloud, tessera_map_cloud_unref);
  g_clear_pointer (&self->shown, tessera_map_index_unref);
  g_clear_pointer (&self->glide_from, tessera_map_places_unref);
  g_clear_pointer (&self->headed, tessera_map_places_unref);
  g_clear_pointer (&self->index, tessera_map_index_unref);
  g_clear_pointer (&self->points, g_bytes_unref);
  g_array_unref (self->classes);
  g_array_unref (self->suggestions);
  g_array_unref (self->lights);
  g_array_unref (self->lasso);
  g_hash_table_unref (self->suggested);
  tessera_map_tiles_free (self->tiles);
  tessera_map_stamps_free (self->stamps);
  G_OBJECT_CLASS (tessera_map_view_parent_class)->finalize (object);
}

static void
install_signals (GType type)
{
  signals[POINT_HOVERED] = g_signal_new ("point-hovered", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  signals[POINT_ACTIVATED] = g_signal_new ("point-activated", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
fill_in_canvas (TesseraCanvasClass *class)
{
  tessera_map_view_class_input (class);
  class->has_content = has_content;
  class->n_tiles = n_tiles_of;
  class->is_pickable = tessera_map_view_is_pickable;
  class->is_in_areas = is_in_areas;
  class->place_of = place_of;
  class->fitted = tessera_map_view_fitted;
  class->scales = tessera_map_view_scales;
  class->refresh = tessera_map_view_refresh;
  class->tick = tessera_map_view_tick;
  class->activated = activated;
  class->hovered = hovered;
  class->selection_changed = tessera_map_view_selection_changed;
  class->describe = tessera_map_view_describe;
}

/* The focus is drawn by hand. */
static void
state_flags_changed (GtkWidget *widget, GtkStateFlags before)
{
  gtk_widget_queue_draw (widget);
}

static void
tessera_map_view_class_init (TesseraMapViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  widget_class->realize = realize;
  widget_class->unrealize = unrealize;
  widget_class->snapshot = snapshot;
  widget_class->css_changed = css_changed;
  widget_class->state_flags_changed = state_flags_changed;
  widget_class->size_allocate = size_allocate;
  fill_in_canvas (TESSERA_CANVAS_CLASS (class));
  properties[PROP_MODE] = g_param_spec_int ("mode", NULL, NULL, TESSERA_MAP_MODE_PAN,
                                            TESSERA_MAP_MODE_LASSO, TESSERA_MAP_MODE_PAN, flags);
  properties[PROP_SHOW_THUMBNAILS] =
      g_param_spec_boolean ("show-thumbnails", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_CONTOURS] = g_param_spec_boolean ("show-contours", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_signals (G_TYPE_FROM_CLASS (class));
  gtk_widget_class_set_css_name (widget_class, "tessera-map");
}

static void
tessera_map_view_init (TesseraMapView *self)
{
  self->state = tessera_canvas_state (TESSERA_CANVAS (self));
  self->classes = g_array_new (FALSE, FALSE, sizeof (TesseraMapClass));
  self->suggestions = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->lights = g_array_new (FALSE, FALSE, sizeof (float));
  self->lasso = g_array_new (FALSE, FALSE, sizeof (double));
  self->suggested = g_hash_table_new (NULL, NULL);
  self->contours = self->show_thumbnails = TRUE;
  self->painter =
      tessera_painter_new (&tessera_map_picture_kind, tessera_map_view_picture_done, self);
  self->tiles = tessera_map_tiles_new ();
  self->stamps = tessera_map_stamps_new ();
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Map of all tiles"), -1);
  tessera_map_view_describe (TESSERA_CANVAS (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (style_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (style_cb), NULL);
}

GtkWidget *
tessera_map_view_new (void)
{
  return g_object_new (TESSERA_TYPE_MAP_VIEW, NULL);
}
