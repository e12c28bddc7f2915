#include "tessera-cluster-row.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
select_cb (GtkButton *button, TesseraSession *session)
{
  const GArray *tiles = g_object_get_data (G_OBJECT (button), "tiles");
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_POPOVER);
  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  tessera_session_select (session, (const uint32_t *)tiles->data, tiles->len,
                          TESSERA_SELECT_REPLACE);
}

GtkWidget *
tessera_cluster_row_new (TesseraSession *session, const TsrHealthCluster *cluster)
{
  GtkWidget *row = adw_action_row_new (), *show = gtk_button_new_with_label (_ ("Select them"));
  g_autofree char *title = cluster->source != NULL
                               ? g_strdup_printf ("%s: %s", cluster->source, cluster->group)
                               : g_strdup_printf (_ ("Slide: %s"), cluster->group);
  g_autofree char *text =
      g_strdup_printf (_ ("%u of a cluster's %u tiles; %.0f %% of all tiles are"), cluster->most,
                       cluster->size, 100 * cluster->expected);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  gtk_widget_set_valign (show, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (show), "tiles", g_array_ref (cluster->tiles),
                          (GDestroyNotify)g_array_unref);
  g_signal_connect_object (show, "clicked", G_CALLBACK (select_cb), session, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), show);
  return row;
}
