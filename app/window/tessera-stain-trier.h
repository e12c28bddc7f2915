#pragma once
/* Shows on a thread what normalising would make of some tiles: one try at a time, what was wanted
 * last comes next. Also chooses it. No GTK; main thread only. */

#include "tsr-stain-trial.h"

/** How tiles are to be normalised. */
typedef struct {
  TsrStainMethod method;
  TsrReference reference; /* not looked at with NONE */
} TesseraStainWish;

/** What a wish makes of the tiles; everything is borrowed. */
typedef struct {
  TesseraStainWish wish;
  uint32_t n;            /* tiles; 0: none could be read */
  int size;              /* their side in pixels */
  const uint32_t *tiles; /* [n] their numbers */
  const uint8_t *before; /* [n][size][size][3] as they were scanned */
  const uint8_t *after;  /* the same as networks get them; NULL with a reason */
  uint32_t unchanged;    /* of the tiles, those whose slide tells no stain */
  const char *reason;    /* why there is nothing to see, a sentence; or NULL */
} TesseraStainTry;

typedef void (*TesseraStainTryFunc) (const TesseraStainTry *one, gpointer user);

typedef struct TesseraStainTrier TesseraStainTrier;

/** Tries on at most n tiles of the project at path; done is told of each try but those given up. */
TesseraStainTrier *tessera_stain_trier_new (const char *path, uint32_t n, TesseraStainTryFunc done,
                                            gpointer user);

/** Gives up what is under way; done is not called any more. NULL is allowed. */
void tessera_stain_trier_free (TesseraStainTrier *trier);

/** Tries this next, instead of what was wanted before and has not begun. */
void tessera_stain_trier_want (TesseraStainTrier *trier, const TesseraStainWish *wish);

/** Whether a try is under way or wanted. */
gboolean tessera_stain_trier_is_busy (const TesseraStainTrier *trier);

/** Makes a wish the setting of the project at path, as `tessera normalise` does, on a thread;
 * progress is to stay until it is done. */
void tessera_stain_choose_async (const char *path, const TesseraStainWish *wish,
                                 const TsrProgress *progress, GAsyncReadyCallback callback,
                                 gpointer user);

/** Ends it: how many slides tell no stain (tiles that lie on none count as one), or -1 with error,
 * and then nothing has changed. */
int tessera_stain_choose_finish (GAsyncResult *result, GError **error);
