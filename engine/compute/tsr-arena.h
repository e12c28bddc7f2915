#pragma once
/* Scratch memory planned ahead: values with lifetimes get places so that what lives at the same
 * time never overlaps. One arena serves several executors that run one after another; it is as
 * large as the largest of them.
 *
 * On CPU devices it is one block with values anywhere in it. Elsewhere it is a row of buffers, each
 * for one value at a time: sub-buffers that overlap cost NVIDIA's driver a search at every launch
 * and crash it when released. */

#include "tsr-device.h"

typedef struct {
  size_t bytes;
  uint32_t first, last; /* steps at which it is written first and read last */
  size_t place;         /* out: an offset, or which buffer */
} TsrLifetime;

/** Places n lifetimes (greedily, larger first) at offsets that are multiples of alignment. Returns
 * the total size. */
size_t tsr_arena_plan (TsrLifetime *values, size_t n, size_t alignment);

/** Gives each of n lifetimes a buffer of its own while it lives (greedily, larger first) and sets
 * place to its number. Returns how large the buffers must be, largest first: GArray of size_t,
 * owned by the caller. */
GArray *tsr_arena_plan_buffers (TsrLifetime *values, size_t n);

typedef struct TsrArena TsrArena;

/** Makes an arena on device (borrowed) that has reserved nothing and taken no memory yet. Owned by
 * the caller. */
TsrArena *tsr_arena_new (TsrDevice *device);
/** Frees the arena with its memory; views of it must be gone. NULL is allowed. */
void tsr_arena_free (TsrArena *arena);

/** Places the values of one executor and reserves what they need; none after the memory is taken
 * may need more. Returns the bytes of this plan. */
size_t tsr_arena_place (TsrArena *arena, TsrLifetime *values, size_t n);

/** Takes the memory (once), and returns a view of it for a placed value, owned by the caller; NULL
 * with error. */
TsrBuffer *tsr_arena_view (TsrArena *arena, const TsrLifetime *value, GError **error);

/** Whether the memory has been taken. */
bool tsr_arena_is_there (const TsrArena *arena);

/** Bytes reserved. */
size_t tsr_arena_bytes (const TsrArena *arena);

/** Bytes of the largest single buffer. */
size_t tsr_arena_largest (const TsrArena *arena);
