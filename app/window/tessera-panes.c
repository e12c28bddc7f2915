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

static void
tessera_panes_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int low = 0, wanted = 0;
    if (!gtk_widget_should_layout (child))
      continue;
    gtk_widget_measure (child, orientation, -1, &low, &wanted, NULL, NULL);
    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
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
  int fixed = 0;
  GtkWidget *last = gtk_widget_get_last_child (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != last;
       child = gtk_widget_get_next_sibling (child))
    fixed += smallest_width (child);
  int room = MAX (0, width - fixed), needed = last != NULL ? smallest_width (last) : 0;
  int last_width = MAX (needed, MIN (room, (int)(width * LAST_SHARE)));
  int spare = MAX (0, room - last_width), x = 0;
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    if (!gtk_widget_should_layout (child))
      continue;
    int own = child == last ? last_width : smallest_width (child);
    if (child != last && gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL)) {
      own += spare;
      spare = 0;
    }
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
  widget_class->measure = tessera_panes_measure;
  widget_class->size_allocate = tessera_panes_size_allocate;
}

static void
tessera_panes_init (TesseraPanes *self)
{
}
