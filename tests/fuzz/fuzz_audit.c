/* libFuzzer target: the JSON of a check with random tiles, which comes with a project from others.
 * What was read is written and read as the same. Built by tests/fuzz/build.sh. */

#include "fuzz.h"
#include "tsr-audit.h"

#define TILES 500

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  static uint8_t seen[TILES];
  g_autofree char *text = g_strndup ((const char *)bytes, n);
  g_autoptr (TsrAudit) audit = tsr_audit_parse (text, TILES);
  if (!audit)
    return 0;
  if (audit->tiles->len < 1)
    abort ();
  memset (seen, 0, sizeof seen);
  for (guint i = 0; i < audit->tiles->len; i++) {
    const TsrAuditTile *tile = &g_array_index (audit->tiles, TsrAuditTile, i);
    if (tile->tile >= TILES || seen[tile->tile]++ || tile->predicted < 1 ||
        tile->answer < TSR_LABEL_UNSURE)
      abort ();
  }
  g_autofree char *written = tsr_audit_format (audit);
  g_autoptr (TsrAudit) again = tsr_audit_parse (written, TILES);
  g_autofree char *twice = again ? tsr_audit_format (again) : NULL;
  if (g_strcmp0 (written, twice) != 0)
    abort ();
  return 0;
}
