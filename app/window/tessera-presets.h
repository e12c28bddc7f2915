#pragma once
/* The training presets as a person chooses between them: what for, and how long on this machine. */

#include "tsr-train-options.h"

#define TESSERA_N_PRESETS 4

typedef struct {
  const char *id;    /* "quick", as TsrTrainOptions takes it */
  const char *title; /* translated by the caller with _() */
  const char *description;
} TesseraPreset;

const TesseraPreset *tessera_presets (void);

/** Multiply-adds (counted twice) of training on one image with these resolved options, from the
 * sizes of the convolutions. */
double tessera_preset_flops (const TsrTrainOptions *resolved);

/** Seconds the preset will take; *measured says whether that rests on a training that ran here or
 * on a rule of thumb. Negative if the options make no sense for these tiles. */
double tessera_preset_seconds (const char *preset, guint32 n_tiles, int tile_size,
                               int tile_channels, gboolean *measured);

/** Keeps what a training really did, for the next estimate. */
void tessera_preset_learn (const TsrTrainOptions *resolved, double images_per_s);
