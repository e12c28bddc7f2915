#include "tessera-slide-missing.h"

#include "tessera-slide-tasks.h"
#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define MOST_LINES                                                                                 \
  3 /* of large text: the slide is what is looked at, and a tooltip says the rest */

struct _TesseraSlideMissing {
  GtkWidget parent_instance;

  GtkWidget *box, *find, *file, *stop, *close;
  GtkLabel *text;
  TesseraSession *session;
  gint32 chosen;
  char *said;           /* about the chosen slide, or what the last search came to */
  GCancellable *search; /* under way */
  gboolean stand_in;    /* thumbnails stand in for the chosen slide */
  gboolean looking;     /* whether one of them is back */
};

G_DEFINE_FINAL_TYPE (TesseraSlideMissing, tessera_slide_missing, GTK_TYPE_WIDGET)

static guint
n_missing (TesseraSlideMissing *self)
{
  const GPtrArray *slides =
      self->session != NULL ? tessera_session_get_slides (self->session) : NULL;
  guint n = 0;
  for (guint i = 0; slides != NULL && i < slides->len; i++)
    n += !((const TsrProjectSlide *)slides->pdata[i])->present;
  return n;
}

void
tessera_slide_missing_refresh (TesseraSlideMissing *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  guint n = n_missing (self);
  g_autofree char *count = g_strdup_printf (
      ngettext ("%u slide is not where it was.", "%u slides are not where they were.", n), n);
  g_autofree char *text =
      self->search != NULL          ? g_strdup (_ ("Looking for the slides that are missing"))
      : n == 1 && self->stand_in    ? g_strdup (self->said) /* it is this one */
      : n > 0 && self->said != NULL ? g_strdup_printf ("%s %s", self->said, count)
      : n > 0                       ? g_strdup (count)
                                    : g_strdup (self->said != NULL ? self->said : "");
  gboolean large = tessera_ui_text_is_large ();
  gtk_label_set_text (self->text, text);
  gtk_label_set_lines (self->text, large ? MOST_LINES : -1);
  gtk_label_set_ellipsize (self->text, large ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->text), large ? text : NULL);
  gtk_widget_set_visible (self->find, n > 0 && self->search == NULL);
  gtk_widget_set_visible (self->file, self->stand_in && self->search == NULL);
  gtk_widget_set_visible (self->stop, self->search != NULL);
  /* A count of what is missing stays until it is true no longer; what was said once may go. */
  gtk_widget_set_visible (self->close,
                          n == 0 && !self->stand_in && self->said != NULL && self->search == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), *text != '\0');
}

void
tessera_slide_missing_say (TesseraSlideMissing *self, const char *sentence)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  g_autofree char *copy = g_strdup (sentence);
  g_free (self->said);
  self->said = g_steal_pointer (&copy);
  self->stand_in = FALSE;
  tessera_slide_missing_refresh (self);
}

void
tessera_slide_missing_say_stand_in (TesseraSlideMissing *self, const char *reason)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  if (reason == NULL) {
    if (self->stand_in)
      tessera_slide_missing_say (self, NULL);
    return;
  }
  g_autofree char *text = g_strdup_printf (
      _ ("%s Meanwhile its tiles' thumbnails are shown, each at its place."), reason);
  tessera_slide_missing_say (self, text);
  self->stand_in = TRUE;
  tessera_slide_missing_refresh (self);
}

void
tessera_slide_missing_set_chosen (TesseraSlideMissing *self, gint32 slide)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  self->chosen = slide;
  tessera_slide_missing_say (self, NULL);
}

/* ---- a drive that is connected again ---- */

typedef struct {
  char *path;
  goffset size;
} Expected;

static void
expected_free (gpointer data)
{
  Expected *expected = data;
  g_free (expected->path);
  g_free (expected);
}

static void
look_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const GPtrArray *all = data;
  gboolean back = FALSE;
  for (guint i = 0; i < all->len && !back; i++) {
    const Expected *expected = all->pdata[i];
    GStatBuf file;
    back = g_stat (expected->path, &file) == 0 && S_ISREG (file.st_mode) &&
           file.st_size == expected->size;
  }
  g_task_return_boolean (task, back);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer unused)
{
  TesseraSlideMissing *self = TESSERA_SLIDE_MISSING (source);
  gboolean back = g_task_propagate_boolean (G_TASK (result), NULL);
  self->looking = FALSE;
  if (back && self->session != NULL && self->search == NULL)
    tessera_session_reload (self->session);
}

/* Nobody should have to name a place that the project knows: where a missing slide's file is back,
 * it is taken. */
static void
look_again (TesseraSlideMissing *self)
{
  if (self->looking || self->search != NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      n_missing (self) == 0)
    return;
  GPtrArray *all = g_ptr_array_new_with_free_func (expected_free);
  const GPtrArray *slides = tessera_session_get_slides (self->session);
  for (guint i = 0; i < slides->len; i++) {
    const TsrProjectSlide *slide = slides->pdata[i];
    if (slide->present)
      continue;
    Expected *expected = g_new (Expected, 1);
    *expected = (Expected){g_strdup (slide->path), slide->size};
    g_ptr_array_add (all, expected);
  }
  self->looking = TRUE;
  g_autoptr (GTask) task = g_task_new (self, NULL, looked_cb, NULL);
  g_task_set_task_data (task, all, (GDestroyNotify)g_ptr_array_unref);
  g_task_run_in_thread (task, look_thread);
}

/* Whoever connected a drive comes back to the window. */
static void
tessera_slide_missing_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tessera_slide_missing_parent_class)->root (widget);
  g_signal_connect_object (gtk_widget_get_root (widget), "notify::is-active",
                           G_CALLBACK (look_again), widget, G_CONNECT_SWAPPED);
}

/* ---- looking for them ---- */

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraSlideMissing) self = user;
  g_autoptr (GError) error = NULL;
  int found = tessera_slide_relink_finish (result, &error);
  g_clear_object (&self->search);
  if (self->box == NULL || self->session == NULL)
    return;
  g_autofree char *text = NULL;
  if (found > 0)
    text = g_strdup_printf (ngettext ("%d slide found.", "%d slides found.", found), found);
  else if (found == 0)
    text = g_strdup (_ ("None of them is in that folder."));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    text = g_strdup (error->message);
  tessera_slide_missing_say (self, text);
  if (found > 0)
    tessera_session_reload (self->session);
}

void
tessera_slide_missing_find (TesseraSlideMissing *self, const char *path)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  if (self->session == NULL || self->search != NULL)
    return;
  self->search = g_cancellable_new ();
  tessera_slide_relink_async (tessera_session_get_path (self->session), self->chosen, path,
                              self->search, found_cb, g_object_ref (self));
  tessera_slide_missing_refresh (self);
}

static void
chosen_cb (TesseraSlideMissing *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;
  if (path != NULL)
    tessera_slide_missing_find (self, path);
}

static void
ask (TesseraSlideMissing *self, const char *title, GtkFileChooserAction action)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  tessera_ui_show_dialog (dialog);
}

static void
find_cb (TesseraSlideMissing *self)
{
  ask (self, _ ("The folder where the slides are now"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
}

void
tessera_slide_missing_ask_file (TesseraSlideMissing *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  ask (self, _ ("The file of this slide"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
stop_cb (TesseraSlideMissing *self)
{
  if (self->search != NULL)
    g_cancellable_cancel (self->search);
}

static void
close_cb (TesseraSlideMissing *self)
{
  tessera_slide_missing_say (self, NULL);
}

void
tessera_slide_missing_set_session (TesseraSlideMissing *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_SLIDE_MISSING (self));
  stop_cb (self);
  g_set_object (&self->session, session);
  self->chosen = -1;
  tessera_slide_missing_say (self, NULL);
}

static void
tessera_slide_missing_dispose (GObject *object)
{
  TesseraSlideMissing *self = TESSERA_SLIDE_MISSING (object);
  stop_cb (self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->said, g_free);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_slide_missing_parent_class)->dispose (object);
}

static void
tessera_slide_missing_class_init (TesseraSlideMissingClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_slide_missing_dispose;
  GTK_WIDGET_CLASS (klass)->root = tessera_slide_missing_root;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
add_button (TesseraSlideMissing *self, const char *label, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  tessera_wrap_append (TESSERA_WRAP (self->box), button);
  return button;
}

static void
tessera_slide_missing_init (TesseraSlideMissing *self)
{
  self->chosen = -1;
  self->box = tessera_wrap_new (8);
  g_object_set (self->box, "whole", TRUE, NULL);
  gtk_widget_add_css_class (self->box, "slide-missing");
  GtkWidget *text = gtk_label_new (NULL);
  self->text = GTK_LABEL (text);
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_max_width_chars (self->text, 40); /* beside the buttons where there is room */
  gtk_widget_set_hexpand (text, TRUE);
  tessera_wrap_append (TESSERA_WRAP (self->box), text);
  self->find = add_button (self, _ ("Find…"), G_CALLBACK (find_cb));
  self->file =
      add_button (self, _ ("Choose its file…"), G_CALLBACK (tessera_slide_missing_ask_file));
  self->stop = add_button (self, _ ("Stop"), G_CALLBACK (stop_cb));
  self->close = add_button (self, "", G_CALLBACK (close_cb));
  gtk_button_set_icon_name (GTK_BUTTON (self->close), "window-close-symbolic");
  gtk_widget_add_css_class (self->close, "flat");
  gtk_widget_set_tooltip_text (self->close, _ ("Close"));
  tessera_ui_set_name (self->close, _ ("Close"));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect (self, "map", G_CALLBACK (look_again), NULL);
}
