/* Filtering and sorting for the gallery, against plain loops and qsort with comparisons written
 * down again. */

#include "tessera-gallery-order.h"
#include "tsr-random.h"
#include "window-fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 4, DIM = 7, SLIDES = 3 };

static TsrRandom random_state;

static uint32_t
below (uint32_t n)
{
  return tsr_random_below (&random_state, n);
}

/* Values of which many are equal, so that the order of equal ones matters. */
static float
coarse (void)
{
  return (float)below (9) / 8;
}

/* Gives contents an array. */
static gconstpointer
keep (TesseraContents *contents, TesseraPart part, gpointer data, gsize size)
{
  contents->parts[part] = g_bytes_new_take (data, size);
  return data;
}

static TesseraContents *
make_contents (uint32_t n)
{
  TesseraContents *contents = g_new0 (TesseraContents, 1);
  g_atomic_ref_count_init (&contents->refs);
  contents->n = n;
  contents->w_dim = DIM;
  float *w = g_new (float, (size_t)n *DIM + 1), *map = g_new (float, (size_t)n * 2 + 1);
  TsrTileRegion *regions = g_new0 (TsrTileRegion, (size_t)n + 1);
  int32_t *truth = g_new (int32_t, (size_t)n + 1);
  contents->truth_names = g_strsplit ("a b c d e", " ", -1);
  for (uint32_t i = 0; i < n; i++) {
    for (int c = 0; c < DIM; c++)
      w[(size_t)i * DIM + c] = below (12) == 0 && c == 0 ? NAN : coarse ();
    map[2 * i] = coarse ();
    map[2 * i + 1] = coarse ();
    regions[i] = (TsrTileRegion){
        .x = (int64_t)below (6) - 2, .y = below (5), .slide = (int32_t)below (SLIDES + 1) - 1};
    truth[i] = (int32_t)below (6) - 1;
  }
  contents->w = keep (contents, TESSERA_PART_VECTORS, w, (gsize)n * DIM * sizeof *w);
  contents->map = keep (contents, TESSERA_PART_MAP, map, (gsize)n * 2 * sizeof *map);
  contents->regions = keep (contents, TESSERA_PART_REGIONS, regions, n * sizeof *regions);
  contents->truth = keep (contents, TESSERA_PART_TRUTH, truth, n * sizeof *truth);
  return contents;
}

static TesseraSnapshot *
make_snapshot (uint32_t n)
{
  static const int32_t classes[CLASSES] = {7, 2, 11, 3}, truth[] = {7, 2, 11, -1, 3};
  TesseraSnapshot *s = g_new0 (TesseraSnapshot, 1);
  g_atomic_ref_count_init (&s->refs);
  s->contents = make_contents (n);
  s->label = g_new (int32_t, (size_t)n + 1);
  s->excluded = g_new (uint8_t, (size_t)n + 1);
  s->predictions = g_new (TsrPrediction, (size_t)n + 1);
  s->classes = g_memdup2 (classes, sizeof classes);
  s->truth_classes = g_memdup2 (truth, sizeof truth);
  s->n_classes = CLASSES;
  for (uint32_t i = 0; i < n; i++) {
    s->excluded[i] = below (10) == 0;
    s->label[i] = below (3) > 0 ? -1 : below (8) == 0 ? -2 : classes[below (CLASSES)];
    s->predictions[i] = (TsrPrediction){classes[below (CLASSES)], below (n), coarse (), coarse ()};
    if (s->label[i] >= 0)
      s->predictions[i] = (TsrPrediction){s->label[i], i, 0, 1};
    if (s->excluded[i] || below (15) == 0)
      s->predictions[i] = (TsrPrediction){-1, UINT32_MAX, INFINITY, 0};
  }
  return s;
}

/* ---- the plain reference ---- */

static const TesseraSnapshot *sorted;
static TesseraSort sorted_by;
static double from[DIM];

static gboolean
is_predicted (const TesseraSnapshot *s, uint32_t i)
{
  return s->label[i] < 0 && !s->excluded[i] && s->predictions[i].class_id >= 0;
}

static double
class_rank (const TesseraSnapshot *s, uint32_t i)
{
  int32_t id = s->excluded[i]        ? -1
               : s->label[i] >= 0    ? s->label[i]
               : is_predicted (s, i) ? s->predictions[i].class_id
                                     : -1;
  for (uint32_t c = 0; c < s->n_classes; c++)
    if (s->classes[c] == id)
      return 2.0 * c + (s->label[i] < 0);
  return INFINITY;
}

/* Up to three values to sort by, the first counts most. */
static void
values_of (const TesseraSnapshot *s, uint32_t i, double value[3])
{
  const TsrTileRegion *r = &s->contents->regions[i];
  const float *w = s->contents->w + (size_t)i * DIM;
  value[0] = value[1] = value[2] = 0;
  switch (sorted_by) {
  case TESSERA_SORT_MARGIN:
    value[0] = is_predicted (s, i) ? s->predictions[i].margin : INFINITY;
    break;
  case TESSERA_SORT_DISTANCE:
    value[0] = is_predicted (s, i) ? -s->predictions[i].distance : INFINITY;
    break;
  case TESSERA_SORT_LIKE:
    for (int c = 0; c < DIM; c++)
      value[0] += (w[c] - from[c]) * (w[c] - from[c]);
    if (isnan (value[0]))
      value[0] = INFINITY;
    break;
  case TESSERA_SORT_CLASS:
    value[0] = class_rank (s, i);
    value[1] = is_predicted (s, i) ? s->predictions[i].margin : INFINITY;
    break;
  case TESSERA_SORT_SLIDE:
    value[0] = r->slide >= 0 ? r->slide : INFINITY;
    value[1] = r->slide >= 0 ? (double)r->y : 0;
    value[2] = r->slide >= 0 ? (double)r->x : 0;
    break;
  default:
    break;
  }
}

static int
compare (const void *a, const void *b)
{
  uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
  double x[3], y[3];
  values_of (sorted, i, x);
  values_of (sorted, j, y);
  for (int k = 0; k < 3; k++)
    if (x[k] != y[k])
      return x[k] < y[k] ? -1 : 1;
  return (i > j) - (i < j);
}

static gboolean
is_hidden (const TesseraGalleryQuery *q, int32_t id)
{
  for (size_t k = 0; k < q->n_hidden; k++)
    if (q->hidden[k] == id)
      return TRUE;
  return FALSE;
}

static gboolean
is_shown (const TesseraSnapshot *s, const TesseraGalleryQuery *q, uint32_t i)
{
  int32_t label = s->label[i], truth = s->contents->truth[i];
  gboolean out = s->excluded[i] != 0, predicted = s->predictions[i].class_id >= 0;
  switch (q->show) {
  case TESSERA_SHOW_UNLABELLED:
    return label == -1 && !out;
  case TESSERA_SHOW_LABELLED:
    return label >= 0 && !out;
  case TESSERA_SHOW_UNCERTAIN:
    return label == -1 && !out && predicted && s->predictions[i].margin < 0.15f;
  case TESSERA_SHOW_UNSURE:
    return label == -2 || out;
  case TESSERA_SHOW_WRONG:
    return label < 0 && !out && predicted && truth >= 0 &&
           s->truth_classes[truth] != s->predictions[i].class_id;
  default:
    return TRUE;
  }
}

static gboolean
is_wanted (const TesseraSnapshot *s, const TesseraGalleryQuery *q, uint32_t i)
{
  int32_t label = s->label[i], id = label >= 0            ? label
                                    : is_predicted (s, i) ? s->predictions[i].class_id
                                                          : -1;
  if (!is_shown (s, q, i) || (id >= 0 && is_hidden (q, id)))
    return FALSE;
  if (q->predicted != -1 && !(is_predicted (s, i) && s->predictions[i].class_id == q->predicted))
    return FALSE;
  if (q->labelled != -1 && label != q->labelled)
    return FALSE;
  if (q->below > 0 && !(is_predicted (s, i) && s->predictions[i].margin < q->below))
    return FALSE;
  return q->slide < 0 || s->contents->regions[i].slide == q->slide;
}

static uint32_t
check (const TesseraSnapshot *s, const TesseraGalleryQuery *q)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TesseraGalleryOrder) order = tessera_gallery_order_make (s, q, NULL, &error);
  g_assert_no_error (error);
  uint32_t n = s->contents->n, wanted = 0;
  g_autofree uint32_t *tiles = g_new (uint32_t, (size_t)n + 1);
  for (uint32_t i = 0; i < n; i++)
    if (is_wanted (s, q, i))
      tiles[wanted++] = i;
  sorted = s;
  sorted_by = q->sort;
  if (q->sort != TESSERA_SORT_LIKE || order->located)
    qsort (tiles, wanted, sizeof *tiles, compare);
  g_assert_cmpuint (order->n, ==, wanted);
  g_assert_cmpuint (order->n_all, ==, n);
  g_assert_cmpmem (order->tiles, order->n * sizeof *tiles, tiles, wanted * sizeof *tiles);
  for (uint32_t i = 0, seen = 0; i < n; i++) {
    seen += order->at[i] != UINT32_MAX;
    g_assert_true (order->at[i] == UINT32_MAX || order->tiles[order->at[i]] == i);
    g_assert_cmpuint (seen, <=, wanted);
  }
  return wanted;
}

/* ---- tests ---- */

static TesseraGalleryQuery
random_query (int32_t *hidden)
{
  static const int32_t classes[CLASSES] = {7, 2, 11, 3};
  TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
  q.show = below (3) > 0 ? TESSERA_SHOW_ALL : (TesseraShow)below (TESSERA_SHOW_WRONG + 1);
  q.predicted = below (4) > 0 ? -1 : classes[below (CLASSES)];
  q.labelled = below (6) > 0 ? -1 : classes[below (CLASSES)];
  q.below = below (4) > 0 ? 0 : coarse ();
  q.slide = below (4) > 0 ? -1 : (int32_t)below (SLIDES);
  hidden[0] = classes[below (CLASSES)];
  hidden[1] = classes[below (CLASSES)];
  q.hidden = hidden;
  q.n_hidden = below (3);
  return q;
}

static void
test_against_reference (void)
{
  static const uint32_t sizes[] = {0, 1, 2, 3, 40, 700, 5000};
  uint64_t found = 0;
  for (guint k = 0; k < G_N_ELEMENTS (sizes); k++) {
    g_autoptr (TesseraSnapshot) s = make_snapshot (sizes[k]);
    for (int i = 0; i < 60; i++) {
      int32_t hidden[2];
      TesseraGalleryQuery q = random_query (hidden);
      q.sort = (TesseraSort)(i % TESSERA_N_SORTS);
      float w[DIM];
      for (int c = 0; c < DIM; c++)
        from[c] = w[c] = coarse ();
      g_autoptr (TesseraExample) example = tessera_example_new (w, DIM, "a point");
      q.example = example;
      found += check (s, &q);
    }
  }
  g_assert_cmpuint (found, >, 20000);
}

/* Before there are predictions, places or vectors there are tiles. */
static void
test_bare (void)
{
  g_autoptr (TesseraSnapshot) s = make_snapshot (30);
  g_clear_pointer (&s->predictions, g_free);
  s->contents->regions = NULL;
  s->contents->w = NULL;
  s->contents->truth = NULL;
  float w[DIM] = {0};
  g_autoptr (TesseraExample) example = tessera_example_new (w, DIM, "");
  for (int sort = 0; sort < TESSERA_N_SORTS; sort++) {
    TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
    q.sort = (TesseraSort)sort;
    q.example = example;
    g_autoptr (TesseraGalleryOrder) order = tessera_gallery_order_make (s, &q, NULL, NULL);
    g_assert_cmpuint (order->n, ==, 30);
    g_assert_cmpint (order->located, ==, sort != TESSERA_SORT_LIKE);
  }
}

/* Several tiles stand for their mean, and those without a vector for nothing. */
static void
test_examples (void)
{
  g_autoptr (TesseraSnapshot) s = make_snapshot (200);
  float *all = (float *)s->contents->w; /* of its own, nobody reads them yet */
  uint32_t tiles[5] = {3, 17, 40, 199, 1000};
  for (int c = 0; c < DIM; c++) {
    from[c] = 0;
    for (int k = 0; k < 3; k++) {
      all[(size_t)tiles[k] * DIM + c] = (float)(k + c);
      from[c] += (k + c) / 3.0;
    }
    all[(size_t)tiles[3] * DIM + c] = NAN;
  }
  g_autoptr (TesseraExample) several = tessera_example_new_of_tiles (tiles, 5, "");
  float at[DIM];
  g_assert_true (tessera_example_locate (several, s->contents, at));
  for (int c = 0; c < DIM; c++)
    g_assert_cmpfloat (at[c], ==, (float)from[c]);
  g_autoptr (TesseraExample) none = tessera_example_new_of_tiles (tiles + 3, 2, "");
  g_assert_false (tessera_example_locate (none, s->contents, at));
  g_autoptr (TesseraExample) longer = tessera_example_new (at, DIM - 1, "");
  g_assert_false (tessera_example_locate (longer, s->contents, at));

  TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
  q.sort = TESSERA_SORT_LIKE;
  g_autoptr (TesseraExample) one = tessera_example_new_of_tiles (tiles + 1, 1, "");
  q.example = one;
  g_autoptr (TesseraGalleryOrder) order = tessera_gallery_order_make (s, &q, NULL, NULL);
  g_assert_cmpuint (order->tiles[0], ==, 17); /* nothing is more like a tile than itself */
}

/* Discordant: by the nearest other label on the map. */
static void
test_discordant (void)
{
  g_autoptr (TesseraSnapshot) s = make_snapshot (300);
  uint32_t found = 0;
  float *places = (float *)s->contents->map;
  for (uint32_t i = 0; i < 600; i++)
    places[i] = (float)tsr_random_normal (&random_state);
  TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
  q.discordant = true;
  g_autoptr (TesseraGalleryOrder) order = tessera_gallery_order_make (s, &q, NULL, NULL);
  for (uint32_t i = 0; i < 300; i++) {
    double least = INFINITY;
    int32_t said = -1;
    for (uint32_t j = 0; j < 300; j++) {
      double dx = (double)s->contents->map[2 * i] - s->contents->map[2 * j],
             dy = (double)s->contents->map[2 * i + 1] - s->contents->map[2 * j + 1];
      if (j != i && s->label[j] >= 0 && !s->excluded[j] && dx * dx + dy * dy < least) {
        least = dx * dx + dy * dy;
        said = s->label[j];
      }
    }
    gboolean wanted = s->label[i] >= 0 && !s->excluded[i] && said != s->label[i];
    g_assert_cmpint (order->at[i] != UINT32_MAX, ==, wanted);
    found += wanted;
  }
  g_assert_cmpuint (found, >, 10);
  g_assert_cmpuint (found, ==, order->n);
}

/* By annotator and by how, which the project's file says. */
static void
test_origins (void)
{
  g_autofree char *folder = window_fixture_folder ();
  g_autofree char *path = window_fixture_project (folder, "who", 20, 2, WINDOW_FIXTURE_ALL);
  g_autoptr (GError) error = NULL;
  TsrProject *project = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_no_error (error);
  static const struct {
    uint32_t tile;
    TsrHow how;
    const char *who;
  } labels[] = {{3, TSR_HOW_PICKED, "Ada"},
                {5, TSR_HOW_LASSO, "Ada"},
                {8, TSR_HOW_LASSO, "Grace"},
                {9, TSR_HOW_SUGGESTED, "Grace"}};
  const int32_t value = 1;
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    tsr_project_label (project, &labels[i].tile, &value, 1, true, labels[i].how, labels[i].who,
                       NULL, &error);
  g_assert_no_error (error);
  tsr_project_close (project);
  g_autoptr (TesseraSnapshot) s = make_snapshot (20);
  s->path = g_strdup (path);
  static const struct {
    const char *who;
    int32_t how;
    uint32_t n, tiles[4];
  } asked[] = {{"Ada", -1, 2, {3, 5}},
               {"Grace", TSR_HOW_LASSO, 1, {8}},
               {NULL, TSR_HOW_LASSO, 2, {5, 8}},
               {"Eve", -1, 0, {0}},
               {"Ada", TSR_HOW_SUGGESTED, 0, {0}}};
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++) {
    TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
    q.annotator = asked[i].who;
    q.how = asked[i].how;
    g_autoptr (TesseraGalleryOrder) order = tessera_gallery_order_make (s, &q, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (order->tiles, order->n * sizeof (uint32_t), asked[i].tiles,
                     asked[i].n * sizeof (uint32_t));
  }
  TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
  q.how = TSR_HOW_PICKED;
  g_free (s->path);
  s->path = g_strdup ("/nowhere/at-all.tessera");
  g_assert_null (tessera_gallery_order_make (s, &q, NULL, &error));
  g_assert_nonnull (error);
  window_fixture_remove (g_steal_pointer (&folder));
}

static void
test_cancelled (void)
{
  g_autoptr (TesseraSnapshot) s = make_snapshot (1000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  TesseraGalleryQuery q = TESSERA_GALLERY_ALL;
  q.sort = TESSERA_SORT_MARGIN;
  g_cancellable_cancel (cancellable);
  g_assert_null (tessera_gallery_order_make (s, &q, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_names (void)
{
  for (int sort = 0; sort < TESSERA_N_SORTS; sort++)
    g_assert_cmpint (tessera_sort_from_name (tessera_sort_name ((TesseraSort)sort)), ==, sort);
  g_assert_cmpint (tessera_sort_from_name ("best"), ==, TESSERA_SORT_IMPORT);
  g_assert_cmpint (tessera_sort_from_name (NULL), ==, TESSERA_SORT_IMPORT);
}

int
main (int argc, char **argv)
{
  window_fixture_home ();
  g_test_init (&argc, &argv, NULL);
  tsr_random_init (&random_state, 11, 4);
  g_test_add_func ("/gallery-order/reference", test_against_reference);
  g_test_add_func ("/gallery-order/bare", test_bare);
  g_test_add_func ("/gallery-order/examples", test_examples);
  g_test_add_func ("/gallery-order/discordant", test_discordant);
  g_test_add_func ("/gallery-order/origins", test_origins);
  g_test_add_func ("/gallery-order/cancelled", test_cancelled);
  g_test_add_func ("/gallery-order/names", test_names);
  return g_test_run ();
}
