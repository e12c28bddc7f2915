#pragma once
/* What the program remembers beside projects: recent projects, the window's size, the last speed of
 * training; a key file below XDG_CONFIG_HOME. Main thread only. */

#include <glib.h>

/** Paths of recent projects that still exist, newest first. Transfer full. */
char **tessera_app_state_get_recent (void);
/** Puts a project first. */
void tessera_app_state_add_recent (const char *path);

/** Forgets a project. */
void tessera_app_state_remove_recent (const char *path);

/** A value, or fallback. */
int tessera_app_state_get_int (const char *key, int fallback);

/** Keeps a value; written at once. */
void tessera_app_state_set_int (const char *key, int value);

/** A value, or fallback. */
double tessera_app_state_get_double (const char *key, double fallback);

/** Keeps a value; written at once. */
void tessera_app_state_set_double (const char *key, double value);
/** Transfer full, or NULL. */
char *tessera_app_state_get_string (const char *key);

/** Keeps a text; written at once. */
void tessera_app_state_set_string (const char *key, const char *value);
