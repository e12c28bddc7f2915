/* The values of tensors, whatever floating-point type they are stored in. */

#include "tsr-safetensors.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <string.h>

static const TsrTensorInfo *
find_counted (const TsrSafetensors *file, const char *name, size_t count, GError **error)
{
  const TsrTensorInfo *tensor = tsr_safetensors_find (file, name);
  g_autofree char *path = g_filename_display_name (tsr_safetensors_path (file));
  if (!tensor) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
                 _ ("“%s” has no tensor “%s”. Choose a file of the right kind."), path, name);
    return NULL;
  }
  if (tsr_tensor_count (tensor) != count) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_MODEL,
        _ ("Tensor “%s” of “%s” has %zu values where %zu are needed. Choose a file that fits."),
        name, path, tsr_tensor_count (tensor), count);
    return NULL;
  }
  return tensor;
}

static bool
wrong_dtype (const TsrSafetensors *file, const TsrTensorInfo *tensor, const char *wanted,
             GError **error)
{
  g_autofree char *path = g_filename_display_name (tsr_safetensors_path (file));
  g_set_error (error, TSR_ERROR, TSR_ERROR_MODEL,
               _ ("Tensor “%s” of “%s” is of type %s where %s is needed. Choose a file that fits."),
               tensor->name, path, tsr_dtype_name (tensor->dtype), wanted);
  return false;
}

static float
half_to_float (uint16_t half)
{
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31,
           mantissa = half & 1023;
  float value;
  if (exponent == 0) { /* zero or subnormal: mantissa * 2^-24, exact in f32 */
    value = (float)mantissa * 0x1p-24f;
    return sign ? -value : value;
  }
  uint32_t bits =
      exponent == 31 ? 0x7f800000u | mantissa << 13 : (exponent + 112) << 23 | mantissa << 13;
  bits |= sign;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
bfloat_to_float (uint16_t half)
{
  uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Element i of a floating tensor; exact for every type. */
static double
element (const TsrTensorInfo *tensor, size_t i)
{
  const char *data = tensor->data;
  double d;
  float f;
  uint16_t h;
  switch (tensor->dtype) {
  case TSR_DTYPE_F64:
    memcpy (&d, data + i * sizeof d, sizeof d);
    return d;
  case TSR_DTYPE_F32:
    memcpy (&f, data + i * sizeof f, sizeof f);
    return f;
  default:
    memcpy (&h, data + i * sizeof h, sizeof h);
    return tensor->dtype == TSR_DTYPE_F16 ? half_to_float (h) : bfloat_to_float (h);
  }
}

static bool
is_floating (TsrDtype dtype)
{
  return dtype == TSR_DTYPE_F16 || dtype == TSR_DTYPE_BF16 || dtype == TSR_DTYPE_F32 ||
         dtype == TSR_DTYPE_F64;
}

bool
tsr_safetensors_read_f32 (const TsrSafetensors *file, const char *name, float *out, size_t count,
                          GError **error)
{
  const TsrTensorInfo *tensor = find_counted (file, name, count, error);
  if (!tensor)
    return false;
  if (!is_floating (tensor->dtype))
    return wrong_dtype (file, tensor, _ ("a floating-point type"), error);
  if (count == 0)
    return true;
  if (tensor->dtype == TSR_DTYPE_F32)
    memcpy (out, tensor->data, tensor->bytes);
  else
    for (size_t i = 0; i < count; i++)
      out[i] = (float)element (tensor, i);
  return true;
}

bool
tsr_safetensors_read_f64 (const TsrSafetensors *file, const char *name, double *out, size_t count,
                          GError **error)
{
  const TsrTensorInfo *tensor = find_counted (file, name, count, error);
  if (!tensor)
    return false;
  if (!is_floating (tensor->dtype))
    return wrong_dtype (file, tensor, _ ("a floating-point type"), error);
  for (size_t i = 0; i < count; i++)
    out[i] = element (tensor, i);
  return true;
}

bool
tsr_safetensors_read_raw (const TsrSafetensors *file, const char *name, TsrDtype dtype, void *out,
                          size_t count, GError **error)
{
  const TsrTensorInfo *tensor = find_counted (file, name, count, error);
  if (!tensor)
    return false;
  if (tensor->dtype != dtype)
    return wrong_dtype (file, tensor, tsr_dtype_name (dtype), error);
  if (count > 0)
    memcpy (out, tensor->data, tensor->bytes);
  return true;
}
