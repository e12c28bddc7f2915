/* How long each kernel and operation took. */
#include "tsr-device-private.h"

typedef struct {
  const char *name;
  cl_event event;
  bool first; /* counts as a call */
} PendingEvent;

void
tsr_profile_begin (TsrDevice *device, const char *name, double flops)
{
  device->flops += flops;
  device->label = name;
  device->label_flops = flops;
  device->label_fresh = true;
}

void
tsr_profile_end (TsrDevice *device)
{
  device->label = NULL;
}

cl_event *
tsr_profile_event (TsrDevice *device, cl_event *event)
{
  *event = NULL;
  return device->profiling ? event : NULL;
}

static TsrProfileRow *
row_of (TsrDevice *device, const char *name)
{
  TsrProfileRow *row = g_hash_table_lookup (device->rows, name);
  if (!row) {
    row = g_new0 (TsrProfileRow, 1);
    row->name = name;
    g_hash_table_insert (device->rows, (gpointer)name, row);
  }
  return row;
}

void
tsr_profile_commit (TsrDevice *device, const char *name, cl_event *event)
{
  if (!device->profiling || !*event)
    return;
  PendingEvent pending = {g_intern_string (device->label ? device->label : name), *event, true};
  if (device->label) {
    pending.first = device->label_fresh;
    if (device->label_fresh)
      row_of (device, pending.name)->flops += device->label_flops;
    device->label_fresh = false;
  }
  g_array_append_val (device->pending, pending);
}

void
tsr_profile_collect (TsrDevice *device)
{
  if (!device->pending)
    return;
  for (guint i = 0; i < device->pending->len; i++) {
    PendingEvent *p = &g_array_index (device->pending, PendingEvent, i);
    cl_ulong start = 0, end = 0;
    clGetEventProfilingInfo (p->event, CL_PROFILING_COMMAND_START, sizeof start, &start, NULL);
    clGetEventProfilingInfo (p->event, CL_PROFILING_COMMAND_END, sizeof end, &end, NULL);
    TsrProfileRow *row = row_of (device, p->name);
    row->calls += p->first;
    row->ns += end > start ? end - start : 0;
    clReleaseEvent (p->event);
  }
  g_array_set_size (device->pending, 0);
}

void
tsr_device_profile (TsrDevice *device, bool on)
{
  if (on == device->profiling)
    return;
  tsr_device_drain (device);
  tsr_profile_collect (device);
  if (!device->pending) {
    device->pending = g_array_new (FALSE, FALSE, sizeof (PendingEvent));
    device->rows = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  }
  device->profiling = on;
  if (!tsr_device_make_queues (device, NULL))
    device->profiling = !on; /* the former queues go on as they were */
}

static gint
by_time (gconstpointer a, gconstpointer b)
{
  const TsrProfileRow *x = a, *y = b;
  return (x->ns < y->ns) - (x->ns > y->ns);
}

GArray *
tsr_device_profile_take (TsrDevice *device)
{
  GArray *taken = g_array_new (FALSE, FALSE, sizeof (TsrProfileRow));
  if (!device->rows)
    return taken;
  tsr_device_drain (device);
  tsr_profile_collect (device);
  GHashTableIter iter;
  gpointer row;
  g_hash_table_iter_init (&iter, device->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    g_array_append_vals (taken, row, 1);
  g_hash_table_remove_all (device->rows);
  g_array_sort (taken, by_time);
  return taken;
}

void
tsr_profile_free (TsrDevice *device)
{
  tsr_profile_collect (device);
  g_clear_pointer (&device->pending, g_array_unref);
  g_clear_pointer (&device->rows, g_hash_table_unref);
}
