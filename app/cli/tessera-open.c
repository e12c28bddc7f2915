#include "tessera-open.h"

#include "tsr-audit.h"

#include "tsr-import.h"
#include "tsr-project-stains.h"

#define MAX_SHOWN 20 /* skipped files listed for people; --json has all */

TsrProject *
tessera_cli_open (TesseraCli *cli, TsrProjectMode mode, GError **error)
{
  TsrProject *project = tsr_project_open (cli->arguments[0], mode, error);
  tessera_cli_set_text (cli->result, "project", cli->arguments[0]);
  return project;
}

TsrRule
tessera_cli_rule (TesseraCli *cli, TsrProject *project)
{
  const char *given = tessera_options_text (cli->options, "rule");
  g_autofree char *stored = given ? NULL : tsr_project_get (project, "rule");
  TsrRule rule = TSR_RULE_MAP;
  tsr_rule_from_name (given ? given : stored, &rule);
  return rule;
}

char *
tessera_cli_annotator (TesseraCli *cli, TsrProject *project)
{
  const char *given = tessera_options_text (cli->options, "annotator");
  if (given)
    return g_strdup (given);
  char *stored = tsr_project_get (project, "annotator");
  return stored ? stored : g_utf8_make_valid (g_get_user_name (), -1);
}

void
tessera_cli_report_skipped (TesseraCli *cli, GPtrArray *skipped)
{
  json_t *list = json_array ();
  for (guint i = 0; i < skipped->len; i++) {
    const TsrSkippedFile *file = g_ptr_array_index (skipped, i);
    json_t *entry = json_object ();
    tessera_cli_set_text (entry, "file", file->file);
    tessera_cli_set_text (entry, "reason", file->reason);
    json_array_append_new (list, entry);
    g_autofree char *name = tessera_cli_shown (file->file);
    g_autofree char *reason = tessera_cli_shown (file->reason);
    if (i < MAX_SHOWN)
      tessera_cli_note (cli, "Skipped %s: %s", name, reason);
    else if (i == MAX_SHOWN)
      tessera_cli_note (cli, "… and %u more; --json lists them all.", skipped->len - MAX_SHOWN);
  }
  json_object_set_new (cli->result, "skipped", list);
}

void
tessera_cli_report_refused (TesseraCli *cli, GPtrArray *refused)
{
  if (refused->len == 0)
    return;
  json_object_clear (cli->result);
  tessera_cli_report_skipped (cli, refused);
  cli->result_on_fail = true;
}

void
tessera_cli_report_lost (TesseraCli *cli, const TsrLostTiles *lost)
{
  json_object_set_new (cli->result, "missing_files",
                       json_integer (lost->thumbnails + lost->failed));
  if (lost->thumbnails + lost->failed > 0)
    tessera_cli_note (cli,
                      "Of %u %s the files could not be read: taken from small thumbnails %u, left "
                      "grey %u. Check that their folder or slide is where it was; "
                      "“tessera relink” finds slides that have been moved.",
                      lost->thumbnails + lost->failed,
                      tessera_cli_noun (lost->thumbnails + lost->failed, "tile", "tiles"),
                      lost->thumbnails, lost->failed);
}

bool
tessera_cli_report_map (TesseraCli *cli, TsrProject *project, GError **error)
{
  g_autofree float *y = NULL, *w = NULL;
  g_autofree char *info = NULL, *model_id = NULL;
  uint32_t n, d;
  g_autoptr (GError) cause = NULL;
  bool stale = tsr_project_get_map (project, &y, &n, &info, &cause) &&
               tsr_project_get_vectors (project, &w, &d, &model_id, &cause) &&
               tsr_map_info_is_stale (info, model_id);
  if (cause) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return false;
  }
  json_object_set_new (cli->result, "map_is_stale", json_boolean (stale));
  if (stale)
    tessera_cli_note (cli,
                      "The map is still that of the former model; “tessera map” makes a new one.");
  return true;
}

void
tessera_cli_veil (TesseraCli *cli, TsrProject *project, TsrTable *table)
{
  g_autoptr (TsrAudit) audit = tsr_audit_load (project);
  bool veiled = tsr_audit_veil_table (audit, table);
  json_object_set_new (cli->result, "hidden_by_check", json_boolean (veiled));
  if (!veiled)
    return;
  if (audit->state == TSR_AUDIT_RUNNING)
    tessera_cli_note (cli, "A check with random tiles is running: predictions are left out until "
                           "its tiles are labelled, or the check is interrupted in the window.");
  else
    tessera_cli_note (cli, "A check with random tiles is interrupted: what is predicted of those "
                           "still to be labelled is left out.");
}

bool
tessera_cli_report_vectors (TesseraCli *cli, TsrProject *project, GError **error)
{
  bool stale;
  if (!tsr_project_stains_stale (project, &stale, error))
    return false;
  json_object_set_new (cli->result, "vectors_are_stale", json_boolean (stale));
  if (stale)
    tessera_cli_note (cli, "The vectors are still those of tiles normalised in another way; "
                           "“tessera embed” makes new ones, and a new training a better model.");
  return true;
}

json_t *
tessera_cli_tile (char *const *names, uint32_t tile)
{
  json_t *object = json_object ();
  json_object_set_new (object, "tile", json_integer (tile));
  tessera_cli_set_text (object, "file", names[tile]);
  return object;
}
