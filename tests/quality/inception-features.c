/* InceptionV3's features of images in a file, for test_inception.py to compare with torchvision's.
 * usage: inception-features WEIGHTS torchvision|fid BATCH IMAGES RESULT
 * IMAGES holds "pixels", U8 [n][r][r][channels]; RESULT gets "features", F32 [n][2048]. */

#include "tsr-features.h"
#include "tsr-safetensors.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool
run (TsrDevice *device, char **argv, GError **error)
{
  TsrFeaturesKind kind = strcmp (argv[2], "fid") == 0 ? TSR_FEATURES_INCEPTION_FID
                                                      : TSR_FEATURES_INCEPTION_TORCHVISION;
  g_autoptr (TsrSafetensors) file = tsr_safetensors_open (argv[4], error);
  g_autoptr (TsrFeatures) features =
      tsr_features_new (device, kind, argv[1], atoi (argv[3]), error);
  if (!file || !features)
    return false;
  const TsrTensorInfo *pixels = tsr_safetensors_find (file, "pixels");
  g_assert (pixels && pixels->ndim == 4 && pixels->dtype == TSR_DTYPE_U8);
  size_t n = pixels->shape[0], d = tsr_features_dim (features);
  g_autofree float *result = g_new (float, n *d);
  gint64 begun = g_get_monotonic_time ();
  clock_t cpu = clock ();
  if (!tsr_features_compute (features, pixels->data, n, (int)pixels->shape[1],
                             (int)pixels->shape[3], result, NULL, error))
    return false;
  size_t now, peak;
  tsr_device_memory (device, &now, &peak);
  g_printerr ("%zu images in %.1f s (%.1f s of processor time), %zu MB\n", n,
              (double)(g_get_monotonic_time () - begun) / 1e6,
              (double)(clock () - cpu) / CLOCKS_PER_SEC, peak >> 20);
  const TsrTensorInfo out = {"features", TSR_DTYPE_F32, 2, {n, d}, result, 0};
  return tsr_safetensors_write (argv[5], &out, 1, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  TsrDevice *device = argc == 6 ? tsr_device_open (NULL, &error) : NULL;
  bool ok = device && run (device, argv, &error);
  if (!ok)
    g_printerr ("%s\n", error ? error->message : "usage: see the source");
  if (device)
    tsr_device_close (device);
  return ok ? 0 : 1;
}
