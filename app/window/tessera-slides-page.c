#include "tessera-slides-page.h"

#include "tessera-slide-coords.h"
#include "tessera-slide-preview.h"
#include "tessera-slide-row.h"
#include "tessera-slide-settings.h"
#include "tessera-slide-survey.h"
#include "tessera-ui.h"
#include "tsr-folder-walk.h"
#include "tsr-slide-regions.h"

#include <glib/gi18n.h>
#include <math.h>

/* What is chosen for one slide, and what is known of it. */
typedef struct {
  TesseraSlideRow *row;
  gboolean own; /* it has a mask of its own */
  TsrMaskOptions mask;
  gboolean use_mask;
  gint64 tiles; /* -1: not counted with these settings */
  gboolean failed;
} Entry;

struct _TesseraSlidesPage {
  GtkWidget parent_instance;

  GtkWidget *content;
  GtkStack *stack;
  GtkListBox *list;
  GtkPicture *picture;
  GtkSpinner *spinner;
  GtkLabel *count, *total, *problem, *path, *looking;
  GtkWidget *start, *choose_path;
  TesseraSlideSettings *settings;

  TesseraSlideSurvey *survey;
  GArray *entries; /* Entry, of the slides that are not refused */
  guint chosen;    /* of entries */
  TsrMaskOptions mask;
  gboolean use_mask;        /* of all slides without a mask of their own */
  TsrSlideRegions *regions; /* the area, by entries; NULL where something is wrong with it */
  TesseraPreviewer *previewer;
  GCancellable *cancellable;

  TesseraSlideCoords *coords; /* which tiles exactly, in place of a grid */
};

G_DEFINE_FINAL_TYPE (TesseraSlidesPage, tessera_slides_page, GTK_TYPE_WIDGET)

enum { SIGNAL_START, SIGNAL_CANCELLED, SIGNAL_PATH, N_SIGNALS };
static guint signals[N_SIGNALS];

static Entry *
entry_at (TesseraSlidesPage *self, guint i)
{
  return &g_array_index (self->entries, Entry, i);
}

/* ---- what is wanted ---- */

static double
effective_mpp (const Entry *entry)
{
  double said = tessera_slide_row_get_slide (entry->row)->mpp;
  return isfinite (said) ? said : tessera_slide_row_get_given_mpp (entry->row);
}

/* Whether it is known what to cut: coordinates that are wanted have been read. */
static gboolean
knows_tiles (const TesseraSlidesPage *self)
{
  return !tessera_slide_coords_are_wanted (self->coords) ||
         tessera_slide_coords_get (self->coords) != NULL;
}

static void
want (TesseraSlidesPage *self, guint i, gboolean picture)
{
  if (!knows_tiles (self))
    return;
  const Entry *entry = entry_at (self, i);
  TesseraPreviewWish wish = {
      .path = tessera_slide_row_get_slide (entry->row)->path,
      .slide = i,
      .tiling = tessera_slide_settings_get_tiling (self->settings),
      .mask = entry->own ? entry->mask : self->mask,
      .use_mask = entry->own ? entry->use_mask : self->use_mask,
      .picture = picture,
      .area = self->regions != NULL ? tsr_slide_regions_area (self->regions, i) : NULL,
      .share = tessera_slide_settings_get_area_share (self->settings),
      .coords = tessera_slide_coords_get (self->coords),
  };
  wish.tiling.slide_mpp = tessera_slide_row_get_given_mpp (entry->row);
  gtk_spinner_set_spinning (self->spinner, picture);
  tessera_previewer_want (self->previewer, &wish);
}

/* Slides that are not chosen are counted when nothing else is to do. */
static void
count_next (TesseraSlidesPage *self)
{
  if (tessera_previewer_is_busy (self->previewer) || !knows_tiles (self))
    return;
  for (guint i = 0; i < self->entries->len; i++)
    if (entry_at (self, i)->tiles < 0 && !entry_at (self, i)->failed) {
      want (self, i, FALSE);
      return;
    }
}

static guint
n_without_mpp (TesseraSlidesPage *self)
{
  guint n = 0;
  for (guint i = 0; tessera_slide_settings_needs_mpp (self->settings) && i < self->entries->len;
       i++)
    n += isnan (effective_mpp (entry_at (self, i)));
  return n;
}

static void
update_total (TesseraSlidesPage *self)
{
  gint64 tiles = 0;
  guint counted = 0, n = self->entries->len;
  for (guint i = 0; i < n; i++) {
    const Entry *entry = entry_at (self, i);
    tessera_slide_row_set_tiles (entry->row, entry->tiles);
    if (entry->tiles >= 0) {
      tiles += entry->tiles;
      counted++;
    }
  }
  g_autofree char *number = tessera_ui_count ((guint64)tiles);
  g_autofree char *text =
      counted == n
          ? g_strdup_printf (ngettext ("%s tile in all", "%s tiles in all", (gulong)tiles), number)
          : g_strdup_printf (ngettext ("%s tile in %u of %u slides", "%s tiles in %u of %u slides",
                                       (gulong)tiles),
                             number, counted, n);
  gtk_label_set_text (self->total, n > 1 ? text : "");
}

static void
update_start (TesseraSlidesPage *self)
{
  guint without = n_without_mpp (self);
  gtk_widget_set_sensitive (self->start, self->entries->len > 0 && without == 0 &&
                                             self->regions != NULL && knows_tiles (self));
  g_autofree char *text =
      without == 0 ? g_strdup ("")
                   : g_strdup_printf (
                         ngettext ("%u slide does not say how wide a pixel is: say it in the list, "
                                   "or take tiles as scanned.",
                                   "%u slides do not say how wide a pixel is: say it in the list, "
                                   "or take tiles as scanned.",
                                   without),
                         without);
  gtk_label_set_text (self->problem, text);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), without > 0);
}

/* ---- files ---- */

/* The slides' files, and behind them those that were refused, ended by NULL, transfer full. */
static char **
dup_files (TesseraSlidesPage *self)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();
  for (guint i = 0; i < self->entries->len; i++)
    g_ptr_array_add (files, g_strdup (tessera_slide_row_get_slide (entry_at (self, i)->row)->path));
  for (guint i = 0; self->survey != NULL && i < self->survey->slides->len; i++) {
    const TesseraSurveyedSlide *slide = self->survey->slides->pdata[i];
    if (slide->reason != NULL)
      tsr_slide_names_add_absent (files, slide->name, false);
  }
  g_ptr_array_add (files, NULL);
  return (char **)g_ptr_array_steal (files, NULL);
}

static char **
dup_paths (TesseraFilesRow *row)
{
  const GPtrArray *chosen = tessera_files_row_get (row);
  char **paths = g_new0 (char *, (gsize)chosen->len + 1);
  for (guint i = 0; i < chosen->len; i++)
    paths[i] = g_strdup (chosen->pdata[i]);
  return paths;
}

/* The one sentence about files of other slides; NULL: there are none. */
static char *
tell_foreign (const GPtrArray *foreign)
{
  if (foreign->len == 0)
    return NULL;
  g_autofree char *name = g_filename_display_basename (foreign->pdata[0]);
  guint more = foreign->len - 1;
  return more == 0 ? g_strdup_printf (
                         _ ("“%s” is named after none of the slides, and is left out."), name)
                   : g_strdup_printf (
                         ngettext ("“%s” and %u more are named after none of the slides, and are "
                                   "left out.",
                                   "“%s” and %u more are named after none of the slides, and are "
                                   "left out.",
                                   more),
                         name, more);
}

/* Which files of the area are about which slide; what cannot be told is said. */
static void
find_regions (TesseraSlidesPage *self)
{
  TesseraFilesRow *area = tessera_slide_settings_get_area (self->settings);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) foreign = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) paths = dup_paths (area), files = dup_files (self);
  gsize n = g_strv_length (files);
  g_clear_pointer (&self->regions, tsr_slide_regions_free);
  self->regions = tsr_slide_regions_new (files, n, n - self->entries->len, paths, NULL,
                                         tessera_slide_settings_get_area_share (self->settings),
                                         foreign, &error);
  g_autofree char *note = tell_foreign (foreign);
  tessera_files_row_show_problem (area, error != NULL ? error->message : note, error == NULL);
}

/* Counts are out of date, of the chosen slide or of all. */
static void
recount (TesseraSlidesPage *self, gboolean all)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (all || i == self->chosen) {
      entry_at (self, i)->tiles = -1;
      entry_at (self, i)->failed = FALSE;
    }
  update_start (self);
  if (self->entries->len > 0)
    want (self, self->chosen, TRUE);
}

/* ---- coordinates ---- */

static void
coords_cb (const char *problem, gpointer user)
{
  TesseraSlidesPage *self = user;
  TesseraFilesRow *row = tessera_slide_settings_get_coords (self->settings);
  g_autofree char *note = tessera_slide_coords_describe (self->coords);
  tessera_files_row_show_problem (row, problem != NULL ? problem : note, problem == NULL);
  gtk_spinner_set_spinning (self->spinner, FALSE);
  recount (self, TRUE);
}

/* Reads the coordinates that are wanted, unless they have been; each file may take a while. */
static void
find_coords (TesseraSlidesPage *self)
{
  TesseraFilesRow *row = tessera_slide_settings_get_coords (self->settings);
  g_auto (GStrv) paths = dup_paths (row), files = dup_files (self);
  if (!tessera_slide_coords_want (self->coords, files, paths,
                                  tessera_slide_settings_get_coords_side (self->settings)))
    return;
  tessera_files_row_show_problem (row, _ ("Reading coordinates…"), TRUE);
  gtk_picture_set_paintable (self->picture, NULL);
  gtk_label_set_text (self->count, "");
  gtk_spinner_set_spinning (self->spinner, TRUE);
}

/* ---- what comes back ---- */

static void
show_count (TesseraSlidesPage *self, const TesseraPreview *preview)
{
  g_autofree char *tiles = tessera_ui_count ((guint64)preview->tiles);
  g_autofree char *grid = tessera_ui_count ((guint64)preview->grid);
  GString *text = g_string_new (NULL);
  if (tessera_slide_coords_are_wanted (self->coords))
    g_string_printf (text,
                     ngettext ("%s tile where the coordinates say",
                               "%s tiles where the coordinates say", (gulong)preview->tiles),
                     tiles);
  else
    g_string_printf (text, _ ("%s tiles of %s places"), tiles, grid);
  g_string_append_printf (text, _ (", %d pixels of the slide a side"), preview->side);
  if (isfinite (preview->mpp))
    g_string_append_printf (text, _ (" (%.4g µm)"),
                            preview->mpp *
                                tessera_slide_settings_get_tiling (self->settings).pixels);
  if (isfinite (preview->tissue))
    g_string_append_printf (text, _ (", %.0f %% tissue"), preview->tissue * 100);
  if (preview->outside >= 0) {
    g_autofree char *outside = tessera_ui_count ((guint64)preview->outside);
    g_string_append_printf (text, _ (", %s outside the area"), outside);
  }
  gtk_label_set_text (self->count, text->str);
  g_string_free (text, TRUE);
}

static void
preview_cb (TesseraPreview *preview, gpointer user)
{
  TesseraSlidesPage *self = user;
  if (preview->slide >= self->entries->len || !knows_tiles (self))
    return;
  Entry *entry = entry_at (self, preview->slide);
  entry->failed = preview->reason != NULL;
  entry->tiles = preview->reason != NULL ? -1 : preview->tiles;
  if (preview->slide == self->chosen && preview->reason != NULL) {
    gtk_label_set_text (self->count, preview->reason);
    gtk_spinner_set_spinning (self->spinner, FALSE);
  } else if (preview->slide == self->chosen && preview->rgb != NULL) {
    gsize stride = (gsize)preview->width * 3;
    g_autoptr (GBytes) bytes =
        g_bytes_new_take (g_steal_pointer (&preview->rgb), stride * preview->height);
    g_autoptr (GdkTexture) texture =
        gdk_memory_texture_new (preview->width, preview->height, GDK_MEMORY_R8G8B8, bytes, stride);
    gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
    tessera_slide_settings_show_found (self->settings, preview->saturation, preview->brightness);
    show_count (self, preview);
    gtk_spinner_set_spinning (self->spinner, FALSE);
  }
  update_total (self);
  count_next (self);
}

/* ---- what the user does ---- */

static void
settings_cb (TesseraSlidesPage *self)
{
  if (self->entries->len == 0)
    return;
  Entry *entry = entry_at (self, self->chosen);
  *(entry->own ? &entry->mask : &self->mask) = tessera_slide_settings_get_mask (
      self->settings, entry->own ? &entry->use_mask : &self->use_mask);
  find_regions (self);
  find_coords (self);
  /* The tiles are everybody's, and whether it was they that changed is not worth asking. */
  recount (self, TRUE);
}

static void
own_cb (TesseraSlidesPage *self)
{
  if (self->entries->len == 0)
    return;
  Entry *entry = entry_at (self, self->chosen);
  entry->own = tessera_slide_settings_get_own (self->settings);
  entry->mask = tessera_slide_settings_get_mask (self->settings, &entry->use_mask);
  if (!entry->own)
    tessera_slide_settings_set_mask (self->settings, &self->mask, self->use_mask, FALSE);
  recount (self, FALSE);
}

static void
choose (TesseraSlidesPage *self, guint i)
{
  self->chosen = i;
  const Entry *entry = entry_at (self, i);
  tessera_slide_settings_set_mask (self->settings, entry->own ? &entry->mask : &self->mask,
                                   entry->own ? entry->use_mask : self->use_mask, entry->own);
  gtk_picture_set_paintable (self->picture, NULL);
  g_autofree char *name = g_strdup_printf (_ ("Overview of %s, all but its tissue dimmed"),
                                           tessera_slide_row_get_slide (entry->row)->name);
  gtk_picture_set_alternative_text (self->picture, name);
  gtk_label_set_text (self->count, "");
  want (self, i, TRUE);
}

static void
row_cb (TesseraSlidesPage *self, GtkListBoxRow *row)
{
  for (guint i = 0; row != NULL && i < self->entries->len; i++)
    if (GTK_LIST_BOX_ROW (entry_at (self, i)->row) == row)
      choose (self, i);
}

/* Answered once: the other slides that do not say take it, too. */
static void
mpp_cb (TesseraSlidesPage *self, TesseraSlideRow *row)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (entry_at (self, i)->row != row)
      tessera_slide_row_propose_mpp (entry_at (self, i)->row, tessera_slide_row_get_mpp_text (row));
  recount (self, TRUE);
}

static void
start_cb (TesseraSlidesPage *self)
{
  g_signal_emit (self, signals[SIGNAL_START], 0);
}

static void
cancel_cb (TesseraSlidesPage *self)
{
  g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
}

static void
choose_path_cb (TesseraSlidesPage *self)
{
  g_signal_emit (self, signals[SIGNAL_PATH], 0);
}

/* ---- asking ---- */

static void
empty (TesseraSlidesPage *self)
{
  char *none[] = {NULL};
  g_array_set_size (self->entries, 0);
  GtkListBoxRow *row;
  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  g_clear_pointer (&self->survey, tessera_slide_survey_free);
  g_clear_pointer (&self->regions, tsr_slide_regions_free);
  tessera_slide_coords_want (self->coords, none, none, 0);
  gtk_picture_set_paintable (self->picture, NULL);
  gtk_label_set_text (self->count, "");
  gtk_label_set_text (self->total, "");
}

static void
fill (TesseraSlidesPage *self)
{
  const TesseraSlideSurvey *survey = self->survey;
  self->mask = survey->mask;
  self->use_mask = survey->use_mask;
  tessera_slide_settings_set_tiling (self->settings, &survey->tiling);
  tessera_slide_settings_set_hide_names (self->settings, survey->hides_names, survey->hides_names);
  for (guint i = 0; i < survey->slides->len; i++) {
    const TesseraSurveyedSlide *slide = survey->slides->pdata[i];
    GtkWidget *row = tessera_slide_row_new (slide);
    gtk_list_box_append (self->list, row);
    g_signal_connect_object (row, "mpp-changed", G_CALLBACK (mpp_cb), self, G_CONNECT_SWAPPED);
    Entry entry = {.row = TESSERA_SLIDE_ROW (row), .tiles = -1};
    if (slide->reason == NULL)
      g_array_append_val (self->entries, entry);
  }
  find_regions (self);
  find_coords (self);
  update_start (self);
  gtk_stack_set_visible_child_name (self->stack, "there");
  if (self->entries->len > 0) {
    gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (entry_at (self, 0)->row));
    gtk_widget_grab_focus (GTK_WIDGET (entry_at (self, 0)->row));
  } else
    gtk_label_set_text (self->count, survey->slides->len > 0
                                         ? _ ("None of these files can be read as a slide.")
                                         : _ ("There is no slide in this folder."));
}

static void
surveyed_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraSlidesPage) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraSlideSurvey) survey = tessera_slide_survey_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->entries == NULL)
    return;
  g_clear_object (&self->cancellable);
  if (survey == NULL) {
    gtk_label_set_text (self->looking, error->message);
    return;
  }
  self->survey = g_steal_pointer (&survey);
  fill (self);
}

void
tessera_slides_page_leave (TesseraSlidesPage *self)
{
  g_return_if_fail (TESSERA_IS_SLIDES_PAGE (self));
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->previewer, tessera_previewer_free);
}

void
tessera_slides_page_ask (TesseraSlidesPage *self, const char *const *paths, const char *into)
{
  g_return_if_fail (TESSERA_IS_SLIDES_PAGE (self));
  tessera_slides_page_leave (self);
  empty (self);
  const char *const none[] = {NULL};
  tessera_files_row_choose (tessera_slide_settings_get_area (self->settings), none);
  tessera_files_row_choose (tessera_slide_settings_get_coords (self->settings), none);
  self->previewer = tessera_previewer_new (preview_cb, self);
  self->cancellable = g_cancellable_new ();
  update_start (self);
  gtk_label_set_text (self->looking, _ ("Looking for slides"));
  gtk_stack_set_visible_child_name (self->stack, "looking");
  tessera_slide_survey_async (paths, into, self->cancellable, surveyed_cb, g_object_ref (self));
}

void
tessera_slides_page_set_path (TesseraSlidesPage *self, const char *path, gboolean fixed)
{
  g_return_if_fail (TESSERA_IS_SLIDES_PAGE (self));
  g_autofree char *shown = g_filename_display_name (path);
  gtk_label_set_text (self->path, shown);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->path), shown);
  gtk_widget_set_visible (self->choose_path, !fixed);
}

TesseraSlidesChoice *
tessera_slides_page_dup_choice (TesseraSlidesPage *self)
{
  g_return_val_if_fail (TESSERA_IS_SLIDES_PAGE (self), NULL);
  TesseraSlidesChoice *choice = tessera_slides_choice_new ();
  choice->tiling = tessera_slide_settings_get_tiling (self->settings);
  choice->hide_names = tessera_slide_settings_get_hide_names (self->settings);
  TesseraFilesRow *area = tessera_slide_settings_get_area (self->settings);
  choice->area = tessera_files_row_get (area)->len > 0 ? dup_paths (area) : NULL;
  choice->truth = tessera_slide_settings_get_truth (self->settings);
  choice->share = tessera_slide_settings_get_area_share (self->settings);
  for (guint i = 0; i < self->entries->len; i++) {
    const Entry *entry = entry_at (self, i);
    const TesseraSurveyedSlide *slide = tessera_slide_row_get_slide (entry->row);
    const TsrMaskOptions *mask = entry->own ? &entry->mask : &self->mask;
    gboolean use_mask = entry->own ? entry->use_mask : self->use_mask;
    tessera_slides_choice_add (choice, slide->path, slide->name,
                               tessera_slide_row_get_given_mpp (entry->row),
                               use_mask ? mask : NULL);
  }
  for (guint i = 0; self->survey != NULL && i < self->survey->slides->len; i++) {
    const TesseraSurveyedSlide *slide = self->survey->slides->pdata[i];
    if (slide->reason != NULL)
      tsr_skip_file (choice->refused, slide->name, slide->reason);
  }
  const GPtrArray *refused = tessera_slide_coords_get_refused (self->coords);
  if (refused != NULL)
    choice->coords = tsr_slide_coords_ref (tessera_slide_coords_get (self->coords));
  for (guint i = 0; refused != NULL && i < refused->len; i++) {
    const TsrSkippedFile *file = refused->pdata[i];
    tsr_skip_file (choice->refused, file->file, file->reason);
  }
  return choice;
}

static void
tessera_slides_page_dispose (GObject *object)
{
  TesseraSlidesPage *self = TESSERA_SLIDES_PAGE (object);
  if (self->entries != NULL) {
    tessera_slides_page_leave (self);
    empty (self);
  }
  g_clear_pointer (&self->entries, g_array_unref);
  g_clear_pointer (&self->coords, tessera_slide_coords_free);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  G_OBJECT_CLASS (tessera_slides_page_parent_class)->dispose (object);
}

static void
tessera_slides_page_class_init (TesseraSlidesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_slides_page_dispose;
  static const char *const names[N_SIGNALS] = {"start", "cancelled", "choose-path"};
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] =
        g_signal_new (names[i], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-slides-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, content);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, list);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, picture);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, count);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, total);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, problem);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, path);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, looking);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, start);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, choose_path);
  gtk_widget_class_bind_template_child (widget_class, TesseraSlidesPage, settings);
  gtk_widget_class_bind_template_callback (widget_class, start_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, choose_path_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_cb);
  gtk_widget_class_bind_template_callback (widget_class, settings_cb);
  gtk_widget_class_bind_template_callback (widget_class, own_cb);
}

static void
tessera_slides_page_init (TesseraSlidesPage *self)
{
  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  self->coords = tessera_slide_coords_new (coords_cb, self);
  gtk_widget_init_template (GTK_WIDGET (self));
}
