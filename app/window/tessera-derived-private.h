#pragma once
/* What the parts of the derived state share:
 *   tessera-derived.c           predictions, coverage, neighbours; what a change means for them
 *   tessera-derived-queue.c     the suggestions: chosen, given, put off, set aside, brought back */

#include "tessera-derived.h"

/** Whether a tile has a place on the map. */
bool tessera_derived_on_map (const TesseraDerived *derived, uint32_t tile);

/** The map's cover by everything that suggestions are to keep away from: labels, and what was
 * looked at in vain or put off, since beside it lies another like it. Owned by the caller. */
TsrCover *tessera_derived_cover_of_looked (TesseraDerived *derived);

/** Whether the queue is what farthest point sampling chose one after the other, so that it is
 * chosen anew where something else is labelled. */
bool tessera_derived_is_planned (const TesseraDerived *derived);

/** Takes a tile out of the queue or back into it after a change that the labels know already;
 * whether the rest of the queue must be chosen anew. alone: there is no other change; head: the
 * queue's first tile before the changes. */
bool tessera_derived_apply_to_queue (TesseraDerived *derived, const TsrLabelChange *change,
                                     bool alone, uint32_t head);
