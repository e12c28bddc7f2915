#pragma once
/* safetensors files: a JSON header (name -> dtype, shape, offsets; __metadata__ of strings) in
 * front of packed little-endian tensors. Reading is strict, because models come from strangers;
 * writing is atomic, because checkpoints are precious. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TSR_TENSOR_MAX_DIMS        8
#define TSR_SAFETENSORS_MAX_HEADER (100u * 1000 * 1000) /* bytes */

typedef enum {
  TSR_DTYPE_BOOL,
  TSR_DTYPE_U8,
  TSR_DTYPE_I8,
  TSR_DTYPE_U16,
  TSR_DTYPE_I16,
  TSR_DTYPE_F16,
  TSR_DTYPE_BF16,
  TSR_DTYPE_U32,
  TSR_DTYPE_I32,
  TSR_DTYPE_F32,
  TSR_DTYPE_U64,
  TSR_DTYPE_I64,
  TSR_DTYPE_F64,
} TsrDtype;

/** One tensor of a file, read or to be written. Row-major, last dimension fastest; ndim 0 is a
 * scalar. */
typedef struct {
  const char *name;
  TsrDtype dtype;
  unsigned ndim;
  size_t shape[TSR_TENSOR_MAX_DIMS];
  const void *data; /* packed; read from a file it may be unaligned: copy it out, or use the
                       tsr_safetensors_read functions */
  size_t bytes;     /* of data; ignored when writing (it follows from dtype and shape) */
} TsrTensorInfo;

/** Returns the bytes of one element. */
size_t tsr_dtype_size (TsrDtype dtype);

/** Returns the name used in files, "F32" for example. */
const char *tsr_dtype_name (TsrDtype dtype);

/** Returns the number of elements: the product of the shape, 1 for a scalar. */
size_t tsr_tensor_count (const TsrTensorInfo *tensor);

/** An open file, mapped read-only. Immutable: any thread may read it. */
typedef struct TsrSafetensors TsrSafetensors;

/** Opens and checks a file completely: header at most 100 MB of strict JSON without duplicate keys,
 * known dtypes, sizes that match shapes, offsets that cover the buffer without gap or overlap.
 * Returns NULL with a sentence that names the file. */
TsrSafetensors *tsr_safetensors_open (const char *path, GError **error);

/** Closes the file; names, metadata and data borrowed from it are gone. NULL is allowed. */
void tsr_safetensors_free (TsrSafetensors *file);

/** Returns the path the file was opened by, borrowed. */
const char *tsr_safetensors_path (const TsrSafetensors *file);

/** Returns the value of a __metadata__ key, borrowed, or NULL. */
const char *tsr_safetensors_metadata (const TsrSafetensors *file, const char *key);

/** Returns the __metadata__ as alternating keys and values in file order, NULL-terminated,
 * borrowed. */
const char *const *tsr_safetensors_metadata_pairs (const TsrSafetensors *file);

/** Returns how many tensors the file holds. */
size_t tsr_safetensors_count (const TsrSafetensors *file);

/** Returns tensor i < count in the header's order, borrowed. */
const TsrTensorInfo *tsr_safetensors_at (const TsrSafetensors *file, size_t i);

/** Returns the tensor of that name, borrowed, or NULL. */
const TsrTensorInfo *tsr_safetensors_find (const TsrSafetensors *file, const char *name);

/** Copies a tensor of count elements, whatever its shape, to out [count] as float; F32, F64, F16
 * and BF16 are converted. An absent tensor, another count or an integer dtype is an error that
 * names file and tensor. */
bool tsr_safetensors_read_f32 (const TsrSafetensors *file, const char *name, float *out,
                               size_t count, GError **error);

/** The same as double. */
bool tsr_safetensors_read_f64 (const TsrSafetensors *file, const char *name, double *out,
                               size_t count, GError **error);

/** Copies a tensor of count elements of exactly this dtype to out, byte by byte (optimiser steps,
 * random states). */
bool tsr_safetensors_read_raw (const TsrSafetensors *file, const char *name, TsrDtype dtype,
                               void *out, size_t count, GError **error);

/** Writes a file atomically (tsr_file_replace) with the tensors in the given order. metadata:
 * alternating keys and values, NULL-terminated, or NULL. Names must be distinct, valid UTF-8 and
 * not "__metadata__". */
bool tsr_safetensors_write (const char *path, const TsrTensorInfo *tensors, size_t n,
                            const char *const *metadata, GError **error);

/** Fills buffer with tensor index's packed data, for tensors that live elsewhere (on a device). */
typedef bool (*TsrSafetensorsFetch) (size_t index, const TsrTensorInfo *tensor, void *buffer,
                                     void *user, GError **error);

/** The same, fetching tensors whose data is NULL one at a time, so that a checkpoint never exists
 * twice in memory. */
bool tsr_safetensors_write_fetched (const char *path, const TsrTensorInfo *tensors, size_t n,
                                    const char *const *metadata, TsrSafetensorsFetch fetch,
                                    void *user, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrSafetensors, tsr_safetensors_free)
