#pragma once
/* What lies at a place of the map where no tile is: a mixture of the tiles round it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The most tiles a mixture may be of. */
#define TSR_BLEND_MOST 16

/** How many tiles round a place of the map it is mixed of, where nobody says otherwise. */
#define TSR_BLEND_TILES 6

typedef struct {
  uint32_t n;                    /* of the next two; 0: there is no tile at all */
  uint32_t tile[TSR_BLEND_MOST]; /* nearest on the map first, then by number */
  double weight[TSR_BLEND_MOST]; /* sum 1 */
} TsrBlend;

/** The k <= TSR_BLEND_MOST tiles nearest to `place` of map [n,2] that have a place there and a
 * vector in w [n,d], with weights ((R - r) / (R r))^2 of their distance r, R being that of the next
 * tile after them (1 / r^2 where there is none): Franke & Nielson 1980, "Smooth interpolation of
 * large sets of scattered data", eq. 2.3. So what is mixed changes without a jump as the place
 * moves, and at a tile's own place it is that tile; tiles that lie exactly there share alike. O(n)
 * on the calling thread: 1 ms for a million tiles. False where there is no such tile, or place is
 * not finite. */
bool tsr_blend_at (const float *map, const float *w, size_t n, size_t d, const float place[2],
                   size_t k, TsrBlend *blend);

/** The mixture of the blend's rows of w [.,d], in double: out [d]. */
void tsr_blend_vectors (const TsrBlend *blend, const float *w, size_t d, float *out);

/** The k rows of w [n,d] nearest to x [d], nearest first and of equally near ones the lower number,
 * without rows that hold no vector (NAN at first): tile [k]. Returns how many there are, at most k;
 * 1 <= k <= TSR_BLEND_MOST. O(n d), on several threads. */
size_t tsr_blend_nearest (const float *w, size_t n, size_t d, const float *x, size_t k,
                          uint32_t *tile);
