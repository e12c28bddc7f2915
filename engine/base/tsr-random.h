#pragma once
/* Counter-based random numbers (Philox 4x32-10, Salmon et al. 2011): the state is a key and a
 * counter, so a run that is resumed draws what the uninterrupted run would have drawn. The OpenCL
 * kernels draw from the same generator. */

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t seed;    /* the key */
  uint64_t stream;  /* which sequence of this seed: one for each purpose */
  uint64_t counter; /* how many blocks of four numbers have been drawn */
  uint32_t block[4];
  unsigned left;
} TsrRandom;

/** Starts the sequence `stream` of `seed` at its beginning. */
void tsr_random_init (TsrRandom *random, uint64_t seed, uint64_t stream);

/** Computes one Philox 4x32-10 block for (counter, stream) under key seed. */
void tsr_philox (uint64_t seed, uint64_t stream, uint64_t counter, uint32_t out[4]);

/** Returns 32 uniform bits. */
uint32_t tsr_random_u32 (TsrRandom *random);

/** Returns a number uniform in [0, 1). */
double tsr_random_uniform (TsrRandom *random);

/** Returns an integer uniform in [0, n), n > 0, without modulo bias. */
uint32_t tsr_random_below (TsrRandom *random, uint32_t n);

/** Returns a standard normal number (Box-Muller). */
double tsr_random_normal (TsrRandom *random);

/** Shuffles n indices in place (Fisher-Yates). */
void tsr_random_shuffle (TsrRandom *random, uint32_t *index, size_t n);
