#include "tessera-gallery-filter.h"

#include "tessera-journal-words.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

/* The choices, each a drop-down list over a setting; not set: everything. */
#define MOST_CHARS 18 /* of the button that says what is chosen */

enum { OF_CLASS, SURENESS, SLIDE, ANNOTATOR, HOW, N_CHOICES };

static const char *const keys[N_CHOICES] = {"gallery.class", "gallery.below", "gallery.slide",
                                            "gallery.annotator", "gallery.how"};
#define DISCORDANT "gallery.discordant"

/* Characters of a name in a list: a long one must not widen the popover. */
#define NAME_CHARS 34

struct _TesseraGalleryFilter {
  GtkWidget parent_instance;

  GtkMenuButton *button;
  GtkLabel *caption;
  GtkDropDown *choice[N_CHOICES];
  GtkWidget *row[N_CHOICES];
  GPtrArray *value[N_CHOICES]; /* char* or NULL (the first): what each line sets */
  GtkCheckButton *discordant;
  GtkWidget *clear;

  TesseraSession *session;
  GSignalGroup *signals;
  char **annotators; /* as last read; or NULL */
  gboolean syncing;  /* the lists follow the settings */
};

G_DEFINE_FINAL_TYPE (TesseraGalleryFilter, tessera_gallery_filter, GTK_TYPE_WIDGET)

/* ---- settings ---- */

static const char *
chosen (TesseraSession *session, int choice)
{
  const char *value = tessera_session_get_setting (session, keys[choice], "");
  return *value != '\0' ? value : NULL;
}

static gboolean
is_discordant (TesseraSession *session)
{
  return g_str_equal (tessera_session_get_setting (session, DISCORDANT, "0"), "1");
}

/* A class that has gone filters nothing. */
static int32_t
class_of (TesseraSession *session, const char *prefix)
{
  const char *value = chosen (session, OF_CLASS);
  if (value == NULL || !g_str_has_prefix (value, prefix))
    return TSR_LABEL_NONE;
  int32_t id = (int32_t)g_ascii_strtoll (value + strlen (prefix), NULL, 10);
  return tessera_session_get_class (session, id) != NULL ? id : TSR_LABEL_NONE;
}

static int32_t
how_of (TesseraSession *session)
{
  const char *value = chosen (session, HOW);
  for (int how = 0; how < TSR_N_HOWS; how++)
    if (g_strcmp0 (value, tsr_how_name ((TsrHow)how)) == 0)
      return how;
  return -1;
}

static int32_t
slide_of (TesseraSession *session)
{
  const char *value = chosen (session, SLIDE);
  int32_t slide = value != NULL ? (int32_t)g_ascii_strtoll (value, NULL, 10) : -1;
  return tessera_session_get_slide (session, slide) != NULL ? slide : -1;
}

void
tessera_gallery_filter_read (TesseraSession *session, TesseraGalleryQuery *query)
{
  const char *below = chosen (session, SURENESS);
  query->predicted = class_of (session, "predicted ");
  query->labelled = class_of (session, "labelled ");
  query->below = below != NULL ? (float)g_ascii_strtod (below, NULL) : 0;
  query->slide = slide_of (session);
  query->how = how_of (session);
  query->annotator = chosen (session, ANNOTATOR);
  query->discordant = is_discordant (session);
}

/* Whether anything is chosen. */
static gboolean
is_set (TesseraSession *session)
{
  TesseraGalleryQuery query = TESSERA_GALLERY_ALL;
  tessera_gallery_filter_read (session, &query);
  return query.predicted != TSR_LABEL_NONE || query.labelled != TSR_LABEL_NONE || query.below > 0 ||
         query.slide >= 0 || query.how >= 0 || query.annotator != NULL || query.discordant;
}

void
tessera_gallery_filter_clear (TesseraSession *session)
{
  for (int i = 0; i < N_CHOICES; i++)
    tessera_session_set_setting (session, keys[i], NULL);
  tessera_session_set_setting (session, DISCORDANT, NULL);
}

/* ---- the lists ---- */

static void
begin_list (TesseraGalleryFilter *self, int choice, GtkStringList *lines, const char *everything)
{
  g_ptr_array_set_size (self->value[choice], 0);
  gtk_string_list_append (lines, everything);
  g_ptr_array_add (self->value[choice], NULL);
}

static void
add_line (TesseraGalleryFilter *self, int choice, GtkStringList *lines, char *line, char *value)
{
  gtk_string_list_take (lines, line);
  g_ptr_array_add (self->value[choice], value);
}

/* Selects what the setting says; what the list lacks is no choice. */
static void
end_list (TesseraGalleryFilter *self, int choice, GtkStringList *lines)
{
  const char *wanted = chosen (self->session, choice);
  guint at = 0;
  for (guint i = 1; i < self->value[choice]->len; i++)
    if (g_strcmp0 (self->value[choice]->pdata[i], wanted) == 0)
      at = i;
  gtk_drop_down_set_model (self->choice[choice], G_LIST_MODEL (lines));
  gtk_drop_down_set_selected (self->choice[choice], at);
  /* Names that come later must not move the lines under the pointer. */
  gtk_widget_set_visible (self->row[choice], choice != SLIDE || self->value[choice]->len > 1);
}

static void
fill_classes (TesseraGalleryFilter *self)
{
  g_autoptr (GtkStringList) lines = gtk_string_list_new (NULL);
  GPtrArray *classes = tessera_session_get_classes (self->session);
  begin_list (self, OF_CLASS, lines, _ ("Any class"));
  for (int labelled = 0; labelled < 2; labelled++)
    for (guint i = 0; i < classes->len; i++) {
      const TsrClass *class_ = classes->pdata[i];
      g_autofree char *name = tessera_ui_shorten (class_->name, NAME_CHARS);
      add_line (self, OF_CLASS, lines,
                labelled ? g_strdup_printf (_ ("Labelled %s"), name)
                         : g_strdup_printf (_ ("Predicted %s"), name),
                g_strdup_printf ("%s %d", labelled ? "labelled" : "predicted", class_->id));
    }
  end_list (self, OF_CLASS, lines);
}

static void
fill_sureness (TesseraGalleryFilter *self)
{
  static const char *const margins[] = {"0.05", "0.15", "0.3", "0.5"};
  g_autoptr (GtkStringList) lines = gtk_string_list_new (NULL);
  begin_list (self, SURENESS, lines, _ ("However sure"));
  for (guint i = 0; i < G_N_ELEMENTS (margins); i++)
    add_line (self, SURENESS, lines,
              g_strdup_printf (_ ("Margin below %.2f"), g_ascii_strtod (margins[i], NULL)),
              g_strdup (margins[i]));
  end_list (self, SURENESS, lines);
}

static void
fill_slides (TesseraGalleryFilter *self)
{
  g_autoptr (GtkStringList) lines = gtk_string_list_new (NULL);
  const GPtrArray *slides = tessera_session_get_slides (self->session);
  begin_list (self, SLIDE, lines, _ ("Any slide"));
  for (guint i = 0; slides != NULL && i < slides->len; i++)
    add_line (self, SLIDE, lines,
              tessera_ui_shorten (((const TsrProjectSlide *)slides->pdata[i])->name, NAME_CHARS),
              g_strdup_printf ("%u", i));
  end_list (self, SLIDE, lines);
}

/* Whom the setting names stays in the list, whether there are such labels now or not. */
static void
fill_annotators (TesseraGalleryFilter *self)
{
  g_autoptr (GtkStringList) lines = gtk_string_list_new (NULL);
  const char *wanted = chosen (self->session, ANNOTATOR);
  begin_list (self, ANNOTATOR, lines, _ ("Anybody"));
  for (guint i = 0; self->annotators != NULL && self->annotators[i] != NULL; i++)
    add_line (self, ANNOTATOR, lines, tessera_ui_shorten (self->annotators[i], NAME_CHARS),
              g_strdup (self->annotators[i]));
  if (wanted != NULL && (self->annotators == NULL ||
                         !g_strv_contains ((const char *const *)self->annotators, wanted)))
    add_line (self, ANNOTATOR, lines, tessera_ui_shorten (wanted, NAME_CHARS), g_strdup (wanted));
  end_list (self, ANNOTATOR, lines);
}

static void
fill_how (TesseraGalleryFilter *self)
{
  static const TsrHow ways[] = {TSR_HOW_SUGGESTED, TSR_HOW_PICKED,  TSR_HOW_LASSO,
                                TSR_HOW_IMPORTED,  TSR_HOW_COMMAND, TSR_HOW_CONSENSUS,
                                TSR_HOW_CHECK};
  g_autoptr (GtkStringList) lines = gtk_string_list_new (NULL);
  begin_list (self, HOW, lines, _ ("In any way"));
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    add_line (self, HOW, lines, g_strdup (tessera_how_text (ways[i])),
              g_strdup (tsr_how_name (ways[i])));
  end_list (self, HOW, lines);
}

/* ---- who labelled, which the project's file knows ---- */

static void
annotators_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (path, TSR_PROJECT_READ_ONLY, &error);
  uint32_t n = project != NULL ? tsr_project_n_tiles (project) : 0;
  g_autofree int32_t *by = g_new (int32_t, (size_t)n + 1);
  g_autofree uint8_t *how = g_new (uint8_t, (size_t)n + 1);
  char **names = project != NULL ? tsr_project_label_origins (project, by, how, &error) : NULL;
  g_task_return_pointer (task, names, (GDestroyNotify)g_strfreev);
}

static void
annotators_cb (GObject *source, GAsyncResult *result, gpointer session)
{
  TesseraGalleryFilter *self = TESSERA_GALLERY_FILTER (source);
  char **names = g_task_propagate_pointer (G_TASK (result), NULL);
  if (names == NULL || self->session != session) {
    g_strfreev (names);
    return;
  }
  g_strfreev (self->annotators);
  self->annotators = names;
  self->syncing = TRUE;
  fill_annotators (self);
  self->syncing = FALSE;
}

/* ---- the button ---- */

/* part is taken over. */
static void
add_part (GString *text, char *part)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  g_string_append (text, part);
  g_free (part);
}

static char *
describe (TesseraSession *session)
{
  TesseraGalleryQuery query = TESSERA_GALLERY_ALL;
  tessera_gallery_filter_read (session, &query);
  GString *text = g_string_new (NULL);
  const TsrClass *predicted = tessera_session_get_class (session, query.predicted),
                 *labelled = tessera_session_get_class (session, query.labelled);
  const TsrProjectSlide *slide = tessera_session_get_slide (session, query.slide);
  if (query.discordant)
    add_part (text, g_strdup (_ ("disagreed with by other labels")));
  if (predicted != NULL)
    add_part (text, g_strdup_printf (_ ("predicted %s"), predicted->name));
  if (labelled != NULL)
    add_part (text, g_strdup_printf (_ ("labelled %s"), labelled->name));
  if (query.below > 0)
    add_part (text, g_strdup_printf (_ ("margin below %.2f"), query.below));
  if (slide != NULL)
    add_part (text, g_strdup (slide->name));
  if (query.annotator != NULL)
    add_part (text, g_strdup_printf (_ ("by %s"), query.annotator));
  if (query.how >= 0)
    add_part (text, g_strdup (tessera_how_text ((TsrHow)query.how)));
  return g_string_free (text, FALSE);
}

static void
update (TesseraGalleryFilter *self)
{
  if (self->session == NULL)
    return;
  gboolean set = is_set (self->session);
  g_autofree char *text = describe (self->session);
  gtk_label_set_text (self->caption, set ? text : _ ("Filter"));
  /* whole where it is short, also where the head is narrow and has to take another row */
  gtk_label_set_width_chars (
      self->caption,
      (int)MIN (MOST_CHARS, g_utf8_strlen (gtk_label_get_text (self->caption), -1) + 1));
  g_autofree char *tip = set ? g_strdup_printf (_ ("Only tiles that are: %s"), text)
                             : g_strdup (_ ("Which tiles the gallery has"));
  tessera_ui_set_tip (self->button, tip, NULL);
  gtk_widget_set_sensitive (self->clear, set);
  if (set)
    gtk_widget_add_css_class (GTK_WIDGET (self->button), "accent");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->button), "accent");
}

static void
fill (TesseraGalleryFilter *self)
{
  self->syncing = TRUE;
  fill_classes (self);
  fill_sureness (self);
  fill_slides (self);
  fill_annotators (self);
  fill_how (self);
  gtk_check_button_set_active (self->discordant, is_discordant (self->session));
  self->syncing = FALSE;
}

/* The popover opens with what there is now. */
static void
open_cb (TesseraGalleryFilter *self)
{
  if (self->session == NULL)
    return;
  fill (self);
  g_autoptr (GTask) task = g_task_new (self, NULL, annotators_cb, self->session);
  g_task_set_task_data (task, g_strdup (tessera_session_get_path (self->session)), g_free);
  g_task_run_in_thread (task, annotators_thread);
}

static void
chosen_cb (TesseraGalleryFilter *self, GParamSpec *pspec, GtkDropDown *drop)
{
  for (int i = 0; i < N_CHOICES; i++) {
    guint at = gtk_drop_down_get_selected (drop);
    if (drop == self->choice[i] && !self->syncing && self->session != NULL &&
        at < self->value[i]->len)
      tessera_session_set_setting (self->session, keys[i], self->value[i]->pdata[at]);
  }
}

static void
discordant_cb (TesseraGalleryFilter *self)
{
  if (!self->syncing && self->session != NULL)
    tessera_session_set_setting (self->session, DISCORDANT,
                                 gtk_check_button_get_active (self->discordant) ? "1" : NULL);
}

static void
clear_cb (TesseraGalleryFilter *self)
{
  tessera_gallery_filter_clear (self->session);
  fill (self);
}

void
tessera_gallery_filter_set_session (TesseraGalleryFilter *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_GALLERY_FILTER (self));
  gtk_menu_button_popdown (self->button);
  g_clear_pointer (&self->annotators, g_strfreev);
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  update (self);
}

/* ---- the object ---- */

static void
tessera_gallery_filter_dispose (GObject *object)
{
  TesseraGalleryFilter *self = TESSERA_GALLERY_FILTER (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_pointer (&self->annotators, g_strfreev);
  for (int i = 0; i < N_CHOICES; i++)
    g_clear_pointer (&self->value[i], g_ptr_array_unref);
  if (self->button != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->button));
  self->button = NULL;
  G_OBJECT_CLASS (tessera_gallery_filter_parent_class)->dispose (object);
}

static void
tessera_gallery_filter_class_init (TesseraGalleryFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_gallery_filter_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_row (TesseraGalleryFilter *self, int choice, const char *title)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *label = gtk_label_new (title);
  self->choice[choice] = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  self->value[choice] = g_ptr_array_new_with_free_func (g_free);
  self->row[choice] = row;
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption");
  tessera_ui_set_name (self->choice[choice], title);
  g_signal_connect_swapped (self->choice[choice], "notify::selected", G_CALLBACK (chosen_cb), self);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->choice[choice]));
  return row;
}

static GtkWidget *
make_popover (TesseraGalleryFilter *self)
{
  const char *titles[N_CHOICES] = {_ ("Class"), _ ("Sureness"), _ ("Slide"), _ ("Labelled by"),
                                   _ ("How it was labelled")};
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *popover = gtk_popover_new ();
  gtk_widget_add_css_class (box, "gallery-filter");
  for (int i = 0; i < N_CHOICES; i++)
    gtk_box_append (GTK_BOX (box), make_row (self, i, titles[i]));
  GtkWidget *check = gtk_check_button_new_with_label (_ ("Other labels disagree"));
  gtk_widget_set_tooltip_text (
      check, _ ("Labelled tiles which, without their own label, would be predicted as another "
                "class: worth a second look"));
  self->discordant = GTK_CHECK_BUTTON (check);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (discordant_cb), self);
  gtk_box_append (GTK_BOX (box), check);
  self->clear = gtk_button_new_with_label (_ ("Clear the filter"));
  g_signal_connect_swapped (self->clear, "clicked", G_CALLBACK (clear_cb), self);
  gtk_box_append (GTK_BOX (box), self->clear);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (open_cb), self);
  return popover;
}

static void
tessera_gallery_filter_init (TesseraGalleryFilter *self)
{
  GtkWidget *button = gtk_menu_button_new (), *caption = gtk_label_new (NULL);
  self->button = GTK_MENU_BUTTON (button);
  self->caption = GTK_LABEL (caption);
  gtk_label_set_ellipsize (self->caption, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->caption, MOST_CHARS);
  gtk_menu_button_set_child (self->button, caption);
  gtk_menu_button_set_always_show_arrow (self->button, TRUE);
  gtk_menu_button_set_popover (self->button, make_popover (self));
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (update), self);
}

GtkWidget *
tessera_gallery_filter_new (void)
{
  return g_object_new (TESSERA_TYPE_GALLERY_FILTER, NULL);
}
