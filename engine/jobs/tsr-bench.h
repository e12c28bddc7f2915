#pragma once
/* The benches of training and embedding, as jobs for the engine thread. Every ratio is taken within
 * one run. */

#include "tsr-bench-compute.h"
#include "tsr-engine.h"
#include "tsr-progress.h"
#include "tsr-provider.h"
#include "tsr-trainer.h"

typedef struct {
  /* in */
  TsrTrainerSettings settings;
  unsigned steps;
  bool by_operation; /* a second, shorter run with event timing */
  gint *stop;        /* not NULL: train until it is set atomically, however many steps */
  gint *started;     /* not NULL: set atomically once the counted steps begin */
  TsrProgress progress;
  /* out */
  double images_per_s, seconds, plan_s;
  double gflop_per_image; /* of convolutions and products, counted by the provider */
  double gflop_per_s, ceiling_gflop_per_s;
  TsrPrecision computed_in; /* f32 where the device has no bf16, whatever was asked for */
  GArray *convolutions;     /* TsrBenchRow, what the ceiling was measured on; g_array_unref */
  uint64_t device_bytes;
  GArray *operations; /* TsrProfileRow, longest first; NULL unless by_operation; g_array_unref */
  char *device, *provider; /* g_free */
} TsrTrainBench;

/** Trains on random tiles for `steps` steps (lazy steps where they fall) after one warm-up round of
 * all of them, and measures the ceiling of the provider's convolutions before and after. */
bool tsr_job_bench_train (TsrDevice *device, GCancellable *cancellable, gpointer train_bench,
                          GError **error);

typedef struct {
  TsrPrecision precision;
  TsrProgress progress;
  /* out */
  double ceiling_gflop_per_s;
  double forward_gflop_per_s; /* of forward convolutions alone */
} TsrSpeedProbe;

/** A look of two or three seconds at how fast the device convolves, for estimates before anything
 * has been trained on it. */
bool tsr_job_speed_probe (TsrDevice *device, GCancellable *cancellable, gpointer speed_probe,
                          GError **error);

/** The part of the ceiling a training of the presets' shape reaches, its augmentation included
 * (docs/performance.md: 0.56 without, a fifth less with it, 0.7 to 0.8 with many channels). */
#define TSR_TYPICAL_EFFICIENCY 0.5

/** Frees what the bench allocated. */
void tsr_train_bench_clear (TsrTrainBench *bench);

/** Configuration "S": 64 px RGB, channel base 4096, max 128, W 128, 8 mapping layers, batch 16. */
TsrTrainerSettings tsr_bench_settings_s (void);
