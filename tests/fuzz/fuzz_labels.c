/* libFuzzer target: any bytes as a table of labels, and as columns, of a project with eight tiles.
 * Built by tests/fuzz/build.sh. */

#include "fixture.h"
#include "fuzz.h"
#include "tsr-column-file.h"
#include "tsr-label-import.h"

#include <glib/gstdio.h>

static char *folder;
static GByteArray *good;
static TsrProject *project; /* unchanged, or NULL */

static void
clear_up (void)
{
  tsr_project_close (project);
  fixture_remove (folder);
}

/* The project as it was at first. */
static TsrProject *
fresh (void)
{
  g_autofree char *path = NULL;
  if (!folder) {
    folder = fixture_folder (true);
    tsr_project_close (fixture_project (folder, "p.tessera", 8, 2));
    path = g_build_filename (folder, "p.tessera", NULL);
    good = fixture_read (path);
    atexit (clear_up);
  } else {
    path = g_build_filename (folder, "p.tessera", NULL);
    fixture_write (path, good->data, good->len);
  }
  GError *error = NULL;
  TsrProject *opened = tsr_project_open (path, TSR_PROJECT_READ_WRITE, &error);
  fuzz_check (opened != NULL, &error);
  return opened;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  GError *error = NULL;
  const char *path = fuzz_file (bytes, n);
  project = project ? project : fresh ();
  TsrLabelOptions options = {.keep = n % 5 == 0, .annotator = "Ada", .annotator_column = n % 2};
  g_auto (TsrLabelReport) report;
  tsr_label_report_init (&report);
  bool ok = tsr_labels_from_table (project, path, &options, &report, &error);
  fuzz_check (ok, &error);
  bool changed = report.changed || report.excluded || report.new_classes->len > 0;
  g_autoptr (TsrColumnFile) columns = tsr_column_file_read (project, path, &error);
  fuzz_check (columns != NULL, &error);
  if (columns) {
    changed = true;
    fuzz_check (tsr_project_put_columns (project, columns->columns, &error), &error);
  }
  if (changed) {
    if (!tsr_project_check (project, &error))
      abort (); /* no table breaks a project */
    g_clear_pointer (&project, tsr_project_close);
  }
  return 0;
}
