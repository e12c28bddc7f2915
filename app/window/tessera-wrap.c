#include "tessera-wrap.h"

struct _TesseraWrap {
  GtkWidget parent_instance;
  int spacing, columns;
  gboolean centered, whole;
};

enum { PROP_SPACING = 1, PROP_COLUMNS, PROP_CENTERED, PROP_WHOLE };

static void add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child,
                       const char *type);

static void
buildable_init (GtkBuildableIface *interface)
{
  interface->add_child = add_child;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TesseraWrap, tessera_wrap, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, buildable_init))

/* Only widgets can be in it; a template may add nothing else. */
static void
add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  if (GTK_IS_WIDGET (child))
    tessera_wrap_append (TESSERA_WRAP (buildable), GTK_WIDGET (child));
}

/* ---- rows ---- */

/* The next child that takes part, child itself included. */
static GtkWidget *
laid_out (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

/* How many columns of one width there is room for; 0: there are none. */
static int
columns_in (TesseraWrap *self, int width)
{
  int columns = self->columns, widest = 0;
  for (GtkWidget *child = laid_out (gtk_widget_get_first_child (GTK_WIDGET (self))); child != NULL;
       child = laid_out (gtk_widget_get_next_sibling (child))) {
    int low;
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &low, NULL, NULL, NULL);
    widest = MAX (widest, low);
  }
  while (columns > 1 && columns * widest + (columns - 1) * self->spacing > width)
    columns--;
  return columns;
}

/* The children of one row: as many as fit `width` at their smallest, or where they are to be whole
 * as they would like, one at least. Sizes
 * (GtkRequestedSize, data: the child) take them; returns the first of the next row. */
static GtkWidget *
take_row (TesseraWrap *self, GtkWidget *first, int width, GArray *sizes)
{
  int used = 0, columns = columns_in (self, width);
  GtkWidget *child = laid_out (first);
  g_array_set_size (sizes, 0);
  while (child != NULL) {
    GtkRequestedSize size = {.data = child};
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &size.minimum_size,
                        &size.natural_size, NULL, NULL);
    int more = (self->whole ? size.natural_size : size.minimum_size) +
               (sizes->len > 0 ? self->spacing : 0);
    if (columns > 0 ? (int)sizes->len == columns : sizes->len > 0 && used + more > width)
      break;
    if (columns > 0)
      size.minimum_size = size.natural_size = (width - (columns - 1) * self->spacing) / columns;
    used += more;
    g_array_append_val (sizes, size);
    child = laid_out (gtk_widget_get_next_sibling (child));
  }
  return child;
}

/* Widens the row's children to what they would like, then those that expand to all there is;
 * returns what is left over. */
static int
spread_row (TesseraWrap *self, GArray *sizes, int width)
{
  GtkRequestedSize *size = (GtkRequestedSize *)(void *)sizes->data;
  int left = width - self->spacing * ((int)sizes->len - 1);
  guint expanding = 0;
  if (self->columns > 0)
    return 0;
  for (guint i = 0; i < sizes->len; i++) {
    left -= size[i].minimum_size;
    expanding += gtk_widget_compute_expand (size[i].data, GTK_ORIENTATION_HORIZONTAL);
  }
  left = gtk_distribute_natural_allocation (MAX (0, left), sizes->len, size);
  for (guint i = 0; i < sizes->len && expanding > 0; i++)
    if (gtk_widget_compute_expand (size[i].data, GTK_ORIENTATION_HORIZONTAL)) {
      int share = left / (int)expanding--;
      size[i].minimum_size += share;
      left -= share;
    }
  return left;
}

static int
row_height (GArray *sizes)
{
  int height = 0;
  for (guint i = 0; i < sizes->len; i++) {
    GtkRequestedSize *size = &g_array_index (sizes, GtkRequestedSize, i);
    int low;
    gtk_widget_measure (size->data, GTK_ORIENTATION_VERTICAL, size->minimum_size, &low, NULL, NULL,
                        NULL);
    height = MAX (height, low);
  }
  return height;
}

/* ---- the widget ---- */

static GtkSizeRequestMode
tessera_wrap_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
measure_width (TesseraWrap *self, int *minimum, int *natural)
{
  int n = 0, widest = 0;
  for (GtkWidget *child = laid_out (gtk_widget_get_first_child (GTK_WIDGET (self))); child != NULL;
       child = laid_out (gtk_widget_get_next_sibling (child))) {
    int low, wish;
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &low, &wish, NULL, NULL);
    *minimum = MAX (*minimum, low);
    *natural += wish + (n++ > 0 ? self->spacing : 0);
    widest = MAX (widest, wish);
  }
  if (self->columns > 0 && n > 0)
    *natural = MIN (n, self->columns) * (widest + self->spacing) - self->spacing;
}

static void
tessera_wrap_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  TesseraWrap *self = TESSERA_WRAP (widget);
  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    measure_width (self, minimum, natural);
    return;
  }
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (GtkRequestedSize));
  int width = for_size >= 0 ? for_size : G_MAXSHORT; /* unasked: as wide as it likes */
  GtkWidget *next = gtk_widget_get_first_child (widget);
  for (int rows = 0; laid_out (next) != NULL; rows++) {
    next = take_row (self, next, width, sizes);
    spread_row (self, sizes, width);
    *minimum += row_height (sizes) + (rows > 0 ? self->spacing : 0);
  }
  *natural = *minimum;
}

static void
tessera_wrap_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TesseraWrap *self = TESSERA_WRAP (widget);
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (GtkRequestedSize));
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkWidget *next = gtk_widget_get_first_child (widget);
  for (int y = 0; laid_out (next) != NULL;) {
    next = take_row (self, next, width, sizes);
    int left = spread_row (self, sizes, width), tall = row_height (sizes);
    int x = self->centered ? MAX (0, left) / 2 : 0;
    for (guint i = 0; i < sizes->len; i++) {
      const GtkRequestedSize *size = &g_array_index (sizes, GtkRequestedSize, i);
      int wide = size->minimum_size;
      gtk_widget_size_allocate (
          size->data, &(GtkAllocation){mirrored ? width - x - wide : x, y, wide, tall}, -1);
      x += wide + self->spacing;
    }
    y += tall + self->spacing;
  }
}

static void
tessera_wrap_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  TesseraWrap *self = TESSERA_WRAP (object);
  if (id == PROP_SPACING)
    g_value_set_int (value, self->spacing);
  else if (id == PROP_COLUMNS)
    g_value_set_int (value, self->columns);
  else
    g_value_set_boolean (value, id == PROP_WHOLE ? self->whole : self->centered);
}

static void
tessera_wrap_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  TesseraWrap *self = TESSERA_WRAP (object);
  if (id == PROP_SPACING)
    self->spacing = g_value_get_int (value);
  else if (id == PROP_COLUMNS)
    self->columns = g_value_get_int (value);
  else
    *(id == PROP_WHOLE ? &self->whole : &self->centered) = g_value_get_boolean (value);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
tessera_wrap_dispose (GObject *object)
{
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (tessera_wrap_parent_class)->dispose (object);
}

static void
tessera_wrap_class_init (TesseraWrapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  object_class->dispose = tessera_wrap_dispose;
  object_class->get_property = tessera_wrap_get_property;
  object_class->set_property = tessera_wrap_set_property;
  widget_class->get_request_mode = tessera_wrap_get_request_mode;
  widget_class->measure = tessera_wrap_measure;
  widget_class->size_allocate = tessera_wrap_size_allocate;
  g_object_class_install_property (object_class, PROP_SPACING,
                                   g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXSHORT, 0,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_COLUMNS,
                                   g_param_spec_int ("columns", NULL, NULL, 0, G_MAXSHORT, 0,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      object_class, PROP_CENTERED,
      g_param_spec_boolean ("centered", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (
      object_class, PROP_WHOLE,
      g_param_spec_boolean ("whole", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
tessera_wrap_init (TesseraWrap *self)
{
}

GtkWidget *
tessera_wrap_new (int spacing)
{
  return g_object_new (TESSERA_TYPE_WRAP, "spacing", spacing, NULL);
}

void
tessera_wrap_append (TesseraWrap *self, GtkWidget *child)
{
  g_return_if_fail (TESSERA_IS_WRAP (self));
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}
