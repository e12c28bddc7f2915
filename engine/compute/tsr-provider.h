#pragma once
/* Convolutions and matrix products, by whichever library is fastest on the device: oneDNN inside
 * the queue on CPU devices, kernels in tiles on GPUs, CLBlast where those cannot run, and plain
 * kernels, the reference all are tested against. All enqueue; none waits.
 *
 * Layouts (row-major, f32): images NHWC, convolution weights OHWI [out][kh][kw][in], matrices
 * [rows][columns]. */

#include "tsr-device.h"

typedef enum {
  TSR_PROVIDER_AUTO,
  TSR_PROVIDER_PLAIN,
  TSR_PROVIDER_ONEDNN,
  TSR_PROVIDER_CLBLAST,
  TSR_PROVIDER_TILED
} TsrProviderKind;
typedef enum { TSR_F32, TSR_BF16 } TsrPrecision;

/** The three directions of one convolution y = x * w:
 *  FORWARD   (x, w)  -> y
 *  BY_DATA   (gy, w) -> gx     also the transposed convolution
 *  BY_WEIGHT (x, gy) -> gw */
typedef enum { TSR_CONV_FORWARD, TSR_CONV_BY_DATA, TSR_CONV_BY_WEIGHT } TsrConvDirection;

/** Cross-correlation with zero padding (PyTorch's conv2d): x [n,h,w,c], w [k,kh,kw,c], y
 * [n,oh,ow,k], oh = (h + 2 pad - kh) / stride + 1. h and w are those of x also for BY_DATA, where
 * several h give one oh. */
typedef struct {
  int n, h, w, c, k, kh, kw, stride, pad;
} TsrConvShape;

typedef struct TsrProvider TsrProvider;
typedef struct TsrOp TsrOp;

/** Opens a provider on device. AUTO: $TESSERA_PROVIDER (plain, onednn, clblast, tiled), else by
 * device. */
TsrProvider *tsr_provider_new (TsrDevice *device, TsrProviderKind kind, GError **error);

/** The same for one of `lanes` lanes (tsr_device_lanes) that share the device's cores. Its
 * operations are enqueued on that lane only. */
TsrProvider *tsr_provider_new_in_lane (TsrDevice *device, TsrProviderKind kind, unsigned lane,
                                       unsigned lanes, GError **error);

/** The lane the provider works for. */
unsigned tsr_provider_lane (const TsrProvider *provider);

/** How many compute units it may count on: the device's, shared among the lanes. */
unsigned tsr_provider_units (const TsrProvider *provider);

/** Frees the provider, whose operations must be gone; NULL is allowed. */
void tsr_provider_free (TsrProvider *provider);

/** "onednn", "clblast", "tiled" or "plain". */
const char *tsr_provider_name (const TsrProvider *provider);

/** What it computes in where `asked` is asked for: f32 where the device does not multiply bf16. */
TsrPrecision tsr_provider_precision (const TsrProvider *provider, TsrPrecision asked);

/** Plans a convolution; planning may be slow, running is not, and allocates nothing. With TSR_BF16
 * the library may round its inputs to bf16 (sums stay f32); operands stay f32 buffers. Owned by the
 * caller; NULL with error. */
TsrOp *tsr_provider_conv (TsrProvider *provider, TsrConvDirection direction,
                          const TsrConvShape *shape, TsrPrecision precision, GError **error);

/** Plans C[m][n] = op(A) op(B), op(A) is m x k; a transposed operand is stored as [k][m] or [n][k].
 */
TsrOp *tsr_provider_matmul (TsrProvider *provider, int m, int n, int k, bool transpose_a,
                            bool transpose_b, TsrPrecision precision, GError **error);

/** Scratch bytes the operation wants; the caller passes one buffer of at least that size to
 * tsr_op_enqueue. */
size_t tsr_op_scratch (const TsrOp *op);

/** Multiply-adds counted twice. */
double tsr_op_flops (const TsrOp *op);

/** Enqueues the operation: operands in the order of the direction's comment (matmul: A, B), result
 * in out (overwritten). out overlaps neither operand. The operation may remember the buffers it was
 * given (calls with the same ones are then cheaper): free them after it. scratch may be NULL if
 * tsr_op_scratch is 0.
 */
bool tsr_op_enqueue (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
                     GError **error);

/** Waits for the queue, where the operation may still run, then frees it. NULL is allowed. */
void tsr_op_free (TsrOp *op);
