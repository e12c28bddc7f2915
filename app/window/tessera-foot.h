#pragma once
/* One child above the other. The lower one, the last, gets the height it would like, as long as the
 * upper one keeps what it shall have; what is left is the upper one's. Where there is too little
 * for both, the upper one gives way down to its least. (A box shares what is too little between the
 * two.) */

#include <gtk/gtk.h>

#define TESSERA_TYPE_FOOT (tessera_foot_get_type ())
G_DECLARE_FINAL_TYPE (TesseraFoot, tessera_foot, TESSERA, FOOT, GtkWidget)

/** The height the upper one keeps while the lower one can do with its least: 0 for the upper one's
 * own least. */
void tessera_foot_set_upper (TesseraFoot *foot, int height);
