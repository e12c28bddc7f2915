#include "tsr-error.h"

/* The formatter would take the hyphens of the name for minus signs. */
/* clang-format off */
G_DEFINE_QUARK (tsr-error-quark, tsr_error)
