#include "tessera-resume.h"

#include <math.h>

/* Middle x and y, scale, and the width of the map they were about, which tells another map. */
enum { X, Y, SCALE, WIDTH, N_NUMBERS };

static char *
format_view (const double *numbers)
{
  GString *text = g_string_new (NULL);
  for (int i = 0; i < N_NUMBERS; i++) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            g_ascii_dtostr (number, sizeof number, numbers[i]));
  }
  return g_string_free (text, FALSE);
}

static gboolean
parse_view (const char *text, double *numbers)
{
  g_auto (GStrv) words = g_strsplit (text, " ", N_NUMBERS);
  if (g_strv_length (words) != N_NUMBERS)
    return FALSE;
  for (int i = 0; i < N_NUMBERS; i++) {
    numbers[i] = g_ascii_strtod (words[i], NULL);
    if (!isfinite (numbers[i]))
      return FALSE;
  }
  return numbers[SCALE] > 0;
}

/* A demonstration begins at the beginning. */
static gboolean
is_demonstration (TesseraSession *session)
{
  return g_str_equal (tessera_session_get_setting (session, "demonstration", "0"), "1");
}

void
tessera_resume_keep (TesseraSession *session, TesseraMapView *view, AdwViewStack *pages)
{
  if (!tessera_session_is_open (session) || is_demonstration (session) ||
      tessera_session_is_map_forming (session))
    return;
  double numbers[N_NUMBERS] = {[WIDTH] = tessera_session_get_map_width (session)};
  gboolean fitted;
  g_object_get (view, "auto-fit", &fitted, NULL);
  g_autofree char *seen = NULL;
  if (!fitted && tessera_canvas_get_viewport (TESSERA_CANVAS (view), &numbers[X], &numbers[Y],
                                              &numbers[SCALE]))
    seen = format_view (numbers);
  tessera_session_set_setting (session, "view.map", seen);

  /* The next suggestion is where a project opens anyway. */
  const GArray *queue = tessera_session_get_queue (session);
  uint32_t current = tessera_session_get_current (session);
  gboolean next = queue->len > 0 && g_array_index (queue, uint32_t, 0) == current;
  g_autofree char *tile =
      current != TESSERA_NO_TILE && !next ? g_strdup_printf ("%u", current) : NULL;
  tessera_session_set_setting (session, "view.tile", tile);

  const char *page = adw_view_stack_get_visible_child_name (pages);
  tessera_session_set_setting (session, "view.page", g_strcmp0 (page, "map") != 0 ? page : NULL);
}

void
tessera_resume_restore (TesseraSession *session, TesseraMapView *view, AdwViewStack *pages)
{
  if (is_demonstration (session))
    return;
  double numbers[N_NUMBERS];
  double width = tessera_session_get_map_width (session);
  if (parse_view (tessera_session_get_setting (session, "view.map", ""), numbers) &&
      fabs (numbers[WIDTH] - width) <= 1e-4 * width)
    tessera_canvas_set_viewport (TESSERA_CANVAS (view), numbers[X], numbers[Y], numbers[SCALE]);

  guint64 tile;
  if (g_ascii_string_to_unsigned (tessera_session_get_setting (session, "view.tile", ""), 10, 0,
                                  UINT32_MAX - 1, &tile, NULL) &&
      tile < tessera_session_get_n_tiles (session))
    tessera_session_select_one (session, (uint32_t)tile);

  GtkWidget *page = adw_view_stack_get_child_by_name (
      pages, tessera_session_get_setting (session, "view.page", "map"));
  if (page != NULL)
    adw_view_stack_set_visible_child (pages, page);
}
