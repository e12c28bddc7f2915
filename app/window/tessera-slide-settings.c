#include "tessera-slide-settings.h"

#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <glib/gi18n.h>
#include <math.h>

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
  GPtrArray *grid_rows; /* GtkWidget: of no use where it is told which tiles to cut */
  TesseraFilesRow *coords, *area;
  GtkSpinButton *coords_side, *area_share;
  GtkSwitch *truth;
  int smooth; /* not offered, kept */
  double dark;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TesseraSlideSettings, tessera_slide_settings, GTK_TYPE_WIDGET)

enum { SIGNAL_CHANGED, SIGNAL_OWN, N_SIGNALS };
static guint signals[N_SIGNALS];

/* ---- what happens ---- */

static GtkWidget *
row_of (gpointer widget)
{
  return gtk_widget_get_ancestor (GTK_WIDGET (widget), ADW_TYPE_PREFERENCES_ROW);
}

static void
update_sensitive (TesseraSlideSettings *self)
{
  gboolean told = tessera_files_row_get (self->coords)->len > 0,
           mask = gtk_switch_get_active (self->use_mask) && !told,
           area = tessera_files_row_get (self->area)->len > 0;
  for (guint i = 0; i < self->grid_rows->len; i++)
    gtk_widget_set_sensitive (self->grid_rows->pdata[i], !told);
  for (guint i = 0; i < self->mask_rows->len; i++)
    gtk_widget_set_sensitive (self->mask_rows->pdata[i], mask);
  gtk_widget_set_sensitive (self->micrometres_row,
                            !told && gtk_drop_down_get_selected (self->scale) != SCALE_PIXELS);
  gtk_widget_set_visible (row_of (self->coords_side), told);
  gtk_widget_set_sensitive (row_of (self->area_share), area);
  gtk_widget_set_sensitive (row_of (self->truth), area);
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

/* ---- how it is made ---- */

static gboolean
is_geojson (const char *name)
{
  return g_str_has_suffix (name, ".geojson") || g_str_has_suffix (name, ".geojson.gz");
}

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

/* A choice beside its name, or below it where there is no room. */
static void
add_choice (AdwPreferencesGroup *group, const char *title, GtkWidget *choice)
{
  GtkWidget *row = adw_preferences_row_new (), *wrap = tessera_wrap_new (6),
            *label = gtk_label_new (title);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  tessera_wrap_append (TESSERA_WRAP (wrap), label);
  tessera_wrap_append (TESSERA_WRAP (wrap), choice);
  gtk_widget_add_css_class (wrap, "slider-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), wrap);
  tessera_ui_set_name (choice, title);
  adw_preferences_group_add (group, row);
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

static TesseraFilesRow *
add_files (TesseraSlideSettings *self, AdwPreferencesGroup *group,
           const TesseraFilesRowTexts *texts)
{
  GtkWidget *row = tessera_files_row_new (texts);
  adw_preferences_group_add (group, row);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (changed_cb), self);
  return TESSERA_FILES_ROW (row);
}

/* Which tiles to cut, where somebody has said so already. */
static void
make_coords (TesseraSlideSettings *self, AdwPreferencesGroup *group)
{
  const TesseraFilesRowTexts texts = {
      .title = _ ("Exactly those listed in"),
      .hint = _ ("Coordinates of TRIDENT, CLAM, Slideflow or WSInfer (H5, CSV)"),
      .folder_hint = _ ("A folder of coordinates (H5, CSV)"),
      .files = _ ("Choose files of coordinates"),
      .folder = _ ("Choose a folder of coordinates"),
      .clear = _ ("No coordinates: lay a grid")};
  self->coords = add_files (self, group, &texts);
  self->coords_side = add_spin (self, group, _ ("A tile's side on the slide"), 0, 16384, 8, 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row_of (self->coords_side)),
                               _ ("In pixels of the slide's finest level; 0: the files say it"));
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
  add_choice (group, _ ("Scale"), GTK_WIDGET (self->scale));
  g_signal_connect_swapped (self->scale, "notify::selected", G_CALLBACK (scale_cb), self);
  self->micrometres = add_spin (self, group, _ ("Micrometres"), 0.01, 100000, 0.05, 3);
  self->micrometres_row =
      gtk_widget_get_ancestor (GTK_WIDGET (self->micrometres), ADW_TYPE_ACTION_ROW);
  self->overlap = add_spin (self, group, _ ("Overlap, pixels"), 0, 4095, 4, 0);
  self->tissue = add_spin (self, group, _ ("Tissue at least, %"), 0, 100, 5, 0);
  g_ptr_array_add (self->grid_rows, row_of (self->scale));
  g_ptr_array_add (self->grid_rows, row_of (self->overlap));
  g_ptr_array_add (self->grid_rows, row_of (self->tissue));
  make_coords (self, group);
}

static void
make_mask (TesseraSlideSettings *self, AdwPreferencesGroup *group)
{
  GtkWidget *pen = NULL;
  self->use_mask = add_switch (self, group, _ ("Leave out what is no tissue"), NULL, NULL);
  g_ptr_array_add (self->grid_rows, row_of (self->use_mask));
  self->saturation = add_slider (self, group, _ ("More colour than"), 255, &self->auto_saturation);
  self->brightness = add_slider (self, group, _ ("Darker than"), 255, &self->auto_brightness);
  self->speck = add_slider (self, group, _ ("Drop specks smaller than, pixels"), 1000, NULL);
  self->hole = add_slider (self, group, _ ("Fill holes smaller than, pixels"), 4000, NULL);
  GtkRange *const sizes[] = {self->speck, self->hole};
  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++)
    gtk_widget_set_tooltip_text (GTK_WIDGET (sizes[k]),
                                 _ ("Pixels of the picture beside, in which the tissue is found; "
                                    "the slide itself has more"));
  self->pen = add_switch (self, group, _ ("Leave out marks of pens"), NULL, &pen);
  g_ptr_array_add (self->mask_rows, pen);
  self->own = GTK_CHECK_BUTTON (gtk_check_button_new ());
  g_ptr_array_add (self->mask_rows,
                   add_row (group, _ ("For the chosen slide only"), NULL, GTK_WIDGET (self->own)));
  g_signal_connect_swapped (self->own, "toggled", G_CALLBACK (own_cb), self);
}

static void
make_area (TesseraSlideSettings *self, AdwPreferencesGroup *group)
{
  const TesseraFilesRowTexts texts = {.title = _ ("Only inside of"),
                                      .hint = _ ("Annotations as GeoJSON, named like their slides"),
                                      .folder_hint =
                                          _ ("A folder of GeoJSON files, named like their slides"),
                                      .files = _ ("Choose GeoJSON files"),
                                      .folder = _ ("Choose a folder of GeoJSON files"),
                                      .clear = _ ("No area"),
                                      .none = _ ("There is no GeoJSON file in that folder."),
                                      .wanted = is_geojson};
  self->area = add_files (self, group, &texts);
  self->area_share = add_spin (self, group, _ ("Of a tile at least, %"), 1, 100, 5, 0);
  gtk_spin_button_set_value (self->area_share, 50);
  self->truth = add_switch (self, group, _ ("Their classes are the ground truth"), NULL, NULL);
}

static void
tessera_slide_settings_init (TesseraSlideSettings *self)
{
  self->mask_rows = g_ptr_array_new ();
  self->grid_rows = g_ptr_array_new ();
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
  tessera_ui_pass_wheel (box);
  update_sensitive (self);
  self->syncing = FALSE;
}

static void
tessera_slide_settings_dispose (GObject *object)
{
  TesseraSlideSettings *self = TESSERA_SLIDE_SETTINGS (object);
  self->syncing = TRUE;
  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_pointer (&self->mask_rows, g_ptr_array_unref);
  g_clear_pointer (&self->grid_rows, g_ptr_array_unref);
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
  return gtk_drop_down_get_selected (self->scale) != SCALE_PIXELS &&
         tessera_files_row_get (self->coords)->len == 0;
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

/* ---- files ---- */

TesseraFilesRow *
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
  return tessera_files_row_get (self->area)->len > 0 && gtk_switch_get_active (self->truth);
}

TesseraFilesRow *
tessera_slide_settings_get_coords (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), NULL);
  return self->coords;
}

double
tessera_slide_settings_get_coords_side (TesseraSlideSettings *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDE_SETTINGS (self), 0);
  return gtk_spin_button_get_value (self->coords_side);
}
