#include "giver.h"

#include <stdlib.h>

static void
line_cb (GObject *stream, GAsyncResult *result, gpointer line)
{
  g_autoptr (GError) error = NULL;
  *(char **)line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (stream), result, NULL, &error);
  g_assert_no_error (error);
}

Giver *
giver_new (const char *how, const char *what, const char *const *paths, int x, int y)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_ptr_array_add (argv, (char *)g_getenv ("TESSERA_WINDOW_GIVER"));
  g_ptr_array_add (argv, (char *)how);
  g_ptr_array_add (argv, (char *)what);
  for (guint i = 0; paths[i] != NULL; i++)
    g_ptr_array_add (argv, (char *)paths[i]);
  g_ptr_array_add (argv, NULL);
  g_autoptr (GError) error = NULL;
  Giver *self = g_new0 (Giver, 1);
  self->process =
      g_subprocess_newv ((const char *const *)argv->pdata,
                         G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) said =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_autofree char *line = NULL;
  g_data_input_stream_read_line_async (said, G_PRIORITY_DEFAULT, NULL, line_cb, &line);
  while (line == NULL) /* it may ask this program for what the screen is like */
    window_test_pass (20);
  self->window = strtoul (line, NULL, 10);
  window_test_xdotool ("windowmove %lu %d %d", self->window, x, y);
  window_test_pass (200);
  return self;
}

void
giver_free (Giver *self)
{
  g_autoptr (GError) error = NULL;
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, NULL);
  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (self->process);
  g_free (self);
  window_test_pass (100);
}

void
giver_drag (WindowTest *test, int x, int y, GtkWidget *to, double to_x, double to_y)
{
  enum { STEPS = 12 };
  int rx, ry;
  window_test_root_point (test, to, to_x, to_y, &rx, &ry);
  window_test_xdotool ("mousemove %d %d", x, y);
  window_test_pass (150);
  window_test_xdotool ("mousedown 1");
  window_test_pass (150);
  for (int k = 1; k <= STEPS; k++) {
    window_test_xdotool ("mousemove %d %d", x + (rx - x) * k / STEPS, y + (ry - y) * k / STEPS);
    window_test_pass (60);
  }
  window_test_pass (400);
}

void
giver_drop (WindowTest *test)
{
  window_test_xdotool ("mouseup 1");
  window_test_pass (800);
}
