#include "tsr-follow.h"

#include "tsr-distance.h"
#include "tsr-gemm.h"
#include "tsr-simd.h"

#include <float.h>
#include <glib.h>
#include <math.h>

#define FEW          8 /* labels of a class, up to which products cost more than they save */
#define NONE         UINT32_MAX
#define LARGEST_TILE (16 * 32)

typedef struct {
  uint32_t *tile; /* ascending */
  int32_t *label;
  size_t count;
} Labels;

struct TsrFollowed {
  size_t n;
  Labels labels;     /* by which it was found */
  uint32_t *follows; /* [n], NONE: not known */
  float *squared;    /* [n] how far */
};

struct TsrFollow {
  const float *w;
  size_t d, n_classes, most; /* labels of one class */
  TsrGemmTile size;
  size_t *first;  /* [n_classes + 1] */
  uint32_t *tile; /* [labels], class by class, each in the order they came */
  float *points;  /* [labels,d] */
  float *square;  /* [labels] */
  size_t *panel;  /* [n_classes] where a class begins in */
  float *packed;  /* panels of size.nr labels */
  /* of what was found before */
  TsrFollowed *followed; /* or NULL */
  Labels before;         /* the labels then */
  bool *kept;            /* [before.count] whether it is a label of the same class still */
  bool *added;           /* [labels] class by class: it was none then */
  size_t *n_added;       /* [n_classes] */
};

static double
square_of (const float *row, size_t d)
{
  double sum = 0;
  for (size_t c = 0; c < d; c++)
    sum += (double)row[c] * row[c];
  return sum;
}

static void
group_labels (TsrFollow *self, const uint32_t *tile, const int32_t *label, size_t labels)
{
  size_t d = self->d, at = 0;
  for (size_t c = 0; c < self->n_classes; c++) {
    self->first[c] = at;
    for (size_t s = 0; s < labels; s++)
      if ((size_t)label[s] == c) {
        memcpy (self->points + at * d, self->w + tile[s] * d, d * sizeof *self->points);
        self->square[at] = (float)square_of (self->points + at * d, d);
        self->tile[at++] = tile[s];
      }
    self->most = MAX (self->most, at - self->first[c]);
  }
  self->first[self->n_classes] = at;
}

static size_t
count_of (const TsrFollow *self, size_t c)
{
  return self->first[c + 1] - self->first[c];
}

TsrFollow *
tsr_follow_new (const float *w, size_t d, const uint32_t *tile, const int32_t *label, size_t labels,
                size_t n_classes)
{
  TsrFollow *self = g_new0 (TsrFollow, 1);
  *self = (TsrFollow){.w = w, .d = d, .n_classes = n_classes, .size = tsr_gemm_tile_f32 ()};
  self->first = g_new (size_t, n_classes + 1);
  self->panel = g_new0 (size_t, n_classes + 1);
  self->tile = g_new (uint32_t, labels + 1);
  self->points = g_new (float, labels *d + 1);
  self->square = g_new (float, labels + 1);
  group_labels (self, tile, label, labels);
  size_t nr = self->size.nr, panels = 0;
  for (size_t c = 0; c < n_classes; c++) {
    self->panel[c] = panels;
    panels += count_of (self, c) > FEW ? (count_of (self, c) + nr - 1) / nr : 0;
  }
  self->packed = g_new (float, panels *nr *d + 1);
  for (size_t c = 0; c < n_classes; c++)
    for (size_t j = 0; count_of (self, c) > FEW && j < count_of (self, c); j += nr)
      tsr_gemm_pack_f32 (self->points + (self->first[c] + j) * d, MIN (nr, count_of (self, c) - j),
                         d, d, 1, nr, self->packed + (self->panel[c] + j / nr) * nr * d);
  return self;
}

static void
labels_clear (Labels *labels)
{
  g_clear_pointer (&labels->tile, g_free);
  g_clear_pointer (&labels->label, g_free);
  labels->count = 0;
}

void
tsr_follow_free (TsrFollow *self)
{
  if (!self)
    return;
  g_free (self->first);
  g_free (self->panel);
  g_free (self->tile);
  g_free (self->points);
  g_free (self->square);
  g_free (self->packed);
  g_free (self->kept);
  g_free (self->added);
  g_free (self->n_added);
  labels_clear (&self->before);
  g_free (self);
}

/* --- what was found before --- */

TsrFollowed *
tsr_followed_new (size_t n)
{
  TsrFollowed *self = g_new0 (TsrFollowed, 1);
  self->n = n;
  self->follows = g_new (uint32_t, n + 1);
  self->squared = g_new (float, n + 1);
  memset (self->follows, 0xff, (n + 1) * sizeof *self->follows); /* NONE */
  return self;
}

void
tsr_followed_free (TsrFollowed *self)
{
  if (!self)
    return;
  labels_clear (&self->labels);
  g_free (self->follows);
  g_free (self->squared);
  g_free (self);
}

/* Where a tile is among labels, or their number. */
static size_t
find_label (const Labels *labels, uint32_t tile)
{
  size_t low = 0, high = labels->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (labels->tile[middle] < tile)
      low = middle + 1;
    else
      high = middle;
  }
  return low < labels->count && labels->tile[low] == tile ? low : labels->count;
}

void
tsr_follow_use (TsrFollow *self, TsrFollowed *followed)
{
  size_t labels = self->first[self->n_classes];
  self->followed = followed;
  self->before = followed->labels;
  followed->labels = (Labels){g_new (uint32_t, labels + 1), g_new (int32_t, labels + 1), labels};
  self->kept = g_new0 (bool, self->before.count + 1);
  self->added = g_new0 (bool, labels + 1);
  self->n_added = g_new0 (size_t, self->n_classes + 1);
  g_autofree size_t *next = g_memdup2 (self->first, (self->n_classes + 1) * sizeof *next);
  for (size_t s = 0; s < labels; s++) { /* from class by class to ascending */
    size_t c = self->n_classes;
    for (size_t o = 0; o < self->n_classes; o++)
      if (next[o] < self->first[o + 1] &&
          (c == self->n_classes || self->tile[next[o]] < self->tile[next[c]]))
        c = o;
    size_t at = next[c]++, then = find_label (&self->before, self->tile[at]);
    bool same = then < self->before.count && self->before.label[then] == (int32_t)c;
    followed->labels.tile[s] = self->tile[at];
    followed->labels.label[s] = (int32_t)c;
    followed->follows[self->tile[at]] = NONE; /* it follows itself */
    self->added[at] = !same;
    self->n_added[c] += !same;
    if (same)
      self->kept[then] = true;
  }
}

/* Keeps the better of what was found before and the labels that are new; false where nothing is
 * known of the class or its label is gone. */
static bool
recall (const TsrFollow *self, size_t i, size_t c, TsrPrediction *prediction)
{
  uint32_t follows = self->followed ? self->followed->follows[i] : NONE;
  if (follows == NONE || self->n_added[c] > FEW)
    return false;
  size_t then = find_label (&self->before, follows);
  if (then == self->before.count || !self->kept[then] || self->before.label[then] != (int32_t)c)
    return false;
  float least = self->followed->squared[i], squared;
  for (size_t s = self->first[c]; self->n_added[c] > 0 && s < self->first[c + 1]; s++) {
    if (!self->added[s])
      continue;
    tsr_distances (self->points, self->d, s, s + 1, self->w + i * self->d, &squared);
    if (squared < least || (squared == least && self->tile[s] < follows)) {
      follows = self->tile[s];
      least = squared;
    }
  }
  self->followed->follows[i] = prediction->follows = follows;
  self->followed->squared[i] = least;
  prediction->distance = sqrtf (least);
  return true;
}

/* --- one class --- */

/* Compares row i with the labels of class c whose `near` [count] is no more than limit; all where
 * that tells nothing. */
static void
compare (const TsrFollow *self, size_t i, size_t c, const float *near, float limit,
         TsrPrediction *prediction)
{
  size_t first = self->first[c], best = SIZE_MAX;
  float least = 0, squared;
  for (size_t s = 0; s < count_of (self, c); s++) {
    if (near && near[s] > limit)
      continue;
    tsr_distances (self->points, self->d, first + s, first + s + 1, self->w + i * self->d,
                   &squared);
    if (best == SIZE_MAX || squared < least) {
      best = first + s;
      least = squared;
    }
  }
  prediction->follows = self->tile[best];
  prediction->distance = sqrtf (least);
  if (self->followed) {
    self->followed->follows[i] = self->tile[best];
    self->followed->squared[i] = least;
  }
}

/* How far below or above its true value |y|^2 - 2 x y may be found, and the squared distance by the
 * differences, twice: 2 (d + 8) units in the last place of (|x| + |y|)^2 each, and what is lost
 * below the smallest number. Of squares in double: any d below 2^22. */
static double
error_of (const TsrFollow *self, double x_square, double y_square)
{
  double reach = sqrt (x_square) + sqrt (y_square);
  return 4 * (double)(self->d + 8) * (FLT_EPSILON / 2 * reach * reach + FLT_MIN);
}

/* |y|^2 - 2 x y of up to size.mr rows (packed) with all labels of class c: near [mr, count]. */
static void
multiply (const TsrFollow *self, size_t c, const float *packed, size_t rows, float *near)
{
  size_t count = count_of (self, c), nr = self->size.nr;
  float tile[LARGEST_TILE] __attribute__ ((aligned (64)));
  for (size_t j = 0; j < count; j += nr) {
    tsr_gemm_tile_product_f32 (
        self->d, packed, self->packed + (self->panel[c] + j / nr) * nr * self->d, tile, nr, false);
    for (size_t r = 0; r < rows; r++)
      for (size_t s = 0; s < MIN (nr, count - j); s++)
        near[r * count + j + s] = self->square[self->first[c] + j + s] - 2 * tile[r * nr + s];
  }
}

TSR_CLONES static float
least_of (const float *v, size_t n)
{
  float lane[TSR_LANES], least = v[0];
  size_t i = 0;
  for (int l = 0; l < TSR_LANES; l++)
    lane[l] = v[0];
  for (; i + TSR_LANES <= n; i += TSR_LANES)
    for (int l = 0; l < TSR_LANES; l++)
      lane[l] = v[i + l] < lane[l] ? v[i + l] : lane[l];
  for (; i < n; i++)
    least = v[i] < least ? v[i] : least;
  for (int l = 0; l < TSR_LANES; l++)
    least = lane[l] < least ? lane[l] : least;
  return least;
}

/* Up to size.mr rows of class c. */
static void
find_panel (const TsrFollow *self, size_t c, const uint32_t *index, size_t rows, float *packed,
            float *near, TsrPrediction *prediction)
{
  size_t count = count_of (self, c), mr = self->size.mr;
  double y_square = 0;
  memset (packed, 0, mr * self->d * sizeof *packed);
  for (size_t first = 0; first < self->d;
       first += TSR_LANES) /* a stretch that stays in the cache */
    for (size_t r = 0; r < rows; r++)
      for (size_t a = first; a < MIN (first + TSR_LANES, self->d); a++)
        packed[a * mr + r] = self->w[index[r] * self->d + a];
  multiply (self, c, packed, rows, near);
  for (size_t s = self->first[c]; s < self->first[c + 1]; s++)
    y_square = fmax (y_square, self->square[s]);
  for (size_t r = 0; r < rows; r++) {
    double x_square = square_of (self->w + index[r] * self->d, self->d);
    double limit = least_of (near + r * count, count) + error_of (self, x_square, y_square);
    /* what overflowed may be NAN anywhere */
    bool told = x_square < FLT_MAX / 16 && y_square < FLT_MAX / 16;
    compare (self, index[r], c, told ? near + r * count : NULL, nextafterf ((float)limit, INFINITY),
             &prediction[index[r]]);
  }
}

void
tsr_follow_find (const TsrFollow *self, const uint32_t *index, size_t count,
                 TsrPrediction *prediction)
{
  size_t mr = self->size.mr;
  g_autofree uint32_t *own = g_new (uint32_t, count + 1);
  g_autofree float *packed = g_new (float, mr * self->d + 1),
                   *near = g_new (float, mr * self->most + 1);
  for (size_t c = 0; c < self->n_classes; c++) {
    size_t rows = 0;
    for (size_t t = 0; t < count; t++)
      if ((size_t)prediction[index[t]].class_id == c &&
          !recall (self, index[t], c, &prediction[index[t]]))
        own[rows++] = index[t];
    for (size_t t = 0; t < rows && count_of (self, c) <= FEW; t++)
      compare (self, own[t], c, NULL, 0, &prediction[own[t]]);
    for (size_t t = 0; t < rows && count_of (self, c) > FEW; t += mr)
      find_panel (self, c, own + t, MIN (mr, rows - t), packed, near, prediction);
  }
}
