#pragma once
/* Scratch memory planned ahead: values with lifetimes get offsets so that what lives at the same
 * time never overlaps. One arena serves several executors that run one after another; it is as
 * large as the largest of them. */

#include "tsr-device.h"

typedef struct {
  size_t bytes;
  uint32_t first, last; /* steps at which it is written first and read last */
  size_t offset;        /* out */
} TsrLifetime;

/** Places n lifetimes (greedily, larger first) at offsets that are multiples of alignment. Returns
 * the total size. */
size_t tsr_arena_plan (TsrLifetime *values, size_t n, size_t alignment);

typedef struct TsrArena TsrArena;

/** Makes an arena on device (borrowed) that has reserved nothing and taken no memory yet. Owned by
 * the caller. */
TsrArena *tsr_arena_new (TsrDevice *device);
/** Frees the arena with its memory; views of it must be gone. NULL is allowed. */
void tsr_arena_free (TsrArena *arena);

/** Asks for at least bytes when the memory is taken. */
void tsr_arena_reserve (TsrArena *arena, size_t bytes);

/** Takes the memory (once; later calls return the same). Borrowed; NULL with error. Reserve no more
 * after this. */
TsrBuffer *tsr_arena_buffer (TsrArena *arena, GError **error);

/** Whether the memory has been taken. */
bool tsr_arena_is_there (const TsrArena *arena);

/** Bytes reserved. */
size_t tsr_arena_bytes (const TsrArena *arena);
