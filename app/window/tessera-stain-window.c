#include "tessera-stain-window.h"

#include "tessera-stain-trier.h"
#include "tessera-texture.h"
#include "tessera-ui.h"
#include "tessera-wait.h"

#include <glib/gi18n.h>

#define COLUMNS 6
#define TILES   12
#define SIDE    112 /* of a picture on the screen */
#define LINE    17  /* of small text, about */

struct _TesseraStainWindow {
  AdwWindow parent_instance;

  GtkToggleButton *methods[TSR_STAIN_REINHARD + 1];
  GtkDropDown *references;
  GtkWidget *towards, *apply, *spinner;
  GtkLabel *hint, *status;
  GtkWidget *before[TILES], *after[TILES];

  TesseraSession *session;
  GArray *entries; /* TsrReference, as the list has them */
  TesseraStainTrier *trier;
  TesseraStainWish wish;
  gboolean tried;    /* wish has been, and something came of it */
  TesseraWait *wait; /* while it is stored */
};

G_DEFINE_FINAL_TYPE (TesseraStainWindow, tessera_stain_window, ADW_TYPE_WINDOW)

static guint applied_signal;

static const struct {
  const char *name, *hint;
} texts[] = {
    {N_ ("As scanned"), N_ ("Networks get tiles as they were scanned.")},
    {"Macenko", N_ ("The two stains of each slide are found and made those of the reference. For "
                    "haematoxylin and eosin, and other pairs of stains.")},
    {"Reinhard", N_ ("Mean and spread of each slide's colours are made the reference's. For "
                     "any stain, if the slides show the same kinds of tissue.")},
};

static void
update (TesseraStainWindow *self)
{
  gboolean none = self->wish.method == TSR_STAIN_NONE;
  gboolean busy = tessera_stain_trier_is_busy (self->trier);
  gtk_widget_set_sensitive (GTK_WIDGET (self->references), !none);
  gtk_widget_set_sensitive (self->towards, !none);
  gtk_label_set_text (self->hint, _ (texts[self->wish.method].hint));
  gtk_widget_set_visible (self->spinner, busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
  gtk_widget_set_sensitive (self->apply, self->wait == NULL && (none || (!busy && self->tried)));
}

/* ---- trying ---- */

static void
set_picture (GtkWidget *picture, const uint8_t *rgb, int size, const char *what)
{
  TsrImage image = {size, size, 3, (uint8_t *)rgb};
  g_autoptr (GdkTexture) texture = rgb != NULL ? tessera_texture_new (&image) : NULL;
  gtk_picture_set_paintable (GTK_PICTURE (picture), GDK_PAINTABLE (texture));
  gtk_picture_set_alternative_text (GTK_PICTURE (picture), what);
}

static void
tried_cb (const TesseraStainTry *one, gpointer user)
{
  TesseraStainWindow *self = user;
  gsize bytes = (gsize)one->size * one->size * 3;
  self->tried = one->after != NULL;
  for (uint32_t i = 0; i < TILES; i++) {
    gboolean there = i < one->n;
    gtk_widget_set_visible (self->before[i], there);
    gtk_widget_set_visible (self->after[i], there);
    if (!there)
      continue;
    const char *name = tessera_session_get_shown_name (self->session, one->tiles[i]);
    g_autofree char *before = g_strdup_printf (_ ("%s as it was scanned"), name),
                    *after = g_strdup_printf (_ ("%s as networks get it"), name);
    set_picture (self->before[i], one->before + i * bytes, one->size, before);
    set_picture (self->after[i], one->after != NULL ? one->after + i * bytes : NULL, one->size,
                 after);
  }
  g_autofree char *text = NULL;
  if (one->reason != NULL)
    text = g_strdup (one->reason);
  else if (one->unchanged > 0)
    text = g_strdup_printf (
        ngettext ("%u of these tiles lies on a slide that tells no stain, and stays as it is.",
                  "%u of these tiles lie on slides that tell no stain, and stay as they are.",
                  one->unchanged),
        one->unchanged);
  gtk_label_set_text (self->status, text != NULL ? text : "");
  update (self);
}

static void
want (TesseraStainWindow *self)
{
  self->tried = FALSE;
  gtk_label_set_text (self->status, "");
  tessera_stain_trier_want (self->trier, &self->wish);
  update (self);
}

static void
method_cb (TesseraStainWindow *self, GtkToggleButton *button)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint m = 0; m < G_N_ELEMENTS (self->methods); m++)
    if (self->methods[m] == button)
      self->wish.method = (TsrStainMethod)m;
  want (self);
}

static void
reference_cb (TesseraStainWindow *self)
{
  guint at = gtk_drop_down_get_selected (self->references);
  if (at >= self->entries->len)
    return;
  self->wish.reference = g_array_index (self->entries, TsrReference, at);
  want (self);
}

/* ---- storing ---- */

/* What has been stored; transfer full. */
static char *
describe (TsrStainMethod method, int problems)
{
  if (method == TSR_STAIN_NONE)
    return g_strdup (_ ("Networks get tiles as they were scanned from now on"));
  if (problems == 0)
    return g_strdup_printf (_ ("Networks get tiles normalised by %s from now on"),
                            texts[method].name);
  return g_strdup_printf (
      ngettext ("Networks get tiles normalised by %s from now on; %d slide tells no stain and "
                "stays as it was scanned",
                "Networks get tiles normalised by %s from now on; %d slides tell no stain and "
                "stay as they were scanned",
                problems),
      texts[method].name, problems);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user)
{
  g_autoptr (TesseraStainWindow) self = user;
  g_autoptr (GError) error = NULL;
  int problems = tessera_stain_choose_finish (result, &error);
  g_clear_pointer (&self->wait, tessera_wait_free);
  if (problems >= 0) {
    g_autofree char *text = describe (self->wish.method, problems);
    g_signal_emit (self, applied_signal, 0, text);
  }
  if (self->trier == NULL)
    return; /* closed meanwhile */
  update (self);
  if (problems >= 0)
    gtk_window_close (GTK_WINDOW (self));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_label_set_text (self->status, error->message);
}

static void
apply_cb (TesseraStainWindow *self)
{
  self->wait = tessera_wait_new (GTK_WINDOW (self), _ ("Finding each slide's stain"));
  tessera_stain_choose_async (tessera_session_get_path (self->session), &self->wish,
                              tessera_wait_progress (self->wait), chosen_cb, g_object_ref (self));
  update (self);
}

/* ---- building ---- */

static void
add_reference (TesseraStainWindow *self, GtkStringList *names, const char *name,
               TsrReferenceKind kind, uint32_t number)
{
  TsrReference entry = {kind, number};
  g_array_append_val (self->entries, entry);
  gtk_string_list_append (names, name);
}

static void
fill_references (TesseraStainWindow *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const GPtrArray *slides = tessera_session_get_slides (self->session);
  uint32_t current = tessera_session_get_current (self->session);
  gboolean own;
  tessera_session_get_normalised (self->session, &own);
  if (own)
    add_reference (self, names, _ ("the reference there is now"), TSR_REFERENCE_STORED, 0);
  add_reference (self, names, _ ("published values"), TSR_REFERENCE_PUBLISHED, 0);
  if (current != TESSERA_NO_TILE)
    add_reference (self, names, _ ("the tile that is chosen"), TSR_REFERENCE_TILE, current);
  for (guint i = 0; slides != NULL && i < slides->len; i++) {
    const TsrProjectSlide *slide = slides->pdata[i];
    if (slide->tiles > 0)
      add_reference (self, names, slide->name, TSR_REFERENCE_SLIDE, i);
  }
  gtk_drop_down_set_model (self->references, G_LIST_MODEL (names));
}

static GtkWidget *
make_controls (TesseraStainWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12),
            *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (linked, "linked");
  for (guint m = 0; m < G_N_ELEMENTS (self->methods); m++) {
    GtkWidget *button = gtk_toggle_button_new_with_label (_ (texts[m].name));
    self->methods[m] = GTK_TOGGLE_BUTTON (button);
    if (m > 0)
      gtk_toggle_button_set_group (self->methods[m], self->methods[0]);
    g_signal_connect_swapped (button, "toggled", G_CALLBACK (method_cb), self);
    gtk_box_append (GTK_BOX (linked), button);
  }
  self->towards = gtk_label_new (_ ("towards"));
  self->references = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  tessera_ui_set_name (self->references, _ ("Reference"));
  self->spinner = gtk_spinner_new ();
  gtk_box_append (GTK_BOX (box), linked);
  gtk_box_append (GTK_BOX (box), self->towards);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->references));
  gtk_box_append (GTK_BOX (box), self->spinner);
  return box;
}

static GtkWidget *
make_picture (GtkGrid *grid, int column, int row)
{
  GtkWidget *picture = gtk_picture_new ();
  gtk_widget_set_size_request (picture, SIDE, SIDE);
  gtk_widget_set_visible (picture, FALSE);
  gtk_widget_set_margin_bottom (picture, row % 2 != 0 ? 12 : 0);
  gtk_grid_attach (grid, picture, column, row, 1, 1);
  return picture;
}

static void
add_caption (GtkGrid *grid, const char *text, int row)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_RIGHT);
  gtk_label_set_width_chars (GTK_LABEL (label), 10);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 10);
  gtk_widget_set_margin_end (label, 8);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_grid_attach (grid, label, 0, row, 1, 1);
}

static GtkWidget *
make_grid (TesseraStainWindow *self)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  gtk_grid_set_row_spacing (grid, 4);
  gtk_grid_set_column_spacing (grid, 8);
  gtk_widget_set_halign (GTK_WIDGET (grid), GTK_ALIGN_CENTER);
  for (int i = 0; i < TILES; i++) {
    self->before[i] = make_picture (grid, i % COLUMNS + 1, i / COLUMNS * 2);
    self->after[i] = make_picture (grid, i % COLUMNS + 1, i / COLUMNS * 2 + 1);
  }
  for (int row = 0; row < TILES / COLUMNS; row++) {
    add_caption (grid, _ ("as it was scanned"), 2 * row);
    add_caption (grid, _ ("as networks get it"), 2 * row + 1);
  }
  GtkWidget *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (grid));
  gtk_widget_set_vexpand (scroller, TRUE);
  tessera_ui_set_name (scroller, _ ("Tiles as they were scanned, and as networks get them"));
  return scroller;
}

static GtkWidget *
make_foot (TesseraStainWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *text = gtk_label_new (NULL);
  self->status = GTK_LABEL (text);
  gtk_label_set_wrap (self->status, TRUE);
  gtk_label_set_xalign (self->status, 0);
  gtk_widget_set_hexpand (text, TRUE);
  self->apply = gtk_button_new_with_mnemonic (_ ("_Apply"));
  gtk_widget_add_css_class (self->apply, "suggested-action");
  gtk_widget_set_valign (self->apply, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->apply, "clicked", G_CALLBACK (apply_cb), self);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 10);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), self->apply);
  return box;
}

static void
tessera_stain_window_init (TesseraStainWindow *self)
{
  self->entries = g_array_new (FALSE, FALSE, sizeof (TsrReference));
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10), *hint = gtk_label_new (NULL);
  self->hint = GTK_LABEL (hint);
  gtk_label_set_wrap (self->hint, TRUE);
  gtk_label_set_xalign (self->hint, 0);
  gtk_label_set_yalign (self->hint, 0);
  gtk_widget_set_size_request (hint, -1, 2 * LINE); /* the tiles stay where they are */
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_widget_set_margin_top (body, 6);
  gtk_widget_set_margin_bottom (body, 6);
  gtk_widget_set_margin_start (body, 18);
  gtk_widget_set_margin_end (body, 18);
  gtk_box_append (GTK_BOX (body), make_controls (self));
  gtk_box_append (GTK_BOX (body), hint);
  gtk_box_append (GTK_BOX (body), make_grid (self));
  gtk_box_append (GTK_BOX (content), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (content), body);
  gtk_box_append (GTK_BOX (content), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (content), make_foot (self));
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Stain normalisation"));
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
}

static void
tessera_stain_window_dispose (GObject *object)
{
  TesseraStainWindow *self = TESSERA_STAIN_WINDOW (object);
  g_clear_pointer (&self->trier, tessera_stain_trier_free);
  if (self->wait != NULL)
    g_cancellable_cancel (tessera_wait_progress (self->wait)->cancellable);
  g_clear_object (&self->session);
  g_clear_pointer (&self->entries, g_array_unref);
  G_OBJECT_CLASS (tessera_stain_window_parent_class)->dispose (object);
}

static void
tessera_stain_window_class_init (TesseraStainWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_stain_window_dispose;
  applied_signal = g_signal_new ("applied", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

GtkWidget *
tessera_stain_window_new (GtkWindow *parent, TesseraSession *session)
{
  TesseraStainWindow *self =
      g_object_new (TESSERA_TYPE_STAIN_WINDOW, "transient-for", parent, NULL);
  self->session = g_object_ref (session);
  self->trier = tessera_stain_trier_new (tessera_session_get_path (session), TILES, tried_cb, self);
  self->wish.method = tessera_session_get_normalised (session, NULL);
  fill_references (self);
  tessera_ui_set_window_size (GTK_WINDOW (self), NULL, 900, 680);
  g_signal_connect_swapped (self->references, "notify::selected", G_CALLBACK (reference_cb), self);
  self->wish.reference = g_array_index (self->entries, TsrReference, 0);
  gtk_toggle_button_set_active (self->methods[self->wish.method], TRUE);
  if (!tessera_stain_trier_is_busy (self->trier))
    want (self);
  return GTK_WIDGET (self);
}

gboolean
tessera_stain_window_is_busy (TesseraStainWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_STAIN_WINDOW (self), FALSE);
  return self->wait != NULL || tessera_stain_trier_is_busy (self->trier);
}
