#include "tessera-map-pane.h"

#include "tessera-map-alarm.h"
#include "tessera-map-empty.h"
#include "tessera-map-legend.h"
#include "tessera-map-paint.h"
#include "tessera-map-trust.h"
#include "tessera-tile-menu.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _TesseraMapPane {
  GtkWidget parent_instance;

  GtkOverlay *overlay;
  GtkWidget *tools, *corner;
  GtkToggleButton *pan, *box, *lasso;
  GtkWidget *coloring;
  GtkDropDown *color_by;
  TesseraMapEmpty *empty;
  TesseraMapLegend *legend;
  TesseraMapTrust *trust;
  TesseraMapAlarm *alarm;

  TesseraMapView *view;
  TesseraSession *session;
  TesseraTileStore *store;
  TesseraSidebar *sidebar;
  GSignalGroup *signals, *store_signals;
  GPtrArray *colorings; /* TesseraColoring, as listed in color_by */
  gboolean syncing;     /* selection, mode or colouring is being handed over */
  const float *shown;   /* the layout as last given to the view, for comparison only */
  gboolean forming;     /* it was on its way */
};

G_DEFINE_FINAL_TYPE (TesseraMapPane, tessera_map_pane, GTK_TYPE_WIDGET)

static const TesseraColoring *
chosen_coloring (TesseraMapPane *self)
{
  guint selected = gtk_drop_down_get_selected (self->color_by);
  return g_ptr_array_index (self->colorings, selected < self->colorings->len ? selected : 0);
}

/* ---- from the session to the view ---- */

/* Between what lies over the map and the nearest point's middle: half a marker and some air. */
#define CLEAR 14
/* A legend's width changes with its numbers; the map must not follow every one. */
#define STEP 32

static int
natural_size (GtkWidget *widget, GtkOrientation orientation)
{
  int size;
  gtk_widget_measure (widget, orientation, -1, NULL, &size, NULL, NULL);
  return size;
}

/* Keeps the fitted map clear of the controls that lie over it. A legend below the upper one takes
 * height, or width where that costs less. */
static void
update_insets (TesseraMapPane *self)
{
  if (!gtk_widget_get_visible (self->coloring)) {
    tessera_map_view_set_insets (self->view, NULL, 0);
    return;
  }
  GtkWidget *legend = GTK_WIDGET (self->legend);
  int corner = natural_size (self->corner, GTK_ORIENTATION_VERTICAL), tools,
      width = gtk_widget_get_width (GTK_WIDGET (self->view));
  gtk_widget_measure (self->tools, GTK_ORIENTATION_VERTICAL, width > 0 ? width : -1, NULL, &tools,
                      NULL, NULL); /* in two rows, where there is no room for one */
  int control = gtk_widget_get_margin_top (self->corner) +
                natural_size (self->coloring, GTK_ORIENTATION_VERTICAL);
  TesseraMapInsets choices[] = {{.top = corner + CLEAR, .bottom = tools + CLEAR},
                                {.top = control + CLEAR, .bottom = tools + CLEAR}};
  int wide = gtk_widget_get_margin_start (self->corner) +
             natural_size (legend, GTK_ORIENTATION_HORIZONTAL);
  choices[1].left = (wide / STEP + 1) * STEP + CLEAR;
  tessera_map_view_set_insets (self->view, choices, gtk_widget_get_visible (legend) ? 2 : 1);
}

static void
update_points (TesseraMapPane *self)
{
  if (self->session == NULL || self->colorings == NULL)
    return;
  g_autoptr (GArray) palette =
      tessera_map_paint_palette (self->session, self->sidebar, chosen_coloring (self));
  tessera_map_legend_mark_hidden (self->legend, chosen_coloring (self), palette);
  tessera_map_view_set_palette (self->view, (TesseraMapClass *)palette->data, palette->len);
  g_autoptr (GBytes) points =
      tessera_map_paint_points (self->session, self->sidebar, chosen_coloring (self));
  tessera_map_view_set_points (self->view, points);
  tessera_map_legend_show (self->legend, self->session, chosen_coloring (self),
                           g_bytes_get_data (points, NULL));
  update_insets (self);
}

static void
update_queue (TesseraMapPane *self)
{
  const GArray *queue = tessera_session_get_queue (self->session);
  tessera_map_view_set_suggestions (self->view, (const guint32 *)queue->data, queue->len);
}

static void
update_empty (TesseraMapPane *self)
{
  gboolean map = tessera_session_get_map (self->session) != NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->empty), !map);
  gtk_widget_set_visible (self->tools, map);
  gtk_widget_set_visible (self->coloring, map);
  gtk_widget_set_opacity (GTK_WIDGET (self->legend), map ? 1 : 0);
  update_insets (self);
}

static void
show_layout (TesseraMapPane *self)
{
  const float *map = tessera_session_get_map (self->session);
  if (map != self->shown || map == NULL) {
    g_autoptr (GBytes) xy = tessera_session_get_map_bytes (self->session);
    if (tessera_session_is_map_forming (self->session))
      tessera_map_view_stream_layout (self->view, xy);
    else
      tessera_map_view_set_layout (self->view, xy);
    self->shown = map;
  }
}

static void
update_layout (TesseraMapPane *self)
{
  show_layout (self);
  update_points (self);
  update_queue (self);
  update_empty (self);
}

/* The view moves only for a tile that cannot be seen: a map that jumps at every key is hard to keep
 * in mind. */
static void
reveal (TesseraMapPane *self, uint32_t tile)
{
  double x, y, margin = 16;
  GtkWidget *view = GTK_WIDGET (self->view);
  if (tessera_map_view_locate (self->view, tile, &x, &y) &&
      (x < margin || y < margin || x > gtk_widget_get_width (view) - margin ||
       y > gtk_widget_get_height (view) - margin))
    tessera_map_view_reveal (self->view, (int)tile);
}

void
tessera_map_pane_reveal (TesseraMapPane *self, uint32_t tile)
{
  g_return_if_fail (TESSERA_IS_MAP_PANE (self));
  reveal (self, tile);
}

static void
update_selection (TesseraMapPane *self)
{
  uint32_t current = tessera_session_get_current (self->session);
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  self->syncing = TRUE;
  tessera_map_view_set_selection (self->view, n > 1 ? tiles : NULL, n > 1 ? (guint)n : 0);
  self->syncing = FALSE;
  tessera_map_view_set_current (self->view, current == TESSERA_NO_TILE ? -1 : (int)current);
  if (current != TESSERA_NO_TILE && n == 1)
    reveal (self, current);
}

static gboolean
same_choices (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; a != NULL && a->len == b->len; i++) {
    if (i == a->len)
      return TRUE;
    const TesseraColoring *x = a->pdata[i], *y = b->pdata[i];
    if (!g_str_equal (x->id, y->id))
      return FALSE;
  }
  return FALSE;
}

/* The choice of the project's setting, which is made elsewhere too; the first where it is not
 * there.
 */
static guint
wanted_coloring (TesseraMapPane *self, const GPtrArray *choices)
{
  const char *chosen = tessera_session_get_setting (self->session, "view.color-by", "prediction");
  for (guint i = 0; i < choices->len; i++)
    if (g_str_equal (((const TesseraColoring *)choices->pdata[i])->id, chosen))
      return i;
  return 0;
}

static void
select_coloring (TesseraMapPane *self, guint selected)
{
  self->syncing = TRUE;
  gtk_drop_down_set_selected (self->color_by, selected);
  self->syncing = FALSE;
  update_points (self);
}

/* Lists what can colour the points; what the user chose last stays chosen while it is there. */
static void
fill_color_by (TesseraMapPane *self)
{
  if (self->session == NULL)
    return;
  g_autoptr (GPtrArray) choices = tessera_colorings (self->session);
  guint selected = wanted_coloring (self, choices);
  if (same_choices (self->colorings, choices)) {
    if (selected != gtk_drop_down_get_selected (self->color_by))
      select_coloring (self, selected);
    return;
  }
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  for (guint i = 0; i < choices->len; i++) {
    const TesseraColoring *choice = g_ptr_array_index (choices, i);
    gtk_string_list_append (titles, choice->title);
  }
  g_clear_pointer (&self->colorings, g_ptr_array_unref);
  self->colorings = g_steal_pointer (&choices);
  self->syncing = TRUE;
  gtk_drop_down_set_model (self->color_by, G_LIST_MODEL (titles));
  select_coloring (self, selected);
}

/* Tiles, map and columns anew. */
static void
contents_cb (TesseraMapPane *self)
{
  gboolean was_forming = self->forming;
  self->forming = tessera_session_is_map_forming (self->session);
  if (was_forming && self->forming) { /* many times a second, and nothing else has changed */
    show_layout (self);
    return;
  }
  fill_color_by (self);
  update_layout (self);
}

/* ---- from the view to the session ---- */

static void
point_activated_cb (TesseraMapPane *self, int tile)
{
  if (self->session != NULL && tile >= 0)
    tessera_session_select_one (self->session, (uint32_t)tile);
}

static void
selection_cb (TesseraMapPane *self)
{
  if (self->syncing || self->session == NULL)
    return;
  guint n;
  g_autofree guint32 *tiles = tessera_map_view_get_selection (self->view, &n);
  if (n > 0)
    tessera_session_select (self->session, tiles, n, TESSERA_SELECT_REPLACE);
  else
    tessera_session_select_none (self->session);
}

static void
background_cb (TesseraMapPane *self)
{
  if (self->session != NULL)
    tessera_session_select_none (self->session);
}

static GdkTexture *
thumbnail (TesseraMapView *view, guint tile, gpointer user)
{
  TesseraMapPane *self = user;
  GdkTexture *texture = self->store != NULL ? tessera_tile_store_peek (self->store, tile) : NULL;
  return texture != NULL ? g_object_ref (texture) : NULL;
}

static uint32_t
tile_at (GtkWidget *widget, double x, double y, gpointer user)
{
  int tile = tessera_map_view_pick (TESSERA_MAP_VIEW (widget), x, y);
  return tile >= 0 ? (uint32_t)tile : TESSERA_NO_TILE;
}

static char *
caption (TesseraMapView *view, guint tile, gpointer user)
{
  TesseraMapPane *self = user;
  if (self->session == NULL || tile >= tessera_session_get_n_tiles (self->session))
    return NULL;
  return tessera_map_paint_caption (self->session, tile);
}

static void
mode_notify_cb (TesseraMapPane *self)
{
  TesseraMapMode mode = tessera_map_view_get_mode (self->view);
  GtkToggleButton *button = mode == TESSERA_MAP_MODE_LASSO ? self->lasso
                            : mode == TESSERA_MAP_MODE_BOX ? self->box
                                                           : self->pan;
  self->syncing = TRUE;
  gtk_toggle_button_set_active (button, TRUE);
  self->syncing = FALSE;
}

static void
mode_cb (TesseraMapPane *self)
{
  if (self->syncing || self->view == NULL)
    return;
  TesseraMapMode mode = gtk_toggle_button_get_active (self->lasso) ? TESSERA_MAP_MODE_LASSO
                        : gtk_toggle_button_get_active (self->box) ? TESSERA_MAP_MODE_BOX
                                                                   : TESSERA_MAP_MODE_PAN;
  tessera_map_view_set_mode (self->view, mode);
}

static void
color_by_cb (TesseraMapPane *self)
{
  if (self->syncing || self->session == NULL || self->colorings == NULL)
    return;
  tessera_session_set_setting (self->session, "view.color-by", chosen_coloring (self)->id);
  update_points (self);
}

static void
fit_cb (TesseraMapPane *self)
{
  tessera_canvas_fit (TESSERA_CANVAS (self->view));
}

static void
zoom_in_cb (TesseraMapPane *self)
{
  tessera_canvas_zoom_in (TESSERA_CANVAS (self->view));
}

static void
zoom_out_cb (TesseraMapPane *self)
{
  tessera_canvas_zoom_out (TESSERA_CANVAS (self->view));
}

static void
thumbnail_ready_cb (TesseraMapPane *self, guint tile)
{
  tessera_map_view_thumbnail_ready (self->view, tile);
}

void
tessera_map_pane_refresh (TesseraMapPane *self)
{
  g_return_if_fail (TESSERA_IS_MAP_PANE (self));
  update_points (self);
}

TesseraMapView *
tessera_map_pane_get_view (TesseraMapPane *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_PANE (self), NULL);
  return self->view;
}

void
tessera_map_pane_set_session (TesseraMapPane *self, TesseraSession *session, TesseraJobs *jobs,
                              TesseraTileStore *store, TesseraSidebar *sidebar)
{
  g_return_if_fail (TESSERA_IS_MAP_PANE (self));
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  tessera_map_empty_set (self->empty, session, jobs);
  tessera_map_trust_set_session (self->trust, session);
  tessera_map_alarm_set_session (self->alarm, session);
  self->sidebar = sidebar;
  self->shown = NULL;
  self->forming = FALSE;
  g_clear_pointer (&self->colorings, g_ptr_array_unref);
  g_signal_group_set_target (self->signals, session);
  g_signal_group_set_target (self->store_signals, store);
  tessera_map_view_clear_thumbnails (self->view);
  if (session == NULL) {
    tessera_map_view_set_layout (self->view, NULL);
    return;
  }
  fill_color_by (self);
  update_layout (self);
  update_selection (self);
}

static void
tessera_map_pane_dispose (GObject *object)
{
  TesseraMapPane *self = TESSERA_MAP_PANE (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->store_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  g_clear_pointer (&self->colorings, g_ptr_array_unref);
  self->view = NULL;
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tessera_map_pane_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-map-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, overlay);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, tools);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, corner);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, pan);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, box);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, lasso);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, coloring);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, color_by);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, empty);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, legend);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, trust);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapPane, alarm);
  gtk_widget_class_bind_template_callback (widget_class, mode_cb);
  gtk_widget_class_bind_template_callback (widget_class, color_by_cb);
  gtk_widget_class_bind_template_callback (widget_class, fit_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_out_cb);
}

static void
tessera_map_pane_class_init (TesseraMapPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_map_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
tessera_map_pane_init (TesseraMapPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->view = TESSERA_MAP_VIEW (tessera_map_view_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (self->view), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->view), TRUE);
  gtk_overlay_set_child (self->overlay, GTK_WIDGET (self->view));
  tessera_map_view_set_thumbnail_func (self->view, thumbnail, self, NULL);
  tessera_map_view_set_caption_func (self->view, caption, self, NULL);
  tessera_ui_set_name (self->view, _ ("Map of all tiles"));
  tessera_tile_menu_attach (GTK_WIDGET (self->view), &self->session, tile_at, self);
  g_signal_connect_object (self->view, "point-activated", G_CALLBACK (point_activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "selection-changed", G_CALLBACK (selection_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "background-clicked", G_CALLBACK (background_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "notify::mode", G_CALLBACK (mode_notify_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (update_insets), NULL); /* styled now */
  g_signal_connect_swapped (self->legend, "visibility-changed", G_CALLBACK (update_points), self);

  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const struct {
    const char *signal;
    void (*handler) (TesseraMapPane *);
  } connections[] = {
      {"map-changed", contents_cb},
      {"labels-changed", update_points},
      {"classes-changed", update_points},
      {"suggestions-changed", update_queue},
      {"selection-changed", update_selection},
      {"settings-changed", fill_color_by},
  };
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_group_connect_swapped (self->signals, connections[i].signal,
                                    G_CALLBACK (connections[i].handler), self);
  self->store_signals = g_signal_group_new (TESSERA_TYPE_TILE_STORE);
  g_signal_group_connect_swapped (self->store_signals, "thumbnail-ready",
                                  G_CALLBACK (thumbnail_ready_cb), self);
}
