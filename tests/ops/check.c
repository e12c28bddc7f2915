#include "check.h"

#include "tsr-random.h"

#include <math.h>
#include <string.h>

#define GUARD    4096        /* bytes round each operand; a multiple of any device's alignment */
#define SENTINEL 0x7fc5a5a5u /* a quiet NaN, which also spoils any sum it gets into */

bool
bench_open (Bench *bench, TsrProviderKind kind)
{
  g_autoptr (GError) error = NULL;
  bench->device = tsr_device_open (NULL, &error);
  if (!bench->device) {
    g_test_skip (error->message);
    return false;
  }
  bench->provider = tsr_provider_new (bench->device, kind, &error);
  if (bench->provider)
    return true;
  g_test_skip (error->message);
  tsr_device_close (bench->device);
  return false;
}

void
bench_close (Bench *bench)
{
  size_t now, peak;
  tsr_provider_free (bench->provider);
  tsr_device_memory (bench->device, &now, &peak);
  g_assert_cmpuint (now, ==, 0);
  tsr_device_close (bench->device);
}

static char *
describe (const Case *c)
{
  static const char *const directions[] = {"forward", "by data", "by weight"};
  const TsrConvShape *s = &c->conv;
  const char *precision = c->precision == TSR_BF16 ? "bf16" : "f32";
  if (c->is_matmul)
    return g_strdup_printf ("matmul %d x %d x %d %c%c %s", c->m, c->n, c->k, c->ta ? 'T' : 'N',
                            c->tb ? 'T' : 'N', precision);
  return g_strdup_printf ("conv %s n %d, %d x %d, %d to %d, kernel %d x %d, stride %d, pad %d, %s",
                          directions[c->direction], s->n, s->h, s->w, s->c, s->k, s->kh, s->kw,
                          s->stride, s->pad, precision);
}

static void
count_values (const Case *c, size_t counts[3])
{
  const TsrConvShape *s = &c->conv;
  if (c->is_matmul) {
    counts[0] = (size_t)c->m * c->k, counts[1] = (size_t)c->k * c->n,
    counts[2] = (size_t)c->m * c->n;
    return;
  }
  int oh = (s->h + 2 * s->pad - s->kh) / s->stride + 1,
      ow = (s->w + 2 * s->pad - s->kw) / s->stride + 1;
  size_t x = (size_t)s->n * s->h * s->w * s->c, w = (size_t)s->k * s->kh * s->kw * s->c;
  size_t y = (size_t)s->n * oh * ow * s->k;
  counts[0] = c->direction == TSR_CONV_BY_DATA ? y : x;
  counts[1] = c->direction == TSR_CONV_BY_WEIGHT ? y : w;
  counts[2] = c->direction == TSR_CONV_FORWARD ? y : c->direction == TSR_CONV_BY_DATA ? x : w;
}

static Reference *
compute (const Case *c, size_t count, const float *a, const float *b)
{
  Reference *reference = reference_new (count);
  if (c->is_matmul)
    reference_matmul (reference, c->m, c->n, c->k, c->ta, c->tb, a, b);
  else
    reference_conv (reference, c->direction, &c->conv, a, b);
  return reference;
}

static float *
random_values (size_t count, uint64_t stream, bool rounded)
{
  float *values = g_new (float, count);
  TsrRandom random;
  tsr_random_init (&random, 7, stream);
  for (size_t i = 0; i < count; i++) {
    values[i] = (float)tsr_random_normal (&random);
    if (rounded)
      values[i] = reference_bf16 (values[i]);
  }
  return values;
}

/* The worst error in units of what rounding explains: above 1 is wrong. */
static double
worst_error (const Reference *reference, const float *got)
{
  double worst = 0;
  for (size_t i = 0; i < reference->count; i++) {
    double bound = (double)(reference->terms + 2) * 0x1p-24 * reference->magnitude[i] + 1e-30;
    double error = fabs (got[i] - reference->value[i]) / bound;
    worst = error <= worst ? worst : error; /* NaN wins */
    if (isnan (error))
      return INFINITY;
  }
  return worst;
}

/* What the result should be: of the operands as they are, and of the operands rounded to bf16 (NULL
 * for f32). */
typedef struct {
  Reference *exact, *rounded;
} Expected;

static Expected
expect (const Case *c, const size_t counts[3])
{
  Expected expected = {NULL, NULL};
  for (int rounded = 0; rounded <= (c->precision == TSR_BF16); rounded++) {
    g_autofree float *a = random_values (counts[0], 1, rounded),
                     *b = random_values (counts[1], 2, rounded);
    *(rounded ? &expected.rounded : &expected.exact) = compute (c, counts[2], a, b);
  }
  return expected;
}

static void
expected_free (Expected *expected)
{
  reference_free (expected->exact);
  if (expected->rounded)
    reference_free (expected->rounded);
}

typedef struct {
  TsrBuffer *arena;
  TsrBuffer *views[4]; /* a, b, out, scratch */
  size_t offsets[4], sizes[4];
} Arena;

static bool
arena_open (Arena *arena, Bench *bench, const size_t counts[3], size_t scratch, GError **error)
{
  size_t total = GUARD;
  for (int i = 0; i < 4; i++) {
    arena->sizes[i] = i < 3 ? counts[i] * sizeof (float) : scratch;
    arena->offsets[i] = total;
    total += (arena->sizes[i] + 2 * GUARD - 1) / GUARD * GUARD;
  }
  arena->arena = tsr_buffer_new (bench->device, total, error);
  if (!arena->arena || !tsr_buffer_fill (arena->arena, SENTINEL, error))
    return false;
  for (int i = 0; i < 4; i++)
    if (arena->sizes[i] > 0 && !(arena->views[i] = tsr_buffer_view (arena->arena, arena->offsets[i],
                                                                    arena->sizes[i], error)))
      return false;
  return true;
}

static void
arena_close (Arena *arena)
{
  for (int i = 0; i < 4; i++)
    tsr_buffer_free (arena->views[i]);
  tsr_buffer_free (arena->arena);
}

/* Every byte outside the result and the scratch memory must be what it was. */
static bool
untouched (const Arena *arena, const uint32_t *words, const float *a, const float *b)
{
  if (memcmp ((const char *)words + arena->offsets[0], a, arena->sizes[0]) != 0 ||
      memcmp ((const char *)words + arena->offsets[1], b, arena->sizes[1]) != 0)
    return false;
  for (size_t i = 0; i < arena->arena->bytes / 4; i++) {
    bool inside = false;
    for (int j = 0; j < 4; j++)
      inside |= 4 * i >= arena->offsets[j] && 4 * i < arena->offsets[j] + arena->sizes[j];
    if (!inside && words[i] != SENTINEL)
      return false;
  }
  return true;
}

/* Runs the operation twice; result receives what it computed, and is checked for what it must not
 * touch. */
static void
run_op (Bench *bench, const size_t counts[3], TsrOp *op, const char *name, float *result)
{
  g_autoptr (GError) error = NULL;
  g_autofree float *a = random_values (counts[0], 1, false),
                   *b = random_values (counts[1], 2, false);
  Arena arena = {0};
  arena_open (&arena, bench, counts, tsr_op_scratch (op), &error);
  g_assert_no_error (error);
  tsr_buffer_write (arena.views[0], 0, a, arena.sizes[0], &error);
  g_assert_no_error (error);
  tsr_buffer_write (arena.views[1], 0, b, arena.sizes[1], &error);
  g_assert_no_error (error);
  g_autofree uint32_t *words = g_malloc (arena.arena->bytes);
  for (int repeat = 0; repeat < 2; repeat++) {
    tsr_buffer_fill (arena.views[2], SENTINEL, &error);
    g_assert_no_error (error);
    tsr_op_enqueue (op, arena.views[0], arena.views[1], arena.views[2], arena.views[3], &error);
    g_assert_no_error (error);
    tsr_buffer_read (arena.arena, 0, words, arena.arena->bytes, &error);
    g_assert_no_error (error);
    const char *got = (const char *)words + arena.offsets[2];
    if (!untouched (&arena, words, a, b)) {
      g_test_message ("%s: %s wrote outside its result", tsr_provider_name (bench->provider), name);
      g_test_fail ();
    }
    if (repeat && memcmp (result, got, arena.sizes[2]) != 0) {
      g_test_message ("%s: %s differs when repeated", tsr_provider_name (bench->provider), name);
      g_test_fail ();
    }
    memcpy (result, got, arena.sizes[2]);
  }
  arena_close (&arena);
}

/* The worst errors against both expectations, in units of what rounding explains. */
static void
measure_case (Bench *bench, const Case *c, const char *name, double *exact, double *rounded)
{
  g_autoptr (GError) error = NULL;
  *exact = *rounded = INFINITY;
  TsrOp *op = c->is_matmul ? tsr_provider_matmul (bench->provider, c->m, c->n, c->k, c->ta, c->tb,
                                                  c->precision, &error)
                           : tsr_provider_conv (bench->provider, c->direction, &c->conv,
                                                c->precision, &error);
  if (!op) {
    g_test_message ("%s: %s: %s", tsr_provider_name (bench->provider), name, error->message);
    g_test_fail ();
    return;
  }
  size_t counts[3];
  count_values (c, counts);
  g_autofree float *result = g_new0 (float, counts[2]);
  run_op (bench, counts, op, name, result);
  tsr_op_free (op);
  Expected expected = expect (c, counts);
  *exact = worst_error (expected.exact, result);
  if (expected.rounded)
    *rounded = worst_error (expected.rounded, result);
  expected_free (&expected);
}

void
check_case (Bench *bench, const Case *c)
{
  g_autofree char *name = describe (c);
  double exact, rounded;
  measure_case (bench, c, name, &exact, &rounded);
  /* bf16 may round the operands or not, but sums are f32 either way: one of the two fits as closely
   * as f32 does. */
  if (fmin (exact, rounded) <= 1)
    return;
  g_test_message ("%s: %s is off by %g times the bound", tsr_provider_name (bench->provider), name,
                  fmin (exact, rounded));
  g_test_fail ();
}

bool
rounds_to_bf16 (Bench *bench, const Case *c)
{
  g_autofree char *name = describe (c);
  double exact, rounded;
  measure_case (bench, c, name, &exact, &rounded);
  return exact > 1 && rounded <= 1;
}
