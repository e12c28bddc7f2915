#include "tessera-slide-row.h"

#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <glib/gi18n.h>
#include <math.h>

#define SMALLEST_MPP 0.01 /* as engine/slide takes them */
#define LARGEST_MPP  20

struct _TesseraSlideRow {
  GtkListBoxRow parent_instance;

  const TesseraSurveyedSlide *slide;
  GtkLabel *tiles;
  GtkEditable *mpp; /* or NULL */
  gboolean answered, syncing;
};

G_DEFINE_FINAL_TYPE (TesseraSlideRow, tessera_slide_row, GTK_TYPE_LIST_BOX_ROW)

enum { SIGNAL_MPP, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
tessera_slide_row_class_init (TesseraSlideRowClass *klass)
{
  signals[SIGNAL_MPP] = g_signal_new ("mpp-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                      0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tessera_slide_row_init (TesseraSlideRow *self)
{
}

static char *
describe (const TesseraSurveyedSlide *slide)
{
  g_autofree char *width = tessera_ui_count ((guint64)slide->width);
  g_autofree char *height = tessera_ui_count ((guint64)slide->height);
  GString *text = g_string_new (NULL);
  g_string_printf (text, _ ("%s, %s × %s px"), slide->format, width, height);
  if (isfinite (slide->mpp))
    g_string_append_printf (text, _ (", %.3g µm a pixel"), slide->mpp);
  if (isfinite (slide->objective))
    g_string_append_printf (text, ", %g×", slide->objective);
  return g_string_free (text, FALSE);
}

static GtkWidget *
make_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "caption");
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
mpp_cb (TesseraSlideRow *self)
{
  gboolean wrong =
      *gtk_editable_get_text (self->mpp) != '\0' && isnan (tessera_slide_row_get_given_mpp (self));
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->mpp), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->mpp), "error");
  if (self->syncing)
    return;
  self->answered = *gtk_editable_get_text (self->mpp) != '\0';
  g_signal_emit (self, signals[SIGNAL_MPP], 0);
}

static GtkWidget *
make_question (TesseraSlideRow *self)
{
  GtkWidget *box = tessera_wrap_new (6), *entry = gtk_entry_new ();
  GtkWidget *label = make_label (_ ("Micrometres a pixel? The file does not say."), NULL);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_entry_set_input_purpose (GTK_ENTRY (entry), GTK_INPUT_PURPOSE_NUMBER);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 6);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), 6);
  gtk_widget_set_valign (entry, GTK_ALIGN_CENTER);
  g_autofree char *name = g_strdup_printf (_ ("Micrometres a pixel of %s"), self->slide->name);
  tessera_ui_set_name (entry, name);
  self->mpp = GTK_EDITABLE (entry);
  g_signal_connect_object (entry, "changed", G_CALLBACK (mpp_cb), self, G_CONNECT_SWAPPED);
  tessera_wrap_append (TESSERA_WRAP (box), label);
  tessera_wrap_append (TESSERA_WRAP (box), entry);
  return box;
}

GtkWidget *
tessera_slide_row_new (const TesseraSurveyedSlide *slide)
{
  TesseraSlideRow *self = g_object_new (TESSERA_TYPE_SLIDE_ROW, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2),
            *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *name = gtk_label_new (slide->name);
  self->slide = slide;
  if (slide->reason != NULL) {
    GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");
    tessera_ui_set_name (icon, _ ("Refused"));
    gtk_box_append (GTK_BOX (head), icon);
    gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (self), FALSE);
    gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  }
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (name, slide->name);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (head), name);
  self->tiles = GTK_LABEL (make_label (NULL, "numeric"));
  gtk_label_set_wrap (self->tiles, FALSE);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->tiles));
  gtk_box_append (GTK_BOX (box), head);
  g_autofree char *text = slide->reason != NULL ? g_strdup (slide->reason) : describe (slide);
  gtk_box_append (GTK_BOX (box), make_label (text, "dim-label"));
  if (slide->reason == NULL && isnan (slide->mpp))
    gtk_box_append (GTK_BOX (box), make_question (self));
  gtk_widget_add_css_class (box, "slide-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
  g_autofree char *says = g_strdup_printf ("%s. %s", slide->name, text);
  tessera_ui_set_name (self, says);
  return GTK_WIDGET (self);
}

const TesseraSurveyedSlide *
tessera_slide_row_get_slide (TesseraSlideRow *self)
{
  return self->slide;
}

double
tessera_slide_row_get_given_mpp (TesseraSlideRow *self)
{
  const char *typed = tessera_slide_row_get_mpp_text (self);
  if (typed == NULL)
    return NAN;
  g_autofree char *text = g_strstrip (g_strdelimit (g_strdup (typed), ",", '.'));
  char *end = NULL;
  double mpp = g_ascii_strtod (text, &end);
  return *text != '\0' && *end == '\0' && mpp >= SMALLEST_MPP && mpp <= LARGEST_MPP ? mpp : NAN;
}

const char *
tessera_slide_row_get_mpp_text (TesseraSlideRow *self)
{
  return self->mpp != NULL ? gtk_editable_get_text (self->mpp) : NULL;
}

void
tessera_slide_row_propose_mpp (TesseraSlideRow *self, const char *text)
{
  if (self->mpp == NULL || self->answered)
    return;
  self->syncing = TRUE;
  gtk_editable_set_text (self->mpp, text);
  self->syncing = FALSE;
}

void
tessera_slide_row_set_tiles (TesseraSlideRow *self, gint64 tiles)
{
  if (self->slide->reason != NULL)
    return;
  g_autofree char *count = tessera_ui_count ((guint64)MAX (0, tiles));
  g_autofree char *text =
      g_strdup_printf (ngettext ("%s tile", "%s tiles", (gulong)MAX (0, tiles)), count);
  gtk_label_set_text (self->tiles, tiles >= 0 ? text : "");
}
