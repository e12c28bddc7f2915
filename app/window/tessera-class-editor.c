#include "tessera-class-editor.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"
#include "tsr-marker.h"

#include <glib/gi18n.h>
#include <string.h>

/* Characters of a class's name in a list: a long one must not widen the popover. */
#define N_SHOWN 24

struct _TesseraClassEditor {
  GtkPopover parent_instance;

  GtkEditable *name;
  GtkFlowBox *colors, *shapes;
  GtkDropDown *key, *merge;
  GtkWidget *merge_button, *up, *down;

  TesseraSession *session;
  GSignalGroup *signals;
  int32_t id;
  char *shown_name; /* as last put into the field */
  gboolean filling; /* changes come from the class, not from the user */
  GArray *others;   /* int32_t, ids beside the entries of merge */
};

G_DEFINE_FINAL_TYPE (TesseraClassEditor, tessera_class_editor, GTK_TYPE_POPOVER)

/* A copy the caller changes and sends; name is borrowed from the session. */
static gboolean
get_class (TesseraClassEditor *self, TsrClass *class_)
{
  const TsrClass *found = tessera_session_get_class (self->session, self->id);
  if (found != NULL)
    *class_ = *found;
  return found != NULL;
}

static void
apply_name (TesseraClassEditor *self)
{
  TsrClass class_;
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));
  if (self->filling || *name == '\0' || !get_class (self, &class_) ||
      g_str_equal (name, class_.name))
    return;
  class_.name = name;
  tessera_session_update_class (self->session, &class_);
}

static void
name_activate_cb (TesseraClassEditor *self)
{
  apply_name (self);
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
closed_cb (TesseraClassEditor *self)
{
  apply_name (self);
}

static void
color_cb (TesseraClassEditor *self, GtkFlowBoxChild *child)
{
  TsrClass class_;
  if (self->filling || !get_class (self, &class_))
    return;
  class_.rgb = tsr_marker_color ((unsigned)gtk_flow_box_child_get_index (child));
  tessera_session_update_class (self->session, &class_);
}

static void
shape_cb (TesseraClassEditor *self, GtkFlowBoxChild *child)
{
  TsrClass class_;
  if (self->filling || !get_class (self, &class_))
    return;
  class_.shape = gtk_flow_box_child_get_index (child);
  tessera_session_update_class (self->session, &class_);
}

/* A key taken by another class changes hands. */
static void
key_cb (TesseraClassEditor *self)
{
  if (self->filling)
    return;
  guint selected = gtk_drop_down_get_selected (self->key);
  tessera_session_set_class_key (
      self->session, self->id,
      selected == 0 || selected == GTK_INVALID_LIST_POSITION ? 0 : TSR_CLASS_KEYS[selected - 1]);
}

/* ---- any colour ---- */

typedef struct {
  TesseraSession *session;
  int32_t id;
} Target;

static void
target_free (gpointer data, GClosure *closure)
{
  Target *target = data;
  g_object_unref (target->session);
  g_free (target);
}

static void
color_chosen_cb (GtkDialog *dialog, int response, Target *target)
{
  const TsrClass *found = tessera_session_get_class (target->session, target->id);
  GdkRGBA rgba;
  gtk_color_chooser_get_rgba (GTK_COLOR_CHOOSER (dialog), &rgba);
  if (response == GTK_RESPONSE_OK && found != NULL) {
    TsrClass class_ = *found;
    class_.rgb = (uint32_t)(rgba.red * 255 + 0.5) << 16 | (uint32_t)(rgba.green * 255 + 0.5) << 8 |
                 (uint32_t)(rgba.blue * 255 + 0.5);
    tessera_session_update_class (target->session, &class_);
  }
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* The popover goes first: it would keep the keys from the dialog. */
static void
other_color_cb (TesseraClassEditor *self)
{
  TsrClass class_;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  if (!get_class (self, &class_))
    return;
  gtk_popover_popdown (GTK_POPOVER (self));
  g_autofree char *title = g_strdup_printf (_ ("Colour of “%s”"), class_.name);
  GtkWidget *dialog = gtk_color_chooser_dialog_new (title, GTK_WINDOW (root));
  GdkRGBA rgba = {(class_.rgb >> 16 & 255) / 255.f, (class_.rgb >> 8 & 255) / 255.f,
                  (class_.rgb & 255) / 255.f, 1};
  gtk_color_chooser_set_use_alpha (GTK_COLOR_CHOOSER (dialog), FALSE);
  gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (dialog), &rgba);
  g_object_set (dialog, "show-editor", TRUE, "modal", TRUE, NULL);
  Target *target = g_new (Target, 1);
  *target = (Target){g_object_ref (self->session), self->id};
  g_signal_connect_data (dialog, "response", G_CALLBACK (color_chosen_cb), target, target_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- place, merging, removing ---- */

static void
up_cb (TesseraClassEditor *self)
{
  tessera_session_move_class (self->session, self->id, -1);
}

static void
down_cb (TesseraClassEditor *self)
{
  tessera_session_move_class (self->session, self->id, 1);
}

static void
merge_cb (TesseraClassEditor *self)
{
  guint selected = gtk_drop_down_get_selected (self->merge);
  if (selected >= self->others->len)
    return;
  gtk_popover_popdown (GTK_POPOVER (self));
  tessera_session_merge_class (self->session, self->id,
                               g_array_index (self->others, int32_t, selected));
}

static void
remove_cb (TesseraClassEditor *self)
{
  gtk_popover_popdown (GTK_POPOVER (self));
  tessera_session_remove_class (self->session, self->id);
}

/* ---- what is shown ---- */

static void
add_choice (GtkFlowBox *box, const char *name)
{
  GtkWidget *child = gtk_flow_box_child_new ();
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), tessera_swatch_new ());
  tessera_ui_set_tip (child, name, NULL);
  gtk_flow_box_append (box, child);
}

static void
add_choices (TesseraClassEditor *self)
{
  for (unsigned i = 0; i < TSR_MARKER_N_COLORS; i++) {
    g_autofree char *name = g_strdup_printf (_ ("Colour %u"), i + 1);
    add_choice (self->colors, name);
  }
  for (int i = 0; i < TSR_MARKER_N_SHAPES; i++)
    add_choice (self->shapes, tessera_ui_shape_name (i));
}

static void
show_choice (GtkFlowBox *box, int i, const TsrClass *look, gboolean chosen)
{
  GtkFlowBoxChild *child = gtk_flow_box_get_child_at_index (box, i);
  tessera_swatch_set (TESSERA_SWATCH (gtk_flow_box_child_get_child (child)), look, TRUE);
  if (chosen)
    gtk_flow_box_select_child (box, child);
  else
    gtk_flow_box_unselect_child (box, child);
}

static void
show_choices (TesseraClassEditor *self, const TsrClass *class_)
{
  for (unsigned i = 0; i < TSR_MARKER_N_COLORS; i++) {
    TsrClass look = {.rgb = tsr_marker_color (i), .shape = class_->shape};
    show_choice (self->colors, (int)i, &look, look.rgb == class_->rgb);
  }
  for (int i = 0; i < TSR_MARKER_N_SHAPES; i++) {
    TsrClass look = {.rgb = class_->rgb, .shape = i};
    show_choice (self->shapes, i, &look, i == class_->shape);
  }
}

/* What is being typed stays. */
static void
show_name (TesseraClassEditor *self, const char *name)
{
  if (g_strcmp0 (gtk_editable_get_text (self->name), self->shown_name) == 0 ||
      self->shown_name == NULL)
    gtk_editable_set_text (self->name, name);
  g_free (self->shown_name);
  self->shown_name = g_strdup (name);
}

static void
show_place (TesseraClassEditor *self)
{
  GPtrArray *classes = tessera_session_get_classes (self->session);
  const TsrClass *first = g_ptr_array_index (classes, 0),
                 *last = g_ptr_array_index (classes, classes->len - 1);
  gtk_widget_set_sensitive (self->up, first->id != self->id);
  gtk_widget_set_sensitive (self->down, last->id != self->id);
}

static void
fill_key (TesseraClassEditor *self, const TsrClass *class_)
{
  g_autoptr (GtkStringList) keys = gtk_string_list_new (NULL);
  gtk_string_list_append (keys, _ ("None"));
  guint selected = 0;
  for (guint i = 0; TSR_CLASS_KEYS[i] != '\0'; i++) {
    const TsrClass *holder = tessera_session_get_class_for_key (self->session, TSR_CLASS_KEYS[i]);
    g_autofree char *name = holder != NULL ? tessera_ui_shorten (holder->name, N_SHOWN) : NULL;
    g_autofree char *text =
        holder != NULL && holder->id != self->id
            ? g_strdup_printf ("%c (%s)", g_ascii_toupper (TSR_CLASS_KEYS[i]), name)
            : g_strdup_printf ("%c", g_ascii_toupper (TSR_CLASS_KEYS[i]));
    gtk_string_list_append (keys, text);
    if (TSR_CLASS_KEYS[i] == class_->key)
      selected = i + 1;
  }
  gtk_drop_down_set_model (self->key, G_LIST_MODEL (keys));
  gtk_drop_down_set_selected (self->key, selected);
}

static void
fill_merge (TesseraClassEditor *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  GPtrArray *classes = tessera_session_get_classes (self->session);
  g_array_set_size (self->others, 0);
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *other = g_ptr_array_index (classes, i);
    if (other->id == self->id)
      continue;
    g_autofree char *name = tessera_ui_shorten (other->name, N_SHOWN);
    gtk_string_list_append (names, name);
    g_array_append_val (self->others, other->id);
  }
  gtk_drop_down_set_model (self->merge, G_LIST_MODEL (names));
  gtk_widget_set_sensitive (GTK_WIDGET (self->merge), self->others->len > 0);
  gtk_widget_set_sensitive (self->merge_button, self->others->len > 0);
}

/* Takes everything from the session; choices stay the widgets they are, and with them the focus. */
static void
refresh (TesseraClassEditor *self)
{
  TsrClass class_;
  if (!get_class (self, &class_))
    return;
  self->filling = TRUE;
  show_name (self, class_.name);
  show_choices (self, &class_);
  fill_key (self, &class_);
  fill_merge (self);
  show_place (self);
  self->filling = FALSE;
}

static void
tessera_class_editor_dispose (GObject *object)
{
  TesseraClassEditor *self = TESSERA_CLASS_EDITOR (object);
  g_clear_object (&self->signals);
  g_clear_object (&self->session);
  g_clear_pointer (&self->others, g_array_unref);
  g_clear_pointer (&self->shown_name, g_free);
  G_OBJECT_CLASS (tessera_class_editor_parent_class)->dispose (object);
}

static void
tessera_class_editor_class_init (TesseraClassEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = tessera_class_editor_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               TESSERA_RESOURCE_PATH "/tessera-class-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, name);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, colors);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, shapes);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, key);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, merge);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, merge_button);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, up);
  gtk_widget_class_bind_template_child (widget_class, TesseraClassEditor, down);
  gtk_widget_class_bind_template_callback (widget_class, name_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, closed_cb);
  gtk_widget_class_bind_template_callback (widget_class, color_cb);
  gtk_widget_class_bind_template_callback (widget_class, other_color_cb);
  gtk_widget_class_bind_template_callback (widget_class, shape_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_cb);
  gtk_widget_class_bind_template_callback (widget_class, up_cb);
  gtk_widget_class_bind_template_callback (widget_class, down_cb);
  gtk_widget_class_bind_template_callback (widget_class, merge_cb);
  gtk_widget_class_bind_template_callback (widget_class, remove_cb);
}

static void
tessera_class_editor_init (TesseraClassEditor *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->others = g_array_new (FALSE, FALSE, sizeof (int32_t));
  add_choices (self);
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  g_signal_group_connect_swapped (self->signals, "classes-changed", G_CALLBACK (refresh), self);
}

GtkWidget *
tessera_class_editor_new (TesseraSession *session, int32_t id)
{
  TesseraClassEditor *self = g_object_new (TESSERA_TYPE_CLASS_EDITOR, NULL);
  self->session = g_object_ref (session);
  self->id = id;
  g_signal_group_set_target (self->signals, session);
  refresh (self);
  return GTK_WIDGET (self);
}
