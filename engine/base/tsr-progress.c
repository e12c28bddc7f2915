#include "tsr-progress.h"

bool
tsr_progress_step (const TsrProgress *progress, double fraction, const char *stage, GError **error)
{
  if (!progress)
    return true;
  if (progress->report)
    progress->report (fraction, stage ? g_dgettext ("tessera", stage) : NULL, progress->user);
  return !g_cancellable_set_error_if_cancelled (progress->cancellable, error);
}
