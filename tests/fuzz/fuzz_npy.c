/* libFuzzer target: any bytes as NumPy's .npy. Built by tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tessera-npy.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  GError *error = NULL;
  float *data = NULL;
  size_t rows = 0, columns = 0;
  bool ok = tessera_npy_read (fuzz_file (bytes, n), &data, &rows, &columns, &error);
  fuzz_check (ok, &error);
  /* The numbers are the end of the file. */
  if (ok && (rows < 1 || columns < 1 || rows * columns > n / sizeof (float) ||
             memcmp (data, bytes + n - rows * columns * sizeof (float),
                     rows * columns * sizeof (float)) != 0))
    abort ();
  g_free (data);
  return 0;
}
