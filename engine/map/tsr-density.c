#include "tsr-density.h"

#include "tsr-map.h"
#include "tsr-parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAF 16    /* points below which a part of the tree is searched one by one */
#define SLAB 65536 /* searches between two looks at the progress */

/* A k-d tree in place, searched in its own order and for distances alone: a quarter of the time
 * that tsr_plane takes for all points. The middle point of a range splits it, those before it along
 * the range's longer side lie at or below it, those behind at or above. */
typedef struct {
  size_t n, k;
  uint32_t *index; /* [n] whose point stands here */
  float *at[2];    /* [n] its coordinates */
  uint8_t *axis;   /* [n] of the middle points */
  float *distance; /* by index */
  size_t slab;
} Tree;

static void
exchange (Tree *tree, size_t a, size_t b)
{
  uint32_t index = tree->index[a];
  tree->index[a] = tree->index[b];
  tree->index[b] = index;
  for (int axis = 0; axis < 2; axis++) {
    float value = tree->at[axis][a];
    tree->at[axis][a] = tree->at[axis][b];
    tree->at[axis][b] = value;
  }
}

static float
middle_of (float a, float b, float c)
{
  return fmaxf (fminf (a, b), fminf (fmaxf (a, b), c));
}

/* Brings the value that belongs at `middle` there (Hoare's quickselect, split in three so that
 * copies do not slow it down). */
static void
select_middle (Tree *tree, size_t begin, size_t end, size_t middle, int axis)
{
  const float *value = tree->at[axis];
  while (end - begin > 1) {
    float pivot = middle_of (value[begin], value[(begin + end) / 2], value[end - 1]);
    size_t below = begin, above = end;
    for (size_t i = begin; i < above;) {
      if (value[i] < pivot)
        exchange (tree, below++, i++);
      else if (value[i] > pivot)
        exchange (tree, i, --above);
      else
        i++;
    }
    if (middle < below)
      end = below;
    else if (middle >= above)
      begin = above;
    else
      return;
  }
}

static void
build (Tree *tree, size_t begin, size_t end)
{
  while (end - begin > LEAF) {
    float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int axis = 0; axis < 2; axis++)
      for (size_t i = begin; i < end; i++) {
        float value = tree->at[axis][i];
        low[axis] = value < low[axis] ? value : low[axis];
        high[axis] = value > high[axis] ? value : high[axis];
      }
    size_t middle = begin + (end - begin) / 2;
    int axis = (double)high[1] - low[1] > (double)high[0] - low[0];
    tree->axis[middle] = (uint8_t)axis;
    select_middle (tree, begin, end, middle, axis);
    build (tree, begin, middle);
    begin = middle + 1;
  }
}

/* The nearest found so far, nearest first. */
typedef struct {
  const Tree *tree;
  size_t self, count;
  float x, y;
  float *squared;
} Search;

static void
meet (Search *search, size_t i)
{
  if (i == search->self)
    return;
  float dx = search->tree->at[0][i] - search->x, dy = search->tree->at[1][i] - search->y;
  float squared = dx * dx + dy * dy;
  size_t at = search->count;
  if (at == search->tree->k) {
    if (!(squared < search->squared[at - 1]))
      return;
    at--;
  } else {
    search->count++;
  }
  for (; at > 0 && squared < search->squared[at - 1]; at--)
    search->squared[at] = search->squared[at - 1];
  search->squared[at] = squared;
}

/* ox and oy: how far the range begins from the point along each axis. Rounding keeps order, so that
 * what is passed over is certainly no nearer. */
static void
look (Search *search, size_t begin, size_t end, float ox, float oy)
{
  const Tree *tree = search->tree;
  while (end - begin > LEAF) {
    size_t middle = begin + (end - begin) / 2;
    int axis = tree->axis[middle];
    float gap = (axis ? search->y : search->x) - tree->at[axis][middle];
    size_t near[2] = {begin, middle}, far[2] = {middle + 1, end};
    if (gap > 0) {
      near[0] = middle + 1;
      near[1] = end;
      far[0] = begin;
      far[1] = middle;
    }
    look (search, near[0], near[1], ox, oy);
    meet (search, middle);
    if (axis)
      oy = fabsf (gap);
    else
      ox = fabsf (gap);
    if (search->count == tree->k && ox * ox + oy * oy >= search->squared[tree->k - 1])
      return;
    begin = far[0];
    end = far[1];
  }
  for (size_t i = begin; i < end; i++)
    meet (search, i);
}

static void
search_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Tree *tree = data;
  g_autofree float *squared = g_new (float, tree->k + 1);
  for (size_t o = begin; o < end; o++) {
    size_t i = tree->slab + o;
    Search search = {tree, i, 0, tree->at[0][i], tree->at[1][i], squared};
    look (&search, 0, tree->n, 0, 0);
    tree->distance[tree->index[i]] = search.count > 0 ? sqrtf (squared[search.count - 1]) : 0;
  }
}

static bool
distances_in_plane (const float *points, const uint32_t *index, size_t n, size_t k, float *distance,
                    const TsrProgress *progress, GError **error)
{
  Tree tree = {.n = n, .k = MAX (k, 1), .distance = distance};
  tree.index = g_memdup2 (index, n * sizeof *index);
  tree.axis = g_new0 (uint8_t, n + 1);
  for (int axis = 0; axis < 2; axis++) {
    tree.at[axis] = g_new (float, n + 1);
    for (size_t i = 0; i < n; i++)
      tree.at[axis][i] = points[2 * (size_t)index[i] + axis];
  }
  build (&tree, 0, n);
  bool ok = true;
  for (; ok && tree.slab < n; tree.slab += SLAB) {
    ok = tsr_progress_step (progress, (double)tree.slab / (double)n, TSR_STAGE ("Finding outliers"),
                            error);
    if (ok)
      tsr_parallel_for (MIN (SLAB, n - tree.slab), 512, search_range, &tree);
  }
  g_free (tree.index);
  g_free (tree.axis);
  g_free (tree.at[0]);
  g_free (tree.at[1]);
  return ok;
}

static bool
distances_in_space (const float *points, size_t d, const uint32_t *index, size_t n, size_t k,
                    float *distance, const TsrProgress *progress, GError **error)
{
  k = MIN (k, n - 1);
  g_autofree float *compact = g_new (float, n *d + 1), *near = g_new (float, n *k + 1);
  g_autofree uint32_t *neighbour = g_new (uint32_t, n * k + 1);
  for (size_t i = 0; i < n; i++)
    memcpy (compact + i * d, points + index[i] * d, d * sizeof (float));
  if (!tsr_knn (compact, n, d, k, neighbour, near, progress, error))
    return false;
  for (size_t i = 0; i < n; i++)
    distance[index[i]] = near[i * k + k - 1];
  return true;
}

bool
tsr_density_distances (const float *points, size_t n, size_t d, const uint8_t *blocked, size_t k,
                       float *distance, const TsrProgress *progress, GError **error)
{
  g_autofree uint32_t *index = g_new (uint32_t, n + 1);
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    distance[i] = blocked && blocked[i] ? INFINITY : 0;
    if (!blocked || !blocked[i])
      index[m++] = (uint32_t)i;
  }
  k = MAX (k, 1);
  if (m < 2)
    return true;
  return d == 2 ? distances_in_plane (points, index, m, k, distance, progress, error)
                : distances_in_space (points, d, index, m, k, distance, progress, error);
}

typedef struct {
  float distance;
  uint32_t index;
} Far;

static int
compare_far (const void *a, const void *b)
{
  const Far *p = a, *q = b;
  if (p->distance != q->distance)
    return p->distance > q->distance ? -1 : 1;
  return p->index > q->index ? -1 : 1;
}

bool
tsr_density_mark_sparse (const float *points, size_t n, size_t d, const uint8_t *blocked, size_t k,
                         double share, uint8_t *sparse, const TsrProgress *progress, GError **error)
{
  g_autofree float *distance = g_new (float, n + 1);
  if (!tsr_density_distances (points, n, d, blocked, k, distance, progress, error))
    return false;
  g_autofree Far *far = g_new (Far, n + 1);
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    sparse[i] = 0;
    if (!blocked || !blocked[i])
      far[m++] = (Far){distance[i], (uint32_t)i};
  }
  qsort (far, m, sizeof *far, compare_far);
  for (size_t i = 0; i < (size_t)floor ((double)m * share); i++)
    sparse[far[i].index] = 1;
  return true;
}
