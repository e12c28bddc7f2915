#pragma once
/* Annotations that limit the tiles of slides on their way into a project, and give them their
 * ground truth: --area, --truth and what belongs to them. */

#include "tessera-command.h"
#include "tsr-slide-regions.h"

/** tsr_slide_regions_new by the options, for the slides' files[n], of which the last `absent`
 * cannot be cut. */
TsrSlideRegions *tessera_slide_regions_new (TesseraCli *cli, char *const *files, size_t n,
                                            size_t absent, GError **error);

/** Makes a class of each name of the ground truth, where it can be one, so that labelling can
 * begin. Sets "classes" of the result. */
bool tessera_add_truth_classes (TesseraCli *cli, TsrProject *project, GError **error);
