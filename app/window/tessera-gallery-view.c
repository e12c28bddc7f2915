#include "tessera-gallery-view-private.h"

#include "tessera-map-paint.h"
#include "tessera-ui.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraGalleryView, tessera_gallery_view, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

enum { PROP_HADJUSTMENT = 1, PROP_VADJUSTMENT, PROP_HPOLICY, PROP_VPOLICY };

/* ---- where tiles are ---- */

double
tessera_gallery_view_scrolled (TesseraGalleryView *self)
{
  return self->vadjustment != NULL ? floor (gtk_adjustment_get_value (self->vadjustment)) : 0;
}

uint32_t
tessera_gallery_view_n (TesseraGalleryView *self)
{
  return self->order != NULL && self->session != NULL ? self->order->n : 0;
}

uint32_t
tessera_gallery_view_place (TesseraGalleryView *self, uint32_t tile)
{
  return tessera_gallery_view_n (self) > 0 && tile < self->order->n_all ? self->order->at[tile]
                                                                        : UINT32_MAX;
}

static int
pitch (TesseraGalleryView *self)
{
  return self->size + TESSERA_GALLERY_GAP;
}

/* In double: a million large thumbnails are more px than a float counts. */
static double
row_top (TesseraGalleryView *self, uint32_t place)
{
  return TESSERA_GALLERY_PAD + (double)(place / (uint32_t)self->columns) * pitch (self);
}

graphene_rect_t
tessera_gallery_view_cell (TesseraGalleryView *self, uint32_t place)
{
  uint32_t column = place % (uint32_t)self->columns;
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    column = (uint32_t)self->columns - 1 - column;
  return GRAPHENE_RECT_INIT ((float)(self->left + (int)column * pitch (self)),
                             (float)(row_top (self, place) - tessera_gallery_view_scrolled (self)),
                             (float)self->size, (float)self->size);
}

void
tessera_gallery_view_in_sight (TesseraGalleryView *self, uint32_t *first, uint32_t *end)
{
  uint32_t n = tessera_gallery_view_n (self), columns = (uint32_t)self->columns;
  double top = tessera_gallery_view_scrolled (self) - TESSERA_GALLERY_PAD,
         bottom = top + gtk_widget_get_height (GTK_WIDGET (self));
  double from = floor (MAX (0, top) / pitch (self)), to = ceil (MAX (0, bottom) / pitch (self));
  *first = (uint32_t)MIN ((double)n, from * columns);
  *end = (uint32_t)MIN ((double)n, to * columns);
}

gboolean
tessera_gallery_view_locate (TesseraGalleryView *self, uint32_t tile, graphene_rect_t *area)
{
  g_return_val_if_fail (TESSERA_IS_GALLERY_VIEW (self), FALSE);
  uint32_t place = tessera_gallery_view_place (self, tile);
  if (place == UINT32_MAX)
    return FALSE;
  *area = tessera_gallery_view_cell (self, place);
  return TRUE;
}

uint32_t
tessera_gallery_view_tile_at (TesseraGalleryView *self, double x, double y)
{
  g_return_val_if_fail (TESSERA_IS_GALLERY_VIEW (self), TESSERA_NO_TILE);
  double column = floor ((x - self->left) / pitch (self)),
         row = floor ((y + tessera_gallery_view_scrolled (self) - TESSERA_GALLERY_PAD) /
                      pitch (self));
  if (column < 0 || column >= self->columns || row < 0)
    return TESSERA_NO_TILE;
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    column = self->columns - 1 - column;
  double place = row * self->columns + column;
  if (place >= tessera_gallery_view_n (self))
    return TESSERA_NO_TILE;
  graphene_rect_t cell = tessera_gallery_view_cell (self, (uint32_t)place);
  return graphene_rect_contains_point (&cell, &GRAPHENE_POINT_INIT ((float)x, (float)y))
             ? self->order->tiles[(uint32_t)place]
             : TESSERA_NO_TILE;
}

/* ---- layout and scrolling ---- */

static double
content_height (TesseraGalleryView *self)
{
  uint32_t n = tessera_gallery_view_n (self), columns = (uint32_t)self->columns;
  double rows = (n + columns - 1) / columns;
  return n > 0 ? rows * pitch (self) - TESSERA_GALLERY_GAP + 2 * TESSERA_GALLERY_PAD : 0;
}

static void
configure (TesseraGalleryView *self, double value)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)),
         height = gtk_widget_get_height (GTK_WIDGET (self)), all = content_height (self);
  if (self->hadjustment != NULL)
    gtk_adjustment_configure (self->hadjustment, 0, 0, width, 1, width, width);
  if (self->vadjustment != NULL)
    gtk_adjustment_configure (self->vadjustment, CLAMP (value, 0, MAX (0, all - height)), 0,
                              MAX (all, height), pitch (self), MAX (1, height - pitch (self)),
                              height);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
lay_out (TesseraGalleryView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int room = width - 2 * TESSERA_GALLERY_PAD + TESSERA_GALLERY_GAP;
  self->columns = MAX (1, room / pitch (self));
  self->left = MAX (0, (width - self->columns * pitch (self) + TESSERA_GALLERY_GAP) / 2);
}

/* What the eye holds on to: a tile, and how far below the top it is. */
typedef struct {
  uint32_t tile;
  double below;
} Hold;

/* The current tile where it is in sight, else the first that is whole in sight and in `order`. */
static Hold
find_hold (TesseraGalleryView *self, const TesseraGalleryOrder *order)
{
  Hold hold = {TESSERA_NO_TILE, 0};
  uint32_t first, end;
  tessera_gallery_view_in_sight (self, &first, &end);
  uint32_t current =
      self->session != NULL ? tessera_session_get_current (self->session) : TESSERA_NO_TILE;
  for (uint32_t i = first; i < end; i++) {
    uint32_t tile = self->order->tiles[i];
    double below = tessera_gallery_view_cell (self, i).origin.y;
    gboolean there = tile < order->n_all && order->at[tile] != UINT32_MAX;
    if (there && (tile == current || (hold.tile == TESSERA_NO_TILE && below >= 0)))
      hold = (Hold){tile, below};
    if (tile == current)
      break;
  }
  return hold;
}

static void
put_back (TesseraGalleryView *self, const Hold *hold)
{
  uint32_t place = tessera_gallery_view_place (self, hold->tile);
  configure (self, place == UINT32_MAX ? 0 : row_top (self, place) - hold->below);
}

/* With the next frame: scrolling while sizes are being given out confuses GTK. */
static gboolean
reveal_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (widget);
  if (self->unseen != TESSERA_NO_TILE)
    tessera_gallery_view_reveal (self, self->unseen);
  return G_SOURCE_REMOVE;
}

/* As large as before, or less: then the same tiles need fewer columns and stay in sight. */
static void
tessera_gallery_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (widget);
  int columns = self->columns;
  Hold hold = {TESSERA_NO_TILE, 0};
  if (self->order != NULL)
    hold = find_hold (self, self->order);
  lay_out (self);
  if (columns != self->columns && hold.tile != TESSERA_NO_TILE)
    put_back (self, &hold);
  else
    configure (self, tessera_gallery_view_scrolled (self));
  if (self->unseen != TESSERA_NO_TILE)
    gtk_widget_add_tick_callback (widget, reveal_cb, NULL, NULL);
}

static void
tessera_gallery_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                              int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
  *minimum = 2 * TESSERA_GALLERY_PAD + TESSERA_GALLERY_VIEW (widget)->size;
  *natural = *minimum;
  *minimum_baseline = *natural_baseline = -1;
}

void
tessera_gallery_view_set_order (TesseraGalleryView *self, TesseraGalleryOrder *order, gboolean stay)
{
  g_return_if_fail (TESSERA_IS_GALLERY_VIEW (self));
  Hold hold = {TESSERA_NO_TILE, 0};
  if (stay && order != NULL && self->order != NULL)
    hold = find_hold (self, order);
  if (order != NULL)
    tessera_gallery_order_ref (order);
  g_clear_pointer (&self->order, tessera_gallery_order_unref);
  self->order = order;
  put_back (self, &hold);
}

TesseraGalleryOrder *
tessera_gallery_view_get_order (TesseraGalleryView *self)
{
  g_return_val_if_fail (TESSERA_IS_GALLERY_VIEW (self), NULL);
  return self->order;
}

void
tessera_gallery_view_set_size (TesseraGalleryView *self, int size)
{
  g_return_if_fail (TESSERA_IS_GALLERY_VIEW (self) && size > 0);
  if (self->size == size)
    return;
  Hold hold = {TESSERA_NO_TILE, 0};
  if (self->order != NULL)
    hold = find_hold (self, self->order);
  self->size = size;
  lay_out (self);
  put_back (self, &hold);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
tessera_gallery_view_reveal (TesseraGalleryView *self, uint32_t tile)
{
  g_return_if_fail (TESSERA_IS_GALLERY_VIEW (self));
  graphene_rect_t area;
  if (!tessera_gallery_view_locate (self, tile, &area) || self->vadjustment == NULL)
    return;
  double height = gtk_widget_get_height (GTK_WIDGET (self)),
         value = tessera_gallery_view_scrolled (self);
  /* Asked before its first frame, when the gallery has just been brought to the front. */
  self->unseen = height > 0 ? TESSERA_NO_TILE : tile;
  double row = row_top (self, tessera_gallery_view_place (self, tile)) - value;
  double top = row - TESSERA_GALLERY_PAD, bottom = row + self->size + TESSERA_GALLERY_PAD;
  if (height <= 0 || (top >= 0 && bottom <= height))
    return;
  gtk_adjustment_set_value (self->vadjustment, top < 0 ? value + top : value + bottom - height);
}

static void
set_adjustment (TesseraGalleryView *self, GtkAdjustment **own, GtkAdjustment *adjustment)
{
  if (*own != NULL)
    g_signal_handlers_disconnect_by_data (*own, self);
  g_clear_object (own);
  if (adjustment == NULL)
    return;
  *own = g_object_ref_sink (adjustment);
  g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  configure (self, gtk_adjustment_get_value (adjustment));
}

/* ---- the session ---- */

static void
say_what_is_current (TesseraGalleryView *self)
{
  uint32_t current = tessera_session_get_current (self->session);
  uint32_t place = tessera_gallery_view_place (self, current);
  g_autofree char *all = tessera_ui_count (tessera_gallery_view_n (self));
  if (place == UINT32_MAX) {
    g_autofree char *text = g_strdup_printf (
        ngettext ("Gallery of %s tile", "Gallery of %s tiles", tessera_gallery_view_n (self)), all);
    tessera_ui_set_name (self, text);
    return;
  }
  g_autofree char *caption = tessera_map_paint_caption (self->session, current);
  g_autofree char *number = tessera_ui_count (place + 1);
  /* Translators: a tile's caption, then its place in the gallery */
  g_autofree char *text = g_strdup_printf (_ ("%s, %s of %s"), caption, number, all);
  tessera_ui_set_name (self, text);
}

static void
selection_cb (TesseraGalleryView *self)
{
  size_t n;
  tessera_session_get_selection (self->session, &n);
  if (n <= 1)
    self->anchor = tessera_session_get_current (self->session);
  if (n == 1)
    tessera_gallery_view_reveal (self, self->anchor);
  say_what_is_current (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forget_marks (TesseraGalleryView *self)
{
  g_hash_table_remove_all (self->marks);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
thumbnail_cb (TesseraGalleryView *self, guint tile)
{
  uint32_t place = tessera_gallery_view_place (self, tile), first, end;
  if (place == UINT32_MAX)
    return;
  tessera_gallery_view_in_sight (self, &first, &end);
  if (place >= first && place < end)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
tessera_gallery_view_set_session (TesseraGalleryView *self, TesseraSession *session,
                                  TesseraTileStore *store)
{
  g_return_if_fail (TESSERA_IS_GALLERY_VIEW (self));
  tessera_gallery_view_set_order (self, NULL, FALSE);
  g_set_object (&self->session, session);
  g_set_object (&self->store, store);
  g_signal_group_set_target (self->signals, session);
  g_signal_group_set_target (self->store_signals, store);
  self->anchor = self->unseen = TESSERA_NO_TILE;
  forget_marks (self);
  if (session != NULL)
    selection_cb (self);
}

/* ---- many tiles at once ---- */

static void
select_those (TesseraGalleryView *self, gboolean excluded, gboolean selected_too)
{
  uint32_t n = tessera_gallery_view_n (self);
  g_autoptr (GArray) chosen = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  const uint8_t *out =
      self->session != NULL ? tessera_session_get_all_excluded (self->session) : NULL;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t tile = self->order->tiles[i];
    if ((excluded || !out[tile]) &&
        (selected_too || !tessera_session_is_selected (self->session, tile)))
      g_array_append_val (chosen, tile);
  }
  if (chosen->len > 0)
    tessera_session_select (self->session, (uint32_t *)chosen->data, chosen->len,
                            TESSERA_SELECT_REPLACE);
  else if (self->session != NULL)
    tessera_session_select_none (self->session);
}

void
tessera_gallery_view_select_all (TesseraGalleryView *self, gboolean excluded)
{
  g_return_if_fail (TESSERA_IS_GALLERY_VIEW (self));
  select_those (self, excluded, TRUE);
}

void
tessera_gallery_view_invert (TesseraGalleryView *self, gboolean excluded)
{
  g_return_if_fail (TESSERA_IS_GALLERY_VIEW (self));
  select_those (self, excluded, FALSE);
}

uint32_t
tessera_gallery_view_next (TesseraGalleryView *self, const uint32_t *done, size_t n)
{
  g_return_val_if_fail (TESSERA_IS_GALLERY_VIEW (self), TESSERA_NO_TILE);
  uint32_t all = tessera_gallery_view_n (self), first, end, from = 0;
  tessera_gallery_view_in_sight (self, &first, &end);
  if (n == 0)
    from = first;
  for (size_t i = 0; i < n; i++) {
    uint32_t place = tessera_gallery_view_place (self, done[i]);
    if (place != UINT32_MAX)
      from = MAX (from, place + 1);
  }
  for (uint32_t i = from; i < all; i++) {
    uint32_t tile = self->order->tiles[i];
    if (tessera_session_get_label (self->session, tile) == TSR_LABEL_NONE &&
        !tessera_session_get_excluded (self->session, tile))
      return tile;
  }
  return from < all ? self->order->tiles[from] : TESSERA_NO_TILE;
}

/* ---- the object ---- */

static void
tessera_gallery_view_set_property (GObject *object, guint id, const GValue *value,
                                   GParamSpec *pspec)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (object);
  switch (id) {
  case PROP_HADJUSTMENT:
    set_adjustment (self, &self->hadjustment, g_value_get_object (value));
    break;
  case PROP_VADJUSTMENT:
    set_adjustment (self, &self->vadjustment, g_value_get_object (value));
    break;
  case PROP_HPOLICY:
  case PROP_VPOLICY:
    self->policy[id == PROP_VPOLICY] = (GtkScrollablePolicy)g_value_get_enum (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tessera_gallery_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (object);
  switch (id) {
  case PROP_HADJUSTMENT:
    g_value_set_object (value, self->hadjustment);
    break;
  case PROP_VADJUSTMENT:
    g_value_set_object (value, self->vadjustment);
    break;
  case PROP_HPOLICY:
  case PROP_VPOLICY:
    g_value_set_enum (value, self->policy[id == PROP_VPOLICY]);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tessera_gallery_view_dispose (GObject *object)
{
  TesseraGalleryView *self = TESSERA_GALLERY_VIEW (object);
  if (self->box_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->box_tick);
  self->box_tick = 0;
  g_clear_object (&self->signals);
  g_clear_object (&self->store_signals);
  set_adjustment (self, &self->hadjustment, NULL);
  set_adjustment (self, &self->vadjustment, NULL);
  g_clear_pointer (&self->order, tessera_gallery_order_unref);
  g_clear_object (&self->session);
  g_clear_object (&self->store);
  g_clear_pointer (&self->marks, g_hash_table_unref);
  G_OBJECT_CLASS (tessera_gallery_view_parent_class)->dispose (object);
}

/* The focus is drawn by hand. */
static void
tessera_gallery_view_state_flags_changed (GtkWidget *widget, GtkStateFlags before)
{
  gtk_widget_queue_draw (widget);
}

static void
tessera_gallery_view_class_init (TesseraGalleryViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->set_property = tessera_gallery_view_set_property;
  object_class->get_property = tessera_gallery_view_get_property;
  object_class->dispose = tessera_gallery_view_dispose;
  widget_class->snapshot = tessera_gallery_view_snapshot;
  widget_class->state_flags_changed = tessera_gallery_view_state_flags_changed;
  widget_class->measure = tessera_gallery_view_measure;
  widget_class->size_allocate = tessera_gallery_view_size_allocate;
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HPOLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VPOLICY, "vscroll-policy");
  g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "gallery");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GRID);
}

static void
tessera_gallery_view_init (TesseraGalleryView *self)
{
  self->size = 96;
  self->columns = 1;
  self->anchor = self->unseen = TESSERA_NO_TILE;
  self->marks = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  tessera_ui_set_name (self, _ ("Gallery"));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "selection-changed", G_CALLBACK (selection_cb),
                                  self);
  g_signal_group_connect_swapped (self->signals, "labels-changed",
                                  G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (forget_marks),
                                  self);
  self->store_signals = g_signal_group_new (TESSERA_TYPE_TILE_STORE);
  g_signal_group_connect_swapped (self->store_signals, "thumbnail-ready", G_CALLBACK (thumbnail_cb),
                                  self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (forget_marks), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (forget_marks), NULL);
  tessera_gallery_view_add_hands (self);
}

GtkWidget *
tessera_gallery_view_new (void)
{
  return g_object_new (TESSERA_TYPE_GALLERY_VIEW, NULL);
}
