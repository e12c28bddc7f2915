#pragma once
/* Whether tiles lie together because of where they come from: a slide, a scanner, a stain. Over all
 * tiles by how often neighbours come from the same group, and cluster by cluster. */

#include "tsr-progress.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
  double same;        /* share of neighbours that are of the tile's own group; NAN without any */
  double chance;      /* what that would be if groups were dealt out at random */
  double coefficient; /* (same - chance) / (1 - chance): 0 mixed, 1 apart; NAN with one group */
  size_t pairs;       /* tile and neighbour, both of a known group */
} TsrMixing;

/** Newman's assortativity coefficient (Mixing patterns in networks, 2003, eq. 2) of the graph that
 * neighbour [n,k] (rows of tsr_knn) makes: (sum e_gg - sum a_g b_g) / (1 - sum a_g b_g), e_gh the
 * share of pairs from group g to group h, a and b its sums. group [n] in [0, n_groups), negative:
 * not known; such tiles do not count, nor do pairs with them. */
TsrMixing tsr_mixing (const uint32_t *neighbour, size_t n, size_t k, const int32_t *group,
                      size_t n_groups);

/** Clusters of points [n,d]: the tiles that tsr_kmeans_choose takes for k centres, and to each the
 * tiles that no other is nearer to (ties: the first). sample [m] ascending are the tiles that are
 * clustered; every other one joins the nearest. cluster [n] receives 0 .. k-1, or -1 for blocked
 * tiles (NULL: none), whose places need not be finite. Returns how many clusters there are in
 * *found. The same for any number of threads. Fails when cancelled. */
bool tsr_mixing_clusters (const float *points, size_t n, size_t d, const uint8_t *blocked,
                          const uint32_t *sample, size_t m, size_t k, uint64_t seed,
                          int32_t *cluster, size_t *found, const TsrProgress *progress,
                          GError **error);

/** The group that most of a cluster's tiles come from. */
typedef struct {
  size_t cluster, tiles; /* of a known group */
  int32_t group;         /* the most frequent one, the lower of equal ones */
  size_t most;           /* its tiles here */
  double expected;       /* its share of all tiles of a known group */
  double low;            /* lower end of the 95 % interval (Wilson 1927) of most / tiles */
  double excess;         /* (low - expected) / (1 - expected); 0 where expected is 1 */
} TsrOneSided;

/** Nearly one group: not by chance, since even the lower end of the interval says so; nor because
 * nearly all tiles are of that group anyway. An interval that begins at 0.9 needs 35 tiles all of
 * one group, so that small clusters raise no alarm. */
#define TSR_ONE_SIDED_LOW    0.9
#define TSR_ONE_SIDED_EXCESS 0.8

/** Fills found [n_clusters], one entry a cluster that has tiles of a known group, in their order;
 * returns how many. cluster [n] and group [n]: negative ones do not count. */
size_t tsr_mixing_one_sided (const int32_t *cluster, size_t n, size_t n_clusters,
                             const int32_t *group, size_t n_groups, TsrOneSided *found);

/** Whether the cluster is nearly one group by the two thresholds above. */
bool tsr_mixing_is_one_sided (const TsrOneSided *cluster);
