#pragma once
/* What most commands do first: open the project, choose the rule. */

#include "tessera-command.h"
#include "tsr-project.h"
#include "tsr-table.h"
#include "tsr-tile-source.h"

/* All of tsr_rule_name and of tsr_strategy_name, as choices. */
#define TESSERA_RULES      "map,w,knn,spread,linear"
#define TESSERA_STRATEGIES "fps,random,fps-dense,kmeans,margin,mix"

/** Opens the project named by the first argument. */
TsrProject *tessera_cli_open (TesseraCli *cli, TsrProjectMode mode, GError **error);

/** The rule of --rule, else the project's own setting, else the map. */
TsrRule tessera_cli_rule (TesseraCli *cli, TsrProject *project);

/** Who labels: --annotator (which the command has checked to be UTF-8), else the project's setting,
 * else the user's name; transfer full. */
char *tessera_cli_annotator (TesseraCli *cli, TsrProject *project);

/** Adds "skipped": [{file, reason}] to the result and lists the files on standard error. */
void tessera_cli_report_skipped (TesseraCli *cli, GPtrArray *skipped);

/** The same for a command that fails: “skipped” then stands beside “error”, alone. Says nothing
 * where no file was refused. */
void tessera_cli_report_refused (TesseraCli *cli, GPtrArray *refused);

/** Adds "missing_files" to the result, and says on standard error that there are some. */
void tessera_cli_report_lost (TesseraCli *cli, const TsrLostTiles *lost);

/** Sets "map_is_stale": whether the map, and what is predicted by it, is one of another model's
 * vectors than the project's, and says so on standard error. */
bool tessera_cli_report_map (TesseraCli *cli, TsrProject *project, GError **error);

/** Takes out of the table what a check with random tiles that is open hides, since who answers it
 * may read what is written: sets "hidden_by_check", whether that was any prediction, and says so on
 * standard error. */
void tessera_cli_veil (TesseraCli *cli, TsrProject *project, TsrTable *table);

/** Sets "vectors_are_stale": whether the project's vectors are of tiles normalised in another way
 * than it says now, and says so on standard error. */
bool tessera_cli_report_vectors (TesseraCli *cli, TsrProject *project, GError **error);

/** The number of the slide called name in slides (TsrProjectSlide); -1 with a sentence if there is
 * none. */
int tessera_cli_find_slide (const GPtrArray *slides, const char *name, GError **error);

/** {"tile": number, "file": name}; transfer full. */
json_t *tessera_cli_tile (char *const *names, uint32_t tile);
