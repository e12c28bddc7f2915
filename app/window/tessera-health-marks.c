#include "tessera-health-parts.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>

static const struct {
  const char *icon, *style, *name;
} marks[] = {
    [TSR_SIGN_UNKNOWN] = {"content-loading-symbolic", "dim-label", N_ ("Cannot be told yet")},
    [TSR_SIGN_GOOD] = {"emblem-ok-symbolic", "success", N_ ("Good")},
    [TSR_SIGN_LOOK] = {"dialog-warning-symbolic", "warning", N_ ("Doubtful")},
    [TSR_SIGN_BAD] = {"dialog-error-symbolic", "error", N_ ("Bad")},
};

GtkWidget *
tessera_health_mark_new (int pixels)
{
  GtkWidget *mark = gtk_image_new ();
  gtk_image_set_pixel_size (GTK_IMAGE (mark), pixels);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  return mark;
}

void
tessera_health_mark_set (GtkWidget *mark, TsrSignState state)
{
  for (guint s = 0; s < G_N_ELEMENTS (marks); s++)
    gtk_widget_remove_css_class (mark, marks[s].style);
  gtk_widget_add_css_class (mark, marks[state].style);
  gtk_image_set_from_icon_name (GTK_IMAGE (mark), marks[state].icon);
  gtk_widget_set_tooltip_text (mark, _ (marks[state].name));
  tessera_ui_set_name (mark, _ (marks[state].name));
}

static const struct {
  const char *label, *action;
} remedies[] = {
    [TSR_REMEDY_NONE] = {NULL, NULL},
    [TSR_REMEDY_LABEL] = {N_ ("Label suggested tiles"), "win.label-next"},
    [TSR_REMEDY_SUGGEST] = {N_ ("Suggest anew"), "win.suggest-more"},
    [TSR_REMEDY_TRAIN] = {N_ ("Train longer"), "win.train-on"},
    [TSR_REMEDY_MAP] = {N_ ("Make the map again"), "win.make-map"},
    [TSR_REMEDY_NORMALISE] = {N_ ("Normalise stains…"), "win.normalise"},
    [TSR_REMEDY_CHECK] = {NULL, "win.start-check"},
    [TSR_REMEDY_W] = {NULL, NULL},
};

GtkWidget *
tessera_health_button_new (void)
{
  GtkWidget *button = gtk_button_new ();
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (button, FALSE);
  return button;
}

void
tessera_health_button_set (GtkWidget *button, TsrRemedy remedy, guint tiles)
{
  g_autofree char *check = g_strdup_printf (
      ngettext ("Check with %u random tile", "Check with %u random tiles", tiles), tiles);
  const char *label = remedy == TSR_REMEDY_CHECK       ? check
                      : remedies[remedy].label != NULL ? _ (remedies[remedy].label)
                                                       : "";
  gtk_widget_set_visible (button, remedies[remedy].action != NULL);
  gtk_button_set_label (GTK_BUTTON (button), label);
  /* the target first: a name without one that it needs would be asked for in vain */
  gtk_actionable_set_action_target_value (
      GTK_ACTIONABLE (button), remedy == TSR_REMEDY_CHECK ? g_variant_new_uint32 (tiles) : NULL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), remedies[remedy].action);
}
