#include "tessera-thumb-row.h"

#include "tessera-thumb.h"

#include <gdk/gdkkeysyms.h>

struct _TesseraThumbRow {
  GtkBox parent_instance;

  TesseraSession *session;
};

G_DEFINE_FINAL_TYPE (TesseraThumbRow, tessera_thumb_row, GTK_TYPE_BOX)

/* One stop for Tab: the thumb the keyboard was on last, or the tile that is shown, or the first. */
static void
rove (TesseraThumbRow *self, GtkWidget *wanted)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self)), *stop = first;
  for (GtkWidget *child = first; child != NULL; child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child) &&
        (child == wanted || (stop != wanted && gtk_widget_has_css_class (child, "current"))))
      stop = child;
  for (GtkWidget *child = first; child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_focusable (child, child == stop);
}

static GtkWidget *
last_shown (TesseraThumbRow *self)
{
  GtkWidget *child = gtk_widget_get_last_child (GTK_WIDGET (self));
  while (child != NULL && !gtk_widget_get_visible (child))
    child = gtk_widget_get_prev_sibling (child);
  return child;
}

/* Left, Right, Home and End go from thumb to thumb. */
static gboolean
key_cb (TesseraThumbRow *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *at = gtk_widget_get_focus_child (GTK_WIDGET (self)), *to = NULL;
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  if (at == NULL || (state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  if (keyval == (mirrored ? GDK_KEY_Right : GDK_KEY_Left))
    to = gtk_widget_get_prev_sibling (at);
  else if (keyval == (mirrored ? GDK_KEY_Left : GDK_KEY_Right))
    to = gtk_widget_get_next_sibling (at);
  else if (keyval == GDK_KEY_Home)
    to = gtk_widget_get_first_child (GTK_WIDGET (self));
  else if (keyval == GDK_KEY_End)
    to = last_shown (self);
  else
    return GDK_EVENT_PROPAGATE;
  if (to != NULL && gtk_widget_get_visible (to)) {
    gtk_widget_set_focusable (to, TRUE);
    gtk_widget_grab_focus (to);
    rove (self, to);
  }
  return GDK_EVENT_STOP;
}

void
tessera_thumb_row_mark_current (TesseraThumbRow *self)
{
  g_return_if_fail (TESSERA_IS_THUMB_ROW (self));
  uint32_t current =
      self->session != NULL ? tessera_session_get_current (self->session) : TESSERA_NO_TILE;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    uint32_t tile = tessera_thumb_get_tile (TESSERA_THUMB (child));
    if (tile == current && tile != TESSERA_NO_TILE)
      gtk_widget_add_css_class (child, "current");
    else
      gtk_widget_remove_css_class (child, "current");
  }
  rove (self, gtk_widget_get_focus_child (GTK_WIDGET (self)));
}

void
tessera_thumb_row_set (TesseraThumbRow *self, TesseraSession *session, TesseraTileStore *store,
                       const uint32_t *tiles, guint n)
{
  g_return_if_fail (TESSERA_IS_THUMB_ROW (self));
  self->session = session;
  guint i = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child), i++) {
    gboolean used = session != NULL && i < n;
    tessera_thumb_set (TESSERA_THUMB (child), session, store, used ? tiles[i] : TESSERA_NO_TILE);
    gtk_widget_set_visible (child, used);
  }
  tessera_thumb_row_mark_current (self);
}

void
tessera_thumb_row_prepare (TesseraThumbRow *self, guint n, int size)
{
  g_return_if_fail (TESSERA_IS_THUMB_ROW (self));
  for (guint i = 0; i < n; i++) {
    GtkWidget *thumb = tessera_thumb_new (size);
    gtk_widget_set_visible (thumb, FALSE);
    gtk_box_append (GTK_BOX (self), thumb);
  }
}

static void
tessera_thumb_row_class_init (TesseraThumbRowClass *klass)
{
}

static void
tessera_thumb_row_init (TesseraThumbRow *self)
{
  gtk_box_set_spacing (GTK_BOX (self), 4);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}
