#pragma once
/* What a device can take over of making a map. engine/map knows no OpenCL: who has a device hands
 * these functions in (engine/map-device does), and whatever they fail at the processors do instead.
 * All are called on the thread that makes the map. */

#include "tsr-attraction.h"
#include "tsr-progress.h"

/** One step of the optimisation, as the processors make it (tsr-tsne.c). */
typedef struct {
  float exaggeration, momentum, rate;
  float longest; /* a point moves no further */
} TsrMapMove;

/** What the divergence needs of a layout. */
typedef struct {
  double log_sum; /* sum p_ij log (1 + |y_i - y_j|^2) */
  double z;       /* sum over i != j of 1 / (1 + |y_i - y_j|^2) */
} TsrMapSums;

/** A device and its ways, lent by the caller. Cancelled, functions fail with G_IO_ERROR_CANCELLED,
 * which ends the map; with any other error the processors begin that part of the work anew. */
typedef struct TsrMapAccelerator {
  void *user;

  /** As tsr_knn_scaled, the order of equally near rows included; the same again, bit for bit. Asked
   * up to so many rows; beyond them the processors' approximate search is taken to be quicker. */
  size_t neighbours_up_to;
  bool (*neighbours) (void *user, const float *x, size_t n, size_t d, size_t k, uint32_t *index,
                      float *squared, const TsrProgress *progress, GError **error);

  /** Takes over the layout y [n,2], with no velocity and gains of 1. The affinities' rows are those
   * of attraction, of which nothing is kept. NULL with error. */
  void *(*optimiser_new) (void *user, const TsrAttraction *attraction, const float *y,
                          GCancellable *cancellable, GError **error);
  /** The forces on the layout as it is. Where sums is not NULL they are waited for. */
  bool (*forces) (void *optimiser, TsrMapSums *sums, GError **error);
  /** Moves the points by the forces found last, and their middle to 0. */
  bool (*move) (void *optimiser, const TsrMapMove *move, GError **error);
  /** Reads the layout into y [n,2]. */
  bool (*layout) (void *optimiser, float *y, GError **error);
  void (*optimiser_free) (void *optimiser);

  /** Told why the processors take over; error is borrowed. */
  void (*failed) (void *user, const GError *error);
} TsrMapAccelerator;
