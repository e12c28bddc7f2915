#include "tsr-project-sources.h"

#include "tsr-i18n.h"
#include "tsr-project-private.h"
#include "tsr-project-slides.h"

#include <glib/gstdio.h>
#include <stdlib.h>

static bool
is_same_file (const char *one, const char *other)
{
  GStatBuf a, b;
  return one && other && g_stat (one, &a) == 0 && g_stat (other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

/* 1, 0, or -1 with error. */
static int
is_slide (TsrProject *project, const char *path, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  for (guint i = 0; slides && i < slides->len; i++)
    if (is_same_file (path, ((const TsrProjectSlide *)slides->pdata[i])->path))
      return 1;
  return slides ? 0 : -1;
}

/* A tile is known by its folder and its name below that, in either of which links may stand. */
static int
is_tile (TsrProject *project, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *real = realpath (absolute, NULL);
  uint32_t tile;
  int found = tsr_project_tile_of_path (project, absolute, &tile, error);
  if (found == 0 && real)
    found = tsr_project_tile_of_path (project, real, &tile, error);
  g_autoptr (TsrStatement) roots =
      found == 0 && real ? tsr_db_prepare (project, "SELECT id FROM root ORDER BY id", error)
                         : NULL;
  while (found == 0 && roots && tsr_db_step (project, roots, NULL) > 0) {
    const char *folder = tsr_project_root_folder (project, sqlite3_column_int64 (roots, 0), NULL);
    char *real_folder = folder ? realpath (folder, NULL) : NULL;
    const char *below = real_folder ? tsr_path_below (real, real_folder) : NULL;
    g_autofree char *known = below ? g_build_filename (folder, below, NULL) : NULL;
    free (real_folder);
    if (known)
      found = tsr_project_tile_of_path (project, known, &tile, error);
  }
  free (real);
  return found;
}

bool
tsr_project_check_output (TsrProject *project, const char *path, GError **error)
{
  g_autofree char *model = tsr_project_get_model (project), *shown = g_filename_display_name (path);
  int source = is_same_file (path, project->path) || is_same_file (path, model);
  if (source == 0)
    source = is_slide (project, path, error);
  if (source == 0)
    source = is_tile (project, path, error);
  if (source > 0)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_FAILED,
        _ ("“%s” belongs to the project (as its file, a tile, a slide or its model) and is "
           "not replaced by what is made of it; choose another name."),
        shown);
  return source == 0;
}
