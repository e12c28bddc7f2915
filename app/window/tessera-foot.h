#pragma once
/* One child above the other. The lower one, the last, gets the height it would like, as long as the
 * upper one keeps its least; what is left is the upper one's. (A box shares what is too little
 * between the two.) */

#include <gtk/gtk.h>

#define TESSERA_TYPE_FOOT (tessera_foot_get_type ())
G_DECLARE_FINAL_TYPE (TesseraFoot, tessera_foot, TESSERA, FOOT, GtkWidget)
