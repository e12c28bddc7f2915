/* TesseraCanvas: the object, the camera in movement, the selection. */

#include "tessera-canvas-private.h"

#include <math.h>
#include <string.h>

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TesseraCanvas, tessera_canvas, GTK_TYPE_WIDGET)
#define STATE(canvas)                                                                              \
  ((TesseraCanvasPrivate *)tessera_canvas_get_instance_private (TESSERA_CANVAS (canvas)))
#define CLASS(canvas) TESSERA_CANVAS_GET_CLASS (canvas)

enum { PROP_0, PROP_AUTO_FIT, PROP_N_SELECTED, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { SELECTION_CHANGED, VIEWPORT_CHANGED, BACKGROUND_CLICKED, N_SIGNALS };
static guint signals[N_SIGNALS];

TesseraCanvasPrivate *
tessera_canvas_state (TesseraCanvas *canvas)
{
  return STATE (canvas);
}

double
tessera_canvas_width (TesseraCanvas *canvas)
{
  return gtk_widget_get_width (GTK_WIDGET (canvas));
}

double
tessera_canvas_height (TesseraCanvas *canvas)
{
  return gtk_widget_get_height (GTK_WIDGET (canvas));
}

double
tessera_canvas_ratio (TesseraCanvas *canvas)
{
  return MAX (gtk_widget_get_scale_factor (GTK_WIDGET (canvas)), 1);
}

void
tessera_canvas_unproject (TesseraCanvas *canvas, double px, double py, double *x, double *y)
{
  tessera_map_camera_unproject (&STATE (canvas)->camera, tessera_canvas_width (canvas),
                                tessera_canvas_height (canvas), px, py, x, y);
}

/* ---- the camera in movement ---- */

gboolean
tessera_canvas_animates (TesseraCanvas *canvas)
{
  gboolean enabled = TRUE;
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (canvas)), "gtk-enable-animations", &enabled,
                NULL);
  return enabled;
}

void
tessera_canvas_emit_viewport (TesseraCanvas *canvas)
{
  g_signal_emit (canvas, signals[VIEWPORT_CHANGED], 0);
}

static TesseraMapCamera
limited (TesseraCanvas *canvas, TesseraMapCamera camera)
{
  return CLASS (canvas)->limited ? CLASS (canvas)->limited (canvas, camera) : camera;
}

void
tessera_canvas_move_camera (TesseraCanvas *canvas, TesseraMapCamera camera)
{
  if (!(camera.scale > 0) || !isfinite (camera.x + camera.y + camera.scale))
    return;
  STATE (canvas)->camera = limited (canvas, camera);
  tessera_canvas_emit_viewport (canvas);
  CLASS (canvas)->refresh (canvas);
}

void
tessera_canvas_stop (TesseraCanvas *canvas)
{
  tessera_map_motion_stop (&STATE (canvas)->motion);
}

void
tessera_canvas_set_auto_fit (TesseraCanvas *canvas, gboolean on)
{
  if (STATE (canvas)->auto_fit == on)
    return;
  STATE (canvas)->auto_fit = on;
  g_object_notify_by_pspec (G_OBJECT (canvas), properties[PROP_AUTO_FIT]);
}

void
tessera_canvas_fly (TesseraCanvas *canvas, TesseraMapCamera camera)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  tessera_canvas_stop (canvas);
  camera = limited (canvas, camera);
  if (!tessera_canvas_animates (canvas) || !(state->camera.scale > 0) ||
      !gtk_widget_get_mapped (GTK_WIDGET (canvas))) {
    tessera_canvas_move_camera (canvas, camera);
    return;
  }
  tessera_map_motion_fly (&state->motion, state->camera, camera, g_get_monotonic_time ());
  tessera_canvas_wake (canvas);
}

static TesseraMapCamera
fitted (TesseraCanvas *canvas)
{
  return CLASS (canvas)->fitted (canvas, tessera_canvas_width (canvas),
                                 tessera_canvas_height (canvas));
}

void
tessera_canvas_zoom_by (TesseraCanvas *canvas, double factor, double x, double y)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  double least = 0, most = 0;
  if (!(state->camera.scale > 0))
    return;
  CLASS (canvas)->scales (canvas, &least, &most);
  double target = tessera_map_motion_scale (&state->motion, &state->camera) * factor;
  target = most > 0 ? CLAMP (target, least, most) : target;
  if (factor < 1 && target <= least && least >= fitted (canvas).scale) {
    tessera_canvas_fit (canvas); /* there is nothing further out, and all of it is wanted */
    return;
  }
  tessera_canvas_set_auto_fit (canvas, FALSE);
  state->motion.fly_start = 0;
  if (!tessera_canvas_animates (canvas)) {
    TesseraMapCamera camera = state->camera;
    tessera_map_camera_zoom_at (&camera, tessera_canvas_width (canvas),
                                tessera_canvas_height (canvas), x, y, target);
    tessera_canvas_move_camera (canvas, camera);
    return;
  }
  tessera_map_motion_zoom (&state->motion, target, x, y);
  tessera_canvas_wake (canvas);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  TesseraCanvas *canvas = TESSERA_CANVAS (widget);
  TesseraCanvasPrivate *state = STATE (canvas);
  gint64 now = g_get_monotonic_time ();
  TesseraMapCamera camera = state->camera;
  if (tessera_map_motion_step (&state->motion, now, tessera_canvas_width (canvas),
                               tessera_canvas_height (canvas), &camera))
    tessera_canvas_move_camera (canvas, camera);
  bool more = CLASS (canvas)->tick && CLASS (canvas)->tick (canvas, now);
  if (more || tessera_map_motion_is_on (&state->motion))
    return G_SOURCE_CONTINUE;
  state->tick = 0;
  tessera_canvas_update_hover (canvas);
  return G_SOURCE_REMOVE;
}

void
tessera_canvas_wake (TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  if (state->tick)
    return;
  state->motion.last_step = 0;
  state->tick = gtk_widget_add_tick_callback (GTK_WIDGET (canvas), tick_cb, NULL, NULL);
}

void
tessera_canvas_reveal (TesseraCanvas *canvas, int place)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  double x, y, px, py, width = tessera_canvas_width (canvas),
                       height = tessera_canvas_height (canvas);
  if (place < 0 || !CLASS (canvas)->place_of (canvas, place, &x, &y) ||
      !(state->camera.scale > 0) || width < 1)
    return;
  TesseraMapCamera camera = tessera_map_motion_goal (&state->motion, &state->camera);
  tessera_map_camera_project (&camera, width, height, x, y, &px, &py);
  double edge_x = MIN (0.12 * width, 90), edge_y = MIN (0.12 * height, 90);
  double dx = px < edge_x ? px - edge_x : MAX (px - (width - edge_x), 0);
  double dy = py < edge_y ? py - edge_y : MAX (py - (height - edge_y), 0);
  if (dx == 0 && dy == 0)
    return;
  /* A tile from outside comes well into view, not just past the edge. */
  dx += dx == 0 ? 0 : dx > 0 ? 0.15 * width : -0.15 * width;
  dy += dy == 0 ? 0 : dy > 0 ? 0.15 * height : -0.15 * height;
  tessera_canvas_set_auto_fit (canvas, FALSE);
  camera.x += dx / camera.scale;
  camera.y += dy / camera.scale;
  tessera_canvas_fly (canvas, camera);
}

/* ---- tiles ---- */

int
tessera_canvas_key_place (TesseraCanvas *canvas)
{
  return STATE (canvas)->cursor >= 0 ? STATE (canvas)->cursor : STATE (canvas)->current;
}

void
tessera_canvas_activate (TesseraCanvas *canvas, int place)
{
  g_autofree guint8 *only = g_malloc0 (MAX (CLASS (canvas)->n_tiles (canvas), 1));
  only[place] = 1; /* by pointer or keyboard, the activated tile is the selected one */
  STATE (canvas)->cursor = place;
  tessera_canvas_select (canvas, only);
  CLASS (canvas)->activated (canvas, place);
}

void
tessera_canvas_set_hovered (TesseraCanvas *canvas, int place)
{
  if (STATE (canvas)->hovered == place)
    return;
  STATE (canvas)->hovered = place;
  CLASS (canvas)->hovered (canvas, place);
  gtk_widget_queue_draw (GTK_WIDGET (canvas));
}

static void
selection_changed (TesseraCanvas *canvas, guint count)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  bool notify = count != state->n_selected;
  state->n_selected = count;
  g_clear_pointer (&state->selected_snapshot, g_bytes_unref);
  CLASS (canvas)->selection_changed (canvas);
  CLASS (canvas)->describe (canvas);
  g_signal_emit (canvas, signals[SELECTION_CHANGED], 0);
  if (notify)
    g_object_notify_by_pspec (G_OBJECT (canvas), properties[PROP_N_SELECTED]);
}

void
tessera_canvas_combine (TesseraCanvas *canvas, const guint8 *found, TesseraCanvasCombine how)
{
  const TesseraCanvasClass *class = CLASS (canvas);
  guint8 *selected = STATE (canvas)->selected;
  guint count = 0, n = class->n_tiles (canvas);
  bool changed = false;
  for (guint i = 0; i < n; i++) {
    guint8 now = selected[i];
    bool hit = found[i] && class->is_pickable (canvas, i);
    guint8 next = how == TESSERA_CANVAS_REPLACE ? hit
                  : how == TESSERA_CANVAS_ADD   ? now | hit
                                                : now & !hit;
    changed |= next != now;
    selected[i] = next;
    count += next;
  }
  if (changed)
    selection_changed (canvas, count);
}

void
tessera_canvas_select (TesseraCanvas *canvas, const guint8 *wanted)
{
  guint count = 0, n = CLASS (canvas)->n_tiles (canvas);
  if (n == 0 || memcmp (wanted, STATE (canvas)->selected, n) == 0)
    return;
  memcpy (STATE (canvas)->selected, wanted, n);
  for (guint i = 0; i < n; i++)
    count += wanted[i];
  selection_changed (canvas, count);
}

void
tessera_canvas_unselect_all (TesseraCanvas *canvas)
{
  g_return_if_fail (TESSERA_IS_CANVAS (canvas));
  if (STATE (canvas)->n_selected == 0)
    return;
  memset (STATE (canvas)->selected, 0, CLASS (canvas)->n_tiles (canvas));
  selection_changed (canvas, 0);
}

void
tessera_canvas_renumber (TesseraCanvas *canvas, guint8 *selected)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  guint count = 0, n = CLASS (canvas)->n_tiles (canvas);
  state->cursor = state->current = -1;
  tessera_canvas_set_hovered (canvas, -1);
  g_free (state->selected);
  state->selected = selected ? selected : g_malloc0 (MAX (n, 1));
  g_clear_pointer (&state->selected_snapshot, g_bytes_unref);
  for (guint i = 0; selected && i < n; i++)
    count += selected[i];
  if (count != state->n_selected)
    selection_changed (canvas, count);
}

guint32 *
tessera_canvas_get_selected (TesseraCanvas *canvas, guint *n)
{
  const TesseraCanvasPrivate *state = STATE (canvas);
  *n = state->n_selected;
  if (state->n_selected == 0)
    return NULL;
  guint32 *places = g_new (guint32, state->n_selected);
  for (guint32 i = 0, k = 0; k < state->n_selected; i++)
    if (state->selected[i])
      places[k++] = i;
  return places;
}

GBytes *
tessera_canvas_selection (TesseraCanvas *canvas)
{
  TesseraCanvasPrivate *state = STATE (canvas);
  if (!state->selected_snapshot && state->n_selected > 0)
    state->selected_snapshot = g_bytes_new (state->selected, CLASS (canvas)->n_tiles (canvas));
  return state->selected_snapshot;
}

guint
tessera_canvas_get_n_selected (TesseraCanvas *canvas)
{
  g_return_val_if_fail (TESSERA_IS_CANVAS (canvas), 0);
  return STATE (canvas)->n_selected;
}

/* ---- the view ---- */

void
tessera_canvas_fit (TesseraCanvas *canvas)
{
  g_return_if_fail (TESSERA_IS_CANVAS (canvas));
  TesseraMapCamera fit = fitted (canvas);
  if (fit.scale > 0)
    tessera_canvas_fly (canvas, fit);
  tessera_canvas_set_auto_fit (canvas, TRUE);
}

/* Without a pointer: at the tile the keys are at, if it is seen, so that it stays in sight; else at
 * the middle. */
static void
zoom_without_pointer (TesseraCanvas *canvas, double factor)
{
  const TesseraMapCamera *camera = &STATE (canvas)->camera;
  double w = tessera_canvas_width (canvas), h = tessera_canvas_height (canvas), x = w / 2,
         y = h / 2, px, py;
  int place = tessera_canvas_key_place (canvas);
  if (place >= 0 && CLASS (canvas)->place_of (canvas, place, &px, &py)) {
    tessera_map_camera_project (camera, w, h, px, py, &px, &py);
    if (px >= 0 && py >= 0 && px <= w && py <= h)
      x = px, y = py;
  }
  tessera_canvas_zoom_by (canvas, factor, x, y);
}

void
tessera_canvas_zoom_in (TesseraCanvas *canvas)
{
  g_return_if_fail (TESSERA_IS_CANVAS (canvas));
  zoom_without_pointer (canvas, 1.5);
}

void
tessera_canvas_zoom_out (TesseraCanvas *canvas)
{
  g_return_if_fail (TESSERA_IS_CANVAS (canvas));
  zoom_without_pointer (canvas, 1 / 1.5);
}

gboolean
tessera_canvas_get_viewport (TesseraCanvas *canvas, double *center_x, double *center_y,
                             double *scale)
{
  g_return_val_if_fail (TESSERA_IS_CANVAS (canvas), FALSE);
  const TesseraMapCamera *camera = &STATE (canvas)->camera;
  if (!CLASS (canvas)->has_content (canvas) || !(camera->scale > 0))
    return FALSE;
  *center_x = camera->x;
  *center_y = camera->y;
  *scale = camera->scale;
  return TRUE;
}

void
tessera_canvas_set_viewport (TesseraCanvas *canvas, double center_x, double center_y, double scale)
{
  g_return_if_fail (TESSERA_IS_CANVAS (canvas));
  tessera_canvas_stop (canvas);
  tessera_canvas_set_auto_fit (canvas, FALSE);
  tessera_canvas_move_camera (canvas, (TesseraMapCamera){center_x, center_y, scale});
}

/* ---- the object ---- */

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_AUTO_FIT)
    g_value_set_boolean (value, STATE (object)->auto_fit);
  else if (id == PROP_N_SELECTED)
    g_value_set_uint (value, STATE (object)->n_selected);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_AUTO_FIT && g_value_get_boolean (value))
    tessera_canvas_fit (TESSERA_CANVAS (object));
  else if (id == PROP_AUTO_FIT)
    tessera_canvas_set_auto_fit (TESSERA_CANVAS (object), FALSE);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
dispose (GObject *object)
{
  TesseraCanvasPrivate *state = STATE (object);
  if (state->tick)
    gtk_widget_remove_tick_callback (GTK_WIDGET (object), state->tick);
  state->tick = 0;
  G_OBJECT_CLASS (tessera_canvas_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  g_clear_pointer (&STATE (object)->selected_snapshot, g_bytes_unref);
  g_free (STATE (object)->selected);
  G_OBJECT_CLASS (tessera_canvas_parent_class)->finalize (object);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, TESSERA_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 0);
}

static void
tessera_canvas_class_init (TesseraCanvasClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  object_class->get_property = get_property;
  object_class->set_property = set_property;
  object_class->dispose = dispose;
  object_class->finalize = finalize;
  properties[PROP_AUTO_FIT] =
      g_param_spec_boolean ("auto-fit", NULL, NULL, TRUE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_N_SELECTED] = g_param_spec_uint ("n-selected", NULL, NULL, 0, G_MAXUINT, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SELECTION_CHANGED] = new_signal ("selection-changed");
  signals[VIEWPORT_CHANGED] = new_signal ("viewport-changed");
  signals[BACKGROUND_CLICKED] = new_signal ("background-clicked");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
tessera_canvas_init (TesseraCanvas *canvas)
{
  GtkWidget *widget = GTK_WIDGET (canvas);
  TesseraCanvasPrivate *state = STATE (canvas);
  state->hovered = state->cursor = state->current = -1;
  state->auto_fit = TRUE;
  state->selected = g_malloc0 (1);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  tessera_canvas_add_controllers (canvas);
}
