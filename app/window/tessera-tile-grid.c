#include "tessera-tile-grid.h"

#include "tessera-map-paint.h"
#include "tessera-thumb.h"
#include "tessera-tile-list.h"
#include "tessera-tile-picture.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

#define THUMB_SIZE   60
#define PICTURE_SIZE 128

struct _TesseraTileGrid {
  GtkWidget parent_instance;

  GtkWidget *content;
  TesseraTilePicture *picture; /* the current tile, large */
  GtkLabel *caption;
  GtkGridView *view;
  TesseraTileList *list;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals;
  GCancellable *loading;
  uint32_t shown; /* the tile whose picture is there or on its way */
};

G_DEFINE_FINAL_TYPE (TesseraTileGrid, tessera_tile_grid, GTK_TYPE_WIDGET)

static void
setup_cb (TesseraTileGrid *self, GtkListItem *item)
{
  GtkWidget *thumb = tessera_thumb_new (THUMB_SIZE);
  gtk_widget_set_can_focus (thumb, FALSE); /* the grid's own cell has the focus */
  gtk_list_item_set_child (item, thumb);   /* selectable: else GTK gives the cell no focus */
}

static void
mark (TesseraTileGrid *self, GtkWidget *thumb)
{
  if (tessera_thumb_get_tile (TESSERA_THUMB (thumb)) == tessera_session_get_current (self->session))
    gtk_widget_add_css_class (thumb, "current");
  else
    gtk_widget_remove_css_class (thumb, "current");
}

static void
bind_cb (TesseraTileGrid *self, GtkListItem *item)
{
  GtkWidget *thumb = gtk_list_item_get_child (item);
  tessera_thumb_set (TESSERA_THUMB (thumb), self->session, self->store,
                     tessera_tile_item_get_tile (gtk_list_item_get_item (item)));
  mark (self, thumb);
  /* The cell has the focus and is what a screen reader tells of: by the name of its tile. */
  gtk_accessible_update_relation (GTK_ACCESSIBLE (gtk_widget_get_parent (thumb)),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, thumb, NULL, -1);
}

static void
unbind_cb (TesseraTileGrid *self, GtkListItem *item)
{
  tessera_thumb_set (TESSERA_THUMB (gtk_list_item_get_child (item)), NULL, NULL, TESSERA_NO_TILE);
}

/* ---- what a click does: the selection was made with care, so it stays ---- */

static void
activate_cb (TesseraTileGrid *self, guint position)
{
  g_autoptr (TesseraTileItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), position);
  if (item != NULL && self->session != NULL)
    tessera_session_set_current (self->session, tessera_tile_item_get_tile (item));
}

static void
take_out (TesseraTileGrid *self, uint32_t tile)
{
  tessera_session_select (self->session, &tile, 1, TESSERA_SELECT_REMOVE);
}

/* Before the thumbnail, which would select its tile alone. */
static void
pressed_cb (TesseraTileGrid *self, int n, double x, double y, GtkGesture *gesture)
{
  GtkWidget *at = gtk_widget_pick (GTK_WIDGET (self->view), x, y, GTK_PICK_DEFAULT);
  GtkWidget *thumb = at != NULL ? gtk_widget_get_ancestor (at, TESSERA_TYPE_THUMB) : NULL;
  if (thumb == NULL || self->session == NULL)
    return;
  uint32_t tile = tessera_thumb_get_tile (TESSERA_THUMB (thumb));
  GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  if (!tessera_session_is_selected (self->session, tile))
    return;
  if (state & GDK_CONTROL_MASK)
    take_out (self, tile);
  else
    tessera_session_set_current (self->session, tile);
}

static void
take_out_cb (TesseraTileGrid *self)
{
  if (tessera_session_get_current (self->session) != TESSERA_NO_TILE)
    take_out (self, tessera_session_get_current (self->session));
}

static void
only_this_cb (TesseraTileGrid *self)
{
  if (tessera_session_get_current (self->session) != TESSERA_NO_TILE)
    tessera_session_select_one (self->session, tessera_session_get_current (self->session));
}

/* ---- the current tile ---- */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraTileGrid) self = user;
  g_autoptr (GdkTexture) texture =
      tessera_tile_store_load_finish (TESSERA_TILE_STORE (source), result, NULL);
  if (texture != NULL && self->content != NULL)
    tessera_tile_picture_set_texture (self->picture, texture);
}

static void
stop_loading (TesseraTileGrid *self)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->shown = TESSERA_NO_TILE;
}

static void
show_current (TesseraTileGrid *self, uint32_t tile)
{
  g_autofree char *text = tessera_map_paint_caption (self->session, tile);
  gtk_label_set_text (self->caption, text);
  tessera_ui_set_name (self->picture, text);
  tessera_tile_picture_set_smooth (
      self->picture,
      g_str_equal (tessera_session_get_setting (self->session, "view.smooth", "0"), "1"));
  if (self->shown == tile)
    return;
  stop_loading (self);
  self->shown = tile;
  self->loading = g_cancellable_new ();
  GdkTexture *thumbnail = tessera_tile_store_peek (self->store, tile);
  if (thumbnail != NULL)
    tessera_tile_picture_set_texture (self->picture, thumbnail);
  tessera_tile_store_load_async (self->store, tile, self->loading, loaded_cb, g_object_ref (self));
}

/* Thumbnails take up labels and the current tile; the list itself changes only with the selection,
 * so that the grid does not jump back to its start. */
static void
refresh_thumbs (TesseraTileGrid *self)
{
  for (GtkWidget *cell = gtk_widget_get_first_child (GTK_WIDGET (self->view)); cell != NULL;
       cell = gtk_widget_get_next_sibling (cell)) {
    GtkWidget *thumb = gtk_widget_get_first_child (cell);
    uint32_t tile =
        TESSERA_IS_THUMB (thumb) ? tessera_thumb_get_tile (TESSERA_THUMB (thumb)) : TESSERA_NO_TILE;
    if (tile == TESSERA_NO_TILE)
      continue;
    tessera_thumb_set (TESSERA_THUMB (thumb), self->session, self->store, tile);
    mark (self, thumb);
  }
}

static void
refresh (TesseraTileGrid *self)
{
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  tessera_tile_list_set (self->list, tiles, n > 1 ? n : 0);
  if (n <= 1)
    return;
  refresh_thumbs (self);
  show_current (self, tessera_session_get_current (self->session));
}

void
tessera_tile_grid_set_session (TesseraTileGrid *self, TesseraSession *session,
                               TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_TILE_GRID (self));
  stop_loading (self);
  tessera_tile_list_set (self->list, NULL, 0);
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  g_signal_group_set_target (self->signals, session);
  if (session != NULL)
    refresh (self);
}

static void
tessera_tile_grid_dispose (GObject *object)
{
  TesseraTileGrid *self = TESSERA_TILE_GRID (object);
  stop_loading (self);
  g_clear_object (&self->signals);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_object (&self->list);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (tessera_tile_grid_parent_class)->dispose (object);
}

static void
tessera_tile_grid_class_init (TesseraTileGridClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_tile_grid_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_button (TesseraTileGrid *self, const char *label, const char *tip, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_widget_set_tooltip_text (button, tip);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
make_current (TesseraTileGrid *self)
{
  GtkWidget *picture = tessera_tile_picture_new (PICTURE_SIZE), *caption = gtk_label_new (NULL);
  self->picture = TESSERA_TILE_PICTURE (picture);
  self->caption = GTK_LABEL (caption);
  gtk_label_set_wrap (self->caption, TRUE);
  gtk_label_set_wrap_mode (self->caption, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (self->caption, 3);
  gtk_label_set_width_chars (self->caption, 3); /* GTK 4.8 trips over less than the ellipsis */
  gtk_label_set_ellipsize (self->caption, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->caption, 0);
  gtk_label_set_yalign (self->caption, 0);
  gtk_widget_set_vexpand (caption, TRUE);
  gtk_widget_add_css_class (caption, "caption");

  GtkWidget *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_hexpand (side, TRUE);
  gtk_box_append (GTK_BOX (side), caption);
  gtk_box_append (GTK_BOX (side),
                  make_button (self, _ ("Take out"),
                               _ ("Take this tile out of the selection (Ctrl+click)"),
                               G_CALLBACK (take_out_cb)));
  gtk_box_append (GTK_BOX (side),
                  make_button (self, _ ("Only this one"), _ ("Select this tile alone"),
                               G_CALLBACK (only_this_cb)));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_bottom (box, 8);
  gtk_widget_set_vexpand (box, FALSE); /* the caption fills its column, not the panel */
  gtk_box_append (GTK_BOX (box), picture);
  gtk_box_append (GTK_BOX (box), side);
  return box;
}

static GtkWidget *
make_grid (TesseraTileGrid *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (unbind_cb), self);
  GtkSelectionModel *model =
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->list))));
  self->view = GTK_GRID_VIEW (gtk_grid_view_new (model, factory));
  gtk_grid_view_set_max_columns (self->view, 12);
  gtk_grid_view_set_min_columns (self->view, 3);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "tile-grid");
  tessera_ui_set_name (self->view, _ ("Selected tiles"));
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (activate_cb), self);

  GtkGesture *click = gtk_gesture_click_new ();
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), GTK_EVENT_CONTROLLER (click));

  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
tessera_tile_grid_init (TesseraTileGrid *self)
{
  self->shown = TESSERA_NO_TILE;
  self->list = tessera_tile_list_new ();
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->content), make_current (self));
  gtk_box_append (GTK_BOX (self->content), make_grid (self));
  gtk_widget_set_parent (self->content, GTK_WIDGET (self));

  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (refresh), self);
}
