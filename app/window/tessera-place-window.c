#include "tessera-place-window.h"

#include "tessera-placing.h"
#include "tessera-ui.h"
#include "tsr-tile-place.h"

#include <glib/gi18n.h>
#include <math.h>

#define LINE 17 /* of small text, about */

struct _TesseraPlaceWindow {
  AdwWindow parent_instance;

  TesseraWindow *over; /* weak */
  guint named;         /* tiles that are named as QuPath names them */
  guint n;             /* that are files */
  TesseraFilesRow *tables, *slides;
  GtkSpinButton *side, *mpp;
  GtkWidget *side_row;
  GtkLabel *says;
  GtkWidget *place;
};

G_DEFINE_FINAL_TYPE (TesseraPlaceWindow, tessera_place_window, ADW_TYPE_WINDOW)

/* What places come from now, and whether that is anything. */
static void
update (TesseraPlaceWindow *self)
{
  gboolean told = tessera_files_row_get (self->tables)->len > 0;
  g_autofree char *named = tessera_ui_count (self->named);
  g_autofree char *n = tessera_ui_count (self->n);
  g_autofree char *text =
      self->n == 0 ? g_strdup (_ ("All tiles of this project were cut from slides, so their places "
                                  "are known already."))
      : told ? g_strdup (_ ("A row is about the tile whose file it names, or whose file is named "
                            "after slide and place."))
      : self->named > 0
          ? g_strdup_printf (
                ngettext ("%s of %s tile is named after its place, as QuPath names it.",
                          "%s of %s tiles are named after their places, as QuPath "
                          "names them.",
                          self->n),
                named, n)
          : g_strdup (_ ("The tiles' names do not say where they lie: choose a table that does."));
  gtk_label_set_text (self->says, text);
  gtk_widget_set_sensitive (self->side_row, told);
  gtk_widget_set_sensitive (self->place, self->n > 0 && (told || self->named > 0));
}

static char **
dup_paths (TesseraFilesRow *row)
{
  const GPtrArray *chosen = tessera_files_row_get (row);
  char **paths = g_new0 (char *, (gsize)chosen->len + 1);
  for (guint i = 0; i < chosen->len; i++)
    paths[i] = g_strdup (chosen->pdata[i]);
  return paths;
}

static void
place_cb (TesseraPlaceWindow *self)
{
  g_auto (GStrv) tables = dup_paths (self->tables), slides = dup_paths (self->slides);
  double mpp = gtk_spin_button_get_value (self->mpp);
  TesseraPlacingChoice choice = {.tables = tables[0] != NULL ? tables : NULL,
                                 .slides = slides,
                                 .side = gtk_spin_button_get_value (self->side),
                                 .mpp = mpp > 0 ? mpp : NAN};
  g_autoptr (TesseraWindow) over = self->over != NULL ? g_object_ref (self->over) : NULL;
  gtk_window_destroy (GTK_WINDOW (self));
  if (over != NULL && tessera_window_get_session (over) != NULL)
    tessera_placing_begin (over, &choice);
}

/* ---- how it is made ---- */

static gboolean
is_table (const char *name)
{
  return g_str_has_suffix (name, ".csv") || g_str_has_suffix (name, ".tsv") ||
         g_str_has_suffix (name, ".h5") || g_str_has_suffix (name, ".hdf5");
}

static GtkSpinButton *
add_spin (AdwPreferencesGroup *group, const char *title, const char *subtitle, double high,
          double step, guint digits, GtkWidget **row)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (0, high, step), *made = adw_action_row_new ();
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), digits);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 6);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  tessera_ui_set_name (spin, title);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (made), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (made), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (made), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (made), spin);
  adw_preferences_group_add (group, made);
  if (row != NULL)
    *row = made;
  return GTK_SPIN_BUTTON (spin);
}

static GtkWidget *
make_tables (TesseraPlaceWindow *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  const TesseraFilesRowTexts texts = {.title = _ ("Tables of places"),
                                      .hint =
                                          _ ("None: the tiles' names say where they lie. Or CSV of "
                                             "Slideflow and WSInfer, H5 of TRIDENT and CLAM"),
                                      .folder_hint = _ ("A folder of tables (CSV, H5)"),
                                      .files = _ ("Choose tables"),
                                      .folder = _ ("Choose a folder of tables"),
                                      .clear = _ ("No table: the tiles' names say"),
                                      .none = _ ("There is no table in that folder."),
                                      .wanted = is_table};
  GtkWidget *row = tessera_files_row_new (&texts);
  self->tables = TESSERA_FILES_ROW (row);
  adw_preferences_group_set_title (group, _ ("Where the tiles lie"));
  adw_preferences_group_add (group, row);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (update), self);
  self->side = add_spin (group, _ ("A tile's side on the slide"),
                         _ ("In pixels of the slide's finest level; 0: the tables say it"), 1e6, 8,
                         0, &self->side_row);
  return GTK_WIDGET (group);
}

static GtkWidget *
make_slides (TesseraPlaceWindow *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  const TesseraFilesRowTexts texts = {.title = _ ("Their slides"),
                                      .hint =
                                          _ ("Files named like the slides that the tiles' names or "
                                             "the tables mention; they are not cut into tiles"),
                                      .folder_hint = _ ("A folder of slides"),
                                      .files = _ ("Choose slides"),
                                      .folder = _ ("Choose a folder of slides"),
                                      .clear = _ ("Only slides that the project knows")};
  GtkWidget *row = tessera_files_row_new (&texts);
  self->slides = TESSERA_FILES_ROW (row);
  adw_preferences_group_set_title (group, _ ("On which slides"));
  adw_preferences_group_add (group, row);
  self->mpp = add_spin (group, _ ("Micrometres per pixel"),
                        _ ("For slides whose files do not say; 0: not known"), 20, 0.05, 3, NULL);
  return GTK_WIDGET (group);
}

static GtkWidget *
make_foot (TesseraPlaceWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10),
            *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  self->place = gtk_button_new_with_mnemonic (_ ("_Place the tiles"));
  gtk_widget_add_css_class (self->place, "suggested-action");
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_destroy), self);
  g_signal_connect_swapped (self->place, "clicked", G_CALLBACK (place_cb), self);
  gtk_widget_set_halign (box, GTK_ALIGN_END);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_box_append (GTK_BOX (box), cancel);
  gtk_box_append (GTK_BOX (box), self->place);
  return box;
}

static gboolean
escape_cb (GtkWidget *widget, GVariant *args, gpointer unused)
{
  gtk_window_destroy (GTK_WINDOW (widget));
  return TRUE;
}

static void
tessera_place_window_init (TesseraPlaceWindow *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18), *says = gtk_label_new (NULL),
            *scroller = gtk_scrolled_window_new ();
  self->says = GTK_LABEL (says);
  gtk_label_set_wrap (self->says, TRUE);
  gtk_label_set_xalign (self->says, 0);
  gtk_label_set_yalign (self->says, 0);
  gtk_widget_set_size_request (says, -1, 2 * LINE); /* what is below stays where it is */
  gtk_widget_add_css_class (says, "dim-label");
  gtk_widget_set_margin_top (body, 6);
  gtk_widget_set_margin_bottom (body, 18);
  gtk_widget_set_margin_start (body, 18);
  gtk_widget_set_margin_end (body, 18);
  gtk_box_append (GTK_BOX (body), make_tables (self));
  gtk_box_append (GTK_BOX (body), make_slides (self));
  gtk_box_append (GTK_BOX (body), says);
  tessera_ui_pass_wheel (body);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), body);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (content), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (content), scroller);
  gtk_box_append (GTK_BOX (content), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (content), make_foot (self)); /* in sight, however long the rest is */
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Places of tiles on slides"));
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
}

static void
tessera_place_window_dispose (GObject *object)
{
  TesseraPlaceWindow *self = TESSERA_PLACE_WINDOW (object);
  g_clear_weak_pointer (&self->over);
  G_OBJECT_CLASS (tessera_place_window_parent_class)->dispose (object);
}

static void
tessera_place_window_class_init (TesseraPlaceWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_place_window_dispose;
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, escape_cb, NULL);
}

/* Tiles with a tissue share were cut from a slide; the others are files. */
static void
count (TesseraPlaceWindow *self, TesseraSession *session)
{
  for (uint32_t i = 0; i < tessera_session_get_n_tiles (session); i++) {
    const TsrTileRegion *region = tessera_session_get_region (session, i);
    g_auto (TsrTilePlace) place = {0};
    if (region != NULL && !isnan (region->tissue))
      continue;
    self->n++;
    self->named += tsr_tile_place_parse (tessera_session_get_tile_name (session, i), &place);
  }
}

GtkWidget *
tessera_place_window_new (TesseraWindow *over)
{
  TesseraSession *session = tessera_window_get_session (over);
  TesseraPlaceWindow *self = g_object_new (TESSERA_TYPE_PLACE_WINDOW, "transient-for", over, NULL);
  g_set_weak_pointer (&self->over, over);
  if (session != NULL)
    count (self, session);
  update (self);
  tessera_ui_set_window_size (GTK_WINDOW (self), adw_window_get_content (ADW_WINDOW (self)), 580,
                              -1);
  return GTK_WIDGET (self);
}

TesseraFilesRow *
tessera_place_window_get_tables (TesseraPlaceWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_PLACE_WINDOW (self), NULL);
  return self->tables;
}

TesseraFilesRow *
tessera_place_window_get_slides (TesseraPlaceWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_PLACE_WINDOW (self), NULL);
  return self->slides;
}
