#pragma once
/* What the labels say of each other: of each labelled tile, the class it would get if it had no
 * label. Where that is another one than it has, the tile is worth a second look. */

#include "tsr-rule.h"

/** Fills told [n]: of a labelled tile that is not blocked, the class that the others say it has by
 * the rule when it is left out; TSR_NO_CLASS of all other tiles, and where that is not known: while
 * one class only has labels, for a label alone in its class, and by knn beyond 1,024 labels for
 * most of them.
 *
 * points [n,d] is the map for map and W for the other rules; rows of tiles that are not blocked
 * (NULL: none is) must be finite. label [n] is a class in [0, n_classes), negative: none. By map
 * and w it is the class of the nearest other labelled tile, of equally near ones the first, however
 * many labels there are; by the others what tsr_rule_apply tells. Fails when cancelled, or where
 * points are not finite. */
bool tsr_told (TsrRule rule, const float *points, size_t n, size_t d, const uint8_t *blocked,
               const int32_t *label, size_t n_classes, int32_t *told, const TsrProgress *progress,
               GError **error);
