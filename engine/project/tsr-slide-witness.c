#include "tsr-slide-witness.h"

#include "tsr-image-reader.h"
#include "tsr-project-private.h"
#include "tsr-slide-resample.h"

#include <stdlib.h>

#define MEANS 8 /* along a tile */

/* Mean difference of a channel, in 255ths. JPEG's own is 1 to 3 on tissue; of two tissues rarely
 * below 20, and of glass and tissue never. */
#define MOST 12

void
tsr_slide_witness_clear (TsrSlideWitness *witness)
{
  g_clear_pointer (&witness->jpeg, g_bytes_unref);
}

static void
take_means (const TsrImage *image, uint8_t means[MEANS * MEANS * 3])
{
  TsrSlideAxis across = {0, (double)image->width / MEANS, MEANS},
               down = {0, (double)image->height / MEANS, MEANS};
  tsr_slide_resample (image->pixels, image->width, image->height, across, down, means);
}

/* 1: it looks as it did, 0: it does not, -1: that cannot be told. */
static int
looks_the_same (TsrSlide *slide, const TsrSlideWitness *witness)
{
  TsrImage then = {0};
  uint8_t a[MEANS * MEANS * 3], b[sizeof a];
  bool ok = tsr_project_thumbnail_decode (witness->jpeg, witness->tile, &then, NULL) &&
            tsr_image_convert (&then, 3, NULL) && then.width == then.height;
  g_autofree uint8_t *pixels =
      ok ? g_try_malloc ((size_t)then.width * (size_t)then.width * 3) : NULL;
  ok = pixels &&
       tsr_slide_read_tile (slide, witness->x, witness->y, witness->side, then.width, pixels, NULL);
  if (ok) {
    take_means (&then, a);
    take_means (&(TsrImage){then.width, then.width, 3, pixels}, b);
  }
  tsr_image_clear (&then);
  if (!ok)
    return -1;
  unsigned sum = 0;
  for (size_t i = 0; i < sizeof a; i++)
    sum += (unsigned)abs (a[i] - b[i]);
  return sum <= MOST * sizeof a;
}

bool
tsr_slide_looks_the_same (TsrSlide *slide, const TsrSlideWitness *witnesses, size_t n)
{
  int votes = 0;
  for (size_t i = 0; i < n; i++) {
    int vote = looks_the_same (slide, &witnesses[i]);
    votes += vote < 0 ? 0 : vote > 0 ? 1 : -1;
  }
  return votes >= 0;
}
