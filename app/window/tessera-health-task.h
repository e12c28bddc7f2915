#pragma once
/* Has a project's health measured on another thread, the newest wish only. Main thread. */

#include "tsr-health.h"

typedef struct TesseraHealthTask TesseraHealthTask;

/** Receives a report (borrowed for the call), or why there is none. */
typedef void (*TesseraHealthFunc) (const TsrHealth *health, const GError *error, gpointer user);

/** For the project at path; idle. */
TesseraHealthTask *tessera_health_task_new (const char *path, TesseraHealthFunc done,
                                            gpointer user);

/** Measures anew, by a rule and against a goal (0: the project's); what is being measured is given
 * up. done is called on the main context. */
void tessera_health_task_want (TesseraHealthTask *task, TsrRule rule, double goal);

/** Whether done is still to be called. */
gboolean tessera_health_task_is_busy (const TesseraHealthTask *task);

/** Gives up what is being measured; done is not called any more. NULL is allowed. */
void tessera_health_task_free (TesseraHealthTask *task);
