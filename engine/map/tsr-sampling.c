#include "tsr-sampling.h"

#include "tsr-random.h"

#include <glib.h>
#include <math.h>

/* Streams of the random numbers, so that the first pick and the uniform draw of one seed do not
 * resemble each other. */
#define FIRST_PICK 0xf95
#define UNIFORM    0x4a4d

static bool
is_candidate (const uint8_t *labelled, const uint8_t *blocked, size_t i)
{
  return !(labelled && labelled[i]) && !(blocked && blocked[i]);
}

static TsrCover *
cover_of_labels (const float *points, size_t n, size_t d, const uint8_t *labelled,
                 const uint8_t *blocked)
{
  TsrCover *cover = tsr_cover_new (points, n, d, blocked);
  for (size_t i = 0; labelled && i < n; i++)
    if (labelled[i] && !(blocked && blocked[i]))
      tsr_cover_add (cover, (uint32_t)i);
  return cover;
}

/* The first pick where there is nothing to be far from. */
static bool
draw_first (const TsrCover *cover, size_t n, uint64_t seed, uint32_t *pick)
{
  TsrRandom random;
  tsr_random_init (&random, seed, FIRST_PICK);
  size_t candidates = 0;
  g_autofree uint8_t *has = g_new0 (uint8_t, n + 1);
  tsr_cover_mark (cover, has);
  for (size_t i = 0; i < n; i++)
    candidates += has[i];
  if (candidates == 0)
    return false;
  uint32_t left = tsr_random_below (&random, (uint32_t)candidates);
  for (*pick = 0; !has[*pick] || left-- > 0; ++*pick)
    ;
  return true;
}

size_t
tsr_sample_fps_on (TsrCover *cover, size_t n, size_t k, uint64_t seed, uint32_t *chosen,
                   float *radius)
{
  size_t found = 0;
  for (; found < k; found++) {
    uint32_t pick;
    if (tsr_cover_sources (cover) == 0 ? !draw_first (cover, n, seed, &pick)
                                       : !tsr_cover_farthest (cover, &pick))
      break;
    chosen[found] = pick;
    tsr_cover_add (cover, pick);
    if (radius)
      radius[found] = tsr_cover_radius (cover);
  }
  return found;
}

size_t
tsr_sample_fps (const float *points, size_t n, size_t d, const uint8_t *labelled,
                const uint8_t *blocked, size_t k, uint64_t seed, uint32_t *chosen, float *radius)
{
  TsrCover *cover = cover_of_labels (points, n, d, labelled, blocked);
  size_t found = tsr_sample_fps_on (cover, n, k, seed, chosen, radius);
  tsr_cover_free (cover);
  return found;
}

size_t
tsr_sample_random (size_t n, const uint8_t *labelled, const uint8_t *blocked, size_t k,
                   uint64_t seed, uint32_t *chosen)
{
  g_autofree uint32_t *candidates = g_new (uint32_t, n + 1);
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (is_candidate (labelled, blocked, i))
      candidates[count++] = (uint32_t)i;
  TsrRandom random;
  tsr_random_init (&random, seed, UNIFORM);
  size_t found = MIN (k, count);
  for (size_t i = 0; i < found; i++) {
    size_t j = i + tsr_random_below (&random, (uint32_t)(count - i));
    chosen[i] = candidates[j];
    candidates[j] = candidates[i];
  }
  return found;
}

float
tsr_sample_radius (const float *points, size_t n, size_t d, const uint8_t *labelled,
                   const uint8_t *blocked)
{
  TsrCover *cover = cover_of_labels (points, n, d, labelled, blocked);
  float radius = tsr_cover_sources (cover) > 0 ? tsr_cover_radius (cover) : INFINITY;
  tsr_cover_free (cover);
  return radius;
}

void
tsr_sample_radii (const float *points, size_t n, size_t d, const uint8_t *labelled,
                  const uint8_t *blocked, const uint32_t *chosen, size_t k, float *radius)
{
  TsrCover *cover = cover_of_labels (points, n, d, labelled, blocked);
  for (size_t i = 0; i < k; i++) {
    tsr_cover_add (cover, chosen[i]);
    radius[i] = tsr_cover_radius (cover);
  }
  tsr_cover_free (cover);
}
