/* The signs by which failures show, where each begins, and what helps. */

#include "tsr-health-private.h"

#include "tsr-number.h"

#include <math.h>

static const struct {
  const char *id, *name, *threshold, *remedy;
} texts[TSR_N_SIGNS] = {
    [TSR_SIGN_ACCURACY] =
        {"accuracy", TSR_STAGE ("Predictions are right"),
         TSR_STAGE ("Doubtful below the goal, or where the interval begins more than 10 points "
                    "below it; bad where even its end is below the goal."),
         TSR_STAGE ("Label more of what is suggested; if that no longer helps, train longer.")},
    [TSR_SIGN_LABELS] =
        {"labels", TSR_STAGE ("Every class has labels"),
         TSR_STAGE ("Doubtful where a class has fewer than 4: so few say no more than a coin "
                    "would, even if all of them are told rightly."),
         TSR_STAGE ("Label a few more tiles of that class, or remove it if there are none.")},
    [TSR_SIGN_SEPARATES] =
        {"separates", TSR_STAGE ("Classes lie apart"),
         /* xgettext:no-c-format */
         TSR_STAGE ("Bad where labels, each left out, are not told better than by always saying "
                    "the most frequent class, with 95 % confidence; from 16 labels on."),
         TSR_STAGE ("Train longer: the model does not see yet what tells the classes apart.")},
    [TSR_SIGN_KEPT] =
        {"kept", TSR_STAGE ("The map keeps neighbours together"),
         TSR_STAGE ("Doubtful where fewer than 30 % of a tile's nearest are near on the map, bad "
                    "below 15 %. Maps by t-SNE of five sets keep 45 to 63 %, by principal "
                    "components 10 to 31 %."),
         TSR_STAGE ("Go on with the map or make it again; or let predictions follow the model's "
                    "own space (menu, Labelling).")},
    [TSR_SIGN_PICKS] =
        {"picks", TSR_STAGE ("Suggestions differ from each other"),
         /* xgettext:no-c-format */
         TSR_STAGE ("Doubtful where they are more alike than 95 % of random picks are, bad where "
                    "they are half as far apart as random picks."),
         TSR_STAGE ("Suggest typical tiles, or tiles far from every label (menu, Labelling).")},
    [TSR_SIGN_FRECHET] =
        {"frechet", TSR_STAGE ("Generated tiles resemble real ones"),
         TSR_STAGE ("Doubtful above a Fréchet distance of 1, bad above 2 (on the demonstration's "
                    "features); trainings were below 1 once labels gained by them."),
         TSR_STAGE ("Train longer.")},
    [TSR_SIGN_BATCH] =
        {"batch", TSR_STAGE ("Tiles lie by what they show, not by where they come from"),
         TSR_STAGE ("Doubtful from 0.3, bad from 0.7 of the way from chance (0) to always the same "
                    "origin (1)."),
         TSR_STAGE ("Look whether it is tissue or colour that these tiles share; if colour, "
                    "normalise stains and train again.")},
    [TSR_SIGN_CLUSTERS] =
        {"clusters", TSR_STAGE ("No cluster is one slide, scanner or stain"),
         /* xgettext:no-c-format */
         TSR_STAGE ("Doubtful where 90 % of a cluster come from one, by the lower end of the 95 % "
                    "interval, far more than its share of all tiles."),
         TSR_STAGE ("Look at these tiles: if it is colour that they share, normalise stains and "
                    "train again.")},
};

const char *
tsr_sign_id (TsrSignKind kind)
{
  return texts[kind].id;
}

const char *
tsr_sign_name (TsrSignKind kind)
{
  return _ (texts[kind].name);
}

const char *
tsr_sign_threshold (TsrSignKind kind)
{
  return _ (texts[kind].threshold);
}

const char *
tsr_sign_remedy (TsrSignKind kind)
{
  return _ (texts[kind].remedy);
}

const char *
tsr_sign_state_id (TsrSignState state)
{
  static const char *const ids[] = {"unknown", "good", "look", "bad"};
  return ids[state];
}

const char *
tsr_remedy_id (TsrRemedy remedy)
{
  static const char *const ids[] = {"none", "label",     "suggest", "train",
                                    "map",  "normalise", "check",   "w"};
  return ids[remedy];
}

const char *
tsr_verdict_id (TsrVerdict verdict)
{
  static const char *const ids[] = {"unknown", "not-yet", "likely", "good"};
  return ids[verdict];
}

void
tsr_sign_set (TsrSign *sign, double value, double look, double bad, bool low, TsrRemedy remedy,
              char *found)
{
  /* comparisons with NAN are false: no such threshold */
  bool is_bad = low ? value < bad : value >= bad, is_look = low ? value < look : value >= look;
  sign->value = value;
  sign->look = look;
  sign->bad = bad;
  sign->found = found;
  sign->remedy = remedy;
  sign->state = !isfinite (value) ? TSR_SIGN_UNKNOWN
                : is_bad          ? TSR_SIGN_BAD
                : is_look         ? TSR_SIGN_LOOK
                                  : TSR_SIGN_GOOD;
}

/* --- what labels say --- */

/* The random check where it is about the predictions there are now, else the labels. */
static const TsrShare *
best_estimate (const TsrHealth *health)
{
  return health->checked.n > 0 && !health->outdated ? &health->checked : &health->held;
}

static bool
is_believed (const TsrHealth *health, const TsrShare *share)
{
  return share->n > 0 && share->share >= health->goal &&
         share->low >= health->goal - TSR_SHARE_TOLERANCE;
}

size_t
tsr_health_fewest_labels (const TsrHealth *health)
{
  return tsr_share_fewest (health->goal - TSR_SHARE_TOLERANCE);
}

static void
judge_accuracy (TsrHealth *health)
{
  const TsrShare *share = best_estimate (health);
  TsrSign *sign = &health->sign[TSR_SIGN_ACCURACY];
  bool few = share == &health->held && share->n < tsr_health_fewest_labels (health);
  char *found;
  if (few)
    found =
        g_strdup_printf (_ ("needs %zu labels of two classes"), tsr_health_fewest_labels (health));
  else if (share == &health->checked)
    found = g_strdup_printf (_ ("%zu of %zu random tiles: %.0f %% (%.0f to %.0f %%)"), share->right,
                             share->n, 100 * share->share, 100 * share->low, 100 * share->high);
  else
    found = g_strdup_printf (_ ("%zu of %zu labels are told by the others: %.0f %% (%.0f to %.0f "
                                "%%)"),
                             share->right, share->n, 100 * share->share, 100 * share->low,
                             100 * share->high);
  tsr_sign_set (sign, few ? NAN : share->share, health->goal, NAN, true, TSR_REMEDY_LABEL, found);
  if (few)
    return;
  sign->state = share->high < health->goal    ? TSR_SIGN_BAD
                : is_believed (health, share) ? TSR_SIGN_GOOD
                                              : TSR_SIGN_LOOK;
}

static void
judge_labels (TsrHealth *health)
{
  const TsrHealthClass *least = NULL;
  for (guint c = 0; c < health->classes->len; c++) {
    const TsrHealthClass *class_ = health->classes->pdata[c];
    if (!least || class_->labelled < least->labelled)
      least = class_;
  }
  char *found = least ? g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s has %u label",
                                                      "%s has %u labels", least->labelled),
                                         least->name, least->labelled)
                      : g_strdup (_ ("there is no class yet"));
  tsr_sign_set (&health->sign[TSR_SIGN_LABELS], least ? least->labelled : NAN,
                TSR_HEALTH_FEW_LABELS, NAN, true, TSR_REMEDY_LABEL, found);
}

static void
judge_separation (TsrHealth *health)
{
  const TsrShare *held = &health->held;
  TsrSign *sign = &health->sign[TSR_SIGN_SEPARATES];
  bool known = held->n >= tsr_share_fewest (TSR_SHARE_GOAL - TSR_SHARE_TOLERANCE);
  char *found = known
                    ? g_strdup_printf (_ ("labels are told in %.0f %% (at least %.0f %%), the most "
                                          "frequent class is %.0f %%"),
                                       100 * held->share, 100 * held->low, 100 * health->majority)
                    : g_strdup (_ ("needs 16 labels of two classes"));
  tsr_sign_set (sign, known ? held->low - health->majority : NAN, NAN, 0, true, TSR_REMEDY_TRAIN,
                found);
}

/* --- what was measured before --- */

static void
judge_map (TsrHealth *health, double kept, size_t neighbours)
{
  bool known = neighbours > 0 && isfinite (kept);
  char *found = known ? g_strdup_printf (_ ("%.0f %% of the %zu tiles most like a tile are near it "
                                            "on the map"),
                                         100 * kept, neighbours)
                      : g_strdup (_ ("needs a map of which that was counted"));
  tsr_sign_set (&health->sign[TSR_SIGN_KEPT], known ? kept : NAN, TSR_KEPT_LOOK, TSR_KEPT_BAD, true,
                TSR_REMEDY_MAP, found);
}

/* Nothing in the project says on whose features a distance was measured: those of InceptionV3 are
 * tens to hundreds, and for them no threshold was found. */
#define OTHER_FEATURES 10

static void
judge_frechet (TsrHealth *health, TsrProject *project)
{
  g_autoptr (GArray) series = tsr_project_series (project, "quality.frechet", NULL);
  double last = NAN, most = 0;
  for (guint i = 0; series && i < series->len; i++) {
    last = g_array_index (series, TsrMeasure, i).value;
    most = fmax (most, last);
  }
  bool other = most > OTHER_FEATURES;
  g_autofree char *number = tsr_number_decimals (last, other ? 1 : 2);
  char *found =
      !isfinite (last) ? g_strdup (_ ("needs a training that measured it"))
      : other ? g_strdup_printf (_ ("%s, on features for which no threshold is known"), number)
              : g_strdup (number);
  TsrSign *sign = &health->sign[TSR_SIGN_FRECHET];
  tsr_sign_set (sign, last, TSR_FRECHET_LOOK, TSR_FRECHET_BAD, false, TSR_REMEDY_TRAIN, found);
  if (other)
    sign->state = TSR_SIGN_UNKNOWN;
}

void
tsr_health_judge (TsrHealth *health, TsrProject *project, double kept, size_t neighbours)
{
  judge_accuracy (health);
  judge_labels (health);
  judge_separation (health);
  judge_map (health, kept, neighbours);
  judge_frechet (health, project);
}

/* --- the verdict --- */

static void
say (TsrHealth *health, TsrVerdict verdict, TsrRemedy next, char *headline, const char *advice)
{
  health->verdict = verdict;
  health->next = next;
  health->headline = headline;
  health->advice = g_strdup (advice);
}

static char *
percentages (const char *format, const TsrShare *share)
{
  g_autofree char *about =
      g_strdup_printf (_ ("about %.0f %% right (%.0f to %.0f %%)"), 100 * share->share,
                       100 * share->low, 100 * share->high);
  GString *text = g_string_new (format);
  g_string_replace (text, "%s", about, 1);
  return g_string_free (text, FALSE);
}

static const TsrHealthClass *
lacking_class (const TsrHealth *health)
{
  for (guint c = 0; c < health->classes->len; c++)
    if (((const TsrHealthClass *)health->classes->pdata[c])->lacking)
      return health->classes->pdata[c];
  return NULL;
}

static void
conclude_from_check (TsrHealth *health)
{
  const TsrShare *share = &health->checked;
  if (is_believed (health, share))
    say (health, TSR_VERDICT_GOOD, TSR_REMEDY_NONE,
         percentages (_ ("Good enough to stop: %s"), share),
         _ ("That is what tiles drawn at random say, labelled without seeing what was predicted."));
  else if (share->share >= health->goal)
    say (health, TSR_VERDICT_NOT_YET, TSR_REMEDY_CHECK, percentages (_ ("Not sure yet: %s"), share),
         _ ("The goal is reached, but so few tiles leave too much to chance: check with more."));
  else
    say (health, TSR_VERDICT_NOT_YET, TSR_REMEDY_LABEL, percentages (_ ("Not yet: %s"), share),
         _ ("Label more of what is suggested, then check again."));
}

static void
conclude_from_labels (TsrHealth *health)
{
  const TsrShare *share = &health->held;
  const TsrHealthClass *lacking = lacking_class (health);
  size_t fewest = tsr_health_fewest_labels (health);
  if (share->n == 0) {
    say (health, TSR_VERDICT_UNKNOWN, TSR_REMEDY_LABEL, g_strdup (_ ("Cannot be told yet")),
         _ ("Label tiles of at least two classes first."));
  } else if (share->n < fewest) {
    g_autofree char *advice = g_strdup_printf (
        _ ("Label at least %zu tiles: fewer could not show it even if all were told rightly."),
        fewest);
    say (health, TSR_VERDICT_UNKNOWN, TSR_REMEDY_LABEL, g_strdup (_ ("Cannot be told yet")),
         advice);
  } else if (share->high < health->goal) {
    say (health, TSR_VERDICT_NOT_YET, TSR_REMEDY_LABEL, percentages (_ ("Not yet: %s"), share),
         _ ("Label more of what is suggested."));
  } else if (lacking) {
    g_autofree char *advice = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "%s has only %u label: label more tiles of it.",
                     "%s has only %u labels: label more tiles of it.", lacking->labelled),
        lacking->name, lacking->labelled);
    say (health, TSR_VERDICT_NOT_YET, TSR_REMEDY_LABEL, percentages (_ ("Not yet: %s"), share),
         advice);
  } else if (is_believed (health, share)) {
    say (health, TSR_VERDICT_LIKELY, TSR_REMEDY_CHECK,
         percentages (_ ("Probably good enough: %s"), share),
         _ ("That is what the labels say of each other. Random tiles tell for sure."));
  } else {
    say (health, TSR_VERDICT_NOT_YET,
         share->share >= health->goal ? TSR_REMEDY_CHECK : TSR_REMEDY_LABEL,
         percentages (_ ("Not sure yet: %s"), share),
         _ ("Label more of what is suggested, or check with random tiles: chosen tiles are mostly "
            "harder than others."));
  }
}

void
tsr_health_conclude (TsrHealth *health)
{
  if (health->checked.n > 0 && !health->outdated)
    conclude_from_check (health);
  else
    conclude_from_labels (health);
}
