#pragma once
/* Finding devices; private to the device layer. */

#include "tsr-device.h"

typedef struct {
  cl_platform_id platform;
  cl_device_id id;
  TsrDeviceInfo *info; /* owned */
} TsrDeviceFound;

/** Every device of every platform, best first. */
GPtrArray *tsr_device_find_all (void);

/** Whether a device is meant by spec (see tsr_device_open); NULL means any that can be used. */
bool tsr_device_matches (const TsrDeviceInfo *info, const char *spec);

/** Frees a description with its texts; NULL is allowed. */
void tsr_device_info_free (TsrDeviceInfo *info);
