#include "tessera-lab-layers.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>

/* Karras et al. 2019 (arXiv 1812.04948), section 3.1: coarse styles are those of 4 to 8 pixels,
 * middle ones of 16 to 32, fine ones above; two layers a resolution. */
enum { COARSE, MIDDLE, FINE, N_GROUPS };
enum { A_ROW = 6 }; /* buttons */
static const int first_of[N_GROUPS + 1] = {0, 4, 8, 64};

struct _TesseraLabLayers {
  GtkBox parent_instance;

  GtkCheckButton *group[N_GROUPS];
  GtkGrid *box[N_GROUPS];
  GtkToggleButton *layer[64];
  int n;
  gboolean changing; /* by the program */
};

G_DEFINE_FINAL_TYPE (TesseraLabLayers, tessera_lab_layers, GTK_TYPE_BOX)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static int
end_of (TesseraLabLayers *self, int group)
{
  return MIN (first_of[group + 1], self->n);
}

/* A group says whether all, none or some of its layers are B's. */
static void
show_groups (TesseraLabLayers *self)
{
  self->changing = TRUE;
  for (int g = 0; g < N_GROUPS; g++) {
    int on = 0, all = MAX (0, end_of (self, g) - first_of[g]);
    for (int k = first_of[g]; k < end_of (self, g); k++)
      on += gtk_toggle_button_get_active (self->layer[k]);
    gtk_check_button_set_inconsistent (self->group[g], on > 0 && on < all);
    gtk_check_button_set_active (self->group[g], all > 0 && on == all);
    gtk_widget_set_sensitive (GTK_WIDGET (self->group[g]), all > 0);
  }
  self->changing = FALSE;
}

static void
layer_toggled_cb (TesseraLabLayers *self)
{
  if (self->changing)
    return;
  show_groups (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
group_toggled_cb (TesseraLabLayers *self, GtkCheckButton *group)
{
  if (self->changing)
    return;
  gboolean on = gtk_check_button_get_active (group);
  self->changing = TRUE;
  for (int g = 0; g < N_GROUPS; g++)
    for (int k = first_of[g]; self->group[g] == group && k < end_of (self, g); k++)
      gtk_toggle_button_set_active (self->layer[k], on);
  self->changing = FALSE;
  show_groups (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
tessera_lab_layers_set_count (TesseraLabLayers *self, int n)
{
  g_return_if_fail (TESSERA_IS_LAB_LAYERS (self) && n >= 0 && n <= 64);
  if (self->n == n)
    return;
  for (int k = 0; k < self->n; k++)
    self->layer[k] = NULL;
  for (int g = 0; g < N_GROUPS; g++)
    while (gtk_widget_get_first_child (GTK_WIDGET (self->box[g])) != NULL)
      gtk_grid_remove (self->box[g], gtk_widget_get_first_child (GTK_WIDGET (self->box[g])));
  self->n = n;
  self->changing = TRUE;
  for (int g = 0; g < N_GROUPS; g++)
    for (int k = first_of[g]; k < end_of (self, g); k++) {
      g_autofree char *text = g_strdup_printf ("%d", k + 1);
      g_autofree char *name = g_strdup_printf (_ ("Layer %d from B"), k + 1);
      GtkWidget *button = gtk_toggle_button_new_with_label (text);
      tessera_ui_set_tip (button, name, NULL);
      gtk_widget_add_css_class (button, "lab-layer");
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (layer_toggled_cb), self);
      self->layer[k] = GTK_TOGGLE_BUTTON (button);
      int at = k - first_of[g];
      gtk_grid_attach (self->box[g], button, at % A_ROW, at / A_ROW, 1, 1);
    }
  for (int k = first_of[FINE]; k < n; k++) /* so that something is mixed */
    gtk_toggle_button_set_active (self->layer[k], TRUE);
  show_groups (self);
}

guint64
tessera_lab_layers_get (TesseraLabLayers *self)
{
  g_return_val_if_fail (TESSERA_IS_LAB_LAYERS (self), 0);
  guint64 mask = 0;
  for (int k = 0; k < self->n; k++)
    if (gtk_toggle_button_get_active (self->layer[k]))
      mask |= (guint64)1 << k;
  return mask;
}

double
tessera_lab_layers_get_share (TesseraLabLayers *self)
{
  guint64 mask = tessera_lab_layers_get (self);
  return self->n > 0 ? (double)__builtin_popcountll (mask) / self->n : 0;
}

static void
tessera_lab_layers_class_init (TesseraLabLayersClass *klass)
{
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tessera_lab_layers_init (TesseraLabLayers *self)
{
  static const char *const names[] = {N_ ("Coarse: how it is built"),
                                      N_ ("Middle: cells and their order"),
                                      N_ ("Fine: colours and grain")};
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 4);
  for (int g = 0; g < N_GROUPS; g++) {
    GtkWidget *check = gtk_check_button_new_with_label (_ (names[g])), *grid = gtk_grid_new ();
    gtk_grid_set_column_spacing (GTK_GRID (grid), 4);
    gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
    gtk_widget_set_margin_start (grid, 24);
    g_signal_connect_swapped (check, "toggled", G_CALLBACK (group_toggled_cb), self);
    self->group[g] = GTK_CHECK_BUTTON (check);
    self->box[g] = GTK_GRID (grid);
    gtk_box_append (GTK_BOX (self), check);
    gtk_box_append (GTK_BOX (self), grid);
  }
}
