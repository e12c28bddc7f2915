#include "tessera-gallery.h"

#include "tessera-gallery-filter.h"
#include "tessera-gallery-size.h"
#include "tessera-session-audit.h"
#include "tessera-tile-menu.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Work that takes longer is seen to be done. */
#define SPINNER_MS 250

struct _TesseraGallery {
  GtkWidget parent_instance;

  GtkWidget *content, *chip, *refresh, *smaller, *larger, *all;
  GtkDropDown *sorts;
  TesseraGalleryFilter *filter;
  GtkLabel *count, *like;
  GtkSpinner *spinner;
  GtkStack *stack;
  AdwStatusPage *empty;
  TesseraGalleryView *view;

  TesseraSession *session;
  TesseraTileStore *store;
  TesseraSidebar *sidebar;
  GSignalGroup *signals;

  GCancellable *working; /* NULL while nothing is being sorted */
  guint spinner_timer;
  char *asked;            /* what the order answers, or the one being made; as text */
  TesseraSort sort;       /* of that */
  gboolean labels_matter; /* to that */
  gboolean due;           /* it must be made anew when the gallery is next seen */
  gboolean stale;         /* labels have changed since */
  gboolean had_predictions;
  gboolean auditing;   /* a check hides predictions */
  gboolean by_example; /* sorted by likeness, whatever the setting */
  gboolean syncing;    /* the list of sorts follows */
};

G_DEFINE_FINAL_TYPE (TesseraGallery, tessera_gallery, GTK_TYPE_WIDGET)

/* ---- what is asked ---- */

/* One filtering and sorting. */
typedef struct {
  TesseraSnapshot *snapshot;
  TesseraGalleryQuery *query;
  gboolean stay; /* what is in sight */
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;
  tessera_snapshot_unref (work->snapshot);
  tessera_gallery_query_free (work->query);
  g_free (work);
}

static TesseraSort
chosen_sort (TesseraGallery *self)
{
  if (self->by_example)
    return TESSERA_SORT_LIKE;
  TesseraSort sort =
      tessera_sort_from_name (tessera_session_get_setting (self->session, "gallery.sort", NULL));
  const GPtrArray *slides = tessera_session_get_slides (self->session);
  return sort == TESSERA_SORT_SLIDE && (slides == NULL || slides->len == 0) ? TESSERA_SORT_IMPORT
                                                                            : sort;
}

/* The question as the settings and the sidebar put it; hidden receives what it borrows. */
static TesseraGalleryQuery
read_query (TesseraGallery *self, GArray *hidden)
{
  TesseraGalleryQuery query = TESSERA_GALLERY_ALL;
  GPtrArray *classes = tessera_session_get_classes (self->session);
  query.sort = chosen_sort (self);
  query.example = tessera_session_get_example (self->session);
  query.show = tessera_sidebar_get_show (self->sidebar);
  for (guint i = 0; i < classes->len; i++) {
    int32_t id = ((const TsrClass *)classes->pdata[i])->id;
    if (!tessera_sidebar_get_class_shown (self->sidebar, id))
      g_array_append_val (hidden, id);
  }
  query.hidden = (const int32_t *)hidden->data;
  query.n_hidden = hidden->len;
  tessera_gallery_filter_read (self->session, &query);
  return query;
}

/* ---- what is seen ---- */

static void
show_count (TesseraGallery *self)
{
  TesseraGalleryOrder *order = tessera_gallery_view_get_order (self->view);
  if (order == NULL) {
    gtk_label_set_text (self->count, "");
    return;
  }
  g_autofree char *shown = tessera_ui_count (order->n), *all = tessera_ui_count (order->n_all);
  g_autofree char *text =
      order->n == order->n_all
          ? g_strdup_printf (ngettext ("%s tile", "%s tiles", order->n_all), all)
          : g_strdup_printf (ngettext ("%s of %s tile", "%s of %s tiles", order->n_all), shown,
                             all);
  gtk_label_set_text (self->count, text);
}

static void
show_empty (TesseraGallery *self, const char *title, const char *description, const char *button)
{
  adw_status_page_set_title (self->empty, title);
  adw_status_page_set_description (self->empty, description);
  gtk_button_set_label (GTK_BUTTON (self->all), button != NULL ? button : "");
  gtk_widget_set_visible (self->all, button != NULL);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

static void
show_tiles (TesseraGallery *self)
{
  TesseraGalleryOrder *order = tessera_gallery_view_get_order (self->view);
  if (order == NULL)
    return;
  if (order->n_all == 0)
    show_empty (self, _ ("No tiles yet"), _ ("Add a folder of tiles, or slides, from the menu."),
                NULL);
  else if (!order->located && tessera_session_get_example (self->session) == NULL)
    show_empty (self, _ ("Like which tile?"),
                _ ("Select a tile, or several, on the map or in the gallery and press M."),
                _ ("Sort by import instead"));
  else if (!order->located)
    show_empty (self, _ ("Nothing to compare tiles by yet"),
                _ ("Which tiles are alike is known once a model has looked at them: make the map "
                   "first."),
                _ ("Sort by import instead"));
  else if (order->n == 0)
    show_empty (self, _ ("No tile matches"),
                _ ("What the sidebar shows and what the filter asks for have no tile in common."),
                _ ("Show all tiles"));
  else
    gtk_stack_set_visible_child_name (self->stack, "tiles");
}

static void
show_head (TesseraGallery *self)
{
  TesseraExample *example =
      self->session != NULL ? tessera_session_get_example (self->session) : NULL;
  gtk_widget_set_visible (self->chip, self->by_example && example != NULL);
  if (example != NULL) {
    g_autofree char *text = g_strdup_printf (_ ("Like %s"), example->name);
    gtk_label_set_text (self->like, text);
    g_autofree char *tip =
        g_strdup_printf (_ ("Sorted by likeness to %s. Click to end that"), example->name);
    tessera_ui_set_tip (self->chip, tip, NULL);
  }
  gtk_widget_set_visible (self->refresh, self->stale);
}

static void
show_size (TesseraGallery *self)
{
  gboolean least, most;
  tessera_gallery_view_set_size (self->view,
                                 tessera_gallery_size_get (self->session, &least, &most));
  gtk_widget_set_sensitive (self->smaller, !least);
  gtk_widget_set_sensitive (self->larger, !most);
}

static gboolean
spinner_cb (gpointer data)
{
  TesseraGallery *self = data;
  self->spinner_timer = 0;
  gtk_spinner_start (self->spinner);
  return G_SOURCE_REMOVE;
}

static void
end_work (TesseraGallery *self)
{
  if (self->working != NULL)
    g_cancellable_cancel (self->working);
  g_clear_object (&self->working);
  g_clear_handle_id (&self->spinner_timer, g_source_remove);
  gtk_spinner_stop (self->spinner);
}

/* ---- filtering and sorting ---- */

static void
work_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;
  TesseraGalleryOrder *order =
      tessera_gallery_order_make (work->snapshot, work->query, cancellable, &error);
  if (order != NULL)
    g_task_return_pointer (task, order, (GDestroyNotify)tessera_gallery_order_unref);
  else
    g_task_return_error (task, error);
}

static void
worked_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  TesseraGallery *self = TESSERA_GALLERY (source);
  const Work *work = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  TesseraGalleryOrder *order = g_task_propagate_pointer (G_TASK (result), &error);
  if (g_task_get_cancellable (G_TASK (result)) != self->working) { /* another has begun since */
    g_clear_pointer (&order, tessera_gallery_order_unref);
    return;
  }
  end_work (self);
  if (order == NULL) {
    show_empty (self, _ ("The tiles cannot be sorted"), error->message, _ ("Show all tiles"));
    return;
  }
  tessera_gallery_view_set_order (self->view, order, work->stay);
  tessera_gallery_order_unref (order);
  show_tiles (self);
  show_count (self);
  if (work->stay && tessera_session_get_current (self->session) != TESSERA_NO_TILE)
    tessera_gallery_view_reveal (self->view, tessera_session_get_current (self->session));
}

/* Asks anew, if the gallery is seen, else when it is. */
static void
ask (TesseraGallery *self, gboolean stay)
{
  self->due = TRUE;
  if (self->session == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  TesseraSnapshot *snapshot = tessera_session_snapshot (self->session);
  if (snapshot == NULL)
    return;
  end_work (self);
  self->due = self->stale = FALSE;
  self->had_predictions = snapshot->predictions != NULL;
  g_autoptr (GArray) hidden = g_array_new (FALSE, FALSE, sizeof (int32_t));
  TesseraGalleryQuery query = read_query (self, hidden);
  Work *work = g_new0 (Work, 1);
  work->snapshot = snapshot;
  work->query = tessera_gallery_query_copy (&query);
  work->stay = stay;
  g_free (self->asked);
  self->asked = tessera_gallery_query_format (&query);
  self->sort = query.sort;
  self->labels_matter = tessera_gallery_query_asks_for_labels (&query);
  show_head (self);

  self->working = g_cancellable_new ();
  self->spinner_timer = g_timeout_add (SPINNER_MS, spinner_cb, self);
  g_autoptr (GTask) task = g_task_new (self, self->working, worked_cb, NULL);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, work_thread);
}

/* Asks where that would be something else than before. Another order is seen from its beginning. */
static void
ask_if_new (TesseraGallery *self)
{
  if (self->session == NULL)
    return;
  g_autoptr (GArray) hidden = g_array_new (FALSE, FALSE, sizeof (int32_t));
  TesseraGalleryQuery query = read_query (self, hidden);
  g_autofree char *text = tessera_gallery_query_format (&query);
  if (g_strcmp0 (text, self->asked) != 0)
    ask (self, query.sort == self->sort && query.sort != TESSERA_SORT_LIKE);
}

void
tessera_gallery_refresh (TesseraGallery *self)
{
  g_return_if_fail (TESSERA_IS_GALLERY (self));
  ask (self, TRUE);
}

void
tessera_gallery_filter_changed (TesseraGallery *self)
{
  g_return_if_fail (TESSERA_IS_GALLERY (self));
  ask_if_new (self);
}

/* ---- what the session says ---- */

/* Tiles stay where they are while they are labelled; the first predictions have been waited for. */
static void
labels_cb (TesseraGallery *self)
{
  gboolean predictions = tessera_session_get_predictions (self->session) != NULL;
  if (!self->labels_matter)
    return;
  if (predictions && !self->had_predictions) {
    ask (self, TRUE);
    return;
  }
  self->stale = TRUE;
  show_head (self);
}

/* A class that goes takes its filter with it, and undo brings both back. */
static void
classes_cb (TesseraGallery *self)
{
  labels_cb (self);
  ask_if_new (self);
}

/* A check that begins, or that undo takes up again: the order must not tell what is predicted. */
static void
audit_cb (TesseraGallery *self)
{
  gboolean before = self->auditing;
  self->auditing = tessera_session_is_auditing (self->session);
  if (self->auditing && !before && self->labels_matter)
    ask (self, TRUE);
}

static void
contents_cb (TesseraGallery *self)
{
  if (!tessera_session_is_map_forming (self->session))
    ask (self, TRUE);
}

static void
fill_sorts (TesseraGallery *self)
{
  const char *names[TESSERA_N_SORTS] = {_ ("As imported"),        _ ("Least sure first"),
                                        _ ("Far from its label"), _ ("Most alike"),
                                        _ ("By class"),           _ ("By slide and place")};
  const GPtrArray *slides =
      self->session != NULL ? tessera_session_get_slides (self->session) : NULL;
  guint n = slides != NULL && slides->len > 0 ? TESSERA_N_SORTS : TESSERA_SORT_SLIDE;
  GListModel *model = gtk_drop_down_get_model (self->sorts);
  self->syncing = TRUE;
  if (model == NULL || g_list_model_get_n_items (model) != n) {
    g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
    for (guint i = 0; i < n; i++)
      gtk_string_list_append (list, names[i]);
    gtk_drop_down_set_model (self->sorts, G_LIST_MODEL (list));
  }
  if (self->session != NULL)
    gtk_drop_down_set_selected (self->sorts, chosen_sort (self));
  self->syncing = FALSE;
}

static void
settings_cb (TesseraGallery *self)
{
  fill_sorts (self);
  show_size (self);
  show_head (self);
  ask_if_new (self);
}

static void
example_cb (TesseraGallery *self)
{
  self->by_example = tessera_session_get_example (self->session) != NULL;
  fill_sorts (self);
  show_head (self);
  ask_if_new (self);
}

static uint32_t
next_cb (const uint32_t *done, size_t n, gpointer gallery)
{
  return tessera_gallery_view_next (TESSERA_GALLERY (gallery)->view, done, n);
}

static void
map_cb (TesseraGallery *self)
{
  if (self->session == NULL)
    return;
  tessera_session_set_next_func (self->session, next_cb, self);
  gtk_widget_grab_focus (GTK_WIDGET (self->view)); /* arrow keys at once */
  if (self->due || self->stale)
    ask (self, TRUE);
  else
    ask_if_new (self);
}

static void
unmap_cb (TesseraGallery *self)
{
  if (self->session != NULL)
    tessera_session_set_next_func (self->session, NULL, self);
}

/* ---- what the user does ---- */

static void
sort_cb (TesseraGallery *self)
{
  guint selected = gtk_drop_down_get_selected (self->sorts);
  if (self->syncing || self->session == NULL || selected >= TESSERA_N_SORTS)
    return;
  self->by_example = selected == TESSERA_SORT_LIKE;
  if (!self->by_example)
    tessera_session_set_setting (self->session, "gallery.sort",
                                 tessera_sort_name ((TesseraSort)selected));
  else if (tessera_session_get_example (self->session) == NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.more-like", NULL);
  show_head (self);
  ask_if_new (self);
}

/* The order before is shown again. */
static void
end_example (TesseraGallery *self)
{
  self->by_example = FALSE;
  fill_sorts (self);
  show_head (self);
  ask_if_new (self);
}

static void
all_cb (TesseraGallery *self)
{
  TesseraGalleryOrder *order = tessera_gallery_view_get_order (self->view);
  if (order != NULL && !order->located) {
    end_example (self);
    return;
  }
  tessera_gallery_filter_clear (self->session);
  tessera_sidebar_show_all (self->sidebar);
  ask (self, TRUE);
}

void
tessera_gallery_step_size (TesseraGallery *self, int steps)
{
  g_return_if_fail (TESSERA_IS_GALLERY (self));
  if (self->session != NULL)
    tessera_gallery_size_move (self->session, steps);
}

static void
smaller_cb (TesseraGallery *self)
{
  tessera_gallery_step_size (self, -1);
}

static void
larger_cb (TesseraGallery *self)
{
  tessera_gallery_step_size (self, 1);
}

static void
activated_cb (TesseraGallery *self, guint tile)
{
  g_signal_emit_by_name (self, "show-tile", tile);
}

static gboolean
shows_excluded (TesseraGallery *self)
{
  return self->sidebar != NULL && tessera_sidebar_get_show (self->sidebar) == TESSERA_SHOW_UNSURE;
}

void
tessera_gallery_select_all (TesseraGallery *self)
{
  g_return_if_fail (TESSERA_IS_GALLERY (self));
  tessera_gallery_view_select_all (self->view, shows_excluded (self));
}

void
tessera_gallery_invert (TesseraGallery *self)
{
  g_return_if_fail (TESSERA_IS_GALLERY (self));
  tessera_gallery_view_invert (self->view, shows_excluded (self));
}

TesseraGalleryView *
tessera_gallery_get_view (TesseraGallery *self)
{
  g_return_val_if_fail (TESSERA_IS_GALLERY (self), NULL);
  return self->view;
}

gboolean
tessera_gallery_is_settled (TesseraGallery *self)
{
  g_return_val_if_fail (TESSERA_IS_GALLERY (self), TRUE);
  return self->working == NULL;
}

void
tessera_gallery_set_session (TesseraGallery *self, TesseraSession *session, TesseraTileStore *store,
                             TesseraSidebar *sidebar)
{
  g_return_if_fail (TESSERA_IS_GALLERY (self));
  end_work (self);
  unmap_cb (self);
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  self->sidebar = sidebar;
  self->by_example = self->stale = self->had_predictions = self->auditing = FALSE;
  self->due = TRUE;
  g_clear_pointer (&self->asked, g_free);
  g_signal_group_set_target (self->signals, session);
  tessera_gallery_filter_set_session (self->filter, session);
  tessera_gallery_view_set_session (self->view, session, store);
  show_count (self);
  if (session == NULL)
    return;
  fill_sorts (self);
  show_size (self);
  show_head (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    map_cb (self);
}

/* ---- the object ---- */

static void
tessera_gallery_dispose (GObject *object)
{
  TesseraGallery *self = TESSERA_GALLERY (object);
  if (self->content != NULL)
    end_work (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  g_clear_pointer (&self->asked, g_free);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_gallery_parent_class)->dispose (object);
}

static void
tessera_gallery_class_init (TesseraGalleryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_gallery_dispose;
  g_type_ensure (TESSERA_TYPE_GALLERY_FILTER);
  g_type_ensure (TESSERA_TYPE_GALLERY_VIEW);
  g_signal_new ("show-tile", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-gallery.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, sorts);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, filter);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, chip);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, like);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, count);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, refresh);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, smaller);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, larger);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, view);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, empty);
  gtk_widget_class_bind_template_child (widget_class, TesseraGallery, all);
  gtk_widget_class_bind_template_callback (widget_class, sort_cb);
  gtk_widget_class_bind_template_callback (widget_class, end_example);
  gtk_widget_class_bind_template_callback (widget_class, smaller_cb);
  gtk_widget_class_bind_template_callback (widget_class, larger_cb);
  gtk_widget_class_bind_template_callback (widget_class, all_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
}

static uint32_t
tile_at (GtkWidget *widget, double x, double y, gpointer user)
{
  return tessera_gallery_view_tile_at (TESSERA_GALLERY_VIEW (widget), x, y);
}

static void
tessera_gallery_init (TesseraGallery *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tessera_tile_menu_attach (GTK_WIDGET (self->view), &self->session, tile_at, self);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (labels_cb), self);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (classes_cb), self);
  g_signal_group_connect_swapped (self->signals, "audit-changed", G_CALLBACK (audit_cb), self);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (contents_cb), self);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (settings_cb),
                                  self);
  g_signal_group_connect_swapped (self->signals, "example-changed", G_CALLBACK (example_cb), self);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
  g_signal_connect (self, "unmap", G_CALLBACK (unmap_cb), NULL);
}
