#pragma once
/* The kinds of tessera bench, one file each, and what they share. */

#include "tessera-command.h"
#include "tessera-timing.h"

extern const TesseraCommand tessera_bench_train, tessera_bench_embed, tessera_bench_tsne,
    tessera_bench_classify, tessera_bench_draw, tessera_bench_import, tessera_bench_slide,
    tessera_bench_lab;

/** Memory for [n,d] floats (g_free); NULL with an error when there is not enough. */
float *tessera_bench_floats (size_t n, size_t d, GError **error);

/** The most memory the process has held so far, in bytes. */
int64_t tessera_bench_peak_memory (void);

/** Sets "peak_memory_bytes", a whole number as every count of bytes. */
void tessera_bench_report_memory (TesseraCli *cli, int64_t bytes);

/** Sets key to median_s, p99_s, worst_s and runs, and prints a line with `text`, in milliseconds.
 */
void tessera_bench_report (TesseraCli *cli, const char *key, const char *text,
                           const TesseraTiming *timing);
