/* Plants into a project what only a trained model could make: W vectors and a map, read from plain
 * text, so that the command line can be tested against a reference that knows them.
 *
 *   cli-fixture vectors PROJECT D < one line of D numbers a tile (the line "-" for none)
 *   cli-fixture map PROJECT < one line of two numbers a tile (the line "-" for no place)
 *   cli-fixture exclude PROJECT TILE...
 *   cli-fixture rename PROJECT N NAME  the N-th class, from 0
 *   cli-fixture version PROJECT N      sets the schema's version (PRAGMA user_version)
 *   cli-fixture hold PROJECT           keeps the project open for writing, prints "ready", waits
 * for the end of its input */

#include "tsr-project.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
fail (const GError *error)
{
  fprintf (stderr, "%s\n", error ? error->message : "failed");
  return 1;
}

static bool
read_rows (float *rows, uint32_t n, uint32_t d)
{
  static char line[1 << 20];
  for (uint32_t i = 0; i < n; i++) {
    if (!fgets (line, sizeof line, stdin))
      return false;
    char *at = line;
    for (uint32_t k = 0; k < d; k++)
      rows[(size_t)i * d + k] =
          line[0] == '-' && line[1] == '\n' ? NAN : (float)g_ascii_strtod (at, &at);
  }
  return true;
}

static int
plant (TsrProject *project, bool vectors, uint32_t d, GError **error)
{
  uint32_t n = tsr_project_n_tiles (project);
  g_autofree float *rows = g_new (float, (size_t)n *d + 1);
  if (!read_rows (rows, n, d))
    return 1;
  if (!vectors)
    return !tsr_project_put_map (project, rows, n, "{\"method\": \"planted\"}", error);
  for (uint32_t i = 0; i < n; i++)
    if (isfinite (rows[(size_t)i * d]) &&
        !tsr_project_put_vectors (project, "planted", i, 1, d, rows + (size_t)i * d, error))
      return 1;
  return 0;
}

static int
exclude (TsrProject *project, int argc, char **argv, GError **error)
{
  g_autofree uint32_t *tiles = g_new (uint32_t, argc);
  for (int i = 3; i < argc; i++)
    tiles[i - 3] = (uint32_t)atoi (argv[i]);
  return !tsr_project_exclude (project, tiles, (size_t)argc - 3, true, "fixture", NULL, error);
}

static int
rename_class (TsrProject *project, unsigned nth, const char *name, GError **error)
{
  g_autoptr (GPtrArray) classes = tsr_project_classes (project);
  if (nth >= classes->len)
    return 1;
  /* as the window does whenever it reads the classes */
  g_autofree int32_t *truth = g_new (int32_t, (size_t)tsr_project_n_tiles (project) + 1);
  g_auto (GStrv) names = tsr_project_truth (project, truth);
  if (names)
    g_free (tsr_project_truth_classes (project, names, classes, true));
  TsrClass *class_ = classes->pdata[nth];
  g_free (class_->name);
  class_->name = g_strdup (name);
  return !tsr_project_update_class (project, class_, error);
}

static int
set_version (const char *path, const char *version)
{
  sqlite3 *database;
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %d", atoi (version));
  int code = sqlite3_open (path, &database) || sqlite3_exec (database, sql, NULL, NULL, NULL);
  sqlite3_close (database);
  return code;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc < 3)
    return 2;
  if (strcmp (argv[1], "version") == 0 && argc == 4)
    return set_version (argv[2], argv[3]);
  g_autoptr (TsrProject) project = tsr_project_open (argv[2], TSR_PROJECT_READ_WRITE, &error);
  int code = 2;
  if (!project)
    return fail (error);
  if (strcmp (argv[1], "vectors") == 0 && argc == 4)
    code = plant (project, true, (uint32_t)atoi (argv[3]), &error);
  else if (strcmp (argv[1], "map") == 0)
    code = plant (project, false, 2, &error);
  else if (strcmp (argv[1], "exclude") == 0)
    code = exclude (project, argc, argv, &error);
  else if (strcmp (argv[1], "rename") == 0 && argc == 5)
    code = rename_class (project, (unsigned)atoi (argv[3]), argv[4], &error);
  else if (strcmp (argv[1], "hold") == 0) {
    puts ("ready");
    fflush (stdout);
    while (getchar () != EOF)
      ;
    code = 0;
  }
  return code ? fail (error) : 0;
}
