#include "tessera-panes.h"

/* The last panel's share of the whole width, where that is more than it needs. */
#define LAST_SHARE 0.23

struct _TesseraPanes {
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (TesseraPanes, tessera_panes, GTK_TYPE_WIDGET)

static int
smallest_width (GtkWidget *child)
{
  int minimum = 0;
  if (gtk_widget_should_layout (child))
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* Widths of the children that take part, in order (gint); the last one's grows with the window. */
static GArray *
widths_in (GtkWidget *widget, int width)
{
  GArray *widths = g_array_new (FALSE, FALSE, sizeof (gint));
  int fixed = 0;
  GtkWidget *last = gtk_widget_get_last_child (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != last;
       child = gtk_widget_get_next_sibling (child))
    fixed += smallest_width (child);
  int room = MAX (0, width - fixed), needed = last != NULL ? smallest_width (last) : 0;
  int last_width = MAX (needed, MIN (room, (int)(width * LAST_SHARE)));
  int spare = MAX (0, room - last_width);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (!gtk_widget_should_layout (child))
      continue;
    int own = child == last ? last_width : smallest_width (child);
    if (child != last && gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL)) {
      own += spare;
      spare = 0;
    }
    g_array_append_val (widths, own);
  }
  return widths;
}

static GtkSizeRequestMode
tessera_panes_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_panes_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
  g_autoptr (GArray) widths = !across && for_size >= 0 ? widths_in (widget, for_size) : NULL;
  guint i = 0;
  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int low = 0, wanted = 0;
    if (!gtk_widget_should_layout (child))
      continue;
    gtk_widget_measure (child, orientation, widths != NULL ? g_array_index (widths, gint, i++) : -1,
                        &low, &wanted, NULL, NULL);
    if (across) {
      *minimum += low;
      *natural += MAX (low, wanted);
    } else {
      *minimum = MAX (*minimum, low);
      *natural = MAX (*natural, wanted);
    }
  }
  *natural = MAX (*natural, *minimum);
}

static void
tessera_panes_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  g_autoptr (GArray) widths = widths_in (widget, width);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint i = 0;
  int x = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (!gtk_widget_should_layout (child))
      continue;
    int own = g_array_index (widths, gint, i++);
    gtk_widget_size_allocate (
        child, &(GtkAllocation){mirrored ? width - x - own : x, 0, own, height}, baseline);
    x += own;
  }
}

static void
tessera_panes_dispose (GObject *object)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tessera_panes_parent_class)->dispose (object);
}

static void
tessera_panes_class_init (TesseraPanesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_panes_dispose;
  widget_class->get_request_mode = tessera_panes_get_request_mode;
  widget_class->measure = tessera_panes_measure;
  widget_class->size_allocate = tessera_panes_size_allocate;
}

static void
tessera_panes_init (TesseraPanes *self)
{
}
