#include "whole-project.h"

#include "fixture.h"
#include "label-script.h"
#include "slide-fixture.h"
#include "tsr-project-slides.h"
#include "tsr-tile-pictures.h"

#include <glib/gstdio.h>

void
whole_project_add_slide (TsrProject *project, const char *folder)
{
  static const SlideKind kind = {.bits = 8,
                                 .samples = 3,
                                 .photometric = PHOTOMETRIC_RGB,
                                 .planar = PLANARCONFIG_CONTIG,
                                 .compression = COMPRESSION_NONE,
                                 .orientation = ORIENTATION_TOPLEFT,
                                 .tile_w = 32,
                                 .tile_h = 32,
                                 .n_levels = 1,
                                 .mpp = 0.5};
  g_autoptr (GError) error = NULL;
  g_autofree char *made = slide_write (&kind), *path = g_build_filename (folder, "s.tiff", NULL);
  fixture_copy (made, path);
  g_unlink (made);
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  TsrTilingOptions options = tsr_tiling_options ();
  options.pixels = 32;
  TsrMaskOptions mask = tsr_mask_options ();
  mask.brightness = 255; /* everything that is not white */
  mask.pen = false;
  g_auto (TsrSlideCut) cut = {0};
  TsrSlideAdded added;
  tsr_slide_cut (slide, &options, &mask, &cut, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cut.tiling.tiles->len, >, 5);
  tsr_project_add_slide (project, slide, &cut, &options, &mask, &added, NULL, &error);
  g_assert_no_error (error);
}

void
whole_project_fill (TsrProject *project, unsigned operations)
{
  g_autoptr (GError) error = NULL;
  uint32_t n = tsr_project_n_tiles (project), order[] = {3, 1, 2};
  Script script;
  script_init (&script, n, 11);
  for (unsigned i = 0; i < operations; i++) {
    ScriptOperation operation;
    script_next (&script, &operation);
    script_run (&operation, project, NULL, &error);
    g_assert_no_error (error);
    script_apply (&script, &operation);
  }
  script_clear (&script);
  g_autofree float *w = g_new0 (float, n * 16);
  tsr_project_put_vectors (project, "model", 0, n, 16, w, &error);
  tsr_project_put_map (project, w, n, "{}", &error);
  tsr_project_put_suggestions (project, order, 3, "fps", &error);
  tsr_project_set_model (project, "/nowhere/model.safetensors", &error);
  const char *values[] = {"S1", "S2", NULL, "S1"};
  g_autoptr (TsrColumn) column = tsr_column_new ("slide", values, G_N_ELEMENTS (values));
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  g_ptr_array_add (columns, column);
  tsr_project_put_columns (project, columns, &error);
  tsr_project_set (project, "annotator", "Ada", &error);
  g_assert_no_error (error);
}

void
whole_project_sentence (bool ok, GError **error)
{
  if (!ok && *error)
    fixture_assert_sentence (error);
  g_clear_error (error);
}

static void
read_slides (TsrProject *project)
{
  g_autoptr (GError) error = NULL;
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, n + 1);
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, &error);
  whole_project_sentence (slides != NULL, &error);
  bool placed = tsr_project_regions (project, regions, &error);
  whole_project_sentence (placed, &error);
  for (uint32_t i = 0; slides && placed && i < n; i++)
    g_assert_cmpint (regions[i].slide, <, (int)slides->len);
  TsrTissueMask mask;
  TsrTilingOptions options;
  TsrMaskOptions mask_options;
  bool use_mask;
  if (tsr_project_slide_mask (project, 0, &mask, &error))
    tsr_tissue_mask_clear (&mask);
  whole_project_sentence (false, &error);
  whole_project_sentence (
      tsr_project_slide_options (project, &options, &mask_options, &use_mask, &error), &error);
  uint32_t tiles[3] = {n / 2, n - 1, n};
  g_autoptr (TsrTilePictures) pictures = tsr_tile_pictures_new (project, tiles, 3, &error);
  whole_project_sentence (pictures != NULL, &error);
  uint8_t pixels[3 * 8 * 8 * 3], missing[3];
  if (pictures)
    tsr_tile_pictures_load_many (pictures, 0, 3, 8, 3, pixels, missing, NULL);
}

void
whole_project_read (TsrProject *project)
{
  g_autoptr (GError) error = NULL;
  uint32_t n = tsr_project_n_tiles (project), found;
  g_autofree int32_t *label = g_new (int32_t, n + 1), *truth = g_new (int32_t, n + 1);
  g_autofree uint8_t *excluded = g_new (uint8_t, n + 1);
  g_auto (GStrv) names = tsr_project_tile_names (project),
                 classes = tsr_project_truth (project, truth);
  g_assert_cmpuint (g_strv_length (names), ==, n);
  whole_project_sentence (tsr_project_labels (project, label, excluded, &error), &error);
  for (uint32_t i = 0; i < MIN (n, 30); i++) {
    TsrImage image = {0};
    g_autofree char *path = tsr_project_tile_path (project, i), *who = NULL;
    gint64 when;
    TsrHow how;
    if (tsr_project_thumbnail (project, i, &image, &error))
      tsr_image_clear (&image);
    g_clear_error (&error); /* of the image reader */
    tsr_project_label_origin (project, i, &who, &when, &how);
    whole_project_sentence (tsr_project_find_tile (project, names[i], &found, &error), &error);
  }
  g_autoptr (GPtrArray) skipped = tsr_project_skipped (project),
                        list = tsr_project_classes (project),
                        journal = tsr_project_journal (project, 1000);
  g_autoptr (GArray) changes = tsr_project_journal_changes (project, 3),
                     queue = tsr_project_get_suggestions (project);
  g_autofree int32_t *by = g_new (int32_t, n + 1);
  g_auto (GStrv) who_labelled = tsr_project_label_origins (project, by, excluded, &error);
  whole_project_sentence (who_labelled != NULL, &error);
  g_autofree float *w = NULL, *y = NULL;
  g_autofree char *model_id = NULL, *info = NULL, *model = tsr_project_get_model (project),
                  *setting = tsr_project_get (project, "annotator");
  uint32_t d, map_n;
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, &error);
  whole_project_sentence (columns != NULL, &error);
  whole_project_sentence (tsr_project_get_vectors (project, &w, &d, &model_id, &error), &error);
  whole_project_sentence (tsr_project_get_map (project, &y, &map_n, &info, &error), &error);
  read_slides (project);
}

void
whole_project_write (TsrProject *project)
{
  g_autoptr (GError) error = NULL;
  uint32_t tiles[] = {0, 5, 7};
  int32_t unsure = TSR_LABEL_UNSURE;
  float w[16] = {0};
  whole_project_sentence (tsr_project_undo (project, "Ada", NULL, NULL, &error), &error);
  whole_project_sentence (tsr_project_redo (project, "Ada", NULL, NULL, &error), &error);
  whole_project_sentence (
      tsr_project_label (project, tiles, &unsure, 3, true, TSR_HOW_LASSO, "Ada", NULL, &error),
      &error);
  for (int i = 0; i < 5; i++)
    whole_project_sentence (tsr_project_undo (project, "Ada", NULL, NULL, &error), &error);
  whole_project_sentence (tsr_project_merge_class (project, 1, 2, "Ada", NULL, &error), &error);
  whole_project_sentence (tsr_project_exclude (project, tiles, 3, true, "Ada", NULL, &error),
                          &error);
  whole_project_sentence (tsr_project_add_class (project, "new", -1, &error) > 0, &error);
  whole_project_sentence (tsr_project_put_vectors (project, "model", 3, 1, 16, w, &error), &error);
  whole_project_sentence (tsr_project_put_suggestions (project, tiles, 3, "fps", &error), &error);
  whole_project_sentence (tsr_project_set (project, "key", "value", &error), &error);
  whole_project_sentence (tsr_project_remove_column (project, "slide", NULL, &error), &error);
  whole_project_sentence (tsr_project_set_slide_mpp (project, 0, 0.5, &error), &error);
  whole_project_sentence (tsr_project_hide_slide_names (project, &error), &error);
  whole_project_sentence (tsr_project_relink_slide (project, 0, "/nowhere/s.tiff", &error), &error);
}
