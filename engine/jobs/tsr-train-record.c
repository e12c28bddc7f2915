#include "tsr-train-record.h"

#include "tsr-jobs.h"

#include <math.h>

#define VALUE_EVERY_US (2 * G_TIME_SPAN_SECOND)

static const struct {
  const char *series;
  size_t offset;
} losses[] = {
    {TSR_SERIES_LOSS_G, G_STRUCT_OFFSET (TsrTrainerStats, loss_g)},
    {TSR_SERIES_LOSS_D, G_STRUCT_OFFSET (TsrTrainerStats, loss_d)},
    {TSR_SERIES_LOSS_NLL, G_STRUCT_OFFSET (TsrTrainerStats, loss_nll)},
    {TSR_SERIES_LOSS_MSE, G_STRUCT_OFFSET (TsrTrainerStats, loss_mse)},
};

struct TsrTrainRecord {
  double beyond;    /* is forgotten with the next store */
  GArray *measures; /* TsrMeasure, not stored yet */
  double kimg, sum[G_N_ELEMENTS (losses)];
  unsigned counted[G_N_ELEMENTS (losses)];
  gint64 last; /* value */
  bool begun;  /* there has been a mean of losses */
};

TsrTrainRecord *
tsr_train_record_new (double after)
{
  TsrTrainRecord *self = g_new0 (TsrTrainRecord, 1);
  self->beyond = after;
  self->measures = g_array_new (FALSE, FALSE, sizeof (TsrMeasure));
  self->last = g_get_monotonic_time ();
  return self;
}

void
tsr_train_record_free (TsrTrainRecord *self)
{
  if (!self)
    return;
  g_array_unref (self->measures);
  g_free (self);
}

static void
finish_value (TsrTrainRecord *self)
{
  for (size_t k = 0; k < G_N_ELEMENTS (losses); k++) {
    if (self->counted[k] == 0)
      continue;
    TsrMeasure measure = {losses[k].series, self->kimg, self->sum[k] / self->counted[k]};
    g_array_append_val (self->measures, measure);
    self->sum[k] = 0;
    self->counted[k] = 0;
    self->begun = true;
  }
  self->last = g_get_monotonic_time ();
}

void
tsr_train_record_losses (TsrTrainRecord *self, double kimg, const TsrTrainerStats *stats)
{
  self->kimg = kimg;
  for (size_t k = 0; k < G_N_ELEMENTS (losses); k++) {
    double value = G_STRUCT_MEMBER (double, stats, losses[k].offset);
    if (!isfinite (value))
      continue;
    self->sum[k] += value;
    self->counted[k]++;
  }
  if (g_get_monotonic_time () - self->last >= VALUE_EVERY_US)
    finish_value (self);
}

void
tsr_train_record_value (TsrTrainRecord *self, const char *series, double kimg, double value)
{
  if (isfinite (value))
    g_array_append_val (self->measures, ((TsrMeasure){series, kimg, value}));
}

bool
tsr_train_record_store (TsrTrainRecord *self, TsrProject *project, GError **error)
{
  /* A mean over a few steps would stand out at the end of the curve, unless it is the only one. */
  if (!self->begun || g_get_monotonic_time () - self->last >= VALUE_EVERY_US / 2)
    finish_value (self);
  if (!tsr_project_put_measures (project, self->beyond, (const TsrMeasure *)self->measures->data,
                                 self->measures->len, error))
    return false;
  self->beyond = INFINITY;
  g_array_set_size (self->measures, 0);
  return true;
}
