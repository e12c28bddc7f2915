#pragma once
/* A project with something in every table, and everything a program does with one: for tests that
 * damage it. */

#include "tsr-project.h"

/** Labels (operations of label-script.h), vectors, a map, suggestions, a model and a column into a
 * project of at least 4 tiles. */
void whole_project_fill (TsrProject *project, unsigned operations);

/** Adds a slide with its regions, more than five, and its mask. folder: where the slide's file is
 * put. */
void whole_project_add_slide (TsrProject *project, const char *folder);

/** Reads everything there is; whatever it says, it must not crash, and errors must be sentences. */
void whole_project_read (TsrProject *project);

/** Changes something in every table, which may be refused in a sentence. */
void whole_project_write (TsrProject *project);

/** Asserts that what failed left a sentence, if it left anything, and clears it. */
void whole_project_sentence (bool ok, GError **error);
