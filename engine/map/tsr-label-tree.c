#include "tsr-label-tree.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define LEAF  8
#define MIXED (-1)

typedef struct {
  float low[2], high[2];
  uint32_t begin, end;
  uint32_t right;   /* the second child; the first follows its parent; 0 for a leaf */
  int32_t class_id; /* of all points below, or MIXED */
} Node;

typedef struct {
  float position[2];
  uint32_t index;
  int32_t class_id;
} Point;

struct TsrLabelTree {
  Point *point;
  Node *node;
  uint32_t nodes;
};

/* Floats as integers of the same order; NaN has its place too. */
static inline uint64_t
key_of (const Point *point, int axis)
{
  uint32_t bits;
  memcpy (&bits, &point->position[axis], sizeof bits);
  bits = bits >> 31 ? ~bits : bits | 0x80000000u;
  return (uint64_t)bits << 32 | point->index;
}

/* Puts the point of rank `wanted` along axis in its place, smaller ones before it (Hoare 1961,
 * FIND). */
static void
select_rank (Point *p, ptrdiff_t low, ptrdiff_t high, ptrdiff_t wanted, int axis)
{
  while (low < high) {
    uint64_t pivot = key_of (&p[wanted], axis);
    ptrdiff_t i = low, j = high;
    while (i <= j) {
      while (key_of (&p[i], axis) < pivot)
        i++;
      while (pivot < key_of (&p[j], axis))
        j--;
      if (i <= j) {
        Point t = p[i];
        p[i++] = p[j], p[j--] = t;
      }
    }
    if (j < wanted)
      low = i;
    if (wanted < i)
      high = j;
  }
}

static void
build (TsrLabelTree *tree, uint32_t begin, uint32_t end)
{
  uint32_t self = tree->nodes++;
  Node node = {{INFINITY, INFINITY},       {-INFINITY, -INFINITY}, begin, end, 0,
               tree->point[begin].class_id};
  for (uint32_t i = begin; i < end; i++) {
    for (int a = 0; a < 2; a++) {
      node.low[a] = fminf (node.low[a], tree->point[i].position[a]);
      node.high[a] = fmaxf (node.high[a], tree->point[i].position[a]);
    }
    if (tree->point[i].class_id != node.class_id)
      node.class_id = MIXED;
  }
  if (end - begin > LEAF) {
    int axis = node.high[1] - node.low[1] > node.high[0] - node.low[0];
    uint32_t middle = begin + (end - begin) / 2;
    select_rank (tree->point, begin, (ptrdiff_t)end - 1, middle, axis);
    build (tree, begin, middle);
    node.right = tree->nodes;
    build (tree, middle, end);
  }
  tree->node[self] = node;
}

TsrLabelTree *
tsr_label_tree_new (const float *points, const uint32_t *sources, size_t count,
                    const int32_t *classes)
{
  TsrLabelTree *tree = g_new0 (TsrLabelTree, 1);
  tree->point = g_new (Point, count + 1);
  tree->node = g_new (Node, 2 * count + 1);
  for (size_t s = 0; s < count; s++) {
    size_t i = sources[s];
    tree->point[s] = (Point){{points[2 * i], points[2 * i + 1]}, sources[s], classes[i]};
  }
  if (count > 0)
    build (tree, 0, (uint32_t)count);
  return tree;
}

void
tsr_label_tree_free (TsrLabelTree *tree)
{
  if (!tree)
    return;
  g_free (tree->point);
  g_free (tree->node);
  g_free (tree);
}

typedef struct {
  const TsrLabelTree *tree;
  float position[2];
  int32_t without;
  float squared;
  uint32_t index;
} Query;

/* Rounding is monotonic, so this never exceeds the squared distance of a point in the box computed
 * the same way. */
static inline float
box_squared (const Node *node, const float position[2])
{
  float dx = fmaxf (0, fmaxf (node->low[0] - position[0], position[0] - node->high[0]));
  float dy = fmaxf (0, fmaxf (node->low[1] - position[1], position[1] - node->high[1]));
  return dx * dx + dy * dy;
}

static void
visit (Query *query, uint32_t at)
{
  const Node *node = &query->tree->node[at];
  if (node->class_id == query->without && query->without >= 0)
    return;
  if (node->right) {
    uint32_t near = at + 1, far = node->right;
    float near_squared = box_squared (&query->tree->node[near], query->position);
    float far_squared = box_squared (&query->tree->node[far], query->position);
    if (far_squared < near_squared) {
      uint32_t t = near;
      near = far, far = t;
      float s = near_squared;
      near_squared = far_squared, far_squared = s;
    }
    if (near_squared <= query->squared)
      visit (query, near);
    if (far_squared <= query->squared)
      visit (query, far);
    return;
  }
  for (uint32_t i = node->begin; i < node->end; i++) {
    const Point *point = &query->tree->point[i];
    float dx = query->position[0] - point->position[0],
          dy = query->position[1] - point->position[1];
    float squared = dx * dx + dy * dy;
    if ((query->without >= 0 && point->class_id == query->without) || squared > query->squared ||
        (squared == query->squared && point->index > query->index))
      continue;
    if (isnan (squared))
      continue;
    query->squared = squared;
    query->index = point->index;
  }
}

uint32_t
tsr_label_tree_nearest (const TsrLabelTree *tree, float x, float y, int32_t without, float *squared)
{
  Query query = {tree, {x, y}, without, INFINITY, UINT32_MAX};
  if (tree->nodes > 0)
    visit (&query, 0);
  *squared = query.squared;
  return query.index;
}
