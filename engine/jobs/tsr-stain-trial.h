#pragma once
/* What normalising would make of a project's tiles, tried on a few of them before it is chosen.
 * Nothing of it is stored; tsr_normalise does what is tried here. */

#include "tsr-normalise.h"

/** Holds the tiles' pixels, and every stain that it has found: only the first try of a slide reads
 * its tiles. For one thread at a time, which may be another each time. */
typedef struct TsrStainTrial TsrStainTrial;

/** Reads at most n evenly spread tiles that are not excluded, at most 128 pixels across, of the
 * project at path, which it opens whenever it needs it. NULL with error; TSR_ERROR_IMAGE if none
 * can be read. */
TsrStainTrial *tsr_stain_trial_new (const char *path, uint32_t n, const TsrProgress *progress,
                                    GError **error);

/** Frees it; NULL is allowed. */
void tsr_stain_trial_free (TsrStainTrial *trial);

/** How many tiles it holds. */
uint32_t tsr_stain_trial_count (const TsrStainTrial *trial);

/** Their side in pixels. */
int tsr_stain_trial_size (const TsrStainTrial *trial);

/** Their numbers in the project, [count]; borrowed. */
const uint32_t *tsr_stain_trial_tiles (const TsrStainTrial *trial);

/** Them as they were scanned, [count][size][size][3]; borrowed. */
const uint8_t *tsr_stain_trial_rgb (const TsrStainTrial *trial);

/** What tiles are to look like. */
typedef enum {
  TSR_REFERENCE_PUBLISHED,
  TSR_REFERENCE_SLIDE, /* as the tiles of slide `number` */
  TSR_REFERENCE_TILE,  /* as the tile `number` */
  TSR_REFERENCE_STORED /* the project's now, where it is of the method; else the published */
} TsrReferenceKind;

typedef struct {
  TsrReferenceKind kind;
  uint32_t number;
} TsrReference;

/** The stain of a reference. TSR_ERROR_IMAGE with a sentence if it cannot be read or tells none. */
bool tsr_stain_trial_reference (TsrStainTrial *trial, TsrStainMethod method, TsrReference wish,
                                TsrStain *stain, const TsrProgress *progress, GError **error);

/** Normalises the tiles towards reference as tsr_normalise would have them from then on: rgb, the
 * caller's, is [count][size][size][3]. Those whose slide tells no stain stay as they are;
 * *unchanged (or NULL) receives how many. With the method NONE all are copied, and none counts. */
bool tsr_stain_trial_apply (TsrStainTrial *trial, TsrStainMethod method, const TsrStain *reference,
                            uint8_t *rgb, uint32_t *unchanged, const TsrProgress *progress,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrStainTrial, tsr_stain_trial_free)
