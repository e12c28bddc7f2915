#include "tessera-example.h"

#include <math.h>
#include <string.h>

static TesseraExample *
example_new (const char *name)
{
  TesseraExample *self = g_new0 (TesseraExample, 1);
  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  return self;
}

TesseraExample *
tessera_example_new (const float *w, uint32_t d, const char *name)
{
  TesseraExample *self = example_new (name);
  self->w = g_memdup2 (w, d * sizeof *w);
  self->d = d;
  return self;
}

TesseraExample *
tessera_example_new_of_tiles (const uint32_t *tiles, size_t n, const char *name)
{
  TesseraExample *self = example_new (name);
  self->tiles = g_memdup2 (tiles, n * sizeof *tiles);
  self->n_tiles = n;
  return self;
}

static bool
mean_of_tiles (const TesseraExample *self, const TesseraContents *contents, float *at)
{
  size_t d = contents->w_dim, count = 0;
  g_autofree double *sum = g_new0 (double, d + 1);
  for (size_t i = 0; i < self->n_tiles; i++) {
    if (self->tiles[i] >= contents->n)
      continue;
    const float *w = contents->w + (size_t)self->tiles[i] * d;
    if (isnan (w[0]))
      continue;
    count++;
    for (size_t c = 0; c < d; c++)
      sum[c] += w[c];
  }
  for (size_t c = 0; c < d && count > 0; c++)
    at[c] = (float)(sum[c] / (double)count);
  return count > 0;
}

bool
tessera_example_locate (const TesseraExample *self, const TesseraContents *contents, float *at)
{
  if (contents->w == NULL || contents->w_dim == 0)
    return false;
  if (self->w == NULL)
    return mean_of_tiles (self, contents, at);
  if (self->d != contents->w_dim)
    return false;
  memcpy (at, self->w, self->d * sizeof *at);
  return true;
}

TesseraExample *
tessera_example_ref (TesseraExample *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
tessera_example_unref (TesseraExample *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->tiles);
  g_free (self->w);
  g_free (self);
}
