#include "tsr-map-fft.h"

#include "tsr-map-launch.h"

#include <math.h>

#define MAX_PASSES 32

struct TsrMapFft {
  TsrDevice *device;
  size_t n;
  unsigned passes, radix[MAX_PASSES];
  TsrBuffer *twiddle; /* [n][2]: exp (-2 pi i k / n) */
  /* by what the first pass reads, along which axis, whether the last writes potentials, and pass:
     found when first wanted, because thousands of transforms follow */
  cl_kernel kernel[TSR_MAP_FFT_N_SOURCES][2][2][MAX_PASSES];
};

TsrMapFft *
tsr_map_fft_new (TsrDevice *device, size_t n, GError **error)
{
  TsrMapFft *self = g_new0 (TsrMapFft, 1);
  self->device = device;
  self->n = n;
  /* a pass costs a launch and a way through memory: as few as may be */
  static const unsigned radices[] = {16, 8, 4, 2, 5, 3};
  unsigned r = 0;
  for (size_t rest = n; rest > 1; rest /= radices[r], self->passes++) {
    while (rest % radices[r] != 0)
      r++;
    self->radix[self->passes] = radices[r];
  }
  g_autofree float *twiddle = g_new (float, 2 * n);
  for (size_t k = 0; k < n; k++) {
    double angle = -2 * G_PI * (double)k / (double)n;
    twiddle[2 * k] = (float)cos (angle);
    twiddle[2 * k + 1] = (float)sin (angle);
  }
  self->twiddle = tsr_buffer_new (device, 2 * n * sizeof (float), error);
  if (self->twiddle && tsr_buffer_write (self->twiddle, 0, twiddle, 2 * n * sizeof (float), error))
    return self;
  tsr_map_fft_free (self);
  return NULL;
}

void
tsr_map_fft_free (TsrMapFft *self)
{
  if (!self)
    return;
  tsr_buffer_free (self->twiddle);
  g_free (self);
}

static cl_kernel
find_kernel (const TsrMapFft *self, const TsrMapFftRun *run, unsigned pass, GError **error)
{
  static const char *const sources[] = {"",
                                        "FROM_CHARGES 1\n",
                                        "FROM_COLUMNS 1\n",
                                        "TIMES_KERNEL 1\n",
                                        "FROM_HALVES 1\n",
                                        "FROM_ROWS 1\n"};
  bool last = pass + 1 == self->passes;
  g_autofree char *defines = g_strdup_printf (
      "RADIX %u\n%s%s%s", self->radix[pass], run->along_rows ? "ALONG_ROWS 1\n" : "",
      pass == 0 ? sources[run->source] : "", last && run->potentials ? "TO_POTENTIALS 1\n" : "");
  return tsr_map_kernel (self->device, "fft_pass", defines, error);
}

static cl_kernel
kernel_of_pass (TsrMapFft *self, const TsrMapFftRun *run, unsigned pass, GError **error)
{
  cl_kernel *kernel = &self->kernel[run->source][run->along_rows][run->potentials != NULL][pass];
  if (!*kernel)
    *kernel = find_kernel (self, run, pass, error);
  return *kernel;
}

bool
tsr_map_fft_run (TsrMapFft *self, const TsrMapFftRun *run, TsrBuffer **result, GError **error)
{
  cl_int n = (cl_int)self->n, sequences = (cl_int)run->sequences, stride = 1,
         width = (cl_int)run->nodes[0], height = (cl_int)run->nodes[1];
  cl_float one = run->source == TSR_MAP_FFT_CHARGES ? 1 / run->unit : 1;
  TsrBuffer *in = run->in;
  for (unsigned pass = 0; pass < self->passes; pass++) {
    cl_kernel kernel = kernel_of_pass (self, run, pass, error);
    bool last = pass + 1 == self->passes;
    TsrBuffer *out = last && run->potentials ? run->potentials : run->work[pass % 2];
    TsrArg args[10];
    unsigned n_args = 0;
    args[n_args++] = TSR_ARG_BUFFER (out);
    args[n_args++] = TSR_ARG_BUFFER (in);
    args[n_args++] = TSR_ARG_BUFFER (self->twiddle);
    if (pass == 0 && run->source == TSR_MAP_FFT_KERNEL)
      args[n_args++] = TSR_ARG_BUFFER (run->kernel);
    args[n_args++] = TSR_ARG (n);
    args[n_args++] = TSR_ARG (sequences);
    args[n_args++] = TSR_ARG (stride);
    args[n_args++] = TSR_ARG (width);
    args[n_args++] = TSR_ARG (height);
    args[n_args++] = TSR_ARG (one);
    size_t places = self->n / self->radix[pass], x = run->along_rows ? places : run->sequences,
           y = run->along_rows ? run->sequences : places;
    if (!kernel ||
        !tsr_map_launch (self->device, kernel, x, y, 64, TSR_MAP_GROUP / 64, args, n_args, error))
      return false;
    stride *= (cl_int)self->radix[pass];
    in = out;
  }
  if (result)
    *result = in;
  return true;
}
