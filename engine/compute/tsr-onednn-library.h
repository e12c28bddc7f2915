#pragma once
/* oneDNN, loaded when first needed.
 *
 * Why not linked: its OpenMP runtime (libgomp) reads its environment once, when it is loaded, and
 * how long idle OpenMP threads spin has to be set there and nowhere else (see
 * tsr-onednn-library.c). Loading late also keeps 40 MB out of a program that only shows a map, and
 * lets the program start where the library is missing. */

#include <dnnl.h>
#include <glib.h>
#include <stdbool.h>

#define TSR_ONEDNN_FUNCTIONS(X)                                                                    \
  X (engine_create)                                                                                \
  X (engine_destroy)                                                                               \
  X (stream_create)                                                                                \
  X (stream_destroy)                                                                               \
  X (stream_wait)                                                                                  \
  X (memory_desc_init_by_strides)                                                                  \
  X (memory_desc_init_by_tag)                                                                      \
  X (memory_desc_equal)                                                                            \
  X (memory_desc_get_size)                                                                         \
  X (memory_create)                                                                                \
  X (memory_destroy)                                                                               \
  X (memory_set_data_handle)                                                                       \
  X (primitive_attr_create)                                                                        \
  X (primitive_attr_destroy)                                                                       \
  X (primitive_attr_set_scratchpad_mode)                                                           \
  X (convolution_forward_desc_init)                                                                \
  X (convolution_backward_data_desc_init)                                                          \
  X (convolution_backward_weights_desc_init)                                                       \
  X (matmul_desc_init)                                                                             \
  X (primitive_desc_create)                                                                        \
  X (primitive_desc_destroy)                                                                       \
  X (primitive_desc_query)                                                                         \
  X (primitive_desc_query_md)                                                                      \
  X (reorder_primitive_desc_create)                                                                \
  X (primitive_create)                                                                             \
  X (primitive_execute)                                                                            \
  X (primitive_destroy)                                                                            \
  X (get_effective_cpu_isa)                                                                        \
  X (version)

typedef struct {
#define TSR_ONEDNN_FIELD(name) __typeof__ (&dnnl_##name) name;
  TSR_ONEDNN_FUNCTIONS (TSR_ONEDNN_FIELD)
#undef TSR_ONEDNN_FIELD
  void (*omp_set_num_threads) (int n); /* of the calling thread; of the library's own OpenMP */
  int (*omp_get_max_threads) (void);
} TsrOnednnLibrary;

/** Returns oneDNN's functions (each without its dnnl_), loading the library at the first call; NULL
 * with TSR_ERROR_DEVICE if it is not installed. Stays loaded to the end of the process. */
const TsrOnednnLibrary *tsr_onednn_library (GError **error);
