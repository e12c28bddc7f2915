#include "tessera-foot.h"

struct _TesseraFoot {
  GtkWidget parent_instance;
  int upper; /* height that the upper one keeps, if there is room */
};

static void add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child,
                       const char *type);

static void
buildable_init (GtkBuildableIface *interface)
{
  interface->add_child = add_child;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraFoot, tessera_foot, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, buildable_init))

/* Only widgets can be in it; a template may add nothing else. */
static void
add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  if (GTK_IS_WIDGET (child))
    gtk_widget_set_parent (GTK_WIDGET (child), GTK_WIDGET (buildable));
}

/* The heights of the two for a width; 0 for one that is not there. */
static void
heights (GtkWidget *child, int width, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, minimum, natural, NULL, NULL);
}

static GtkSizeRequestMode
tessera_foot_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tessera_foot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    int low, wish;
    if (!gtk_widget_should_layout (child))
      continue;
    gtk_widget_measure (child, orientation, for_size, &low, &wish, NULL, NULL);
    gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
    *minimum = across ? MAX (*minimum, low) : *minimum + low;
    *natural = across ? MAX (*natural, wish) : *natural + wish;
  }
}

static void
tessera_foot_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TesseraFoot *self = TESSERA_FOOT (widget);
  GtkWidget *upper = gtk_widget_get_first_child (widget),
            *lower = gtk_widget_get_last_child (widget);
  int least, wish, low, rest;
  heights (upper, width, &least, &rest);
  heights (lower, width, &low, &wish);
  int below = CLAMP (height - MAX (least, self->upper), low, MAX (low, wish));
  if (upper != NULL && gtk_widget_should_layout (upper))
    gtk_widget_size_allocate (upper, &(GtkAllocation){0, 0, width, height - below}, -1);
  if (lower != NULL && gtk_widget_should_layout (lower))
    gtk_widget_size_allocate (lower, &(GtkAllocation){0, height - below, width, below}, -1);
}

static void
tessera_foot_dispose (GObject *object)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tessera_foot_parent_class)->dispose (object);
}

static void
tessera_foot_class_init (TesseraFootClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_foot_dispose;
  widget_class->get_request_mode = tessera_foot_get_request_mode;
  widget_class->measure = tessera_foot_measure;
  widget_class->size_allocate = tessera_foot_size_allocate;
}

static void
tessera_foot_init (TesseraFoot *self)
{
}

void
tessera_foot_set_upper (TesseraFoot *self, int height)
{
  g_return_if_fail (TESSERA_IS_FOOT (self));
  if (self->upper == height)
    return;
  self->upper = height;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}
