#include "tsr-quality.h"

bool
tsr_quality_measure (const TsrFeatureSets *sets, uint64_t seed, TsrQuality *quality,
                     const TsrProgress *progress, GError **error)
{
  const TsrKidOptions options = {.seed = seed};
  return tsr_feature_sets_check (sets, TSR_PRECISION_NEIGHBOURS + 1, error) &&
         tsr_precision_recall (sets, TSR_PRECISION_NEIGHBOURS, &quality->precision,
                               &quality->recall, progress, error) &&
         tsr_frechet_distance (sets, &quality->frechet, progress, error) &&
         tsr_kid (sets, &options, &quality->kid, &quality->kid_deviation, progress, error);
}
