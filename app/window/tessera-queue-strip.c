#include "tessera-queue-strip.h"

#include "tessera-session-audit.h"
#include "tessera-thumb-row.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* As many as a wide screen shows; narrower ones scroll. */
#define N_SHOWN 24
/* Of what was labelled lately these few are enough to see a slip. */
#define N_RECENT 3
#define THUMB    52

struct _TesseraQueueStrip {
  GtkBox parent_instance;

  AdwClamp *words;
  GtkLabel *progress;
  TesseraThumbRow *recent; /* the newest last: time runs from left to right */
  GtkWidget *now;          /* between what is labelled and what is next */
  TesseraThumbRow *thumbs;
  GtkLabel *empty;
  GtkWidget *scroller;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals;
};

G_DEFINE_FINAL_TYPE (TesseraQueueStrip, tessera_queue_strip, GTK_TYPE_BOX)

static void
mark_current (TesseraQueueStrip *self)
{
  tessera_thumb_row_mark_current (self->recent);
  tessera_thumb_row_mark_current (self->thumbs);
}

static void
show_recent (TesseraQueueStrip *self)
{
  const GArray *recent = tessera_session_get_recent (self->session);
  uint32_t shown[N_RECENT];
  guint n = MIN (recent->len, N_RECENT);
  for (guint i = 0; i < n; i++)
    shown[i] = g_array_index (recent, uint32_t, n - 1 - i);
  tessera_thumb_row_set (self->recent, self->session, self->store, shown, n);
  gtk_widget_set_visible (GTK_WIDGET (self->recent), n > 0);
  gtk_widget_set_visible (self->now, n > 0);
}

static void
refresh (TesseraQueueStrip *self)
{
  const GArray *queue = tessera_session_get_queue (self->session);
  tessera_thumb_row_set (self->thumbs, self->session, self->store, (const uint32_t *)queue->data,
                         queue->len);
  show_recent (self);
  uint32_t done, total;
  tessera_session_get_batch (self->session, &done, &total);
  g_autofree char *text = g_strdup_printf (
      tessera_session_is_auditing (self->session)
          ? ngettext ("%u of %u random tile labelled", "%u of %u random tiles labelled", total)
      : tessera_session_queue_is_given (self->session)
          ? ngettext ("%u of %u to be read are done", "%u of %u to be read are done", total)
          : ngettext ("%u of %u suggested labelled", "%u of %u suggested labelled", total),
      done, total);
  gtk_label_set_text (self->progress, total > 0 ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->empty), queue->len == 0);
  gtk_widget_set_visible (self->scroller, queue->len > 0);
  gtk_label_set_text (self->empty,
                      tessera_session_get_map (self->session) == NULL
                          ? _ ("Once there is a map, the tiles to label first are listed here.")
                          : _ ("Every tile on the map is looked at: there is nothing left to "
                               "suggest."));
}

void
tessera_queue_strip_set_session (TesseraQueueStrip *self, TesseraSession *session,
                                 TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_QUEUE_STRIP (self));
  tessera_thumb_row_set (self->recent, NULL, NULL, NULL, 0);
  tessera_thumb_row_set (self->thumbs, NULL, NULL, NULL, 0);
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
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, recent);
  gtk_widget_class_bind_template_child (widget_class, TesseraQueueStrip, now);
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
  tessera_thumb_row_prepare (self->recent, N_RECENT, THUMB);
  tessera_thumb_row_prepare (self->thumbs, N_SHOWN, THUMB);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "suggestions-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (mark_current),
                                  self);
}
