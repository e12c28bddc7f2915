#pragma once
/* The groups of the health window, built once and filled with every new report. */

#include "tessera-session.h"
#include "tessera-tile-store.h"
#include "tsr-health.h"

#include <adwaita.h>

/** A sign's or verdict's mark: its shape says it, and a word for assistive technology. */
GtkWidget *tessera_health_mark_new (int pixels);
/** Makes the mark say a state. */
void tessera_health_mark_set (GtkWidget *mark, TsrSignState state);

/** A button that does what helps; it is hidden for TSR_REMEDY_NONE. */
GtkWidget *tessera_health_button_new (void);
/** Sets what the button does; tiles: of a random check. */
void tessera_health_button_set (GtkWidget *button, TsrRemedy remedy, guint tiles);

#define TESSERA_TYPE_HEALTH_SIGNS (tessera_health_signs_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHealthSigns, tessera_health_signs, TESSERA, HEALTH_SIGNS,
                      AdwPreferencesGroup)

/** A row for every sign. */
GtkWidget *tessera_health_signs_new (TesseraSession *session);
/** Fills the rows; health is borrowed for the call. tiles: of the next random check. */
void tessera_health_signs_set (TesseraHealthSigns *signs, const TsrHealth *health, guint tiles);

#define TESSERA_TYPE_HEALTH_CLASSES (tessera_health_classes_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHealthClasses, tessera_health_classes, TESSERA, HEALTH_CLASSES,
                      AdwPreferencesGroup)

/** A row for every class: how many labels, how many of them are told. */
GtkWidget *tessera_health_classes_new (TesseraSession *session);
/** Fills it; health is borrowed for the call. */
void tessera_health_classes_set (TesseraHealthClasses *classes, const TsrHealth *health);

#define TESSERA_TYPE_HEALTH_LABELS (tessera_health_labels_get_type ())
G_DECLARE_FINAL_TYPE (TesseraHealthLabels, tessera_health_labels, TESSERA, HEALTH_LABELS,
                      AdwPreferencesGroup)

/** The labels that the others disagree with, to be gone through one by one. */
GtkWidget *tessera_health_labels_new (TesseraSession *session, TesseraTileStore *store);
/** Fills it; health is borrowed for the call. */
void tessera_health_labels_set (TesseraHealthLabels *labels, const TsrHealth *health);
