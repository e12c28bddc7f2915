#include "tsr-region.h"

static void
measurement_clear (void *data)
{
  g_free (((TsrMeasurement *)data)->name);
}

TsrRegion *
tsr_region_new (void)
{
  TsrRegion *self = g_new0 (TsrRegion, 1);
  self->outline = tsr_outline_new ();
  self->rgb = -1;
  self->measurements = g_array_new (FALSE, FALSE, sizeof (TsrMeasurement));
  g_array_set_clear_func (self->measurements, measurement_clear);
  return self;
}

void
tsr_region_free (TsrRegion *self)
{
  if (!self)
    return;
  tsr_outline_free (self->outline);
  g_array_unref (self->measurements);
  g_free (self->class_name);
  g_free (self->id);
  g_free (self->name);
  g_free (self->annotator);
  g_free (self);
}
