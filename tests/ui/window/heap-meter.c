#include "heap-meter.h"

#include <math.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)

double
heap_meter_now (void)
{
  return NAN;
}

void
heap_meter_begin (void)
{
}

double
heap_meter_most (void)
{
  return NAN;
}

#else

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own under their other names */
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *block, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *block);

static _Atomic long used, most;

static void
count (long bytes)
{
  long now = atomic_fetch_add_explicit (&used, bytes, memory_order_relaxed) + bytes;
  long before = atomic_load_explicit (&most, memory_order_relaxed);
  while (now > before && !atomic_compare_exchange_weak_explicit (
                             &most, &before, now, memory_order_relaxed, memory_order_relaxed))
    ;
}

static void *
counted (void *block)
{
  if (block)
    count ((long)malloc_usable_size (block));
  return block;
}

void *
malloc (size_t size)
{
  return counted (__libc_malloc (size));
}

void *
calloc (size_t n, size_t size)
{
  return counted (__libc_calloc (n, size));
}

/* A block that grows does not count twice: a large one is moved page by page. */
void *
realloc (void *block, size_t size)
{
  long before = block ? (long)malloc_usable_size (block) : 0;
  void *grown = __libc_realloc (block, size);
  if (grown || size == 0)
    count ((grown ? (long)malloc_usable_size (grown) : 0) - before);
  return grown;
}

void *
memalign (size_t alignment, size_t size)
{
  return counted (__libc_memalign (alignment, size));
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return counted (__libc_memalign (alignment, size));
}

int
posix_memalign (void **block, size_t alignment, size_t size)
{
  void *found = counted (__libc_memalign (alignment, size));
  if (!found)
    return ENOMEM;
  *block = found;
  return 0;
}

void
free (void *block)
{
  if (block)
    count (-(long)malloc_usable_size (block));
  __libc_free (block);
}

double
heap_meter_now (void)
{
  return (double)atomic_load (&used);
}

void
heap_meter_begin (void)
{
  atomic_store (&most, atomic_load (&used));
}

double
heap_meter_most (void)
{
  return (double)atomic_load (&most);
}

#endif
