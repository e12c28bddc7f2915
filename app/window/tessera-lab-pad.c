#include "tessera-lab-pad.h"

#include "tessera-map-point.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

enum { SIDE = 560 }; /* pixels of the painted map: sharp on twice as dense screens */

struct _TesseraLabPad {
  GtkWidget parent_instance;

  TesseraSession *session;
  GSignalGroup *signals;
  GdkTexture *map;
  double x, y, width; /* of the map: the painted square's corner and side; width 0: none */
  double place[2];
  GArray *marks;  /* double x, y */
  gboolean stale; /* to be painted again when the one under way is done */
  gboolean painting;
};

G_DEFINE_FINAL_TYPE (TesseraLabPad, tessera_lab_pad, GTK_TYPE_WIDGET)

enum { SIGNAL_MOVED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- painting, on a thread of its own: O(tiles) ---- */

typedef struct {
  GBytes *places, *points; /* floats [n,2]; TesseraMapPoint [n] or NULL */
  guint32 color[256];      /* by class */
  guint32 plain;
  /* out */
  double x, y, width;
} Paint;

static void
paint_free (gpointer data)
{
  Paint *paint = data;
  g_bytes_unref (paint->places);
  g_clear_pointer (&paint->points, g_bytes_unref);
  g_free (paint);
}

static gsize
measure (Paint *paint, const float *places, gsize n)
{
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  gsize there = 0;
  for (gsize i = 0; i < n; i++) {
    if (!isfinite (places[2 * i]) || !isfinite (places[2 * i + 1]))
      continue;
    there++;
    for (int k = 0; k < 2; k++) {
      low[k] = MIN (low[k], (double)places[2 * i + k]);
      high[k] = MAX (high[k], (double)places[2 * i + k]);
    }
  }
  if (there == 0)
    return 0;
  double extent = MAX (MAX (high[0] - low[0], high[1] - low[1]), 1e-6);
  paint->width = extent * 1.08;
  paint->x = (low[0] + high[0] - paint->width) / 2;
  paint->y = (low[1] + high[1] - paint->width) / 2;
  return there;
}

typedef struct {
  guint32 count, red, green, blue;
} Cell;

static void
splat (Cell *cells, int x, int y, int radius, guint32 color)
{
  for (int v = y - radius; v <= y + radius; v++)
    for (int u = x - radius; u <= x + radius; u++) {
      int away = (v - y) * (v - y) + (u - x) * (u - x);
      if (u < 0 || v < 0 || u >= SIDE || v >= SIDE || away > radius * radius)
        continue;
      Cell *cell = &cells[v * SIDE + u];
      cell->count++;
      cell->red += color >> 16 & 255;
      cell->green += color >> 8 & 255;
      cell->blue += color & 255;
    }
}

static GdkTexture *
finish_cells (const Cell *cells)
{
  guint8 *rgba = g_malloc ((gsize)SIDE * SIDE * 4);
  for (gsize k = 0; k < (gsize)SIDE * SIDE; k++) {
    const Cell *cell = &cells[k];
    guint32 n = MAX (cell->count, 1);
    double alpha = cell->count == 0 ? 0 : MIN (1, 0.6 + 0.1 * cell->count);
    rgba[4 * k] = (guint8)(cell->red / n);
    rgba[4 * k + 1] = (guint8)(cell->green / n);
    rgba[4 * k + 2] = (guint8)(cell->blue / n);
    rgba[4 * k + 3] = (guint8)(255 * alpha);
  }
  g_autoptr (GBytes) bytes = g_bytes_new_take (rgba, (gsize)SIDE * SIDE * 4);
  return gdk_memory_texture_new (SIDE, SIDE, GDK_MEMORY_R8G8B8A8, bytes, (gsize)SIDE * 4);
}

static void
paint_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Paint *paint = data;
  gsize bytes, colored = 0;
  const float *places = g_bytes_get_data (paint->places, &bytes);
  const TesseraMapPoint *points =
      paint->points != NULL ? g_bytes_get_data (paint->points, &colored) : NULL;
  gsize n = bytes / (2 * sizeof *places), there = measure (paint, places, n);
  colored /= sizeof *points;
  if (there == 0) {
    g_task_return_pointer (task, NULL, NULL);
    return;
  }
  int radius = there < 3000 ? 3 : there < 30000 ? 2 : there < 200000 ? 1 : 0;
  g_autofree Cell *cells = g_new0 (Cell, (gsize)SIDE * SIDE);
  for (gsize i = 0; i < n; i++) {
    if (!isfinite (places[2 * i]) || !isfinite (places[2 * i + 1]))
      continue;
    gboolean known =
        i < colored &&
        (points[i].flags & (TESSERA_MAP_POINT_LABELLED | TESSERA_MAP_POINT_PREDICTED)) != 0;
    splat (cells, (int)(((double)places[2 * i] - paint->x) / paint->width * SIDE),
           (int)(((double)places[2 * i + 1] - paint->y) / paint->width * SIDE), radius,
           known ? paint->color[points[i].class_index] : paint->plain);
  }
  g_task_return_pointer (task, finish_cells (cells), g_object_unref);
}

static void paint_map (TesseraLabPad *self);

static void
painted_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  TesseraLabPad *self = TESSERA_LAB_PAD (source);
  const Paint *paint = g_task_get_task_data (G_TASK (result));
  g_autoptr (GdkTexture) map = g_task_propagate_pointer (G_TASK (result), NULL);
  self->painting = FALSE;
  if (self->session == NULL)
    return;
  g_set_object (&self->map, map);
  self->x = paint->x;
  self->y = paint->y;
  self->width = map != NULL ? paint->width : 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->stale)
    paint_map (self);
}

static void
paint_map (TesseraLabPad *self)
{
  g_autoptr (GBytes) places =
      self->session != NULL ? tessera_session_get_map_bytes (self->session) : NULL;
  self->stale = self->painting || !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (places == NULL || self->stale)
    return;
  Paint *paint = g_new0 (Paint, 1);
  paint->places = g_steal_pointer (&places);
  paint->points = tessera_session_get_colours (self->session);
  paint->plain = 0x8c8c8c;
  const GPtrArray *classes = tessera_session_get_classes (self->session);
  for (guint k = 0; k < 256; k++)
    paint->color[k] = k < classes->len ? ((TsrClass *)classes->pdata[k])->rgb : paint->plain;
  self->painting = TRUE;
  g_autoptr (GTask) task = g_task_new (self, NULL, painted_cb, NULL);
  g_task_set_task_data (task, paint, paint_free);
  g_task_run_in_thread (task, paint_thread);
}

/* ---- what is drawn ---- */

/* The square the map is in. */
static graphene_rect_t
square_of (TesseraLabPad *self)
{
  double w = gtk_widget_get_width (GTK_WIDGET (self)),
         h = gtk_widget_get_height (GTK_WIDGET (self)), side = MIN (w, h);
  return GRAPHENE_RECT_INIT ((float)((w - side) / 2), (float)((h - side) / 2), (float)side,
                             (float)side);
}

static void
to_widget (TesseraLabPad *self, const graphene_rect_t *square, const double place[2], double *x,
           double *y)
{
  *x = square->origin.x + (place[0] - self->x) / self->width * square->size.width;
  *y = square->origin.y + (place[1] - self->y) / self->width * square->size.height;
}

static void
draw_ring (cairo_t *cr, double x, double y, double radius, double width)
{
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke_preserve (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

static void
tessera_lab_pad_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TesseraLabPad *self = TESSERA_LAB_PAD (widget);
  graphene_rect_t square = square_of (self);
  if (self->map == NULL || self->width <= 0)
    return;
  gtk_snapshot_append_texture (snapshot, self->map, &square);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &square);
  double x, y;
  for (guint k = 0; k + 1 < self->marks->len; k += 2) {
    to_widget (self, &square, &g_array_index (self->marks, double, k), &x, &y);
    draw_ring (cr, x, y, 3.5, 1.5);
  }
  if (isfinite (self->place[0])) {
    to_widget (self, &square, self->place, &x, &y);
    draw_ring (cr, x, y, 7, 2.5);
  }
  cairo_destroy (cr);
}

static void
tessera_lab_pad_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural =
      orientation == GTK_ORIENTATION_VERTICAL && for_size > 0 ? CLAMP (for_size, 160, 280) : 260;
  *minimum_baseline = *natural_baseline = -1;
}

static GtkSizeRequestMode
tessera_lab_pad_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* ---- moving ---- */

static void
move_to (TesseraLabPad *self, double x, double y, gboolean began)
{
  if (self->width <= 0)
    return;
  tessera_lab_pad_set_place (self, CLAMP (x, self->x, self->x + self->width),
                             CLAMP (y, self->y, self->y + self->width));
  g_signal_emit (self, signals[SIGNAL_MOVED], 0, self->place[0], self->place[1], began);
}

static void
point_at (TesseraLabPad *self, double x, double y, gboolean began)
{
  graphene_rect_t square = square_of (self);
  move_to (self, self->x + (x - square.origin.x) / square.size.width * self->width,
           self->y + (y - square.origin.y) / square.size.height * self->width, began);
}

static void
drag_begin_cb (TesseraLabPad *self, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  point_at (self, x, y, TRUE);
}

static void
drag_update_cb (TesseraLabPad *self, double dx, double dy, GtkGestureDrag *drag)
{
  double x, y;
  if (gtk_gesture_drag_get_start_point (drag, &x, &y))
    point_at (self, x + dx, y + dy, FALSE);
}

static gboolean
key_cb (TesseraLabPad *self, guint keyval, guint keycode, GdkModifierType state)
{
  double step = self->width / (state & GDK_SHIFT_MASK ? 12 : 60);
  static const struct {
    guint key, keypad;
    int x, y;
  } keys[] = {{GDK_KEY_Left, GDK_KEY_KP_Left, -1, 0},
              {GDK_KEY_Right, GDK_KEY_KP_Right, 1, 0},
              {GDK_KEY_Up, GDK_KEY_KP_Up, 0, -1},
              {GDK_KEY_Down, GDK_KEY_KP_Down, 0, 1}};
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK) || self->width <= 0)
    return GDK_EVENT_PROPAGATE;
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    if (keyval == keys[k].key || keyval == keys[k].keypad) {
      gboolean somewhere = isfinite (self->place[0]);
      double x = somewhere ? self->place[0] : self->x + self->width / 2,
             y = somewhere ? self->place[1] : self->y + self->width / 2;
      move_to (self, x + step * keys[k].x, y + step * keys[k].y, !somewhere);
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

void
tessera_lab_pad_set_place (TesseraLabPad *self, double x, double y)
{
  g_return_if_fail (TESSERA_IS_LAB_PAD (self));
  self->place[0] = x;
  self->place[1] = y;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_lab_pad_set_marks (TesseraLabPad *self, const uint32_t *tiles, guint n)
{
  g_return_if_fail (TESSERA_IS_LAB_PAD (self));
  const float *map = self->session != NULL ? tessera_session_get_map (self->session) : NULL;
  g_array_set_size (self->marks, 0);
  for (guint k = 0; map != NULL && k < n; k++) {
    if (tiles[k] >= tessera_session_get_n_tiles (self->session))
      continue;
    double place[2] = {(double)map[2 * tiles[k]], (double)map[2 * tiles[k] + 1]};
    if (isfinite (place[0]) && isfinite (place[1]))
      g_array_append_vals (self->marks, place, 2);
  }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_lab_pad_set_session (TesseraLabPad *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_LAB_PAD (self));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  g_clear_object (&self->map);
  self->width = 0;
  g_array_set_size (self->marks, 0);
  tessera_lab_pad_set_place (self, NAN, NAN);
  paint_map (self);
}

/* ---- the widget ---- */

static void
tessera_lab_pad_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tessera_lab_pad_parent_class)->map (widget);
  if (TESSERA_LAB_PAD (widget)->stale)
    paint_map (TESSERA_LAB_PAD (widget));
}

static void
tessera_lab_pad_dispose (GObject *object)
{
  TesseraLabPad *self = TESSERA_LAB_PAD (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_object (&self->map);
  g_clear_pointer (&self->marks, g_array_unref);
  G_OBJECT_CLASS (tessera_lab_pad_parent_class)->dispose (object);
}

static void
tessera_lab_pad_class_init (TesseraLabPadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_lab_pad_dispose;
  widget_class->snapshot = tessera_lab_pad_snapshot;
  widget_class->measure = tessera_lab_pad_measure;
  widget_class->get_request_mode = tessera_lab_pad_request_mode;
  widget_class->map = tessera_lab_pad_map;
  signals[SIGNAL_MOVED] =
      g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 3, G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_BOOLEAN);
  gtk_widget_class_set_css_name (widget_class, "labpad");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
tessera_lab_pad_init (TesseraLabPad *self)
{
  self->place[0] = self->place[1] = NAN;
  self->marks = g_array_new (FALSE, FALSE, sizeof (double));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  tessera_ui_set_name (self, _ ("The map, to walk on: drag, or use the arrow keys"));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (paint_map), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (paint_map), self);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (paint_map), self);

  GtkGesture *drag = gtk_gesture_drag_new ();
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
