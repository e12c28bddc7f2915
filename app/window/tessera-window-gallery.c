/* The window's part of the gallery, of search by example and of the lab: actions, and what keys
 * mean there. */

#include "tessera-window-private.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

static void
bring_to_front (TesseraWindow *self)
{
  adw_view_stack_set_visible_child_name (tessera_project_page_get_views (self->project), "gallery");
  gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-map", NULL);
}

static void
show_gallery (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  bring_to_front (window);
}

static void
show_on_map (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_project_page_show_on_map (((TesseraWindow *)window)->project);
}

static void
show_lab (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_project_page_show_lab (((TesseraWindow *)window)->project, FALSE);
}

static void
draw_here (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_project_page_show_lab (((TesseraWindow *)window)->project, TRUE);
}

static void
refresh_gallery (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  tessera_gallery_refresh (tessera_project_page_get_gallery (((TesseraWindow *)window)->project));
}

/* Of one tile its own vector, of several their mean. */
static void
more_like (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  TesseraSession *session = tessera_window_get_session (window);
  if (session == NULL)
    return;
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (session, &n);
  if (n == 0) {
    tessera_window_toast (window, _ ("Select a tile first, then look for more like it"));
    return;
  }
  tessera_session_set_example_tiles (session, tiles, n);
  bring_to_front (window);
}

/* In the gallery + and - are about thumbnails; there is no map to fit and no lasso. */
gboolean
tessera_window_gallery_key (TesseraWindow *self, char c)
{
  if (!tessera_project_page_shows_gallery (self->project))
    return FALSE;
  if (c == '+' || c == '=' || c == '-')
    tessera_gallery_step_size (tessera_project_page_get_gallery (self->project), c == '-' ? -1 : 1);
  else if (c != 'f' && c != 'l')
    return FALSE;
  return TRUE;
}

gboolean
tessera_window_gallery_control_key (TesseraWindow *self, guint keyval)
{
  if (!tessera_project_page_shows_gallery (self->project))
    return FALSE;
  switch (keyval) {
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
    return tessera_window_gallery_key (self, '+');
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    return tessera_window_gallery_key (self, '-');
  default:
    return FALSE;
  }
}

void
tessera_window_update_gallery_actions (TesseraWindow *self)
{
  TesseraSession *session = tessera_window_get_session (self);
  gboolean open = session != NULL && tessera_session_is_open (session);
  gboolean map = open && tessera_session_get_map (session) != NULL;
  gboolean gallery = open && tessera_project_page_shows_gallery (self->project),
           away = open && !tessera_project_page_shows_tiles (self->project);
  const GPtrArray *slides = open ? tessera_session_get_slides (session) : NULL;
  const struct {
    const char *name;
    gboolean enabled;
  } actions[] = {{"show-gallery", open},
                 {"refresh-gallery", gallery},
                 {"more-like", open},
                 {"show-on-map", map},
                 {"show-lab", open},
                 {"draw-here", map && tessera_session_has_model (session)},
                 {"select-all", map || gallery},
                 {"invert", map || gallery},
                 {"middle", gallery || away || (slides != NULL && slides->len > 0)}};
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    g_simple_action_set_enabled (
        G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), actions[i].name)),
        actions[i].enabled);
}

void
tessera_window_add_gallery_actions (TesseraWindow *self)
{
  static const GActionEntry entries[] = {
      {"show-gallery", show_gallery},
      {"show-on-map", show_on_map},
      {"show-lab", show_lab},
      {"draw-here", draw_here},
      {"refresh-gallery", refresh_gallery},
      {"more-like", more_like},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (tessera_project_page_get_views (self->project), "notify::visible-child",
                           G_CALLBACK (tessera_window_update_gallery_actions), self,
                           G_CONNECT_SWAPPED);
}
