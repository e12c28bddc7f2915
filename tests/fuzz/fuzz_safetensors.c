/* libFuzzer target: safetensors files, and what a model's settings and networks are read from them.
 * Half the inputs are whole files; of the others the bytes are the header, to which a fitting
 * length and data are added, so that what lies behind them is reached. Built by
 * tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-model-file.h"
#include "tsr-orientation.h"

#include <math.h>

/* Larger networks take long, which is no fault. */
#define MOST_FLOATS 100000

static void
read_tensors (const TsrSafetensors *file)
{
  GError *error = NULL;
  for (size_t i = 0; i < tsr_safetensors_count (file); i++) {
    const TsrTensorInfo *tensor = tsr_safetensors_at (file, i);
    size_t n = tsr_tensor_count (tensor);
    if (n * tsr_dtype_size (tensor->dtype) != tensor->bytes ||
        tsr_safetensors_find (file, tensor->name) != tensor)
      abort ();
    g_autofree float *f32 = g_new0 (float, n + 1);
    g_autofree double *f64 = g_new0 (double, n + 1);
    g_autofree uint8_t *raw = g_malloc0 (tensor->bytes + 1);
    bool ok = tsr_safetensors_read_f32 (file, tensor->name, f32, n, &error);
    fuzz_check (ok, &error);
    if (tsr_safetensors_read_f64 (file, tensor->name, f64, n, NULL) != ok)
      abort ();
    for (size_t j = 0; ok && j < n && tensor->dtype != TSR_DTYPE_F64; j++)
      if (isnan (f32[j]) ? !isnan (f64[j]) : (double)f32[j] != f64[j])
        abort ();
    fuzz_check (tsr_safetensors_read_raw (file, tensor->name, tensor->dtype, raw, n, &error),
                &error);
    if (memcmp (raw, tensor->data, tensor->bytes) != 0)
      abort ();
    fuzz_check (tsr_safetensors_read_f32 (file, tensor->name, f32, n + 1, &error), &error);
  }
}

static void
read_networks (const TsrSafetensors *file, const TsrModelConfig *config)
{
  static const char *const prefixes[] = {"G.", "G_ema.", "D.", "E."};
  static const TsrNet nets[] = {TSR_NET_G, TSR_NET_G_BUFFERS, TSR_NET_D, TSR_NET_E};
  GError *error = NULL;
  g_autoptr (TsrParameters) parameters = tsr_parameters_new (config, 64);
  for (size_t k = 0; k < G_N_ELEMENTS (nets); k++) {
    size_t n = parameters->floats[nets[k]];
    tsr_model_has_net (file, parameters, nets[k], prefixes[k]);
    if (n > MOST_FLOATS)
      continue;
    g_autofree float *values = g_new (float, n + 1);
    bool ok = tsr_model_read_net (file, parameters, nets[k], prefixes[k], values, &error);
    fuzz_check (ok, &error);
    for (size_t i = 0; ok && i < n; i++)
      if (!isfinite (values[i]))
        abort ();
  }
}

/* What is handed on is a model of the same kind. */
static void
hand_on (const char *path, const TsrModelConfig *config)
{
  GError *error = NULL;
  TsrModelConfig again;
  g_autofree char *copy =
      g_strdup_printf ("/dev/shm/tessera-fuzz-%ld.safetensors", (long)getpid ());
  fuzz_check (tsr_model_export (path, copy, &error), &error);
  TsrSafetensors *file = tsr_safetensors_open (copy, &error);
  unlink (copy);
  if (!file || !tsr_model_config_read (file, &again, &error) ||
      memcmp (&again, config, sizeof again) != 0)
    abort ();
  tsr_safetensors_free (file);
}

static void
read_file (const char *path)
{
  GError *error = NULL;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (path, &error);
  fuzz_check (file != NULL, &error);
  if (!file)
    return;
  read_tensors (file);
  int ways = tsr_orientations_parse (tsr_safetensors_metadata (file, TSR_MODEL_ORIENTATIONS));
  if (ways != 1 && ways != 2 && ways != TSR_SYMMETRIES)
    abort ();
  TsrModelConfig config = {0};
  bool ok = tsr_model_config_read (file, &config, &error);
  fuzz_check (ok, &error);
  if (!ok)
    return;
  tsr_model_is_checkpoint (file);
  read_networks (file, &config);
  hand_on (path, &config);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  if (n >= 3 && bytes[0] == '+') { /* a header, before which its length, behind which data */
    uint64_t length = GUINT64_TO_LE ((uint64_t)n - 3);
    guint data = bytes[1] | (guint)bytes[2] << 8;
    g_byte_array_append (whole, (const guint8 *)&length, sizeof length);
    g_byte_array_append (whole, bytes + 3, (guint)n - 3);
    for (guint i = 0; i < data; i++)
      g_byte_array_append (whole, (const guint8[]){(guint8)(i % 61)}, 1);
  } else {
    g_byte_array_append (whole, bytes, (guint)n);
  }
  read_file (fuzz_file (whole->data, whole->len));
  return 0;
}
