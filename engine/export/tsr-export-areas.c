#include "tsr-csv.h"
#include "tsr-error.h"
#include "tsr-export.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-slide-counts.h"

#include <math.h>

typedef struct {
  const TsrTable *table;
  const GPtrArray *slides; /* TsrProjectSlide */
  const TsrSlideCounts *counts;
  const TsrProgress *progress;
  uint32_t records;
} Job;

/* Empty where a pixel's size is not known, also for classes without a tile: a zero beside blanks
 * would look as if it had been measured. */
static void
write_area (FILE *file, const TsrProjectSlide *slide, double mm2)
{
  tsr_csv_number (file, isfinite (slide->mpp) ? mm2 : NAN, 9, false);
}

static void
write_record (FILE *file, const Job *job, guint number, uint32_t class_)
{
  const TsrProjectSlide *slide = job->slides->pdata[number];
  size_t at = (size_t)number * job->counts->n_classes + class_;
  const TsrSlideCount *labelled = &job->counts->labelled[at],
                      *predicted = &job->counts->predicted[at];
  TsrSlideCount all = tsr_slide_counts_all (job->counts, number);
  tsr_csv_text (file, slide->name, true);
  tsr_csv_text (file, tsr_table_nth_class (job->table, (int32_t)class_)->name, false);
  fprintf (file, ",%u,%u", labelled->tiles, predicted->tiles);
  write_area (file, slide, labelled->mm2);
  write_area (file, slide, predicted->mm2);
  fprintf (file, ",%u", all.tiles);
  write_area (file, slide, all.mm2);
  tsr_csv_end (file);
}

static bool
fill (FILE *file, void *data, GError **error)
{
  static const char *const columns[] = {"slide",           "class",        "tiles_labelled",
                                        "tiles_predicted", "mm2_labelled", "mm2_predicted",
                                        "slide_tiles",     "slide_mm2"};
  Job *job = data;
  for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
    tsr_csv_text (file, columns[i], i == 0);
  tsr_csv_end (file);
  for (guint s = 0; s < job->slides->len && !ferror (file); s++) {
    if (!tsr_progress_step (job->progress, (double)s / job->slides->len,
                            TSR_STAGE ("Writing the table"), error))
      return false;
    for (uint32_t c = 0; c < job->counts->n_classes; c++, job->records++)
      write_record (file, job, s, c);
  }
  return true;
}

bool
tsr_export_areas (const TsrTable *table, TsrProject *project, const char *path, uint32_t *records,
                  const TsrProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) slides = NULL;
  g_autoptr (TsrSlideCounts) counts = tsr_slide_counts_read (table, project, &slides, error);
  if (!counts)
    return false;
  if (slides->len == 0) {
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED,
                         _ ("The project has no slides, so there are no areas by slide; “tessera "
                            "place” says on which slides tiles that are files lie."));
    return false;
  }
  Job job = {table, slides, counts, progress, 0};
  bool ok = tsr_file_replace (path, fill, &job, error);
  if (records)
    *records = job.records;
  return ok;
}
