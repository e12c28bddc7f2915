#include "tsr-export-geojson.h"

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define LONGEST_STEM 230 /* bytes: file systems take 255 with “ (2).geojson.gz” */

typedef struct {
  const TsrTable *table;
  const TsrTilePlace *places;
  const TsrGeojsonOptions *options;
  const TsrProgress *progress;
  GPtrArray *slides;   /* names, borrowed from places */
  uint32_t *slide;     /* [n] index into slides, UINT32_MAX: none */
  uint32_t *order;     /* tiles with a place, slide by slide */
  uint32_t *first;     /* [slides + 1] into order */
  char **measurements; /* [n_classes + 2] names */
  double *values;
  TsrGeojsonFile *file; /* being written */
  uint32_t at;          /* its slide */
  uint32_t excluded;    /* annotations of such tiles so far */
} Job;

static void
file_free (void *data)
{
  TsrGeojsonFile *file = data;
  g_free (file->path);
  g_free (file->slide);
  g_free (file);
}

void
tsr_geojson_report_clear (TsrGeojsonReport *report)
{
  g_clear_pointer (&report->files, g_ptr_array_unref);
  *report = (TsrGeojsonReport){0};
}

static bool
is_place (const TsrTilePlace *place)
{
  double limit = 2147483648.0;
  return place->slide && fabs (place->x) <= limit && fabs (place->y) <= limit &&
         fabs (place->x + place->width) <= limit && fabs (place->y + place->height) <= limit &&
         round (place->x + place->width) > round (place->x) &&
         round (place->y + place->height) > round (place->y);
}

/* Sorts the tiles by slide, each slide's in their own order. */
static void
sort_by_slide (Job *job, TsrGeojsonReport *report)
{
  uint32_t n = job->table->n;
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  job->slides = g_ptr_array_new ();
  job->slide = g_new (uint32_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++) {
    const char *name = job->places[i].slide;
    void *index = NULL;
    job->slide[i] = UINT32_MAX;
    if (!is_place (&job->places[i])) {
      report->placeless++;
      continue;
    }
    if (!g_hash_table_lookup_extended (known, name, NULL, &index)) {
      index = GUINT_TO_POINTER (job->slides->len);
      g_hash_table_insert (known, (void *)name, index);
      g_ptr_array_add (job->slides, (void *)name);
    }
    job->slide[i] = GPOINTER_TO_UINT (index);
  }
  job->order = g_new (uint32_t, (size_t)n + 1);
  job->first = g_new0 (uint32_t, (size_t)job->slides->len + 2);
  for (uint32_t i = 0; i < n; i++)
    if (job->slide[i] != UINT32_MAX)
      job->first[job->slide[i] + 2]++;
  for (guint s = 2; s < job->slides->len + 2; s++)
    job->first[s] += job->first[s - 1];
  for (uint32_t i = 0; i < n; i++)
    if (job->slide[i] != UINT32_MAX)
      job->order[job->first[job->slide[i] + 1]++] = i;
}

static void
job_clear (Job *job)
{
  g_ptr_array_unref (job->slides);
  g_free (job->slide);
  g_free (job->order);
  g_free (job->first);
  g_strfreev (job->measurements);
  g_free (job->values);
}

/* A slide's name as every file system takes it. */
static char *
stem_of_slide (const char *slide)
{
  char *valid = g_utf8_make_valid (slide, -1);
  for (char *c = valid; *c; c++)
    if ((unsigned char)*c < 0x20 || strchr ("/\\:*?\"<>|", *c))
      *c = '_';
  if (strlen (valid) > LONGEST_STEM)
    *g_utf8_find_prev_char (valid, valid + LONGEST_STEM + 1) = '\0';
  return valid;
}

/* A name that no other slide's file has, whatever the case. */
static char *
file_name (GHashTable *taken, const char *slide, bool gzip)
{
  g_autofree char *valid = stem_of_slide (slide);
  for (int i = 1;; i++) {
    g_autofree char *stem = i == 1 ? g_strdup (valid) : g_strdup_printf ("%s (%d)", valid, i);
    char *folded = g_utf8_casefold (stem, -1);
    if (g_hash_table_add (taken, folded))
      return g_strconcat (stem, gzip ? ".geojson.gz" : ".geojson", NULL);
  }
}

static void
place_object (const Job *job, uint32_t tile, TsrGeojsonObject *object)
{
  const TsrTilePlace *place = &job->places[tile];
  object->x = (int64_t)round (place->x);
  object->y = (int64_t)round (place->y);
  object->width = (int64_t)round (place->x + place->width) - object->x;
  object->height = (int64_t)round (place->y + place->height) - object->y;
}

static bool
put_prediction (Job *job, TsrGeojsonWriter *writer, uint32_t tile, GError **error)
{
  const TsrTable *table = job->table;
  const TsrClass *class_ =
      table->prediction ? tsr_table_nth_class (table, table->prediction[tile].class_id) : NULL;
  if (!class_ || job->options->labels_only)
    return true;
  const float *scores = table->scores + (size_t)tile * table->n_classes;
  double sum = 0;
  for (uint32_t c = 0; c < table->n_classes; c++)
    sum += scores[c];
  for (uint32_t c = 0; c < table->n_classes; c++)
    job->values[c] = sum > 0 ? scores[c] / sum : NAN;
  job->values[table->n_classes] = table->prediction[tile].margin;
  job->values[table->n_classes + 1] = table->prediction[tile].distance;
  char id[37];
  TsrGeojsonObject object = {.id = id,
                             .kind = TSR_GEOJSON_TILE,
                             .class_name = class_->name,
                             .rgb = class_->rgb,
                             .measurements = (const char *const *)job->measurements,
                             .values = job->values,
                             .n_measurements = (size_t)table->n_classes + 2};
  tsr_geojson_uuid (job->options->project, table->names[tile], object.kind, id);
  place_object (job, tile, &object);
  job->file->tiles++;
  return tsr_geojson_put (writer, &object, error);
}

/* The name of an excluded tile's object. */
static char *
excluded_name (const char *class_name, bool unsure)
{
  if (class_name) {
    g_autofree char *called = tsr_geojson_class_name (class_name);
    return g_strconcat (TSR_GEOJSON_EXCLUDED_OF, called, NULL);
  }
  return g_strdup (unsure ? TSR_GEOJSON_EXCLUDED_UNSURE : TSR_GEOJSON_EXCLUDED);
}

/* Who gave a tile its label, when and how. */
typedef struct {
  char *annotator, *at;
  const char *how;
} Origin;

static Origin
find_origin (const Job *job, uint32_t tile)
{
  Origin origin = {NULL};
  gint64 unix_us = 0;
  TsrHow how = TSR_HOW_PICKED;
  if (!job->options->origins || job->table->label[tile] == TSR_LABEL_NONE ||
      !tsr_project_label_origin (job->options->origins, tile, &origin.annotator, &unix_us, &how))
    return origin;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (unix_us / G_USEC_PER_SEC);
  origin.at = time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
  origin.how = tsr_how_name (how);
  return origin;
}

static bool
put_label (Job *job, TsrGeojsonWriter *writer, uint32_t tile, GError **error)
{
  int32_t label = job->table->label[tile];
  const TsrClass *class_ = label >= 0 ? tsr_table_nth_class (job->table, label) : NULL;
  bool unsure = label == TSR_LABEL_UNSURE, excluded = job->table->excluded[tile] != 0;
  if (!class_ && !unsure && !excluded)
    return true;
  /* Without a class nothing is trained on what is excluded, in QuPath either. */
  g_autofree char *name = excluded ? excluded_name (class_ ? class_->name : NULL, unsure) : NULL;
  Origin origin = find_origin (job, tile);
  char id[37];
  TsrGeojsonObject object = {.id = id,
                             .kind = TSR_GEOJSON_ANNOTATION,
                             .annotator = origin.annotator,
                             .at = origin.at,
                             .how = origin.how,
                             .class_name = class_ && !excluded ? class_->name : NULL,
                             .rgb = class_ && !excluded ? class_->rgb : 0,
                             .name = excluded ? name
                                     : unsure ? TSR_GEOJSON_UNSURE
                                              : NULL,
                             .locked = job->options->locked};
  tsr_geojson_uuid (job->options->project, job->table->names[tile], object.kind, id);
  place_object (job, tile, &object);
  job->file->annotations++;
  job->excluded += excluded;
  bool ok = tsr_geojson_put (writer, &object, error);
  g_free (origin.annotator);
  g_free (origin.at);
  return ok;
}

static bool
fill (TsrGeojsonWriter *writer, void *data, GError **error)
{
  Job *job = data;
  for (uint32_t i = job->first[job->at]; i < job->first[job->at + 1]; i++) {
    uint32_t tile = job->order[i];
    if ((i % 256 == 0 || i == job->first[job->at]) &&
        !tsr_progress_step (job->progress, (double)i / job->table->n, TSR_STAGE ("Writing GeoJSON"),
                            error))
      return false;
    if (!job->table->excluded[tile] && !put_prediction (job, writer, tile, error))
      return false;
    if (!put_label (job, writer, tile, error))
      return false;
  }
  return true;
}

/* What each slide's file will be called. Files of the export's own names may be there that are not
 * its own: annotations are drawn beside the slides, and called as they are. */
static bool
name_files (Job *job, const char *folder, GPtrArray *files, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < job->slides->len; i++) {
    const char *slide = job->slides->pdata[i];
    g_autofree char *name = file_name (taken, slide, job->options->gzip);
    TsrGeojsonFile *file = g_new0 (TsrGeojsonFile, 1);
    file->path = g_build_filename (folder, name, NULL);
    file->slide = g_strdup (slide);
    g_ptr_array_add (files, file);
    if (!tsr_file_check_writable (file->path, error))
      return false;
    if (!g_file_test (file->path, G_FILE_TEST_EXISTS) || tsr_geojson_is_own (file->path))
      continue;
    g_autofree char *shown = g_filename_display_name (file->path);
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("“%s” is there already and is not what Tessera wrote: perhaps somebody drew it. "
           "Choose another folder, or move the file away."),
        shown);
    return false;
  }
  return true;
}

/* Writes all files into the folder `aside`, under the names they will have. */
static bool
write_aside (Job *job, const char *aside, GPtrArray *files, GError **error)
{
  for (job->at = 0; job->at < files->len; job->at++) {
    job->file = files->pdata[job->at];
    g_autofree char *name = g_path_get_basename (job->file->path),
                    *path = g_build_filename (aside, name, NULL);
    if (!tsr_geojson_write (path, fill, job, error))
      return false;
  }
  return true;
}

/* Moves the files to their places; those that are there go over into the report. */
static bool
move_files (const char *aside, GPtrArray *files, TsrGeojsonReport *report, GError **error)
{
  while (files->len > 0) {
    const TsrGeojsonFile *file = files->pdata[0];
    g_autofree char *name = g_path_get_basename (file->path),
                    *from = g_build_filename (aside, name, NULL);
    if (g_rename (from, file->path) != 0) {
      tsr_file_set_errno (error, TSR_ERROR_FAILED, "write", file->path, errno);
      return false;
    }
    g_ptr_array_add (report->files, g_ptr_array_steal_index (files, 0));
  }
  return true;
}

static void
remove_aside (const char *aside)
{
  g_autoptr (GDir) folder = g_dir_open (aside, 0, NULL);
  const char *name;
  while (folder && (name = g_dir_read_name (folder))) {
    g_autofree char *path = g_build_filename (aside, name, NULL);
    g_unlink (path);
  }
  g_rmdir (aside);
}

static bool
write_files (Job *job, const char *folder, TsrGeojsonReport *report, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (file_free);
  g_autofree char *aside = g_build_filename (folder, ".geojson-XXXXXX", NULL);
  if (!name_files (job, folder, files, error))
    return false;
  if (!g_mkdtemp (aside)) {
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "write into", folder, errno);
    return false;
  }
  bool ok = write_aside (job, aside, files, error) && move_files (aside, files, report, error);
  remove_aside (aside);
  return ok;
}

static void
name_measurements (Job *job)
{
  uint32_t n = job->table->n_classes;
  job->measurements = g_new0 (char *, (size_t)n + 3);
  job->values = g_new (double, (size_t)n + 2);
  for (uint32_t c = 0; c < n; c++)
    job->measurements[c] =
        g_strconcat ("prob_", tsr_table_nth_class (job->table, (int32_t)c)->name, NULL);
  job->measurements[n] = g_strdup ("margin");
  job->measurements[n + 1] = g_strdup ("nn_distance");
}

static void
job_init (Job *job, TsrGeojsonReport *report)
{
  *report = (TsrGeojsonReport){.files = g_ptr_array_new_with_free_func (file_free)};
  sort_by_slide (job, report);
  name_measurements (job);
}

bool
tsr_export_geojson (const TsrTable *table, const TsrTilePlace *places, const char *folder,
                    const TsrGeojsonOptions *options, TsrGeojsonReport *report,
                    const TsrProgress *progress, GError **error)
{
  Job job = {.table = table, .places = places, .options = options, .progress = progress};
  job_init (&job, report);
  bool ok = false, there = g_file_test (folder, G_FILE_TEST_EXISTS);
  if (job.slides->len == 0)
    g_set_error_literal (error, TSR_ERROR, TSR_ERROR_FAILED,
                         _ ("No tile of the project says where on a slide it lies; GeoJSON needs "
                            "tiles that are named "
                            "as QuPath names them, “Slide [x=0,y=512,w=512,h=512].png”."));
  else if (g_mkdir_with_parents (folder, 0777) != 0)
    tsr_file_set_errno (error, TSR_ERROR_FAILED, "create", folder, errno);
  else
    ok = write_files (&job, folder, report, error);
  if (!ok && !there) /* which only an empty folder suffers */
    g_rmdir (folder);
  report->excluded = job.excluded;
  job_clear (&job);
  return ok;
}

bool
tsr_export_geojson_slide (const TsrTable *table, const TsrTilePlace *places, const char *slide,
                          const char *path, const TsrGeojsonOptions *options,
                          TsrGeojsonReport *report, const TsrProgress *progress, GError **error)
{
  Job job = {.table = table, .places = places, .options = options, .progress = progress};
  job_init (&job, report);
  while (job.at < job.slides->len && strcmp (job.slides->pdata[job.at], slide) != 0)
    job.at++;
  bool ok = false;
  if (job.at == job.slides->len)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED, _ ("No tile of the project lies on “%s”."),
                 slide);
  else {
    job.file = g_new0 (TsrGeojsonFile, 1);
    *job.file = (TsrGeojsonFile){.path = g_strdup (path), .slide = g_strdup (slide)};
    ok = tsr_geojson_write (path, fill, &job, error);
    if (ok)
      g_ptr_array_add (report->files, job.file);
    else
      file_free (job.file);
  }
  report->excluded = job.excluded;
  job_clear (&job);
  return ok;
}

/* Cuts ending off, whatever its case; NULL: the last extension. */
static void
cut_ending (char *name, const char *ending)
{
  size_t length = strlen (name), cut = ending ? strlen (ending) : 0;
  char *dot = strrchr (name, '.');
  if (!ending && dot && dot != name)
    *dot = '\0';
  else if (ending && length > cut && g_ascii_strcasecmp (name + length - cut, ending) == 0)
    name[length - cut] = '\0';
}

/* As people read it: one system's files spell “ü” as one character, another's as two. */
static char *
spelt (const char *name)
{
  char *composed =
      g_str_is_ascii (name) ? NULL : g_utf8_normalize (name, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  return composed ? composed : g_strdup (name);
}

gssize
tsr_geojson_find_slide (const char *path, char *const *slides, size_t n)
{
  g_autofree char *stem = g_path_get_basename (path), *valid = NULL;
  cut_ending (stem, ".gz");
  cut_ending (stem, ".json");
  cut_ending (stem, ".geojson");
  valid = stem_of_slide (stem);
  g_autofree char *wanted = spelt (valid), *plain = spelt (valid);
  cut_ending (plain, NULL);
  gssize loose = -1;
  int n_loose = 0;
  for (size_t i = 0; i < n; i++) {
    g_autofree char *name = stem_of_slide (slides[i]), *read = spelt (name);
    if (strcmp (name, valid) == 0)
      return (gssize)i;
    bool same = strcmp (read, wanted) == 0 || strcmp (read, plain) == 0;
    cut_ending (read, NULL);
    if (same || strcmp (read, wanted) == 0) {
      loose = (gssize)i;
      n_loose++;
    }
  }
  return n_loose == 1 ? loose : -1;
}
