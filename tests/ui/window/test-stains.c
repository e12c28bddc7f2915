/* Stain normalisation in the window: what is shown is what the engine makes of the tiles, what is
 * applied is what `tessera normalise` stores, and vectors of before are said to be stale, and read
 * again. */

#include "hands.h"
#include "tessera-stain-window.h"
#include "tessera-stale-bar.h"
#include "tsr-normalise.h"
#include "tsr-stain-trial.h"
#include "window-slides.h"
#include "window-test.h"

#include <string.h>

#define TILES 12

static GtkWidget *stains; /* the window about stains, weak */

/* All pictures that are seen, in their order: as scanned, as networks get it, and so on. */
static void
list_pictures (GtkWidget *root, GPtrArray *list)
{
  if (GTK_IS_PICTURE (root) && gtk_widget_get_visible (root))
    g_ptr_array_add (list, root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    list_pictures (child, list);
}

static gboolean
is_tried (WindowTest *test, gpointer data)
{
  return stains != NULL && !tessera_stain_window_is_busy (TESSERA_STAIN_WINDOW (stains));
}

static void
open_stains (WindowTest *test)
{
  g_action_group_activate_action (G_ACTION_GROUP (test->window), "normalise", NULL);
  GListModel *windows = gtk_window_get_toplevels ();
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);
    if (TESSERA_IS_STAIN_WINDOW (window))
      g_set_weak_pointer (&stains, window);
  }
  window_test_wait (test, "the tiles are read", is_tried, NULL);
}

static void
open_project (WindowTest *test, unsigned n)
{
  *test = (WindowTest){.folder = window_fixture_folder ()};
  test->path = window_slides_project (test->folder, "test", n);
  window_test_reopen (test);
}

/* What the pictures show is what a trial of the engine's says. */
static void
check_shown (WindowTest *test, TsrStainMethod method, TsrReference wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrStainTrial) trial = tsr_stain_trial_new (test->path, TILES, NULL, &error);
  g_assert_no_error (error);
  gsize bytes = (gsize)tsr_stain_trial_size (trial) * tsr_stain_trial_size (trial) * 3;
  g_autofree uint8_t *after = g_malloc (TILES * bytes);
  TsrStain reference;
  g_assert_true (tsr_stain_trial_reference (trial, method, wish, &reference, NULL, &error));
  g_assert_true (tsr_stain_trial_apply (trial, method, &reference, after, NULL, NULL, &error));
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  list_pictures (stains, pictures);
  g_assert_cmpuint (pictures->len, ==, 2 * TILES);
  for (guint i = 0; i < pictures->len; i++) {
    GdkTexture *texture = GDK_TEXTURE (gtk_picture_get_paintable (pictures->pdata[i]));
    const uint8_t *expected = (i % 2 == 0 ? tsr_stain_trial_rgb (trial) : after) + i / 2 * bytes;
    int size = gdk_texture_get_width (texture);
    g_assert_cmpint (size, ==, tsr_stain_trial_size (trial));
    g_autofree guint32 *pixels = g_new (guint32, (gsize)size * size);
    gdk_texture_download (texture, (guchar *)pixels, (gsize)size * 4);
    for (int p = 0; p < size * size; p++)
      g_assert_cmphex (pixels[p] & 0xffffff, ==,
                       (guint32)expected[3 * p] << 16 | expected[3 * p + 1] << 8 |
                           expected[3 * p + 2]);
  }
}

static void
press (WindowTest *test, const char *label)
{
  g_signal_emit_by_name (window_test_find_button (stains, label), "clicked");
}

static void
choose (WindowTest *test, const char *label)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (window_test_find_button (stains, label)), TRUE);
  window_test_wait (test, "it is tried", is_tried, NULL);
}

static gboolean
is_gone (WindowTest *test, gpointer data)
{
  return stains == NULL;
}

static gboolean
bar_is_seen (WindowTest *test, gpointer wanted)
{
  GtkWidget *bar = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_STALE_BAR);
  return bar != NULL && gtk_widget_get_mapped (bar) == GPOINTER_TO_INT (wanted);
}

/* The id of how tiles are normalised, as the project has it on disk. Transfer full. */
static char *
id_on_disk (WindowTest *test, TsrStainMethod *method)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrProject) project = tsr_project_open (test->path, TSR_PROJECT_READ_ONLY, &error);
  g_auto (TsrProjectStains) found = {0};
  g_assert_true (tsr_project_stains_read (project, &found, &error));
  *method = found.method;
  return g_strdup (found.id);
}

/* Each method and reference is seen at once as the engine has it; nothing is stored by looking. */
static void
test_seen (void)
{
  WindowTest test;
  open_project (&test, 2);
  tessera_session_select_one (window_test_session (&test), 3);
  open_stains (&test);
  unsigned checked = 0;
  window_test_check_names (stains, &checked);
  g_assert_cmpuint (checked, >=, 4);
  check_shown (&test, TSR_STAIN_NONE, (TsrReference){TSR_REFERENCE_PUBLISHED, 0});
  /* The drawn eosin is too pale for Macenko: nothing changes, and that is said. */
  choose (&test, "Macenko");
  check_shown (&test, TSR_STAIN_MACENKO, (TsrReference){TSR_REFERENCE_PUBLISHED, 0});
  g_assert_true (window_test_says (stains, "12 of these tiles lie on slides that tell no stain"));
  choose (&test, "Reinhard");
  check_shown (&test, TSR_STAIN_REINHARD, (TsrReference){TSR_REFERENCE_PUBLISHED, 0});
  g_assert_false (window_test_says (stains, "tell no stain"));

  GtkWidget *list = hands_find_named (stains, GTK_TYPE_DROP_DOWN, "Reference");
  g_assert_cmpuint (g_list_model_get_n_items (gtk_drop_down_get_model (GTK_DROP_DOWN (list))), ==,
                    4);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), 1); /* the tile */
  window_test_wait (&test, "it is tried", is_tried, NULL);
  check_shown (&test, TSR_STAIN_REINHARD, (TsrReference){TSR_REFERENCE_TILE, 3});
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), 3); /* the second slide */
  window_test_wait (&test, "it is tried", is_tried, NULL);
  check_shown (&test, TSR_STAIN_REINHARD, (TsrReference){TSR_REFERENCE_SLIDE, 1});
  GtkWidget *apply = window_test_find_button (stains, "_Apply");
  g_assert_true (gtk_widget_get_sensitive (apply));
  choose (&test, "Macenko"); /* of which that slide is no reference */
  g_assert_true (window_test_says (stains, "“slide-2” cannot serve as a reference for stains"));
  g_assert_false (gtk_widget_get_sensitive (apply));
  gtk_window_close (GTK_WINDOW (stains));
  window_test_wait (&test, "it closes", is_gone, NULL);
  TsrStainMethod method;
  g_autofree char *id = id_on_disk (&test, &method);
  g_assert_cmpint (method, ==, TSR_STAIN_NONE);
  g_assert_null (id);
  window_test_close (&test);
}

static void
apply (WindowTest *test, const char *label)
{
  open_stains (test);
  choose (test, label);
  press (test, "_Apply");
  window_test_wait (test, "it is stored, and closes", is_gone, NULL);
}

/* What is applied is stored as the command stores it; the vectors are stale then, also when the
 * project is opened again, until the tiles are as the vectors have them. */
static void
test_applied (void)
{
  WindowTest test;
  g_autoptr (GError) error = NULL;
  TsrStainMethod method;
  open_project (&test, 2);
  window_test_wait (&test, "there is nothing to say", bar_is_seen, GINT_TO_POINTER (FALSE));
  apply (&test, "Reinhard");
  window_test_wait (&test, "it says what is stale", bar_is_seen, GINT_TO_POINTER (TRUE));
  g_assert_true (window_test_says (GTK_WIDGET (test.window), "normalised by Reinhard from now on"));
  g_assert_true (
      window_test_says (GTK_WIDGET (test.window), "normalised in another way: train again"));
  g_autofree char *id = id_on_disk (&test, &method);
  g_assert_cmpint (method, ==, TSR_STAIN_REINHARD);
  window_test_close_window (&test);

  g_autoptr (TsrProject) project = tsr_project_open (test.path, TSR_PROJECT_READ_WRITE, &error);
  g_auto (TsrProjectStains) expected = {0};
  TsrStain published = tsr_stain_reference (TSR_STAIN_REINHARD);
  g_assert_true (tsr_normalise (project, TSR_STAIN_REINHARD, &published, &expected, NULL, &error));
  g_assert_cmpstr (id, ==, expected.id);
  g_clear_pointer (&project, tsr_project_close);

  window_test_reopen (&test);
  window_test_wait (&test, "it says so again", bar_is_seen, GINT_TO_POINTER (TRUE));
  /* Without a model nothing can be read again. */
  GtkWidget *bar = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_STALE_BAR);
  g_assert_null (window_test_find_button (bar, "Read the tiles again"));
  g_assert_true (gtk_widget_get_sensitive (window_test_find_button (bar, "Train again")));
  apply (&test, "As scanned");
  window_test_wait (&test, "there is nothing to say", bar_is_seen, GINT_TO_POINTER (FALSE));
  window_test_close (&test);
}

static gboolean
is_read_again (WindowTest *test, gpointer data)
{
  TesseraSession *session = window_test_session (test);
  TesseraJobs *jobs =
      tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
  return tessera_jobs_get_kind (jobs) == TESSERA_JOB_NONE &&
         !tessera_session_vectors_are_stale (session);
}

/* The button has the model read the tiles as they are now. */
static void
test_read_again (void)
{
  WindowTest test = {.folder = window_fixture_folder ()};
  g_autoptr (GError) error = NULL;
  test.path = window_slides_project (test.folder, "test", 1);
  g_autofree char *model =
      g_build_filename (g_getenv ("TESSERA_DATA_DIR"), "demo-model.safetensors", NULL);
  TsrProject *project = tsr_project_open (test.path, TSR_PROJECT_READ_WRITE, &error);
  g_assert_true (tsr_project_set_model (project, model, &error));
  tsr_project_close (project);
  window_test_reopen (&test);
  apply (&test, "Reinhard");
  window_test_wait (&test, "it says what is stale", bar_is_seen, GINT_TO_POINTER (TRUE));
  GtkWidget *bar = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_STALE_BAR);
  g_signal_emit_by_name (window_test_find_button (bar, "Read the tiles again"), "clicked");
  for (int i = 0; i < 240 && !is_read_again (&test, NULL); i++)
    window_test_pass (1000); /* kernels are compiled the first time */
  window_test_wait (&test, "the tiles are read", is_read_again, NULL);
  window_test_wait (&test, "there is nothing to say", bar_is_seen, GINT_TO_POINTER (FALSE));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  if (!window_test_begin (&argc, &argv))
    return 0;
  g_test_add_func ("/stains/seen", test_seen);
  g_test_add_func ("/stains/applied", test_applied);
  g_test_add_func ("/stains/read-again", test_read_again);
  return g_test_run ();
}
