#include "tsr-error.h"
#include "tsr-export-geojson.h"
#include "tsr-folder-walk.h"
#include "tsr-geojson-read.h"
#include "tsr-geojson-write.h"
#include "tsr-i18n.h"
#include "tsr-label-import.h"
#include "tsr-project-places.h"
#include "tsr-region-tiles.h"

#include <string.h>

#define NOTHING G_MAXUINT32
#define UNSURE  (G_MAXUINT32 - 1)

typedef struct {
  TsrProject *project;
  const TsrLabelOptions *options;
  TsrLabelReport *report;
  uint32_t n;
  TsrTilePlace *places; /* [n] */
  GPtrArray *slides;    /* names, borrowed from places */
  uint32_t *wish;       /* [n] index into names, UNSURE or NOTHING */
  GHashTable *people;   /* whose labels files say they are: owns the names */
  const char **by;      /* [n] one of them; NULL: options->annotator */
  GArray *excluded;     /* uint32_t, tiles that files say are */
  GPtrArray *names;     /* classes that files name, each file's for itself */
  GArray *colors;       /* int64_t, one for each name */
} Importer;

static void
find_slides (Importer *importer)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  importer->slides = g_ptr_array_new ();
  for (uint32_t i = 0; i < importer->n; i++) {
    char *slide = importer->places[i].slide;
    if (slide && g_hash_table_add (known, slide))
      g_ptr_array_add (importer->slides, slide);
  }
}

static const char *
slide_of (const Importer *importer, const char *path, GError **error)
{
  char *const *slides = (char *const *)importer->slides->pdata;
  const char *wanted = importer->options->slide, *option = importer->options->slide_option;
  gssize found = -1;
  if (!wanted)
    found = tsr_geojson_find_slide (path, slides, importer->slides->len);
  for (guint i = 0; wanted && i < importer->slides->len; i++)
    if (strcmp (slides[i], wanted) == 0)
      found = i;
  if (found >= 0)
    return slides[found];
  g_autofree char *shown = g_filename_display_name (path);
  if (importer->slides->len == 0)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("No tile of the project says where on a slide it lies, so “%s” cannot label any; "
           "names must be QuPath's, “Slide [x=0,y=512,w=512,h=512].png”."),
        shown);
  else if (wanted && option)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 /* Translators: the third %s is an option of the command line. */
                 _ ("The project has no slide that “%s” is named after, and none called %s; say "
                    "with %s which one it is about, “%s” for instance."),
                 shown, wanted, option, slides[0]);
  else if (wanted)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("The project has no slide that “%s” is named after, and none called %s; call it "
           "like its slide, “%s.geojson” for instance."),
        shown, wanted, slides[0]);
  else if (option)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        /* Translators: the second %s is an option of the command line. */
        _ ("The project has no slide that “%s” is named after; say with %s which one it is "
           "about, “%s” for instance."),
        shown, option, slides[0]);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("The project has no slide that “%s” is named after; call it like its slide, "
                    "“%s.geojson” for instance."),
                 shown, slides[0]);
  return NULL;
}

/* One copy of each name; NULL where the label is the reader's of the file. */
static const char *
person (Importer *importer, const char *name)
{
  if (!name || !importer->options->annotator_column)
    return NULL;
  const char *known = g_hash_table_lookup (importer->people, name);
  if (known)
    return known;
  char *copy = g_strdup (name);
  g_hash_table_add (importer->people, copy);
  return copy;
}

static void
describe (Importer *importer, const char *path, const char *slide, const TsrGeojsonCounts *counts,
          const GPtrArray *annotations, uint32_t tiles, uint32_t told)
{
  TsrLabelFile *file = g_new (TsrLabelFile, 1);
  *file = (TsrLabelFile){.path = g_strdup (path),
                         .slide = g_strdup (slide),
                         .features = counts->features,
                         .annotations = annotations->len,
                         .no_area = counts->no_area,
                         .broken = counts->broken,
                         .tiles = tiles,
                         .told = told};
  for (guint i = 0; i < annotations->len; i++) {
    const TsrRegion *region = annotations->pdata[i];
    file->telling += (region->class_name && !g_str_has_suffix (region->class_name, "*")) ||
                     tsr_region_tells_of_tile (region);
  }
  g_ptr_array_add (importer->report->files, file);
}

static bool
read_file (Importer *importer, const char *path, const TsrProgress *progress, GError **error)
{
  const char *slide = slide_of (importer, path, error);
  TsrProgressShare share;
  TsrProgress reading = tsr_progress_share (progress, &share, 0, 0.5, NULL);
  TsrGeojsonCounts counts;
  g_autoptr (GPtrArray) regions =
      slide ? tsr_geojson_read (path, 1u << TSR_REGION_ANNOTATION, &counts, &reading, error) : NULL;
  if (!regions)
    return false;
  g_autofree uint32_t *tiles = g_new (uint32_t, (size_t)importer->n + 1);
  g_autofree TsrBox *boxes = g_new (TsrBox, (size_t)importer->n + 1);
  uint32_t n = 0, labelled = 0, told = 0;
  for (uint32_t i = 0; i < importer->n; i++) {
    const TsrTilePlace *place = &importer->places[i];
    if (!place->slide || strcmp (place->slide, slide) != 0)
      continue;
    boxes[n] = (TsrBox){place->x, place->y, place->width, place->height};
    tiles[n++] = i;
  }
  g_auto (TsrRegionLabels) labels = {0};
  TsrProgress comparing = tsr_progress_share (progress, &share, 0.5, 1, NULL);
  if (!tsr_regions_label (regions, boxes, n, importer->options->share, &labels, &comparing, error))
    return false;
  guint first = importer->names->len;
  for (guint c = 0; c < labels.classes->len; c++) {
    const TsrRegionClass *class_ = labels.classes->pdata[c];
    g_ptr_array_add (importer->names, g_strstrip (g_strdup (class_->name)));
    g_array_append_val (importer->colors, class_->rgb);
  }
  for (uint32_t i = 0; i < n; i++) {
    int32_t label = labels.of_box[i];
    told += labels.excluded[i] || label != TSR_REGION_NONE;
    if (labels.excluded[i])
      g_array_append_val (importer->excluded, tiles[i]);
    if (label == TSR_REGION_NONE)
      continue;
    importer->wish[tiles[i]] = label == TSR_REGION_UNSURE ? UNSURE : first + (guint)label;
    importer->by[tiles[i]] = person (importer, labels.by[i]);
    labelled++;
  }
  describe (importer, path, slide, &counts, regions, labelled, told);
  return true;
}

/* The name of the project's class that QuPath calls so, which is not always its own; else name.
 * Transfer full. */
static char *
own_name (const GPtrArray *classes, const char *name)
{
  g_autofree char *wanted = tsr_geojson_class_name (name);
  const char *found = NULL;
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *class_ = classes->pdata[i];
    g_autofree char *called = tsr_geojson_class_name (class_->name);
    if (strcmp (class_->name, name) == 0)
      return g_strdup (name);
    if (!found && strcmp (called, wanted) == 0)
      found = class_->name;
  }
  return g_strdup (found ? found : name);
}

/* The id of each name that a tile wishes for; -1: no class can be called so. */
static int32_t *
make_classes (Importer *importer)
{
  int32_t *ids = g_new (int32_t, (size_t)importer->names->len + 1);
  g_autoptr (GPtrArray) classes = tsr_project_classes (importer->project);
  g_autofree uint8_t *wanted = g_new0 (uint8_t, (size_t)importer->names->len + 1);
  for (uint32_t i = 0; i < importer->n; i++)
    if (importer->wish[i] < importer->names->len)
      wanted[importer->wish[i]] = 1;
  for (guint c = 0; c < importer->names->len; c++) {
    g_autofree char *name = wanted[c] ? own_name (classes, importer->names->pdata[c]) : NULL;
    g_autoptr (GError) cause = NULL;
    bool fresh = false;
    ids[c] = -1;
    if (!name)
      continue;
    ids[c] = tsr_label_class (importer->project, name, g_array_index (importer->colors, int64_t, c),
                              &fresh, &cause);
    if (fresh)
      g_ptr_array_add (importer->report->new_classes, g_strdup (name));
    if (ids[c] >= 0)
      continue;
    TsrLabelRefusal *refusal = g_new (TsrLabelRefusal, 1);
    *refusal = (TsrLabelRefusal){0, g_strdup (name), g_strdup (cause->message)};
    g_ptr_array_add (importer->report->refused, refusal);
  }
  return ids;
}

/* What one person said. */
typedef struct {
  const char *annotator;
  GArray *tiles, *values; /* uint32_t, int32_t */
} Batch;

static void
batch_free (void *data)
{
  Batch *batch = data;
  g_array_unref (batch->tiles);
  g_array_unref (batch->values);
  g_free (batch);
}

/* The batch of a person, in the order of their first tiles. */
static Batch *
batch_of (Importer *importer, GPtrArray *batches, GHashTable *known, uint32_t tile)
{
  const char *annotator = importer->by[tile] ? importer->by[tile] : importer->options->annotator;
  Batch *batch = g_hash_table_lookup (known, annotator);
  if (batch)
    return batch;
  batch = g_new (Batch, 1);
  *batch = (Batch){annotator, g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                   g_array_new (FALSE, FALSE, sizeof (int32_t))};
  g_ptr_array_add (batches, batch);
  g_hash_table_insert (known, (void *)annotator, batch);
  return batch;
}

/* A label that is there already is no news for the journal. */
static bool
sort_by_person (Importer *importer, const int32_t *ids, GPtrArray *batches, GError **error)
{
  g_autofree int32_t *label = g_new (int32_t, (size_t)importer->n + 1);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  if (!tsr_project_labels (importer->project, label, NULL, error))
    return false;
  for (uint32_t i = 0; i < importer->n; i++) {
    uint32_t wish = importer->wish[i];
    int32_t value = wish == UNSURE ? TSR_LABEL_UNSURE : wish == NOTHING ? -1 : ids[wish];
    if (value == -1)
      continue;
    importer->report->labelled++;
    if (value == label[i] || (importer->options->keep && label[i] != TSR_LABEL_NONE))
      continue;
    Batch *batch = batch_of (importer, batches, known, i);
    g_array_append_val (batch->tiles, i);
    g_array_append_val (batch->values, value);
  }
  return true;
}

static bool
write_labels (Importer *importer, const int32_t *ids, GError **error)
{
  g_autoptr (GPtrArray) batches = g_ptr_array_new_with_free_func (batch_free);
  if (!sort_by_person (importer, ids, batches, error))
    return false;
  for (guint i = 0; i < batches->len; i++) {
    const Batch *batch = batches->pdata[i];
    g_autoptr (GArray) changes = NULL;
    if (!tsr_project_label (importer->project, (const uint32_t *)batch->tiles->data,
                            (const int32_t *)batch->values->data, batch->tiles->len, false,
                            TSR_HOW_IMPORTED, batch->annotator, &changes, error))
      return false;
    importer->report->changed += tsr_label_count (changes);
  }
  return true;
}

static bool
exclude (Importer *importer, GError **error)
{
  g_autoptr (GArray) changes = NULL;
  if (importer->excluded->len == 0)
    return true;
  if (!tsr_project_exclude_as (importer->project, (const uint32_t *)importer->excluded->data,
                               importer->excluded->len, true, TSR_HOW_IMPORTED,
                               importer->options->annotator, &changes, error))
    return false;
  importer->report->excluded = tsr_label_count (changes);
  return true;
}

/* Labels and exclusions as one act: there as a whole or not at all, and one step for undo. */
static bool
write_all (Importer *importer, GError **error)
{
  g_autofree int32_t *ids = make_classes (importer);
  if (!tsr_project_begin_act (importer->project, error))
    return false;
  bool ok = write_labels (importer, ids, error) && exclude (importer, error);
  return tsr_project_end_act (importer->project, ok, error);
}

/* Every file that cannot be used has its sentence; with one of them nothing is labelled. */
static bool
read_all (Importer *importer, const char *const *paths, size_t n, const TsrProgress *progress,
          GError **error)
{
  GPtrArray *skipped = importer->report->skipped;
  g_autoptr (GError) first = NULL;
  for (size_t i = 0; i < n; i++) {
    g_autoptr (GError) cause = NULL;
    TsrProgressShare share;
    TsrProgress step = tsr_progress_share (progress, &share, (double)i / (double)n,
                                           ((double)i + 1) / (double)n, NULL);
    if (read_file (importer, paths[i], &step, &cause))
      continue;
    if (!g_error_matches (cause, TSR_ERROR, TSR_ERROR_FAILED)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return false;
    }
    g_autofree char *shown = g_filename_display_name (paths[i]);
    tsr_skip_file (skipped, shown, cause->message);
    if (!first)
      first = g_steal_pointer (&cause);
  }
  if (skipped->len > 1)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("%u of %zu files cannot be used, and nothing was labelled; the first of them: %s"),
        skipped->len, n, first->message);
  else if (first)
    g_propagate_error (error, g_steal_pointer (&first));
  return skipped->len == 0;
}

bool
tsr_labels_from_geojson (TsrProject *project, const char *const *paths, size_t n,
                         const TsrLabelOptions *options, TsrLabelReport *report,
                         const TsrProgress *progress, GError **error)
{
  Importer importer = {.project = project, .options = options, .report = report};
  importer.n = tsr_project_n_tiles (project);
  g_auto (GStrv) tile_names = tsr_project_tile_names (project);
  importer.places = tsr_project_places (project, tile_names, importer.n, error);
  if (!importer.places)
    return false;
  importer.wish = g_new (uint32_t, (size_t)importer.n + 1);
  importer.by = g_new0 (const char *, (size_t)importer.n + 1);
  importer.people = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  importer.names = g_ptr_array_new_with_free_func (g_free);
  importer.colors = g_array_new (FALSE, FALSE, sizeof (int64_t));
  importer.excluded = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (uint32_t i = 0; i < importer.n; i++)
    importer.wish[i] = NOTHING;
  find_slides (&importer);
  bool ok = read_all (&importer, paths, n, progress, error) && write_all (&importer, error);
  g_ptr_array_unref (importer.slides);
  g_ptr_array_unref (importer.names);
  g_array_unref (importer.colors);
  g_array_unref (importer.excluded);
  g_hash_table_unref (importer.people);
  g_free (importer.by);
  g_free (importer.wish);
  tsr_tile_places_free (importer.places, importer.n);
  return ok;
}
