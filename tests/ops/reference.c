#include "reference.h"

#include <math.h>
#include <string.h>

Reference *
reference_new (size_t count)
{
  Reference *self = g_new0 (Reference, 1);
  self->value = g_new0 (double, count);
  self->magnitude = g_new0 (double, count);
  self->count = count;
  return self;
}

void
reference_free (Reference *self)
{
  g_free (self->value);
  g_free (self->magnitude);
  g_free (self);
}

static void
add (Reference *out, size_t i, double a, double b)
{
  out->value[i] += a * b;
  out->magnitude[i] += fabs (a * b);
}

void
reference_conv (Reference *out, TsrConvDirection direction, const TsrConvShape *s, const float *a,
                const float *b)
{
  int oh = (s->h + 2 * s->pad - s->kh) / s->stride + 1,
      ow = (s->w + 2 * s->pad - s->kw) / s->stride + 1;
  out->terms = direction == TSR_CONV_FORWARD   ? (size_t)s->kh * s->kw * s->c
               : direction == TSR_CONV_BY_DATA ? (size_t)s->kh * s->kw * s->k
                                               : (size_t)s->n * oh * ow;
  for (int n = 0; n < s->n; n++)
    for (int oy = 0; oy < oh; oy++)
      for (int ox = 0; ox < ow; ox++)
        for (int i = 0; i < s->kh; i++)
          for (int j = 0; j < s->kw; j++) {
            int y = oy * s->stride + i - s->pad, x = ox * s->stride + j - s->pad;
            if (y < 0 || y >= s->h || x < 0 || x >= s->w)
              continue;
            for (int k = 0; k < s->k; k++)
              for (int c = 0; c < s->c; c++) {
                size_t in = (((size_t)n * s->h + y) * s->w + x) * s->c + c;
                size_t to = (((size_t)n * oh + oy) * ow + ox) * s->k + k;
                size_t w = (((size_t)k * s->kh + i) * s->kw + j) * s->c + c;
                if (direction == TSR_CONV_FORWARD)
                  add (out, to, a[in], b[w]);
                else if (direction == TSR_CONV_BY_DATA)
                  add (out, in, a[to], b[w]);
                else
                  add (out, w, a[in], b[to]);
              }
          }
}

void
reference_matmul (Reference *out, int m, int n, int k, bool ta, bool tb, const float *a,
                  const float *b)
{
  out->terms = k;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++)
      for (int l = 0; l < k; l++)
        add (out, (size_t)i * n + j, a[ta ? (size_t)l * m + i : (size_t)i * k + l],
             b[tb ? (size_t)j * k + l : (size_t)l * n + j]);
}

float
reference_bf16 (float x)
{
  uint32_t bits;
  memcpy (&bits, &x, sizeof bits);
  bits += 0x7fff + (bits >> 16 & 1);
  bits &= 0xffff0000u;
  memcpy (&x, &bits, sizeof bits);
  return x;
}
