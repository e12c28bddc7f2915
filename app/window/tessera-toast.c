#include "tessera-toast.h"

#define SECONDS 6
#define MOST    72 /* characters of a line */
#define LEAST   20
#define BESIDE  160 /* pixels: margins and the buttons */

/* Characters of a line, in bold. The overlay reckons a toast's height from the width that it wishes
 * for, not from the one that it gets: it must not wish for more than there is. */
static int
line_length (GtkWidget *over, int beside)
{
  PangoContext *context = gtk_widget_get_pango_context (over);
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int digit = pango_font_metrics_get_approximate_digit_width (metrics);
  int letter = MAX (digit, pango_font_metrics_get_approximate_char_width (metrics));
  pango_font_metrics_unref (metrics);
  int room = MAX (0, gtk_widget_get_width (over) - beside - BESIDE);
  return CLAMP ((int)(room / (1.15 * letter / PANGO_SCALE)), LEAST, MOST);
}

/* libadwaita sets the title at the start of its place: a label that wraps then gets the width with
 * which it just fits the height, and the button beside it leaves that of two lines. */
static void
parent_cb (GtkWidget *label)
{
  GtkWidget *parent = gtk_widget_get_parent (label);
  if (parent != NULL)
    gtk_widget_set_halign (parent, GTK_ALIGN_FILL);
}

AdwToast *
tessera_toast_show (AdwToastOverlay *toasts, const char *text, int beside)
{
  AdwToast *toast = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (text);
  g_object_set (label, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, "max-width-chars",
                line_length (GTK_WIDGET (toasts), beside), "xalign", 0.0f, NULL);
  gtk_widget_add_css_class (label, "heading");
  g_signal_connect (label, "notify::parent", G_CALLBACK (parent_cb), NULL);
  adw_toast_set_timeout (toast, SECONDS);
  adw_toast_set_custom_title (toast, label);
  adw_toast_overlay_add_toast (toasts, toast);
  return toast;
}

void
tessera_toast_set_text (AdwToast *toast, const char *text)
{
  g_return_if_fail (ADW_IS_TOAST (toast));
  gtk_label_set_text (GTK_LABEL (adw_toast_get_custom_title (toast)), text);
}
