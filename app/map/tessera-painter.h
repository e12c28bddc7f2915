#pragma once
/* Pictures made on a thread of their own. One at a time: of the orders that arrive meanwhile only
 * the newest is kept, so a hand that moves faster than pixels can be made is followed as closely as
 * they can. */

#include <glib.h>
#include <stdbool.h>

/** What a kind of picture is. An order is also what becomes the picture. */
typedef struct {
  void (*paint) (gpointer order); /* in the thread */
  void (*supersede) (gpointer order,
                     gpointer waiting); /* what the newer order takes over; or NULL */
  GDestroyNotify free;
} TesseraPainterKind;

/** Called on the main context with a finished picture, which it takes. */
typedef void (*TesseraPainterFunc) (gpointer picture, gpointer user);

typedef struct TesseraPainter TesseraPainter;

/** A painter that paints nothing until it is asked. kind is borrowed for good. */
TesseraPainter *tessera_painter_new (const TesseraPainterKind *kind, TesseraPainterFunc done,
                                     gpointer user);

/** No callback comes afterwards; a picture under way is finished and thrown away. NULL is allowed.
 */
void tessera_painter_free (TesseraPainter *painter);

/** Asks for a picture; takes the order. */
void tessera_painter_order (TesseraPainter *painter, gpointer order);

/** Whether a picture is under way. */
bool tessera_painter_is_busy (const TesseraPainter *painter);
