#include "tessera-import-slides.h"

#include "tsr-error.h"
#include "tsr-folder-walk.h"
#include "tsr-project-slides.h"
#include "tsr-slide-pool.h"
#include "tsr-slide-regions.h"

#include <glib/gi18n.h>

/* Of a slide's time, for the progress. */
#define SHARE_CUTTING 0.2
#define SHARE_AREA    0.25
#define SHARE_ADDING  0.95

static void
slide_choice_free (gpointer data)
{
  TesseraSlideChoice *slide = data;
  g_free (slide->path);
  g_free (slide->name);
  g_free (slide);
}

TesseraSlidesChoice *
tessera_slides_choice_new (void)
{
  TesseraSlidesChoice *choice = g_new0 (TesseraSlidesChoice, 1);
  choice->slides = g_ptr_array_new_with_free_func (slide_choice_free);
  choice->tiling = tsr_tiling_options ();
  choice->share = 0.5;
  choice->refused = tsr_skipped_files_new ();
  return choice;
}

void
tessera_slides_choice_free (TesseraSlidesChoice *choice)
{
  if (choice == NULL)
    return;
  g_ptr_array_unref (choice->slides);
  g_ptr_array_unref (choice->refused);
  g_strfreev (choice->area);
  tsr_slide_coords_unref (choice->coords);
  g_free (choice);
}

void
tessera_slides_choice_add (TesseraSlidesChoice *choice, const char *path, const char *name,
                           double mpp, const TsrMaskOptions *mask)
{
  TesseraSlideChoice *slide = g_new0 (TesseraSlideChoice, 1);
  *slide = (TesseraSlideChoice){g_strdup (path), g_strdup (name), mpp, mask != NULL,
                                mask != NULL ? *mask : tsr_mask_options ()};
  g_ptr_array_add (choice->slides, slide);
}

/* Why no tile of a slide joined: transfer full. */
static char *
none_of (const TsrSlide *slide, const TsrSlideCut *cut, gint64 outside)
{
  const TsrSlideLevel *whole = &tsr_slide_info (slide)->levels[0];
  if (outside > 0)
    return g_strdup (_ ("all of its tiles lie outside of the annotations"));
  if (cut->tiling.grid == 0)
    return g_strdup_printf (
        _ ("a tile would take %d x %d of its pixels, more than it has (%.0f x %.0f); smaller "
           "tiles, or fewer micrometres a pixel, fit"),
        cut->tiling.side, cut->tiling.side, (double)whole->width, (double)whole->height);
  return g_strdup (_ ("no tile of it shows enough tissue; with a smaller share of tissue, or "
                      "without looking for it, there are more"));
}

static void
note (const TesseraSlideChoice *wanted, const TsrSlideAdded *added, char *none,
      TesseraImportResult *result)
{
  g_autofree char *text = none;
  if (text != NULL)
    tsr_skip_file (result->skipped, wanted->name, text);
  if (added->damaged == 0)
    return;
  g_autofree char *damaged =
      g_strdup_printf (ngettext ("%u of its tiles cannot be read and stays out: %s",
                                 "%u of its tiles cannot be read and stay out: %s", added->damaged),
                       added->damaged, added->reason);
  tsr_skip_file (result->skipped, wanted->name, damaged);
}

static bool
join (TsrProject *project, const TesseraSlidesChoice *choice, guint number,
      const TsrSlideRegions *regions, const TsrProgress *progress, TesseraImportResult *result,
      GError **error)
{
  const TesseraSlideChoice *wanted = choice->slides->pdata[number];
  const TsrMaskOptions *mask = wanted->use_mask && choice->coords == NULL ? &wanted->mask : NULL;
  TsrTilingOptions tiling = choice->tiling;
  tiling.slide_mpp = wanted->mpp;
  TsrProgressShare cutting, adding, limiting, stating;
  TsrProgress first = tsr_progress_share (progress, &cutting, 0, SHARE_CUTTING, NULL),
              limit = tsr_progress_share (progress, &limiting, SHARE_CUTTING, SHARE_AREA, NULL),
              second = tsr_progress_share (progress, &adding, SHARE_AREA, SHARE_ADDING, NULL),
              third = tsr_progress_share (progress, &stating, SHARE_ADDING, 1, NULL);
  gint64 outside, truth;
  g_auto (TsrSlideCut) cut = {0};
  g_auto (TsrSlideAdded) added = {0};
  g_autoptr (TsrSlide) slide = tsr_slide_pool_open (wanted->path, error);
  if (slide == NULL ||
      !(choice->coords != NULL
            ? tsr_slide_coords_cut (choice->coords, number, slide, &tiling, &cut, error)
            : tsr_slide_cut (slide, &tiling, mask, &cut, &first, error)) ||
      !tsr_slide_regions_limit (regions, number, &cut, &outside, &limit, error) ||
      !tsr_project_add_slide (project, slide, &cut, &tiling, mask, &added, &second, error) ||
      !tsr_slide_regions_truth (regions, number, project, added.slide, &truth, &third, error))
    return false;
  result->added += added.tiles;
  bool any = added.tiles + added.known + added.damaged > 0;
  note (wanted, &added, any ? NULL : none_of (slide, &cut, outside), result);
  return true;
}

/* Files about other slides were named on the page that asked. */
static TsrSlideRegions *
find_regions (const TesseraSlidesChoice *choice, GError **error)
{
  g_autoptr (GPtrArray) foreign = g_ptr_array_new_with_free_func (g_free),
                        files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < choice->slides->len; i++)
    g_ptr_array_add (files,
                     g_strdup (((const TesseraSlideChoice *)choice->slides->pdata[i])->path));
  for (guint i = 0; i < choice->refused->len; i++)
    tsr_slide_names_add_absent (files, ((const TsrSkippedFile *)choice->refused->pdata[i])->file,
                                false);
  return tsr_slide_regions_new ((char *const *)files->pdata, files->len,
                                files->len - choice->slides->len, choice->area,
                                choice->truth ? choice->area : NULL, choice->share, foreign, error);
}

/* Those that were listed on the page that asked, and those of the import. */
static bool
keep_refused (TsrProject *project, const TesseraSlidesChoice *choice,
              const TesseraImportResult *result, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  for (guint i = 0; i < choice->refused->len; i++)
    g_ptr_array_add (all, choice->refused->pdata[i]);
  for (guint i = 0; i < result->skipped->len; i++)
    g_ptr_array_add (all, result->skipped->pdata[i]);
  return tsr_project_store_skipped_slides (project, all, error);
}

bool
tessera_import_slides_fill (TsrProject *project, const TesseraSlidesChoice *choice,
                            const TsrProgress *progress, TesseraImportResult *result,
                            GError **error)
{
  result->skipped = tsr_skipped_files_new ();
  if (choice->hide_names && !tsr_project_hide_slide_names (project, error))
    return false;
  guint n = choice->slides->len;
  g_autoptr (TsrSlideRegions) regions = find_regions (choice, error);
  if (regions == NULL)
    return false;
  for (guint i = 0; i < n; i++) {
    const TesseraSlideChoice *wanted = choice->slides->pdata[i];
    TsrProgressShare share;
    TsrProgress own =
        tsr_progress_share (progress, &share, (double)i / n, (double)(i + 1) / n, NULL);
    g_autoptr (GError) cause = NULL;
    if (join (project, choice, i, regions, &own, result, &cause))
      continue;
    if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_IMAGE)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return false;
    }
    g_autofree char *reason = tsr_image_reason (cause, wanted->path);
    tsr_skip_file (result->skipped, wanted->name, reason);
  }
  if (tsr_project_n_tiles (project) > 0)
    return keep_refused (project, choice, result, error);
  const TsrSkippedFile *first = result->skipped->len > 0 ? result->skipped->pdata[0] : NULL;
  g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, _ ("None of the slides gives a tile. %s: %s"),
               first != NULL ? first->file : "", first != NULL ? first->reason : "");
  return false;
}
