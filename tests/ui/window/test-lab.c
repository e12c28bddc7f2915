/* The lab in a real window with the shipped model: a walk with pointer and keys, the way between
 * two tiles and its real neighbours, mixing, directions, an image from elsewhere, files; and what
 * the model sees beside the tile, with its flag. An image is handed over as the drop does it:
 * dragging from another program cannot be simulated here. */

#include "hands.h"
#include "tessera-lab-anchor.h"
#include "tessera-lab-layers.h"
#include "tessera-lab-pad.h"
#include "tessera-lab-page.h"
#include "tessera-label-pad.h"
#include "tessera-seen.h"
#include "tessera-session-lab.h"
#include "tessera-thumb.h"
#include "tessera-tile-panel.h"
#include "tsr-demo-project.h"
#include "tsr-demo.h"
#include "tsr-reconstruction.h"
#include "window-test.h"

#include <math.h>
#include <string.h>

enum { TILES = 60, ODD = TILES }; /* and one of nothing that the model knows */

static GtkWidget *
page_of (WindowTest *test)
{
  return window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_LAB_PAGE);
}

static TesseraJobs *
jobs_of (WindowTest *test)
{
  return tessera_project_page_get_jobs (tessera_window_get_project_page (test->window));
}

/* Longer than window_test_wait's ten seconds: kernels may have to be compiled. */
static void
wait_for (WindowTest *test, const char *what, WindowTestCondition condition, gpointer data)
{
  for (int i = 0; i < 4000 && !condition (test, data); i++)
    window_test_pass (50);
  if (!condition (test, data))
    g_error ("waited in vain: %s", what);
}

/* ---- the project ---- */

static void
draw_tiles (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_mkdir_with_parents (folder, 0700);
  for (unsigned i = 0; i <= TILES; i++) {
    g_autofree char *name = g_strdup_printf ("tile-%02u.png", i),
                    *path = g_build_filename (folder, name, NULL);
    TsrImage image = {0};
    tsr_demo_tile (i % 3, 64, 3, i, &image);
    for (size_t k = 0; i == ODD && k < 64 * 64; k++) { /* green ink */
      image.pixels[3 * k] = 0;
      image.pixels[3 * k + 1] = 200;
      image.pixels[3 * k + 2] = 60;
    }
    tsr_image_save_png (&image, path, &error);
    g_assert_no_error (error);
    tsr_image_clear (&image);
  }
}

static gboolean
has_map (WindowTest *test, gpointer data)
{
  TesseraSession *session = tessera_window_get_session (test->window);
  return session != NULL && tessera_jobs_get_kind (jobs_of (test)) == TESSERA_JOB_NONE &&
         !tessera_session_is_map_forming (session) && tessera_session_get_map (session) != NULL;
}

static gboolean
is_open (WindowTest *test, gpointer data)
{
  return tessera_window_get_session (test->window) != NULL;
}

static void
open_project (WindowTest *test, const char *model)
{
  g_autoptr (GError) error = NULL;
  window_test_start (test);
  g_autofree char *tiles = g_build_filename (test->folder, "tiles", NULL);
  draw_tiles (tiles);
  test->path = g_build_filename (test->folder, "lab.tessera", NULL);
  TsrFolderScan *scan = tsr_folder_scan (tiles, NULL, &error);
  g_autoptr (TsrProject) project = tsr_project_create (test->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tsr_project_add_tiles (project, tiles, scan, false, NULL, &error), ==,
                   TILES + 1);
  tsr_folder_scan_free (scan);
  g_assert_true (tsr_project_set (project, "embed.upright", "1", &error));
  if (model != NULL)
    tsr_project_set_model (project, model, &error);
  g_assert_no_error (error);
  g_clear_pointer (&project, tsr_project_close);
  tessera_window_open (test->window, test->path);
  wait_for (test, "the project", is_open, NULL);
  window_test_settle (test);
}

/* ---- what is seen ---- */

typedef struct {
  GtkWidget *picture;
  GBytes *former; /* not these pixels again; or NULL */
} Pixels;

static GBytes *
pixels_of (GtkWidget *picture)
{
  g_autoptr (GdkTexture) texture = NULL;
  g_object_get (picture, "texture", &texture, NULL);
  if (texture == NULL)
    return NULL;
  gsize stride = (gsize)gdk_texture_get_width (texture) * 4,
        n = stride * (gsize)gdk_texture_get_height (texture);
  guchar *data = g_malloc (n);
  gdk_texture_download (texture, data, stride);
  return g_bytes_new_take (data, n);
}

static gboolean
is_drawn (WindowTest *test, gpointer data)
{
  const Pixels *wanted = data;
  g_autoptr (GBytes) pixels = pixels_of (wanted->picture);
  return pixels != NULL && (wanted->former == NULL || !g_bytes_equal (pixels, wanted->former));
}

/* Until something else is drawn than `former`, which it takes the place of. */
static void
await_picture (WindowTest *test, const char *what, GtkWidget *picture, GBytes **former)
{
  Pixels pixels = {picture, *former};
  wait_for (test, what, is_drawn, &pixels);
  g_clear_pointer (former, g_bytes_unref);
  *former = pixels_of (picture);
}

/* Until what was asked for last has been drawn: several questions may be on their way, and with
 * every answer the tiles round the place change. */
static void
await_rest (GtkWidget *picture, GBytes **former)
{
  for (int still = 0; still < 4;) {
    window_test_pass (200);
    GBytes *pixels = pixels_of (picture);
    g_assert_nonnull (pixels);
    still = *former != NULL && g_bytes_equal (pixels, *former) ? still + 1 : 0;
    g_clear_pointer (former, g_bytes_unref);
    *former = pixels;
  }
}

/* The picture with this place among the page's, by its role there. */
static GtkWidget *
named (WindowTest *test, const char *id)
{
  GtkWidget *found =
      GTK_WIDGET (gtk_widget_get_template_child (page_of (test), TESSERA_TYPE_LAB_PAGE, id));
  g_assert_nonnull (found);
  return found;
}

static void
show_lab (WindowTest *test)
{
  AdwViewStack *views =
      tessera_project_page_get_views (tessera_window_get_project_page (test->window));
  for (int k = 0; k < 20 && g_strcmp0 (adw_view_stack_get_visible_child_name (views), "lab") != 0;
       k++) {
    GtkWidget *button = hands_find_named (GTK_WIDGET (test->window), GTK_TYPE_TOGGLE_BUTTON, "Lab");
    if (button != NULL)
      window_test_click (test, button);
    else
      adw_view_stack_set_visible_child_name (views, "lab");
  }
  g_assert_cmpstr (adw_view_stack_get_visible_child_name (views), ==, "lab");
  window_test_pass (300);
}

static uint32_t
nearest (WindowTest *test, int k)
{
  GtkWidget *child = gtk_widget_get_first_child (named (test, "nearest"));
  for (; k > 0; k--)
    child = gtk_widget_get_next_sibling (child);
  return tessera_thumb_get_tile (TESSERA_THUMB (child));
}

static gboolean
has_nearest (WindowTest *test, gpointer data)
{
  return nearest (test, 0) == GPOINTER_TO_UINT (data);
}

/* ---- the way from A to B ---- */

/* The thumbnail of a tile below the picture, NULL where there is none. */
static GtkWidget *
way_thumb (WindowTest *test, uint32_t tile)
{
  for (GtkWidget *child = gtk_widget_get_first_child (named (test, "nearest")); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child) && tessera_thumb_get_tile (TESSERA_THUMB (child)) == tile)
      return child;
  return NULL;
}

/* Real tiles from A to B, each nearest at its place of the way: of those in W, in the order in
 * which they lie on it, none twice in a row. */
static void
check_way (WindowTest *test, uint32_t a, uint32_t b)
{
  TesseraSession *session = window_test_session (test);
  TsrLabWorld world = tessera_session_get_lab_world (session);
  const float *from = world.w + (size_t)a * world.d, *to = world.w + (size_t)b * world.d;
  uint32_t expected[9];
  int n = 0, k = 0;
  for (int step = 0; step < 9; step++) {
    uint32_t best = 0;
    double least = INFINITY;
    for (uint32_t i = 0; i < world.n; i++) {
      double far = 0;
      for (uint32_t j = 0; j < world.d; j++) {
        double at = from[j] + step / 8.0 * ((double)to[j] - from[j]);
        far += (world.w[(size_t)i * world.d + j] - at) * (world.w[(size_t)i * world.d + j] - at);
      }
      if (far < least) {
        least = far;
        best = i;
      }
    }
    if (n == 0 || expected[n - 1] != best)
      expected[n++] = best;
  }
  world.release (world.owner);
  g_assert_cmpuint (expected[0], ==, a);
  g_assert_cmpuint (expected[n - 1], ==, b);
  for (GtkWidget *child = gtk_widget_get_first_child (named (test, "nearest")); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (!gtk_widget_get_mapped (child))
      continue;
    g_assert_cmpint (k, <, n);
    g_assert_cmpuint (tessera_thumb_get_tile (TESSERA_THUMB (child)), ==, expected[k++]);
  }
  g_assert_cmpint (k, ==, n);
}

/* ---- what comes after a label ---- */

static const char *
said_of_tile (WindowTest *test)
{
  return gtk_label_get_text (GTK_LABEL (named (test, "selected_state")));
}

/* A label goes on to a tile that lies near, too, as do Space and its button; what is selected is
 * marked, and its class is said. */
static void
check_next (WindowTest *test, uint32_t labelled)
{
  TesseraSession *session = window_test_session (test);
  uint32_t next = tessera_session_get_current (session);
  g_assert_cmpuint (nearest (test, 0), ==, labelled);
  g_assert_cmpuint (next, ==, nearest (test, 1));
  GtkWidget *thumb = gtk_widget_get_first_child (named (test, "nearest"));
  g_assert_false (gtk_widget_has_css_class (thumb, "current"));
  g_assert_true (gtk_widget_has_css_class (gtk_widget_get_next_sibling (thumb), "current"));
  g_assert_cmpstr (said_of_tile (test), ==, "Predicted one");
  window_test_key (test, "space");
  g_assert_cmpuint (tessera_session_get_current (session), ==, nearest (test, 2));
  tessera_session_select_one (session, labelled);
  g_assert_cmpstr (said_of_tile (test), ==, "Labelled one");
  /* until all are looked at: then it stays where it is */
  for (int k = 1; k < 6; k++) {
    tessera_session_select_one (session, nearest (test, k));
    window_test_key (test, "u");
  }
  g_assert_cmpuint (tessera_session_get_current (session), ==, nearest (test, 5));
  g_assert_cmpstr (said_of_tile (test), ==, "Looked at, unsure");
  for (int k = 1; k < 6; k++)
    window_test_key (test, "ctrl+z");
  tessera_session_select_one (session, nearest (test, 1));
}

/* ---- the walk ---- */

static void
check_walk (WindowTest *test, GBytes **picture)
{
  GtkWidget *pad = named (test, "pad"), *made = named (test, "made");
  TesseraSession *session = window_test_session (test);
  int x, y;
  await_picture (test, "where the walk begins", made, picture);
  double side = MIN (gtk_widget_get_width (pad), gtk_widget_get_height (pad));
  window_test_root_point (test, pad, gtk_widget_get_width (pad) / 2.0 - side / 5,
                          gtk_widget_get_height (pad) / 2.0, &x, &y);
  hands_xdo ("mousemove %d %d mousedown 1", x, y);
  await_picture (test, "the place of the click", made, picture);
  for (int k = 0; k < 8; k++)
    hands_xdo ("mousemove_relative 12 4");
  hands_xdo ("mouseup 1");
  await_picture (test, "the end of the drag", made, picture);
  await_rest (made, picture);
  hands_xdo ("key Left Left Up");
  await_picture (test, "a step by keys", made, picture);
  await_rest (made, picture);

  /* A real tile of those round it is taken by a click and labelled by its key. */
  uint32_t tile = nearest (test, 0);
  g_assert_cmpuint (tile, <=, TILES);
  window_test_click (test, gtk_widget_get_first_child (named (test, "nearest")));
  g_assert_cmpuint (tessera_session_get_current (session), ==, tile);
  window_test_key (test, "1");
  const TsrClass *class_ = tessera_session_get_class_for_key (session, '1');
  g_assert_cmpint (window_fixture_label_on_disk (test->path, tile), ==, class_->id);
  check_next (test, tile);

  /* Typical: another picture of the same place. */
  gtk_widget_grab_focus (named (test, "psi"));
  hands_xdo ("key Page_Up Page_Up Page_Up");
  if (gtk_range_get_value (GTK_RANGE (named (test, "psi"))) == 1)
    hands_xdo ("key Home");
  g_assert_cmpfloat (gtk_range_get_value (GTK_RANGE (named (test, "psi"))), <, 1);
  await_picture (test, "a more typical one", made, picture);
  gtk_range_set_value (GTK_RANGE (named (test, "psi")), 1);
  await_picture (test, "the same as it was", made, picture);
}

/* ---- from A to B, mixed, and by classes ---- */

static void
check_files (WindowTest *test)
{
  static const struct {
    gboolean animated;
    const char *name, *mark;
  } files[] = {{FALSE, "strip.png", NULL}, {TRUE, "way.webp", "ANIM"}};
  for (guint k = 0; k < G_N_ELEMENTS (files); k++) {
    g_autofree char *path = g_build_filename (test->folder, files[k].name, NULL), *data = NULL;
    gsize n = 0;
    tessera_lab_page_save (TESSERA_LAB_PAGE (page_of (test)), files[k].animated, path);
    for (int i = 0; i < 400 && !g_file_test (path, G_FILE_TEST_EXISTS); i++)
      window_test_pass (50);
    g_autofree char *said = g_strconcat ("Written: ", files[k].name, NULL);
    window_test_wait (test, "it says which file", window_test_is_said, said);
    TsrImage image = {0};
    g_autoptr (GError) error = NULL;
    g_assert_true (tsr_image_load (path, 0, 3, &image, &error));
    g_assert_cmpint (image.height, ==, 256);
    g_assert_cmpint (image.width, ==, files[k].animated ? 256 : 9 * 256);
    tsr_image_clear (&image);
    g_assert_true (g_file_get_contents (path, &data, &n, &error));
    if (files[k].mark != NULL)
      g_assert_nonnull (memmem (data, n, files[k].mark, strlen (files[k].mark)));
  }
}

static GtkWidget *
layer_2 (WindowTest *test)
{
  return hands_find_named (page_of (test), GTK_TYPE_TOGGLE_BUTTON, "Layer 2 from B");
}

/* It has a size, and a frame with it in its place has been drawn. */
static gboolean
is_in_place (WindowTest *test, gpointer widget)
{
  static int before[2];
  int x, y;
  window_test_root_point (test, widget, 0, 0, &x, &y);
  gboolean still = gtk_widget_get_width (widget) > 0 && x == before[0] && y == before[1];
  before[0] = x;
  before[1] = y;
  return still;
}

/* There is something to play with at once; once only. */
static void
check_offered_ends (WindowTest *test)
{
  TesseraLabPage *page = TESSERA_LAB_PAGE (page_of (test));
  TesseraLabAnchor *a = TESSERA_LAB_ANCHOR (named (test, "anchor_a")),
                   *b = TESSERA_LAB_ANCHOR (named (test, "anchor_b"));
  tessera_session_select_one (window_test_session (test), 7);
  tessera_lab_page_set_mode (page, TESSERA_LAB_MORPH);
  window_test_pass (200);
  g_assert_cmpuint (tessera_lab_anchor_get_point (a)->tile, ==, 7);
  g_assert_cmpint (tessera_lab_anchor_get_point (b)->kind, ==, TSR_LAB_TILE);
  g_assert_cmpuint (tessera_lab_anchor_get_point (b)->tile, !=, 7);
  tessera_lab_anchor_set_tile (a, TESSERA_NO_TILE);
  tessera_lab_anchor_set_tile (b, TESSERA_NO_TILE);
  tessera_lab_page_set_mode (page, TESSERA_LAB_MIX);
  window_test_pass (100);
  g_assert_false (gtk_widget_is_sensitive (named (test, "layers")));
  tessera_lab_page_set_mode (page, TESSERA_LAB_MORPH);
  window_test_pass (100);
  g_assert_cmpint (tessera_lab_anchor_get_point (a)->kind, ==, TSR_LAB_NOTHING);
  g_assert_false (gtk_widget_is_sensitive (named (test, "play")));
}

static void
check_from_a_to_b (WindowTest *test, GBytes **picture)
{
  TesseraSession *session = window_test_session (test);
  GtkWidget *made = named (test, "made"), *t = named (test, "t");
  g_clear_pointer (picture, g_bytes_unref);
  tessera_session_select_one (session, 3);
  window_test_click (test, named (test, "anchor_a"));
  tessera_session_select_one (session, 10);
  window_test_click (test, named (test, "anchor_b"));
  g_assert_cmpuint (
      tessera_lab_anchor_get_point (TESSERA_LAB_ANCHOR (named (test, "anchor_a")))->tile, ==, 3);
  await_picture (test, "half way", made, picture);
  gtk_widget_grab_focus (t);
  hands_xdo ("key Home");
  await_picture (test, "A", made, picture);
  wait_for (test, "A is the first on the way", has_nearest, GUINT_TO_POINTER (3));
  check_way (test, 3, 10);
  g_assert_true (gtk_widget_has_css_class (way_thumb (test, 3), "here"));
  hands_xdo ("key End");
  await_picture (test, "B", made, picture);
  check_way (test, 3, 10); /* they stay */
  g_assert_false (gtk_widget_has_css_class (way_thumb (test, 3), "here"));
  g_assert_true (gtk_widget_has_css_class (way_thumb (test, 10), "here"));
  window_test_click (test, named (test, "play"));
  await_picture (test, "on the way", made, picture);
  await_picture (test, "further", made, picture);
  window_test_click (test, named (test, "play"));
  check_files (test);
}

static void
check_mixture (WindowTest *test, GBytes **picture)
{
  TesseraLabPage *page = TESSERA_LAB_PAGE (page_of (test));
  GtkWidget *made = named (test, "made");
  tessera_lab_page_set_mode (page, TESSERA_LAB_MIX);
  await_picture (test, "a mixture", made, picture);
  guint64 layers = tessera_lab_layers_get (TESSERA_LAB_LAYERS (named (test, "layers")));
  g_assert_cmpuint (layers, ==, 0x300); /* the fine ones of ten */
  wait_for (test, "the layers' buttons", is_in_place, layer_2 (test));
  window_test_click (test, layer_2 (test));
  g_assert_cmpuint (tessera_lab_layers_get (TESSERA_LAB_LAYERS (named (test, "layers"))), ==,
                    0x302);
  await_picture (test, "another mixture", made, picture);
}

static void
check_direction (WindowTest *test, GBytes **picture)
{
  TesseraLabPage *page = TESSERA_LAB_PAGE (page_of (test));
  TesseraSession *session = window_test_session (test);
  GtkWidget *made = named (test, "made");
  tessera_lab_page_set_mode (page, TESSERA_LAB_DIRECTION);
  window_test_pass (100);
  g_assert_true (window_test_says (GTK_WIDGET (page), "Label tiles of two classes first"));
  /* in the middle of the room that the picture will have */
  GtkWidget *words = named (test, "made_label");
  g_assert_false (gtk_widget_get_mapped (made));
  g_assert_cmpint (gtk_widget_get_height (words), >=,
                   gtk_widget_get_height (gtk_widget_get_parent (words)) * 9 / 10);
  for (uint32_t k = 0; k < 2; k++) {
    tessera_session_select_one (session, 30 + k);
    window_test_key (test, k == 0 ? "1" : "2");
  }
  g_clear_pointer (picture, g_bytes_unref);
  await_picture (test, "A itself", made, picture);
  gtk_widget_grab_focus (named (test, "along"));
  hands_xdo ("key Right Right Right Right");
  await_picture (test, "on towards the other class", made, picture);
  GtkDropDown *to = GTK_DROP_DOWN (named (test, "class_to"));
  guint other = gtk_drop_down_get_selected (to);
  gtk_drop_down_set_selected (
      to, gtk_drop_down_get_selected (GTK_DROP_DOWN (named (test, "class_from"))));
  g_assert_true (window_test_says (GTK_WIDGET (page), "choose two different classes"));
  g_assert_false (gtk_widget_get_sensitive (named (test, "along")));
  gtk_drop_down_set_selected (to, other);
  g_clear_pointer (picture, g_bytes_unref);
  await_picture (test, "two classes again", made, picture);
}

/* ---- an image from elsewhere ---- */

static void
read_cb (TesseraLabImage *image, uint32_t tile, gpointer page)
{
  tessera_lab_page_show_image (page, image);
}

/* Two pictures of one size, and the captions stay with them. */
static void
check_captions (WindowTest *test)
{
  static const char *const columns[][2] = {{"real", "real_label"}, {"made", "made_label"}};
  for (int k = 0; k < 2; k++) {
    graphene_rect_t over, under;
    GtkWidget *picture = named (test, columns[k][0]), *caption = named (test, columns[k][1]);
    g_assert_true (gtk_widget_compute_bounds (picture, GTK_WIDGET (test->window), &over));
    g_assert_true (gtk_widget_compute_bounds (caption, GTK_WIDGET (test->window), &under));
    g_assert_cmpfloat (over.size.width, >, 250);
    g_assert_cmpfloat (fabsf (over.size.width - over.size.height), <=, 1);
    g_assert_cmpfloat (under.origin.y - over.origin.y - over.size.height, <=, 12);
  }
}

static void
check_image (WindowTest *test, GBytes **picture)
{
  TesseraSession *session = window_test_session (test);
  g_autofree char *path = g_build_filename (test->folder, "tiles", "tile-20.png", NULL),
                  *none = g_build_filename (test->folder, "none.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path), missing = g_file_new_for_path (none);
  tessera_lab_page_set_mode (TESSERA_LAB_PAGE (page_of (test)),
                             TESSERA_LAB_IMAGE); /* of which there is none yet */
  window_test_pass (100);
  g_assert_false (gtk_widget_get_mapped (named (test, "made")));
  /* not what was drawn before */
  g_assert_false (gtk_widget_get_sensitive (named (test, "like")));
  tessera_lab_image_read_file (file, read_cb, page_of (test));
  await_picture (test, "what the model sees of the image", named (test, "made"), picture);
  wait_for (test, "itself is nearest", has_nearest, GUINT_TO_POINTER (20));
  check_captions (test);
  g_assert_true (gtk_widget_get_visible (named (test, "real_box")));
  g_assert_true (gtk_widget_get_sensitive (named (test, "save_strip")));
  g_assert_false (gtk_widget_get_sensitive (named (test, "save_animation"))); /* of one picture */
  window_test_click (test, named (test, "like"));
  TesseraExample *example = tessera_session_get_example (session);
  g_assert_nonnull (example);
  g_assert_nonnull (example->w);
  g_assert_true (
      tessera_project_page_shows_gallery (tessera_window_get_project_page (test->window)));
  tessera_session_set_example (session, NULL, 0, NULL);
  show_lab (test);
  tessera_lab_image_read_file (missing, read_cb, page_of (test)); /* says so, and no more */
  window_test_pass (500);
}

/* ---- to the lab and back ---- */

static gboolean
shows_view (WindowTest *test, gpointer name)
{
  AdwViewStack *views =
      tessera_project_page_get_views (tessera_window_get_project_page (test->window));
  return g_strcmp0 (adw_view_stack_get_visible_child_name (views), name) == 0;
}

/* Keys lead to every view and back; a tile's menu has its place drawn. Labels follow suggestions
 * again where the lab is not. */
static void
check_keys (WindowTest *test, GBytes **picture)
{
  TesseraSession *session = window_test_session (test);
  static const char *const keys[] = {"ctrl+1", "ctrl+5", "ctrl+1", "ctrl+4", "ctrl+6", "ctrl+4"};
  static const char *const views[] = {"map", "training", "map", "gallery", "lab", "gallery"};
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++) {
    window_test_key (test, keys[k]);
    window_test_wait (test, views[k], shows_view, (gpointer)views[k]);
    GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (test->window));
    g_assert_true (focus != NULL && gtk_widget_get_ancestor (focus, ADW_TYPE_HEADER_BAR) == NULL);
  }
  /* the gallery's order, not what is near in the lab */
  tessera_session_select_one (session, 40);
  window_test_key (test, "u");
  g_assert_cmpuint (tessera_session_get_current (session), ==, 41);
  window_test_key (test, "ctrl+z");
  window_test_key (test, "ctrl+1");
  tessera_session_select_one (session, 25);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.draw-here", NULL);
  g_assert_true (shows_view (test, (gpointer) "lab"));
  await_picture (test, "the tile's place", named (test, "made"), picture);
  wait_for (test, "it is nearest", has_nearest, GUINT_TO_POINTER (25));
}

/* ---- beside the tile ---- */

static gboolean
has_scores (WindowTest *test, gpointer data)
{
  return tessera_jobs_get_kind (jobs_of (test)) == TESSERA_JOB_NONE &&
         tessera_session_has_seen_scores (window_test_session (test));
}

/* While no tile has been compared, none can be flagged: beside what the model sees of one stands
 * how to find out about all. */
static void
check_offer (WindowTest *test, AdwViewStack *views)
{
  static const char offer[] = "Compare all tiles with what the model sees";
  TesseraSession *session = window_test_session (test);
  GtkWidget *seen = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_SEEN);
  adw_view_stack_set_visible_child_name (views, "map");
  tessera_session_select_one (session, 3);
  window_test_settle (test);
  g_assert_null (window_test_find_button (seen, offer));
  tessera_session_set_setting (session, "view.seen", "1");
  window_test_settle (test);
  window_test_pass (100);
  window_test_click (test, window_test_find_button (seen, offer));
  wait_for (test, "all tiles are compared", has_scores, NULL);
  window_test_pass (50);
  g_assert_null (window_test_find_button (seen, offer));
  tessera_session_set_setting (session, "view.seen", "0");
  adw_view_stack_set_visible_child_name (views, "lab");
  window_test_pass (200);
}

static void
check_seen (WindowTest *test)
{
  TesseraSession *session = window_test_session (test);
  AdwViewStack *views =
      tessera_project_page_get_views (tessera_window_get_project_page (test->window));
  check_offer (test, views);
  window_test_click (test, named (test, "see_all"));
  g_assert_true (has_scores (test, NULL) || gtk_widget_get_visible (named (test, "notice")));
  wait_for (test, "all tiles are compared", has_scores, NULL);
  adw_view_stack_set_visible_child_name (views, "map");
  tessera_session_select_one (session, 4);
  window_test_settle (test);
  GtkWidget *seen = window_test_find (GTK_WIDGET (test->window), TESSERA_TYPE_SEEN),
            *picture = gtk_widget_get_last_child (gtk_widget_get_prev_sibling (seen));
  g_assert_false (gtk_widget_get_visible (picture));
  window_test_click (test, hands_find_named (GTK_WIDGET (test->window), GTK_TYPE_TOGGLE_BUTTON,
                                             "What the model sees"));
  g_assert_cmpstr (tessera_session_get_setting (session, "view.seen", "0"), ==, "1");
  g_autoptr (GBytes) pixels = NULL;
  await_picture (test, "what the model sees", picture, &pixels);

  unsigned flagged = 0;
  for (uint32_t k = 0; k <= TILES; k++) {
    g_assert_true (isfinite (tessera_session_get_seen_score (session, k)));
    flagged += tessera_session_get_seen_score (session, k) > TSR_RECONSTRUCTION_LIMIT;
  }
  g_assert_cmpuint (flagged, <, TILES / 4);
  g_assert_cmpfloat (tessera_session_get_seen_score (session, ODD), >, TSR_RECONSTRUCTION_LIMIT);
  tessera_session_select_one (session, ODD);
  window_test_settle (test);
  g_assert_true (window_test_says (seen, "do not trust its prediction"));
  await_picture (test, "what it sees of the ink", picture, &pixels);
}

static gboolean
is_seen_button (GtkWidget *widget, gpointer text)
{
  return GTK_IS_BUTTON (widget) && gtk_widget_get_mapped (widget) &&
         window_test_says (widget, text);
}

static void
test_lab (void)
{
  WindowTest test = {0};
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) picture = NULL;
  g_autofree char *model = tsr_demo_model_find (NULL, &error);
  if (model == NULL) {
    g_test_skip (error->message);
    return;
  }
  test.folder = window_fixture_folder ();
  open_project (&test, model);
  tessera_jobs_map (jobs_of (&test), NULL, FALSE, TRUE);
  wait_for (&test, "the map", has_map, NULL);
  tessera_session_add_class (window_test_session (&test), "one", -1);
  tessera_session_add_class (window_test_session (&test), "two", -1);
  window_test_settle (&test);
  show_lab (&test);
  g_assert_nonnull (window_test_find_if (page_of (&test), is_seen_button, (gpointer) "Unsure"));
  g_assert_null (window_test_find_if (page_of (&test), is_seen_button, (gpointer) "Skip"));
  check_walk (&test, &picture);
  unsigned checked = 0;
  window_test_check_names (page_of (&test), &checked);
  g_assert_cmpuint (checked, >, 10);
  check_offered_ends (&test);
  check_from_a_to_b (&test, &picture);
  check_mixture (&test, &picture);
  check_direction (&test, &picture);
  check_image (&test, &picture);
  check_keys (&test, &picture);
  check_seen (&test);
  window_test_close (&test);
}

/* Without a model, and with one that has not read the tiles, the lab says what to do first. */
static void
test_empty (void)
{
  WindowTest test = {0};
  test.folder = window_fixture_folder ();
  open_project (&test, NULL);
  show_lab (&test);
  g_assert_true (window_test_says (page_of (&test), "The lab needs a model"));
  g_assert_nonnull (window_test_find_button (page_of (&test), "Go to training"));
  GtkWidget *seen = window_test_find (GTK_WIDGET (test.window), TESSERA_TYPE_SEEN);
  g_assert_false (gtk_widget_get_visible (seen));
  window_test_close (&test);
}

int
main (int argc, char **argv)
{
  window_fixture_home_with_kernels ();
  g_test_init (&argc, &argv, NULL);
  if (!window_test_can_run ())
    return 0;
  g_test_add_func ("/lab/empty", test_empty);
  g_test_add_func ("/lab/page", test_lab);
  return g_test_run ();
}
