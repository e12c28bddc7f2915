#include "tessera-slide-settings.h"

#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

typedef enum { SCALE_PIXELS, SCALE_MPP, SCALE_SIDE } Scale;

struct _TesseraSlideSettings {
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkSpinButton *pixels, *micrometres, *overlap, *tissue;
  GtkDropDown *scale;
  GtkWidget *micrometres_row;
  GtkSwitch *use_mask, *pen, *hide;
  GtkRange *saturation, *brightness, *speck, *hole;
  GtkToggleButton *auto_saturation, *auto_brightness;
  GtkCheckButton *own;
  GPtrArray *mask_rows; /* GtkWidget: of no use without a mask */
  GPtrArray *area;      /* char *: GeoJSON files */
  AdwActionRow *area_row;
  GtkWidget *no_area;
  GtkSpinButton *area_share;
  GtkSwitch *truth;
  char *area_problem;
  gboolean area_usable; /* all the same */
  int smooth;           /* not offered, kept */
  double dark;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TesseraSlideSettings, tessera_slide_settings, GTK_TYPE_WIDGET)

enum { SIGNAL_CHANGED, SIGNAL_OWN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- what happens ---- */

static void
update_sensitive (TesseraSlideSettings *self)
{
  gboolean mask = gtk_switch_get_active (self->use_mask);
  for (guint i = 0; i < self->mask_rows->len; i++)
    gtk_widget_set_sensitive (self->mask_rows->pdata[i], mask);
  gtk_widget_set_sensitive (self->micrometres_row,
                            gtk_drop_down_get_selected (self->scale) != SCALE_PIXELS);
}

static void
changed_cb (TesseraSlideSettings *self)
{
  if (self->syncing)
    return;
  update_sensitive (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
own_cb (TesseraSlideSettings *self)
{
  if (!self->syncing)
    g_signal_emit (self, signals[SIGNAL_OWN], 0);
}

/* A slider that is moved is not automatic any more. */
static void
threshold_cb (TesseraSlideSettings *self, GtkRange *range)
{
  if (self->syncing)
    return;
  self->syncing = TRUE;
  gtk_toggle_button_set_active (
      range == self->saturation ? self->auto_saturation : self->auto_brightness, FALSE);
  self->syncing = FALSE;
  changed_cb (self);
}

/* What the choice of a scale usually means, unless a number says otherwise. */
static void
scale_cb (TesseraSlideSettings *self)
{
  if (self->syncing)
    return;
  double value = gtk_spin_button_get_value (self->micrometres),
         pixels = gtk_spin_button_get_value (self->pixels);
  Scale scale = gtk_drop_down_get_selected (self->scale);
  self->syncing = TRUE;
  if (scale == SCALE_SIDE && value <= 20)
    gtk_spin_button_set_value (self->micrometres, value * pixels);
  else if (scale == SCALE_MPP && value > 4)
    gtk_spin_button_set_value (self->micrometres, value / pixels);
  self->syncing = FALSE;
  changed_cb (self);
}

/* ---- the area ---- */

static void
show_area (TesseraSlideSettings *self)
{
  guint n = self->area->len;
  g_autofree char *name = n > 0 ? g_filename_display_basename (self->area->pdata[0]) : NULL;
  gboolean wrong = self->area_problem != NULL && !self->area_usable;
  g_autofree char *files = n == 0 ? g_strdup (_ ("Annotations as GeoJSON, named like their slides"))
                           : n == 1 ? g_strdup (name)
                                    : g_strdup_printf (ngettext ("%u file", "%u files", n), n);
  g_autofree char *said = wrong ? g_strdup (self->area_problem)
                          : self->area_problem != NULL
                              ? g_strdup_printf ("%s\n%s", files, self->area_problem)
                              : g_strdup (files);
  g_autofree char *text = g_markup_escape_text (said, -1);
  adw_action_row_set_subtitle (self->area_row, text);
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->area_row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->area_row), "error");
  gtk_widget_set_visible (self->no_area, n > 0);
  gtk_widget_set_sensitive (
      gtk_widget_get_ancestor (GTK_WIDGET (self->area_share), ADW_TYPE_ACTION_ROW), n > 0);
  gtk_widget_set_sensitive (gtk_widget_get_ancestor (GTK_WIDGET (self->truth), ADW_TYPE_ACTION_ROW),
                            n > 0);
}

static gboolean
is_geojson (const char *name)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);
  return g_str_has_suffix (folded, ".geojson") || g_str_has_suffix (folded, ".geojson.gz");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
add_folder (GPtrArray *files, const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  guint first = files->len;
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (is_geojson (name))
      g_ptr_array_add (files, g_build_filename (path, name, NULL));
  if (files->len > first)
    qsort (files->pdata + first, files->len - first, sizeof *files->pdata, compare_names);
}

void
tessera_slide_settings_choose_area (TesseraSlideSettings *self, const char *const *paths)
{
  g_return_if_fail (TESSERA_IS_SLIDE_SETTINGS (self));
  g_ptr_array_set_size (self->area, 0);
  for (guint i = 0; paths[i] != NULL; i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_DIR))
      add_folder (self->area, paths[i]);
    else
      g_ptr_array_add (self->area, g_strdup (paths[i]));
  g_clear_pointer (&self->area_problem, g_free);
  show_area (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (paths[0] != NULL && self->area->len == 0)
    tessera_slide_settings_show_area_problem (self, _ ("There is no GeoJSON file in that folder."),
                                              FALSE);
}

static void
area_chosen_cb (TesseraSlideSettings *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GListModel) files = response == GTK_RESPONSE_ACCEPT
                                     ? gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog))
                                     : NULL;
  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++) {
    g_autoptr (GFile) file = g_list_model_get_item (files, i);
    if (g_file_peek_path (file) != NULL)
      g_ptr_array_add (paths, g_file_get_path (file));
  }
  g_object_unref (dialog);
  g_ptr_array_add (paths, NULL);
  if (paths->len > 1)
    tessera_slide_settings_choose_area (self, (const char *const *)paths->pdata);
}

static void
ask_area (TesseraSlideSettings *self, const char *title, GtkFileChooserAction action)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog),
                                        action == GTK_FILE_CHOOSER_ACTION_OPEN);
  g_signal_connect_object (dialog, "response", G_CALLBACK (area_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
area_files_cb (TesseraSlideSettings *self)
{
  ask_area (self, _ ("Annotations as GeoJSON, named like their slides"),
            GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
area_folder_cb (TesseraSlideSettings *self)
{
  ask_area (self, _ ("A folder of GeoJSON files, named like their slides"),
            GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
}

static void
no_area_cb (TesseraSlideSettings *self)
{
  const char *const none[] = {NULL};
  tessera_slide_settings_choose_area (self, none);
}

const GPtrArray *
tessera_slide_settings_get_area (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), NULL);
  return self->area;
}

double
tessera_slide_settings_get_area_share (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), 0.5);
  return gtk_spin_button_get_value (self->area_share) / 100;
}

gboolean
tessera_slide_settings_get_truth (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), FALSE);
  return self->area->len > 0 && gtk_switch_get_active (self->truth);
}

void
tessera_slide_settings_show_area_problem (TesseraSlideSettings *self, const char *sentence,
                                          gboolean usable)
{
  g_return_if_fail (TESSERA_IS_SLIDE_SETTINGS (self));
  g_autofree char *copy = g_strdup (sentence);
  g_free (self->area_problem);
  self->area_problem = g_steal_pointer (&copy);
  self->area_usable = usable;
  show_area (self);
}

/* ---- how it is made ---- */

static GtkWidget *
add_row (AdwPreferencesGroup *group, const char *title, const char *subtitle, GtkWidget *suffix)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (suffix, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), suffix);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), suffix);
  tessera_ui_set_name (suffix, title);
  adw_preferences_group_add (group, row);
  return row;
}

static GtkSpinButton *
add_spin (TesseraSlideSettings *self, AdwPreferencesGroup *group, const char *title, double low,
          double high, double step, guint digits)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (low, high, step);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), digits);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 5);
  add_row (group, title, NULL, spin);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (changed_cb), self);
  return GTK_SPIN_BUTTON (spin);
}

static GtkSwitch *
add_switch (TesseraSlideSettings *self, AdwPreferencesGroup *group, const char *title,
            const char *subtitle, GtkWidget **row)
{
  GtkWidget *widget = gtk_switch_new ();
  GtkWidget *made = add_row (group, title, subtitle, widget);
  if (row != NULL)
    *row = made;
  g_signal_connect_swapped (widget, "notify::active", G_CALLBACK (changed_cb), self);
  return GTK_SWITCH (widget);
}

/* A slider below its name; with `automatic`, a button beside the name gives it back to the slide.
 */
static GtkRange *
add_slider (TesseraSlideSettings *self, AdwPreferencesGroup *group, const char *title, double high,
            GtkToggleButton **automatic)
{
  GtkWidget *row = adw_preferences_row_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = gtk_label_new (title),
            *scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, high, 1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (head), label);
  if (automatic != NULL) {
    GtkWidget *button = gtk_toggle_button_new_with_label (_ ("Automatic"));
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    g_autofree char *name = g_strdup_printf ("%s: %s", title, _ ("Automatic"));
    tessera_ui_set_name (button, name);
    g_signal_connect_swapped (button, "toggled", G_CALLBACK (changed_cb), self);
    gtk_box_append (GTK_BOX (head), button);
    *automatic = GTK_TOGGLE_BUTTON (button);
  }
  gtk_scale_set_draw_value (GTK_SCALE (scale), TRUE);
  gtk_scale_set_value_pos (GTK_SCALE (scale), GTK_POS_RIGHT);
  tessera_ui_set_name (scale, title);
  g_signal_connect_swapped (scale, "value-changed",
                            automatic != NULL ? G_CALLBACK (threshold_cb) : G_CALLBACK (changed_cb),
                            self);
  gtk_widget_add_css_class (box, "slider-row");
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), scale);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  adw_preferences_group_add (group, row);
  g_ptr_array_add (self->mask_rows, row);
  return GTK_RANGE (scale);
}

static AdwPreferencesGroup *
add_group (GtkBox *box, const char *title)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (group, title);
  gtk_box_append (box, GTK_WIDGET (group));
  return group;
}

static void
make_tiles (TesseraSlideSettings *self, AdwPreferencesGroup *group)
{
  self->pixels = add_spin (self, group, _ ("Pixels along a side"), 8, 4096, 8, 0);
  static const char *const scales[] = {N_ ("as scanned"), N_ ("µm a pixel"), N_ ("µm a side"),
                                       NULL};
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  for (guint i = 0; scales[i] != NULL; i++)
    gtk_string_list_append (names, _ (scales[i]));
  self->scale = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&names)), NULL));
  add_row (group, _ ("Scale"), NULL, GTK_WIDGET (self->scale));
  g_signal_connect_swapped (self->scale, "notify::selected", G_CALLBACK (scale_cb), self);
  self->micrometres = add_spin (self, group, _ ("Micrometres"), 0.01, 100000, 0.05, 3);
  self->micrometres_row =
      gtk_widget_get_ancestor (GTK_WIDGET (self->micrometres), ADW_TYPE_ACTION_ROW);
  self->overlap = add_spin (self, group, _ ("Overlap, pixels"), 0, 4095, 4, 0);
  self->tissue = add_spin (self, group, _ ("Tissue at least, %"), 0, 100, 5, 0);
}

static void
make_mask (TesseraSlideSettings *self, AdwPreferencesGroup *group)
{
  GtkWidget *pen = NULL;
  self->use_mask = add_switch (self, group, _ ("Leave out what is no tissue"), NULL, NULL);
  self->saturation = add_slider (self, group, _ ("More colour than"), 255, &self->auto_saturation);
  self->brightness = add_slider (self, group, _ ("Darker than"), 255, &self->auto_brightness);
  self->speck = add_slider (self, group, _ ("Drop specks smaller than"), 1000, NULL);
  self->hole = add_slider (self, group, _ ("Fill holes smaller than"), 4000, NULL);
  self->pen = add_switch (self, group, _ ("Leave out marks of pens"), NULL, &pen);
  g_ptr_array_add (self->mask_rows, pen);
  self->own = GTK_CHECK_BUTTON (gtk_check_button_new ());
  g_ptr_array_add (self->mask_rows,
                   add_row (group, _ ("For the chosen slide only"), NULL, GTK_WIDGET (self->own)));
  g_signal_connect_swapped (self->own, "toggled", G_CALLBACK (own_cb), self);
}

static GtkWidget *
add_area_button (TesseraSlideSettings *self, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  tessera_ui_set_tip (button, name, NULL);
  g_signal_connect_swapped (button, "clicked", clicked, self);
  adw_action_row_add_suffix (self->area_row, button);
  return button;
}

static void
make_area (TesseraSlideSettings *self, AdwPreferencesGroup *group)
{
  self->area = g_ptr_array_new_with_free_func (g_free);
  self->area_row = ADW_ACTION_ROW (adw_action_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->area_row), _ ("Only inside of"));
  gtk_widget_set_focusable (GTK_WIDGET (self->area_row), FALSE);
  add_area_button (self, "text-x-generic-symbolic", _ ("Choose GeoJSON files"),
                   G_CALLBACK (area_files_cb));
  add_area_button (self, "folder-symbolic", _ ("Choose a folder of GeoJSON files"),
                   G_CALLBACK (area_folder_cb));
  self->no_area =
      add_area_button (self, "edit-clear-symbolic", _ ("No area"), G_CALLBACK (no_area_cb));
  adw_preferences_group_add (group, GTK_WIDGET (self->area_row));
  self->area_share = add_spin (self, group, _ ("Of a tile at least, %"), 1, 100, 5, 0);
  gtk_spin_button_set_value (self->area_share, 50);
  self->truth = add_switch (self, group, _ ("Their classes are the ground truth"), NULL, NULL);
  show_area (self);
}

static void
tessera_slide_settings_init (TesseraSlideSettings *self)
{
  self->mask_rows = g_ptr_array_new ();
  self->syncing = TRUE;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_widget_add_css_class (box, "slide-settings");
  make_tiles (self, add_group (GTK_BOX (box), _ ("Tiles")));
  make_mask (self, add_group (GTK_BOX (box), _ ("Tissue")));
  make_area (self, add_group (GTK_BOX (box), _ ("Area")));
  self->hide = add_switch (self, add_group (GTK_BOX (box), _ ("Privacy")), _ ("Hide slide names"),
                           _ ("“slide 1”, “slide 2” … in all that is shown and exported"), NULL);
  self->content = box;
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  self->syncing = FALSE;
}

static void
tessera_slide_settings_dispose (GObject *object)
{
  TesseraSlideSettings *self = TESSERA_SLIDE_SETTINGS (object);
  self->syncing = TRUE;
  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_pointer (&self->mask_rows, g_ptr_array_unref);
  g_clear_pointer (&self->area, g_ptr_array_unref);
  g_clear_pointer (&self->area_problem, g_free);
  G_OBJECT_CLASS (tessera_slide_settings_parent_class)->dispose (object);
}

static void
tessera_slide_settings_class_init (TesseraSlideSettingsClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_slide_settings_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_OWN] =
      g_signal_new ("own-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- what it holds ---- */

void
tessera_slide_settings_set_tiling (TesseraSlideSettings *self, const TsrTilingOptions *tiling)
{
  g_return_if_fail (TESSERA_IS_SLIDE_SETTINGS (self));
  self->syncing = TRUE;
  gtk_spin_button_set_value (self->pixels, tiling->pixels);
  Scale scale = !isnan (tiling->mpp)           ? SCALE_MPP
                : !isnan (tiling->micrometres) ? SCALE_SIDE
                                               : SCALE_PIXELS;
  gtk_drop_down_set_selected (self->scale, scale);
  gtk_spin_button_set_value (self->micrometres, scale == SCALE_MPP    ? tiling->mpp
                                                : scale == SCALE_SIDE ? tiling->micrometres
                                                                      : 0.5);
  gtk_spin_button_set_value (self->overlap, tiling->overlap);
  gtk_spin_button_set_value (self->tissue, tiling->tissue * 100);
  update_sensitive (self);
  self->syncing = FALSE;
}

TsrTilingOptions
tessera_slide_settings_get_tiling (TesseraSlideSettings *self)
{
  TsrTilingOptions tiling = tsr_tiling_options ();
  double micrometres = gtk_spin_button_get_value (self->micrometres);
  Scale scale = gtk_drop_down_get_selected (self->scale);
  tiling.pixels = gtk_spin_button_get_value_as_int (self->pixels);
  tiling.mpp = scale == SCALE_MPP ? micrometres : NAN;
  tiling.micrometres = scale == SCALE_SIDE ? micrometres : NAN;
  tiling.slide_mpp = NAN;
  tiling.overlap = MIN (gtk_spin_button_get_value_as_int (self->overlap), tiling.pixels - 1);
  tiling.tissue = gtk_spin_button_get_value (self->tissue) / 100;
  return tiling;
}

gboolean
tessera_slide_settings_needs_mpp (TesseraSlideSettings *self)
{
  return gtk_drop_down_get_selected (self->scale) != SCALE_PIXELS;
}

void
tessera_slide_settings_set_mask (TesseraSlideSettings *self, const TsrMaskOptions *mask,
                                 gboolean use_mask, gboolean own)
{
  g_return_if_fail (TESSERA_IS_SLIDE_SETTINGS (self));
  self->syncing = TRUE;
  gtk_switch_set_active (self->use_mask, use_mask);
  gtk_toggle_button_set_active (self->auto_saturation, isnan (mask->saturation));
  gtk_toggle_button_set_active (self->auto_brightness, isnan (mask->brightness));
  if (!isnan (mask->saturation))
    gtk_range_set_value (self->saturation, mask->saturation);
  if (!isnan (mask->brightness))
    gtk_range_set_value (self->brightness, mask->brightness);
  gtk_range_set_value (self->speck, mask->speck);
  gtk_range_set_value (self->hole, mask->hole);
  gtk_switch_set_active (self->pen, mask->pen);
  gtk_check_button_set_active (self->own, own);
  self->smooth = mask->smooth;
  self->dark = mask->dark;
  update_sensitive (self);
  self->syncing = FALSE;
}

TsrMaskOptions
tessera_slide_settings_get_mask (TesseraSlideSettings *self, gboolean *use_mask)
{
  TsrMaskOptions mask = tsr_mask_options ();
  *use_mask = gtk_switch_get_active (self->use_mask);
  mask.saturation = gtk_toggle_button_get_active (self->auto_saturation)
                        ? NAN
                        : gtk_range_get_value (self->saturation);
  mask.brightness = gtk_toggle_button_get_active (self->auto_brightness)
                        ? NAN
                        : gtk_range_get_value (self->brightness);
  mask.speck = (int)gtk_range_get_value (self->speck);
  mask.hole = (int)gtk_range_get_value (self->hole);
  mask.pen = gtk_switch_get_active (self->pen);
  mask.smooth = self->smooth;
  mask.dark = self->dark;
  return mask;
}

gboolean
tessera_slide_settings_get_own (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), FALSE);
  return gtk_check_button_get_active (self->own);
}

void
tessera_slide_settings_show_found (TesseraSlideSettings *self, double saturation, double brightness)
{
  g_return_if_fail (TESSERA_IS_SLIDE_SETTINGS (self));
  self->syncing = TRUE;
  if (gtk_toggle_button_get_active (self->auto_saturation) && isfinite (saturation))
    gtk_range_set_value (self->saturation, saturation);
  if (gtk_toggle_button_get_active (self->auto_brightness) && isfinite (brightness))
    gtk_range_set_value (self->brightness, brightness);
  self->syncing = FALSE;
}

void
tessera_slide_settings_set_hide_names (TesseraSlideSettings *self, gboolean hide, gboolean fixed)
{
  g_return_if_fail (TESSERA_IS_SLIDE_SETTINGS (self));
  self->syncing = TRUE;
  gtk_switch_set_active (self->hide, hide);
  gtk_widget_set_sensitive (GTK_WIDGET (self->hide), !fixed);
  self->syncing = FALSE;
}

gboolean
tessera_slide_settings_get_hide_names (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), FALSE);
  return gtk_switch_get_active (self->hide);
}
