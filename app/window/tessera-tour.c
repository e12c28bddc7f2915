#include "tessera-tour.h"

#include "tessera-app-state.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n.h>

#define SEEN "tour-seen"

enum { N_STEPS = 5 };

typedef struct {
  TesseraTourParts parts;
  GtkPopover *popover; /* child of what the step is about */
  GtkLabel *title, *text, *count;
  GtkButton *next;
  GtkWidget *target; /* has the popover */
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

/* Ends it for good: the popover goes with its last reference. */
static void
end (void)
{
  Tour *tour = g_steal_pointer (&running);
  if (tour == NULL)
    return;
  tessera_app_state_set_int (SEEN, 1);
  g_signal_handler_disconnect (tour->target, tour->unmap);
  gtk_widget_activate_action (tour->target, "win.focus-map", NULL);
  gtk_widget_unparent (GTK_WIDGET (tour->popover));
  g_object_unref (tour->popover);
  g_free (tour);
}

static void
place (Tour *tour)
{
  GtkWidget *popover = GTK_WIDGET (tour->popover);
  if (tour->target != NULL) {
    g_signal_handler_disconnect (tour->target, tour->unmap);
    gtk_widget_unparent (popover);
  }
  tour->target = G_STRUCT_MEMBER (GtkWidget *, &tour->parts, steps[tour->step].part);
  tour->unmap = g_signal_connect (tour->target, "unmap", G_CALLBACK (end), NULL);
  gtk_widget_set_parent (popover, tour->target);
  gtk_popover_set_position (tour->popover, steps[tour->step].position);
  /* Large parts are pointed at in their middle, not from beyond their edge. */
  int width = gtk_widget_get_width (tour->target), height = gtk_widget_get_height (tour->target);
  GdkRectangle at = {width / 2, height / 2, 1, 1};
  if (steps[tour->step].position == GTK_POS_TOP)
    at.y = 4;
  else if (steps[tour->step].position == GTK_POS_LEFT)
    at.x = 4;
  else if (steps[tour->step].position == GTK_POS_RIGHT)
    at = (GdkRectangle){width - 4, height - 40, 1, 1};
  gtk_popover_set_pointing_to (tour->popover, &at);
}

static void
show (Tour *tour)
{
  gtk_popover_popdown (tour->popover);
  place (tour);
  gtk_label_set_label (tour->title, _ (steps[tour->step].title));
  gtk_label_set_label (tour->text, _ (steps[tour->step].text));
  g_autofree char *count = g_strdup_printf (_ ("%u of %u"), tour->step + 1, (guint)N_STEPS);
  gtk_label_set_label (tour->count, count);
  gtk_button_set_label (tour->next, tour->step + 1 < N_STEPS ? _ ("Next") : _ ("Begin"));
  gtk_popover_popup (tour->popover);
  gtk_widget_grab_focus (GTK_WIDGET (tour->next));
}

static void
next_cb (GtkButton *button, Tour *tour)
{
  if (++tour->step < N_STEPS) {
    show (tour);
    return;
  }
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

static GtkLabel *
add_label (GtkWidget *box, const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
build (Tour *tour)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8),
            *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  tour->popover = GTK_POPOVER (g_object_ref_sink (gtk_popover_new ()));
  gtk_popover_set_autohide (tour->popover, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (tour->popover), "tour");
  tour->title = add_label (box, "title-4");
  tour->text = add_label (box, NULL);
  gtk_box_append (GTK_BOX (box), row);
  tour->count = add_label (row, "dim-label");
  gtk_widget_set_hexpand (GTK_WIDGET (tour->count), TRUE);
  GtkWidget *skip = gtk_button_new_with_mnemonic (_ ("_Skip the rest"));
  tour->next = GTK_BUTTON (gtk_button_new_with_label (""));
  gtk_widget_add_css_class (skip, "flat");
  gtk_widget_add_css_class (GTK_WIDGET (tour->next), "suggested-action");
  gtk_box_append (GTK_BOX (row), skip);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (tour->next));
  g_signal_connect (skip, "clicked", G_CALLBACK (end), NULL);
  g_signal_connect (tour->next, "clicked", G_CALLBACK (next_cb), tour);
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), NULL);
  g_signal_connect (keys, "key-released", G_CALLBACK (forward), NULL);
  gtk_widget_add_controller (GTK_WIDGET (tour->popover), keys);
  gtk_accessible_update_property (GTK_ACCESSIBLE (tour->popover), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("A look round"), -1);
  gtk_popover_set_child (tour->popover, box);
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
  build (running);
  show (running);
}
