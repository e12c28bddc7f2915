#include "tsr-dispute.h"

#include "tsr-project-private.h"

void
tsr_dispute_clear (TsrDispute *dispute)
{
  g_clear_pointer (&dispute->reader[0], g_free);
  g_clear_pointer (&dispute->reader[1], g_free);
}

/* c cleared the tile as a part of the act in which o gave it the other reader's label; f is the
 * entry its own label had come from. */
#define FIND                                                                                       \
  "SELECT f.annotator, o.annotator, u.before, u.after FROM label l"                                \
  " JOIN journal c ON c.seq = l.origin JOIN journal_tile t ON t.seq = c.seq AND t.tile = l.tile"   \
  " JOIN journal o ON o.seq = t.origin_before JOIN journal_tile u ON u.seq = o.seq AND u.tile = "  \
  "l.tile"                                                                                         \
  " LEFT JOIN journal f ON f.seq = u.origin_before"                                                \
  " WHERE l.tile = ?1 AND l.value = -1 AND c.action = 'label' AND c.how = 'cleared' AND c.part"    \
  " AND o.action = 'label' AND o.how = 'imported' AND u.before >= 0 AND u.after >= 0"              \
  " AND u.before <> u.after AND NOT EXISTS (SELECT 1 FROM journal p WHERE p.seq > o.seq"           \
  " AND p.seq < c.seq AND NOT p.part)"

bool
tsr_project_dispute (TsrProject *project, uint32_t tile, TsrDispute *dispute)
{
  g_autoptr (TsrStatement) find = tsr_db_prepare (project, FIND, NULL);
  if (find)
    sqlite3_bind_int64 (find, 1, tile);
  if (tsr_db_step (project, find, NULL) <= 0)
    return false;
  if (dispute)
    *dispute = (TsrDispute){
        .reader = {tsr_db_text (find, 0), tsr_db_text (find, 1)},
        .label = {sqlite3_column_int (find, 2), sqlite3_column_int (find, 3)},
    };
  return true;
}
