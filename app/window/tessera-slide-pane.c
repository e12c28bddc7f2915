#include "tessera-slide-pane.h"

#include "tessera-map-legend.h"
#include "tessera-map-paint.h"
#include "tessera-slide-areas.h"
#include "tessera-slide-missing.h"
#include "tessera-slide-tasks.h"
#include "tessera-tile-menu.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

struct _TesseraSlidePane {
  GtkWidget parent_instance;

  GtkWidget *content, *controls;
  GtkStack *stack;
  GtkOverlay *overlay;
  TesseraSlideMissing *missing;
  AdwStatusPage *failure;
  GtkWidget *choose_file;
  GtkDropDown *slides;
  GtkRange *opacity;
  GtkCheckButton *tiles, *grid, *mask, *heatmap, *bare, *inset, *label_image;
  TesseraSlideAreas *areas;
  TesseraMapLegend *legend;

  TesseraSlideView *view;
  TesseraSession *session;
  TesseraSidebar *sidebar;
  GSignalGroup *signals;
  GPtrArray *colorings; /* the first: predictions */
  GCancellable *opening;
  gint32 chosen;     /* number of the slide, -1: none */
  gint32 shown;      /* whose pixels are there, -1: nobody's */
  guint32 wanted;    /* the tile to show once its slide is there, or TESSERA_NO_TILE */
  guint syncing;     /* selection or choice is being handed over, so many deep */
  gboolean failed;   /* there is nothing to be shown of it */
  gboolean stand_in; /* its file cannot be read, thumbnails are shown */
};

G_DEFINE_FINAL_TYPE (TesseraSlidePane, tessera_slide_pane, GTK_TYPE_WIDGET)

/* ---- from the session to the view ---- */

static const TesseraColoring *
coloring_by (TesseraSlidePane *self, TesseraColorBy by)
{
  for (guint i = 0; self->colorings != NULL && i < self->colorings->len; i++) {
    const TesseraColoring *coloring = g_ptr_array_index (self->colorings, i);
    if (coloring->by == by)
      return coloring;
  }
  return NULL;
}

/* The heat map's ramp, in the words that the map has for it; classes are explained by their list.
 */
static void
update_legend (TesseraSlidePane *self)
{
  const TesseraColoring *margin = coloring_by (self, TESSERA_COLOR_MARGIN);
  if (margin != NULL && gtk_check_button_get_active (self->heatmap) &&
      gtk_check_button_get_active (self->tiles) && !gtk_check_button_get_active (self->bare))
    tessera_map_legend_show (self->legend, self->session, margin, NULL);
  else
    gtk_widget_set_visible (GTK_WIDGET (self->legend), FALSE);
}

/* Nobody looks: what is not seen is painted when it is. */
static gboolean
is_seen (TesseraSlidePane *self)
{
  return self->session != NULL && gtk_widget_get_mapped (GTK_WIDGET (self));
}

static void
update_points (TesseraSlidePane *self)
{
  if (!is_seen (self) || self->shown < 0)
    return;
  if (self->colorings == NULL)
    self->colorings = tessera_colorings (self->session);
  const TesseraColoring *coloring = g_ptr_array_index (self->colorings, 0);
  g_autoptr (GArray) palette = tessera_map_paint_palette (self->session, self->sidebar, coloring);
  g_autoptr (GBytes) points = tessera_map_paint_points (self->session, self->sidebar, coloring);
  tessera_slide_view_set_palette (self->view, (TesseraMapClass *)palette->data, palette->len);
  tessera_slide_view_set_points (self->view, points);
  update_legend (self);
}

static void
update_selected (TesseraSlidePane *self)
{
  if (self->session == NULL || self->shown < 0)
    return;
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  self->syncing++;
  tessera_slide_view_set_selected (self->view, tiles, (guint)n);
  self->syncing--;
}

/* Another slide takes the view's selection away, not the session's. */
static void
set_slide (TesseraSlidePane *self, TsrSlide *slide)
{
  self->syncing++;
  tessera_slide_view_set_slide (self->view, slide);
  self->syncing--;
}

static void
update_tiles (TesseraSlidePane *self)
{
  g_autoptr (GArray) tiles = g_array_new (FALSE, FALSE, sizeof (TesseraSlideTile));
  uint32_t n = tessera_session_get_n_tiles (self->session);
  for (uint32_t i = 0; i < n; i++) {
    const TsrTileRegion *region = tessera_session_get_region (self->session, i);
    if (region == NULL || region->slide != self->shown)
      continue;
    TesseraSlideTile tile = {region->x, region->y, region->width, region->height, i};
    g_array_append_val (tiles, tile);
  }
  self->syncing++;
  tessera_slide_view_set_tiles (self->view, (TesseraSlideTile *)tiles->data, tiles->len);
  self->syncing--;
}

static void
show_wanted (TesseraSlidePane *self)
{
  if (self->wanted == TESSERA_NO_TILE || self->shown != self->chosen)
    return;
  tessera_slide_view_show_tile (self->view, self->wanted);
  self->wanted = TESSERA_NO_TILE;
}

/* ---- which slide ---- */

static void
show_failure (TesseraSlidePane *self, const char *reason)
{
  const TsrProjectSlide *slide = tessera_session_get_slide (self->session, self->chosen);
  g_autofree char *title = g_markup_escape_text (slide != NULL ? slide->name : "", -1);
  g_autofree char *text = g_markup_escape_text (reason, -1);
  adw_status_page_set_title (self->failure, title);
  adw_status_page_set_description (self->failure, text);
  gtk_stack_set_visible_child_name (self->stack, "failed");
  self->failed = TRUE;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraSlidePane) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraOpenedSlide) opened = tessera_slide_open_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->session == NULL)
    return;
  g_clear_object (&self->opening);
  if (opened == NULL) {
    show_failure (self, error->message);
    return;
  }
  const TsrProjectSlide *slide = tessera_session_get_slide (self->session, self->chosen);
  self->shown = self->chosen;
  set_slide (self, opened->slide);
  tessera_slide_view_set_mpp (self->view, slide != NULL ? slide->mpp : NAN);
  tessera_slide_view_set_mask (self->view, opened->mask.classes != NULL ? &opened->mask : NULL);
  gtk_check_button_set_active (self->label_image, FALSE);
  update_tiles (self);
  update_points (self);
  update_selected (self);
  gtk_stack_set_visible_child_name (self->stack, "slide");
  self->stand_in = opened->reason != NULL;
  if (self->stand_in)
    tessera_slide_missing_say_stand_in (self->missing, opened->reason);
  else if (opened->changed)
    tessera_slide_missing_say (self->missing,
                               _ ("This slide's file has been changed or replaced since it joined. "
                                  "Compare its tiles before you rely on what is shown, or put the "
                                  "slide's own file back."));
  show_wanted (self);
}

/* Opens what is chosen, if it is looked at. */
static void
open_chosen (TesseraSlidePane *self)
{
  if (!is_seen (self) || self->opening != NULL || self->shown == self->chosen || self->failed)
    return;
  const TsrProjectSlide *slide = tessera_session_get_slide (self->session, self->chosen);
  if (slide == NULL)
    return;
  self->opening = g_cancellable_new ();
  gtk_stack_set_visible_child_name (self->stack, "opening");
  tessera_slide_open_async (tessera_session_get_path (self->session), self->chosen, slide->path,
                            slide->size, self->opening, opened_cb, g_object_ref (self));
}

static void
forget_slide (TesseraSlidePane *self)
{
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  self->shown = -1;
  self->failed = FALSE;
  tessera_slide_missing_say_stand_in (self->missing, NULL);
  self->stand_in = FALSE;
  set_slide (self, NULL);
}

void
tessera_slide_pane_choose (TesseraSlidePane *self, gint32 slide)
{
  g_return_if_fail (TESSERA_IS_SLIDE_PANE (self));
  if (self->session == NULL || slide == self->chosen ||
      tessera_session_get_slide (self->session, slide) == NULL)
    return;
  forget_slide (self);
  self->chosen = slide;
  self->syncing++;
  gtk_drop_down_set_selected (self->slides, (guint)slide);
  self->syncing--;
  tessera_slide_areas_show (self->areas, slide);
  tessera_slide_missing_set_chosen (self->missing, slide);
  open_chosen (self);
}

void
tessera_slide_pane_show_tile (TesseraSlidePane *self, guint32 tile)
{
  g_return_if_fail (TESSERA_IS_SLIDE_PANE (self));
  const TsrTileRegion *region =
      self->session != NULL ? tessera_session_get_region (self->session, tile) : NULL;
  if (region == NULL)
    return;
  self->wanted = tile;
  tessera_slide_pane_choose (self, region->slide);
  show_wanted (self);
}

/* One tile that was selected elsewhere is brought into sight; several are where they are. */
static void
selection_cb (TesseraSlidePane *self)
{
  update_selected (self);
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  if (n == 1 && self->syncing == 0)
    tessera_slide_pane_show_tile (self, tiles[0]);
}

static void
fill_slides (TesseraSlidePane *self)
{
  const GPtrArray *slides = tessera_session_get_slides (self->session);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  for (guint i = 0; slides != NULL && i < slides->len; i++)
    gtk_string_list_append (names, ((const TsrProjectSlide *)slides->pdata[i])->name);
  self->syncing++;
  gtk_drop_down_set_model (self->slides, G_LIST_MODEL (names));
  if (self->chosen >= 0)
    gtk_drop_down_set_selected (self->slides, (guint)self->chosen);
  self->syncing--;
}

static gboolean
is_present (TesseraSlidePane *self)
{
  const TsrProjectSlide *slide = tessera_session_get_slide (self->session, self->chosen);
  return slide != NULL && slide->present;
}

/* Tiles and slides anew: others may have joined, and missing ones have been found. */
static void
contents_cb (TesseraSlidePane *self)
{
  g_clear_pointer (&self->colorings, g_ptr_array_unref);
  fill_slides (self);
  tessera_slide_missing_refresh (self->missing);
  const GPtrArray *slides = tessera_session_get_slides (self->session);
  if (slides == NULL || slides->len == 0)
    return;
  if (self->chosen < 0)
    tessera_slide_pane_choose (self, 0);
  if (self->failed || (self->stand_in && is_present (self)))
    forget_slide (self);
  if (self->shown >= 0)
    update_tiles (self);
  update_points (self);
  update_selected (self);
  open_chosen (self);
}

static void
seen_cb (TesseraSlidePane *self)
{
  if (self->session == NULL)
    return;
  if (self->failed) /* its file may be back */
    forget_slide (self);
  open_chosen (self);
  update_points (self);
}

static void
labels_cb (TesseraSlidePane *self)
{
  update_points (self);
  tessera_slide_areas_refresh (self->areas);
}

/* ---- from the view to the session ---- */

static void
tile_cb (TesseraSlidePane *self, int tile)
{
  if (self->session == NULL || tile < 0)
    return;
  self->syncing++;
  tessera_session_select_one (self->session, (uint32_t)tile);
  self->syncing--;
}

static void
selected_cb (TesseraSlidePane *self)
{
  if (self->syncing > 0 || self->session == NULL)
    return;
  guint n;
  g_autofree guint32 *tiles = tessera_slide_view_get_selected (self->view, &n);
  self->syncing++;
  if (n > 0)
    tessera_session_select (self->session, tiles, n, TESSERA_SELECT_REPLACE);
  else
    tessera_session_select_none (self->session);
  self->syncing--;
}

static void
background_cb (TesseraSlidePane *self)
{
  if (self->session != NULL)
    tessera_session_select_none (self->session);
}

static void
damaged_cb (TesseraSlidePane *self, const char *sentence)
{
  tessera_slide_missing_say (self->missing, sentence);
}

static gboolean
tooltip_cb (TesseraSlidePane *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  int tile = keyboard || self->session == NULL ? -1 : tessera_slide_view_pick (self->view, x, y);
  if (tile < 0 || (uint32_t)tile >= tessera_session_get_n_tiles (self->session))
    return FALSE;
  g_autofree char *text = tessera_map_paint_caption (self->session, (uint32_t)tile);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static uint32_t
tile_at (GtkWidget *widget, double x, double y, gpointer user)
{
  int tile = tessera_slide_view_pick (TESSERA_SLIDE_VIEW (widget), x, y);
  return tile >= 0 ? (uint32_t)tile : TESSERA_NO_TILE;
}

/* ---- the controls ---- */

static void
slides_cb (TesseraSlidePane *self)
{
  if (self->syncing > 0)
    return;
  self->wanted = TESSERA_NO_TILE;
  tessera_slide_pane_choose (self, (gint32)gtk_drop_down_get_selected (self->slides));
}

static void
label_image_cb (TesseraSlidePane *self)
{
  tessera_slide_view_show_label_image (self->view, gtk_check_button_get_active (self->label_image));
}

static void
opacity_cb (TesseraSlidePane *self)
{
  if (self->view != NULL)
    tessera_slide_view_set_opacity (self->view, gtk_range_get_value (self->opacity) / 100);
}

static void
fit_cb (TesseraSlidePane *self)
{
  tessera_canvas_fit (TESSERA_CANVAS (self->view));
}

static void
zoom_in_cb (TesseraSlidePane *self)
{
  tessera_canvas_zoom_in (TESSERA_CANVAS (self->view));
}

static void
zoom_out_cb (TesseraSlidePane *self)
{
  tessera_canvas_zoom_out (TESSERA_CANVAS (self->view));
}

static void
choose_file_cb (TesseraSlidePane *self)
{
  tessera_slide_missing_ask_file (self->missing);
}

/* ---- the rest ---- */

void
tessera_slide_pane_relink (TesseraSlidePane *self, const char *path)
{
  g_return_if_fail (TESSERA_IS_SLIDE_PANE (self));
  tessera_slide_missing_find (self->missing, path);
}

void
tessera_slide_pane_toggle_bare (TesseraSlidePane *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_PANE (self));
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_check_button_set_active (self->bare, !gtk_check_button_get_active (self->bare));
}

void
tessera_slide_pane_refresh (TesseraSlidePane *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_PANE (self));
  update_points (self);
}

TesseraSlideView *
tessera_slide_pane_get_view (TesseraSlidePane *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_PANE (self), NULL);
  return self->view;
}

GtkWidget *
tessera_slide_pane_get_controls (TesseraSlidePane *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_PANE (self), NULL);
  return self->controls;
}

gint32
tessera_slide_pane_get_slide (TesseraSlidePane *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_PANE (self), -1);
  return self->chosen;
}

gboolean
tessera_slide_pane_is_ready (TesseraSlidePane *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_PANE (self), FALSE);
  return self->failed || (self->chosen >= 0 && self->shown == self->chosen);
}

TesseraSession *
tessera_slide_pane_get_session (TesseraSlidePane *self)
{
  return self->session;
}

void
tessera_slide_pane_set_session (TesseraSlidePane *self, TesseraSession *session,
                                TesseraSidebar *sidebar)
{
  g_return_if_fail (TESSERA_IS_SLIDE_PANE (self));
  forget_slide (self);
  g_set_object (&self->session, session);
  self->sidebar = sidebar;
  self->chosen = -1;
  self->wanted = TESSERA_NO_TILE;
  g_clear_pointer (&self->colorings, g_ptr_array_unref);
  g_signal_group_set_target (self->signals, session);
  tessera_slide_missing_set_session (self->missing, session);
  tessera_slide_areas_set_session (self->areas, session);
  if (session != NULL)
    contents_cb (self);
}

static void
tessera_slide_pane_dispose (GObject *object)
{
  TesseraSlidePane *self = TESSERA_SLIDE_PANE (object);
  if (self->content != NULL)
    forget_slide (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_pointer (&self->colorings, g_ptr_array_unref);
  self->view = NULL;
  g_clear_object (&self->controls);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_slide_pane_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-slide-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, controls);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, overlay);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, missing);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, failure);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, choose_file);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, slides);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, opacity);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, tiles);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, grid);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, mask);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, heatmap);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, bare);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, legend);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, inset);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, label_image);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidePane, areas);
  gtk_widget_class_bind_template_callback (widget_class, slides_cb);
  gtk_widget_class_bind_template_callback (widget_class, label_image_cb);
  gtk_widget_class_bind_template_callback (widget_class, opacity_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_legend);
  gtk_widget_class_bind_template_callback (widget_class, fit_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_out_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_file_cb);
}

static void
tessera_slide_pane_class_init (TesseraSlidePaneClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_slide_pane_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
make_view (TesseraSlidePane *self)
{
  self->view = TESSERA_SLIDE_VIEW (tessera_slide_view_new ());
  tessera_tile_menu_attach (GTK_WIDGET (self->view), &self->session, tile_at, self);
  gtk_widget_set_hexpand (GTK_WIDGET (self->view), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->view), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self->view), TRUE);
  gtk_overlay_set_child (self->overlay, GTK_WIDGET (self->view));
  const struct {
    GtkCheckButton *button;
    const char *property;
  } bound[] = {{self->tiles, "show-tiles"}, {self->grid, "show-grid"},
               {self->mask, "show-mask"},   {self->heatmap, "heatmap"},
               {self->bare, "bare"},        {self->inset, "show-overview"}};
  for (guint i = 0; i < G_N_ELEMENTS (bound); i++)
    g_object_bind_property (bound[i].button, "active", self->view, bound[i].property,
                            G_BINDING_SYNC_CREATE);
  GtkWidget *const over[] = {GTK_WIDGET (self->tiles), GTK_WIDGET (self->heatmap),
                             GTK_WIDGET (self->opacity), GTK_WIDGET (self->grid),
                             GTK_WIDGET (self->mask)};
  for (guint i = 0; i < G_N_ELEMENTS (over); i++)
    g_object_bind_property (self->bare, "active", over[i], "sensitive",
                            G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
  const struct {
    const char *signal;
    GCallback handler;
  } connections[] = {{"tile-activated", G_CALLBACK (tile_cb)},
                     {"selection-changed", G_CALLBACK (selected_cb)},
                     {"background-clicked", G_CALLBACK (background_cb)},
                     {"damaged", G_CALLBACK (damaged_cb)},
                     {"query-tooltip", G_CALLBACK (tooltip_cb)}};
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_connect_object (self->view, connections[i].signal, connections[i].handler, self,
                             G_CONNECT_SWAPPED);
  opacity_cb (self);
}

static void
tessera_slide_pane_init (TesseraSlidePane *self)
{
  self->chosen = self->shown = -1;
  self->wanted = TESSERA_NO_TILE;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_ref (self->controls);
  gtk_box_remove (GTK_BOX (self->content), self->controls);
  make_view (self);
  tessera_ui_cut_names (self->slides);
  g_signal_connect (self, "map", G_CALLBACK (seen_cb), NULL);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const struct {
    const char *signal;
    void (*handler) (TesseraSlidePane *);
  } connections[] = {
      {"map-changed", contents_cb},
      {"labels-changed", labels_cb},
      {"classes-changed", labels_cb},
      {"selection-changed", selection_cb},
  };
  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    g_signal_group_connect_swapped (self->signals, connections[i].signal,
                                    G_CALLBACK (connections[i].handler), self);
}
