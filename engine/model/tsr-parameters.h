#pragma once
/* Every tensor of a model by its name in the StyleGAN2-ADA networks, its place in one contiguous
 * block of floats for each network, and its initial value. One block a network lets the optimiser,
 * the averages and checkpoints treat a network as one long vector. */

#include "tsr-exec.h"
#include "tsr-model-config.h"
#include "tsr-random.h"

typedef enum {
  TSR_NET_G,         /* trainable tensors of mapping and synthesis */
  TSR_NET_G_BUFFERS, /* w_avg, noise_const */
  TSR_NET_D,
  TSR_NET_E, /* the encoder's own layers */
  TSR_N_NETS
} TsrNet;

/** How a tensor's elements are ordered in files against here. */
typedef enum {
  TSR_LAYOUT_PLAIN,           /* the same */
  TSR_LAYOUT_OIHW,            /* file [o][i][h][w], here [o][h][w][i] */
  TSR_LAYOUT_OIHW_TRANSPOSED, /* file [o][i][h][w], here [i][h][w][o] */
  TSR_LAYOUT_FC_CHW, /* fully connected over a 4x4 image: file [o][c*16 + p], here [o][p*c_n + c] */
  TSR_LAYOUT_CHW,    /* file [c][h][w], here [h][w][c] */
} TsrLayout;

typedef struct {
  char *name;
  TsrNet net;
  int dim[4];   /* as a graph leaf */
  int shape[4]; /* as in a file */
  int rank;
  TsrLayout layout;
  float init_mean, init_sd;
  size_t offset; /* in floats, in the network's block */
} TsrParameter;

typedef struct {
  GArray *list; /* TsrParameter */
  GHashTable *by_name;
  size_t floats[TSR_N_NETS]; /* the size of each block, padding included */
} TsrParameters;

/** Lists the tensors of a checked configuration; each starts at a multiple of alignment bytes in
 * its block. */
TsrParameters *tsr_parameters_new (const TsrModelConfig *config, size_t alignment);

/** Frees the list, when no weights refer to it any more; NULL is allowed. */
void tsr_parameters_free (TsrParameters *parameters);

/** Finds a tensor; NULL if the model has none of this name. */
const TsrParameter *tsr_parameters_find (const TsrParameters *parameters, const char *name);

/** The number of floats of a tensor, the same in a file and as a leaf. */
size_t tsr_parameter_elements (const TsrParameter *parameter);

/** Converts a tensor from a file's order of elements to the graph's; from and to do not overlap. */
void tsr_parameter_from_file (const TsrParameter *parameter, const float *from, float *to);

/** Converts the other way, from the graph's order to the file's; from and to do not overlap. */
void tsr_parameter_to_file (const TsrParameter *parameter, const float *from, float *to);

/** Draws initial values for a network's block on the host: values [floats[net]], padding 0.
 * Deterministic by seed and name order. */
void tsr_parameters_initialise (const TsrParameters *parameters, TsrNet net, uint64_t seed,
                                float *values);

/** A network's block on the device and a view for each tensor. */
typedef struct {
  const TsrParameters *parameters; /* borrowed */
  TsrNet net;
  TsrBuffer *block;
  TsrBuffer **view; /* by position in the list; NULL for tensors of other networks */
} TsrWeights;

/** Allocates a zeroed block. NULL with error. */
TsrWeights *tsr_weights_new (TsrDevice *device, const TsrParameters *parameters, TsrNet net,
                             GError **error);

/** Frees the views, then the block; the list must still be there. NULL is allowed. */
void tsr_weights_free (TsrWeights *weights);

/** Binds every tensor to the leaf of its name. */
void tsr_weights_bind (const TsrWeights *weights, TsrExec *exec);

/** The view of one tensor, or NULL. */
TsrBuffer *tsr_weights_find (const TsrWeights *weights, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrParameters, tsr_parameters_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrWeights, tsr_weights_free)
