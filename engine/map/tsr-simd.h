#pragma once
/* How the map's inner loops are vectorised: GCC vector types, and one clone of a function for each
 * level of x86-64. */

#include <stdint.h>
#include <string.h>

/** Compiles the function for AVX-512, AVX2 and the base, chosen when the program is loaded. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TSR_CLONES __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TSR_CLONES
#endif

/** Sixteen floats; lowered to smaller vectors where the machine has no 512-bit ones. */
typedef float TsrF16 __attribute__ ((vector_size (64)));
/** The same in memory of any alignment. */
typedef float TsrF16u __attribute__ ((vector_size (64), aligned (4), may_alias));
typedef int32_t TsrI16 __attribute__ ((vector_size (64)));
typedef uint32_t TsrU16 __attribute__ ((vector_size (64)));

#define TSR_LANES 16
