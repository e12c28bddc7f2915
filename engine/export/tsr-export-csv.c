#include "tsr-csv.h"
#include "tsr-export.h"
#include "tsr-file.h"
#include "tsr-project-slides.h"
#include "tsr-tile-place.h"

#include <math.h>
#include <string.h>

typedef struct {
  const TsrTable *table;
  TsrProject *project;
  TsrExportTiles tiles;
  bool answers;           /* what people said, and nothing else */
  GPtrArray *columns;     /* TsrColumn: what the user joined */
  GPtrArray *slides;      /* TsrProjectSlide */
  TsrTileRegion *regions; /* [n] */
  uint32_t records;
  const TsrProgress *progress;
} Job;

static bool
is_one_of (const char *name, const char *const *names, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (names[i], name) == 0)
      return true;
  return false;
}

/* The last columns are the user's; one named like ours says whose it is. */
static void
write_header (FILE *file, const Job *job)
{
  const TsrTable *table = job->table;
  static const char *const before[] = {"tile_id",     "file",   "slide", "minx",  "miny",
                                       "width",       "height", "mpp",   "label", "annotator",
                                       "labelled_at", "how",    "pred"};
  static const char *const after[] = {"margin", "nn_id", "nn_dist", "tsne_x",
                                      "tsne_y", "truth", "state"};
  for (size_t i = 0; i < G_N_ELEMENTS (before); i++)
    tsr_csv_text (file, before[i], i == 0);
  for (uint32_t c = 0; c < table->n_classes; c++) {
    g_autofree char *name =
        g_strconcat ("prob_", tsr_table_nth_class (table, (int32_t)c)->name, NULL);
    tsr_csv_text (file, name, false);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (after); i++)
    tsr_csv_text (file, after[i], false);
  for (guint i = 0; i < job->columns->len; i++) {
    const char *name = ((const TsrColumn *)job->columns->pdata[i])->name;
    bool ours = is_one_of (name, before, G_N_ELEMENTS (before)) ||
                is_one_of (name, after, G_N_ELEMENTS (after)) || g_str_has_prefix (name, "prob_") ||
                g_str_has_prefix (name, "joined_");
    g_autofree char *shown = g_strconcat (ours ? "joined_" : "", name, NULL);
    tsr_csv_text (file, shown, false);
  }
  tsr_csv_end (file);
}

static void
write_answers_header (FILE *file)
{
  static const char *const names[] = {"tile_id",     "file",   "slide", "minx",  "miny",
                                      "width",       "height", "mpp",   "label", "annotator",
                                      "labelled_at", "how",    "state"};
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    tsr_csv_text (file, names[i], i == 0);
  tsr_csv_end (file);
}

/* Micrometres a pixel of the tile's picture; NAN where the slide's are not known. */
static double
tile_mpp (const Job *job, const TsrProjectSlide *slide, uint32_t tile)
{
  const TsrTileRegion *region = &job->regions[tile];
  return slide->mpp * region->width / region->pixels;
}

/* As the project knows it, else as the file's name says. */
static void
write_place (FILE *file, const Job *job, uint32_t tile)
{
  const TsrTileRegion *region = &job->regions[tile];
  const char *name = job->table->names[tile];
  if (region->slide >= 0) {
    const TsrProjectSlide *slide = job->slides->pdata[region->slide];
    tsr_csv_text (file, slide->name, false);
    fprintf (file, ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%d,%d", region->x, region->y,
             region->width, region->height);
    tsr_csv_number (file, tile_mpp (job, slide, tile), 6, false);
    return;
  }
  g_auto (TsrTilePlace) place = {0};
  if (!tsr_tile_place_parse (name, &place)) {
    fputs (",,,,,,", file);
    return;
  }
  tsr_csv_text (file, place.slide, false);
  tsr_csv_number (file, place.x, 17, false);
  tsr_csv_number (file, place.y, 17, false);
  tsr_csv_number (file, place.width, 17, false);
  tsr_csv_number (file, place.height, 17, false);
  tsr_csv_text (file, NULL, false); /* mpp: not in a name */
}

/* Who, when and how, for tiles with a label (unsure ones too). */
static void
write_origin (FILE *file, const Job *job, uint32_t tile)
{
  g_autofree char *annotator = NULL;
  gint64 unix_us = 0;
  TsrHow how = TSR_HOW_PICKED;
  if (job->table->label[tile] == TSR_LABEL_NONE ||
      !tsr_project_label_origin (job->project, tile, &annotator, &unix_us, &how)) {
    fputs (",,,", file);
    return;
  }
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (unix_us / G_USEC_PER_SEC);
  g_autofree char *stamp = time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
  tsr_csv_text (file, annotator, false);
  tsr_csv_text (file, stamp, false);
  tsr_csv_text (file, tsr_how_name (how), false);
}

/* prob_*: the scores divided by their sum, so that they add up to 1. */
static void
write_prediction (FILE *file, const TsrTable *table, uint32_t tile)
{
  const TsrPrediction *prediction = table->prediction ? &table->prediction[tile] : NULL;
  const TsrClass *class_ = prediction ? tsr_table_nth_class (table, prediction->class_id) : NULL;
  tsr_csv_text (file, class_ ? class_->name : NULL, false);
  const float *scores = class_ ? table->scores + (size_t)tile * table->n_classes : NULL;
  double sum = 0;
  for (uint32_t c = 0; scores && c < table->n_classes; c++)
    sum += scores[c];
  for (uint32_t c = 0; c < table->n_classes; c++)
    tsr_csv_number (file, scores && sum > 0 ? scores[c] / sum : NAN, 6, false);
  tsr_csv_number (file, class_ ? prediction->margin : NAN, 6, false);
  if (class_)
    fprintf (file, ",%u", prediction->follows);
  else
    putc (',', file);
  tsr_csv_number (file, class_ ? prediction->distance : NAN, 9, false);
}

static void
write_record (FILE *file, const Job *job, uint32_t tile)
{
  const TsrTable *table = job->table;
  const TsrClass *label =
      table->label[tile] >= 0 ? tsr_table_nth_class (table, table->label[tile]) : NULL;
  fprintf (file, "%u", tile);
  tsr_csv_text (file, table->names[tile], false);
  write_place (file, job, tile);
  tsr_csv_text (file, label ? label->name : NULL, false);
  write_origin (file, job, tile);
  if (job->answers) {
    tsr_csv_text (file, tsr_table_state (table, tile), false);
    tsr_csv_end (file);
    return;
  }
  write_prediction (file, table, tile);
  for (int axis = 0; axis < 2; axis++)
    tsr_csv_number (file, table->map ? table->map[2 * (size_t)tile + axis] : NAN, 9, false);
  bool known = table->truth_names && table->truth[tile] >= 0;
  tsr_csv_text (file, known ? table->truth_names[table->truth[tile]] : NULL, false);
  tsr_csv_text (file, tsr_table_state (table, tile), false);
  for (guint i = 0; i < job->columns->len; i++)
    tsr_csv_text (file, tsr_column_text (job->columns->pdata[i], tile), false);
  tsr_csv_end (file);
}

static bool
wanted (const Job *job, uint32_t tile)
{
  const TsrTable *table = job->table;
  bool labelled = table->label[tile] >= 0 && !table->excluded[tile];
  TsrExportOnly only = job->tiles.only;
  if (job->tiles.chosen && !job->tiles.chosen[tile])
    return false;
  if (job->answers)
    return table->label[tile] != TSR_LABEL_NONE || table->excluded[tile];
  return only == TSR_EXPORT_ALL || (only == TSR_EXPORT_LABELLED) == labelled;
}

static bool
fill (FILE *file, void *data, GError **error)
{
  Job *job = data;
  if (job->answers)
    write_answers_header (file);
  else
    write_header (file, job);
  for (uint32_t tile = 0; tile < job->table->n && !ferror (file); tile++) {
    if (tile % 256 == 0 && !tsr_progress_step (job->progress, (double)tile / job->table->n,
                                               TSR_STAGE ("Writing the table"), error))
      return false;
    if (!wanted (job, tile))
      continue;
    write_record (file, job, tile);
    job->records++;
  }
  return true;
}

static bool
write_table (const TsrTable *table, TsrProject *project, const char *path, TsrExportTiles tiles,
             bool answers, uint32_t *records, const TsrProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, error);
  if (!columns)
    return false;
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)table->n + 1);
  if (!slides || !tsr_project_regions (project, regions, error))
    return false;
  Job job = {table, project, tiles, answers, columns, slides, regions, 0, progress};
  bool ok = tsr_file_replace (path, fill, &job, error);
  if (records)
    *records = job.records;
  return ok;
}

bool
tsr_export_csv (const TsrTable *table, TsrProject *project, const char *path, TsrExportTiles tiles,
                uint32_t *records, const TsrProgress *progress, GError **error)
{
  return write_table (table, project, path, tiles, false, records, progress, error);
}

bool
tsr_export_labels (const TsrTable *table, TsrProject *project, const char *path,
                   const uint8_t *chosen, uint32_t *records, const TsrProgress *progress,
                   GError **error)
{
  return write_table (table, project, path, (TsrExportTiles){TSR_EXPORT_ALL, chosen}, true, records,
                      progress, error);
}
