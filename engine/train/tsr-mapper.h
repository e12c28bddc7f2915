#pragma once
/* A model's mapping network by itself: from z to w. Lives on the engine thread. */

#include "tsr-model-config.h"
#include "tsr-provider.h"

typedef struct TsrMapper TsrMapper;

/** Opens a model file's averaged mapping network ("G_ema." where the file has it, else "G."). */
TsrMapper *tsr_mapper_open (TsrDevice *device, const char *path, int batch, GError **error);

/** Waits for the device, then frees everything; NULL is allowed. */
void tsr_mapper_free (TsrMapper *mapper);

/** The model's shape: z_dim, w_dim. Borrowed. */
const TsrModelConfig *tsr_mapper_config (const TsrMapper *mapper);

/** Maps z [n, z_dim] to w [n, w_dim], without truncation. 0 < n <= batch. */
bool tsr_mapper_run (TsrMapper *mapper, const float *z, int n, float *w, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrMapper, tsr_mapper_free)
