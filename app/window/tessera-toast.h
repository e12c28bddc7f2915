#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/** What a toast leaves free at least: it shows that there is a window behind. */
#define TESSERA_TOAST_BESIDE 80

/** Shows a toast over `toasts` for six seconds. It says all of `text`, in several lines where it
 * must: a sentence that names a file, a reason and what to do is longer than one. It leaves
 * `beside` pixels of the overlay's width free. The toast is the overlay's; with the button's label
 * empty until the caller sets it. */
AdwToast *tessera_toast_show (AdwToastOverlay *toasts, const char *text, int beside);

/** Says something else with a toast of tessera_toast_show that is still on screen. */
void tessera_toast_set_text (AdwToast *toast, const char *text);

G_END_DECLS
