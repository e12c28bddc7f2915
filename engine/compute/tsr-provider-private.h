#pragma once
/* What the providers share. Nobody outside the provider files includes this. */

#include "tsr-provider.h"

typedef struct {
  const char *name;
  TsrProviderKind kind;
  bool (*open) (TsrProvider *provider, GError **error); /* sets provider->state; may be NULL */
  void (*close) (TsrProvider *provider);                /* may be NULL */
  bool (*has_bf16) (const TsrProvider *provider);       /* may be NULL: no */
  bool (*plan) (TsrOp *op, GError **error);             /* sets op->plan and op->scratch */
  bool (*enqueue) (TsrOp *op, TsrBuffer *a, TsrBuffer *b, TsrBuffer *out, TsrBuffer *scratch,
                   GError **error);
  void (*free) (TsrOp *op); /* frees op->plan, which may be NULL */
} TsrProviderTable;

extern const TsrProviderTable tsr_provider_plain, tsr_provider_onednn, tsr_provider_clblast,
    tsr_provider_tiled;

struct TsrProvider {
  const TsrProviderTable *table;
  TsrDevice *device;
  unsigned lane, lanes;
  void *state;
};

typedef struct {
  int m, n, k;
  bool transpose_a, transpose_b;
} TsrMatmulShape;

struct TsrOp {
  TsrProvider *provider;
  const char *name; /* interned; stands in errors and profiles */
  bool is_matmul;
  TsrConvDirection direction;
  TsrConvShape conv;
  int oh, ow; /* of the convolution's y */
  TsrMatmulShape matmul;
  TsrPrecision precision;
  double flops;
  size_t bytes_a, bytes_b, bytes_out; /* what the operands must hold at least */
  size_t scratch;
  void *plan;
};

/** Sets "The operation “…” failed: …" with TSR_ERROR_DEVICE; returns false. */
bool tsr_op_fail (const TsrOp *op, GError **error, const char *why);
