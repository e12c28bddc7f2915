/* The pool of host threads: every index exactly once, never more than one loop, under stress from
 * several threads. */
#include "tsr-parallel.h"

#include <glib.h>
#include <stdatomic.h>
#include <time.h>

typedef struct {
  size_t n, grain;
  atomic_uchar *hits;
  atomic_uint inside, most_inside;
  atomic_uint workers[256]; /* how many are in the body under each worker number */
} Marks;

static void
mark (size_t begin, size_t end, unsigned worker, void *data)
{
  Marks *marks = data;
  g_assert_cmpuint (worker, <, tsr_parallel_workers ());
  g_assert_cmpuint (begin, <, end);
  g_assert_cmpuint (end, <=, marks->n);
  if (marks->grain) {
    g_assert_cmpuint (end - begin, <=, marks->grain);
    g_assert_cmpuint (begin % marks->grain, ==, 0);
  }
  g_assert_cmpuint (atomic_fetch_add (&marks->workers[worker], 1), ==,
                    0); /* scratch by worker is never shared */
  unsigned inside = atomic_fetch_add (&marks->inside, 1) + 1,
           most = atomic_load (&marks->most_inside);
  while (inside > most && !atomic_compare_exchange_weak (&marks->most_inside, &most, inside))
    continue;
  for (size_t i = begin; i < end; i++)
    atomic_fetch_add (&marks->hits[i], 1);
  atomic_fetch_sub (&marks->inside, 1);
  atomic_fetch_sub (&marks->workers[worker], 1);
}

static void
check_loop (size_t n, size_t grain)
{
  Marks marks = {.n = n, .grain = grain};
  marks.hits = g_new0 (atomic_uchar, n + 1);
  tsr_parallel_for (n, grain, mark, &marks);
  g_assert_cmpuint (atomic_load (&marks.inside), ==, 0); /* nobody is left behind when it returns */
  for (size_t i = 0; i < n; i++)
    g_assert_cmpuint (atomic_load (&marks.hits[i]), ==, 1);
  g_assert_cmpuint (atomic_load (&marks.most_inside), <=, tsr_parallel_workers ());
  g_free (marks.hits);
}

static void
test_coverage (void)
{
  static const size_t sizes[] = {0, 1, 2, 3, 15, 16, 17, 100, 1023, 10007};
  static const size_t grains[] = {0, 1, 2, 7, 16, 1000, 100000};
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (unsigned j = 0; j < G_N_ELEMENTS (grains); j++)
      check_loop (sizes[i], grains[j]);
}

/* Thousands of tiny loops: a late helper must not touch a loop that has returned. */
static void
test_many_loops (void)
{
  for (int i = 0; i < 20000; i++)
    check_loop (1 + i % 9, 1);
}

static gpointer
run_loops (gpointer data)
{
  for (int i = 0; i < 1500; i++)
    check_loop (1 + i % 50, 1 + i % 3);
  return NULL;
}

static void
test_several_callers (void)
{
  GThread *threads[8];
  for (unsigned i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("caller", run_loops, NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
add_chunk (size_t begin, size_t end, unsigned worker, void *data)
{
  double *sums = data, sum = 0;
  for (size_t i = begin; i < end; i++)
    sum += 1.0 / (double)(i + 1);
  sums[begin / 64] = sum;
}

/* Sums by chunk are the same numbers every time. */
static void
test_repeatable (void)
{
  double first = 0;
  for (int repeat = 0; repeat < 50; repeat++) {
    double sums[157] = {0}, sum = 0;
    tsr_parallel_for (10000, 64, add_chunk, sums);
    for (int i = 0; i < 157; i++)
      sum += sums[i];
    if (repeat == 0)
      first = sum;
    g_assert_true (sum == first);
  }
  g_assert_cmpfloat (first, >, 9.787606);
  g_assert_cmpfloat (first, <, 9.787607);
}

static double
process_seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void
test_idle_threads_sleep (void)
{
  check_loop (1000, 1);
  double before = process_seconds ();
  g_usleep (300000);
  g_assert_cmpfloat (process_seconds () - before, <, 0.05);
}

int
main (int argc, char **argv)
{
  g_setenv ("TESSERA_THREADS", "5",
            TRUE); /* more threads than this machine may have cores: worse interleavings */
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpuint (tsr_parallel_workers (), ==, 5);
  g_test_add_func ("/parallel/coverage", test_coverage);
  g_test_add_func ("/parallel/many-loops", test_many_loops);
  g_test_add_func ("/parallel/several-callers", test_several_callers);
  g_test_add_func ("/parallel/repeatable", test_repeatable);
  g_test_add_func ("/parallel/idle-threads-sleep", test_idle_threads_sleep);
  return g_test_run ();
}
