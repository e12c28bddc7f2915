#pragma once
/* The files that a project is made of, which nothing that is made of it takes the place of. */

#include "tsr-project.h"

/** Whether a file may be written to path, be it there or not: false with a sentence where it is the
 * project's own file, a tile's, a slide's or its model's, by whatever name. */
bool tsr_project_check_output (TsrProject *project, const char *path, GError **error);
