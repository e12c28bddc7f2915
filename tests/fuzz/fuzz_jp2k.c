/* libFuzzer target: a JPEG 2000 tile of a slide, bare or in boxes. Built by tests/fuzz/build.sh.
 *
 * Input: width - 1, height - 1 (of 64 at most) and, in the lowest bit of the third byte, whether
 * components are Y, Cb and Cr; then the tile. */

#include "fuzz.h"
#include "tsr-slide-tiff.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  if (n < 3)
    return 0;
  int width = 1 + bytes[0] % 64, height = 1 + bytes[1] % 64;
  g_autofree uint8_t *rgb = g_malloc ((size_t)width * (size_t)height * 3);
  GError *error = NULL;
  bool ok = tsr_slide_jp2k_decode (bytes + 3, n - 3, bytes[2] & 1, width, height, rgb, &error);
  fuzz_check (ok, &error);
  return 0;
}
