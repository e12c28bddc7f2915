#include "tsr-propagation.h"

#include "tsr-distance.h"
#include "tsr-label-tree.h"
#include "tsr-parallel.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define NONE UINT32_MAX
#define FEW  32  /* sources up to which each tile simply looks at all of them */
#define LOT  256 /* tiles whose distances are computed together */

/* A source is a labelled tile that is not blocked. For each tile the state keeps its nearest source
 * and the nearest one of another class than that. Nearest means: the tile itself if it is a source,
 * else by squared distance, then by index; so the state depends only on the labels, not on the
 * order in which they came. */
struct TsrPropagation {
  const float *points;
  size_t n, d;
  int32_t *label;   /* [n] as set, blocked or not */
  uint8_t *blocked; /* [n] */
  uint32_t *source; /* [sources] in any order; room for `room` */
  size_t sources, room;
  TsrPrediction *prediction;
  float *squared;       /* [n] to prediction.follows */
  float *other_squared; /* [n] */
  uint32_t *other;      /* [n] */
  /* of the loop in progress */
  uint32_t tile;
  const TsrLabelTree *tree;
};

TsrPropagation *
tsr_propagation_new (const float *points, size_t n, size_t d)
{
  TsrPropagation *self = g_new0 (TsrPropagation, 1);
  self->points = points;
  self->n = n;
  self->d = d;
  self->label = g_new (int32_t, n + 1);
  self->blocked = g_new0 (uint8_t, n + 1);
  self->prediction = g_new (TsrPrediction, n + 1);
  self->squared = g_new (float, n + 1);
  self->other_squared = g_new (float, n + 1);
  self->other = g_new (uint32_t, n + 1);
  for (size_t i = 0; i < n; i++) {
    self->label[i] = TSR_NO_CLASS;
    self->prediction[i] = (TsrPrediction){TSR_NO_CLASS, NONE, INFINITY, 0};
    self->squared[i] = self->other_squared[i] = INFINITY;
    self->other[i] = NONE;
  }
  return self;
}

void
tsr_propagation_free (TsrPropagation *self)
{
  if (!self)
    return;
  g_free (self->label);
  g_free (self->blocked);
  g_free (self->source);
  g_free (self->prediction);
  g_free (self->squared);
  g_free (self->other_squared);
  g_free (self->other);
  g_free (self);
}

static const float *
point_of (const TsrPropagation *self, size_t i)
{
  return self->points + i * self->d;
}

/* --- one tile --- */

static void
finish (TsrPropagation *self, size_t i)
{
  TsrPrediction *p = &self->prediction[i];
  if (p->follows == NONE) {
    *p = (TsrPrediction){TSR_NO_CLASS, NONE, INFINITY, 0};
    return;
  }
  p->class_id = self->label[p->follows];
  p->distance = sqrtf (self->squared[i]);
  float other = sqrtf (self->other_squared[i]);
  if (self->other[i] == NONE)
    p->margin = 1;
  else if (other + p->distance > 0 && other < INFINITY)
    p->margin = (other - p->distance) / (other + p->distance);
  else
    p->margin = 0; /* two classes on top of each other */
}

static void
forget (TsrPropagation *self, size_t i)
{
  self->prediction[i].follows = self->other[i] = NONE;
  self->squared[i] = self->other_squared[i] = INFINITY;
  finish (self, i);
}

/* Offers source t to tile i; returns whether anything changed. */
static inline bool
offer (TsrPropagation *self, size_t i, uint32_t t, float squared)
{
  uint32_t follows = self->prediction[i].follows;
  bool nearest = follows == NONE || t == i ||
                 (follows != i &&
                  (squared < self->squared[i] || (squared == self->squared[i] && t < follows)));
  bool differs = follows != NONE && self->label[t] != self->label[follows];
  if (nearest) {
    if (differs) {
      self->other[i] = follows;
      self->other_squared[i] = self->squared[i];
    }
    self->prediction[i].follows = t;
    self->squared[i] = squared;
    return true;
  }
  if (!differs || squared > self->other_squared[i] ||
      (squared == self->other_squared[i] && t > self->other[i]))
    return false;
  self->other[i] = t;
  self->other_squared[i] = squared;
  return true;
}

static void
recompute (TsrPropagation *self, size_t i)
{
  self->prediction[i].follows = self->other[i] = NONE;
  self->squared[i] = self->other_squared[i] = INFINITY;
  if (!self->blocked[i] && self->tree) {
    const float *p = point_of (self, i);
    uint32_t nearest = (uint32_t)i;
    self->squared[i] = 0;
    if (self->label[i] == TSR_NO_CLASS)
      nearest = tsr_label_tree_nearest (self->tree, p[0], p[1], TSR_NO_CLASS, &self->squared[i]);
    self->prediction[i].follows = nearest;
    if (nearest != NONE)
      self->other[i] = tsr_label_tree_nearest (self->tree, p[0], p[1], self->label[nearest],
                                               &self->other_squared[i]);
  } else if (!self->blocked[i]) {
    for (size_t s = 0; s < self->sources; s++) {
      float squared;
      tsr_distances (self->points, self->d, i, i + 1, point_of (self, self->source[s]), &squared);
      offer (self, i, self->source[s], squared);
    }
  }
  finish (self, i);
}

/* --- all tiles --- */

static void
offer_range (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrPropagation *self = data;
  float squared[LOT];
  for (size_t lot = begin; lot < end; lot += LOT) {
    size_t lot_end = MIN (lot + LOT, end);
    tsr_distances (self->points, self->d, lot, lot_end, point_of (self, self->tile), squared);
    for (size_t i = lot; i < lot_end; i++) {
      /* the other source is never nearer than the one followed: beyond it nothing changes */
      if (squared[i - lot] > self->other_squared[i] || self->blocked[i])
        continue;
      if (offer (self, i, self->tile, squared[i - lot]))
        finish (self, i);
    }
  }
}

static void
recompute_range (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrPropagation *self = data;
  for (size_t i = begin; i < end; i++)
    recompute (self, i);
}

static void
recompute_orphans (size_t begin, size_t end, unsigned worker, void *data)
{
  TsrPropagation *self = data;
  for (size_t i = begin; i < end; i++)
    if (self->prediction[i].follows == self->tile || self->other[i] == self->tile)
      recompute (self, i);
}

static size_t
grain_of (const TsrPropagation *self)
{
  return MAX (LOT, 65536 / MAX (1, self->d));
}

static void
rebuild (TsrPropagation *self)
{
  TsrLabelTree *tree = NULL;
  if (self->d == 2 && self->sources > FEW)
    tree = tsr_label_tree_new (self->points, self->source, self->sources, self->label);
  self->tree = tree;
  tsr_parallel_for (self->n, MIN (grain_of (self), 1024), recompute_range, self);
  self->tree = NULL;
  tsr_label_tree_free (tree);
}

/* --- sources --- */

static bool
is_source (const TsrPropagation *self, size_t i)
{
  return self->label[i] != TSR_NO_CLASS && !self->blocked[i];
}

static void
list_source (TsrPropagation *self, uint32_t tile)
{
  if (self->sources == self->room) {
    self->room = MAX (64, 2 * self->room);
    self->source = g_renew (uint32_t, self->source, self->room);
  }
  self->source[self->sources++] = tile;
}

static void
unlist_source (TsrPropagation *self, uint32_t tile)
{
  size_t s = 0;
  while (self->source[s] != tile)
    s++;
  self->source[s] = self->source[--self->sources];
}

static void
list_all_sources (TsrPropagation *self)
{
  self->sources = 0;
  for (size_t i = 0; i < self->n; i++)
    if (is_source (self, i))
      list_source (self, (uint32_t)i);
}

static void
add_source (TsrPropagation *self, uint32_t tile)
{
  list_source (self, tile);
  self->tile = tile;
  tsr_parallel_for (self->n, grain_of (self), offer_range, self);
}

static void
remove_source (TsrPropagation *self, uint32_t tile)
{
  unlist_source (self, tile);
  self->tile = tile;
  tsr_parallel_for (self->n, grain_of (self), recompute_orphans, self);
}

void
tsr_propagation_set (TsrPropagation *self, uint32_t tile, int32_t class_id)
{
  g_return_if_fail (tile < self->n);
  class_id = MAX (class_id, TSR_NO_CLASS);
  if (self->label[tile] == class_id)
    return;
  bool was = is_source (self, tile);
  self->label[tile] = TSR_NO_CLASS;
  if (was)
    remove_source (self, tile);
  self->label[tile] = class_id;
  if (class_id != TSR_NO_CLASS && !self->blocked[tile])
    add_source (self, tile);
}

void
tsr_propagation_set_many (TsrPropagation *self, const uint32_t *tiles, const int32_t *classes,
                          size_t count)
{
  bool only_new = true;
  for (size_t j = 0; j < count; j++) {
    g_return_if_fail (tiles[j] < self->n);
    only_new = only_new && self->label[tiles[j]] == TSR_NO_CLASS;
  }
  if (count <= 8 || (only_new && (self->d != 2 || count <= FEW))) {
    for (size_t j = 0; j < count; j++)
      tsr_propagation_set (self, tiles[j], classes[j]);
    return;
  }
  for (size_t j = 0; j < count; j++)
    self->label[tiles[j]] = MAX (classes[j], TSR_NO_CLASS);
  list_all_sources (self);
  rebuild (self);
}

void
tsr_propagation_block (TsrPropagation *self, uint32_t tile, bool blocked)
{
  g_return_if_fail (tile < self->n);
  if (self->blocked[tile] == blocked)
    return;
  self->blocked[tile] = blocked;
  if (blocked) {
    forget (self, tile);
    if (self->label[tile] != TSR_NO_CLASS)
      remove_source (self, tile);
    return;
  }
  recompute (self, tile);
  if (self->label[tile] != TSR_NO_CLASS)
    add_source (self, tile);
}

const TsrPrediction *
tsr_propagation_predictions (const TsrPropagation *self)
{
  return self->prediction;
}

/* --- scores --- */

typedef struct {
  const TsrPropagation *state;
  size_t n_classes;     /* asked for; one more slot holds the labels of classes beyond */
  uint8_t *seen;        /* [n_classes + 1] */
  TsrLabelTree **trees; /* [n_classes + 1] or NULL: look at all sources */
  float *scores;
} Scoring;

static void
nearest_of_each (const Scoring *scoring, size_t i, float *squared)
{
  const TsrPropagation *self = scoring->state;
  for (size_t c = 0; c <= scoring->n_classes; c++) {
    squared[c] = INFINITY;
    if (scoring->trees && scoring->seen[c])
      tsr_label_tree_nearest (scoring->trees[c], self->points[2 * i], self->points[2 * i + 1],
                              TSR_NO_CLASS, &squared[c]);
  }
  for (size_t s = 0; !scoring->trees && s < self->sources; s++) {
    uint32_t t = self->source[s];
    size_t c = MIN ((size_t)self->label[t], scoring->n_classes);
    float value;
    tsr_distances (self->points, self->d, i, i + 1, point_of (self, t), &value);
    squared[c] = value < squared[c] ? value : squared[c];
  }
}

static void
score_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Scoring *scoring = data;
  size_t n_classes = scoring->n_classes;
  g_autofree float *squared = g_new (float, n_classes + 1);
  for (size_t i = begin; i < end; i++) {
    float *scores = scoring->scores + i * n_classes;
    memset (scores, 0, n_classes * sizeof *scores);
    if (scoring->state->blocked[i])
      continue;
    nearest_of_each (scoring, i, squared);
    for (size_t c = 0; c < n_classes; c++) {
      if (!scoring->seen[c])
        continue;
      bool alone = true;
      float other = INFINITY;
      for (size_t e = 0; e <= n_classes; e++)
        if (e != c && scoring->seen[e]) {
          alone = false;
          other = fminf (other, squared[e]);
        }
      float own = sqrtf (squared[c]), sum = own + sqrtf (other);
      scores[c] = alone ? 1 : sum > 0 && sum < INFINITY ? sqrtf (other) / sum : 0.5f;
    }
  }
}

static void
distance_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Scoring *scoring = data;
  size_t n_classes = scoring->n_classes;
  g_autofree float *squared = g_new (float, n_classes + 1);
  for (size_t i = begin; i < end; i++) {
    bool blocked = scoring->state->blocked[i];
    if (!blocked)
      nearest_of_each (scoring, i, squared);
    for (size_t c = 0; c < n_classes; c++)
      scoring->scores[i * n_classes + c] = blocked ? INFINITY : sqrtf (squared[c]);
  }
}

/* Runs body with what it needs to find each class's nearest label quickly. */
static void
score_with (const TsrPropagation *self, size_t n_classes, float *scores, TsrParallelBody body)
{
  g_autofree uint8_t *seen = g_new0 (uint8_t, n_classes + 1);
  for (size_t s = 0; s < self->sources; s++)
    seen[MIN ((size_t)self->label[self->source[s]], n_classes)] = 1;
  Scoring scoring = {self, n_classes, seen, NULL, scores};
  if (self->d == 2 && self->sources > FEW) {
    scoring.trees = g_new0 (TsrLabelTree *, n_classes + 1);
    g_autofree uint32_t *members = g_new (uint32_t, self->sources);
    for (size_t c = 0; c <= n_classes; c++) {
      size_t count = 0;
      for (size_t s = 0; s < self->sources; s++)
        if (MIN ((size_t)self->label[self->source[s]], n_classes) == c)
          members[count++] = self->source[s];
      scoring.trees[c] = tsr_label_tree_new (self->points, members, count, self->label);
    }
  }
  tsr_parallel_for (self->n, 256, body, &scoring);
  for (size_t c = 0; scoring.trees && c <= n_classes; c++)
    tsr_label_tree_free (scoring.trees[c]);
  g_free (scoring.trees);
}

void
tsr_propagation_distances (const TsrPropagation *self, size_t n_classes, float *distances)
{
  score_with (self, n_classes, distances, distance_range);
}

void
tsr_propagation_scores (const TsrPropagation *self, size_t n_classes, float *scores)
{
  score_with (self, n_classes, scores, score_range);
}
