#include "tessera-tour.h"

#include "tessera-app-state.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

#define SEEN  "tour-seen"
#define WIDTH 340 /* of a bubble, pixels */

enum { N_STEPS = 5 };

typedef struct {
  TesseraTourParts parts;
  GtkPopover *popover; /* child of target */
  GtkWidget *target;   /* what the step is about */
  gulong unmap;
  guint step;
} Tour;

static Tour *running;

static const struct {
  size_t part; /* offset in TesseraTourParts */
  GtkPositionType position;
  const char *title, *text;
} steps[N_STEPS] = {
    {offsetof (TesseraTourParts, map), GTK_POS_BOTTOM, N_ ("Every point is a tile"),
     N_ ("Tiles that look alike to the model lie side by side. Scroll to zoom, drag to move; close "
         "up, the points become the tiles themselves.")},
    {offsetof (TesseraTourParts, strip), GTK_POS_TOP, N_ ("Label the glowing ones first"),
     N_ ("A few tiles stand for many others. They glow on the map and wait here; the next one is "
         "chosen already.")},
    {offsetof (TesseraTourParts, panel), GTK_POS_LEFT, N_ ("Look at it"),
     N_ ("The tile, large, with what the program thinks of it and the tiles most like it.")},
    {offsetof (TesseraTourParts, pad), GTK_POS_LEFT, N_ ("One key labels it"),
     N_ ("The number of its class, U where it cannot be told, Space to skip. All other tiles take "
         "the colour of the labels at once, the label is on disk, and the next tile is there. "
         "Ctrl+Z takes it back, Backspace goes back to have another look.")},
    {offsetof (TesseraTourParts, sidebar), GTK_POS_RIGHT, N_ ("Stop when it is enough"),
     N_ ("Down here you read how far your labels reach. The menu (F10) exports tables, pictures, "
         "reports, and GeoJSON for QuPath. It can also show this again.")},
};

static void
close_bubble (Tour *tour)
{
  if (tour->popover == NULL)
    return;
  g_signal_handler_disconnect (tour->target, tour->unmap);
  gtk_widget_unparent (GTK_WIDGET (tour->popover));
  g_clear_object (&tour->popover);
}

/* Ends it for good, and gives the keys back to the map. */
static void
end (void)
{
  Tour *tour = g_steal_pointer (&running);
  if (tour == NULL)
    return;
  tessera_app_state_set_int (SEEN, 1);
  gtk_widget_activate_action (tour->target, "win.focus-map", NULL);
  close_bubble (tour);
  g_free (tour);
}

/* Large parts are pointed at inside, not from beyond their edge. */
static GdkRectangle
tip_of (GtkWidget *target, GtkPositionType position)
{
  int width = gtk_widget_get_width (target), height = gtk_widget_get_height (target);
  switch (position) {
  case GTK_POS_TOP:
    return (GdkRectangle){width / 2, 4, 1, 1};
  case GTK_POS_LEFT:
    return (GdkRectangle){4, height / 2, 1, 1};
  case GTK_POS_RIGHT:
    return (GdkRectangle){width - 4, height - 60, 1, 1};
  default:
    return (GdkRectangle){width / 2, height / 6, 1, 1};
  }
}

static void open_bubble (Tour *tour);

static void
next_cb (GtkButton *button, Tour *tour)
{
  if (++tour->step < N_STEPS)
    open_bubble (tour);
  else
    end ();
}

/* Keys do not leave a popover by themselves, and here they shall do what is being told. */
static gboolean
forward (GtkEventController *controller)
{
  return gtk_event_controller_key_forward (
      GTK_EVENT_CONTROLLER_KEY (controller),
      GTK_WIDGET (gtk_widget_get_root (gtk_event_controller_get_widget (controller))));
}

static gboolean
key_cb (GtkEventController *controller, guint keyval, guint keycode, GdkModifierType state,
        gpointer unused)
{
  if (keyval == GDK_KEY_Escape) {
    end ();
    return GDK_EVENT_STOP;
  }
  return forward (controller);
}

static GtkWidget *
add_label (GtkWidget *box, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static GtkWidget *
add_button (GtkWidget *box, const char *text, const char *style)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (text);
  gtk_widget_add_css_class (button, style);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

/* What a bubble says. Returns the button that goes on. */
static GtkWidget *
fill (Tour *tour)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8),
            *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_set_size_request (box, WIDTH, -1);
  add_label (box, _ (steps[tour->step].title), "title-4");
  add_label (box, _ (steps[tour->step].text), NULL);
  gtk_box_append (GTK_BOX (box), row);
  g_autofree char *text = g_strdup_printf (_ ("%u of %u"), tour->step + 1, (guint)N_STEPS);
  gtk_widget_set_hexpand (add_label (row, text, "dim-label"), TRUE);
  gboolean last = tour->step + 1 == N_STEPS;
  if (!last)
    g_signal_connect (add_button (row, _ ("_Skip the rest"), "flat"), "clicked", G_CALLBACK (end),
                      NULL);
  GtkWidget *next = add_button (row, last ? _ ("_Begin") : _ ("_Next"), "suggested-action");
  g_signal_connect (next, "clicked", G_CALLBACK (next_cb), tour);
  gtk_popover_set_child (tour->popover, box);
  return next;
}

/* A new one each time: a popover keeps the size it had. */
static void
open_bubble (Tour *tour)
{
  close_bubble (tour);
  tour->target = G_STRUCT_MEMBER (GtkWidget *, &tour->parts, steps[tour->step].part);
  tour->unmap = g_signal_connect (tour->target, "unmap", G_CALLBACK (end), NULL);
  tour->popover = GTK_POPOVER (g_object_ref_sink (gtk_popover_new ()));
  gtk_popover_set_autohide (tour->popover, FALSE);
  gtk_popover_set_position (tour->popover, steps[tour->step].position);
  GdkRectangle tip = tip_of (tour->target, steps[tour->step].position);
  gtk_popover_set_pointing_to (tour->popover, &tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (tour->popover), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (steps[tour->step].title), -1);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), NULL);
  g_signal_connect (keys, "key-released", G_CALLBACK (forward), NULL);
  gtk_widget_add_controller (GTK_WIDGET (tour->popover), keys);
  GtkWidget *next = fill (tour);
  gtk_widget_set_parent (GTK_WIDGET (tour->popover), tour->target);
  /* A popover asks for the height at the width it has with its shadow, which can be a line less. */
  int height;
  GtkWidget *box = gtk_popover_get_child (tour->popover);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, WIDTH, NULL, &height, NULL, NULL);
  gtk_widget_set_size_request (box, WIDTH, height);
  gtk_popover_popup (tour->popover);
  gtk_widget_grab_focus (next);
}

gboolean
tessera_tour_skip (void)
{
  gboolean runs = running != NULL;
  end ();
  return runs;
}

gboolean
tessera_tour_is_due (void)
{
  return tessera_app_state_get_int (SEEN, 0) == 0;
}

void
tessera_tour_start (const TesseraTourParts *parts)
{
  end ();
  running = g_new0 (Tour, 1);
  running->parts = *parts;
  open_bubble (running);
}
