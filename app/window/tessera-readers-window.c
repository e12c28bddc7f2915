#include "tessera-readers-window.h"

#include "tessera-readers-page.h"
#include "tessera-swatch.h"
#include "tessera-thumb.h"
#include "tessera-tile-list.h"
#include "tessera-ui.h"
#include "tessera-wait.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

#define THUMB_SIZE 44

struct _TesseraReadersWindow {
  AdwWindow parent_instance;

  GtkStack *stack;
  GtkWidget *decide, *take;

  TesseraWindow *parent; /* weak */
  TesseraSession *session;
  TesseraTileStore *store;
  TsrReadings *readings;
  char *names[2]; /* what the readers are called */
};

G_DEFINE_FINAL_TYPE (TesseraReadersWindow, tessera_readers_window, ADW_TYPE_WINDOW)

/* ---- the tiles they do not agree on ---- */

static GtkWidget *
make_said (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *swatch = tessera_swatch_new (),
            *label = gtk_label_new (NULL);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 22);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 22);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static void
show_said (TesseraReadersWindow *self, GtkWidget *box, int reader, int32_t index, GString *says)
{
  TsrClass class_ = tessera_readers_class (self->readings, index);
  g_autofree char *text = g_strdup_printf (_ ("%s: %s"), self->names[reader], class_.name);
  GtkWidget *swatch = gtk_widget_get_first_child (box), *label = gtk_widget_get_last_child (box);
  tessera_swatch_set (TESSERA_SWATCH (swatch), &class_, TRUE);
  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, text);
  g_string_append_printf (says, ", %s", text);
}

static void
setup_cb (TesseraReadersWindow *self, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12),
            *thumb = tessera_thumb_new (THUMB_SIZE), *name = gtk_label_new (NULL);
  gtk_widget_set_can_focus (thumb, FALSE);
  gtk_widget_set_can_target (thumb, FALSE);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (row), thumb);
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), make_said ());
  gtk_box_append (GTK_BOX (row), make_said ());
  gtk_widget_set_margin_start (row, 12);
  gtk_widget_set_margin_end (row, 12);
  gtk_widget_set_margin_top (row, 6);
  gtk_widget_set_margin_bottom (row, 6);
  gtk_list_item_set_child (item, row);
}

static void
bind_cb (TesseraReadersWindow *self, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item), *thumb = gtk_widget_get_first_child (row),
            *name = gtk_widget_get_next_sibling (thumb),
            *first = gtk_widget_get_next_sibling (name),
            *second = gtk_widget_get_next_sibling (first);
  uint32_t tile = tessera_tile_item_get_tile (gtk_list_item_get_item (item));
  g_autofree char *text =
      g_strdup_printf ("#%u  %s", tile, tessera_session_get_shown_name (self->session, tile));
  g_autoptr (GString) says = g_string_new (text);
  tessera_thumb_set (TESSERA_THUMB (thumb), self->session, self->store, tile);
  gtk_label_set_text (GTK_LABEL (name), text);
  show_said (self, first, 0, self->readings->first[tile], says);
  show_said (self, second, 1, self->readings->second[tile], says);
  tessera_ui_set_name (row, says->str);
  /* which has the focus, and says nothing by itself */
  tessera_ui_set_name (gtk_widget_get_parent (row), says->str);
}

static void
unbind_cb (TesseraReadersWindow *self, GtkListItem *item)
{
  GtkWidget *thumb = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  tessera_thumb_set (TESSERA_THUMB (thumb), NULL, NULL, TESSERA_NO_TILE);
}

static void
chosen_cb (GtkSingleSelection *selection, GParamSpec *pspec, TesseraReadersWindow *self)
{
  TesseraTileItem *item = gtk_single_selection_get_selected_item (selection);
  if (item == NULL || self->session == NULL || !tessera_session_is_open (self->session))
    return;
  tessera_session_select_one (self->session, tessera_tile_item_get_tile (item));
  if (self->parent != NULL)
    adw_view_stack_set_visible_child_name (
        tessera_project_page_get_views (tessera_window_get_project_page (self->parent)), "map");
}

static void
activate_cb (TesseraReadersWindow *self)
{
  if (self->parent != NULL)
    gtk_window_present (GTK_WINDOW (self->parent));
}

static GtkWidget *
make_disagreements (TesseraReadersWindow *self)
{
  const GArray *disputed = self->readings->disputed;
  if (disputed->len == 0) {
    GtkWidget *none = adw_status_page_new ();
    adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "emblem-ok-symbolic");
    adw_status_page_set_title (ADW_STATUS_PAGE (none), _ ("No disagreement"));
    adw_status_page_set_description (ADW_STATUS_PAGE (none),
                                     _ ("No tile was given two different classes."));
    return none;
  }
  TesseraTileList *list = tessera_tile_list_new ();
  tessera_tile_list_set (list, (const uint32_t *)disputed->data, disputed->len);
  GtkSingleSelection *selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_single_selection_set_model (selection, G_LIST_MODEL (list));
  g_object_unref (list);
  g_signal_connect_object (selection, "notify::selected-item", G_CALLBACK (chosen_cb), self, 0);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (unbind_cb), self);
  GtkWidget *view = gtk_list_view_new (GTK_SELECTION_MODEL (selection), factory),
            *scroller = gtk_scrolled_window_new ();
  gtk_list_view_set_show_separators (GTK_LIST_VIEW (view), TRUE);
  tessera_ui_set_name (view, _ ("Tiles given two different classes"));
  g_signal_connect_swapped (view, "activate", G_CALLBACK (activate_cb), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  return scroller;
}

/* ---- what to do about it ---- */

static void
leave (TesseraReadersWindow *self)
{
  if (self->parent != NULL) {
    adw_view_stack_set_visible_child_name (
        tessera_project_page_get_views (tessera_window_get_project_page (self->parent)), "map");
    gtk_window_present (GTK_WINDOW (self->parent));
  }
  gtk_window_close (GTK_WINDOW (self));
}

static void
decide_cb (TesseraReadersWindow *self)
{
  tessera_session_work_through (self->session, self->readings);
  leave (self);
}

static void
take_cb (TesseraReadersWindow *self)
{
  tessera_session_take_labels (self->session, self->readings);
  leave (self);
}

/* Labels of the other's on tiles that have none. */
static guint
count_takeable (const TsrReadings *readings)
{
  guint n = 0;
  for (uint32_t i = 0; i < readings->n; i++)
    n += readings->first[i] == TSR_LABEL_NONE && readings->second[i] != TSR_LABEL_NONE;
  return n;
}

static char *
describe_rest (const TsrReadings *readings)
{
  g_autofree char *count = tessera_ui_count (readings->other->unknown);
  if (readings->other->unknown == 0)
    return g_strdup ("");
  return g_strdup_printf (ngettext ("%s label of the other's is of a tile that is not here.",
                                    "%s labels of the other's are of tiles that are not here.",
                                    readings->other->unknown),
                          count);
}

static GtkWidget *
make_button (TesseraReadersWindow *self, const char *text, const char *tip, gboolean sensitive,
             GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_label (text);
  tessera_ui_wrap_label (GTK_BUTTON (button));
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_sensitive (button, sensitive);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
make_foot (TesseraReadersWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *rest = describe_rest (self->readings);
  GtkWidget *status = gtk_label_new (rest);
  guint takeable = count_takeable (self->readings), disputed = self->readings->disputed->len;
  g_autofree char *count = tessera_ui_count (takeable);
  g_autofree char *text =
      takeable > 0 ? g_strdup_printf (
                         ngettext ("Take over %s label", "Take over %s labels", takeable), count)
                   : g_strdup (_ ("No label to take over"));
  gtk_label_set_wrap (GTK_LABEL (status), TRUE);
  gtk_label_set_xalign (GTK_LABEL (status), 0);
  gtk_widget_set_hexpand (status, TRUE);
  gtk_widget_add_css_class (status, "dim-label");
  self->take = make_button (self, text,
                            _ ("Tiles without a label here get the other reader's, under that "
                               "reader's name"),
                            takeable > 0, G_CALLBACK (take_cb));
  self->decide = make_button (self, _ ("Work through the disagreements"),
                              _ ("They become the suggestions, without a label until they are "
                                 "decided; the panel says what each reader said"),
                              disputed > 0, G_CALLBACK (decide_cb));
  if (disputed > 0)
    gtk_widget_add_css_class (self->decide, "suggested-action");
  gtk_box_append (GTK_BOX (box), status);
  gtk_box_append (GTK_BOX (box), self->take);
  gtk_box_append (GTK_BOX (box), self->decide);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 8);
  gtk_widget_set_margin_bottom (box, 10);
  return box;
}

/* ---- the window ---- */

static void
build (TesseraReadersWindow *self, const TsrAgreement *agreement)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = adw_header_bar_new (),
            *switcher = gtk_stack_switcher_new ();
  g_autofree char *count = tessera_ui_count (self->readings->disputed->len);
  g_autofree char *title = g_strdup_printf (_ ("Disagreements (%s)"), count);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_titled (
      self->stack,
      tessera_readers_page_new (self->readings, agreement, self->names[0], self->names[1]),
      "agreement", _ ("Agreement"));
  gtk_stack_add_titled (self->stack, make_disagreements (self), "disagreements", title);
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), self->stack);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), switcher);
  gtk_box_append (GTK_BOX (content), header);
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (content), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (content), make_foot (self));
  adw_window_set_content (ADW_WINDOW (self), content);
}

static void
tessera_readers_window_init (TesseraReadersWindow *self)
{
  gtk_window_set_title (GTK_WINDOW (self), _ ("Two readers"));
  tessera_ui_set_window_size (GTK_WINDOW (self), NULL, 860, 640);
}

static void
tessera_readers_window_dispose (GObject *object)
{
  TesseraReadersWindow *self = TESSERA_READERS_WINDOW (object);
  if (self->store != NULL)
    tessera_tile_store_close (self->store);
  G_OBJECT_CLASS (tessera_readers_window_parent_class)->dispose (object);
  g_clear_object (&self->store);
  g_clear_object (&self->session);
  g_clear_weak_pointer (&self->parent);
  g_clear_pointer (&self->readings, tsr_readings_unref);
  g_clear_pointer (&self->names[0], g_free);
  g_clear_pointer (&self->names[1], g_free);
}

static void
tessera_readers_window_class_init (TesseraReadersWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_readers_window_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

/* ---- reading ---- */

typedef struct {
  GWeakRef window;
  TesseraWait *wait;
  char *project, *path;
  TsrReadings *readings;
  TsrAgreement *agreement;
} Comparison;

static void
comparison_free (gpointer data)
{
  Comparison *comparison = data;
  g_weak_ref_clear (&comparison->window);
  g_free (comparison->project);
  g_free (comparison->path);
  tsr_readings_unref (comparison->readings);
  tsr_agreement_free (comparison->agreement);
  g_free (comparison);
}

static void
compare_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Comparison *comparison = data;
  GError *error = NULL;
  g_autoptr (TsrProject) project =
      tsr_project_open (comparison->project, TSR_PROJECT_READ_ONLY, &error);
  if (project != NULL)
    comparison->readings = tsr_readings_new (project, comparison->path, NULL, &error);
  const TsrReadings *readings = comparison->readings;
  if (readings == NULL || g_cancellable_set_error_if_cancelled (
                              tessera_wait_progress (comparison->wait)->cancellable, &error)) {
    g_task_return_error (task, error);
    return;
  }
  comparison->agreement =
      tsr_agreement_new (readings->first, readings->second, readings->n, readings->names->len);
  g_task_return_boolean (task, TRUE);
}

/* The other reader by name, if there is one name, else by the file's. */
static char *
other_name (const Comparison *comparison)
{
  const GPtrArray *readers = comparison->readings->other->readers;
  const char *only = readers->len == 1 ? readers->pdata[0] : "";
  return *only != '\0' ? g_strdup (only) : g_filename_display_basename (comparison->path);
}

static void
show (TesseraWindow *parent, Comparison *comparison)
{
  TesseraReadersWindow *self =
      g_object_new (TESSERA_TYPE_READERS_WINDOW, "transient-for", parent, NULL);
  g_set_weak_pointer (&self->parent, parent);
  self->session = g_object_ref (tessera_window_get_session (parent));
  self->store = tessera_tile_store_new (comparison->project);
  self->readings = tsr_readings_ref (comparison->readings);
  self->names[1] = other_name (comparison);
  const char *own = self->readings->annotator;
  gboolean told = own != NULL && g_strcmp0 (own, self->names[1]) != 0;
  self->names[0] = g_strdup (told ? own : _ ("This project"));
  build (self, comparison->agreement);
  gtk_window_present (GTK_WINDOW (self));
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  Comparison *comparison = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  g_clear_pointer (&comparison->wait, tessera_wait_free);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&comparison->window);
  if (window == NULL || g_strcmp0 (tessera_window_get_path (window), comparison->project) != 0)
    return; /* another project is open by now */
  if (ok && tessera_window_get_session (window) != NULL &&
      comparison->readings->n <= tessera_session_get_n_tiles (tessera_window_get_session (window)))
    show (window, comparison);
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    tessera_window_toast (window, error->message);
}

void
tessera_readers_window_compare (TesseraWindow *parent, const char *path)
{
  g_return_if_fail (TESSERA_IS_WINDOW (parent) && path != NULL);
  Comparison *comparison = g_new0 (Comparison, 1);
  g_weak_ref_init (&comparison->window, parent);
  comparison->project = g_strdup (tessera_window_get_path (parent));
  comparison->path = g_strdup (path);
  comparison->wait = tessera_wait_new (GTK_WINDOW (parent), _ ("Reading the other's labels"));
  g_autoptr (GTask) task = g_task_new (NULL, NULL, compared_cb, NULL);
  g_task_set_task_data (task, comparison, comparison_free);
  g_task_run_in_thread (task, compare_thread);
}
