#include "tessera-tile-panel.h"

#include "tessera-desk.h"
#include "tessera-foot.h"
#include "tessera-journal-words.h"
#include "tessera-label-pad.h"
#include "tessera-near-labels.h"
#include "tessera-seen.h"
#include "tessera-session-audit.h"
#include "tessera-swatch.h"
#include "tessera-thumb.h"
#include "tessera-tile-grid.h"
#include "tessera-tile-menu.h"
#include "tessera-tile-picture.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

/* The tile's picture on a small screen, with few classes and with many; what it gives up at most
 * for the nearest labels to be seen whole; the least where large text leaves no more; and the gaps
 * above and below it, in pixels. */
#define LARGE_PICTURE   300
#define GIVEN_UP        80
#define SMALLER_PICTURE 172
#define LEAST_PICTURE   136
#define BETWEEN         18

struct _TesseraTilePanel {
  GtkBox parent_instance;

  GtkStack *stack;
  TesseraFoot *foot;
  GtkScrolledWindow *one;
  GtkWidget *head;
  TesseraTilePicture *picture, *seen_picture;
  TesseraSeen *seen;
  GtkToggleButton *seen_toggle;
  GtkLabel *name, *state, *origin, *truth;
  TesseraSwatch *swatch;
  GtkWidget *slide_box;
  GtkLabel *slide;
  TesseraNearLabels *near;
  GtkLabel *follows, *place;
  GtkWidget *neighbours_box;
  GtkBox *neighbours;
  GtkLabel *many;
  TesseraTileGrid *grid;
  TesseraLabelPad *pad;
  GtkWidget *readmit, *next, *browse;
  GtkLabel *hint;

  TesseraSession *session;
  TesseraTileStore *store;
  GSignalGroup *signals;
  GCancellable *loading;
  uint32_t shown;  /* the tile whose picture is there or on its way */
  gboolean around; /* with its surroundings */
  gboolean in_gallery;
  guint fit; /* source: the room for the picture has become another one */
};

G_DEFINE_FINAL_TYPE (TesseraTilePanel, tessera_tile_panel, GTK_TYPE_BOX)

/* With labels of one class only there is nothing a prediction could be sure against. */
static const char *
sureness (TesseraTilePanel *self, float margin)
{
  if (!tessera_session_has_rivals (self->session))
    return _ ("the only class labelled so far");
  return margin < 0.15f ? _ ("not sure") : margin < 0.5f ? _ ("fairly sure") : _ ("sure");
}

/* ---- the picture ---- */

/* A tile is judged by what is round it, too: so many times as wide is the part of its slide that is
 * shown. */
enum { TIMES = 3 };

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraTilePanel) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture =
      tessera_tile_store_load_finish (TESSERA_TILE_STORE (source), result, &error);
  if (texture != NULL)
    tessera_tile_picture_set_texture (self->picture, texture);
}

/* Without its slide the tile is shown alone. */
static void
loaded_around_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraTilePanel) self = user;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture =
      tessera_tile_store_load_finish (TESSERA_TILE_STORE (source), result, &error);
  if (texture != NULL)
    tessera_tile_picture_set_around (self->picture, texture, TIMES, TRUE);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    tessera_tile_store_load_async (self->store, self->shown, self->loading, loaded_cb,
                                   g_object_ref (self));
}

static void
show_picture (TesseraTilePanel *self, uint32_t tile)
{
  gboolean around =
      tessera_session_get_region (self->session, tile) != NULL &&
      g_str_equal (tessera_session_get_setting (self->session, "view.surroundings", "1"), "1");
  if (self->shown == tile && self->around == around)
    return;
  self->shown = tile;
  self->around = around;
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->loading = g_cancellable_new ();
  /* The thumbnail at once, the file itself a moment later. */
  GdkTexture *thumbnail = tessera_tile_store_peek (self->store, tile);
  if (thumbnail != NULL)
    tessera_tile_picture_set_around (self->picture, thumbnail, around ? TIMES : 1, !around);
  if (around)
    tessera_tile_store_load_around_async (self->store, tile, TIMES, self->loading, loaded_around_cb,
                                          g_object_ref (self));
  else
    tessera_tile_store_load_async (self->store, tile, self->loading, loaded_cb,
                                   g_object_ref (self));
}

/* ---- the words ---- */

static void
show_state (TesseraTilePanel *self, uint32_t tile)
{
  int32_t label = tessera_session_get_label (self->session, tile);
  const TsrPrediction *prediction = tessera_session_get_prediction (self->session, tile);
  gboolean excluded = tessera_session_get_excluded (self->session, tile);
  int32_t id = label >= 0 ? label : prediction != NULL ? prediction->class_id : TSR_LABEL_NONE;
  const TsrClass *class_ = excluded ? NULL : tessera_session_get_class (self->session, id);
  g_autofree char *text = NULL;
  g_autofree char *name = class_ != NULL ? tessera_ui_shorten (class_->name, 64) : NULL;
  if (excluded)
    text = g_strdup (_ ("Excluded"));
  else if (label >= 0 && class_ != NULL)
    text = g_strdup_printf (_ ("Labelled %s"), name);
  else if (label == TSR_LABEL_UNSURE)
    text = g_strdup (_ ("Looked at, unsure"));
  else if (class_ != NULL)
    text = g_strdup_printf (_ ("Predicted %s, %s"), name, sureness (self, prediction->margin));
  else
    text = g_strdup (_ ("Not labelled yet"));
  gtk_label_set_text (self->state, text);
  if (label == TSR_LABEL_UNSURE && !excluded)
    tessera_swatch_set_unsure (self->swatch);
  else
    tessera_swatch_set (self->swatch, class_, label >= 0);
  gtk_widget_set_visible (self->readmit, excluded);

  g_autofree char *says =
      g_strdup_printf ("%s. %s", tessera_session_get_shown_name (self->session, tile), text);
  tessera_ui_set_name (self->picture, says);
}

static void
show_truth (TesseraTilePanel *self, uint32_t tile)
{
  const char *truth = tessera_session_get_truth (self->session, tile);
  gboolean allowed = tessera_session_shows_truth (self->session, tile);
  gtk_widget_set_visible (GTK_WIDGET (self->truth), truth != NULL && allowed);
  if (truth == NULL || !allowed)
    return;
  /* Folders' names, which only the demonstration's are known in other languages. */
  if (g_str_equal (tessera_session_get_setting (self->session, "demonstration", "0"), "1"))
    truth = g_dpgettext2 (NULL, "tissue", truth);
  g_autofree char *text = g_strdup_printf (_ ("Ground truth: %s"), truth);
  gtk_label_set_text (self->truth, text);
}

/* What the other of the two rules says, where that is another class; transfer full, or NULL. */
static char *
describe_other_rule (TesseraTilePanel *self, const TsrPrediction *p)
{
  int32_t map_class, w_class;
  if (!tessera_session_get_rules (self->session, &map_class, &w_class) || map_class < 0 ||
      w_class < 0 || map_class == w_class)
    return NULL;
  const TsrClass *class_ =
      tessera_session_get_class (self->session, p->class_id == w_class ? map_class : w_class);
  if (class_ == NULL)
    return NULL;
  g_autofree char *name = tessera_ui_shorten (class_->name, 30);
  return p->class_id == w_class
             ? g_strdup_printf (_ ("on the map the nearest label says %s"), name)
             : g_strdup_printf (_ ("in the model's own space the nearest label says %s"), name);
}

/* Which label an unlabelled tile follows, how far it is, and what the other rule says. */
static void
show_follows (TesseraTilePanel *self, uint32_t tile)
{
  const TsrPrediction *p = tessera_session_get_prediction (self->session, tile);
  gboolean known = p != NULL && p->class_id >= 0 && p->follows != tile &&
                   p->follows < tessera_session_get_n_tiles (self->session);
  gtk_widget_set_visible (GTK_WIDGET (self->follows), known);
  if (!known)
    return;
  g_autofree char *says = describe_other_rule (self, p);
  g_autoptr (GString) text = g_string_new (NULL);
  if (tessera_session_has_rivals (self->session))
    g_string_append_printf (text, _ ("Follows #%u: distance %.2f, margin %.2f"), p->follows,
                            p->distance, p->margin);
  else
    g_string_append_printf (text, _ ("Follows #%u: distance %.2f"), p->follows, p->distance);
  if (says != NULL)
    g_string_append_printf (text, "\n%s", says);
  gtk_label_set_text (self->follows, text->str);
}

/* Whether the tile's place on the map says what it is like. */
static void
show_place (TesseraTilePanel *self, uint32_t tile)
{
  double kept = tessera_session_get_kept (self->session, tile);
  gtk_widget_set_visible (GTK_WIDGET (self->place), isfinite (kept));
  if (!isfinite (kept))
    return;
  guint k = (guint)tessera_session_get_map_info (self->session)->trust.k;
  guint count = (guint)lround (kept * k);
  g_autofree char *text =
      count == 0
          ? g_strdup_printf (
                _ ("None of the %u tiles most like it is near on the map: its place says little"),
                k)
          : g_strdup_printf (_ ("%u of the %u tiles most like it are near on the map"), count, k);
  gtk_label_set_text (self->place, text);
  if (count == 0)
    gtk_widget_remove_css_class (GTK_WIDGET (self->place), "dim-label");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->place), "dim-label");
}

static const char *
class_name (TesseraTilePanel *self, int32_t id)
{
  const TsrClass *class_ = tessera_session_get_class (self->session, id);
  return class_ != NULL ? class_->name : _ ("a class that is gone");
}

/* What two readers said of a tile that waits for a decision. */
static gboolean
show_dispute (TesseraTilePanel *self)
{
  const TsrDispute *dispute = tessera_session_get_dispute (self->session);
  if (dispute == NULL)
    return FALSE;
  g_autofree char *text = g_strdup_printf (_ ("To be decided. %s: %s; %s: %s"), dispute->reader[0],
                                           class_name (self, dispute->label[0]), dispute->reader[1],
                                           class_name (self, dispute->label[1]));
  gtk_label_set_text (self->origin, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->origin), text);
  gtk_widget_set_visible (GTK_WIDGET (self->origin), TRUE);
  return TRUE;
}

static void
show_details (TesseraTilePanel *self)
{
  const GArray *found = tessera_session_get_neighbours (self->session);
  gtk_widget_set_visible (self->neighbours_box, found != NULL && found->len > 0);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->neighbours));
  for (guint i = 0; child != NULL; i++, child = gtk_widget_get_next_sibling (child)) {
    gboolean used = found != NULL && i < found->len;
    tessera_thumb_set (TESSERA_THUMB (child), self->session, self->store,
                       used ? g_array_index (found, uint32_t, i) : TESSERA_NO_TILE);
    gtk_widget_set_visible (child, used);
  }

  uint32_t tile = tessera_session_get_current (self->session);
  if (tile != TESSERA_NO_TILE)
    show_follows (self, tile);
  gint64 when = 0;
  TsrHow how = TSR_HOW_PICKED;
  const char *annotator = tessera_session_get_annotator (self->session, &when, &how);
  uint32_t current = tessera_session_get_current (self->session);
  gboolean labelled = current != TESSERA_NO_TILE &&
                      tessera_session_get_label (self->session, current) != TSR_LABEL_NONE;
  if (show_dispute (self))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->origin), annotator != NULL && labelled);
  if (annotator == NULL || !labelled)
    return;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (when / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *date = local != NULL ? g_date_time_format (local, "%x %H:%M") : g_strdup ("");
  g_autofree char *text = g_strdup_printf ("%s, %s (%s)", annotator, date, tessera_how_text (how));
  gtk_label_set_text (self->origin, text);
}

/* The slide, and where on it the tile's middle is. */
static void
show_slide (TesseraTilePanel *self, uint32_t tile)
{
  const TsrTileRegion *region = tessera_session_get_region (self->session, tile);
  const TsrProjectSlide *slide =
      region != NULL ? tessera_session_get_slide (self->session, region->slide) : NULL;
  gtk_widget_set_visible (self->slide_box, slide != NULL);
  if (slide == NULL)
    return;
  double x = region->x + region->width / 2.0, y = region->y + region->height / 2.0;
  g_autofree char *text = isnan (slide->mpp)
                              ? g_strdup_printf (_ ("%s, at %.0f, %.0f px"), slide->name, x, y)
                              : g_strdup_printf (_ ("%s, at %.2f, %.2f mm"), slide->name,
                                                 x * slide->mpp / 1000, y * slide->mpp / 1000);
  gtk_label_set_text (self->slide, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->slide), text);
}

/* What the nearest labels take below the picture; 0 where there are none. */
static int
near_height (TesseraTilePanel *self, int width)
{
  int height = 0;
  if (gtk_widget_get_visible (GTK_WIDGET (self->near)))
    gtk_widget_measure (GTK_WIDGET (self->near), GTK_ORIENTATION_VERTICAL,
                        width > 0 ? width - 24 : -1, NULL, &height, NULL, NULL);
  return height;
}

/* What is always in sight above the classes: what is said of the tile, and its picture, which is
 * smaller where there are many classes or the text is large, and as small as it must be where that
 * leaves too little room for it. */
static void
keep_in_sight (TesseraTilePanel *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self->one)), said;
  int room = (int)gtk_adjustment_get_page_size (gtk_scrolled_window_get_vadjustment (self->one));
  int large = tessera_label_pad_is_tall (self->pad) ? SMALLER_PICTURE : LARGE_PICTURE;
  int kept = tessera_ui_text_is_large () ? SMALLER_PICTURE : large; /* where the keys want more */
  gtk_widget_measure (self->head, GTK_ORIENTATION_VERTICAL, width > 0 ? width - 24 : -1, &said,
                      NULL, NULL, NULL);
  int rest = said + BETWEEN;
  gtk_scrolled_window_set_min_content_height (self->one, LEAST_PICTURE + rest);
  tessera_foot_set_upper (self->foot, kept + rest);
  int left = room - rest - near_height (self, width);
  if (large == LARGE_PICTURE && left < large && left >= large - GIVEN_UP)
    large = left;
  tessera_tile_picture_set_large (self->picture,
                                  room > 0 ? CLAMP (room - rest, LEAST_PICTURE, large) : large);
}

static gboolean
fit_cb (gpointer panel)
{
  TesseraTilePanel *self = panel;
  self->fit = 0;
  keep_in_sight (self);
  return G_SOURCE_REMOVE;
}

/* Not now: sizes are being given out. */
static void
room_cb (TesseraTilePanel *self)
{
  if (self->fit == 0)
    self->fit = g_idle_add_full (G_PRIORITY_HIGH_IDLE, fit_cb, self, NULL);
}

static void
show_one (TesseraTilePanel *self, uint32_t tile)
{
  const char *name = tessera_session_get_shown_name (self->session, tile);
  g_autofree char *numbered = g_strdup_printf ("#%u  %s", tile, name);
  gtk_label_set_text (self->name, numbered);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name), name);
  tessera_tile_picture_set_smooth (
      self->picture,
      g_str_equal (tessera_session_get_setting (self->session, "view.smooth", "0"), "1"));
  show_picture (self, tile);
  show_state (self, tile);
  show_truth (self, tile);
  show_slide (self, tile);
  show_follows (self, tile);
  show_place (self, tile);
  show_details (self);
  keep_in_sight (self);
}

/* With nothing selected: what there is to do next. */
static void
show_none (TesseraTilePanel *self)
{
  gboolean map = tessera_session_get_map (self->session) != NULL;
  gboolean left = tessera_session_get_queue (self->session)->len > 0;
  gboolean tiles = tessera_session_get_n_tiles (self->session) > 0;
  gtk_label_set_text (
      self->hint,
      self->in_gallery && tiles
          ? _ ("Click a tile, or drag a box over several, then press the key of their class. Arrow "
               "keys go from tile to tile, with Shift they take more.")
      : map && left ? _ ("Click a glowing point, then press the key of its class. Everything else "
                         "takes the colour of its nearest label.")
      : map         ? _ ("Every tile is looked at. Click any point of the map to see its tile.")
      : tiles       ? _ ("The map is still to come. You can look through the tiles without it.")
                    : "");
  gtk_widget_set_visible (self->next, map && left);
  gtk_widget_set_visible (self->browse, !map && tiles && !self->in_gallery);
}

static void
browse_cb (TesseraTilePanel *self)
{
  uint32_t n = tessera_session_get_n_tiles (self->session);
  g_autofree uint32_t *tiles = g_new (uint32_t, MAX (1, n));
  for (uint32_t i = 0; i < n; i++)
    tiles[i] = i;
  tessera_session_select (self->session, tiles, n, TESSERA_SELECT_REPLACE);
}

static void
refresh (TesseraTilePanel *self)
{
  size_t n;
  const uint32_t *tiles = tessera_session_get_selection (self->session, &n);
  if (n == 1)
    show_one (self, tiles[0]);
  if (n > 1) {
    g_autofree char *count = tessera_ui_count (n);
    g_autofree char *text =
        g_strdup_printf (ngettext ("%s tile selected", "%s tiles selected", n), count);
    gtk_label_set_text (self->many, text);
  }
  gboolean map = tessera_session_get_map (self->session) != NULL;
  show_none (self);
  gtk_widget_set_visible (GTK_WIDGET (self->pad), n > 0 || map);
  gtk_stack_set_visible_child_name (self->stack, n == 0 ? "none" : n == 1 ? "one" : "many");
}

static void
readmit_cb (TesseraTilePanel *self)
{
  tessera_session_exclude (self->session, FALSE);
}

void
tessera_tile_panel_set_session (TesseraTilePanel *self, TesseraSession *session,
                                TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_TILE_PANEL (self));
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->neighbours)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    tessera_thumb_set (TESSERA_THUMB (child), NULL, NULL, TESSERA_NO_TILE);
  self->shown = TESSERA_NO_TILE;
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  g_signal_group_set_target (self->signals, session);
  tessera_near_labels_set (self->near, session, store);
  tessera_tile_grid_set_session (self->grid, session, store);
  tessera_label_pad_set_session (self->pad, session);
  if (session != NULL)
    refresh (self);
}

void
tessera_tile_panel_set_in_gallery (TesseraTilePanel *self, gboolean in_gallery)
{
  g_return_if_fail (TESSERA_IS_TILE_PANEL (self));
  self->in_gallery = in_gallery;
  if (self->session != NULL)
    show_none (self);
}

void
tessera_tile_panel_set_jobs (TesseraTilePanel *self, TesseraJobs *jobs)
{
  g_return_if_fail (TESSERA_IS_TILE_PANEL (self));
  tessera_seen_set (self->seen, self->session, jobs);
}

static void
tessera_tile_panel_dispose (GObject *object)
{
  TesseraTilePanel *self = TESSERA_TILE_PANEL (object);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_handle_id (&self->fit, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (tessera_tile_panel_parent_class)->dispose (object);
}

static void
tessera_tile_panel_class_init (TesseraTilePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_tile_panel_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-tile-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, stack);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, foot);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, picture);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, seen_picture);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, seen);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, seen_toggle);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, near);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, name);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, state);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, origin);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, truth);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, swatch);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, slide_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, slide);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, follows);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, place);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, neighbours_box);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, neighbours);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, many);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, grid);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, one);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, head);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, pad);
  gtk_widget_class_bind_template_callback (widget_class, keep_in_sight);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, readmit);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, hint);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, next);
  gtk_widget_class_bind_template_child (widget_class, TesseraTilePanel, browse);
  gtk_widget_class_bind_template_callback (widget_class, readmit_cb);
  gtk_widget_class_bind_template_callback (widget_class, browse_cb);
}

/* A small picture is of its own tile, everywhere else the panel is about the current one. */
static uint32_t
tile_at (GtkWidget *widget, double x, double y, gpointer user)
{
  GtkWidget *at = gtk_widget_pick (widget, x, y, GTK_PICK_DEFAULT);
  GtkWidget *thumb = at != NULL ? gtk_widget_get_ancestor (at, TESSERA_TYPE_THUMB) : NULL;
  if (thumb != NULL)
    return tessera_thumb_get_tile (TESSERA_THUMB (thumb));
  return at != NULL && gtk_widget_get_ancestor (at, TESSERA_TYPE_TILE_PICTURE) != NULL
             ? tessera_session_get_current (((TesseraTilePanel *)user)->session)
             : TESSERA_NO_TILE;
}

static void
tessera_tile_panel_init (TesseraTilePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tessera_seen_set_picture (self->seen, self->seen_picture, self->seen_toggle);
  tessera_tile_menu_attach (GTK_WIDGET (self), &self->session, tile_at, self);
  tessera_ui_wrap_label (GTK_BUTTON (self->next));
  tessera_ui_wrap_label (GTK_BUTTON (self->browse));
  self->shown = TESSERA_NO_TILE;
  /* A long class name must not hide how sure the prediction is. */
  gtk_label_set_wrap (self->state, TRUE);
  gtk_label_set_wrap_mode (self->state, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (self->state, 3);
  gtk_label_set_width_chars (self->state, 3);
  for (int i = 0; i < TESSERA_N_NEIGHBOURS; i++)
    gtk_box_append (self->neighbours, tessera_thumb_new (38));

  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->one), "notify::page-size",
                           G_CALLBACK (room_cb), self, G_CONNECT_SWAPPED);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "labels-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "suggestions-changed", G_CALLBACK (show_none),
                                  self);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (refresh), self);
  g_signal_group_connect_swapped (self->signals, "details-changed", G_CALLBACK (show_details),
                                  self);
}
