#include "tessera-project-page.h"

#include "tessera-audit-bar.h"
#include "tessera-job-bar.h"
#include "tessera-lab-page.h"
#include "tessera-queue-strip.h"
#include "tessera-resume.h"
#include "tessera-sidebar.h"
#include "tessera-stale-bar.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-store.h"
#include "tessera-tour.h"
#include "tessera-training-page.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>

struct _TesseraProjectPage {
  GtkWidget parent_instance;

  GtkWidget *content;
  TesseraStaleBar *stale;
  GtkWidget *labelling; /* instead of views while one of its two first is wanted */
  GtkStack *front;      /* in its middle */
  TesseraAuditBar *audit;
  AdwViewStack *views;
  TesseraSidebar *sidebar;
  TesseraMapAndSlide *middle;
  TesseraMapPane *map_pane;
  TesseraSlidePane *slide_pane;
  TesseraGallery *gallery;
  TesseraTilePanel *panel;
  TesseraQueueStrip *strip;
  TesseraTrainingPage *training;
  TesseraLabPage *lab;
  TesseraJobBar *job_bar;

  TesseraSession *session;
  TesseraJobs *jobs;
  TesseraTileStore *store;
};

G_DEFINE_FINAL_TYPE (TesseraProjectPage, tessera_project_page, GTK_TYPE_WIDGET)

static void
map_snapshot_cb (TesseraProjectPage *self, gpointer data)
{
  TsrMapSnapshot *snapshot = data;
  g_autoptr (GBytes) y = g_bytes_new_take (g_steal_pointer (&snapshot->y),
                                           2 * (gsize)snapshot->n * sizeof *snapshot->y);
  tessera_session_set_map_preview (self->session, y);
}

/* What a job stored is read again; when the map begins to form it is worth looking at. */
static void
stored_cb (TesseraProjectPage *self)
{
  tessera_session_reload (self->session);
}

static void
jobs_changed_cb (TesseraProjectPage *self)
{
  if (tessera_jobs_get_kind (self->jobs) == TESSERA_JOB_MAP &&
      tessera_jobs_get_fraction (self->jobs) == 0)
    adw_view_stack_set_visible_child_name (self->views, "map");
}

static void
filter_changed_cb (TesseraProjectPage *self)
{
  if (self->session == NULL)
    return;
  tessera_map_pane_refresh (self->map_pane);
  tessera_slide_pane_refresh (self->slide_pane);
  tessera_gallery_filter_changed (self->gallery);
}

static gboolean
is_in_front (TesseraProjectPage *self, const char *view)
{
  return g_strcmp0 (adw_view_stack_get_visible_child_name (self->views), view) == 0;
}

/* Map and gallery have sidebar and panel between them; all else has the whole room. */
static void
view_changed_cb (TesseraProjectPage *self)
{
  gboolean tiles = tessera_project_page_shows_tiles (self);
  if (self->labelling == NULL || self->views == NULL) /* being made, or gone */
    return;
  tessera_tile_panel_set_in_gallery (self->panel, is_in_front (self, "gallery"));
  gtk_widget_set_visible (self->labelling, tiles);
  gtk_widget_set_visible (GTK_WIDGET (self->views), !tiles);
  if (tiles)
    gtk_stack_set_visible_child_name (self->front,
                                      adw_view_stack_get_visible_child_name (self->views));
}

static void
show_tile_cb (TesseraProjectPage *self, guint tile)
{
  tessera_session_select_one (self->session, tile);
  tessera_project_page_show_on_map (self);
}

static void
spread (TesseraProjectPage *self)
{
  tessera_stale_bar_set (self->stale, self->session, self->jobs);
  tessera_audit_bar_set (self->audit, self->session);
  tessera_sidebar_set_session (self->sidebar, self->session);
  tessera_map_pane_set_session (self->map_pane, self->session, self->jobs, self->store,
                                self->sidebar);
  tessera_slide_pane_set_session (self->slide_pane, self->session, self->sidebar);
  tessera_map_and_slide_set_session (self->middle, self->session);
  tessera_gallery_set_session (self->gallery, self->session, self->store, self->sidebar);
  tessera_tile_panel_set_session (self->panel, self->session, self->store);
  tessera_tile_panel_set_jobs (self->panel, self->jobs);
  tessera_queue_strip_set_session (self->strip, self->session, self->store);
  tessera_training_page_set (self->training, self->session, self->jobs);
  tessera_lab_page_set (self->lab, self->session, self->jobs, self->store);
  tessera_job_bar_set (self->job_bar, self->session, self->jobs);
}

static void
close_session (TesseraProjectPage *self)
{
  g_autoptr (TesseraSession) session = g_steal_pointer (&self->session);
  g_autoptr (TesseraJobs) jobs = g_steal_pointer (&self->jobs);
  g_autoptr (TesseraTileStore) store = g_steal_pointer (&self->store);
  if (session == NULL)
    return;
  tessera_resume_keep (session, tessera_map_pane_get_view (self->map_pane), self->views);
  spread (self);
  g_signal_handlers_disconnect_by_data (jobs, self);
  tessera_jobs_close (jobs);
  tessera_tile_store_close (store);
  tessera_session_close (session);
}

void
tessera_project_page_set_session (TesseraProjectPage *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  close_session (self);
  if (session == NULL)
    return;
  const char *path = tessera_session_get_path (session);
  self->session = g_object_ref (session);
  self->store = tessera_tile_store_new (path);
  self->jobs = tessera_jobs_new (path);
  g_signal_connect_swapped (self->jobs, "map-snapshot", G_CALLBACK (map_snapshot_cb), self);
  g_signal_connect_swapped (self->jobs, "stored", G_CALLBACK (stored_cb), self);
  g_signal_connect_swapped (self->jobs, "changed", G_CALLBACK (jobs_changed_cb), self);
  spread (self);
  adw_view_stack_set_visible_child_name (self->views, "map");
  tessera_resume_restore (session, tessera_map_pane_get_view (self->map_pane), self->views);
}

TesseraSession *
tessera_project_page_get_session (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return self->session;
}

TesseraJobs *
tessera_project_page_get_jobs (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return self->jobs;
}

TesseraMapView *
tessera_project_page_get_map_view (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return tessera_map_pane_get_view (self->map_pane);
}

TesseraSlidePane *
tessera_project_page_get_slide_pane (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return self->slide_pane;
}

TesseraMapAndSlide *
tessera_project_page_get_middle (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return self->middle;
}

void
tessera_project_page_show_on_slide (TesseraProjectPage *self)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  uint32_t tile =
      self->session != NULL ? tessera_session_get_current (self->session) : TESSERA_NO_TILE;
  if (tile == TESSERA_NO_TILE || tessera_session_get_region (self->session, tile) == NULL)
    return;
  adw_view_stack_set_visible_child_name (self->views, "map");
  if (!tessera_map_and_slide_shows_slide (self->middle))
    tessera_session_set_setting (self->session, "view.middle", "slide");
  tessera_slide_pane_show_tile (self->slide_pane, tile);
}

TesseraGallery *
tessera_project_page_get_gallery (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return self->gallery;
}

gboolean
tessera_project_page_shows_gallery (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), FALSE);
  return is_in_front (self, "gallery");
}

gboolean
tessera_project_page_shows_tiles (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), FALSE);
  return self->views != NULL && (is_in_front (self, "map") || is_in_front (self, "gallery"));
}

void
tessera_project_page_show_on_map (TesseraProjectPage *self)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  uint32_t tile =
      self->session != NULL ? tessera_session_get_current (self->session) : TESSERA_NO_TILE;
  if (tile == TESSERA_NO_TILE)
    return;
  adw_view_stack_set_visible_child_name (self->views, "map");
  if (!tessera_map_and_slide_shows_map (self->middle))
    tessera_session_set_setting (self->session, "view.middle", "map");
  tessera_map_pane_reveal (self->map_pane, tile);
  gtk_widget_grab_focus (GTK_WIDGET (tessera_map_pane_get_view (self->map_pane)));
}

AdwViewStack *
tessera_project_page_get_views (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), NULL);
  return self->views;
}

void
tessera_project_page_train (TesseraProjectPage *self, gboolean resume)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  adw_view_stack_set_visible_child_name (self->views, "training");
  tessera_training_page_start (self->training, resume);
}

void
tessera_project_page_focus_new_class (TesseraProjectPage *self)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  tessera_sidebar_focus_new_class (self->sidebar);
}

void
tessera_project_page_show_round (TesseraProjectPage *self)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  const TesseraTourParts parts = {
      .map = GTK_WIDGET (self->map_pane),
      .strip = GTK_WIDGET (self->strip),
      .panel = GTK_WIDGET (self->panel),
      .pad = GTK_WIDGET (
          gtk_widget_get_template_child (GTK_WIDGET (self->panel), TESSERA_TYPE_TILE_PANEL, "pad")),
      .sidebar = GTK_WIDGET (self->sidebar),
  };
  if (gtk_widget_get_mapped (parts.map))
    tessera_tour_start (&parts);
}

void
tessera_project_page_show_lab (TesseraProjectPage *self, gboolean here)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  adw_view_stack_set_visible_child_name (self->views, "lab");
  if (here)
    tessera_lab_page_draw_here (self->lab);
  gtk_widget_child_focus (GTK_WIDGET (self->lab), GTK_DIR_TAB_FORWARD); /* keys go on from there */
}

/* An image from elsewhere belongs to the lab. */
static void
image_cb (TesseraLabImage *image, uint32_t tile, gpointer user)
{
  TesseraProjectPage *self = user;
  if (self->session == NULL) {
    tessera_lab_image_free (image);
    return;
  }
  adw_view_stack_set_visible_child_name (self->views, "lab");
  tessera_lab_page_show_image (self->lab, image);
}

void
tessera_project_page_show_file (TesseraProjectPage *self, GFile *file)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  tessera_lab_image_read_file (file, image_cb, self);
}

void
tessera_project_page_show_texture (TesseraProjectPage *self, GdkTexture *texture, const char *name)
{
  g_return_if_fail (TESSERA_IS_PROJECT_PAGE (self));
  tessera_lab_image_read_texture (texture, name, image_cb, self);
}

gboolean
tessera_project_page_shows_lab (TesseraProjectPage *self)
{
  g_return_val_if_fail (TESSERA_IS_PROJECT_PAGE (self), FALSE);
  return self->views != NULL && is_in_front (self, "lab");
}

static void
tessera_project_page_dispose (GObject *object)
{
  TesseraProjectPage *self = TESSERA_PROJECT_PAGE (object);
  if (self->content != NULL)
    close_session (self);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_project_page_parent_class)->dispose (object);
}

static void
tessera_project_page_class_init (TesseraProjectPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_project_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-project-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, stale);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, labelling);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, front);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, gallery);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, audit);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, views);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, sidebar);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, middle);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, map_pane);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, slide_pane);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, panel);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, strip);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, training);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, job_bar);
  gtk_widget_class_bind_template_child (widget_class, TesseraProjectPage, lab);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_tile_cb);
}

static void
tessera_project_page_init (TesseraProjectPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  view_changed_cb (self);
  tessera_map_and_slide_set_controls (self->middle,
                                      tessera_slide_pane_get_controls (self->slide_pane));
}
