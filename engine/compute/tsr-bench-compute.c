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

/* Seconds of one operation, the best of as many blocks of a few as fit into the time. */
static double
time_op (TsrOp *op, double seconds, GError **error)
{
  TsrBuffer *buffers[N_BUFFERS] = {NULL};
  double best = -1;
  bool ok = make_buffers (op, buffers, error);
  int block = CLAMP ((int)(2e9 / op->flops), 1, 64);
  gint64 begin = g_get_monotonic_time (), now = begin;
  for (int round = 0; ok && (round < 3 || now - begin < seconds * 1e6); round++) {
    gint64 start = g_get_monotonic_time ();
    for (int i = 0; i < block && ok; i++)
      ok = tsr_op_enqueue (op, buffers[A], buffers[B], buffers[OUT], buffers[SCRATCH], error);
    ok = ok && tsr_device_finish (op->provider->device, error);
    now = g_get_monotonic_time ();
    double taken = MAX (now - start, 1) * 1e-6 / block;
    if (round > 0 && (best < 0 || taken < best)) /* the first round warms up */
      best = taken;
  }
  for (int i = 0; i < N_BUFFERS; i++)
    tsr_buffer_free (buffers[i]);
  return ok ? best : -1;
}

static bool
bench_one (TsrProvider *provider, TsrPrecision precision, double seconds, TsrBenchRow *row,
           GError **error)
{
  TsrOp *op = tsr_provider_conv (provider, row->direction, &row->shape, precision, error);
  if (!op)
    return false;
  double taken = time_op (op, seconds, error);
  row->gflop_per_s = tsr_op_flops (op) / taken * 1e-9;
  tsr_op_free (op);
  return taken > 0;
}

GArray *
tsr_bench_convolutions (TsrProvider *provider, TsrPrecision precision, double seconds_each,
                        const TsrProgress *progress, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (TsrBenchRow));
  unsigned total = 3 * G_N_ELEMENTS (shapes);
  for (unsigned i = 0; i < total; i++) {
    TsrBenchRow row = {.direction = (TsrConvDirection)(i % 3), .shape = shapes[i / 3]};
    if (!tsr_progress_step (progress, (double)i / total, TSR_STAGE ("Measuring convolutions"),
                            error) ||
        !bench_one (provider, precision, seconds_each, &row, error))
      return NULL;
    g_array_append_val (rows, row);
  }
  return g_steal_pointer (&rows);
}

double
tsr_bench_ceiling (const GArray *rows)
{
  double inverse = 0;
  for (guint i = 0; i < rows->len; i++)
    inverse += 1 / g_array_index (rows, TsrBenchRow, i).gflop_per_s;
  return rows->len ? rows->len / inverse : 0;
}
