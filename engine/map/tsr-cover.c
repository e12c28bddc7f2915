#include "tsr-cover.h"

#include "tsr-distance.h"
#include "tsr-parallel.h"
#include "tsr-simd.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define BLOCK 256

/* Points are kept in blocks; in two dimensions sorted along a Z-curve, so that a block is compact
 * and its bounding box tells whether a new source can matter to it. */
typedef struct {
  float low[2], high[2];
  float largest;     /* squared distance of the farthest candidate; -1 if the block has none */
  uint32_t farthest; /* its index: the lowest among equals */
} Block;

struct TsrCover {
  const float *points;
  size_t n, d, blocks, sources;
  uint32_t *order; /* [n] position -> index; unblocked points only */
  bool curved;     /* order goes by the curve's codes and then by index, else by index alone */
  float low[2];    /* where the curve begins */
  double scale;    /* its cells a unit */
  float *x, *y;    /* [n] by position, d = 2 only */
  /* [n] by position: squared distance to the nearest source, -1 for a source itself, -2 for what
   * was left out */
  float *nearest;
  Block *block;
  const float *source; /* being added */
  bool forked;         /* order, x and y are another's */
};

/* --- order --- */

static uint64_t
spread_bits (uint32_t v)
{
  uint64_t x = v;
  x = (x | x << 16) & 0x0000ffff0000ffffull;
  x = (x | x << 8) & 0x00ff00ff00ff00ffull;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0full;
  x = (x | x << 2) & 0x3333333333333333ull;
  return (x | x << 1) & 0x5555555555555555ull;
}

typedef struct {
  uint32_t code, index;
} Coded;

/* By code, sixteen bits a pass; equal codes keep their order, which is that of their indices. */
static void
sort_by_code (Coded *coded, size_t n)
{
  g_autofree Coded *other = g_new (Coded, n + 1);
  g_autofree size_t *begin = g_new (size_t, 65537);
  for (int shift = 0; shift < 32; shift += 16) {
    memset (begin, 0, 65537 * sizeof *begin);
    for (size_t o = 0; o < n; o++)
      begin[(coded[o].code >> shift & 0xffff) + 1]++;
    for (size_t v = 0; v < 65536; v++)
      begin[v + 1] += begin[v];
    for (size_t o = 0; o < n; o++)
      other[begin[coded[o].code >> shift & 0xffff]++] = coded[o];
    memcpy (coded, other, n * sizeof *coded);
  }
}

static Coded
coded_of (const TsrCover *self, uint32_t index)
{
  uint32_t cell[2] = {0};
  for (int a = 0; a < 2 && self->curved; a++) {
    double v = ((double)self->points[2 * (size_t)index + a] - self->low[a]) * self->scale;
    cell[a] = v > 0 && v < 65536 ? (uint32_t)v : 0;
  }
  return (Coded){(uint32_t)(spread_bits (cell[0]) | spread_bits (cell[1]) << 1), index};
}

static void
sort_along_curve (TsrCover *self)
{
  float *low = self->low, high[2] = {-INFINITY, -INFINITY};
  low[0] = low[1] = INFINITY;
  for (size_t o = 0; o < self->n; o++)
    for (int a = 0; a < 2; a++) {
      low[a] = fminf (low[a], self->points[2 * (size_t)self->order[o] + a]);
      high[a] = fmaxf (high[a], self->points[2 * (size_t)self->order[o] + a]);
    }
  double span = fmax ((double)high[0] - low[0], (double)high[1] - low[1]);
  self->scale = span > 0 && isfinite (span) ? 65535 / span : 0;
  self->curved = true;
  g_autofree Coded *coded = g_new (Coded, self->n);
  for (size_t o = 0; o < self->n; o++)
    coded[o] = coded_of (self, self->order[o]);
  sort_by_code (coded, self->n);
  for (size_t o = 0; o < self->n; o++)
    self->order[o] = coded[o].index;
}

/* Where a point is, SIZE_MAX if it was blocked: looked for, because a position for each point would
 * be four bytes for something that is asked once a label. */
static size_t
place_of (const TsrCover *self, uint32_t i)
{
  Coded wanted = coded_of (self, i);
  size_t low = 0, high = self->n;
  while (low < high) {
    size_t middle = (low + high) / 2;
    Coded there = coded_of (self, self->order[middle]);
    if (there.code < wanted.code || (there.code == wanted.code && there.index < i))
      low = middle + 1;
    else
      high = middle;
  }
  return low < self->n && self->order[low] == i ? low : SIZE_MAX;
}

/* --- updating --- */

static void
find_farthest (TsrCover *self, size_t b)
{
  Block *block = &self->block[b];
  size_t begin = b * BLOCK, end = MIN (begin + BLOCK, self->n);
  block->largest = -1;
  block->farthest = UINT32_MAX;
  for (size_t o = begin; o < end; o++) {
    float value = self->nearest[o];
    if (value < 0 || value < block->largest ||
        (value == block->largest && self->order[o] > block->farthest))
      continue;
    block->largest = value;
    block->farthest = self->order[o];
  }
}

TSR_CLONES static void
update_plane (const float *x, const float *y, float *nearest, size_t n, float sx, float sy)
{
  for (size_t o = 0; o < n; o++) {
    float dx = x[o] - sx, dy = y[o] - sy, squared = dx * dx + dy * dy;
    nearest[o] = squared < nearest[o] ? squared : nearest[o];
  }
}

/* Whether every point of the block is certainly nearer to an older source. The bound is lowered a
 * little, since a distance may round below it. */
static bool
out_of_reach (const Block *block, const float *source)
{
  float dx = fmaxf (0, fmaxf (block->low[0] - source[0], source[0] - block->high[0]));
  float dy = fmaxf (0, fmaxf (block->low[1] - source[1], source[1] - block->high[1]));
  return (dx * dx + dy * dy) * 0.999f >= block->largest;
}

static void
update_blocks (size_t first, size_t last, unsigned worker, void *data)
{
  TsrCover *self = data;
  for (size_t b = first; b < last; b++) {
    size_t begin = b * BLOCK, end = MIN (begin + BLOCK, self->n);
    if (self->block[b].largest < 0)
      continue;
    if (self->d == 2) {
      if (out_of_reach (&self->block[b], self->source))
        continue;
      update_plane (self->x + begin, self->y + begin, self->nearest + begin, end - begin,
                    self->source[0], self->source[1]);
    } else {
      float squared[BLOCK];
      tsr_distances_of (self->points, self->d, self->order + begin, end - begin, self->source,
                        squared);
      for (size_t o = begin; o < end; o++)
        if (squared[o - begin] < self->nearest[o])
          self->nearest[o] = squared[o - begin];
    }
    find_farthest (self, b);
  }
}

TsrCover *
tsr_cover_new (const float *points, size_t n, size_t d, const uint8_t *blocked)
{
  TsrCover *self = g_new0 (TsrCover, 1);
  self->points = points;
  self->d = d;
  self->order = g_new (uint32_t, n + 1);
  for (size_t i = 0; i < n; i++)
    if (!blocked || !blocked[i])
      self->order[self->n++] = (uint32_t)i;
  if (d == 2 && self->n > BLOCK)
    sort_along_curve (self);
  self->x = d == 2 ? g_new (float, self->n + 1) : NULL;
  self->y = d == 2 ? g_new (float, self->n + 1) : NULL;
  self->nearest = g_new (float, self->n + 1);
  self->blocks = (self->n + BLOCK - 1) / BLOCK;
  self->block = g_new (Block, self->blocks + 1);
  for (size_t o = 0; o < self->n; o++) {
    size_t i = self->order[o];
    Block *block = &self->block[o / BLOCK];
    if (o % BLOCK == 0)
      *block = (Block){{INFINITY, INFINITY}, {-INFINITY, -INFINITY}, 0, 0};
    if (d != 2)
      continue;
    self->x[o] = points[2 * i];
    self->y[o] = points[2 * i + 1];
    for (int a = 0; a < 2; a++) {
      block->low[a] = fminf (block->low[a], points[2 * i + a]);
      block->high[a] = fmaxf (block->high[a], points[2 * i + a]);
    }
  }
  tsr_cover_restart (self);
  return self;
}

TsrCover *
tsr_cover_fork (const TsrCover *cover)
{
  TsrCover *self = g_memdup2 (cover, sizeof *cover);
  self->forked = true;
  self->nearest = g_memdup2 (cover->nearest, (cover->n + 1) * sizeof *cover->nearest);
  self->block = g_memdup2 (cover->block, (cover->blocks + 1) * sizeof *cover->block);
  return self;
}

void
tsr_cover_restart (TsrCover *self)
{
  self->sources = 0;
  for (size_t o = 0; o < self->n; o++)
    self->nearest[o] = INFINITY;
  for (size_t b = 0; b < self->blocks; b++)
    find_farthest (self, b);
}

void
tsr_cover_free (TsrCover *self)
{
  if (!self)
    return;
  if (!self->forked) {
    g_free (self->order);
    g_free (self->x);
    g_free (self->y);
  }
  g_free (self->nearest);
  g_free (self->block);
  g_free (self);
}

void
tsr_cover_add (TsrCover *self, uint32_t i)
{
  size_t place = place_of (self, i);
  if (place == SIZE_MAX || self->nearest[place] == -1)
    return;
  self->nearest[place] = -1;
  self->sources++;
  find_farthest (self, place / BLOCK);
  self->source = self->points + (size_t)i * self->d;
  size_t work = self->d == 2 ? 1 : self->d * BLOCK / 2;
  tsr_parallel_for (self->blocks, MAX (1, 65536 / MAX (work, 64)), update_blocks, self);
}

bool
tsr_cover_has (const TsrCover *self, uint32_t i)
{
  size_t place = place_of (self, i);
  return place != SIZE_MAX && self->nearest[place] > -2;
}

void
tsr_cover_mark (const TsrCover *self, uint8_t *has)
{
  for (size_t o = 0; o < self->n; o++)
    has[self->order[o]] = self->nearest[o] > -2;
}

size_t
tsr_cover_sources (const TsrCover *self)
{
  return self->sources;
}

void
tsr_cover_leave_out (TsrCover *self, const uint8_t *out)
{
  for (size_t b = 0; b < self->blocks; b++) {
    bool any = false;
    for (size_t o = b * BLOCK; o < MIN ((b + 1) * BLOCK, self->n); o++)
      if (out[self->order[o]] && self->nearest[o] >= 0) {
        self->nearest[o] = -2;
        any = true;
      }
    if (any)
      find_farthest (self, b);
  }
}

bool
tsr_cover_farthest (const TsrCover *self, uint32_t *farthest)
{
  float largest = -1;
  *farthest = UINT32_MAX;
  for (size_t b = 0; b < self->blocks; b++) {
    const Block *block = &self->block[b];
    if (block->largest < 0 || block->largest < largest ||
        (block->largest == largest && block->farthest > *farthest))
      continue;
    largest = block->largest;
    *farthest = block->farthest;
  }
  return largest >= 0;
}

float
tsr_cover_radius (const TsrCover *self)
{
  if (self->n == 0)
    return 0;
  float largest = 0;
  for (size_t b = 0; b < self->blocks; b++)
    largest = fmaxf (largest, self->block[b].largest);
  return sqrtf (largest);
}
