#include "tsr-plane.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>

#define LEAF 12 /* points that are looked at one by one */

typedef struct {
  float low[2], high[2];
  uint32_t first_index; /* the lowest of its points */
} Box;

struct TsrPlane {
  const float *y;
  size_t n;
  uint32_t *order; /* [n] points, each node's side by side */
  Box *boxes;      /* node i's children are 2 i + 1 and 2 i + 2; halves of its points */
};

/* --- building --- */

static bool
before (const float *y, int axis, uint32_t a, uint32_t b)
{
  float p = y[2 * (size_t)a + axis], q = y[2 * (size_t)b + axis];
  return p < q || (p == q && a < b);
}

/* Puts the point that belongs at `wanted` there, smaller ones before it (Hoare 1961, FIND). */
static void
select_point (const float *y, int axis, uint32_t *order, size_t n, size_t wanted)
{
  ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, at = (ptrdiff_t)wanted;
  while (low < high) {
    uint32_t pivot = order[low + (high - low) / 2];
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (before (y, axis, order[i], pivot))
        i++;
      while (before (y, axis, pivot, order[j]))
        j--;
      if (i <= j) {
        uint32_t t = order[i];
        order[i++] = order[j], order[j--] = t;
      }
    }
    if (j < at)
      low = i;
    if (at < i)
      high = j;
  }
}

static void
build (TsrPlane *self, size_t node, size_t begin, size_t end)
{
  Box box = {{INFINITY, INFINITY}, {-INFINITY, -INFINITY}, UINT32_MAX};
  for (size_t o = begin; o < end; o++) {
    const float *point = self->y + 2 * (size_t)self->order[o];
    for (int a = 0; a < 2; a++) {
      box.low[a] = fminf (box.low[a], point[a]);
      box.high[a] = fmaxf (box.high[a], point[a]);
    }
    box.first_index = MIN (box.first_index, self->order[o]);
  }
  self->boxes[node] = box;
  if (end - begin <= LEAF)
    return;
  size_t half = (end - begin) / 2;
  int axis = box.high[1] - box.low[1] > box.high[0] - box.low[0];
  select_point (self->y, axis, self->order + begin, end - begin, half);
  build (self, 2 * node + 1, begin, begin + half);
  build (self, 2 * node + 2, begin + half, end);
}

TsrPlane *
tsr_plane_new (const float *y, size_t n)
{
  TsrPlane *self = g_new0 (TsrPlane, 1);
  size_t nodes = 1;
  for (size_t count = n; count > LEAF; count = (count + 1) / 2)
    nodes = 2 * nodes + 1;
  self->y = y;
  self->n = n;
  self->order = g_new (uint32_t, n);
  self->boxes = g_new0 (Box, nodes);
  for (size_t i = 0; i < n; i++)
    self->order[i] = (uint32_t)i;
  build (self, 0, 0, n);
  return self;
}

void
tsr_plane_free (TsrPlane *self)
{
  if (!self)
    return;
  g_free (self->order);
  g_free (self->boxes);
  g_free (self);
}

/* --- searching --- */

typedef struct {
  const TsrPlane *plane;
  float x, y;
  uint32_t without;
  size_t k, count;
  uint32_t *index;
  float *squared;
} Query;

/* Rounding keeps order, so no point in the box is nearer than this, even in single precision. */
static float
box_squared (const Box *box, float x, float y)
{
  float dx = fmaxf (0, fmaxf (box->low[0] - x, x - box->high[0])),
        dy = fmaxf (0, fmaxf (box->low[1] - y, y - box->high[1]));
  return dx * dx + dy * dy;
}

static bool
beyond (const Query *query, float squared, uint32_t index)
{
  if (query->count < query->k)
    return false;
  float worst = query->squared[query->k - 1];
  return squared > worst || (squared == worst && index > query->index[query->k - 1]);
}

static void
offer (Query *query, uint32_t index)
{
  const float *point = query->plane->y + 2 * (size_t)index;
  float dx = point[0] - query->x, dy = point[1] - query->y, squared = dx * dx + dy * dy;
  if (index == query->without || beyond (query, squared, index))
    return;
  size_t at = query->count < query->k ? query->count++ : query->k - 1;
  for (; at > 0 && (query->squared[at - 1] > squared ||
                    (query->squared[at - 1] == squared && query->index[at - 1] > index));
       at--) {
    query->squared[at] = query->squared[at - 1];
    query->index[at] = query->index[at - 1];
  }
  query->squared[at] = squared;
  query->index[at] = index;
}

static void
visit (Query *query, size_t node, size_t begin, size_t end)
{
  const Box *boxes = query->plane->boxes;
  if (end - begin <= LEAF) {
    for (size_t o = begin; o < end; o++)
      offer (query, query->plane->order[o]);
    return;
  }
  size_t half = begin + (end - begin) / 2, left = 2 * node + 1, right = left + 1;
  float to_left = box_squared (&boxes[left], query->x, query->y),
        to_right = box_squared (&boxes[right], query->x, query->y);
  bool right_first = to_right < to_left;
  for (int turn = 0; turn < 2; turn++) {
    bool go_right = right_first != (turn == 1);
    size_t child = go_right ? right : left;
    if (!beyond (query, go_right ? to_right : to_left, boxes[child].first_index))
      visit (query, child, go_right ? half : begin, go_right ? end : half);
  }
}

size_t
tsr_plane_nearest (const TsrPlane *self, float x, float y, uint32_t without, size_t k,
                   uint32_t *index, float *squared)
{
  Query query = {self, x, y, without, k, 0, index, squared};
  if (k > 0)
    visit (&query, 0, 0, self->n);
  return query.count;
}
