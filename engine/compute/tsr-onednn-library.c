#include "tsr-onednn-library.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <dlfcn.h>
#include <stdlib.h>

/* How idle OpenMP threads wait. libgomp's default of 300,000 rounds is some milliseconds of
 * spinning after every operation, on cores that PoCL's threads need for the kernel that comes next;
 * no spinning at all costs a wake-up for each of the two or three parallel loops of an operation.
 * 1000 rounds (about 20 microseconds) bridge those loops and little more: 128 to 128 channels at 4
 * x 4 in bf16 takes 0.17 ms, against 0.25 with 0 rounds. Who sets GOMP_SPINCOUNT is obeyed. A
 * constructor, because before main there is only one thread: later, setenv would race with getenv
 * in others. */
__attribute__ ((constructor)) static void
bound_openmp_spinning (void)
{
  setenv ("GOMP_SPINCOUNT", "1000", 0);
}

static bool
load (TsrOnednnLibrary *library, GError **error)
{
  void *handle = dlopen ("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,
                 _ ("The library oneDNN cannot be loaded (%s). Install the package libdnnl2."),
                 dlerror ());
    return false;
  }
#define LOAD_FUNCTION(function)                                                                    \
  library->function = (__typeof__ (library->function))dlsym (handle, "dnnl_" #function);           \
  if (!library->function) {                                                                        \
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,                                               \
                 _ ("This oneDNN lacks dnnl_%s: version 2.6 is needed."), #function);              \
    return false;                                                                                  \
  }
  TSR_ONEDNN_FUNCTIONS (LOAD_FUNCTION)
#undef LOAD_FUNCTION
  library->omp_set_num_threads =
      (__typeof__ (library->omp_set_num_threads))dlsym (handle, "omp_set_num_threads");
  library->omp_get_max_threads =
      (__typeof__ (library->omp_get_max_threads))dlsym (handle, "omp_get_max_threads");
  if (!library->omp_set_num_threads || !library->omp_get_max_threads) {
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_DEVICE,
        _ ("This oneDNN was built without OpenMP, which is needed to set its number of threads."));
    return false;
  }
  return true;
}

const TsrOnednnLibrary *
tsr_onednn_library (GError **error)
{
  static TsrOnednnLibrary library;
  static bool loaded;
  static GMutex lock;
  g_mutex_lock (&lock);
  if (!loaded)
    loaded = load (&library, error);
  g_mutex_unlock (&lock);
  return loaded ? &library : NULL;
}
