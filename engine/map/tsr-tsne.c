#include "tsr-map.h"

#include "tsr-affinities.h"
#include "tsr-attraction.h"
#include "tsr-error.h"
#include "tsr-i18n.h"
#include "tsr-map-accelerator.h"
#include "tsr-parallel.h"
#include "tsr-random.h"
#include "tsr-repulsion.h"
#include "tsr-simd.h"
#include "tsr-vectors.h"

#include <math.h>
#include <string.h>

#define EXACT_BELOW  1000 /* points up to which all pairs are quicker than the grid */
#define CHUNK        4096
#define KL_EVERY     10   /* iterations; it costs half an attraction */
#define LONGEST_STEP 5.0f /* a point moves no further in one iteration (as openTSNE does) */
#define START_SPREAD 1e-4 /* standard deviation of the first axis */
#define START_JITTER 0.01 /* of that, so that equal vectors do not stay on top of each other */

typedef struct {
  size_t n;
  TsrTsneOptions options; /* defaults filled in */
  TsrAttraction *attraction;
  TsrRepulsion *repulsion; /* NULL when exact */
  void *optimiser;         /* the accelerator's, which then has the layout; or NULL */
  const uint32_t *order;   /* [n] or NULL: the row at each place of the arrays below */
  float *y, *attract, *repel, *velocity, *gain;
  float *shown; /* [n,2] by row, where order is not NULL */
  double z, log_sum;
  /* of the iteration in progress */
  float exaggeration, momentum, rate, inverse_z;
  double *sums; /* [chunks][2] */
  float mean[2];
} Tsne;

static TsrTsneOptions
fill_defaults (const TsrTsneOptions *options, size_t n)
{
  TsrTsneOptions filled = options ? *options : (TsrTsneOptions){0};
  if (!(filled.perplexity > 0))
    filled.perplexity = TSR_TSNE_PERPLEXITY;
  if (!(filled.exaggeration > 0))
    filled.exaggeration = TSR_TSNE_EXAGGERATION;
  if (!(filled.learning_rate > 0))
    filled.learning_rate = fmax ((double)n / 12, 50);
  if (filled.exaggeration_iterations <= 0)
    filled.exaggeration_iterations = TSR_TSNE_EXAGGERATION_ITERATIONS;
  if (filled.skip_exaggeration)
    filled.exaggeration_iterations = 0;
  if (filled.iterations <= 0)
    filled.iterations = TSR_TSNE_ITERATIONS;
  return filled;
}

/* --- the start --- */

/* The first two principal components, the first of standard deviation `spread`. */
static bool
place_by_pca (const float *x, size_t n, size_t d, double spread, float *y,
              const TsrProgress *progress, GError **error)
{
  size_t k = MIN (2, MIN (n, d));
  g_autofree float *scores = g_new (float, n *k);
  if (!tsr_pca_with_progress (x, n, d, k, scores, NULL, NULL, progress, error))
    return false;
  double sum = 0, largest = 0;
  for (size_t i = 0; i < n; i++)
    largest = fmax (largest, fabs (scores[i * k]));
  for (size_t i = 0; i < n && largest > 0; i++)
    sum += (scores[i * k] / largest) * (scores[i * k] / largest);
  double factor = sum > 0 ? spread / sqrt (sum / (double)n) / largest : 0;
  for (size_t i = 0; i < n; i++) {
    y[2 * i] = (float)(scores[i * k] * factor);
    y[2 * i + 1] = k > 1 ? (float)(scores[i * k + 1] * factor) : 0;
  }
  return true;
}

static void
jitter (float *y, size_t n, double amount, uint64_t seed)
{
  TsrRandom random;
  tsr_random_init (&random, seed, 0x75e0e);
  for (size_t i = 0; i < 2 * n; i++)
    y[i] += (float)(amount * tsr_random_normal (&random));
}

static bool
place_as_given (const float *start, size_t n, float *y, double *largest, GError **error)
{
  *largest = 0;
  for (size_t i = 0; i < 2 * n; i++) {
    if (!isfinite (start[i])) {
      g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                   _ ("The layout to begin from has no place for tile %zu. Make the map anew."),
                   i / 2 + 1);
      return false;
    }
    *largest = fmax (*largest, fabs (start[i]));
  }
  memcpy (y, start, 2 * n * sizeof *y);
  return true;
}

/* The layout before the first iteration. */
static bool
place (const float *x, size_t n, size_t d, const TsrTsneOptions *options, float *y,
       const TsrProgress *progress, GError **error)
{
  double largest = 1;
  bool still = n < 4; /* nothing to optimise: a point, a line, a triangle */
  if (!tsr_vectors_check (x, n, d, error))
    return false;
  if (options->start ? !place_as_given (options->start, n, y, &largest, error)
                     : !place_by_pca (x, n, d, still ? 1 : START_SPREAD, y, progress, error))
    return false;
  if (!still)
    jitter (y, n, START_SPREAD * START_JITTER * fmax (largest, 1), options->seed);
  return true;
}

/* --- an iteration --- */

static inline float
finite_or_zero (float value)
{
  return isfinite (value) ? value : 0;
}

/* Momentum and per-coordinate gains (Jacobs 1988): grown by 0.2 while the gradient keeps its
 * direction, shrunk by 0.8 when it turns. */
static void
move_points (size_t begin, size_t end, unsigned worker, void *data)
{
  Tsne *self = data;
  double sum[2] = {0};
  for (size_t i = begin; i < end; i++) {
    float *v = self->velocity + 2 * i, *y = self->y + 2 * i, *gain = self->gain + 2 * i;
    for (int a = 0; a < 2; a++) {
      float slope = finite_or_zero (self->exaggeration * self->attract[2 * i + a] -
                                    self->inverse_z * self->repel[2 * i + a]);
      gain[a] = (slope > 0) == (v[a] > 0) ? gain[a] * 0.8f : gain[a] + 0.2f;
      gain[a] = gain[a] < 0.01f ? 0.01f : gain[a];
      v[a] = self->momentum * v[a] - self->rate * gain[a] * slope;
    }
    float length = sqrtf (v[0] * v[0] + v[1] * v[1]);
    float shrink = length > LONGEST_STEP ? LONGEST_STEP / length : 1;
    for (int a = 0; a < 2; a++) {
      v[a] *= shrink;
      y[a] += v[a];
      sum[a] += y[a];
    }
  }
  self->sums[begin / CHUNK * 2] = sum[0];
  self->sums[begin / CHUNK * 2 + 1] = sum[1];
}

static void
centre_points (size_t begin, size_t end, unsigned worker, void *data)
{
  Tsne *self = data;
  for (size_t i = begin; i < end; i++)
    for (int a = 0; a < 2; a++)
      self->y[2 * i + a] -= self->mean[a];
}

/* Forces at the layout as it is; with_logs also what KL needs. */
static bool
find_forces (Tsne *self, bool with_logs, GError **error)
{
  if (self->optimiser) {
    TsrMapSums sums = {0};
    if (!self->options.accelerator->forces (self->optimiser, with_logs ? &sums : NULL, error))
      return false;
    self->log_sum = sums.log_sum;
    self->z = fmax (sums.z, 1e-30);
    return true;
  }
  tsr_attraction_run (self->attraction, self->y, self->attract, with_logs ? &self->log_sum : NULL);
  self->z = self->repulsion ? tsr_repulsion_interpolated (self->repulsion, self->y, self->repel)
                            : tsr_repulsion_exact (self->y, self->n, self->repel);
  self->z = fmax (self->z, 1e-30);
  return true;
}

/* Never below 0, where rounding alone would bring it (all tiles alike). */
static double
current_kl (const Tsne *self)
{
  double kl = tsr_attraction_entropy (self->attraction) + self->log_sum + log (self->z);
  return kl > 0 || isnan (kl) ? kl : 0;
}

static bool
step_once (Tsne *self, int iteration, GError **error)
{
  bool early = iteration < self->options.exaggeration_iterations;
  self->exaggeration = early ? (float)self->options.exaggeration : 1;
  self->momentum = early ? 0.5f : 0.8f;
  self->rate = (float)self->options.learning_rate;
  if (self->optimiser) {
    TsrMapMove move = {self->exaggeration, self->momentum, self->rate, LONGEST_STEP};
    return self->options.accelerator->move (self->optimiser, &move, error);
  }
  self->inverse_z = (float)(1 / self->z);
  tsr_parallel_for (self->n, CHUNK, move_points, self);
  double mean[2] = {0};
  for (size_t c = 0; c * CHUNK < self->n; c++)
    for (int a = 0; a < 2; a++)
      mean[a] += self->sums[2 * c + a];
  for (int a = 0; a < 2; a++)
    self->mean[a] = (float)(mean[a] / (double)self->n);
  tsr_parallel_for (self->n, CHUNK, centre_points, self);
  return true;
}

typedef struct {
  const Tsne *tsne;
  float *y;
} Gathering;

static void
gather_range (size_t begin, size_t end, unsigned worker, void *data)
{
  const Gathering *to = data;
  for (size_t i = begin; i < end; i++)
    memcpy (to->y + 2 * (size_t)to->tsne->order[i], to->tsne->y + 2 * i, 2 * sizeof *to->y);
}

/* Writes the layout to y in the order of the rows. */
static void
gather_rows (const Tsne *self, float *y)
{
  Gathering to = {self, y};
  tsr_parallel_for (self->n, CHUNK, gather_range, &to);
}

/* Brings the layout here, where the accelerator has it. */
static bool
fetch_layout (Tsne *self, GError **error)
{
  return !self->optimiser || self->options.accelerator->layout (self->optimiser, self->y, error);
}

/* Shows the layout; false to stop. */
static bool
show_layout (const Tsne *self, TsrTsneStream stream, void *user, int done, int total, double kl)
{
  if (!self->order)
    return stream (self->y, self->n, done, total, kl, user);
  gather_rows (self, self->shown);
  return stream (self->shown, self->n, done, total, kl, user);
}

/* Runs the iterations; *done receives how many were made. */
static bool
optimise (Tsne *self, TsrTsneStream stream, void *user, int *done, const TsrProgress *progress,
          GError **error)
{
  int total = self->options.exaggeration_iterations + self->options.iterations;
  int every = (int)CLAMP (100000 / self->n, 1,
                          10); /* by count, not by the clock: a stopped map is repeatable too */
  double kl = NAN;
  int measured = 0; /* when */
  for (*done = 0; *done < total; ++*done) {
    bool show = stream && *done > 0 && *done % every == 0,
         measure = show && (isnan (kl) || *done - measured >= KL_EVERY);
    if (!find_forces (self, measure, error) || (show && !fetch_layout (self, error)))
      return false;
    if (measure) {
      kl = current_kl (self);
      measured = *done;
    }
    if (show && !show_layout (self, stream, user, *done, total, kl))
      return true;
    if (!step_once (self, *done, error))
      return false;
    if ((*done % every == 0 || self->n > 20000) &&
        !tsr_progress_step (progress, (double)*done / total, TSR_STAGE ("Arranging the map"),
                            error))
      return false;
  }
  return true;
}

/* One stage's share of the whole job's progress. */
typedef struct {
  const TsrProgress *whole;
  double from, to;
} Share;

static void
report_share (double fraction, const char *stage, void *user)
{
  const Share *share = user;
  if (share->whole->report)
    share->whole->report (share->from + (share->to - share->from) * fmax (0, fraction), stage,
                          share->whole->user);
}

static TsrProgress
share_of (const TsrProgress *whole, Share *share, double from, double to)
{
  static const TsrProgress nobody;
  *share = (Share){whole ? whole : &nobody, from, to};
  return (TsrProgress){report_share, share, share->whole->cancellable};
}

static double
seconds_since (gint64 *mark)
{
  gint64 now = g_get_monotonic_time ();
  double seconds = (double)(now - *mark) * 1e-6;
  *mark = now;
  return seconds;
}

/* Where there is an order the arrays follow it: forces are then read from near by, which makes an
 * iteration of a million points several times as quick. */
static void
tsne_init (Tsne *self, size_t n, const TsrTsneOptions *options, const TsrAffinities *p,
           const uint32_t *order)
{
  *self = (Tsne){.n = n, .options = *options, .order = order};
  self->attraction = tsr_attraction_new (p, order);
  self->y = g_new (float, 2 * n);
  if (order)
    self->shown = g_new (float, 2 * n);
}

/* The layout y as it begins, by place. */
static void
take_layout (Tsne *self, const float *y)
{
  for (size_t i = 0; i < self->n; i++)
    memcpy (self->y + 2 * i, y + 2 * (self->order ? self->order[i] : i), 2 * sizeof *y);
}

/* What the processors need for it. */
static void
prepare_host (Tsne *self)
{
  size_t n = self->n;
  if (!self->options.exact && n > EXACT_BELOW)
    self->repulsion = tsr_repulsion_new (n, 0);
  self->attract = g_new0 (float, 2 * n);
  self->repel = g_new0 (float, 2 * n);
  self->velocity = g_new0 (float, 2 * n);
  self->gain = g_new (float, 2 * n);
  for (size_t i = 0; i < 2 * n; i++)
    self->gain[i] = 1;
  self->sums = g_new0 (double, (n / CHUNK + 1) * 2);
}

static void
tsne_clear (Tsne *self)
{
  tsr_attraction_free (self->attraction);
  tsr_repulsion_free (self->repulsion);
  g_free (self->y);
  g_free (self->shown);
  g_free (self->attract);
  g_free (self->repel);
  g_free (self->velocity);
  g_free (self->gain);
  g_free (self->sums);
}

/* Optimises the layout that was taken and measures what became of it. */
static bool
run_optimiser (Tsne *self, TsrTsneStream stream, void *user, TsrTsneReport *report,
               const TsrProgress *progress, GError **error)
{
  if (!optimise (self, stream, user, &report->iterations, progress, error) ||
      !find_forces (self, true, error) || !fetch_layout (self, error))
    return false;
  report->kl = current_kl (self);
  return true;
}

/* The same on the accelerator. Where it fails, false without an error: y is as it was. */
static bool
accelerate (Tsne *self, const float *y, TsrTsneStream stream, void *user, TsrTsneReport *report,
            const TsrProgress *progress, GError **error)
{
  const TsrMapAccelerator *accelerator = self->options.accelerator;
  g_autoptr (GError) why = NULL;
  if (!accelerator || self->options.exact || self->n <= EXACT_BELOW)
    return false;
  take_layout (self, y);
  self->optimiser = accelerator->optimiser_new (accelerator->user, self->attraction, self->y,
                                                progress ? progress->cancellable : NULL, &why);
  bool ok = self->optimiser && run_optimiser (self, stream, user, report, progress, &why);
  if (self->optimiser)
    accelerator->optimiser_free (g_steal_pointer (&self->optimiser));
  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&why));
  else if (why)
    accelerator->failed (accelerator->user, why);
  return ok;
}

/* Optimises the layout y for p, which it frees, and fills what the report says of it. */
static bool
arrange (TsrAffinities *p, const TsrTsneOptions *options, const uint32_t *order, float *y,
         TsrTsneStream stream, void *user, TsrTsneReport *report, const TsrProgress *progress,
         GError **error)
{
  Tsne self;
  GError *cause = NULL;
  tsne_init (&self, p->n, options, p, order);
  tsr_affinities_free (p); /* a gigabyte for a million points */
  bool ok = accelerate (&self, y, stream, user, report, progress, &cause);
  report->optimise_accelerated = ok;
  if (!ok && !cause) {
    prepare_host (&self);
    take_layout (&self, y);
    ok = run_optimiser (&self, stream, user, report, progress, &cause);
  }
  report->exaggeration_iterations = MIN (report->iterations, options->exaggeration_iterations);
  if (ok && order)
    gather_rows (&self, y);
  else if (ok)
    memcpy (y, self.y, 2 * self.n * sizeof *y);
  if (cause)
    g_propagate_error (error, cause);
  tsne_clear (&self);
  return ok;
}

bool
tsr_tsne (const float *x, size_t n, size_t d, const TsrTsneOptions *options, float *y,
          TsrTsneStream stream, void *user, TsrTsneReport *report, const TsrProgress *progress,
          GError **error)
{
  TsrTsneReport ignored;
  report = report ? report : &ignored;
  *report = (TsrTsneReport){.kl = NAN};
  TsrTsneOptions filled = fill_defaults (options, n);
  gint64 start = g_get_monotonic_time (), mark = start;
  Share share;
  TsrProgress part = share_of (progress, &share, 0, 0.05);
  bool placed = place (x, n, d, &filled, y, &part, error);
  report->initialise_s = report->total_s = seconds_since (&mark);
  if (!placed || n < 4)
    return placed;
  part = share_of (progress, &share, 0.05, 0.35);
  TsrAffinitiesSearch search = {.accelerator = filled.accelerator, .keep = filled.keep_neighbours};
  TsrAffinities *p =
      tsr_affinities_new_searched (x, n, d, filled.perplexity, false, &search, &part, error);
  if (!p)
    return false;
  report->neighbours_s = search.seconds;
  report->neighbours_accelerated = search.accelerated;
  report->perplexity = p->perplexity;
  report->affinities_s = seconds_since (&mark) - report->neighbours_s;
  part = share_of (progress, &share, 0.35, 1);
  bool ok = arrange (p, &filled, search.order, y, stream, user, report, &part, error);
  g_free (search.order);
  if (ok) {
    report->neighbours = search.neighbour;
    report->k = search.k;
  } else {
    g_free (search.neighbour);
  }
  report->optimise_s = seconds_since (&mark);
  report->total_s = (double)(mark - start) * 1e-6;
  return ok;
}
