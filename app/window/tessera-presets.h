#pragma once
/* The training presets as a person chooses between them: what for, and how long on this machine. */

#include "tsr-train-options.h"

#define TESSERA_N_PRESETS 4

typedef struct {
  const char *id;    /* "quick", as TsrTrainOptions takes it */
  const char *title; /* translated by the caller with _() */
  const char *description;
} TesseraPreset;

/** The presets [TESSERA_N_PRESETS], the quickest first; static. */
const TesseraPreset *tessera_presets (void);

/** What an estimate rests on. */
typedef enum {
  TESSERA_ESTIMATE_GUESSED,  /* a rule of thumb */
  TESSERA_ESTIMATE_MEASURED, /* how fast this device convolves */
  TESSERA_ESTIMATE_LEARNT,   /* a training that ran on it */
} TesseraEstimate;

/** Seconds the preset will take on the device of the app state, and what that rests on. Negative if
 * the options make no sense for these tiles. */
double tessera_preset_seconds (const char *preset, guint32 n_tiles, int tile_size,
                               int tile_channels, TesseraEstimate *estimate);

/** Keeps what a training of the preset really did (floating-point operations a second), for the
 * next estimate. */
void tessera_preset_learn (const char *preset, double flops);

/** Keeps how fast the device convolves (floating-point operations a second), the best of all
 * measurements. */
void tessera_preset_measured (double flops);
