/* How much of a rectangle an outline covers. */

#include "tsr-outline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAF_EDGES 48   /* more are worth a division into quarters */
#define MOST_EDGES 1024 /* more are not cut with each other */
#define MAX_DEPTH  12

/* From the upper end to the lower one. Horizontal edges are never passed by a sweep, but say at
 * which height something changes. */
typedef struct {
  double x0, y0, x1, y1;
  int32_t turn; /* 1: the ring runs downwards here, else -1 */
  uint32_t ring, row;
} Edge;

struct TsrOutlineIndex {
  const TsrOutline *outline;
  Edge *edges;
  uint32_t n_edges, n_rows;
  double top, row_height;
  uint32_t *row_first, *row_edges; /* each row's edges; one that passes several is in each */
  /* Where a sweep stands: */
  int32_t *winding;  /* [rings] */
  uint32_t *holes;   /* [polygons]: holes it is in */
  uint8_t *in_shell; /* [polygons] */
  uint32_t inside;   /* polygons it is inside of */
};

typedef struct {
  double x0, y0, x1, y1;
} Box;

typedef struct {
  double upper, lower, middle; /* x at the band's ends and between */
  const Edge *edge;
} Cut;

static uint32_t
row_of (const TsrOutlineIndex *self, double y)
{
  double row = floor ((y - self->top) / self->row_height);
  return row > 0 ? (uint32_t)MIN (row, (double)self->n_rows - 1) : 0;
}

static void
collect_edges (TsrOutlineIndex *self)
{
  const TsrOutline *outline = self->outline;
  self->edges = g_new (Edge, (size_t)outline->points->len + 1);
  for (guint r = 0; r < outline->rings->len; r++) {
    const TsrOutlineRing *ring = &g_array_index (outline->rings, TsrOutlineRing, r);
    const TsrOutlinePoint *p = &g_array_index (outline->points, TsrOutlinePoint, ring->first);
    for (uint32_t i = 0; i < ring->n; i++) {
      TsrOutlinePoint a = p[i], b = p[i + 1 < ring->n ? i + 1 : 0];
      if (a.y <= b.y)
        self->edges[self->n_edges++] = (Edge){a.x, a.y, b.x, b.y, 1, r, 0};
      else
        self->edges[self->n_edges++] = (Edge){b.x, b.y, a.x, a.y, -1, r, 0};
    }
  }
}

/* Long edges are in many rows, so there are fewer rows where there are many of these. */
static void
sort_into_rows (TsrOutlineIndex *self)
{
  double top = INFINITY, bottom = -INFINITY;
  for (uint32_t i = 0; i < self->n_edges; i++) {
    top = MIN (top, self->edges[i].y0);
    bottom = MAX (bottom, self->edges[i].y1);
  }
  self->top = self->n_edges ? top : 0;
  size_t entries;
  for (self->n_rows = CLAMP (self->n_edges / 4, 1, 1u << 20);; self->n_rows /= 2) {
    self->row_height = bottom > top ? (bottom - top) / self->n_rows : 1;
    entries = 0;
    for (uint32_t i = 0; i < self->n_edges; i++)
      entries += row_of (self, self->edges[i].y1) - row_of (self, self->edges[i].y0) + 1;
    if (entries <= (size_t)8 * self->n_edges || self->n_rows == 1)
      break;
  }
  self->row_first = g_new0 (uint32_t, (size_t)self->n_rows + 2);
  self->row_edges = g_new (uint32_t, entries + 1);
  for (uint32_t i = 0; i < self->n_edges; i++) {
    self->edges[i].row = row_of (self, self->edges[i].y0);
    for (uint32_t r = self->edges[i].row; r <= row_of (self, self->edges[i].y1); r++)
      self->row_first[r + 2]++;
  }
  for (uint32_t r = 2; r < self->n_rows + 2; r++)
    self->row_first[r] += self->row_first[r - 1];
  for (uint32_t i = 0; i < self->n_edges; i++)
    for (uint32_t r = self->edges[i].row; r <= row_of (self, self->edges[i].y1); r++)
      self->row_edges[self->row_first[r + 1]++] = i;
}

TsrOutlineIndex *
tsr_outline_index_new (const TsrOutline *outline)
{
  TsrOutlineIndex *self = g_new0 (TsrOutlineIndex, 1);
  self->outline = outline;
  collect_edges (self);
  sort_into_rows (self);
  self->winding = g_new0 (int32_t, (size_t)outline->rings->len + 1);
  self->holes = g_new0 (uint32_t, (size_t)outline->n_polygons + 1);
  self->in_shell = g_new0 (uint8_t, (size_t)outline->n_polygons + 1);
  return self;
}

void
tsr_outline_index_free (TsrOutlineIndex *self)
{
  if (!self)
    return;
  g_free (self->edges);
  g_free (self->row_first);
  g_free (self->row_edges);
  g_free (self->winding);
  g_free (self->holes);
  g_free (self->in_shell);
  g_free (self);
}

static double
x_at (const Edge *edge, double y)
{
  if (y <= edge->y0)
    return edge->x0;
  if (y >= edge->y1)
    return edge->x1;
  return edge->x0 + (edge->x1 - edge->x0) * ((y - edge->y0) / (edge->y1 - edge->y0));
}

/* Takes the sweep over an edge to the right (way 1) or back (-1). */
static void
cross (TsrOutlineIndex *self, const Edge *edge, int way)
{
  const TsrOutlineRing *ring = &g_array_index (self->outline->rings, TsrOutlineRing, edge->ring);
  uint32_t polygon = ring->polygon;
  bool before = self->in_shell[polygon] && self->holes[polygon] == 0,
       was_in = self->winding[edge->ring] != 0;
  self->winding[edge->ring] += way * edge->turn;
  bool is_in = self->winding[edge->ring] != 0;
  if (was_in == is_in)
    return;
  if (!ring->hole)
    self->in_shell[polygon] = is_in;
  else if (is_in)
    self->holes[polygon]++;
  else
    self->holes[polygon]--;
  bool after = self->in_shell[polygon] && self->holes[polygon] == 0;
  if (after && !before)
    self->inside++;
  else if (before && !after)
    self->inside--;
}

bool
tsr_outline_contains (TsrOutlineIndex *self, double x, double y)
{
  uint32_t row = row_of (self, y);
  bool inside = false;
  for (int way = 1; way >= -1; way -= 2) {
    for (uint32_t i = self->row_first[row]; i < self->row_first[row + 1]; i++) {
      const Edge *edge = &self->edges[self->row_edges[i]];
      if (edge->y0 <= y && y < edge->y1 && x_at (edge, y) <= x)
        cross (self, edge, way);
    }
    inside = inside || self->inside > 0;
  }
  return inside;
}

/* Crosses those of the edges that are at this height. */
static void
cross_all (TsrOutlineIndex *self, const Edge *const *edges, size_t n, double y, int way)
{
  for (size_t i = 0; i < n; i++)
    if (edges[i]->y0 <= y && y < edges[i]->y1)
      cross (self, edges[i], way);
}

static int
compare_heights (const void *a, const void *b)
{
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

static int
compare_cuts (const void *a, const void *b)
{
  const Cut *p = a, *q = b;
  if (p->middle != q->middle)
    return p->middle < q->middle ? -1 : 1;
  return (p->edge > q->edge) - (p->edge < q->edge);
}

static void
add_height (GArray *heights, const Box *box, double y)
{
  if (y > box->y0 && y < box->y1)
    g_array_append_val (heights, y);
}

/* The height at which an edge passes a vertical line. */
static void
add_crossing (GArray *heights, const Box *box, const Edge *edge, double x)
{
  if ((edge->x0 < x) != (edge->x1 < x))
    add_height (heights, box,
                edge->y0 + (edge->y1 - edge->y0) * ((x - edge->x0) / (edge->x1 - edge->x0)));
}

/* Where two edges cross: they are in another order at the end of what they share than at its
 * beginning. */
static void
add_meeting (GArray *heights, const Box *box, const Edge *a, const Edge *b)
{
  double y0 = MAX (MAX (a->y0, b->y0), box->y0), y1 = MIN (MIN (a->y1, b->y1), box->y1);
  if (y0 >= y1)
    return;
  double d0 = x_at (a, y0) - x_at (b, y0), d1 = x_at (a, y1) - x_at (b, y1);
  if ((d0 < 0 && d1 > 0) || (d0 > 0 && d1 < 0))
    add_height (heights, box, y0 + (y1 - y0) * (d0 / (d0 - d1)));
}

static GArray *
find_heights (const Box *box, const Edge *const *edges, size_t n)
{
  GArray *heights = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_append_val (heights, box->y0);
  g_array_append_val (heights, box->y1);
  for (size_t i = 0; i < n; i++) {
    add_height (heights, box, edges[i]->y0);
    add_height (heights, box, edges[i]->y1);
    add_crossing (heights, box, edges[i], box->x0);
    add_crossing (heights, box, edges[i], box->x1);
    for (size_t j = 0; j < i; j++)
      add_meeting (heights, box, edges[i], edges[j]);
  }
  qsort (heights->data, heights->len, sizeof (double), compare_heights);
  return heights;
}

/* The covered part of one band, in which no edge begins, ends or crosses another. cuts has room for
 * all edges. */
static double
band_area (TsrOutlineIndex *self, const Box *box, double y0, double y1, const Edge *const *edges,
           size_t n, Cut *cuts)
{
  double middle = y0 + (y1 - y0) / 2, area = 0, upper = box->x0, lower = box->x0;
  size_t n_cuts = 0;
  for (size_t i = 0; i < n; i++)
    if (edges[i]->y0 <= middle && middle < edges[i]->y1)
      cuts[n_cuts++] =
          (Cut){CLAMP (x_at (edges[i], y0), box->x0, box->x1),
                CLAMP (x_at (edges[i], y1), box->x0, box->x1), x_at (edges[i], middle), edges[i]};
  qsort (cuts, n_cuts, sizeof *cuts, compare_cuts);
  for (size_t i = 0; i <= n_cuts; i++) {
    double next_upper = i < n_cuts ? cuts[i].upper : box->x1,
           next_lower = i < n_cuts ? cuts[i].lower : box->x1;
    if (self->inside > 0)
      area += (next_upper - upper + next_lower - lower) / 2 * (y1 - y0);
    if (i < n_cuts)
      cross (self, cuts[i].edge, 1);
    upper = next_upper;
    lower = next_lower;
  }
  for (size_t i = 0; i < n_cuts; i++)
    cross (self, cuts[i].edge, -1);
  return area;
}

static double
leaf_area (TsrOutlineIndex *self, const Box *box, const Edge *const *left, size_t n_left,
           const Edge *const *edges, size_t n)
{
  g_autoptr (GArray) heights = find_heights (box, edges, n);
  g_autofree Cut *cuts = g_new (Cut, n + 1);
  double area = 0;
  for (guint i = 1; i < heights->len; i++) {
    double y0 = g_array_index (heights, double, i - 1), y1 = g_array_index (heights, double, i);
    if (!(y1 > y0))
      continue;
    cross_all (self, left, n_left, y0 + (y1 - y0) / 2, 1);
    area += band_area (self, box, y0, y1, edges, n, cuts);
    cross_all (self, left, n_left, y0 + (y1 - y0) / 2, -1);
  }
  return area;
}

static double box_area (TsrOutlineIndex *self, const Box *box, const Edge *const *edges, size_t n,
                        int depth);

static double
quarters_area (TsrOutlineIndex *self, const Box *box, const Edge *const *edges, size_t n, int depth)
{
  double x = box->x0 + (box->x1 - box->x0) / 2, y = box->y0 + (box->y1 - box->y0) / 2, area = 0;
  for (int quarter = 0; quarter < 4; quarter++) {
    Box part = {quarter & 1 ? x : box->x0, quarter & 2 ? y : box->y0, quarter & 1 ? box->x1 : x,
                quarter & 2 ? box->y1 : y};
    area += box_area (self, &part, edges, n, depth + 1);
  }
  return area;
}

/* All or nothing, as the middle has it. */
static double
middle_area (TsrOutlineIndex *self, const Box *box, const Edge *const *left, size_t n_left,
             const Edge *const *edges, size_t n)
{
  double x = box->x0 + (box->x1 - box->x0) / 2, y = box->y0 + (box->y1 - box->y0) / 2, area = 0;
  for (int way = 1; way >= -1; way -= 2) {
    cross_all (self, left, n_left, y, way);
    for (size_t i = 0; i < n; i++)
      if (x_at (edges[i], y) <= x)
        cross_all (self, &edges[i], 1, y, way);
    if (way > 0 && self->inside > 0)
      area = (box->x1 - box->x0) * (box->y1 - box->y0);
  }
  return area;
}

/* The covered part of a box, when the sweep has crossed what lies left of it along all its height,
 * and edges are the others that may lie left or touch it. */
static double
box_area (TsrOutlineIndex *self, const Box *box, const Edge *const *edges, size_t n, int depth)
{
  g_autofree const Edge **kept = g_new (const Edge *, n + 1),
                        **passed = g_new (const Edge *, n + 1);
  size_t n_left = 0, n_touching = 0, n_passed = 0;
  /* Those left of the box from the front, those that may touch it from the back. */
  for (size_t i = 0; i < n; i++) {
    const Edge *edge = edges[i];
    if (edge->y1 <= box->y0 || edge->y0 >= box->y1)
      continue;
    bool flat = edge->y0 == edge->y1;
    double a = flat ? edge->x0 : x_at (edge, box->y0), b = flat ? edge->x1 : x_at (edge, box->y1);
    if (MAX (a, b) > box->x0) {
      if (MIN (a, b) < box->x1)
        kept[n - ++n_touching] = edge;
    } else if (edge->y0 <= box->y0 && edge->y1 >= box->y1)
      cross (self, passed[n_passed++] = edge, 1);
    else if (!flat)
      kept[n_left++] = edge;
  }
  const Edge **touching = kept + n - n_touching;
  double area;
  if (n_touching == 0 || (n_touching > MOST_EDGES && depth == MAX_DEPTH))
    area = middle_area (self, box, kept, n_left, touching, n_touching);
  else if (n_touching <= LEAF_EDGES || depth == MAX_DEPTH)
    area = leaf_area (self, box, kept, n_left, touching, n_touching);
  else {
    memmove (kept + n_left, touching, n_touching * sizeof *touching);
    area = quarters_area (self, box, kept, n_left + n_touching, depth);
  }
  while (n_passed > 0)
    cross (self, passed[--n_passed], -1);
  return area;
}

double
tsr_outline_overlap (TsrOutlineIndex *self, double x, double y, double width, double height)
{
  const TsrOutline *outline = self->outline;
  Box box = {x, y, x + width, y + height};
  if (!(width > 0 && height > 0) || box.x1 <= outline->x0 || box.x0 >= outline->x1 ||
      box.y1 <= outline->y0 || box.y0 >= outline->y1)
    return 0;
  uint32_t first = row_of (self, box.y0), last = row_of (self, box.y1);
  g_autoptr (GPtrArray) edges = g_ptr_array_new ();
  for (uint32_t row = first; row <= last; row++)
    for (uint32_t i = self->row_first[row]; i < self->row_first[row + 1]; i++) {
      Edge *edge = &self->edges[self->row_edges[i]];
      if (row == MAX (edge->row, first))
        g_ptr_array_add (edges, edge);
    }
  return box_area (self, &box, (const Edge *const *)edges->pdata, edges->len, 0);
}
