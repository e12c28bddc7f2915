#pragma once
/* What tells a project from all others, whatever its file is called. */

#include "tsr-project.h"

/** The project's id, a UUID made with its file, or when one that had none was first opened for
 * writing; transfer full. A copy of a project has the same. The file's name where there is none
 * yet: of an older project that was only ever read. */
char *tsr_project_id (TsrProject *project);
