#include "tessera-export-dialog.h"

#include "tessera-outlive.h"
#include "tessera-coloring.h"
#include "tessera-ui.h"
#include "tessera-wait.h"
#include "tsr-audit.h"
#include "tsr-export-geojson.h"
#include "tsr-export.h"
#include "tsr-map-figure.h"
#include "tsr-project-id.h"
#include "tsr-project-places.h"
#include "tsr-project-sources.h"
#include "tsr-report.h"

#include <glib/gi18n.h>

/* Choices of the dialog's. */
#define LABELS_ONLY   "labels-only"
#define SELECTED_ONLY "selected-only"
#define ENGLISH       "english"

/* What each kind is called, and what its file is proposed to be called after the project's title.
 */
static const struct {
  const char *title, *ending, *work;
} kinds[] = {
    {N_ ("Export labels and predictions as CSV"), ".csv", N_ ("Exporting labels and predictions")},
    {N_ ("Save the map as PNG, SVG or PDF"), ".png", N_ ("Drawing the map")},
    {N_ ("Sort the tiles into folders by class"), N_ (" by class"), N_ ("Sorting the tiles")},
    {N_ ("Write a report as PDF"), ".pdf", N_ ("Writing the report")},
    {N_ ("Export areas by slide and class as CSV"), N_ (" areas.csv"), N_ ("Exporting areas")},
    {N_ ("A folder for the slides' GeoJSON files; those of an earlier export are replaced"), NULL,
     N_ ("Writing GeoJSON")},
    {N_ ("Export this slide for QuPath as GeoJSON"), ".geojson", N_ ("Writing GeoJSON")},
};

typedef struct {
  GWeakRef window;
  TesseraWait *wait; /* while it is written */
  TesseraExportKind kind;
  char *project, *path;
  char *color_by; /* the map's colours, as the window shows them */
  char *title;    /* of the report */
  char *slide;    /* the shown one's name, or NULL */
  TesseraExportChoices choices;
  gboolean english;  /* report or map, whatever the user's language */
  uint8_t *selected; /* [n], as the window has it when it asks; NULL: fewer than two tiles */
  uint32_t n, n_selected;
  TsrRule rule;
  gboolean veiled; /* a check with random tiles hid predictions ... */
  gboolean paused; /* ... of its own tiles only */
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;
  g_weak_ref_clear (&export->window);
  g_free (export->project);
  g_free (export->path);
  g_free (export->color_by);
  g_free (export->title);
  g_free (export->slide);
  g_free (export->selected);
  g_free (export);
}

static bool
write_map (const Export *export, TsrProject *project, const TsrTable *table,
           const TsrProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, error);
  if (columns == NULL)
    return false;
  TsrFigureOptions figure = {.color = tsr_figure_color (export->color_by),
                             .english = export->english,
                             .column = tsr_figure_column (columns, export->color_by)};
  if (figure.color == TSR_FIGURE_BY_COLUMN && figure.column == NULL)
    figure.color = TSR_FIGURE_BY_PREDICTION; /* it has gone meanwhile */
  return tsr_map_figure_write (table, &figure, export->path, progress, error);
}

static bool
write_geojson (const Export *export, TsrProject *project, const TsrTable *table,
               const TsrProgress *progress, GError **error)
{
  g_autofree char *id = tsr_project_id (project);
  bool labels_only = (export->choices & TESSERA_EXPORT_LABELS_ONLY) != 0;
  TsrGeojsonOptions options = {.labels_only = labels_only, .origins = project, .project = id};
  g_auto (TsrGeojsonReport) report = {0};
  TsrTilePlace *places = tsr_project_places (project, table->names, table->n, error);
  if (places == NULL)
    return false;
  bool ok =
      export->kind == TESSERA_EXPORT_GEOJSON
          ? tsr_export_geojson (table, places, export->path, &options, &report, progress, error)
          : tsr_export_geojson_slide (table, places, export->slide, export->path, &options, &report,
                                      progress, error);
  tsr_tile_places_free (places, table->n);
  return ok;
}

/* Tiles that have joined since the window asked are none of them. */
static const uint8_t *
selection_of (Export *export, uint32_t n)
{
  if (export->selected != NULL && export->n < n) {
    export->selected = g_realloc (export->selected, n);
    memset (export->selected + export->n, 0, n - export->n);
    export->n = n;
  }
  return export->selected;
}

static bool
write_export (Export *export, const TsrProgress *progress, GError **error)
{
  g_autoptr (TsrProject) project = tsr_project_open (export->project, TSR_PROJECT_READ_ONLY, error);
  if (project == NULL || !tsr_project_check_output (project, export->path, error))
    return false;
  g_autoptr (TsrTable) table = tsr_table_new (project, export->rule, false, progress, error);
  if (table == NULL)
    return false;
  g_autoptr (TsrAudit) audit = tsr_audit_load (project);
  bool labels_only = (export->choices & TESSERA_EXPORT_LABELS_ONLY) != 0;
  export->veiled = tsr_audit_veil_table (audit, table) && !labels_only;
  TsrExportTiles tiles = {TSR_EXPORT_ALL, NULL};
  if (export->choices & TESSERA_EXPORT_SELECTED_ONLY)
    tiles.chosen = selection_of (export, table->n);
  export->paused = audit != NULL && audit->state == TSR_AUDIT_PAUSED;
  uint32_t records = 0;
  TsrExportFolders report;
  switch (export->kind) {
  case TESSERA_EXPORT_CSV:
    return labels_only
               ? tsr_export_labels (table, project, export->path, tiles.chosen, &records, progress,
                                    error)
               : tsr_export_csv (table, project, export->path, tiles, &records, progress, error);
  case TESSERA_EXPORT_MAP:
    return write_map (export, project, table, progress, error);
  case TESSERA_EXPORT_GEOJSON:
  case TESSERA_EXPORT_SLIDE_GEOJSON:
    return write_geojson (export, project, table, progress, error);
  case TESSERA_EXPORT_AREAS:
    return tsr_export_areas (table, project, export->path, &records, progress, error);
  case TESSERA_EXPORT_REPORT:
    return tsr_report_write (
        table, project, &(TsrReportOptions){.title = export->title, .english = export->english},
        export->path, progress, error);
  default:
    return tsr_export_folders (table, project, export->path, tiles, &report, progress, error);
  }
}

static void
export_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  Export *export = data;
  if (write_export (export, tessera_wait_progress (export->wait), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  Export *export = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  g_clear_pointer (&export->wait, tessera_wait_free);
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&export->window);
  if (window == NULL)
    return;
  g_autofree char *name = g_filename_display_basename (export->path);
  g_autofree char *text = NULL;
  if (ok && export->veiled)
    text = g_strdup_printf (
        export->paused
            ? _ ("Written: %s, without predictions for the tiles of the interrupted check")
            : _ ("Written: %s, without predictions: they are hidden until the check is done"),
        name);
  else if (ok)
    text = g_strdup_printf (_ ("Written: %s"), name);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    text = g_strdup (_ ("Cancelled: nothing was written"));
  else
    text = g_strdup (error->message);
  tessera_window_toast (window, text);
}

/* Takes export, which knows its path. */
static void
start (Export *export)
{
  g_autoptr (TesseraWindow) window = g_weak_ref_get (&export->window);
  export->wait = tessera_wait_new (GTK_WINDOW (window), _ (kinds[export->kind].work));
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done_cb, NULL);
  g_task_set_task_data (task, export, export_free);
  tessera_outlive (task);
  g_task_run_in_thread (task, export_thread);
}

/* What a map can be saved as; the first is proposed. */
static const struct {
  const char *title, *ending;
} formats[] = {
    {N_ ("Picture for slides and screens (PNG)"), ".png"},
    {N_ ("Drawing that can be edited (SVG)"), ".svg"},
    {N_ ("Document for print (PDF)"), ".pdf"},
};

static void
offer_formats (GtkFileChooser *dialog)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
    gtk_file_filter_set_name (filter, _ (formats[i].title));
    gtk_file_filter_add_suffix (filter, formats[i].ending + 1);
    gtk_file_chooser_add_filter (dialog, filter);
    if (i == 0)
      gtk_file_chooser_set_filter (dialog, filter);
  }
}

char *
tessera_export_map_path (const char *path, guint format)
{
  g_return_val_if_fail (format < G_N_ELEMENTS (formats), g_strdup (path));
  g_autofree char *folded = g_ascii_strdown (path, -1);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (!g_str_has_suffix (folded, formats[i].ending))
      continue;
    /* Another ending than the proposed one was typed: that says it. */
    if (i != 0 || format == 0)
      return g_strdup (path);
    g_autofree char *stem = g_strndup (path, strlen (path) - strlen (formats[i].ending));
    return g_strconcat (stem, formats[format].ending, NULL);
  }
  return g_strconcat (path, formats[format].ending, NULL);
}

gboolean
tessera_export_may_replace (TesseraWindow *window, const char *asked, const char *path)
{
  if (g_str_equal (asked, path) || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = g_strdup_printf (_ ("“%s” is there already, and nothing was written: "
                                              "type this name to replace it, or another."),
                                           name);
  if (window != NULL)
    tessera_window_toast (window, text);
  return FALSE;
}

static guint
chosen_format (GtkFileChooser *dialog)
{
  GtkFileFilter *filter = gtk_file_chooser_get_filter (dialog);
  const char *name = filter != NULL ? gtk_file_filter_get_name (filter) : NULL;
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (name, _ (formats[i].title)))
      return i;
  return 0;
}

/* GTK shows an empty choice “(None)” beside the dialog's own choices where no kind of file is
 * named.
 */
static void
name_format (TesseraExportKind kind, GtkFileChooser *dialog)
{
  static const struct {
    const char *title, *ending; /* NULL: folders */
  } names[] = {
      [TESSERA_EXPORT_CSV] = {N_ ("Table (CSV)"), "csv"},
      [TESSERA_EXPORT_FOLDERS] = {N_ ("Folders"), NULL},
      [TESSERA_EXPORT_REPORT] = {N_ ("Document for print (PDF)"), "pdf"},
      [TESSERA_EXPORT_AREAS] = {N_ ("Table (CSV)"), "csv"},
      [TESSERA_EXPORT_GEOJSON] = {N_ ("Folders"), NULL},
      [TESSERA_EXPORT_SLIDE_GEOJSON] = {N_ ("Annotations (GeoJSON)"), "geojson"},
  };
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  gtk_file_filter_set_name (filter, _ (names[kind].title));
  if (names[kind].ending != NULL)
    gtk_file_filter_add_suffix (filter, names[kind].ending);
  else
    gtk_file_filter_add_mime_type (filter, "inode/directory");
  gtk_file_chooser_add_filter (dialog, filter);
  gtk_file_chooser_set_filter (dialog, filter);
}

static gboolean
offers_labels_only (TesseraExportKind kind)
{
  return kind == TESSERA_EXPORT_CSV || kind == TESSERA_EXPORT_GEOJSON ||
         kind == TESSERA_EXPORT_SLIDE_GEOJSON;
}

/* Papers are written in English; who reads English has nothing to choose. */
static gboolean
offers_english (TesseraExportKind kind)
{
  return (kind == TESSERA_EXPORT_MAP || kind == TESSERA_EXPORT_REPORT) &&
         !g_str_equal (_ ("Drawing the map"), "Drawing the map");
}

static gboolean
offers_selected_only (const Export *export)
{
  return export->selected != NULL &&
         (export->kind == TESSERA_EXPORT_CSV || export->kind == TESSERA_EXPORT_FOLDERS);
}

static TesseraExportChoices
read_choices (const Export *export, GtkFileChooser *dialog)
{
  TesseraExportChoices choices = 0;
  if (offers_labels_only (export->kind) &&
      g_strcmp0 (gtk_file_chooser_get_choice (dialog, LABELS_ONLY), "true") == 0)
    choices |= TESSERA_EXPORT_LABELS_ONLY;
  if (offers_selected_only (export) &&
      g_strcmp0 (gtk_file_chooser_get_choice (dialog, SELECTED_ONLY), "true") == 0)
    choices |= TESSERA_EXPORT_SELECTED_ONLY;
  return choices;
}

static void
offer_choices (const Export *export, GtkFileChooser *dialog)
{
  if (offers_labels_only (export->kind))
    gtk_file_chooser_add_choice (dialog, LABELS_ONLY, _ ("Labels only, no predictions"), NULL,
                                 NULL);
  if (offers_english (export->kind))
    gtk_file_chooser_add_choice (dialog, ENGLISH, _ ("In English, for a paper or a talk"), NULL,
                                 NULL);
  if (!offers_selected_only (export))
    return;
  g_autofree char *count = tessera_ui_count (export->n_selected);
  g_autofree char *text = g_strdup_printf (
      ngettext ("Only the %s selected tile", "Only the %s selected tiles", export->n_selected),
      count);
  gtk_file_chooser_add_choice (dialog, SELECTED_ONLY, text, NULL, NULL);
}

static gboolean
is_chosen (GtkNativeDialog *dialog, const char *choice)
{
  return g_strcmp0 (gtk_file_chooser_get_choice (GTK_FILE_CHOOSER (dialog), choice), "true") == 0;
}

static void
chosen_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  Export *export = data;
  g_autoptr (GFile) file = NULL;
  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  export->path = file != NULL ? g_file_get_path (file) : NULL;
  export->choices = read_choices (export, GTK_FILE_CHOOSER (dialog));
  export->english = offers_english (export->kind) && is_chosen (dialog, ENGLISH);
  if (export->path != NULL && export->kind == TESSERA_EXPORT_MAP) {
    g_autofree char *named = g_steal_pointer (&export->path);
    export->path = tessera_export_map_path (named, chosen_format (GTK_FILE_CHOOSER (dialog)));
    g_autoptr (TesseraWindow) window = g_weak_ref_get (&export->window);
    if (!tessera_export_may_replace (window, named, export->path))
      g_clear_pointer (&export->path, g_free);
  }
  if (export->path == NULL) {
    export_free (export);
    return;
  }
  start (export);
}

/* What the map is coloured by now: a choice that is no longer offered shows predictions. */
static char *
shown_colors (TesseraSession *session)
{
  const char *wanted = tessera_session_get_setting (session, "view.color-by", "prediction");
  g_autoptr (GPtrArray) choices = tessera_colorings (session);
  for (guint i = 0; i < choices->len; i++) {
    const TesseraColoring *choice = g_ptr_array_index (choices, i);
    if (g_str_equal (choice->id, wanted))
      return g_strdup (wanted);
  }
  return g_strdup ("prediction");
}

/* One tile that is only looked at is no selection. */
static void
take_selection (Export *export, TesseraSession *session)
{
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (session, &n);
  if (n < 2)
    return;
  export->n = tessera_session_get_n_tiles (session);
  export->n_selected = (uint32_t)n;
  export->selected = g_new0 (uint8_t, export->n);
  for (size_t i = 0; i < n; i++)
    export->selected[tiles[i]] = 1;
}

static Export *
export_new (TesseraSession *session, TesseraExportKind kind, const char *slide)
{
  Export *export = g_new0 (Export, 1);
  g_weak_ref_init (&export->window, NULL);
  export->kind = kind;
  export->project = g_strdup (tessera_session_get_path (session));
  export->color_by = shown_colors (session);
  export->title = tessera_session_dup_title (session);
  export->slide = g_strdup (slide);
  export->rule = TSR_RULE_MAP;
  take_selection (export, session);
  tsr_rule_from_name (tessera_session_get_setting (session, "rule", "map"), &export->rule);
  return export;
}

gboolean
tessera_export_write (TesseraSession *session, TesseraExportKind kind, const char *path,
                      GError **error)
{
  return tessera_export_write_some (session, kind, 0, path, error);
}

gboolean
tessera_export_write_some (TesseraSession *session, TesseraExportKind kind,
                           TesseraExportChoices choices, const char *path, GError **error)
{
  Export *export = export_new (session, kind, NULL);
  export->choices = choices;
  TsrProgress progress = {NULL};
  export->path = g_strdup (path);
  gboolean ok = write_export (export, &progress, error);
  export_free (export);
  return ok;
}

/* The name of the slide that is shown, or NULL; borrowed. */
static const char *
shown_slide (TesseraWindow *window)
{
  TesseraSlidePane *pane =
      tessera_project_page_get_slide_pane (tessera_window_get_project_page (window));
  const TsrProjectSlide *slide = tessera_session_get_slide (tessera_window_get_session (window),
                                                            tessera_slide_pane_get_slide (pane));
  return slide != NULL ? slide->name : NULL;
}

void
tessera_export_begin (TesseraWindow *window, TesseraExportKind kind, const char *path)
{
  Export *export = export_new (tessera_window_get_session (window), kind, shown_slide (window));
  g_weak_ref_set (&export->window, window);
  export->path = g_strdup (path);
  start (export);
}

void
tessera_export_dialog_run (TesseraWindow *window, TesseraExportKind kind)
{
  TesseraSession *session = tessera_window_get_session (window);
  const char *slide = shown_slide (window);
  if (kind == TESSERA_EXPORT_SLIDE_GEOJSON && slide == NULL) {
    tessera_window_toast (window, _ ("Show the slide first"));
    return;
  }
  gboolean folder = kind == TESSERA_EXPORT_GEOJSON;
  Export *export = export_new (session, kind, slide);
  g_weak_ref_set (&export->window, window);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ (kinds[kind].title), GTK_WINDOW (window),
      folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  const char *of = kind == TESSERA_EXPORT_SLIDE_GEOJSON ? slide : export->title,
             *ending = kinds[kind].ending != NULL ? _ (kinds[kind].ending) : NULL;
  g_autofree char *name = g_strdelimit (g_strconcat (of, ending, NULL), "/", '_');
  if (!folder)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  offer_choices (export, GTK_FILE_CHOOSER (dialog));
  if (kind == TESSERA_EXPORT_MAP)
    offer_formats (GTK_FILE_CHOOSER (dialog));
  else
    name_format (kind, GTK_FILE_CHOOSER (dialog));
  tessera_ui_begin_beside (dialog, export->project);
  g_signal_connect (dialog, "response", G_CALLBACK (chosen_cb), export);
  tessera_ui_show_dialog (dialog);
}

void
tessera_skipped_dialog_show (GtkWindow *parent, GPtrArray *skipped)
{
  GtkWidget *list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_set_valign (list, GTK_ALIGN_START);
  for (guint i = 0; skipped != NULL && i < skipped->len && i < 500; i++) {
    const TsrSkippedFile *file = g_ptr_array_index (skipped, i);
    GtkWidget *row = adw_action_row_new ();
    g_autofree char *name = g_markup_escape_text (file->file, -1);
    g_autofree char *reason = g_markup_escape_text (file->reason, -1);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), reason);
    gtk_list_box_append (GTK_LIST_BOX (list), row);
  }
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_widget_set_margin_top (list, 18);
  gtk_widget_set_margin_bottom (list, 18);
  gtk_widget_set_margin_start (list, 18);
  gtk_widget_set_margin_end (list, 18);

  GtkWidget *window = gtk_window_new ();
  gtk_window_set_title (GTK_WINDOW (window), _ ("Files that were refused"));
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  tessera_ui_set_window_size (GTK_WINDOW (window), NULL, 560, 480);
  gtk_window_set_child (GTK_WINDOW (window), scroller);
  gtk_window_present (GTK_WINDOW (window));
}
