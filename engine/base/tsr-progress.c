#include "tsr-progress.h"

#include "tsr-i18n.h"
#include "tsr-language.h"

bool
tsr_progress_step (const TsrProgress *progress, double fraction, const char *stage, GError **error)
{
  if (!progress)
    return true;
  TsrLanguage *document = tsr_language_pause ();
  if (progress->report)
    progress->report (fraction, stage ? _ (stage) : NULL, progress->user);
  bool wanted = !g_cancellable_set_error_if_cancelled (progress->cancellable, error);
  tsr_language_resume (document);
  return wanted;
}

static void
report_share (double fraction, const char *stage, void *user)
{
  const TsrProgressShare *share = user;
  if (share->stage)
    stage = _ (share->stage);
  if (share->whole->report)
    share->whole->report (share->from + (share->to - share->from) * CLAMP (fraction, 0, 1), stage,
                          share->whole->user);
}

TsrProgress
tsr_progress_share (const TsrProgress *whole, TsrProgressShare *share, double from, double to,
                    const char *stage)
{
  static const TsrProgress nobody;
  *share = (TsrProgressShare){whole ? whole : &nobody, from, to, stage};
  return (TsrProgress){report_share, share, share->whole->cancellable};
}

TsrProgress
tsr_progress_cancelled_by (const TsrProgress *progress, GCancellable *cancellable)
{
  TsrProgress result = *progress;
  if (!result.cancellable)
    result.cancellable = cancellable;
  return result;
}
