#pragma once
/* The shape of a model and of a training: what train and embed --untrained are asked with. */

#include "tessera-command.h"
#include "tsr-train-options.h"

/* The options that decide a model's shape and its first weights. */
#define TESSERA_MODEL_OPTIONS                                                                      \
  {.name = "preset",                                                                               \
   .kind = TESSERA_OPTION_CHOICE,                                                                  \
   .choices = "quick,standard,thorough,paper",                                                     \
   .help = "How long and how large",                                                               \
   .fallback = "standard"},                                                                        \
      {.name = "resolution",                                                                       \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Pixels: a power of two from 16 to 1024 (default: from the tiles)",                 \
       .min = 16,                                                                                  \
       .max = 1024},                                                                               \
      {.name = "channels",                                                                         \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "1 grey or 3 RGB (default: from the tiles)",                                        \
       .min = 1,                                                                                   \
       .max = 3},                                                                                  \
      {.name = "channel-base",                                                                     \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Channels at resolution r are base / r ...",                                        \
       .min = 64,                                                                                  \
       .max = 1 << 20},                                                                            \
      {.name = "channel-max",                                                                      \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "... but at most this many",                                                        \
       .min = 4,                                                                                   \
       .max = 4096},                                                                               \
      {.name = "w-dim",                                                                            \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Dimension of W and Z",                                                             \
       .min = 4,                                                                                   \
       .max = 4096},                                                                               \
      {.name = "mapping-layers",                                                                   \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Layers of the mapping network",                                                    \
       .min = 1,                                                                                   \
       .max = 16},                                                                                 \
      {.name = "shared-layers",                                                                    \
       .kind = TESSERA_OPTION_INTEGER,                                                             \
       .help = "Discriminator layers the encoder shares (default: all but 4)",                     \
       .min = 0,                                                                                   \
       .max = 64},                                                                                 \
  {                                                                                                \
    .name = "seed", .kind = TESSERA_OPTION_INTEGER,                                                \
    .help = "Same seed, same device, same numbers", .min = 0, .max = INT64_MAX                     \
  }

/** Reads them, and those of a training where the command has them; the rest stays at "choose".
 * TSR_ERROR_USAGE for values that no model can have. Strings are borrowed from the command line. */
bool tessera_train_options (TesseraCli *cli, TsrTrainOptions *train, GError **error);

/** What --precision says: TSR_F32 or TSR_BF16. */
TsrPrecision tessera_train_precision (const TesseraCli *cli);
