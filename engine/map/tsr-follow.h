#pragma once
/* Which labelled tile of its class is nearest to each tile in W: the one that is shown beside it.
 */

#include "tsr-propagation.h"

/** The labelled tiles by class, laid out for products. */
typedef struct TsrFollow TsrFollow;

/** What was found for each tile the last time: with it, one more label costs one comparison for
 * each tile of its class, and the answer is the same. */
typedef struct TsrFollowed TsrFollowed;

/** For n tiles, nothing found yet: 8 bytes a tile. Owned by the caller. */
TsrFollowed *tsr_followed_new (size_t n);

/** Frees it; NULL is allowed. */
void tsr_followed_free (TsrFollowed *followed);

/** Lays out the rows tile [labels] of w [.,d], of the classes label [labels] in [0, n_classes). w
 * is borrowed and finite. */
TsrFollow *tsr_follow_new (const float *w, size_t d, const uint32_t *tile, const int32_t *label,
                           size_t labels, size_t n_classes);

/** Frees it; NULL is allowed. */
void tsr_follow_free (TsrFollow *follow);

/** Begins with what was found in `followed`, which is kept (borrowed), and notes there what is
 * found now. The labels' tiles must ascend, and every tile that has no label and ever gets a class
 * must be asked for before followed is used again. */
void tsr_follow_use (TsrFollow *follow, TsrFollowed *followed);

/** Fills follows and distance of prediction [n] for rows index [count], which have a class_id that
 * some label has: of the least tsr_distances, and of equal ones the label that came first. Products
 * in single precision propose; whatever lies within their error of the least is compared by the
 * differences. Several threads may ask at once, each for other tiles. */
void tsr_follow_find (const TsrFollow *follow, const uint32_t *index, size_t count,
                      TsrPrediction *prediction);
