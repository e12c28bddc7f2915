#include "tessera-slide-areas.h"

#include "tessera-ui.h"
#include "tsr-slide-counts.h"

#include <glib/gi18n.h>
#include <math.h>

typedef struct {
  char *project;
  TsrRule rule;
} Work;

typedef struct {
  TsrTable *table;
  TsrSlideCounts *counts;
} Counted;

struct _TesseraSlideAreas {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkGrid *grid;
  GtkLabel *text;
  TesseraSession *session;
  gint32 slide;
  Counted *counted; /* NULL: not yet, or out of date */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (TesseraSlideAreas, tessera_slide_areas, GTK_TYPE_WIDGET)

static void
work_free (gpointer data)
{
  Work *work = data;
  g_free (work->project);
  g_free (work);
}

static void
counted_free (gpointer data)
{
  Counted *counted = data;
  tsr_table_free (counted->table);
  tsr_slide_counts_free (counted->counts);
  g_free (counted);
}

/* ---- counting ---- */

static void
count_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Work *work = data;
  GError *error = NULL;
  TsrProgress progress = {.cancellable = cancellable};
  Counted *counted = g_new0 (Counted, 1);
  g_autoptr (GPtrArray) slides = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (work->project, TSR_PROJECT_READ_ONLY, &error);
  if (project != NULL)
    counted->table = tsr_table_new (project, work->rule, false, &progress, &error);
  if (counted->table != NULL)
    counted->counts = tsr_slide_counts_read (counted->table, project, &slides, &error);
  if (counted->counts != NULL) {
    g_task_return_pointer (task, counted, counted_free);
    return;
  }
  counted_free (counted);
  g_task_return_error (task, error);
}

/* ---- showing ---- */

static GtkLabel *
put (TesseraSlideAreas *self, const char *text, int column, int row, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  if (column == 0) {
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars (GTK_LABEL (label), 28);
    gtk_widget_set_tooltip_text (label, text);
  } else
    gtk_widget_add_css_class (label, "numeric");
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_grid_attach (self->grid, label, column, row, 1, 1);
  return GTK_LABEL (label);
}

static void
put_count (TesseraSlideAreas *self, const TsrSlideCount *count, int column, int row)
{
  g_autofree char *tiles = tessera_ui_count (count->tiles);
  g_autofree char *area =
      isfinite (count->mm2) ? g_strdup_printf ("%.3f", count->mm2) : g_strdup (_ ("unknown"));
  put (self, tiles, column, row, NULL);
  put (self, count->tiles > 0 || isfinite (count->mm2) ? area : "0.000", column + 1, row, NULL);
}

static void
put_head (TesseraSlideAreas *self)
{
  static const char *const titles[] = {N_ ("Class"), N_ ("labelled"), N_ ("mm²"), N_ ("predicted"),
                                       N_ ("mm²")};
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    put (self, _ (titles[i]), (int)i, 0, "caption-heading");
}

static void
show (TesseraSlideAreas *self)
{
  tessera_ui_clear (GTK_WIDGET (self->grid));
  const TsrProjectSlide *slide =
      self->session != NULL ? tessera_session_get_slide (self->session, self->slide) : NULL;
  gboolean known = slide != NULL && self->counted != NULL &&
                   (guint)self->slide < self->counted->counts->n_slides;
  gtk_widget_set_visible (GTK_WIDGET (self->grid), known);
  gtk_label_set_text (self->text, known ? slide->name : _ ("Counting"));
  if (!known)
    return;
  const TsrSlideCounts *counts = self->counted->counts;
  put_head (self);
  for (uint32_t c = 0; c < counts->n_classes; c++) {
    size_t at = (size_t)self->slide * counts->n_classes + c;
    put (self, tsr_table_nth_class (self->counted->table, (int32_t)c)->name, 0, (int)c + 1, NULL);
    put_count (self, &counts->labelled[at], 1, (int)c + 1);
    put_count (self, &counts->predicted[at], 3, (int)c + 1);
  }
  int last = (int)counts->n_classes + 1;
  GtkLabel *rest = put (self, _ ("unsure, excluded, or nothing known"), 0, last, "dim-label");
  /* Words of ours are not cut. */
  gtk_label_set_ellipsize (rest, PANGO_ELLIPSIZE_NONE);
  gtk_label_set_wrap (rest, TRUE);
  put_count (self, &counts->other[self->slide], 1, last);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraSlideAreas) self = user;
  g_autoptr (GError) error = NULL;
  Counted *counted = g_task_propagate_pointer (G_TASK (result), &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->box == NULL)
    return;
  g_clear_object (&self->cancellable);
  if (counted == NULL) {
    gtk_label_set_text (self->text, error->message);
    return;
  }
  g_clear_pointer (&self->counted, counted_free);
  self->counted = counted;
  show (self);
}

static void
count (TesseraSlideAreas *self)
{
  if (self->session == NULL || self->cancellable != NULL || self->counted != NULL)
    return;
  Work *work = g_new0 (Work, 1);
  work->project = g_strdup (tessera_session_get_path (self->session));
  work->rule = TSR_RULE_MAP;
  tsr_rule_from_name (tessera_session_get_setting (self->session, "rule", "map"), &work->rule);
  self->cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, counted_cb, g_object_ref (self));
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, count_thread);
}

static void
forget (TesseraSlideAreas *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->counted, counted_free);
}

void
tessera_slide_areas_refresh (TesseraSlideAreas *self)
{
  g_return_if_fail (TESSERA_IS_SLIDE_AREAS (self));
  forget (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    count (self);
}

void
tessera_slide_areas_show (TesseraSlideAreas *self, gint32 slide)
{
  g_return_if_fail (TESSERA_IS_SLIDE_AREAS (self));
  self->slide = slide;
  show (self);
}

void
tessera_slide_areas_set_session (TesseraSlideAreas *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_SLIDE_AREAS (self));
  forget (self);
  g_set_object (&self->session, session);
  show (self);
}

static void
seen_cb (TesseraSlideAreas *self)
{
  show (self);
  count (self);
}

static void
tessera_slide_areas_dispose (GObject *object)
{
  TesseraSlideAreas *self = TESSERA_SLIDE_AREAS (object);
  forget (self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_slide_areas_parent_class)->dispose (object);
}

static void
tessera_slide_areas_class_init (TesseraSlideAreasClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_slide_areas_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
tessera_slide_areas_init (TesseraSlideAreas *self)
{
  self->slide = -1;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_ellipsize (self->text, PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "heading");
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_column_spacing (self->grid, 14);
  gtk_grid_set_row_spacing (self->grid, 4);
  tessera_ui_set_name (self->grid, _ ("Tiles and areas by class"));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->grid));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (seen_cb), NULL);
}
