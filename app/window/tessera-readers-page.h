#pragma once
/* How far two readers agree, in figures: together, class by class, and which classes were taken for
 * which. */

#include "tsr-agreement.h"
#include "tsr-readings.h"

#include <adwaita.h>

/** The figures of readings, compared as agreement says, with the readers called `first` and
 * `second`. Floating reference. */
GtkWidget *tessera_readers_page_new (const TsrReadings *readings, const TsrAgreement *agreement,
                                     const char *first, const char *second);

/** A class of readings->names as it looks, its name borrowed: the project's, or the other reader's.
 */
TsrClass tessera_readers_class (const TsrReadings *readings, int32_t index);
