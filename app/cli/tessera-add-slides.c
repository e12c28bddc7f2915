/* Slides named on the command line, and those in folders, join a project one after the other. */

#include "tessera-slide-options.h"
#include "tessera-slide-regions.h"

#include "tsr-error.h"
#include "tsr-folder-walk.h"
#include "tsr-slide-coords.h"
#include "tsr-slide-list.h"
#include "tsr-slide-pool.h"

#include <math.h>
#include <string.h>

#define SHARE_CUTTING 0.2  /* of a slide's time, for the progress */
#define SHARE_AREA    0.25 /* its end */
#define SHARE_ADDING  0.95

typedef struct {
  TesseraCli *cli;
  TsrProject *project;
  TesseraSlideOptions options;
  GPtrArray *files;   /* TsrWalkedFile: to be opened, then those that can be */
  GPtrArray *skipped; /* TsrSkippedFile */
  TsrSlideRegions *regions;
  TsrSlideCoords *coords; /* NULL: a grid is laid */
  json_t *list;           /* "slides" of the result */
  GString *lines;         /* the same for people: printed when all has gone well */
  TesseraSlidesAdded *added;
  GHashTable *joined; /* numbers of slides */
  bool large;         /* a slide has room for a tile */
  char *damaged; /* why tiles of a slide stay out that cannot be read, for people; of the last */
} Adding;

static void
free_walked (gpointer data)
{
  tsr_walked_file_free (data);
}

/* ---- which files ---- */

static void
refuse_empty (char *const *folders, GError **error)
{
  g_autofree char *shown = g_filename_display_name (folders[0]);
  guint others = g_strv_length ((char **)folders) - 1;
  g_autofree char *rest = others == 0   ? g_strdup ("")
                          : others == 1 ? g_strdup (", nor in the other folder")
                                        : g_strdup_printf (", nor in the %u other folders", others);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_IMAGE,
      "There is no slide in the folder “%s”%s; --slides takes folders that hold slides, or "
      "their files.",
      shown, rest);
}

static bool
list_all (Adding *self, GError **error)
{
  char *const *words = tessera_options_words (self->cli->options, "slides");
  if (!tsr_slide_list ((const char *const *)words, self->files, self->skipped, &self->cli->progress,
                       error))
    return false;
  if (self->files->len > 0)
    return true;
  const TsrSkippedFile *first = self->skipped->len ? self->skipped->pdata[0] : NULL;
  if (first)
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE,
                 "None of the files can be read as a slide; of “%s”: %s", first->file,
                 first->reason);
  else
    refuse_empty (words, error);
  return false;
}

static bool
says_mpp (const TsrWalkedFile *file)
{
  g_autoptr (TsrSlide) slide = tsr_slide_pool_open (file->path, NULL);
  return !slide || !isnan (tsr_slide_effective_mpp (tsr_slide_info (slide), NAN));
}

static void
refuse_silent (const GPtrArray *files, GError **error)
{
  const TsrWalkedFile *first = files->pdata[0];
  g_autofree char *others =
      files->len == 1 ? g_strdup (" does") : g_strdup_printf (" and %u more do", files->len - 1);
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_IMAGE,
      "“%s”%s not say how many micrometres a pixel is wide; say it with --slide-mpp, which "
      "counts for slides that do not say, ask for tiles in pixels, without --mpp and "
      "--micrometres, or leave such files out.",
      first->relative, others);
}

/* Before anything is cut: a size of pixels is never guessed. Slides that do not say theirs are left
 * out; if none does, that is asked for. */
static bool
check_mpp (Adding *self, GError **error)
{
  const TsrTilingOptions *tiling = &self->options.tiling;
  if (tessera_options_given (self->cli->options, "coords") ||
      (isnan (tiling->mpp) && isnan (tiling->micrometres)) || !isnan (tiling->slide_mpp))
    return true;
  g_autoptr (GPtrArray) silent = g_ptr_array_new_with_free_func (free_walked);
  for (guint i = 0; i < self->files->len;)
    if (says_mpp (self->files->pdata[i]))
      i++;
    else
      g_ptr_array_add (silent, g_ptr_array_steal_index (self->files, i));
  if (silent->len > 0 && self->files->len == 0) {
    refuse_silent (silent, error);
    return false;
  }
  for (guint i = 0; i < silent->len; i++)
    tsr_skip_file (self->skipped, ((const TsrWalkedFile *)silent->pdata[i])->relative,
                   "It does not say how many micrometres a pixel is wide; say it with --slide-mpp, "
                   "or ask for tiles in pixels, without --mpp and --micrometres");
  return true;
}

/* ---- joining ---- */

static char *
name_of (const Adding *self, int32_t slide)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (self->project, NULL);
  bool there = slides && slide >= 0 && slide < (int32_t)slides->len;
  return g_strdup (there ? ((TsrProjectSlide *)slides->pdata[slide])->name : "");
}

/* What annotations said of a slide: both -1 where they say nothing. */
typedef struct {
  gint64 outside, truth;
} Annotated;

static void
report_annotated (Adding *self, const char *name, json_t *object, const Annotated *annotated)
{
  TesseraCli *cli = self->cli;
  bool area = tessera_options_given (cli->options, "area"),
       truth = tsr_slide_regions_give_truth (self->regions);
  if (area)
    json_object_set_new (object, "outside",
                         annotated->outside < 0 ? json_null () : json_integer (annotated->outside));
  if (truth)
    json_object_set_new (object, "truth",
                         annotated->truth < 0 ? json_null () : json_integer (annotated->truth));
  if (area && annotated->outside < 0)
    tessera_cli_note (cli, "%s: no file of --area is named after it, so nothing limits its tiles.",
                      name);
  if (truth && annotated->truth < 0)
    tessera_cli_note (cli, "%s: no annotations are named after it, so it has no ground truth.",
                      name);
  if (annotated->truth == 0)
    tessera_cli_note (
        cli,
        "%s: no classified annotation covers enough of a tile to be its ground truth; "
        "--area-share says how much is enough.",
        name);
}

static void
report (Adding *self, TsrSlide *slide, const TsrSlideCut *cut, const TsrSlideAdded *added,
        const Annotated *annotated)
{
  TesseraCli *cli = self->cli;
  const TsrSlideInfo *info = tsr_slide_info (slide);
  double mpp = tsr_slide_effective_mpp (info, self->options.tiling.slide_mpp);
  g_autofree char *name = name_of (self, added->slide), *shown = tessera_cli_shown (name);
  json_t *object = json_object ();
  tessera_cli_set_text (object, "slide", name);
  tessera_cli_set_text (object, "format", info->format);
  tessera_cli_set_number (object, "mpp", mpp);
  tessera_cli_set_number (object, "tile_mpp", cut->tiling.mpp);
  json_object_set_new (object, "side", json_integer (cut->tiling.side));
  json_object_set_new (object, "level", json_integer (cut->tiling.level));
  json_object_set_new (object, "grid", json_integer ((json_int_t)cut->tiling.grid));
  json_object_set_new (object, "tiles", json_integer (added->tiles));
  json_object_set_new (object, "known", json_integer (added->known));
  json_object_set_new (object, "damaged", json_integer (added->damaged));
  json_array_append_new (self->list, object);
  g_string_append_printf (
      self->lines, "%s: %u %s of %d %s (%s), of %" G_GINT64_FORMAT " %s.\n", shown, added->tiles,
      tessera_cli_noun (added->tiles, "tile", "tiles"), cut->tiling.side,
      tessera_cli_noun ((guint64)cut->tiling.side, "pixel", "pixels"), info->format,
      cut->tiling.grid, tessera_cli_noun ((guint64)cut->tiling.grid, "place", "places"));
  if (added->known)
    tessera_cli_note (cli, "%s: %u %s there already.", shown, added->known,
                      tessera_cli_noun (added->known, "tile was", "tiles were"));
  if (added->damaged) {
    g_autofree char *reason = tessera_cli_shown (added->reason);
    g_free (self->damaged);
    self->damaged = g_strdup_printf ("of “%s”: %s", shown, reason);
    tessera_cli_note (cli, "%s: %u %s out: %s", shown, added->damaged,
                      tessera_cli_noun (added->damaged, "tile cannot be read and stays",
                                        "tiles cannot be read and stay"),
                      reason);
  }
  report_annotated (self, shown, object, annotated);
  if (added->tiles + added->known == 0 && annotated->outside > 0)
    tessera_cli_note (cli, "%s: all of its tiles lie outside of the annotations.", shown);
  else if (cut->tiling.grid == 0)
    tessera_cli_note (
        cli,
        "%s: a tile of %d x %d of the slide's pixels is larger than the slide (%" G_GINT64_FORMAT
        " x %" G_GINT64_FORMAT "); --tile-size, --mpp and --micrometres say how large it is.",
        shown, cut->tiling.side, cut->tiling.side, info->levels[0].width, info->levels[0].height);
  else if (added->tiles + added->known + added->damaged == 0)
    tessera_cli_note (cli,
                      "%s: no tile shows enough tissue; --tissue, --saturation, --brightness and "
                      "--no-mask say what counts.",
                      shown);
}

static bool
join (Adding *self, guint number, TsrSlide *slide, const TsrProgress *progress, GError **error)
{
  TsrTilingOptions tiling = self->options.tiling;
  const TsrMaskOptions *mask = self->options.use_mask && !self->coords ? &self->options.mask : NULL;
  TsrProgressShare shares[4];
  TsrProgress cutting = tsr_progress_share (progress, &shares[0], 0, SHARE_CUTTING, NULL),
              limiting = tsr_progress_share (progress, &shares[1], SHARE_CUTTING, SHARE_AREA, NULL),
              adding = tsr_progress_share (progress, &shares[2], SHARE_AREA, SHARE_ADDING, NULL),
              stating = tsr_progress_share (progress, &shares[3], SHARE_ADDING, 1, NULL);
  Annotated annotated;
  g_auto (TsrSlideCut) cut = {0};
  g_auto (TsrSlideAdded) added = {0};
  if (!(self->coords ? tsr_slide_coords_cut (self->coords, number, slide, &tiling, &cut, error)
                     : tsr_slide_cut (slide, &tiling, mask, &cut, &cutting, error)) ||
      !tsr_slide_regions_limit (self->regions, number, &cut, &annotated.outside, &limiting,
                                error) ||
      !tsr_project_add_slide (self->project, slide, &cut, &tiling, mask, &added, &adding, error) ||
      !tsr_slide_regions_truth (self->regions, number, self->project, added.slide, &annotated.truth,
                                &stating, error))
    return false;
  if (g_hash_table_add (self->joined, GINT_TO_POINTER (added.slide)))
    self->added->slides++; /* a copy of a slide is the same slide */
  self->large |= cut.tiling.grid > 0;
  self->added->tiles += added.tiles;
  report (self, slide, &cut, &added, &annotated);
  return true;
}

/* What cannot be read of a slide costs this slide; a full disk, a wrong option and Ctrl+C end it
 * all. */
static bool
join_all (Adding *self, GError **error)
{
  guint n = self->files->len;
  for (guint i = 0; i < n; i++) {
    const TsrWalkedFile *file = self->files->pdata[i];
    TsrProgressShare share;
    TsrProgress progress =
        tsr_progress_share (&self->cli->progress, &share, (double)i / n, (double)(i + 1) / n, NULL);
    g_autoptr (GError) cause = NULL;
    g_autoptr (TsrSlide) slide = tsr_slide_pool_open (file->path, &cause);
    if (slide && join (self, i, slide, &progress, &cause))
      continue;
    if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_IMAGE)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return false;
    }
    g_autofree char *reason = tsr_image_reason (cause, file->path);
    tsr_skip_file (self->skipped, file->relative, reason);
  }
  return true;
}

/* A table that was named and cannot be used ends it; one of a folder is told and stops nothing. */
static bool
find_coords (Adding *self, char *const *names, size_t n, GError **error)
{
  TesseraCli *cli = self->cli;
  TsrSlideCoordsOptions with = {.side =
                                    (double)tessera_options_integer (cli->options, "coords-size"),
                                .side_option = "--coords-size",
                                .strict = true};
  g_autoptr (GPtrArray) refused = tsr_skipped_files_new ();
  self->coords = tsr_slide_coords_new (names, n, tessera_options_words (cli->options, "coords"),
                                       &with, refused, &cli->progress, error);
  for (guint i = 0; i < refused->len; i++)
    tessera_cli_note (cli, "%s", ((const TsrSkippedFile *)refused->pdata[i])->reason);
  uint32_t unknown = self->coords ? tsr_slide_coords_unknown (self->coords) : 0;
  if (unknown > 0)
    tessera_cli_note (cli, "%u %s about none of the slides.", unknown,
                      tessera_cli_noun (unknown, "row of --coords is", "rows of --coords are"));
  return self->coords != NULL;
}

/* Whether a file was named itself; in a folder lie other things than slides. */
static bool
is_named (const Adding *self, const char *file)
{
  char *const *words = tessera_options_words (self->cli->options, "slides");
  for (guint i = 0; words[i]; i++) {
    g_autofree char *base = g_path_get_basename (words[i]), *shown = tsr_escape_name (base);
    if (g_str_equal (shown, file) && !g_file_test (words[i], G_FILE_TEST_IS_DIR))
      return true;
  }
  return false;
}

/* Which annotations and coordinates are about which slide, before anything is cut. */
static bool
find_regions (Adding *self, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->files->len; i++)
    g_ptr_array_add (all, g_strdup (((const TsrWalkedFile *)self->files->pdata[i])->relative));
  for (guint i = 0; i < self->skipped->len; i++) {
    const char *name = ((const TsrSkippedFile *)self->skipped->pdata[i])->file;
    tsr_slide_names_add_absent (all, name, is_named (self, name));
  }
  char *const *names = (char *const *)all->pdata;
  size_t n = all->len;
  self->regions = tessera_slide_regions_new (self->cli, names, n, n - self->files->len, error);
  return self->regions && (!tessera_options_given (self->cli->options, "coords") ||
                           find_coords (self, names, n, error));
}

/* Why no tile has joined. */
static void
refuse_nothing (const Adding *self, GError **error)
{
  if (self->added->slides == 0) {
    const TsrSkippedFile *last = self->skipped->pdata[self->skipped->len - 1];
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, "None of the slides can be cut; of “%s”: %s",
                 last->file, last->reason);
    return;
  }
  if (self->damaged) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_IMAGE, "No tile of the slides can be read; %s",
                 self->damaged);
    return;
  }
  g_set_error_literal (
      error, TSR_ERROR, TSR_ERROR_IMAGE,
      !self->large
          ? "None of the slides is as large as a tile: a smaller --tile-size makes it smaller."
      : tessera_options_given (self->cli->options, "area")
          ? "No tile of the slides shows enough tissue and lies inside of the annotations: a "
            "smaller --area-share, --tissue or --tile-size, or --no-mask, takes more."
          : "None of the slides shows a tile with enough tissue: a smaller --tissue or "
            "--tile-size, or --no-mask, takes more.");
}

static bool
work (Adding *self, GError **error)
{
  TesseraCli *cli = self->cli;
  if (!tessera_slide_options_read (cli, self->project, &self->options, error) ||
      !list_all (self, error) || !check_mpp (self, error) || !find_regions (self, error))
    return false;
  if (tessera_options_flag (cli->options, "hide-names") &&
      !tsr_project_hide_slide_names (self->project, error))
    return false;
  json_object_set (cli->result, "slides", self->list);
  bool ok = join_all (self, error) &&
            (!tsr_slide_regions_give_truth (self->regions) ||
             tessera_add_truth_classes (cli, self->project, error)) &&
            tsr_project_store_skipped_slides (self->project, self->skipped, error);
  if (ok && self->added->tiles == 0 && tsr_project_n_tiles (self->project) == 0) {
    refuse_nothing (self, error);
    ok = false;
  }
  if (ok)
    tessera_cli_print (cli, "%s", self->lines->str);
  return ok;
}

bool
tessera_add_slides (TesseraCli *cli, TsrProject *project, TesseraSlidesAdded *added, GError **error)
{
  *added = (TesseraSlidesAdded){0};
  Adding self = {.cli = cli,
                 .project = project,
                 .files = g_ptr_array_new_with_free_func (free_walked),
                 .skipped = tsr_skipped_files_new (),
                 .list = json_array (),
                 .lines = g_string_new (NULL),
                 .joined = g_hash_table_new (NULL, NULL),
                 .added = added};
  bool ok = work (&self, error);
  added->skipped = self.skipped->len;
  if (ok)
    tessera_cli_report_skipped (cli, self.skipped);
  else
    tessera_cli_report_refused (cli, self.skipped);
  g_ptr_array_unref (self.files);
  g_ptr_array_unref (self.skipped);
  tsr_slide_regions_free (self.regions);
  tsr_slide_coords_unref (self.coords);
  json_decref (self.list);
  g_hash_table_unref (self.joined);
  g_free (self.damaged);
  g_string_free (self.lines, TRUE);
  tsr_slide_pool_clear ();
  return ok;
}
