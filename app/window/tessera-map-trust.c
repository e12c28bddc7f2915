#include "tessera-map-trust.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

struct _TesseraMapTrust {
  GtkBox parent_instance;

  GtkMenuButton *button;
  GtkLabel *caption, *kept, *trustworthiness, *continuity, *meaning, *strangers;
  GtkCheckButton *color;
  GtkWidget *select, *more;

  TesseraSession *session;
  GSignalGroup *signals;
  gboolean syncing; /* the check button follows the setting */
};

G_DEFINE_FINAL_TYPE (TesseraMapTrust, tessera_map_trust, GTK_TYPE_BOX)

static void
set_fraction (GtkLabel *label, double value)
{
  g_autofree char *text = isfinite (value) ? g_strdup_printf ("%.3f", value) : g_strdup ("–");
  gtk_label_set_text (label, text);
}

static void
show_strangers (TesseraMapTrust *self)
{
  size_t n;
  g_autofree uint32_t *tiles = tessera_session_find_strangers (self->session, &n);
  g_autofree char *count = tessera_ui_count (n);
  g_autofree char *text =
      n == 0 ? g_strdup (_ ("Every tile has a neighbour that is alike"))
             : g_strdup_printf (ngettext ("Select the %s tile that lies among strangers",
                                          "Select the %s tiles that lie among strangers", n),
                                count);
  gtk_label_set_text (self->strangers, text);
  gtk_widget_set_sensitive (self->select, n > 0);
}

static void
show_trust (TesseraMapTrust *self, const TsrTrust *trust)
{
  double percent = 100 * trust->kept;
  g_autofree char *caption = g_strdup_printf (_ ("Neighbours kept: %.0f %%"), percent);
  g_autofree char *meaning = g_strdup_printf (
      _ ("Of the %zu tiles most like a tile, %.0f %% are among its %zu nearest on the map; two "
         "dimensions cannot hold all that makes tiles alike. Trustworthiness and continuity are 1 "
         "at best, about 0.5 by chance."),
      trust->k, percent, trust->k);
  gtk_label_set_text (self->caption, caption);
  tessera_ui_set_name (self->button, caption);
  g_autofree char *kept = g_strdup_printf ("%.0f %%", percent);
  gtk_label_set_text (self->kept, kept);
  set_fraction (self->trustworthiness, trust->trustworthiness);
  set_fraction (self->continuity, trust->continuity);
  gtk_label_set_text (self->meaning, meaning);
  show_strangers (self);
}

static void
show_color (TesseraMapTrust *self)
{
  if (self->session == NULL)
    return;
  self->syncing = TRUE;
  gtk_check_button_set_active (
      self->color,
      g_str_equal (tessera_session_get_setting (self->session, "view.color-by", ""), "neighbours"));
  self->syncing = FALSE;
}

static void
refresh (TesseraMapTrust *self)
{
  const TsrMapInfo *info =
      self->session != NULL ? tessera_session_get_map_info (self->session) : NULL;
  gboolean known = info != NULL && info->trust.k > 0;
  gboolean stopped =
      info != NULL && info->stopped && tessera_session_can_continue_map (self->session);
  gtk_widget_set_visible (GTK_WIDGET (self), known || stopped);
  gtk_widget_set_visible (GTK_WIDGET (self->button), known);
  gtk_widget_set_visible (self->more, stopped);
  if (known)
    show_trust (self, &info->trust);
  if (stopped) {
    g_autofree char *tip = g_strdup_printf (
        ngettext ("The map was stopped after %d iteration; go on from there",
                  "The map was stopped after %d iterations; go on from there", info->iterations),
        info->iterations);
    gtk_widget_set_tooltip_text (self->more, tip);
  }
  show_color (self);
}

static void
color_cb (TesseraMapTrust *self)
{
  if (self->syncing || self->session == NULL)
    return;
  tessera_session_set_setting (self->session, "view.color-by",
                               gtk_check_button_get_active (self->color) ? "neighbours"
                                                                         : "prediction");
}

static void
select_cb (TesseraMapTrust *self)
{
  size_t n;
  if (self->session == NULL)
    return;
  g_autofree uint32_t *tiles = tessera_session_find_strangers (self->session, &n);
  gtk_menu_button_popdown (self->button);
  tessera_session_select (self->session, tiles, n, TESSERA_SELECT_REPLACE);
}

void
tessera_map_trust_set_session (TesseraMapTrust *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_MAP_TRUST (self));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  refresh (self);
}

static void
tessera_map_trust_dispose (GObject *object)
{
  TesseraMapTrust *self = TESSERA_MAP_TRUST (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tessera_map_trust_parent_class)->dispose (object);
}

static void
tessera_map_trust_class_init (TesseraMapTrustClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_map_trust_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-map-trust.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, button);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, caption);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, kept);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, trustworthiness);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, continuity);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, meaning);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, strangers);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, color);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, select);
  gtk_widget_class_bind_template_child (widget_class, TesseraMapTrust, more);
  gtk_widget_class_bind_template_callback (widget_class, color_cb);
  gtk_widget_class_bind_template_callback (widget_class, select_cb);
}

static void
tessera_map_trust_init (TesseraMapTrust *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (show_color), self);
}
