/* Pictures of the lab and of "what the model sees": lab-screenshots OUT PROJECT [IMAGE]. The
 * project has a model, a map and two classes with labels. */

#include "tessera-lab-page.h"
#include "tessera-lab-anchor.h"
#include "tessera-lab-pad.h"
#include "tessera-seen.h"
#include "window-test.h"

static const char *out;

/* Kernels may have to be compiled. */
static void
await (GtkWidget *picture)
{
  for (int k = 0; k < 1200; k++) {
    g_autoptr (GdkTexture) texture = NULL;
    g_object_get (picture, "texture", &texture, NULL);
    if (texture != NULL)
      return;
    window_test_pass (100);
  }
  g_error ("no picture came");
}

static void
save (WindowTest *test, const char *name)
{
  window_test_pass (1500); /* for somebody to look at: nothing depends on it */
  g_autofree char *path = g_strdup_printf ("%s/%s.png", out, name);
  window_test_save (test, path);
}

static void
read_cb (TesseraLabImage *image, uint32_t tile, gpointer page)
{
  tessera_lab_page_show_image (page, image);
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    g_error ("usage: %s OUT PROJECT [IMAGE]", argv[0]);
  out = argv[1];
  window_fixture_home_with_kernels ();
  gtk_init ();
  adw_init ();
  WindowTest test = {0};
  window_test_start (&test);
  window_test_close_window (&test);
  test.path = g_strdup (argv[2]);
  window_test_reopen (&test);
  if (g_getenv ("TESSERA_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  TesseraSession *session = window_test_session (&test);
  TesseraProjectPage *page = tessera_window_get_project_page (test.window);
  AdwViewStack *views = tessera_project_page_get_views (page);
  tessera_session_select_one (session, 40);
  tessera_session_set_setting (session, "view.seen", "1");
  GtkWidget *seen = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_SEEN);
  save (&test, "seen");
  await (gtk_widget_get_last_child (gtk_widget_get_prev_sibling (seen)));
  save (&test, "seen");
  adw_view_stack_set_visible_child_name (views, "lab");
  GtkWidget *lab = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_LAB_PAGE);
  GtkWidget *a = window_test_find (lab, TESSERA_TYPE_LAB_ANCHOR),
            *b = gtk_widget_get_next_sibling (a);
  save (&test, "lab-walk");
  tessera_lab_page_set_mode (TESSERA_LAB_PAGE (lab), TESSERA_LAB_MORPH);
  save (&test, "lab-morph-empty");
  tessera_lab_anchor_set_tile (TESSERA_LAB_ANCHOR (a), 40);
  tessera_lab_anchor_set_tile (TESSERA_LAB_ANCHOR (b), 1200);
  save (&test, "lab-morph");
  tessera_lab_page_set_mode (TESSERA_LAB_PAGE (lab), TESSERA_LAB_MIX);
  save (&test, "lab-mix");
  tessera_lab_page_set_mode (TESSERA_LAB_PAGE (lab), TESSERA_LAB_DIRECTION);
  save (&test, "lab-direction");
  tessera_lab_page_set_mode (TESSERA_LAB_PAGE (lab), TESSERA_LAB_IMAGE);
  save (&test, "lab-image-empty");
  if (argc > 3) {
    g_autoptr (GFile) file = g_file_new_for_path (argv[3]);
    tessera_lab_image_read_file (file, read_cb, lab);
    save (&test, "lab-image");
  }
  window_test_close (&test);
  return 0;
}
