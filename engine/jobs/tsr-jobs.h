#pragma once
/* The main job in pieces: train, embed, map, generate, each a TsrJob for the engine thread. They
 * open the project for themselves by path, store what they make there, and stream snapshots
 * meanwhile. */

#include "tsr-embedder.h"
#include "tsr-engine.h"
#include "tsr-image.h"
#include "tsr-map.h"
#include "tsr-mailbox.h"
#include "tsr-quality.h"
#include "tsr-tile-source.h"
#include "tsr-train-options.h"
#include "tsr-trainer.h"
#include "tsr-trust.h"
#include "tsr-umap.h"

/** A picture of a running training, immutable once posted. */
typedef struct {
  uint64_t step;
  double kimg, kimg_total;
  double images_per_s, elapsed_s, eta_s;                       /* eta_s < 0: not known yet */
  double loss_g, loss_d, loss_r1, loss_pl, loss_nll, loss_mse; /* means over the last interval */
  double real_sign;                                            /* E[sign D(real)] */
  double augment;       /* strength of the augmentation, 0 to 1; NAN without */
  bool slowed;          /* far slower than it has been (tsr_train_pace_is_slowed) */
  TsrQuality quality;   /* of generated tiles, newest; NANs until measured */
  const char *features; /* what it was measured on; static */
  double flops;         /* floating-point operations an image (tsr_train_flops) */
  uint64_t memory;      /* bytes of device memory it takes, from the beginning to the end */
  char *message;        /* the newest sentence for the user, or NULL; repeated in later snapshots */
  TsrImage generated;   /* grid of G_ema samples, fixed z; width 0 if not refreshed this time */
  TsrImage reconstructed; /* rows: real tiles, then G_ema(E(tile)) */
  int grid_columns, tile_size;
} TsrTrainSnapshot;

/** Frees the snapshot with its message and pictures; NULL is allowed. */
void tsr_train_snapshot_free (TsrTrainSnapshot *snapshot);

typedef struct {
  char *project; /* path */
  TsrTrainOptions options;
  TsrMailbox *snapshots; /* of TsrTrainSnapshot; or NULL */
  gint *paused;          /* set atomically by the caller; or NULL */
  double checkpoint_s;   /* seconds between checkpoints; 0: 120 */
  double health_s;       /* seconds between measurements of what is generated; 0: 300 */
  TsrProgress progress;  /* report on the engine thread, for the command line */
  const char *inception; /* a file of InceptionV3's weights, for the published distance; or NULL */
  const char *model; /* encoder_only without resume: whose generator; NULL: the project's model */
  int (*pretend) (
      double kimg); /* for tests: a TsrWatchVerdict in place of the one found; or NULL */
  void (*meddle) (TsrTrainer *trainer, double kimg); /* for tests: spoils networks after a step; or
                                                        NULL */
  /* out */
  double chosen_kimg; /* the state that became the model, where one is chosen; else 0 */
  double kimg;        /* shown in all, with those before a resumption */
  bool kept;          /* the model written is as far as that */
  TsrLostTiles lost;  /* tiles whose files could not be read */
} TsrTrainJob;

/** The project's series (tsr_project_series) of a training's losses, as they are named in
 * TsrTrainSnapshot. */
#define TSR_SERIES_LOSS_G      "loss.g"
#define TSR_SERIES_LOSS_D      "loss.d"
#define TSR_SERIES_LOSS_NLL    "loss.nll"
#define TSR_SERIES_LOSS_MSE    "loss.mse"
#define TSR_SERIES_FRECHET     "quality.frechet"
#define TSR_SERIES_KID         "quality.kid"
#define TSR_SERIES_PRECISION   "quality.precision"
#define TSR_SERIES_RECALL      "quality.recall"
#define TSR_SERIES_DIVERSITY   "watch.diversity"
#define TSR_SERIES_UNEXPLAINED "watch.unexplained"

/** Trains until kimg or cancellation. A training that goes wrong (tsr-watch.h, numbers that are not
 * finite) goes back to an earlier state and on from there more gently, at most three times, and
 * says so in a snapshot's message; then it ends with TSR_ERROR_DIVERGED and the last good model.
 * Cancellation keeps a checkpoint and the model so far and returns G_IO_ERROR_CANCELLED. The model
 * is written beside the project, PROJECT.model.safetensors, and set in it. A run that does not
 * resume never writes over a model that is there: it takes the next free name
 * (PROJECT.model-2.safetensors), and the former model stays. Where a state is chosen instead of the
 * last one, it is written beside it (PROJECT.model.best.safetensors) and set in the project, and
 * resuming goes on from the last one all the same. With every checkpoint the project gets
 * the losses up to there; those of another model's run go with the first. */
bool tsr_job_train (TsrDevice *device, GCancellable *cancellable, gpointer train_job,
                    GError **error);

typedef struct {
  char *project;
  char *model; /* file, or NULL: the project's */
  bool only_missing;
  bool upright;   /* read each tile once as it lies, instead of in all orientations */
  bool untrained; /* a fresh encoder of the shape `options` ask for: the baseline before training */
  TsrEncoderWeights encoder; /* of a checkpoint that has both */
  TsrPrecision precision;
  TsrTrainOptions options; /* for untrained: from tsr_train_options_default () */
  TsrProgress progress;
  double tiles_per_s;       /* out */
  double gflop_per_s;       /* out: of the encoder, over the same time */
  uint32_t embedded;        /* out */
  TsrLatent latent;         /* out: the space the vectors lie in */
  TsrPrecision computed_in; /* out: f32 where the device does not multiply bf16 */
  const char *remark;       /* out: that the model was trained on tiles normalised in another way
                               (tsr_normalise_mismatch); NULL: it was not. Static */
  TsrLostTiles lost;        /* out: tiles whose files could not be read */
} TsrEmbedJob;

/** A project's setting that has its tiles read upright ("1"), for speed. */
#define TSR_SETTING_UPRIGHT "embed.upright"

/** Embeds every tile that is not excluded with the encoder's mean (in W, or in Z if the encoder was
 * trained to say z), averaged over the tile's eight
 * orientations unless upright is asked for by the job or the project, and stores the vectors. Tiles
 * are normalised as the project says (tsr-project-stains.h), slides that have joined since included
 * (tsr_normalise_complete); the name the vectors are stored under says so. */
bool tsr_job_embed (TsrDevice *device, GCancellable *cancellable, gpointer embed_job,
                    GError **error);

/** An immutable layout while it forms. */
typedef struct {
  uint32_t n;
  float *y; /* [n,2] over all tiles of the project, NAN where a tile is not on the map */
  int iteration, total;
  double kl;
} TsrMapSnapshot;

/** Frees the snapshot with its layout; NULL is allowed. */
void tsr_map_snapshot_free (TsrMapSnapshot *snapshot);

/** Where a map begins. */
typedef enum {
  TSR_MAP_ALIGNED,   /* as the former map lies, and is turned onto it; afresh where there is none or
                        it knows fewer than half of the tiles */
  TSR_MAP_FRESH,     /* as if there were no former map: same vectors, options and seed, same map */
  TSR_MAP_CONTINUED, /* more iterations of the map that is there, without early exaggeration */
} TsrMapStart;

typedef struct {
  char *project;
  const char *method; /* "tsne", "pca" or "umap" */
  double balance;     /* of W's axes before t-SNE or UMAP (tsr_balance_axes); 0: W as it is;
                         continued, the map's own counts */
  TsrMapStart start;
  TsrTsneOptions
      options;         /* its start is the job's own; continued, a perplexity of 0 is the map's */
  TsrUmapOptions umap; /* likewise, where that is the method */
  gint *stop;    /* set atomically by the caller: no more iterations, and the map is kept as it
                    is then; or NULL */
  gint *forming; /* becomes 1, atomically, once there is a layout to keep; or NULL */
  TsrMailbox *snapshots; /* of TsrMapSnapshot; or NULL */
  TsrProgress progress;
  /* out */
  TsrTsneReport report; /* UMAP's graph takes affinities_s, its epochs are iterations */
  size_t neighbours;    /* of UMAP's; else 0 */
  const char *device;   /* the GPU that arranged it, by name; NULL: the processors did. Static */
  const char *remark;   /* a sentence: why the processors took over; NULL: they had not. Static */
  bool stopped;
  int earlier;       /* iterations the map had when it was continued */
  uint32_t known;    /* tiles that had a place in the former map, where that was begun from */
  uint32_t left_off; /* tiles that are not embedded, nor excluded, and so are not on it */
  double moved; /* how far they are from it now, the median, in units of the map; NAN: no former */
  TsrTrust trust;
  double trust_s; /* seconds that took, not in the report's */
} TsrMapJob;

/** Lays out the W vectors, t-SNE on the device where that is a GPU (tsr-map-device.h), measures how
 * far the map can be trusted and stores both; device may be NULL. Cancelled, it
 * leaves the former map as it was. TSR_ERROR_PROJECT where there is nothing to lay out, or nothing
 * to continue: no map, not one of t-SNE, or another model's. */
bool tsr_job_map (TsrDevice *device, GCancellable *cancellable, gpointer map_job, GError **error);

typedef struct {
  char *project;
  TsrProgress progress;
  uint32_t placed; /* out */
} TsrPlaceJob;

/** Gives tiles that have a vector and are not excluded, but have no place, one on the map that is
 * there, which does not move (tsr_place_new_tiles). Nothing happens without a map or vectors. */
bool tsr_job_place (TsrDevice *device, GCancellable *cancellable, gpointer place_job,
                    GError **error);

typedef struct {
  char *project;
  TsrPrecision precision; /* of the encoder */
  TsrProgress progress;
  /* out */
  uint32_t compared, flagged; /* tiles, and those beyond TSR_RECONSTRUCTION_LIMIT */
  TsrLostTiles lost;          /* tiles whose files could not be read */
} TsrReconstructJob;

/** Draws every tile that is not excluded anew from its upright encoding and stores how unusual its
 * difference from the tile is, in the column TSR_RECONSTRUCTION_COLUMN (tsr-reconstruction.h). */
bool tsr_job_reconstruct (TsrDevice *device, GCancellable *cancellable, gpointer reconstruct_job,
                          GError **error);

typedef struct {
  char *model;
  uint32_t n;
  uint64_t seed;
  double truncation; /* psi, 1: none */
  char *out;         /* folder, new or empty */
  TsrProgress progress;
} TsrGenerateJob;

/** Writes n generated tiles as PNG files. */
bool tsr_job_generate (TsrDevice *device, GCancellable *cancellable, gpointer generate_job,
                       GError **error);

typedef struct {
  const char *model; /* file, whose encoder says z */
  const float *z;    /* [n,d]: its vectors; rows that are not finite have no w */
  uint32_t n, d;
  TsrProgress progress;
  uint32_t w_dim; /* out */
  float *w;       /* out: [n,w_dim], owned by the caller (g_free); NULL on failure */
} TsrLatentJob;

/** Maps vectors of an encoder of Z to W by the model's averaged mapping network, as they would
 * reach its synthesis without truncation. TSR_ERROR_MODEL where the vectors cannot be that model's.
 */
bool tsr_job_latent (TsrDevice *device, GCancellable *cancellable, gpointer latent_job,
                     GError **error);
