#pragma once
/* Cutting slides and adding their tiles to a project: the work of an import, on its thread. */

#include "tessera-import.h"

#include "tsr-project.h"

/** Adds the choice's slides one after the other. What cannot be read of a slide costs this slide
 * and is listed in result->skipped with a sentence, as is a slide without tiles; anything else ends
 * it. False with error, also where a project would be left without any tile. */
bool tessera_import_slides_fill (TsrProject *project, const TesseraSlidesChoice *choice,
                                 const TsrProgress *progress, TesseraImportResult *result,
                                 GError **error);
