#pragma once
/* Small things all widgets share. */

#include "tsr-project.h"

#include <adwaita.h>

#define TESSERA_APP_ID        "io.github.tessera_annotator.Tessera"
#define TESSERA_RESOURCE_PATH "/io/github/tessera_annotator/Tessera"

/** Names a widget for assistive technology. */
void tessera_ui_set_name (gpointer widget, const char *name);
/** The same, and as a tooltip, with its key ("Undo (Ctrl+Z)"); key may be NULL. */
void tessera_ui_set_tip (gpointer widget, const char *text, const char *key);
/** Lets a button's label take several lines where there is little room. */
void tessera_ui_wrap_label (GtkButton *button);
/** How much larger than designed text is, 1 or more: spaces that hold text grow by it. */
double tessera_ui_text_scale (void);
/** Whether text is so much larger that what stands side by side may need lines of its own. */
gboolean tessera_ui_text_is_large (void);
/** A window's size to begin with, in pixels at the designed size of text: it grows with the text,
 * no further than the screen. height -1: what parts, a box, need at that width (else parts may be
 * NULL). */
void tessera_ui_set_window_size (GtkWindow *window, GtkWidget *parts, int width, int height);
/** Lets a group's title take several lines, where what stands beside it leaves little room. */
void tessera_ui_wrap_group_title (AdwPreferencesGroup *group);
/** Lets a page of preferences become wider with the text. */
void tessera_ui_widen_page (AdwPreferencesPage *page);
/** "about 40 s", "about 5 min", "about 2 h 10 min". Transfer full. */
char *tessera_ui_duration (double seconds);
/** "00:41" or "1:02:10". Transfer full. */
char *tessera_ui_clock (double seconds);
/** "3,120" in the user's locale. Transfer full. */
char *tessera_ui_count (guint64 n);
/** "0.50", "−0.31" with the sign that numbers have in text, or "–" for what is no number. Transfer
 * full. */
char *tessera_ui_decimal (double value);
/** Removes every child. */
void tessera_ui_clear (GtkWidget *box);
/** "circle", translated. */
const char *tessera_ui_shape_name (int shape);
/** A class's key as shown on buttons, or "". Transfer full. */
char *tessera_ui_key_text (const TsrClass *class_);
/** At most so many characters of a text, its middle left out if it is longer. Transfer full. */
char *tessera_ui_shorten (const char *text, glong most);
/** The local paths of a file chooser that was answered, NULL-terminated, without one where it was
 * cancelled. Transfer full. */
char **tessera_ui_chosen_paths (GtkNativeDialog *dialog, int response);
/** Makes all types of the templates known to GtkBuilder. */
void tessera_ui_ensure_types (void);

/** Lets a choice among strings cut them in their middle where there is no room: archives name
 * slides by sixty characters, and a window must not become as wide as that. */
void tessera_ui_cut_names (GtkDropDown *choice);

/** Has the wheel scroll the page, not turn the sliders and numbers below widget over which the
 * pointer happens to come meanwhile: nobody sees what that has changed. */
void tessera_ui_pass_wheel (GtkWidget *widget);

/** Has the buttons below widget that open a menu, a list or a bubble keep their tooltips to
 * themselves while it is open: GTK shows them over it when the pointer rests where it clicked. */
void tessera_ui_hush_open (GtkWidget *widget);

/** Shows a file dialog and takes it over: it goes once it is answered, also when whoever asked is
 * gone by then. */
void tessera_ui_show_dialog (GtkFileChooserNative *dialog);

/** Has a file dialog begin where a project lies; path may be NULL. A program that was started from
 * an icon would propose the home folder, or what was used last. */
void tessera_ui_begin_beside (GtkFileChooserNative *dialog, const char *path);
