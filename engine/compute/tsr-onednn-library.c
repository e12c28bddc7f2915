#include "tsr-onednn-library.h"

#include "tsr-error.h"

#include <dlfcn.h>
#include <stdlib.h>

/* Before main, while there is only one thread: later, setenv would race with getenv in other
 * threads. */
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
                 "The library oneDNN cannot be loaded (%s). Install the package libdnnl2.",
                 dlerror ());
    return false;
  }
#define LOAD_FUNCTION(function)                                                                    \
  library->function = (__typeof__ (library->function))dlsym (handle, "dnnl_" #function);           \
  if (!library->function) {                                                                        \
    g_set_error (error, TSR_ERROR, TSR_ERROR_DEVICE,                                               \
                 "This oneDNN lacks dnnl_%s: version 2.6 is needed.", #function);                  \
    return false;                                                                                  \
  }
  TSR_ONEDNN_FUNCTIONS (LOAD_FUNCTION)
#undef LOAD_FUNCTION
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
