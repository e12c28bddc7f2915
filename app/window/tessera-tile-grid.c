#include "tessera-tile-grid.h"

#include "tessera-thumb.h"
#include "tessera-tile-list.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

#define THUMB_SIZE 60

struct _TesseraTileGrid {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkGridView *view;
  TesseraTileList *list;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraTileGrid, tessera_tile_grid, GTK_TYPE_WIDGET)

static void
setup_cb (TesseraTileGrid *self, GtkListItem *item)
{
  GtkWidget *thumb = tessera_thumb_new (THUMB_SIZE);
  gtk_widget_set_can_focus (thumb, FALSE); /* the grid's own cell has the focus */
  gtk_list_item_set_child (item, thumb);
  gtk_list_item_set_selectable (item, FALSE);
}

static void
bind_cb (TesseraTileGrid *self, GtkListItem *item)
{
  tessera_thumb_set (TESSERA_THUMB (gtk_list_item_get_child (item)), self->session, self->store,
                     tessera_tile_item_get_tile (gtk_list_item_get_item (item)));
}

static void
unbind_cb (TesseraTileGrid *self, GtkListItem *item)
{
  tessera_thumb_set (TESSERA_THUMB (gtk_list_item_get_child (item)), NULL, NULL, TESSERA_NO_TILE);
}

static void
activate_cb (TesseraTileGrid *self, guint position)
{
  g_autoptr (TesseraTileItem) item = g_list_model_get_item (G_LIST_MODEL (self->list), position);
  if (item != NULL && self->session != NULL)
    tessera_session_select_one (self->session, tessera_tile_item_get_tile (item));
}

static void
refresh (TesseraTileGrid *self)
{
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  tessera_tile_list_set (self->list, tiles, n > 1 ? n : 0);
}

void
tessera_tile_grid_set_session (TesseraTileGrid *self, TesseraSession *session,
                               TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_TILE_GRID (self));
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
  g_clear_object (&self->signals);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
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

static void
tessera_tile_grid_init (TesseraTileGrid *self)
{
  self->list = tessera_tile_list_new ();
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

  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (self->scroller, TRUE);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));

  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (refresh), self);
}
