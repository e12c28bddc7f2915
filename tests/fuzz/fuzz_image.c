/* libFuzzer target: any bytes through the image readers, by content. Built by tests/fuzz/build.sh.
 */

#include "fuzz.h"
#include "tsr-image.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  TsrImage image;
  GError *error = NULL;
  int size = n % 3 == 0 ? 0 : 24; /* with and without resampling */
  if (tsr_image_load_bytes (bytes, n, "fuzzed", size, 0, &image, &error)) {
    if (!image.pixels || image.width < 1 || image.height < 1 ||
        (image.channels != 1 && image.channels != 3))
      abort ();
    volatile unsigned sum = 0;
    for (size_t i = 0; i < (size_t)image.width * image.height * image.channels; i++)
      sum += image.pixels[i];
  } else if (!error || image.pixels || !g_utf8_validate (error->message, -1, NULL)) {
    abort ();
  }
  g_clear_error (&error);
  tsr_image_clear (&image);
  return 0;
}
