#pragma once
/* One pool of host threads for the engine's plain-C loops. Idle threads sleep on a condition
 * variable and never spin, because they share the cores with PoCL's and oneDNN's. */

#include <stddef.h>

/** Called for the half-open range [begin, end); worker is in [0, tsr_parallel_workers ()). */
typedef void (*TsrParallelBody) (size_t begin, size_t end, unsigned worker, void *data);

/** Returns how many threads take part in tsr_parallel_for, the caller included (TESSERA_THREADS,
 * else the online cores). */
unsigned tsr_parallel_workers (void);

/** Runs body over [0, n) in chunks of at most grain (0: chosen). Blocks until all chunks are done.
 * Which thread takes which chunk is not fixed: for bit-for-bit repeatable sums, reduce per chunk
 * (begin / grain), never per worker. Calls from several threads are served one after another; body
 * must not call tsr_parallel_for. */
void tsr_parallel_for (size_t n, size_t grain, TsrParallelBody body, void *data);
