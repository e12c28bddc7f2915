#pragma once
/* The engine thread: it alone owns the OpenCL device and runs one job after another. Callers see
 * GTasks and snapshots. */

#include "tsr-progress.h"

typedef struct TsrEngine TsrEngine;
typedef struct TsrDevice TsrDevice;

/** What a job wants of the device; false and true are the first two. */
typedef enum {
  TSR_ENGINE_NO_DEVICE, /* nothing, though it is given one that is open */
  TSR_ENGINE_DEVICE,    /* fails without */
  TSR_ENGINE_ANY_DEVICE /* is glad of one, and does without where none can be opened, unless it was
                           asked for by tsr_engine_new's device_spec */
} TsrEngineNeed;

/** What runs on the engine thread. device is NULL only if the job does not fail without one. */
typedef bool (*TsrJob) (TsrDevice *device, GCancellable *cancellable, gpointer data,
                        GError **error);

/** Starts the thread (nice 10, C locale). device_spec as for tsr_device_open; the device opens with
 * the first job that needs it. */
TsrEngine *tsr_engine_new (const char *device_spec);

/** Told on the engine thread, in a sentence for the user (borrowed), that a device or its fast
 * kernels failed and what is used instead: as the device opens, or after the job that met it. */
typedef void (*TsrEngineNoticed) (const char *notice, gpointer data);

/** Has noticed be told, each sentence once. Before the first job only; data must outlive the
 * engine.
 */
void tsr_engine_set_noticed (TsrEngine *engine, TsrEngineNoticed noticed, gpointer data);

/** Cancels what runs, waits for it, closes the device. */
void tsr_engine_free (TsrEngine *engine);

/** Queues a job. callback runs on the caller's main context with a GTask to pass to
 * tsr_engine_finish; free_data is called after it. */
void tsr_engine_run_async (TsrEngine *engine, const char *name, TsrEngineNeed need, TsrJob job,
                           gpointer data, GDestroyNotify free_data, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user);

/** Returns what the job returned, with its error; G_IO_ERROR_CANCELLED if it was cancelled before
 * it began. */
bool tsr_engine_finish (GAsyncResult *result, GError **error);

/** Queues a job and waits for it, for the command line; no main loop is needed. */
bool tsr_engine_run (TsrEngine *engine, const char *name, TsrEngineNeed need, TsrJob job,
                     gpointer data, GCancellable *cancellable, GError **error);

/** Told on the engine thread why the guest could not stay; error is borrowed. */
typedef void (*TsrEngineFailed) (const GError *error, gpointer data);

/** Takes a guest in: a job that runs while nothing is queued, for what answers questions for as
 * long as they come (tsr-lab.h). As soon as anything is queued its cancellable is cancelled; it
 * frees what it holds of the device and returns with G_IO_ERROR_CANCELLED, and is called again when
 * the queue is empty. It must notice within milliseconds: everything else waits for it. Any other
 * return, or a device that cannot be opened, ends its stay, an error after failed (or NULL) was
 * told of it. Replaces the former guest; job NULL: only that. free_data (or NULL) is called from
 * any thread once the guest is gone, at the latest by tsr_engine_free. Does not wait. */
void tsr_engine_set_guest (TsrEngine *engine, TsrJob job, TsrEngineFailed failed, gpointer data,
                           GDestroyNotify free_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrEngine, tsr_engine_free)
