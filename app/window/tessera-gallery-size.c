#include "tessera-gallery-size.h"

#include <stdlib.h>

#define KEY    "gallery.size"
#define MIDDLE "96"

static const int sizes[] = {48, 64, 96, 128, 192};

#define LAST ((int)G_N_ELEMENTS (sizes) - 1)

/* The step that the setting says, or the next larger one: it may be another version's. */
static int
step_of (TesseraSession *session)
{
  int wanted = atoi (session != NULL ? tessera_session_get_setting (session, KEY, MIDDLE) : MIDDLE),
      step = 0;
  while (step < LAST && sizes[step] < wanted)
    step++;
  return step;
}

int
tessera_gallery_size_get (TesseraSession *session, gboolean *least, gboolean *most)
{
  int step = step_of (session);
  *least = step == 0;
  *most = step == LAST;
  return sizes[step];
}

void
tessera_gallery_size_move (TesseraSession *session, int steps)
{
  g_return_if_fail (TESSERA_IS_SESSION (session));
  g_autofree char *text = g_strdup_printf ("%d", sizes[CLAMP (step_of (session) + steps, 0, LAST)]);
  tessera_session_set_setting (session, KEY, text);
}
