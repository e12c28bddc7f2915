/* What W says whatever the labels are: whether tiles lie by where they come from, and whether the
 * suggestions look alike. */

#include "tsr-health-private.h"

#include "tsr-alike.h"
#include "tsr-map.h"
#include "tsr-mixing.h"
#include "tsr-number.h"
#include "tsr-project-slides.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

#define NEIGHBOURS 10

/* So many tiles a cluster on average, so that its interval can begin at 0.9; between 2 and 20. */
#define CLUSTER_TILES 50
#define MOST_CLUSTERS 20

/* The first so many suggestions are compared. */
#define MOST_PICKS 100

typedef struct {
  TsrHealth *health;
  const float *w;
  uint32_t n, d;
  uint8_t *blocked; /* [n] without a vector, or excluded */
  uint32_t *sample; /* [m] ascending */
  uint32_t m;
  uint32_t *neighbour; /* [m,k] into sample */
  size_t k;
  int32_t *cluster; /* [n] */
  size_t n_clusters;
  const TsrHealthSource *worst; /* of the highest coefficient; NULL: none */
} Look;

/* --- sources --- */

/* The one-sided clusters of one source; names [n_groups]. */
static void
add_clusters (Look *look, const char *source, const int32_t *group, const char *const *names,
              size_t n_groups)
{
  g_autofree TsrOneSided *found = g_new (TsrOneSided, look->n_clusters + 1);
  size_t entries =
      tsr_mixing_one_sided (look->cluster, look->n, look->n_clusters, group, n_groups, found);
  for (size_t e = 0; e < entries; e++) {
    if (!tsr_mixing_is_one_sided (&found[e]))
      continue;
    TsrHealthCluster *cluster = g_new0 (TsrHealthCluster, 1);
    cluster->source = g_strdup (source);
    cluster->group = g_strdup (names[found[e].group]);
    cluster->size = (uint32_t)found[e].tiles;
    cluster->most = (uint32_t)found[e].most;
    cluster->expected = found[e].expected;
    cluster->tiles = g_array_new (FALSE, FALSE, sizeof (uint32_t));
    for (uint32_t i = 0; i < look->n; i++)
      if (look->cluster[i] == (int32_t)found[e].cluster)
        g_array_append_val (cluster->tiles, i);
    g_ptr_array_add (look->health->clusters, cluster);
  }
}

/* One way of saying where tiles come from: group [n], negative unknown. */
static void
look_at_source (Look *look, const char *name, const int32_t *group, const char *const *names,
                size_t n_groups)
{
  g_autofree int32_t *sampled = g_new (int32_t, (gsize)look->m + 1);
  for (uint32_t i = 0; i < look->m; i++)
    sampled[i] = group[look->sample[i]];
  TsrMixing mixing = tsr_mixing (look->neighbour, look->m, look->k, sampled, n_groups);
  if (!isfinite (mixing.coefficient))
    return;
  TsrHealthSource *source = g_new0 (TsrHealthSource, 1);
  source->name = g_strdup (name);
  source->same = mixing.same;
  source->chance = mixing.chance;
  source->coefficient = mixing.coefficient;
  g_ptr_array_add (look->health->sources, source);
  if (!look->worst || mixing.coefficient > look->worst->coefficient)
    look->worst = source;
  add_clusters (look, name, group, names, n_groups);
}

static bool
look_at_slides (Look *look, TsrProject *project, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  if (!slides)
    return false;
  if (slides->len < 2)
    return true;
  g_autofree TsrTileRegion *regions = g_new0 (TsrTileRegion, (gsize)look->n + 1);
  g_autofree int32_t *group = g_new (int32_t, (gsize)look->n + 1);
  g_autofree const char **names = g_new0 (const char *, (gsize)slides->len + 1);
  if (!tsr_project_regions (project, regions, error))
    return false;
  for (guint s = 0; s < slides->len; s++)
    names[s] = ((const TsrProjectSlide *)slides->pdata[s])->name;
  for (uint32_t i = 0; i < look->n; i++)
    group[i] = regions[i].slide;
  look_at_source (look, NULL, group, names, slides->len);
  return true;
}

/* A column of almost as many values as tiles names tiles, not where they come from: a group has to
 * be able to have a tile's neighbours in it. */
static bool
look_at_columns (Look *look, TsrProject *project, GError **error)
{
  g_autoptr (GPtrArray) columns = tsr_project_columns (project, error);
  for (guint c = 0; columns && c < columns->len; c++) {
    const TsrColumn *column = columns->pdata[c];
    if (column->number || column->n_texts < 2 ||
        (uint64_t)column->n_texts * (NEIGHBOURS + 1) > look->n)
      continue;
    g_autofree int32_t *group = g_new (int32_t, (gsize)look->n + 1);
    for (uint32_t i = 0; i < look->n; i++)
      group[i] = i < column->n ? column->code[i] : -1;
    look_at_source (look, column->name, group, (const char *const *)column->texts, column->n_texts);
  }
  return columns != NULL;
}

static int
compare_clusters (const void *a, const void *b)
{
  const TsrHealthCluster *x = *(TsrHealthCluster *const *)a, *y = *(TsrHealthCluster *const *)b;
  return x->size != y->size ? (x->size < y->size) - (x->size > y->size)
                            : g_strcmp0 (x->group, y->group);
}

static void
judge_sources (Look *look)
{
  TsrHealth *health = look->health;
  const TsrHealthSource *worst = look->worst;
  guint count = health->clusters->len;
  if (!worst) {
    const char *needs = _ ("needs vectors, and several slides or a joined table that tells them");
    tsr_sign_set (&health->sign[TSR_SIGN_BATCH], NAN, TSR_BATCH_LOOK, TSR_BATCH_BAD, false,
                  TSR_REMEDY_NORMALISE, g_strdup (needs));
    tsr_sign_set (&health->sign[TSR_SIGN_CLUSTERS], NAN, 1, NAN, false, TSR_REMEDY_NORMALISE,
                  g_strdup (needs));
    return;
  }
  char *found = g_strdup_printf (
      _ ("%s: %.0f %% of the tiles most alike are from the same one, %.0f %% would be by chance"),
      worst->name ? worst->name : _ ("Slide"), 100 * worst->same, 100 * worst->chance);
  tsr_sign_set (&health->sign[TSR_SIGN_BATCH], worst->coefficient, TSR_BATCH_LOOK, TSR_BATCH_BAD,
                false, TSR_REMEDY_NORMALISE, found);
  char *clusters =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u of %u clusters is nearly all one",
                                    "%u of %u clusters are nearly all one", count),
                       count, health->n_clusters);
  tsr_sign_set (&health->sign[TSR_SIGN_CLUSTERS], count, 1, NAN, false, TSR_REMEDY_NORMALISE,
                clusters);
}

/* --- suggestions --- */

static void
look_at_picks (Look *look, TsrProject *project, const int32_t *label)
{
  g_autoptr (GArray) stored = tsr_project_get_suggestions (project);
  g_autofree uint32_t *picks = g_new (uint32_t, MOST_PICKS);
  g_autofree uint8_t *candidate = g_new (uint8_t, (gsize)look->n + 1);
  size_t k = 0;
  for (guint i = 0; i < stored->len && k < MOST_PICKS; i++) {
    uint32_t tile = g_array_index (stored, uint32_t, i);
    if (tile < look->n && !look->blocked[tile])
      picks[k++] = tile;
  }
  for (uint32_t i = 0; i < look->n; i++)
    candidate[i] = !look->blocked[i] && label[i] == TSR_LABEL_NONE;
  TsrAlike alike = tsr_alike (look->w, look->n, look->d, candidate, picks, k, 1);
  bool known = isfinite (alike.ratio);
  g_autofree char *ratio = tsr_number_decimals (alike.ratio, 2);
  char *found =
      known ? g_strdup_printf (_ ("%zu suggestions, %s times as far from each other as random "
                                  "tiles"),
                               alike.picks, ratio)
            : g_strdup (_ ("needs at least two suggestions and vectors"));
  TsrSign *sign = &look->health->sign[TSR_SIGN_PICKS];
  tsr_sign_set (sign, alike.ratio, NAN, TSR_PICKS_BAD, true, TSR_REMEDY_SUGGEST, found);
  if (known && sign->state == TSR_SIGN_GOOD && alike.below < 5) /* of 99, 5 % */
    sign->state = TSR_SIGN_LOOK;
}

/* --- all of it --- */

static void
take_sample (Look *look)
{
  uint32_t there = 0, at = 0;
  for (uint32_t i = 0; i < look->n; i++)
    there += !look->blocked[i];
  look->m = MIN (there, TSR_HEALTH_SAMPLE);
  look->sample = g_new (uint32_t, (gsize)look->m + 1);
  uint32_t taken = 0;
  for (uint32_t i = 0; i < look->n && taken < look->m; i++) {
    if (look->blocked[i])
      continue;
    if ((uint64_t)taken * there <= (uint64_t)at * look->m) /* evenly spread */
      look->sample[taken++] = i;
    at++;
  }
  look->m = taken;
  look->health->sampled = taken;
}

static bool
find_neighbours (Look *look, const TsrProgress *progress, GError **error)
{
  look->k = look->m > 1 ? MIN (NEIGHBOURS, look->m - 1) : 0;
  look->neighbour = g_new (uint32_t, (gsize)look->m * look->k + 1);
  if (look->k == 0)
    return true;
  g_autofree float *rows = g_new (float, (gsize)look->m * look->d),
                   *distance = g_new (float, (gsize)look->m * look->k);
  for (uint32_t i = 0; i < look->m; i++)
    memcpy (rows + (gsize)i * look->d, look->w + (gsize)look->sample[i] * look->d,
            look->d * sizeof *rows);
  return tsr_knn (rows, look->m, look->d, look->k, look->neighbour, distance, progress, error);
}

/* Neighbours and clusters take time, and say something only where tiles come from somewhere. */
static bool
has_sources (TsrProject *project, bool *has, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  g_autoptr (GPtrArray) columns = slides ? tsr_project_columns (project, error) : NULL;
  *has = columns && (slides->len > 1 || columns->len > 0);
  return columns != NULL;
}

/* Fills the report's sources and clusters. */
static bool
look_at_sources (Look *look, TsrProject *project, const TsrProgress *progress, GError **error)
{
  if (look->m < 2)
    return true;
  size_t wanted = CLAMP (look->m / CLUSTER_TILES, 2, MOST_CLUSTERS);
  if (!find_neighbours (look, progress, error) ||
      !tsr_mixing_clusters (look->w, look->n, look->d, look->blocked, look->sample, look->m, wanted,
                            1, look->cluster, &look->n_clusters, progress, error))
    return false;
  look->health->n_clusters = (uint32_t)look->n_clusters;
  if (!look_at_slides (look, project, error) || !look_at_columns (look, project, error))
    return false;
  g_ptr_array_sort (look->health->clusters, compare_clusters);
  return true;
}

bool
tsr_health_look_at_w (TsrHealth *health, TsrProject *project, const uint8_t *excluded,
                      const int32_t *label, const TsrProgress *progress, GError **error)
{
  g_autofree float *w = NULL;
  g_autoptr (GError) cause = NULL;
  uint32_t d = 0, n = health->n;
  bool sources;
  if (!has_sources (project, &sources, error))
    return false;
  if (!sources && !label) /* nothing to look at */
    return true;
  if (!tsr_project_get_vectors (project, &w, &d, NULL, &cause) && cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  Look look = {.health = health, .w = w, .n = n, .d = d};
  look.blocked = g_malloc ((gsize)n + 1);
  look.cluster = g_new (int32_t, (gsize)n + 1);
  for (uint32_t i = 0; i < n; i++)
    look.blocked[i] = !w || excluded[i] || !tsr_vectors_row_finite (w + (gsize)i * d, d);
  take_sample (&look);
  if (label)
    look_at_picks (&look, project, label);
  bool ok = !sources || look_at_sources (&look, project, progress, error);
  if (ok)
    judge_sources (&look);
  g_free (look.blocked);
  g_free (look.cluster);
  g_free (look.sample);
  g_free (look.neighbour);
  return ok;
}

GPtrArray *
tsr_health_clusters (TsrProject *project, const TsrProgress *progress, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  g_autoptr (TsrHealth) health = tsr_health_empty ();
  g_autofree uint8_t *excluded = g_new0 (uint8_t, (gsize)n + 1);
  g_autofree int32_t *label = g_new0 (int32_t, (gsize)n + 1);
  health->n = n;
  if (!tsr_project_labels (project, label, excluded, error) ||
      !tsr_health_look_at_w (health, project, excluded, NULL, progress, error))
    return NULL;
  return g_ptr_array_ref (health->clusters);
}
