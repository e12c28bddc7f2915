#pragma once
/* The map on an OpenCL device: neighbours and t-SNE's iterations as engine/map takes them from an
 * accelerator. Engine thread only, as all of OpenCL. */

#include "tsr-device.h"
#include "tsr-map-accelerator.h"

typedef struct TsrMapDevice TsrMapDevice;

/** Whether a map is to be made on the device: a GPU that can add 64-bit integers atomically. NULL
 * is allowed. */
bool tsr_map_device_suits (const TsrDevice *device);

/** The ways of a device that suits, borrowed. Owned by the caller. */
TsrMapDevice *tsr_map_device_new (TsrDevice *device);

/** Frees it; no map may be using it. NULL is allowed. */
void tsr_map_device_free (TsrMapDevice *self);

/** What TsrTsneOptions takes; borrowed. */
const TsrMapAccelerator *tsr_map_device_accelerator (TsrMapDevice *self);

/** A sentence for the user where the processors had to take over; NULL: they had not. Borrowed. */
const char *tsr_map_device_notice (const TsrMapDevice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrMapDevice, tsr_map_device_free)
