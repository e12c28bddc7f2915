#include "tsr-bench-compute.h"

#include "tsr-provider-private.h"

static const TsrConvShape shapes[] = {
    {16, 32, 32, 128, 128, 3, 3, 1, 1},
    {16, 64, 64, 64, 64, 3, 3, 1, 1},
    {16, 64, 64, 64, 128, 3, 3, 2, 1},
    {16, 8, 8, 128, 128, 3, 3, 1, 1},
};

enum { A, B, OUT, SCRATCH, N_BUFFERS };

/* Values that are neither zero nor denormal, different from one another. */
static bool
fill_operand (TsrBuffer *buffer, GError **error)
{
  size_t count = buffer->bytes / sizeof (float);
  g_autofree float *values = g_new (float, count);
  for (size_t i = 0; i < count; i++)
    values[i] = 0.25f + 1e-3f * (float)(i % 997);
  return tsr_buffer_write (buffer, 0, values, count * sizeof (float), error);
}

static bool
make_buffers (TsrOp *op, TsrBuffer *buffers[N_BUFFERS], GError **error)
{
  const size_t bytes[N_BUFFERS] = {op->bytes_a, op->bytes_b, op->bytes_out, op->scratch};
  for (int i = 0; i < N_BUFFERS; i++)
    if (bytes[i] > 0 && !(buffers[i] = tsr_buffer_new (op->provider->device, bytes[i], error)))
      return false;
  return fill_operand (buffers[A], error) && fill_operand (buffers[B], error);
}

/* The same operation in each of some lanes. */
typedef struct {
  TsrDevice *device;
  unsigned lanes;
  TsrOp *op[TSR_MAX_LANES];
  TsrBuffer *buffers[TSR_MAX_LANES][N_BUFFERS];
} Together;

static bool
enqueue_block (Together *self, int block, GError **error)
{
  bool ok = self->lanes == 1 || tsr_device_fork (self->device, self->lanes, error);
  for (int i = 0; i < block && ok; i++)
    for (unsigned k = 0; k < self->lanes && ok; k++) {
      TsrBuffer **b = self->buffers[k];
      ok = tsr_device_use_lane (self->device, k, error) &&
           tsr_op_enqueue (self->op[k], b[A], b[B], b[OUT], b[SCRATCH], error);
    }
  for (unsigned k = 0; k < self->lanes && ok; k++)
    ok = tsr_device_use_lane (self->device, k, error) && tsr_device_flush (self->device, error);
  return tsr_device_use_lane (self->device, 0, ok ? error : NULL) && ok;
}

/* Seconds of one operation in every lane, the best of as many blocks of a few as fit into the time.
 */
static double
time_together (Together *self, double seconds, GError **error)
{
  double best = -1;
  bool ok = true;
  int block = CLAMP ((int)(2e9 / (self->op[0]->flops * self->lanes)), 1, 64);
  gint64 begin = g_get_monotonic_time (), now = begin;
  for (int round = 0; ok && (round < 3 || now - begin < seconds * 1e6); round++) {
    gint64 start = g_get_monotonic_time ();
    ok = enqueue_block (self, block, error) && tsr_device_finish (self->device, error);
    now = g_get_monotonic_time ();
    double taken = MAX (now - start, 1) * 1e-6 / block;
    if (round > 0 && (best < 0 || taken < best)) /* the first round warms up */
      best = taken;
  }
  return ok ? best : -1;
}

/* The rate of a row's convolution when its batch is shared among the lanes of these providers. */
static double
rate_of (TsrProvider *const *providers, unsigned lanes, TsrPrecision precision, double seconds,
         const TsrBenchRow *row, GError **error)
{
  Together together = {.device = providers[0]->device, .lanes = lanes};
  TsrConvShape share = row->shape;
  share.n /= (int)lanes;
  bool ok = true;
  for (unsigned k = 0; ok && k < lanes; k++) {
    together.op[k] = tsr_provider_conv (providers[k], row->direction, &share, precision, error);
    ok = together.op[k] && make_buffers (together.op[k], together.buffers[k], error);
  }
  double taken = ok ? time_together (&together, seconds, error) : -1;
  double flops = ok ? tsr_op_flops (together.op[0]) * lanes : 0;
  for (unsigned k = 0; k < lanes; k++) {
    tsr_op_free (together.op[k]);
    for (int i = 0; i < N_BUFFERS; i++)
      tsr_buffer_free (together.buffers[k][i]);
  }
  return taken > 0 ? flops / taken * 1e-9 : -1;
}

static GArray *
measure_rows (TsrProvider *whole, TsrProvider *const *providers, unsigned lanes,
              TsrPrecision precision, double seconds, const TsrProgress *progress, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (TsrBenchRow));
  unsigned total = 3 * G_N_ELEMENTS (shapes);
  for (unsigned i = 0; i < total; i++) {
    TsrBenchRow row = {.direction = (TsrConvDirection)(i % 3), .shape = shapes[i / 3]};
    if (!tsr_progress_step (progress, (double)i / total, TSR_STAGE ("Measuring this computer"),
                            error))
      return NULL;
    double together = rate_of (&whole, 1, precision, seconds, &row, error), apart = 0;
    if (together > 0 && lanes > 1)
      apart = rate_of (providers, lanes, precision, seconds, &row, error);
    if (together < 0 || apart < 0)
      return NULL;
    row.gflop_per_s = MAX (together, apart);
    g_array_append_val (rows, row);
  }
  return g_steal_pointer (&rows);
}

GArray *
tsr_bench_convolutions (TsrDevice *device, TsrPrecision precision, double seconds_each,
                        const TsrProgress *progress, GError **error)
{
  unsigned lanes = tsr_device_lanes (device, (unsigned)shapes[0].n);
  TsrProvider *whole = tsr_provider_new (device, TSR_PROVIDER_AUTO, error),
              *providers[TSR_MAX_LANES] = {NULL};
  bool ok = whole;
  for (unsigned k = 0; ok && k < lanes; k++)
    ok = (providers[k] = tsr_provider_new_in_lane (device, TSR_PROVIDER_AUTO, k, lanes, error)) !=
         NULL;
  GArray *rows =
      ok ? measure_rows (whole, providers, lanes, precision, seconds_each, progress, error) : NULL;
  for (unsigned k = 0; k < lanes; k++)
    tsr_provider_free (providers[k]);
  tsr_provider_free (whole);
  return rows;
}

void
tsr_bench_better (GArray *rows, const GArray *others)
{
  for (guint i = 0; i < rows->len && i < others->len; i++) {
    TsrBenchRow *row = &g_array_index (rows, TsrBenchRow, i);
    row->gflop_per_s = MAX (row->gflop_per_s, g_array_index (others, TsrBenchRow, i).gflop_per_s);
  }
}

double
tsr_bench_direction (const GArray *rows, TsrConvDirection direction)
{
  double inverse = 0, n = 0;
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, TsrBenchRow, i).direction == direction) {
      inverse += 1 / g_array_index (rows, TsrBenchRow, i).gflop_per_s;
      n++;
    }
  return n > 0 ? n / inverse : 0;
}

double
tsr_bench_ceiling (const GArray *rows)
{
  double inverse = 0;
  for (guint i = 0; i < rows->len; i++)
    inverse += 1 / g_array_index (rows, TsrBenchRow, i).gflop_per_s;
  return rows->len ? rows->len / inverse : 0;
}
