#include "tessera-readers-page.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define NAME_CHARS 24

TsrClass
tessera_readers_class (const TsrReadings *readings, int32_t index)
{
  if (index < (int32_t)readings->classes->len)
    return *(const TsrClass *)readings->classes->pdata[index];
  TsrClass class_ = {.name = readings->names->pdata[index], .rgb = 0x808080};
  for (guint i = 0; i < readings->other->classes->len; i++) {
    const TsrReadingClass *other = readings->other->classes->pdata[i];
    if (other->coloured && strcmp (other->name, class_.name) == 0)
      class_.rgb = other->rgb;
  }
  return class_;
}

/* ---- pieces ---- */

static GtkWidget *
make_label (const char *text, float xalign, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_wrapped (const char *text)
{
  GtkWidget *label = make_label (text, 0, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 80);
  return label;
}

static GtkWidget *
make_class (const TsrReadings *readings, int32_t index)
{
  TsrClass class_ = tessera_readers_class (readings, index);
  g_autofree char *name = tessera_ui_shorten (class_.name, NAME_CHARS);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *swatch = tessera_swatch_new (),
            *label = make_label (name, 0, NULL);
  tessera_swatch_set (TESSERA_SWATCH (swatch), &class_, TRUE);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (box, class_.name);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static char *
percent_text (double share)
{
  return isfinite (share) ? g_strdup_printf (_ ("%.1f %%"), 100 * share) : g_strdup ("–");
}

static void
attach_number (GtkGrid *grid, const char *text, int column, int row, gboolean strong)
{
  GtkWidget *label = make_label (text, 1, "numeric");
  if (strong)
    gtk_widget_add_css_class (label, "heading");
  gtk_grid_attach (grid, label, column, row, 1, 1);
}

static GtkGrid *
make_grid (void)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (grid, 20);
  gtk_grid_set_row_spacing (grid, 6);
  gtk_widget_set_halign (GTK_WIDGET (grid), GTK_ALIGN_START);
  return grid;
}

/* A number under what it means. */
static GtkWidget *
make_figure (const char *caption, const char *value, const char *more)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2),
            *below = make_label (more, 0, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (below), TRUE);
  gtk_box_append (GTK_BOX (box), make_label (caption, 0, "dim-label"));
  gtk_box_append (GTK_BOX (box), make_label (value, 0, "title-1"));
  gtk_box_append (GTK_BOX (box), below);
  gtk_widget_set_hexpand (box, TRUE);
  return box;
}

/* ---- together ---- */

static const char *
why_no_interval (const TsrAgreement *agreement)
{
  if (!isfinite (agreement->kappa))
    return _ ("cannot be said: both gave a single class");
  if (agreement->agreement == 1)
    return _ ("they never disagreed: how sure cannot be said");
  if (tsr_agreement_is_onesided (agreement))
    return _ ("one of them gave a single class: 0 whatever the other says");
  return _ ("how sure cannot be said");
}

/* What the figures above have taken for granted: labels that are perhaps no second reading, and
 * names that were taken as the same. NULL: nothing. */
static char *
describe_taken_for_granted (const TsrReadings *readings)
{
  GString *text = g_string_new (NULL);
  if (readings->same_reader > 0) {
    g_autofree char *count = tessera_ui_count (readings->same_reader);
    g_string_append_printf (
        text,
        ngettext ("%s of these tiles has its label under the same name in both: if it was taken "
                  "over and not read twice, they agree less than it seems.",
                  "%s of these tiles have their label under the same name in both: if these were "
                  "taken over and not read twice, they agree less than it seems.",
                  readings->same_reader),
        count);
  }
  for (guint i = 0; i < readings->other->classes->len; i++) {
    const TsrReadingClass *class_ = readings->other->classes->pdata[i];
    if (class_->written == NULL)
      continue;
    g_autofree char *name = tessera_ui_shorten (class_->name, NAME_CHARS),
                    *written = tessera_ui_shorten (class_->written, NAME_CHARS);
    if (text->len > 0)
      g_string_append_c (text, '\n');
    g_string_append_printf (text, _ ("The other reader's “%s” is taken as “%s”."), written, name);
  }
  return g_string_free (text, text->len == 0);
}

static GtkWidget *
make_figures (const TsrReadings *readings, const TsrAgreement *agreement)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24);
  guint same = (guint)agreement->n - readings->disputed->len;
  g_autofree char *tiles = tessera_ui_count (agreement->n), *agreed = tessera_ui_count (same),
                  *percent = percent_text (agreement->agreement),
                  *kappa = tessera_ui_decimal (agreement->kappa),
                  *low = tessera_ui_decimal (agreement->low),
                  *high = tessera_ui_decimal (agreement->high);
  g_autofree char *of = g_strdup_printf (
      ngettext ("%s tile given the same class", "%s tiles given the same class", same), agreed);
  g_autofree char *interval = isfinite (agreement->low)
                                  ? g_strdup_printf (_ ("probably %s to %s (95 %%)"), low, high)
                                  : g_strdup (why_no_interval (agreement));
  gtk_box_append (GTK_BOX (box), make_figure (_ ("Read by both"), tiles,
                                              ngettext ("tile", "tiles", agreement->n)));
  gtk_box_append (GTK_BOX (box), make_figure (_ ("Agreement"), percent, of));
  gtk_box_append (GTK_BOX (box), make_figure (_ ("Cohen's kappa"), kappa, interval));
  return box;
}

/* ---- class by class ---- */

static GtkWidget *
make_classes (const TsrReadings *readings, const TsrAgreement *agreement, const char *first,
              const char *second)
{
  GtkGrid *grid = make_grid ();
  const char *heads[] = {_ ("Class"), first, second, _ ("Both"), _ ("Agreement"), _ ("Kappa")};
  for (int i = 0; i < (int)G_N_ELEMENTS (heads); i++) {
    g_autofree char *head = tessera_ui_shorten (heads[i], 18);
    gtk_grid_attach (grid, make_label (head, i == 0 ? 0 : 1, "dim-label"), i, 0, 1, 1);
  }
  int row = 1;
  for (size_t c = 0; c < agreement->n_classes; c++) {
    const TsrClassAgreement *each = &agreement->each[c];
    if (each->first + each->second == 0)
      continue;
    g_autofree char *a = tessera_ui_count (each->first), *b = tessera_ui_count (each->second),
                    *both = tessera_ui_count (each->both),
                    *percent = percent_text (each->agreement),
                    *kappa = tessera_ui_decimal (each->kappa);
    gtk_grid_attach (grid, make_class (readings, (int32_t)c), 0, row, 1, 1);
    attach_number (grid, a, 1, row, FALSE);
    attach_number (grid, b, 2, row, FALSE);
    attach_number (grid, both, 3, row, FALSE);
    attach_number (grid, percent, 4, row, FALSE);
    attach_number (grid, kappa, 5, row, FALSE);
    row++;
  }
  return GTK_WIDGET (grid);
}

/* ---- what was taken for what ---- */

static void
fill_confusion (GtkGrid *grid, const TsrReadings *readings, const TsrAgreement *agreement,
                const int32_t *used, int n)
{
  for (int i = 0; i < n; i++) {
    gtk_grid_attach (grid, make_class (readings, used[i]), 0, i + 2, 1, 1);
    gtk_grid_attach (grid, make_class (readings, used[i]), i + 1, 1, 1, 1);
    for (int j = 0; j < n; j++) {
      uint64_t count =
          agreement->confusion[(size_t)used[i] * agreement->n_classes + (size_t)used[j]];
      g_autofree char *text = count > 0 ? tessera_ui_count (count) : g_strdup ("·");
      attach_number (grid, text, j + 1, i + 2, i == j);
    }
  }
}

static GtkWidget *
make_confusion (const TsrReadings *readings, const TsrAgreement *agreement, const char *first,
                const char *second)
{
  g_autofree int32_t *used = g_new (int32_t, agreement->n_classes + 1);
  int n = 0;
  for (size_t c = 0; c < agreement->n_classes; c++)
    if (agreement->each[c].first + agreement->each[c].second > 0)
      used[n++] = (int32_t)c;
  GtkGrid *grid = make_grid ();
  g_autofree char *rows = tessera_ui_shorten (first, 18),
                  *columns = tessera_ui_shorten (second, 18);
  g_autofree char *down = g_strdup_printf ("%s ↓", rows),
                  *across = g_strdup_printf ("%s →", columns);
  gtk_grid_attach (grid, make_label (down, 0, "dim-label"), 0, 1, 1, 1);
  gtk_grid_attach (grid, make_label (across, 0, "dim-label"), 1, 0, MAX (1, n), 1);
  fill_confusion (grid, readings, agreement, used, n);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (grid));
  return scroller;
}

/* ---- all of it ---- */

static void
append_part (GtkWidget *box, const char *heading, GtkWidget *part)
{
  GtkWidget *title = make_label (heading, 0, "title-4");
  gtk_widget_set_margin_top (title, 12);
  tessera_ui_set_name (part, heading); /* one that scrolls takes the focus */
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), part);
}

static GtkWidget *
make_nothing (void)
{
  GtkWidget *none = adw_status_page_new ();
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (none), "system-users-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (none), _ ("No tile was read by both"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (none),
      _ ("Agreement is counted on tiles that both readers gave a class. Tiles are the same if they "
         "have the same name."));
  return none;
}

GtkWidget *
tessera_readers_page_new (const TsrReadings *readings, const TsrAgreement *agreement,
                          const char *first, const char *second)
{
  if (agreement->n == 0)
    return make_nothing ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_box_append (GTK_BOX (box), make_figures (readings, agreement));
  gtk_box_append (GTK_BOX (box),
                  make_wrapped (_ ("Kappa is agreement beyond chance: 1 where both always say the "
                                   "same, 0 where they agree no more often than by chance.")));
  g_autofree char *granted = describe_taken_for_granted (readings);
  if (granted != NULL)
    gtk_box_append (GTK_BOX (box), make_wrapped (granted));
  append_part (box, _ ("Class by class"), make_classes (readings, agreement, first, second));
  append_part (box, _ ("What was taken for what"),
               make_confusion (readings, agreement, first, second));
  gtk_widget_set_margin_start (box, 24);
  gtk_widget_set_margin_end (box, 24);
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 24);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  return scroller;
}
