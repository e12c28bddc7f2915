#pragma once
/* An SQLite VFS whose power can be cut. It passes everything on to the real one and remembers what
 * has not been synced; after the cut it puts the files into a state that a real disk could have
 * been left in: what was synced is there, of the rest anything may be. Kills do not show this,
 * since the kernel writes out what a killed process had written. */

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  POWER_CUT_DROP,   /* nothing that was not synced reached the disk */
  POWER_CUT_PREFIX, /* some of it did, in order */
  POWER_CUT_SUBSET, /* some of it did, in any order */
  POWER_CUT_TORN,   /* some sectors of 512 bytes of it did */
  POWER_CUT_KEEP,   /* all of it did */
  POWER_CUT_N_MODES
} PowerCutMode;

/** Makes it the VFS that new connections of this process use. */
void power_cut_register (void);

/** What lies on the disk now counts as synced; the power fails at the at-th write, truncation,
 * removal or sync from now on (the first is 1), or never (0). No connection may be open. */
void power_cut_arm (uint64_t at);

/** How many writes, truncations, removals and syncs there were since. */
uint64_t power_cut_count (void);

/** Whether the power has failed: from then on nothing works. */
bool power_cut_happened (void);

/** Puts the disk into a state after the cut, power on again. All connections must be closed. */
void power_cut_restore (PowerCutMode mode, uint64_t seed);
