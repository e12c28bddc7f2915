#include "tsr-slide-regions.h"

#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-geojson-read.h"
#include "tsr-i18n.h"
#include "tsr-project-truth.h"
#include "tsr-region-tiles.h"

#include <string.h>

struct TsrSlideRegions {
  size_t n, present;         /* slides, and how many of them can be cut */
  GPtrArray **area, **truth; /* [n] of char *; NULL: none */
  double share;
  bool gives_truth;
};

void
tsr_slide_regions_free (TsrSlideRegions *self)
{
  if (!self)
    return;
  for (size_t i = 0; i < self->n; i++) {
    g_clear_pointer (&self->area[i], g_ptr_array_unref);
    g_clear_pointer (&self->truth[i], g_ptr_array_unref);
  }
  g_free (self->area);
  g_free (self->truth);
  g_free (self);
}

bool
tsr_slide_regions_give_truth (const TsrSlideRegions *self)
{
  return self->gives_truth;
}

/* ---- which file is about which slide ---- */

char *
tsr_slide_stem (const char *file)
{
  char *stem = g_path_get_basename (file), *dot = strrchr (stem, '.');
  if (dot && dot > stem)
    *dot = '\0';
  size_t n = strlen (stem);
  if (n > 4 && g_ascii_strcasecmp (stem + n - 4, ".ome") == 0)
    stem[n - 4] = '\0';
  return stem;
}

void
tsr_slide_names_add_absent (GPtrArray *names, const char *file, bool meant)
{
  static const char *const endings[] = {".svs", ".tif", ".tiff", ".btf", ".ndpi",   ".mrxs",
                                        ".scn", ".bif", ".vms",  ".vmu", ".svslide"};
  g_autofree char *lower = g_ascii_strdown (file, -1), *stem = tsr_slide_stem (file);
  for (guint i = 0; i < G_N_ELEMENTS (endings) && !meant; i++)
    meant = g_str_has_suffix (lower, endings[i]);
  for (guint i = 0; i < names->len && meant; i++) {
    g_autofree char *other = tsr_slide_stem (names->pdata[i]);
    meant = !g_str_equal (stem, other);
  }
  if (meant)
    g_ptr_array_add (names, g_strdup (file));
}

static bool
any_is_named_after (char *const *paths, char *const *slides, size_t n)
{
  for (guint k = 0; paths && paths[k]; k++)
    if (tsr_geojson_find_slide (paths[k], slides, n) >= 0)
      return true;
  return false;
}

/* Files of any name are about the only slide; but where some are named after it, the others are
 * about other slides, which are not among these. Leaving out every file would be no limit at all,
 * which nobody asked for. */
static bool
assign (TsrSlideRegions *self, char *const *paths, char *const *slides, GPtrArray **to,
        GPtrArray *foreign, GError **error)
{
  bool some = any_is_named_after (paths, slides, self->present), by_name = self->n > 1 || some;
  for (guint k = 0; paths && paths[k]; k++) {
    gssize found = by_name ? tsr_geojson_find_slide (paths[k], slides, self->n) : 0;
    if (found >= (gssize)self->present) {
      if (!foreign)
        continue;
      found = -1;
    }
    if (found < 0 && foreign && some) {
      if (!g_ptr_array_find_with_equal_func (foreign, paths[k], g_str_equal, NULL))
        g_ptr_array_add (foreign, g_strdup (paths[k]));
      continue;
    }
    if (found < 0) {
      g_autofree char *shown = g_filename_display_name (paths[k]);
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("“%s” is named after none of the slides, or after several: call it like its "
                      "slide, “%s.geojson” for instance."),
                   shown, self->n > 0 ? slides[0] : "slide");
      return false;
    }
    if (!to[found])
      to[found] = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (to[found], g_strdup (paths[k]));
  }
  return true;
}

TsrSlideRegions *
tsr_slide_regions_new (char *const *files, size_t n, size_t absent, char *const *area,
                       char *const *truth, double share, GPtrArray *foreign, GError **error)
{
  g_autoptr (TsrSlideRegions) self = g_new0 (TsrSlideRegions, 1);
  g_auto (GStrv) slides = g_new0 (char *, n + 1);
  for (size_t i = 0; i < n; i++)
    slides[i] = tsr_slide_stem (files[i]);
  self->n = n;
  self->present = n - absent;
  self->area = g_new0 (GPtrArray *, n + 1);
  self->truth = g_new0 (GPtrArray *, n + 1);
  self->share = share;
  self->gives_truth = truth != NULL;
  if (!assign (self, area, slides, self->area, foreign, error) ||
      !assign (self, truth, slides, self->truth, foreign, error))
    return NULL;
  return g_steal_pointer (&self);
}

const GPtrArray *
tsr_slide_regions_area (const TsrSlideRegions *self, size_t i)
{
  return self->area[i];
}

/* ---- reading ---- */

static void
free_region (gpointer region)
{
  tsr_region_free (region);
}

/* What tells of single tiles only is no area, but truth all the same. */
static void
drop_tiles (GPtrArray *regions)
{
  guint kept = 0;
  for (guint i = 0; i < regions->len; i++) {
    TsrRegion *region = g_steal_pointer (&regions->pdata[i]);
    if (tsr_region_tells_of_tile (region))
      tsr_region_free (region);
    else
      regions->pdata[kept++] = region;
  }
  g_ptr_array_set_size (regions, (int)kept);
}

static GPtrArray *
read_regions (const GPtrArray *paths, bool area, const TsrProgress *progress, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (free_region);
  for (guint k = 0; k < paths->len; k++) {
    TsrProgressShare share;
    TsrProgress part =
        tsr_progress_share (progress, &share, (double)k / paths->len, (k + 1.0) / paths->len, NULL);
    g_autoptr (GPtrArray) regions =
        tsr_geojson_read (paths->pdata[k], 1u << TSR_REGION_ANNOTATION, NULL, &part, error);
    if (!regions)
      return NULL;
    if (area)
      drop_tiles (regions);
    if (regions->len == 0) {
      g_autofree char *shown = g_filename_display_name (paths->pdata[k]);
      g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                   _ ("“%s” holds no annotation that has an area, so it says nothing about tiles; "
                      "draw some on its slide and export it again, or leave it out."),
                   shown);
      return NULL;
    }
    g_ptr_array_extend_and_steal (all, g_steal_pointer (&regions));
  }
  return g_steal_pointer (&all);
}

GPtrArray *
tsr_slide_regions_read_area (const GPtrArray *paths, const TsrProgress *progress, GError **error)
{
  return read_regions (paths, true, progress, error);
}

bool
tsr_slide_regions_limit (const TsrSlideRegions *self, size_t i, TsrSlideCut *cut, gint64 *outside,
                         const TsrProgress *progress, GError **error)
{
  *outside = -1;
  if (!self->area[i])
    return true;
  TsrProgressShare share;
  TsrProgress reading = tsr_progress_share (progress, &share, 0, 0.5, NULL);
  g_autoptr (GPtrArray) regions = read_regions (self->area[i], true, &reading, error);
  if (!regions)
    return false;
  TsrProgress comparing = tsr_progress_share (progress, &share, 0.5, 1, NULL);
  guint before = cut->tiling.tiles->len;
  if (!tsr_regions_limit (regions, cut->tiling.tiles, self->share, &comparing, error))
    return false;
  *outside = before - cut->tiling.tiles->len;
  return true;
}

/* ---- ground truth ---- */

typedef struct {
  GArray *tiles; /* uint32_t */
  GArray *boxes; /* TsrBox */
} SlideTiles;

static bool
list_tiles (TsrProject *project, int32_t slide, SlideTiles *list, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, (size_t)n + 1);
  if (!tsr_project_regions (project, regions, error))
    return false;
  for (uint32_t tile = 0; tile < n; tile++) {
    const TsrTileRegion *region = &regions[tile];
    TsrBox box = {(double)region->x, (double)region->y, region->width, region->height};
    if (region->slide != slide)
      continue;
    g_array_append_val (list->tiles, tile);
    g_array_append_val (list->boxes, box);
  }
  return true;
}

static bool
store (TsrProject *project, const SlideTiles *list, const TsrRegionLabels *labels, gint64 *stored,
       GError **error)
{
  g_autofree uint32_t *tiles = g_new (uint32_t, (size_t)list->tiles->len + 1);
  g_autofree const char **names = g_new (const char *, (size_t)list->tiles->len + 1);
  size_t n = 0;
  for (guint i = 0; i < list->tiles->len; i++) {
    int32_t label = labels->of_box[i];
    if (label < 0)
      continue;
    tiles[n] = g_array_index (list->tiles, uint32_t, i);
    names[n++] = g_strstrip (((TsrRegionClass *)labels->classes->pdata[label])->name);
  }
  *stored = (gint64)n;
  return tsr_project_set_truth (project, tiles, names, n, error);
}

bool
tsr_slide_regions_truth (const TsrSlideRegions *self, size_t i, TsrProject *project, int32_t slide,
                         gint64 *tiles, const TsrProgress *progress, GError **error)
{
  *tiles = -1;
  if (!self->truth[i])
    return true;
  TsrProgressShare share;
  TsrProgress reading = tsr_progress_share (progress, &share, 0, 0.5, NULL);
  g_autoptr (GPtrArray) regions = read_regions (self->truth[i], false, &reading, error);
  if (!regions)
    return false;
  TsrProgress comparing = tsr_progress_share (progress, &share, 0.5, 1, NULL);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                     boxes = g_array_new (FALSE, FALSE, sizeof (TsrBox));
  SlideTiles list = {numbers, boxes};
  g_auto (TsrRegionLabels) labels = {0};
  return list_tiles (project, slide, &list, error) &&
         tsr_regions_label (regions, (const TsrBox *)(const void *)boxes->data, boxes->len,
                            self->share, &labels, &comparing, error) &&
         store (project, &list, &labels, tiles, error);
}
