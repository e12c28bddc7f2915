#include "tessera-legend-toggle.h"

#include <gdk/gdkkeysyms.h>

struct _TesseraLegendToggle {
  GtkToggleButton parent_instance;

  int n_press; /* of the click under way; 0: none, or by a key */
};

G_DEFINE_FINAL_TYPE (TesseraLegendToggle, tessera_legend_toggle, GTK_TYPE_TOGGLE_BUTTON)

enum { SIGNAL_ISOLATE, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
pressed_cb (GtkGestureClick *gesture, int n, double x, double y, TesseraLegendToggle *self)
{
  self->n_press = n;
}

/* The second click of two isolates instead of toggling back. */
static void
tessera_legend_toggle_clicked (GtkButton *button)
{
  TesseraLegendToggle *self = TESSERA_LEGEND_TOGGLE (button);
  int n = self->n_press;
  self->n_press = 0;
  if (n == 2)
    g_signal_emit (self, signals[SIGNAL_ISOLATE], 0);
  else
    GTK_BUTTON_CLASS (tessera_legend_toggle_parent_class)->clicked (button);
}

static void
tessera_legend_toggle_class_init (TesseraLegendToggleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GTK_BUTTON_CLASS (klass)->clicked = tessera_legend_toggle_clicked;
  signals[SIGNAL_ISOLATE] =
      g_signal_new ("isolate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 0);
  static const guint keys[] = {GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_ISO_Enter};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_signal (widget_class, keys[i], GDK_CONTROL_MASK, "isolate", NULL);
}

static void
tessera_legend_toggle_init (TesseraLegendToggle *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self), TRUE);
  gtk_widget_set_focus_on_click (GTK_WIDGET (self), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "flat");
  GtkGesture *click = gtk_gesture_click_new ();
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
tessera_legend_toggle_new (void)
{
  return g_object_new (TESSERA_TYPE_LEGEND_TOGGLE, NULL);
}
