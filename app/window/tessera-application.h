#pragma once
/* The application: one window a project, actions, shortcuts, about. */

#include <adwaita.h>

#define TESSERA_TYPE_APPLICATION (tessera_application_get_type ())
G_DECLARE_FINAL_TYPE (TesseraApplication, tessera_application, TESSERA, APPLICATION, AdwApplication)

/** demonstrate: the first window opens the demonstration. */
TesseraApplication *tessera_application_new (gboolean demonstrate);
