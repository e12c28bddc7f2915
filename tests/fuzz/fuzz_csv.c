/* libFuzzer target: any bytes as CSV, and as a table of places. Built by tests/fuzz/build.sh. */

#include "tsr-csv.h"
#include "tsr-place-table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n);

static void
check (bool ok, GError **error)
{
  if (ok ? *error != NULL : !*error || !g_utf8_validate ((*error)->message, -1, NULL))
    abort ();
  g_clear_error (error);
}

/* What was read, written, is read back the same. */
static void
write_again (const GPtrArray *rows)
{
  int fd = memfd_create ("again", MFD_CLOEXEC);
  char path[64];
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  FILE *file = fdopen (dup (fd), "w");
  if (!file)
    abort ();
  for (guint i = 0; i < rows->len; i++) {
    const TsrCsvRow *row = rows->pdata[i];
    for (guint c = 0; c < row->n_fields; c++)
      tsr_csv_text (file, row->fields[c], c == 0);
    tsr_csv_end (file);
  }
  fclose (file);
  GError *error = NULL;
  g_autoptr (GPtrArray) again = tsr_csv_read (path, &error);
  check (again != NULL, &error);
  close (fd);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  static const char *const names[] = {"A-1-2.png", "t/b.png", "Q [x=0,y=0,w=8,h=8].png"};
  int fd = memfd_create ("csv", MFD_CLOEXEC);
  char path[64];
  snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
  if (fd < 0 || write (fd, bytes, n) != (ssize_t)n)
    abort ();
  GError *error = NULL;
  g_autoptr (GPtrArray) rows = tsr_csv_read (path, &error);
  check (rows != NULL, &error);
  if (rows)
    write_again (rows);
  TsrPlaceOptions options = {.width = 16, .height = 16};
  g_autoptr (TsrPlaceTable) table = tsr_place_table_read (path, &options, &error);
  check (table != NULL, &error);
  if (table) {
    TsrTilePlace *places = tsr_tile_places_of_names ((char *const *)names, 3);
    TsrPlaceCounts counts;
    tsr_place_table_apply (table, (char *const *)names, places, 3, &counts);
    for (int i = 0; i < 3; i++)
      if (places[i].slide && !(isfinite (places[i].x) && places[i].width > 0))
        abort ();
    tsr_tile_places_free (places, 3);
  }
  close (fd);
  return 0;
}
