#include "tsr-fft.h"

#include <glib.h>
#include <math.h>
#include <stdbool.h>

#define MAX_STAGES 32

/* Stockham's algorithm (Van Loan 1992, section 1.7), decimation in frequency. Before a stage of
 * radix r the array holds `stride` interleaved sequences of length m r; element (j, q) of part t
 * stands at ((j + t m) stride + q). */
typedef struct {
  unsigned radix;
  size_t m, stride;
  float *twiddle; /* [m][radix - 1][2]: exp (-2 pi i j t / (m radix)) for t = 1 .. radix - 1 */
} Stage;

struct TsrFft {
  size_t n;
  unsigned stages;
  Stage stage[MAX_STAGES];
};

static bool
is_smooth (size_t n)
{
  for (unsigned f = 2; f <= 5; f++)
    while (n % f == 0)
      n /= f;
  return n == 1;
}

size_t
tsr_fft_length (size_t wanted, size_t multiple)
{
  size_t n = MAX (1, (wanted + multiple - 1) / multiple);
  while (!is_smooth (n))
    n++;
  return n * multiple;
}

TsrFft *
tsr_fft_new (size_t n)
{
  g_return_val_if_fail (n >= 1 && is_smooth (n), NULL);
  TsrFft *fft = g_new0 (TsrFft, 1);
  fft->n = n;
  size_t rest = n, stride = 1;
  while (rest > 1) {
    unsigned radix = rest % 4 == 0 ? 4 : rest % 5 == 0 ? 5 : rest % 3 == 0 ? 3 : 2;
    size_t m = rest / radix;
    Stage *stage = &fft->stage[fft->stages++];
    *stage = (Stage){radix, m, stride, g_new (float, m *(radix - 1) * 2)};
    for (size_t j = 0; j < m; j++)
      for (unsigned t = 1; t < radix; t++) {
        double angle = -2 * G_PI * (double)(j * t) / (double)rest;
        stage->twiddle[(j * (radix - 1) + t - 1) * 2] = (float)cos (angle);
        stage->twiddle[(j * (radix - 1) + t - 1) * 2 + 1] = (float)sin (angle);
      }
    rest = m;
    stride *= radix;
  }
  return fft;
}

void
tsr_fft_free (TsrFft *fft)
{
  if (!fft)
    return;
  for (unsigned s = 0; s < fft->stages; s++)
    g_free (fft->stage[s].twiddle);
  g_free (fft);
}

/* The parts of one butterfly: LOAD part t of the input, STORE output t times its twiddle. Output t
 * of (j, q) goes to (j radix + t) stride + q. */
#define LOAD(t) TsrF16 a##t = xr[(j + t * m) * stride + q], b##t = xi[(j + t * m) * stride + q]
#define STORE(t, real, imaginary)                                                                  \
  do {                                                                                             \
    TsrF16 r_ = (real), i_ = (imaginary);                                                          \
    yr[(j * R + t) * stride + q] = r_ * w[2 * t - 2] - i_ * w[2 * t - 1];                          \
    yi[(j * R + t) * stride + q] = r_ * w[2 * t - 1] + i_ * w[2 * t - 2];                          \
  } while (0)
#define STORE_FIRST(real, imaginary)                                                               \
  do {                                                                                             \
    yr[j * R * stride + q] = (real);                                                               \
    yi[j * R * stride + q] = (imaginary);                                                          \
  } while (0)
#define PASS(name, radix)                                                                          \
  TSR_CLONES static void name (const Stage *stage, const TsrF16 *restrict xr,                      \
                               const TsrF16 *restrict xi, TsrF16 *restrict yr,                     \
                               TsrF16 *restrict yi)                                                \
  {                                                                                                \
    enum { R = radix };                                                                            \
    const size_t m = stage->m, stride = stage->stride;                                             \
    const float *w = stage->twiddle;                                                               \
    for (size_t j = 0; j < m; j++, w += 2 * (R - 1))                                               \
      for (size_t q = 0; q < stride; q++) {                                                        \
        BUTTERFLY                                                                                  \
      }                                                                                            \
  }

#define BUTTERFLY                                                                                  \
  LOAD (0);                                                                                        \
  LOAD (1);                                                                                        \
  STORE_FIRST (a0 + a1, b0 + b1);                                                                  \
  STORE (1, a0 - a1, b0 - b1);
PASS (pass_2, 2)
#undef BUTTERFLY

#define BUTTERFLY                                                                                  \
  LOAD (0);                                                                                        \
  LOAD (1);                                                                                        \
  LOAD (2);                                                                                        \
  TsrF16 sr = a1 + a2, si = b1 + b2;                                                               \
  TsrF16 dr = 0.866025404f * (a1 - a2), di = 0.866025404f * (b1 - b2);                             \
  TsrF16 cr = a0 - 0.5f * sr, ci = b0 - 0.5f * si;                                                 \
  STORE_FIRST (a0 + sr, b0 + si);                                                                  \
  STORE (1, cr + di, ci - dr);                                                                     \
  STORE (2, cr - di, ci + dr);
PASS (pass_3, 3)
#undef BUTTERFLY

#define BUTTERFLY                                                                                  \
  LOAD (0);                                                                                        \
  LOAD (1);                                                                                        \
  LOAD (2);                                                                                        \
  LOAD (3);                                                                                        \
  TsrF16 pr = a0 + a2, pi = b0 + b2, mr = a0 - a2, mi = b0 - b2;                                   \
  TsrF16 ur = a1 + a3, ui = b1 + b3, vr = a1 - a3, vi = b1 - b3;                                   \
  STORE_FIRST (pr + ur, pi + ui);                                                                  \
  STORE (1, mr + vi, mi - vr);                                                                     \
  STORE (2, pr - ur, pi - ui);                                                                     \
  STORE (3, mr - vi, mi + vr);
PASS (pass_4, 4)
#undef BUTTERFLY

/* cos and sin of 72 and 144 degrees */
#define C1 0.309016994f
#define S1 0.951056516f
#define C2 -0.809016994f
#define S2 0.587785252f
#define BUTTERFLY                                                                                  \
  LOAD (0);                                                                                        \
  LOAD (1);                                                                                        \
  LOAD (2);                                                                                        \
  LOAD (3);                                                                                        \
  LOAD (4);                                                                                        \
  TsrF16 pr = a1 + a4, pi = b1 + b4, mr = a1 - a4, mi = b1 - b4;                                   \
  TsrF16 ur = a2 + a3, ui = b2 + b3, vr = a2 - a3, vi = b2 - b3;                                   \
  TsrF16 er = a0 + C1 * pr + C2 * ur, ei = b0 + C1 * pi + C2 * ui;                                 \
  TsrF16 fr = a0 + C2 * pr + C1 * ur, fi = b0 + C2 * pi + C1 * ui;                                 \
  TsrF16 gr = S1 * mr + S2 * vr, gi = S1 * mi + S2 * vi;                                           \
  TsrF16 hr = S2 * mr - S1 * vr, hi = S2 * mi - S1 * vi;                                           \
  STORE_FIRST (a0 + pr + ur, b0 + pi + ui);                                                        \
  STORE (1, er + gi, ei - gr);                                                                     \
  STORE (2, fr + hi, fi - hr);                                                                     \
  STORE (3, fr - hi, fi + hr);                                                                     \
  STORE (4, er - gi, ei + gr);
PASS (pass_5, 5)
#undef BUTTERFLY

void
tsr_fft_run (const TsrFft *fft, TsrF16 *re, TsrF16 *im, TsrF16 *scratch)
{
  TsrF16 *xr = re, *xi = im, *yr = scratch, *yi = scratch + fft->n;
  for (unsigned s = 0; s < fft->stages; s++) {
    const Stage *stage = &fft->stage[s];
    switch (stage->radix) {
    case 2:
      pass_2 (stage, xr, xi, yr, yi);
      break;
    case 3:
      pass_3 (stage, xr, xi, yr, yi);
      break;
    case 4:
      pass_4 (stage, xr, xi, yr, yi);
      break;
    default:
      pass_5 (stage, xr, xi, yr, yi);
    }
    TsrF16 *t = xr;
    xr = yr, yr = t;
    t = xi;
    xi = yi, yi = t;
  }
  if (xr != re) {
    memcpy (re, xr, fft->n * sizeof *re);
    memcpy (im, xi, fft->n * sizeof *im);
  }
}
