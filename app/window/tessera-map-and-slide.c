#include "tessera-map-and-slide.h"

#include "tessera-ui.h"
#include "tessera-wrap.h"

#include <glib/gi18n.h>

/* From this width on there is room for both, unless somebody has chosen. */
#define WIDE 1100

typedef enum { SHOWS_MAP = 1, SHOWS_SLIDE = 2, SHOWS_BOTH = 3 } Shows;

struct _TesseraMapAndSlide {
  GtkWidget parent_instance;

  GtkWidget *head, *line; /* the line under the head */
  GtkWidget *between;     /* the two panes */
  GtkToggleButton *map, *slide, *both;
  GtkWidget *controls; /* the slide's, borrowed; or NULL */
  TesseraSession *session;
  GSignalGroup *signals;
  Shows shows; /* as allocated last */
  guint idle;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (TesseraMapAndSlide, tessera_map_and_slide, GTK_TYPE_WIDGET)

static GtkWidget *
map_pane (TesseraMapAndSlide *self)
{
  return gtk_widget_get_next_sibling (self->between);
}

static GtkWidget *
slide_pane (TesseraMapAndSlide *self)
{
  GtkWidget *map = map_pane (self);
  return map != NULL ? gtk_widget_get_next_sibling (map) : NULL;
}

static gboolean
has_slides (TesseraMapAndSlide *self)
{
  const GPtrArray *slides =
      self->session != NULL ? tessera_session_get_slides (self->session) : NULL;
  return slides != NULL && slides->len > 0;
}

static Shows
wanted (TesseraMapAndSlide *self, int width)
{
  if (!has_slides (self))
    return SHOWS_MAP;
  const char *chosen = tessera_session_get_setting (self->session, "view.middle", "");
  return g_str_equal (chosen, "map")     ? SHOWS_MAP
         : g_str_equal (chosen, "slide") ? SHOWS_SLIDE
         : g_str_equal (chosen, "both")  ? SHOWS_BOTH
         : width >= WIDE                 ? SHOWS_BOTH
                                         : SHOWS_MAP;
}

/* The switch says what is seen, also where nobody has chosen. */
static void
update_head (TesseraMapAndSlide *self)
{
  self->syncing = TRUE;
  gtk_toggle_button_set_active (self->shows == SHOWS_MAP     ? self->map
                                : self->shows == SHOWS_SLIDE ? self->slide
                                                             : self->both,
                                TRUE);
  self->syncing = FALSE;
  gtk_widget_set_visible (self->head, has_slides (self));
  gtk_widget_set_visible (self->line, has_slides (self));
  if (self->controls != NULL)
    gtk_widget_set_visible (self->controls, (self->shows & SHOWS_SLIDE) != 0);
}

static gboolean
head_cb (gpointer data)
{
  TesseraMapAndSlide *self = data;
  self->idle = 0;
  update_head (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (TesseraMapAndSlide *self)
{
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  self->shows = wanted (self, gtk_widget_get_width (GTK_WIDGET (self)));
  update_head (self);
}

static void
toggled_cb (TesseraMapAndSlide *self, GtkToggleButton *button)
{
  if (self->syncing || self->session == NULL || !gtk_toggle_button_get_active (button))
    return;
  tessera_session_set_setting (self->session, "view.middle",
                               button == self->map     ? "map"
                               : button == self->slide ? "slide"
                                                       : "both");
}

/* ---- layout ---- */

static void
tessera_map_and_slide_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                               int *minimum, int *natural, int *minimum_baseline,
                               int *natural_baseline)
{
  TesseraMapAndSlide *self = TESSERA_MAP_AND_SLIDE (widget);
  GtkWidget *above[] = {self->head, self->line}, *panes[] = {map_pane (self), slide_pane (self)};
  int over = 0, low, wish;
  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  for (guint i = 0; i < G_N_ELEMENTS (panes); i++) {
    if (panes[i] == NULL)
      continue;
    gtk_widget_measure (panes[i], orientation, -1, &low, &wish, NULL, NULL);
    *minimum = MAX (*minimum, low);
    *natural = MAX (*natural, wish);
  }
  for (guint i = 0; i < G_N_ELEMENTS (above); i++) {
    if (!gtk_widget_should_layout (above[i]))
      continue;
    gtk_widget_measure (above[i], orientation,
                        orientation == GTK_ORIENTATION_VERTICAL ? for_size : -1, &low, &wish, NULL,
                        NULL);
    if (orientation == GTK_ORIENTATION_HORIZONTAL)
      *minimum = MAX (*minimum, low);
    else
      over += low;
  }
  *minimum += over;
  *natural = MAX (*natural + over, *minimum);
}

static int
allocate_above (GtkWidget *child, int y, int width)
{
  int height = 0;
  if (!gtk_widget_should_layout (child))
    return y;
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
  gtk_widget_size_allocate (child, &(GtkAllocation){0, y, width, height}, -1);
  return y + height;
}

static void
tessera_map_and_slide_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TesseraMapAndSlide *self = TESSERA_MAP_AND_SLIDE (widget);
  GtkWidget *map = map_pane (self), *slide = slide_pane (self);
  int y = allocate_above (self->line, allocate_above (self->head, 0, width), width), thick = 0;
  Shows shows = wanted (self, width);
  if (map == NULL || slide == NULL)
    return;
  gtk_widget_set_child_visible (map, shows & SHOWS_MAP);
  gtk_widget_set_child_visible (slide, shows & SHOWS_SLIDE);
  gtk_widget_set_child_visible (self->between, shows == SHOWS_BOTH);
  gtk_widget_measure (self->between, GTK_ORIENTATION_HORIZONTAL, -1, &thick, NULL, NULL, NULL);
  int half = shows == SHOWS_BOTH ? (width - thick) / 2 : width, tall = MAX (0, height - y);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int right = width - half;
  if (shows & SHOWS_MAP)
    gtk_widget_size_allocate (
        map, &(GtkAllocation){shows == SHOWS_BOTH && mirrored ? right : 0, y, half, tall}, -1);
  if (shows & SHOWS_SLIDE)
    gtk_widget_size_allocate (
        slide, &(GtkAllocation){shows == SHOWS_BOTH && !mirrored ? right : 0, y, half, tall}, -1);
  if (shows == SHOWS_BOTH)
    gtk_widget_size_allocate (self->between,
                              &(GtkAllocation){half, y, MAX (thick, width - 2 * half), tall}, -1);
  if (shows != self->shows && self->idle == 0)
    self->idle = g_idle_add (head_cb, self);
  self->shows = shows;
}

/* ---- the rest ---- */

void
tessera_map_and_slide_set_session (TesseraMapAndSlide *self, TesseraSession *session)
{
  g_return_if_fail (TESSERA_IS_MAP_AND_SLIDE (self));
  g_set_object (&self->session, session);
  g_signal_group_set_target (self->signals, session);
  changed_cb (self);
}

void
tessera_map_and_slide_set_controls (TesseraMapAndSlide *self, GtkWidget *controls)
{
  g_return_if_fail (TESSERA_IS_MAP_AND_SLIDE (self) && self->controls == NULL);
  gtk_widget_set_hexpand (controls, TRUE);
  tessera_wrap_append (TESSERA_WRAP (self->head), controls);
  self->controls = controls;
}

gboolean
tessera_map_and_slide_shows_map (TesseraMapAndSlide *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_AND_SLIDE (self), FALSE);
  return (self->shows & SHOWS_MAP) != 0;
}

gboolean
tessera_map_and_slide_shows_slide (TesseraMapAndSlide *self)
{
  g_return_val_if_fail (TESSERA_IS_MAP_AND_SLIDE (self), FALSE);
  return (self->shows & SHOWS_SLIDE) != 0;
}

static void
tessera_map_and_slide_dispose (GObject *object)
{
  TesseraMapAndSlide *self = TESSERA_MAP_AND_SLIDE (object);
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tessera_map_and_slide_parent_class)->dispose (object);
}

static void
tessera_map_and_slide_class_init (TesseraMapAndSlideClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_map_and_slide_dispose;
  widget_class->measure = tessera_map_and_slide_measure;
  widget_class->size_allocate = tessera_map_and_slide_size_allocate;
}

static GtkToggleButton *
add_toggle (TesseraMapAndSlide *self, GtkWidget *box, const char *label, const char *tip,
            const char *key, GtkToggleButton *group)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (label);
  gtk_widget_set_focus_on_click (button, FALSE);
  tessera_ui_set_tip (button, tip, key);
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), group);
  g_signal_connect_swapped (button, "toggled", G_CALLBACK (toggled_cb), self);
  gtk_box_append (GTK_BOX (box), button);
  return GTK_TOGGLE_BUTTON (button);
}

static void
tessera_map_and_slide_init (TesseraMapAndSlide *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  self->shows = SHOWS_MAP;
  self->head = tessera_wrap_new (12);
  gtk_widget_add_css_class (self->head, "middle-head");
  gtk_widget_add_css_class (box, "linked");
  self->syncing = TRUE;
  self->map = add_toggle (self, box, _ ("Map"), _ ("The map alone"), _ ("Ctrl+1"), NULL);
  self->slide = add_toggle (self, box, _ ("Slide"), _ ("The slide alone"), _ ("Ctrl+2"), self->map);
  self->both =
      add_toggle (self, box, _ ("Both"), _ ("Map and slide side by side"), _ ("Ctrl+3"), self->map);
  self->syncing = FALSE;
  tessera_wrap_append (TESSERA_WRAP (self->head), box);
  self->line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  self->between = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_visible (self->head, FALSE);
  gtk_widget_set_visible (self->line, FALSE);
  gtk_widget_set_parent (self->head, GTK_WIDGET (self));
  gtk_widget_set_parent (self->line, GTK_WIDGET (self));
  gtk_widget_set_parent (self->between, GTK_WIDGET (self));

  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "map-changed", G_CALLBACK (changed_cb), self);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (changed_cb), self);
}
