#pragma once
/* Shared by tsr-health*.c only. */

#include "tsr-health.h"
#include "tsr-i18n.h"

/* Where signs become doubtful and bad. What each is taken from stands in docs/health.md. */
#define TSR_BATCH_LOOK   0.3
#define TSR_BATCH_BAD    0.7
#define TSR_PICKS_BAD    0.5
#define TSR_KEPT_LOOK    0.3
#define TSR_KEPT_BAD     0.15
#define TSR_FRECHET_LOOK 1.0
#define TSR_FRECHET_BAD  2.0

/** Sets a sign: value against look and bad (NAN: there is none), bad below them (low) or above.
 * found: transfer full. A value that is not finite is unknown. */
void tsr_sign_set (TsrSign *sign, double value, double look, double bad, bool low, TsrRemedy remedy,
                   char *found);

/** A report that tells nothing yet. */
TsrHealth *tsr_health_empty (void);

/** Everything that goes by W: sources, clusters, and with labels (NULL: none) picks. */
bool tsr_health_look_at_w (TsrHealth *health, TsrProject *project, const uint8_t *excluded,
                           const int32_t *label, const TsrProgress *progress, GError **error);

/** The signs that labels and measurements give, once all else is known. */
void tsr_health_judge (TsrHealth *health, TsrProject *project, double kept, size_t neighbours);

/** Verdict, headline and advice, once all signs are known. */
void tsr_health_conclude (TsrHealth *health);
