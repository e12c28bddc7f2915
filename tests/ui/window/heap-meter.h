#pragma once
/* What is in use of the heap, and what was at most: every allocation of the program is counted,
 * so that not even the shortest moment is missed. For what is linked with it; not under sanitizers,
 * which have an allocator of their own. */

/** Bytes in use now; NAN where they cannot be counted. */
double heap_meter_now (void);

/** Forgets how many bytes were in use at most. */
void heap_meter_begin (void);

/** Bytes that were in use at most since heap_meter_begin. */
double heap_meter_most (void);
