#pragma once
/* How far a map may be trusted: whether neighbours in W are neighbours on the map, and the other
 * way round. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

/** What tsr_trust takes where an argument is 0. */
#define TSR_TRUST_NEIGHBOURS 10

/** Up to this many tiles all are ranked. */
#define TSR_TRUST_ALL 5000

/** Up to this many tiles neighbours in W are exact, beyond them tsr_knn_near's. */
#define TSR_TRUST_EXACT 20000

/** Of a tile whose neighbours are not known. */
#define TSR_TRUST_UNKNOWN 255

typedef struct {
  size_t k;      /* neighbours that are compared; 0: too few tiles for any */
  size_t ranked; /* tiles the next but one and two were measured on, evenly spaced */
  double kept;   /* the share of a tile's k nearest in W that are among its k nearest on the
                    map, mean of all tiles */
  double trustworthiness; /* 1 less a penalty for tiles that are near on the map only */
  double continuity;      /* 1 less a penalty for tiles that are near in W only */
} TsrTrust;

/** Measures the map y [n,2] of the vectors x [n,d] with k neighbours (0: the default above; at most
 * (n - 1) / 2). Trustworthiness and continuity as in Venna & Kaski 2001, eq. 1 and 2: 1 - 2 / (n k
 * (2n - 3k - 1)) times the sum of (rank - k) over the k nearest here that are not among the k
 * nearest there, rank being theirs there; 1 is perfect, some 0.5 chance. Ranks take O(n d) a tile:
 * beyond TSR_TRUST_ALL tiles they are taken of every some-th. kept [n] (or NULL) receives how many
 * of each tile's k there are; beyond TSR_TRUST_EXACT tiles some 2 % of them are overlooked. With
 * fewer than three tiles k is 0, the numbers are NAN and kept is TSR_TRUST_UNKNOWN. Same data, same
 * result, bit for bit.
 *
 * Equally near ones go by index on the map. In W, where copies of a tile are equally near, those of
 * them count as the nearest that are near on the map, too: of many copies no ten are strangers to
 * the others. */
bool tsr_trust (const float *x, size_t n, size_t d, const float *y, size_t k, uint8_t *kept,
                TsrTrust *trust, const TsrProgress *progress, GError **error);

/** How many of the k tiles nearest on the map, near_map, are as near in W as the k nearest there,
 * near_w (no more equally near ones than near_w has), to a tile with the vector `own` [d]. Lists
 * are of rows of x [n,d]; inverse as in tsr_distance_block. */
size_t tsr_trust_kept (const float *own, const float *x, size_t d, float inverse,
                       const uint32_t *near_w, const uint32_t *near_map, size_t k);
