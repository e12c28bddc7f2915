#include "tessera-health-window.h"

#include "tessera-health-parts.h"
#include "tessera-health-task.h"
#include "tessera-session-audit.h"
#include "tessera-ui.h"

#include <glib/gi18n.h>
#include <math.h>

/* Labels come one after another: the report is made anew when they pause. */
#define PAUSE_MS 400

static const int goals[] = {80, 85, 90, 95, 98};

struct _TesseraHealthWindow {
  AdwWindow parent_instance;

  GtkWidget *spinner, *mark, *next, *check, *pause_box, *resume, *drop;
  GtkLabel *headline, *advice;
  AdwActionRow *checked, *held, *coverage;
  AdwComboRow *goal;
  TesseraHealthClasses *classes;
  TesseraHealthSigns *signs;
  TesseraHealthLabels *labels;

  TesseraSession *session;
  TesseraTileStore *store;
  TesseraHealthTask *task;
  GSignalGroup *signals;
  guint pause;      /* source: until the report is wanted anew */
  gboolean syncing; /* the goal follows the setting */
};

G_DEFINE_FINAL_TYPE (TesseraHealthWindow, tessera_health_window, ADW_TYPE_WINDOW)

/* --- what is wanted --- */

static void
update_spinner (TesseraHealthWindow *self)
{
  gboolean busy = tessera_health_window_is_busy (self);
  gtk_widget_set_visible (self->spinner, busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
}

static int
goal_percent (TesseraHealthWindow *self)
{
  int percent = atoi (tessera_session_get_setting (self->session, "health.goal", "90"));
  return percent >= 50 && percent < 100 ? percent : 90;
}

static gboolean
want_cb (gpointer data)
{
  TesseraHealthWindow *self = data;
  TsrRule rule = TSR_RULE_MAP;
  self->pause = 0;
  tsr_rule_from_name (tessera_session_get_setting (self->session, "rule", "map"), &rule);
  tessera_health_task_want (self->task, rule, goal_percent (self) / 100.0);
  update_spinner (self);
  return G_SOURCE_REMOVE;
}

static void
want (TesseraHealthWindow *self)
{
  g_clear_handle_id (&self->pause, g_source_remove);
  self->pause = g_timeout_add (PAUSE_MS, want_cb, self);
  update_spinner (self);
}

/* --- what is shown --- */

static char *
describe_share (const TsrShare *share)
{
  return g_strdup_printf (_ ("%zu of %zu right: %.0f %% (%.0f to %.0f %%)"), share->right, share->n,
                          100 * share->share, 100 * share->low, 100 * share->high);
}

/* Without one a check has nothing to ask about. */
static gboolean
has_predictions (const TsrHealth *health)
{
  guint64 n = 0;
  for (guint i = 0; i < health->classes->len; i++)
    n += ((const TsrHealthClass *)health->classes->pdata[i])->predicted;
  return n > 0;
}

static void
show_check (TesseraHealthWindow *self, const TsrHealth *health)
{
  const TsrAudit *audit = health->audit;
  gboolean open = audit != NULL && audit->state != TSR_AUDIT_DONE;
  g_autofree char *title = NULL, *text = NULL;
  if (audit == NULL) {
    title = g_strdup (_ ("By random tiles: not checked yet"));
    text = g_strdup (_ ("Tiles nobody chose, labelled without seeing what is predicted: the only "
                        "estimate without bias."));
  } else if (open) {
    g_autoptr (GArray) left = tsr_audit_left (audit);
    title = g_strdup_printf (_ ("By random tiles: %u of %u labelled"),
                             audit->tiles->len - left->len, audit->tiles->len);
    text = g_strdup (audit->state == TSR_AUDIT_RUNNING
                         ? _ ("Under way: predictions are hidden until all are labelled.")
                         : _ ("Interrupted; what is predicted of these tiles stays hidden."));
  } else {
    g_autofree char *share = describe_share (&health->checked);
    title = g_strdup_printf (_ ("By random tiles: %s"),
                             health->checked.n > 0 ? share : _ ("all were set aside"));
    text = health->outdated
               ? g_strdup (_ ("It was about other predictions: by another rule, map or model, or "
                              "from more labels. It no longer counts."))
               : g_strdup_printf (ngettext ("Predicted from %u label, and labelled blind. There "
                                            "are %u labels now.",
                                            "Predicted from %u labels, and labelled blind. There "
                                            "are %u labels now.",
                                            audit->labels),
                                  audit->labels, health->labelled);
  }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->checked), title);
  adw_action_row_set_subtitle (self->checked, text);
  gtk_widget_set_visible (self->pause_box, open);
  gtk_widget_set_visible (self->check,
                          !open && health->next != TSR_REMEDY_CHECK && has_predictions (health));
}

static void
show_held (TesseraHealthWindow *self, const TsrHealth *health)
{
  g_autofree char *share = describe_share (&health->held);
  g_autofree char *title = g_strdup_printf (
      _ ("By the labels themselves: %s"),
      health->held.n >= tsr_health_fewest_labels (health) ? share : _ ("too few to say"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->held), title);
  adw_action_row_set_subtitle (self->held,
                               _ ("Each label left out and told by the others. Suggested tiles are "
                                  "harder than most, so that this is rather too low."));
}

static void
show_coverage (TesseraHealthWindow *self, const TsrHealth *health)
{
  g_autofree char *title = NULL, *text = NULL;
  if (isnan (health->radius)) {
    title = g_strdup (_ ("Coverage: needs a map"));
  } else if (isinf (health->radius)) {
    title = g_strdup (_ ("Coverage: no labels yet"));
    text = g_strdup_printf (_ ("With %u, no tile is farther from a label than %.1f %% of the map's "
                               "width."),
                            health->more, 100 * health->radius_more);
  } else {
    title = g_strdup_printf (_ ("Coverage: no tile is farther from a label than %.1f %% of the "
                                "map's width"),
                             100 * health->radius);
    text = g_strdup_printf (_ ("%u more labels bring that to %.1f %%."), health->more,
                            100 * health->radius_more);
  }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->coverage), title);
  adw_action_row_set_subtitle (self->coverage, text != NULL ? text : "");
}

/* A check that left too much to chance is made again with twice as many. */
static guint
next_check (const TsrHealth *health)
{
  gboolean more = health->next == TSR_REMEDY_CHECK && health->checked.n > 0 && !health->outdated;
  return more ? 2 * health->audit->tiles->len : TSR_HEALTH_CHECK;
}

/* Nothing is suggested before there is a map. */
static void
show_next (TesseraHealthWindow *self, TsrRemedy next, guint tiles)
{
  gboolean in_vain = next == TSR_REMEDY_LABEL && tessera_session_get_map (self->session) == NULL;
  tessera_health_button_set (self->next, next, tiles);
  if (!in_vain)
    return;
  gtk_button_set_label (GTK_BUTTON (self->next), _ ("Go to training"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->next), "win.train-first");
}

static void
measured_cb (const TsrHealth *health, const GError *error, gpointer user)
{
  TesseraHealthWindow *self = user;
  static const TsrSignState states[] = {
      [TSR_VERDICT_UNKNOWN] = TSR_SIGN_UNKNOWN,
      [TSR_VERDICT_NOT_YET] = TSR_SIGN_LOOK,
      [TSR_VERDICT_LIKELY] = TSR_SIGN_GOOD,
      [TSR_VERDICT_GOOD] = TSR_SIGN_GOOD,
  };
  update_spinner (self);
  if (health == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      gtk_label_set_text (self->advice, error->message);
    return;
  }
  gboolean open = health->audit != NULL && health->audit->state != TSR_AUDIT_DONE;
  guint tiles = next_check (health);
  tessera_health_mark_set (self->mark, states[health->verdict]);
  gtk_label_set_text (self->headline, health->headline);
  gtk_label_set_text (self->advice, health->advice);
  show_next (self, open && health->next == TSR_REMEDY_CHECK ? TSR_REMEDY_NONE : health->next,
             tiles);
  tessera_health_button_set (self->check, TSR_REMEDY_CHECK, tiles);
  show_check (self, health);
  show_held (self, health);
  show_coverage (self, health);
  tessera_health_classes_set (self->classes, health);
  tessera_health_signs_set (self->signs, health, tiles);
  tessera_health_labels_set (self->labels, health);
}

/* --- the goal --- */

static void
show_goal (TesseraHealthWindow *self)
{
  self->syncing = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (goals); i++)
    if (goals[i] <= goal_percent (self))
      adw_combo_row_set_selected (self->goal, i);
  self->syncing = FALSE;
}

static void
goal_cb (TesseraHealthWindow *self)
{
  guint at = adw_combo_row_get_selected (self->goal);
  if (self->syncing || self->session == NULL || at >= G_N_ELEMENTS (goals))
    return;
  g_autofree char *text = g_strdup_printf ("%d", goals[at]);
  tessera_session_set_setting (self->session, "health.goal", text);
}

static void
settings_cb (TesseraHealthWindow *self)
{
  show_goal (self);
  want (self);
}

/* --- building --- */

static GtkLabel *
add_label (GtkBox *box, const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, style);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static GtkWidget *
make_verdict (TesseraHealthWindow *self)
{
  GtkWidget *group = adw_preferences_group_new (),
            *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16),
            *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  self->mark = tessera_health_mark_new (40);
  self->headline = add_label (GTK_BOX (words), "title-4");
  self->advice = add_label (GTK_BOX (words), "body");
  self->next = tessera_health_button_new ();
  gtk_widget_add_css_class (self->next, "suggested-action");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (self->next, GTK_ALIGN_START);
  gtk_widget_set_margin_top (self->next, 8);
  tessera_health_mark_set (self->mark, TSR_SIGN_UNKNOWN);
  gtk_label_set_text (self->headline, _ ("Measuring…"));
  gtk_box_append (GTK_BOX (box), self->mark);
  gtk_box_append (GTK_BOX (words), self->next);
  gtk_box_append (GTK_BOX (box), words);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);
  return group;
}

static AdwActionRow *
add_row (GtkWidget *group)
{
  GtkWidget *row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return ADW_ACTION_ROW (row);
}

static void
make_check_buttons (TesseraHealthWindow *self)
{
  self->check = tessera_health_button_new ();
  self->pause_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->resume = gtk_button_new_with_label (_ ("Go on"));
  self->drop = gtk_button_new_with_label (_ ("Give up"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->resume), "win.resume-check");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->drop), "win.drop-check");
  gtk_box_append (GTK_BOX (self->pause_box), self->drop);
  gtk_box_append (GTK_BOX (self->pause_box), self->resume);
  gtk_widget_set_valign (self->pause_box, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (self->pause_box, FALSE);
  adw_action_row_add_suffix (self->checked, self->check);
  adw_action_row_add_suffix (self->checked, self->pause_box);
}

static GtkWidget *
make_estimates (TesseraHealthWindow *self)
{
  GtkWidget *group = adw_preferences_group_new (), *goal = adw_combo_row_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group),
                                   _ ("How often predictions are right"));
  self->checked = add_row (group);
  self->held = add_row (group);
  self->coverage = add_row (group);
  make_check_buttons (self);
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (goals); i++) {
    g_autofree char *text = g_strdup_printf ("%d %%", goals[i]);
    gtk_string_list_append (list, text);
  }
  self->goal = ADW_COMBO_ROW (goal);
  adw_combo_row_set_model (self->goal, G_LIST_MODEL (list));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (goal), _ ("Good enough is"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), goal);
  return group;
}

static void
tessera_health_window_init (TesseraHealthWindow *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = adw_header_bar_new ();
  self->spinner = gtk_spinner_new ();
  tessera_ui_set_name (self->spinner, _ ("Measuring"));
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->spinner);
  gtk_box_append (GTK_BOX (content), header);
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ ("How good is it?"));
  self->signals = g_signal_group_new (TESSERA_TYPE_SESSION);
  static const char *const signals[] = {"labels-changed", "map-changed", "audit-changed",
                                        "classes-changed", "suggestions-changed"};
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_group_connect_swapped (self->signals, signals[i], G_CALLBACK (want), self);
  g_signal_group_connect_swapped (self->signals, "settings-changed", G_CALLBACK (settings_cb),
                                  self);
}

static void
build_page (TesseraHealthWindow *self)
{
  GtkWidget *page = adw_preferences_page_new (),
            *groups[] = {make_verdict (self), make_estimates (self),
                         tessera_health_classes_new (self->session),
                         tessera_health_signs_new (self->session),
                         tessera_health_labels_new (self->session, self->store)};
  self->classes = TESSERA_HEALTH_CLASSES (groups[2]);
  self->signs = TESSERA_HEALTH_SIGNS (groups[3]);
  self->labels = TESSERA_HEALTH_LABELS (groups[4]);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (groups[i]));
  tessera_ui_widen_page (ADW_PREFERENCES_PAGE (page));
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (adw_window_get_content (ADW_WINDOW (self))), page);
}

static void
tessera_health_window_dispose (GObject *object)
{
  TesseraHealthWindow *self = TESSERA_HEALTH_WINDOW (object);
  g_clear_handle_id (&self->pause, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_pointer (&self->task, tessera_health_task_free);
  if (self->store != NULL)
    tessera_tile_store_close (self->store);
  G_OBJECT_CLASS (tessera_health_window_parent_class)->dispose (object);
  g_clear_object (&self->store); /* what showed its pictures has gone before */
  g_clear_object (&self->session);
}

static void
tessera_health_window_class_init (TesseraHealthWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tessera_health_window_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

GtkWidget *
tessera_health_window_new (GtkWindow *parent, TesseraSession *session)
{
  TesseraHealthWindow *self =
      g_object_new (TESSERA_TYPE_HEALTH_WINDOW, "transient-for", parent, NULL);
  const char *path = tessera_session_get_path (session);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "win", G_ACTION_GROUP (parent));
  self->session = g_object_ref (session);
  self->store = tessera_tile_store_new (path);
  self->task = tessera_health_task_new (path, measured_cb, self);
  build_page (self);
  tessera_ui_set_window_size (GTK_WINDOW (self), NULL, 720, 660);
  show_goal (self);
  g_signal_connect_swapped (self->goal, "notify::selected", G_CALLBACK (goal_cb), self);
  g_signal_group_set_target (self->signals, session);
  want_cb (self);
  return GTK_WIDGET (self);
}

gboolean
tessera_health_window_is_busy (TesseraHealthWindow *self)
{
  g_return_val_if_fail (TESSERA_IS_HEALTH_WINDOW (self), FALSE);
  return self->pause != 0 || (self->task != NULL && tessera_health_task_is_busy (self->task));
}
