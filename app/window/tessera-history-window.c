#include "tessera-history-window.h"

#include "tessera-history-row.h"
#include "tessera-toast.h"
#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

struct _TesseraHistoryWindow {
  AdwWindow parent_instance;

  GtkWidget *search;
  GtkDropDown *who, *how, *what;
  GtkStack *stack;
  AdwStatusPage *none;
  GtkListView *view;
  GtkSingleSelection *selection;
  GtkLabel *status;
  GtkWidget *back;
  AdwToastOverlay *toasts;

  TesseraWindow *parent; /* weak */
  TesseraSession *session;
  TesseraTileStore *store;
  TesseraHistoryList *list;
  GSignalGroup *signals;
  GCancellable *reading; /* the tiles of the entry chosen */
  char **names;          /* as the list of annotators has them, from its second place on */
  GArray *classes;       /* int32_t, likewise */
  gboolean filling;      /* the choices are being changed, not chosen */
  gboolean shown;        /* entries have been listed once */
};

G_DEFINE_FINAL_TYPE (TesseraHistoryWindow, tessera_history_window, ADW_TYPE_WINDOW)

/* In the order of TsrJournalKind. */
static const char *const kinds[TSR_JOURNAL_N_KINDS] = {
    N_ ("Done in any way"),
    N_ ("Suggested tiles"),
    N_ ("Tiles picked"),
    N_ ("Several at once"),
    N_ ("Imported"),
    N_ ("From the command line"),
    N_ ("Decided after disagreement"),
    N_ ("In a random check"),
    N_ ("Labels cleared"),
    N_ ("Excluded or readmitted"),
    N_ ("Classes merged or removed"),
    N_ ("Undone, done again, gone back"),
};

/* ---- which entries ---- */

static gboolean
is_filtered (TesseraHistoryWindow *self)
{
  return gtk_drop_down_get_selected (self->who) > 0 || gtk_drop_down_get_selected (self->how) > 0 ||
         gtk_drop_down_get_selected (self->what) > 0 ||
         *gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0';
}

static void
filter_cb (TesseraHistoryWindow *self)
{
  if (self->list == NULL || self->filling)
    return;
  guint who = gtk_drop_down_get_selected (self->who), how = gtk_drop_down_get_selected (self->how),
        what = gtk_drop_down_get_selected (self->what);
  TsrJournalFilter filter = {
      .annotator = who > 0 && self->names != NULL && who <= g_strv_length (self->names)
                       ? self->names[who - 1]
                       : NULL,
      .kind = how < TSR_JOURNAL_N_KINDS ? (TsrJournalKind)how : TSR_JOURNAL_ANY,
      .class_id = what > 0 && what <= self->classes->len
                      ? g_array_index (self->classes, int32_t, what - 1)
                      : 0,
      .text = gtk_editable_get_text (GTK_EDITABLE (self->search)),
  };
  tessera_history_list_set_filter (self->list, &filter);
}

static void
set_choices (TesseraHistoryWindow *self, GtkDropDown *choice, GtkStringList *texts, guint selected)
{
  self->filling = TRUE;
  gtk_drop_down_set_model (choice, G_LIST_MODEL (texts));
  gtk_drop_down_set_selected (choice, selected);
  self->filling = FALSE;
}

static void
fill_classes (TesseraHistoryWindow *self)
{
  guint was = gtk_drop_down_get_selected (self->what);
  int32_t chosen =
      was > 0 && was <= self->classes->len ? g_array_index (self->classes, int32_t, was - 1) : 0;
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);
  gtk_string_list_append (texts, _ ("Any class"));
  g_array_set_size (self->classes, 0);
  guint selected = 0;
  GPtrArray *classes = tessera_session_get_classes (self->session);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = classes->pdata[i];
    g_autofree char *name = tessera_ui_shorten (class_->name, 40);
    gtk_string_list_append (texts, name);
    g_array_append_val (self->classes, class_->id);
    if (class_->id == chosen)
      selected = i + 1;
  }
  set_choices (self, self->what, texts, selected);
  if (chosen != 0 && selected == 0)
    filter_cb (self);
}

static void
names_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraHistoryWindow) self = user;
  char **names =
      tessera_history_list_read_names_finish (TESSERA_HISTORY_LIST (source), result, NULL);
  if (names == NULL || self->list == NULL) {
    g_strfreev (names);
    return;
  }
  guint was = gtk_drop_down_get_selected (self->who), selected = 0;
  g_autofree char *chosen = was > 0 && self->names != NULL ? g_strdup (self->names[was - 1]) : NULL;
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);
  gtk_string_list_append (texts, _ ("Anybody"));
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *name = tessera_ui_shorten (*names[i] ? names[i] : _ ("nobody named"), 40);
    gtk_string_list_append (texts, name);
    if (g_strcmp0 (names[i], chosen) == 0)
      selected = i + 1;
  }
  g_strfreev (self->names);
  self->names = names;
  set_choices (self, self->who, texts, selected);
}

static void
found_cb (TesseraHistoryWindow *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  g_autofree char *count = tessera_ui_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s entry", "%s entries", n), count);
  gtk_label_set_text (self->status, n > 0 ? text : "");
  gboolean filtered = is_filtered (self);
  adw_status_page_set_title (self->none,
                             filtered ? _ ("No such entry") : _ ("Nothing has been done yet"));
  adw_status_page_set_description (
      self->none, filtered ? _ ("Other words or filters may find it.")
                           : _ ("Every label, and everything else that is done to tiles and "
                                "classes, will be listed here."));
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "none");
  if (n > 0 && !self->shown)
    gtk_widget_grab_focus (GTK_WIDGET (self->view)); /* arrows go through the entries at once */
  self->shown |= n > 0;
}

static void
changed_cb (TesseraHistoryWindow *self)
{
  if (self->list == NULL)
    return;
  tessera_history_list_refresh (self->list);
  tessera_history_list_read_names_async (self->list, NULL, names_cb, g_object_ref (self));
}

/* ---- an entry ---- */

static TesseraHistoryItem *
chosen (TesseraHistoryWindow *self)
{
  return gtk_single_selection_get_selected_item (self->selection);
}

static void
tiles_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraHistoryWindow) self = user;
  g_autoptr (GArray) tiles =
      tessera_history_list_read_tiles_finish (TESSERA_HISTORY_LIST (source), result, NULL);
  if (tiles == NULL || self->session == NULL || !tessera_session_is_open (self->session))
    return;
  if (tiles->len == 0)
    tessera_session_select_none (self->session);
  else
    tessera_session_select (self->session, (const uint32_t *)tiles->data, tiles->len,
                            TESSERA_SELECT_REPLACE);
  TesseraProjectPage *page =
      self->parent != NULL ? tessera_window_get_project_page (self->parent) : NULL;
  /* the gallery shows them, too, and scrolls there */
  if (page != NULL && !tessera_project_page_shows_tiles (page))
    adw_view_stack_set_visible_child_name (tessera_project_page_get_views (page), "map");
}

static void
show_tiles (TesseraHistoryWindow *self)
{
  TesseraHistoryItem *item = chosen (self);
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  gtk_widget_set_sensitive (self->back, item != NULL);
  if (item == NULL)
    return;
  self->reading = g_cancellable_new ();
  tessera_history_list_read_tiles_async (self->list, tessera_history_item_get_seq (item),
                                         self->reading, tiles_cb, g_object_ref (self));
}

/* Enter: the tiles, and the window they are in. */
static void
activate_cb (TesseraHistoryWindow *self)
{
  show_tiles (self);
  if (self->parent != NULL)
    gtk_window_present (GTK_WINDOW (self->parent));
}

static void
back_cb (TesseraHistoryWindow *self)
{
  TesseraHistoryItem *item = chosen (self);
  if (item != NULL)
    tessera_session_revert (self->session, tessera_history_item_get_seq (item));
}

/* ---- what was done is said here, too: this window may hide the other ---- */

static void
undo_cb (AdwToast *toast, TesseraHistoryWindow *self)
{
  guint act = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (toast), "act"));
  if (self->session != NULL)
    tessera_session_undo_act (self->session, act);
}

static void
toast_cb (TesseraHistoryWindow *self, const char *text, guint act)
{
  if (!gtk_window_is_active (GTK_WINDOW (self)))
    return;
  AdwToast *toast = tessera_toast_show (self->toasts, text, TESSERA_TOAST_BESIDE);
  if (act > 0) {
    adw_toast_set_button_label (toast, _ ("Undo"));
    g_object_set_data (G_OBJECT (toast), "act", GUINT_TO_POINTER (act));
    g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_cb), self, 0);
  }
}

/* ---- rows ---- */

static void
setup_cb (TesseraHistoryWindow *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, tessera_history_row_new (self->session, self->store));
}

static void
bind_cb (TesseraHistoryWindow *self, GtkListItem *item)
{
  tessera_history_row_set (TESSERA_HISTORY_ROW (gtk_list_item_get_child (item)),
                           gtk_list_item_get_item (item));
}

static void
unbind_cb (TesseraHistoryWindow *self, GtkListItem *item)
{
  tessera_history_row_set (TESSERA_HISTORY_ROW (gtk_list_item_get_child (item)), NULL);
}

/* ---- building ---- */

static GtkDropDown *
make_choice (TesseraHistoryWindow *self, GtkWidget *box, const char *name)
{
  GtkDropDown *choice = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  tessera_ui_set_name (choice, name);
  tessera_wrap_append (TESSERA_WRAP (box), GTK_WIDGET (choice));
  return choice;
}

static GtkWidget *
make_filters (TesseraHistoryWindow *self)
{
  const char *sought = _ ("Class, name or #tile");
  GtkWidget *box = tessera_wrap_new (8);
  self->search = gtk_search_entry_new ();
  gtk_widget_set_hexpand (self->search, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search), (int)g_utf8_strlen (sought, -1));
  gtk_widget_set_tooltip_text (self->search,
                               _ ("A class, a name, or a tile by its number, such as #12"));
  tessera_ui_set_name (self->search, _ ("Search the history"));
  g_object_set (self->search, "placeholder-text", sought, NULL);
  tessera_wrap_append (TESSERA_WRAP (box), self->search);
  self->who = make_choice (self, box, _ ("By whom"));
  self->how = make_choice (self, box, _ ("How"));
  self->what = make_choice (self, box, _ ("Class"));
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    gtk_string_list_append (texts, _ (kinds[i]));
  set_choices (self, self->how, texts, 0);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 8);
  return box;
}

static GtkWidget *
make_list (TesseraHistoryWindow *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (show_tiles),
                            self);
  self->view = GTK_LIST_VIEW (
      gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory));
  gtk_list_view_set_show_separators (self->view, TRUE);
  tessera_ui_set_name (self->view, _ ("History, the newest first"));
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (activate_cb), self);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static GtkWidget *
make_stack (TesseraHistoryWindow *self)
{
  GtkWidget *spinner = gtk_spinner_new ();
  gtk_spinner_set_spinning (GTK_SPINNER (spinner), TRUE);
  gtk_widget_set_size_request (spinner, 32, 32);
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  self->none = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->none, "document-open-recent-symbolic");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, spinner, "loading");
  gtk_stack_add_named (self->stack, make_list (self), "list");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->none), "none");
  return GTK_WIDGET (self->stack);
}

static GtkWidget *
make_foot (TesseraHistoryWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->status = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->status, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->status), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "dim-label");
  self->back = gtk_button_new_with_mnemonic (_ ("_Go back to here"));
  gtk_widget_set_sensitive (self->back, FALSE);
  gtk_widget_set_tooltip_text (
      self->back, _ ("Makes every label what it was right after the entry that is chosen"));
  g_signal_connect_swapped (self->back, "clicked", G_CALLBACK (back_cb), self);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->status));
  gtk_box_append (GTK_BOX (box), self->back);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 8);
  gtk_widget_set_margin_bottom (box, 10);
  return box;
}

/* Somebody types with the list in front: a blank is one more letter, not a press on the entry that
 * has the focus. What was typed stays, and is not selected. */
static void
started_cb (GtkWidget *search)
{
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (search));
  if (GTK_IS_TEXT (text))
    gtk_text_grab_focus_without_selecting (GTK_TEXT (text));
}

/* Escape empties the field first. */
static void
stop_cb (TesseraHistoryWindow *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  else
    gtk_window_close (GTK_WINDOW (self));
}

static gboolean
shortcut_cb (GtkWidget *widget, GVariant *what, gpointer unused)
{
  TesseraHistoryWindow *self = TESSERA_HISTORY_WINDOW (widget);
  const char *name = g_variant_get_string (what, NULL);
  if (g_str_equal (name, "search"))
    gtk_widget_grab_focus (self->search);
  else if (g_str_equal (name, "undo"))
    tessera_session_undo (self->session);
  else
    tessera_session_redo (self->session);
  return GDK_EVENT_STOP;
}

static void
tessera_history_window_init (TesseraHistoryWindow *self)
{
  self->classes = g_array_new (FALSE, FALSE, sizeof (int32_t));
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (content), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (content), make_filters (self));
  gtk_box_append (GTK_BOX (content), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, make_stack (self));
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->toasts));
  gtk_box_append (GTK_BOX (content), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (content), make_foot (self));
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ ("History"));
  tessera_ui_set_window_size (GTK_WINDOW (self), NULL, 820, 620);
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search), GTK_WIDGET (self));
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (filter_cb), self);
  g_signal_connect (self->search, "search-started", G_CALLBACK (started_cb), NULL);
  g_signal_connect_swapped (self->search, "stop-search", G_CALLBACK (stop_cb), self);
  GtkDropDown *const choices[] = {self->who, self->how, self->what};
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    g_signal_connect_swapped (choices[i], "notify::selected", G_CALLBACK (filter_cb), self);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (changed_cb), self);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (fill_classes),
                                  self);
  g_signal_group_connect_swapped (self->signals, "toast", G_CALLBACK (toast_cb), self);
}

static void
tessera_history_window_dispose (GObject *object)
{
  TesseraHistoryWindow *self = TESSERA_HISTORY_WINDOW (object);
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  g_clear_object (&self->signals);
  if (self->selection != NULL)
    gtk_single_selection_set_model (self->selection, NULL);
  g_clear_object (&self->selection);
  if (self->list != NULL)
    tessera_history_list_close (self->list);
  g_clear_object (&self->list);
  if (self->store != NULL)
    tessera_tile_store_close (self->store);
  G_OBJECT_CLASS (tessera_history_window_parent_class)->dispose (object);
  g_clear_object (&self->store);
  g_clear_object (&self->session);
  g_clear_weak_pointer (&self->parent);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->classes, g_array_unref);
}

static void
tessera_history_window_class_init (TesseraHistoryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_history_window_dispose;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, shortcut_cb, "s",
                                "search");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, shortcut_cb, "s",
                                "undo");
  gtk_widget_class_add_binding (widget_class, GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                shortcut_cb, "s", "redo");
}

GtkWidget *
tessera_history_window_new (TesseraWindow *parent)
{
  TesseraHistoryWindow *self =
      g_object_new (TESSERA_TYPE_HISTORY_WINDOW, "transient-for", parent, NULL);
  const char *path = tessera_window_get_path (parent);
  g_set_weak_pointer (&self->parent, parent);
  self->session = g_object_ref (tessera_window_get_session (parent));
  self->store = tessera_tile_store_new (path);
  self->list = tessera_history_list_new (path);
  g_signal_connect_object (self->list, "found", G_CALLBACK (found_cb), self, G_CONNECT_SWAPPED);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->list));
  fill_classes (self);
  g_signal_group_set_target (self->signals, self->session);
  changed_cb (self);
  return GTK_WIDGET (self);
}

TesseraHistoryList *
tessera_history_window_get_list (TesseraHistoryWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_HISTORY_WINDOW (self), NULL);
  return self->list;
}
