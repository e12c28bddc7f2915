#pragma once
#include "tsr-exec.h"
#include "tsr-optimizer.h"
#include "tsr-trainer.h"

/* Scalars the steps leave on the device, each in a cell of its own. */
typedef enum { STAT_G, STAT_PL, STAT_D, STAT_R1, STAT_NLL, STAT_MSE, STAT_SIGN, N_STATS } Stat;

typedef enum {
  PHASE_G,
  PHASE_PL,
  PHASE_D,
  PHASE_R1,
  PHASE_SAMPLE,
  PHASE_RECONSTRUCT,
  /* The first, the third and the fourth while the augmentation has no strength, without it: the
   * encoder then shares the pass over real tiles with D. */
  PHASE_G_STILL,
  PHASE_D_STILL,
  PHASE_R1_STILL,
  N_PHASES
} Phase;

/* A value that every lane computes for its share of the batch; their mean goes to `to`. */
typedef struct {
  TsrBuffer *to;                  /* borrowed */
  TsrBuffer *lane[TSR_MAX_LANES]; /* owned */
} Mean;

/* One kind of step: its graph, an executor for each lane, and which optimiser phases follow it. */
typedef struct Step {
  TsrGraph *graph;
  unsigned lanes;
  TsrExec *exec[TSR_MAX_LANES];
  GArray *means;              /* of Mean; empty with one lane */
  TsrOptimizer *optimizer[2]; /* borrowed; NULL where unused */
  unsigned optimizer_phase[2];
  const struct Step
      *twin; /* the same step with augmentation, whose optimiser phases it counts for */
} Step;

/* Steers the augmentation, on the device: its strength, and the signs of D on real tiles since it
 * was last moved. */
typedef struct {
  float p, sign_sum, sign_count;
} TsrAdaState;

struct TsrTrainer {
  TsrDevice *device; /* borrowed */
  TsrTrainerSettings settings;
  unsigned lanes;                                   /* among which a batch is shared */
  TsrProvider *provider[TSR_MAX_LANES], *undivided; /* of previews: all cores on one lane */
  TsrArena *arena[TSR_MAX_LANES];
  TsrParameters *parameters;
  TsrWeights *weights[TSR_N_NETS],
      *averaged[TSR_N_NETS];           /* G_BUFFERS never has one, D and E if asked for */
  TsrOptimizer *optimizer[TSR_N_NETS]; /* of G, D, E */
  Step step[N_PHASES];
  GHashTable *inputs; /* name, with "@1" ... for the lanes after the first -> owned TsrBuffer */
  TsrBuffer *cells;   /* N_STATS cells of one alignment each */
  TsrBuffer *cell[N_STATS];
  TsrBuffer *sums;
  uint32_t counted[N_STATS];
  TsrBuffer *pl_mean, *gamma;       /* scalars */
  TsrBuffer *ada;                   /* TsrAdaState */
  bool still;                       /* the augmentation had no strength when last looked at */
  TsrTileMemory *tiles, *own_tiles; /* drawn from; owned, where the trainer made it */
  TsrBuffer *images_out;            /* of PHASE_SAMPLE and PHASE_RECONSTRUCT */
  bool random;
  uint64_t steps, images;
};

/* Which random sequence serves which purpose; a checkpoint relies on these numbers, so they only
 * grow. To the first three the phase is added, to noise 64 times the phase and the layer. */
enum {
  STREAM_Z = 16,
  STREAM_Z2 = 32,
  STREAM_MIXING = 48,
  STREAM_TILES = 64,
  STREAM_PL_NOISE = 65,
  STREAM_PREVIEW = 66,
  STREAM_AUGMENT = 80, /* and the image's role */
  STREAM_NOISE = 128,
};

enum { PREVIEW = 16 /* images a preview step computes at once */ };

/** Builds graph and executor of every phase the settings ask for (tsr-trainer-phases.c). */
bool tsr_trainer_build (TsrTrainer *trainer, GError **error);

/** x as D is to see it: augmented in the given role, whose draws the phases of a step share; x
 * itself where the training does not augment. NULL with error. */
TsrNode *tsr_trainer_augment (TsrTrainer *trainer, TsrNode *x, const char *role, GError **error);

/** Moves the strength of the augmentation by what D said of the real tiles (STAT_SIGN), and every
 * few steps looks whether there is any. */
bool tsr_trainer_steer (TsrTrainer *trainer, GError **error);

/** The kind of step that stands for a phase now: one without augmentation while that has no
 * strength. */
Phase tsr_trainer_phase_now (const TsrTrainer *trainer, Phase phase);

/** Fills a phase's augmentation draws of a lane for the current step. */
bool tsr_trainer_draw_augmentation (TsrTrainer *trainer, unsigned lane, Phase phase,
                                    GError **error);

/** Fills a phase's random inputs for the current step (tsr-trainer-random.c). */
bool tsr_trainer_draw (TsrTrainer *trainer, Phase phase, GError **error);

/** Enqueues out[0..n) standard normal from (seed, stream, step): the numbers that follow `share`
 * times n of them, so that lanes draw what one lane would. */
bool tsr_random_fill (TsrDevice *device, TsrBuffer *out, size_t n, unsigned share, uint64_t seed,
                      uint64_t stream, uint64_t step, GError **error);

/** The input buffer of a name in each lane, made on first use with room for n floats. False with
 * error. */
bool tsr_trainer_make_inputs (TsrTrainer *trainer, const char *name, size_t n, GError **error);

/** The input buffer of a name in a lane, or NULL. */
TsrBuffer *tsr_trainer_lane_input (TsrTrainer *trainer, const char *name, unsigned lane);

/** Tiles in a lane's share of the batch. */
int tsr_trainer_share (const TsrTrainer *trainer);
