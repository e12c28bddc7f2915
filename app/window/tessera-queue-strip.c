#include "tessera-queue-strip.h"

#include "tessera-thumb.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

/* As many as a wide screen shows; narrower ones scroll. */
#define N_SHOWN 24

struct _TesseraQueueStrip {
  GtkBox parent_instance;

  AdwClamp *words;
  GtkLabel *progress;
  GtkBox *thumbs;
  GtkLabel *empty;
  GtkWidget *scroller;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraQueueStrip, tessera_queue_strip, GTK_TYPE_BOX)

/* One stop for Tab: the thumb the keyboard was on last, or the tile that is shown, or the first. */
static void
rove (TesseraQueueStrip *self, GtkWidget *wanted)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self->thumbs)), *stop = first;
  for (GtkWidget *child = first; child != NULL; child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child) &&
        (child == wanted || (stop != wanted && gtk_widget_has_css_class (child, "current"))))
      stop = child;
  for (GtkWidget *child = first; child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_focusable (child, child == stop);
}

/* Left, Right, Home and End go from thumb to thumb. */
static gboolean
key_cb (TesseraQueueStrip *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *at = gtk_widget_get_focus_child (GTK_WIDGET (self->thumbs)), *to = NULL;
  gboolean mirrored = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  if (at == NULL || (state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  if (keyval == (mirrored ? GDK_KEY_Right : GDK_KEY_Left))
    to = gtk_widget_get_prev_sibling (at);
  else if (keyval == (mirrored ? GDK_KEY_Left : GDK_KEY_Right))
    to = gtk_widget_get_next_sibling (at);
  else if (keyval == GDK_KEY_Home)
    to = gtk_widget_get_first_child (GTK_WIDGET (self->thumbs));
  else if (keyval == GDK_KEY_End)
    for (to = gtk_widget_get_last_child (GTK_WIDGET (self->thumbs));
         to != NULL && !gtk_widget_get_visible (to);)
      to = gtk_widget_get_prev_sibling (to);
  else
    return GDK_EVENT_PROPAGATE;
  if (to != NULL && gtk_widget_get_visible (to)) {
    gtk_widget_set_focusable (to, TRUE);
    gtk_widget_grab_focus (to);
    rove (self, to);
  }
  return GDK_EVENT_STOP;
}

static void
mark_current (TesseraQueueStrip *self)
{
  uint32_t current = tessera_session_get_current (self->session);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->thumbs)); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (tessera_thumb_get_tile (TESSERA_THUMB (child)) == current)
      gtk_widget_add_css_class (child, "current");
    else
      gtk_widget_remove_css_class (child, "current");
  }
  rove (self, gtk_widget_get_focus_child (GTK_WIDGET (self->thumbs)));
}

static void
refresh (TesseraQueueStrip *self)
{
  const GArray *queue = tessera_session_get_queue (self->session);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->thumbs));
  for (guint i = 0; i < N_SHOWN; i++) {
    gboolean used = i < queue->len;
    tessera_thumb_set (TESSERA_THUMB (child), self->session, self->store,
                       used ? g_array_index (queue, uint32_t, i) : TESSERA_NO_TILE);
    gtk_widget_set_visible (child, used);
    child = gtk_widget_get_next_sibling (child);
  }
  uint32_t done, total;
  tessera_session_get_batch (self->session, &done, &total);
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u of %u suggested labelled", "%u of %u suggested labelled", total), done, total);
  gtk_label_set_text (self->progress, total > 0 ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->empty), queue->len == 0);
  gtk_widget_set_visible (self->scroller, queue->len > 0);
  gtk_label_set_text (self->empty,
                      tessera_session_get_map (self->session) == NULL
                          ? _ ("Once there is a map, the tiles to label first are listed here.")
                          : _ ("Every tile on the map is looked at: there is nothing left to "
                               "suggest."));
  mark_current (self);
}

void
tessera_queue_strip_set_session (TesseraQueueStrip *self, TesseraSession *session,
                                 TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_QUEUE_STRIP (self));
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->thumbs)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    tessera_thumb_set (TESSERA_THUMB (child), NULL, NULL, TESSERA_NO_TILE);
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  g_signal_group_set_target (self->signals, session);
  if (session != NULL)
    refresh (self);
}

static void
tessera_queue_strip_dispose (GObject *object)
{
  TesseraQueueStrip *self = TESSERA_QUEUE_STRIP (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (tessera_queue_strip_parent_class)->dispose (object);
}

static void
tessera_queue_strip_class_init (TesseraQueueStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_queue_strip_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-queue-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, words);
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, progress);
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, thumbs);
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, empty);
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, scroller);
}

static void
tessera_queue_strip_init (TesseraQueueStrip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  adw_clamp_set_maximum_size (
      self->words, (int)(adw_clamp_get_maximum_size (self->words) * tessera_ui_text_scale ()));
  for (int i = 0; i < N_SHOWN; i++) {
    GtkWidget *thumb = tessera_thumb_new (52);
    gtk_widget_set_visible (thumb, FALSE);
    gtk_box_append (self->thumbs, thumb);
  }
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->thumbs), keys);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "suggestions-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (mark_current),
                                  self);
}
