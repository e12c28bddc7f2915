#pragma once
/* A labelled tile near another one. */

#include <stdint.h>

/* How many of a tile are known. */
#define TESSERA_N_NEAR_LABELS 3

typedef struct {
  uint32_t tile;
  float distance; /* in the units of the map, or of W, by the rule */
} TesseraNearLabel;
