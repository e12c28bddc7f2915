#include "tessera-class-editor.h"

#include "tessera-swatch.h"
#include "tessera-ui.h"
#include "tsr-marker.h"

#include <glib/gi18n.h>
#include <string.h>

/* Letters the window uses itself: F fit, L lasso, U unsure, X exclude. */
#define KEYS "123456789abcdeghijkmnopqrstvwyz"

struct _TesseraClassEditor {
  GtkPopover parent_instance;

  GtkEditable *name;
  GtkFlowBox *colors, *shapes;
  GtkDropDown *key, *merge;
  GtkWidget *merge_button, *up, *down;

  TesseraSession *session;
  int32_t id;
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
  TsrClass class_;
  if (self->filling || !get_class (self, &class_))
    return;
  guint selected = gtk_drop_down_get_selected (self->key);
  char key = selected == 0 || selected == GTK_INVALID_LIST_POSITION ? 0 : KEYS[selected - 1];
  if (key == class_.key)
    return;
  const TsrClass *holder = tessera_session_get_class_for_key (self->session, key);
  if (holder != NULL) {
    TsrClass other = *holder;
    other.key = class_.key;
    tessera_session_update_class (self->session, &other);
  }
  class_.key = key;
  tessera_session_update_class (self->session, &class_);
}

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

static void
add_choice (GtkFlowBox *box, const TsrClass *look, const char *name)
{
  GtkWidget *swatch = tessera_swatch_new ();
  tessera_swatch_set (TESSERA_SWATCH (swatch), look, TRUE);
  GtkWidget *child = gtk_flow_box_child_new ();
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), swatch);
  tessera_ui_set_tip (child, name, NULL);
  gtk_flow_box_append (box, child);
}

static void
fill_choices (TesseraClassEditor *self, const TsrClass *class_)
{
  for (unsigned i = 0; i < TSR_MARKER_N_COLORS; i++) {
    TsrClass look = {.rgb = tsr_marker_color (i), .shape = class_->shape};
    g_autofree char *name = g_strdup_printf (_ ("Colour %u"), i + 1);
    add_choice (self->colors, &look, name);
    if (look.rgb == class_->rgb)
      gtk_flow_box_select_child (self->colors, gtk_flow_box_get_child_at_index (self->colors, i));
  }
  for (int i = 0; i < TSR_MARKER_N_SHAPES; i++) {
    TsrClass look = {.rgb = class_->rgb, .shape = i};
    add_choice (self->shapes, &look, tessera_ui_shape_name (i));
    if (i == class_->shape)
      gtk_flow_box_select_child (self->shapes, gtk_flow_box_get_child_at_index (self->shapes, i));
  }
}

static void
fill_key (TesseraClassEditor *self, const TsrClass *class_)
{
  g_autoptr (GtkStringList) keys = gtk_string_list_new (NULL);
  gtk_string_list_append (keys, _ ("None"));
  guint selected = 0;
  for (guint i = 0; KEYS[i] != '\0'; i++) {
    const TsrClass *holder = tessera_session_get_class_for_key (self->session, KEYS[i]);
    g_autofree char *text =
        holder != NULL && holder->id != self->id
            ? g_strdup_printf ("%c (%s)", g_ascii_toupper (KEYS[i]), holder->name)
            : g_strdup_printf ("%c", g_ascii_toupper (KEYS[i]));
    gtk_string_list_append (keys, text);
    if (KEYS[i] == class_->key)
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
  for (guint i = 0; i < classes->len; i++) {
    const TsrClass *other = g_ptr_array_index (classes, i);
    if (other->id == self->id)
      continue;
    gtk_string_list_append (names, other->name);
    g_array_append_val (self->others, other->id);
  }
  gtk_drop_down_set_model (self->merge, G_LIST_MODEL (names));
  gtk_widget_set_sensitive (GTK_WIDGET (self->merge), self->others->len > 0);
  gtk_widget_set_sensitive (self->merge_button, self->others->len > 0);
}

static void
tessera_class_editor_dispose (GObject *object)
{
  TesseraClassEditor *self = TESSERA_CLASS_EDITOR (object);
  g_clear_object (&self->session);
  g_clear_pointer (&self->others, g_array_unref);
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
}

GtkWidget *
tessera_class_editor_new (TesseraSession *session, int32_t id)
{
  TesseraClassEditor *self = g_object_new (TESSERA_TYPE_CLASS_EDITOR, NULL);
  self->session = g_object_ref (session);
  self->id = id;
  TsrClass class_;
  if (!get_class (self, &class_))
    return GTK_WIDGET (self);
  self->filling = TRUE;
  gtk_editable_set_text (self->name, class_.name);
  fill_choices (self, &class_);
  fill_key (self, &class_);
  fill_merge (self);
  self->filling = FALSE;
  return GTK_WIDGET (self);
}
