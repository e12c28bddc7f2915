#pragma once
/* The latent lab: answers what the model draws between, beside and instead of the tiles, as fast as
 * somebody drags. It is a guest of the engine thread (tsr_engine_set_guest), where it keeps
 * generator and encoder open; whenever a job is queued there it frees them and waits until the job
 * is done. Asking never waits: every slot holds one request, the newest, and one answer, the
 * newest.
 *
 * Everything in W is linear; what an encoder says in Z goes through the mapping network first, but
 * for places of the map, which are mixed where the vectors lie. */

#include "tsr-blend.h"
#include "tsr-engine.h"
#include "tsr-image.h"
#include "tsr-mailbox.h"

typedef struct TsrLab TsrLab;

/** Each is asked and answered for itself. The first in this list is served first. */
typedef enum {
  TSR_LAB_SLOT_PICTURE, /* the large one, while somebody drags */
  TSR_LAB_SLOT_A,
  TSR_LAB_SLOT_B,
  TSR_LAB_SLOT_TILE,   /* "what the model sees" beside the current tile */
  TSR_LAB_SLOT_IMAGE,  /* an image that was dropped */
  TSR_LAB_SLOT_ROAD,   /* stations from a to b */
  TSR_LAB_SLOT_FRAMES, /* to be saved */
  TSR_LAB_N_SLOTS
} TsrLabSlot;

typedef enum {
  TSR_LAB_NOTHING,
  TSR_LAB_TILE,  /* the project's tile of that number, read upright */
  TSR_LAB_PLACE, /* of the map: a mixture of the tiles round it (tsr-blend.h) */
  TSR_LAB_IMAGE, /* pixels from elsewhere, read upright; their middle square */
  TSR_LAB_MEAN,  /* the mean vector of tiles: a class */
} TsrLabKind;

/** A point of the model's space. */
typedef struct {
  TsrLabKind kind;
  uint32_t tile;
  float place[2];
  GBytes *data; /* IMAGE: pixels [height][width][channels]; MEAN: uint32_t tiles, at least one */
  int width, height, channels;
} TsrLabPoint;

/** What is to be drawn. */
typedef struct {
  TsrLabPoint a, b;     /* b may be NOTHING */
  double t;             /* from a (0) to b (1) */
  uint64_t from_b;      /* layers (bit k: layer k) that are b's whatever t is: style mixing */
  TsrLabPoint from, to; /* a direction, where both are there: */
  double along;         /* so many times (to - from) is added */
  double psi;           /* truncation towards the mean w: 1 none, 0 the mean */
} TsrLabRecipe;

typedef struct {
  uint32_t n;
  TsrLabRecipe *recipes; /* [n] */
  uint32_t nearest;      /* real tiles nearest to each that are wanted, at most TSR_BLEND_MOST */
  gboolean real;         /* the tile or image that a is, as the networks see it, too */
} TsrLabRequest;

/** A request of n recipes of nothing, with psi 1. Owned by the caller. */
TsrLabRequest *tsr_lab_request_new (uint32_t n);

/** Sets *to, which holds a point already, to a copy of *from. */
void tsr_lab_point_set (TsrLabPoint *to, const TsrLabPoint *from);

/** Drops what a point holds: it is NOTHING then. */
void tsr_lab_point_clear (TsrLabPoint *point);

/** Frees a request with its points; NULL is allowed. */
void tsr_lab_request_free (TsrLabRequest *request);

/** Immutable once posted. */
typedef struct {
  char *problem;     /* a sentence: nothing was drawn; or NULL, and: */
  uint32_t n;        /* recipes */
  int size;          /* side of a picture */
  int channels;      /* 1 or 3 */
  int layers;        /* the model has: what from_b may name */
  uint8_t *pictures; /* [n][size][size][channels] */
  uint8_t *real;     /* [size][size][channels], or NULL */
  uint32_t per;      /* places for each recipe in nearest */
  uint32_t d;        /* of the next */
  float *vector;     /* [d] the first recipe among the project's vectors; NULL unless nearest were
                        asked for and there are such */
  uint32_t *nearest; /* [n][per] tiles, nearest first, UINT32_MAX where there are no more. Of a
                        place alone: those it is mixed of, nearest on the map */
} TsrLabAnswer;

/** Frees an answer; NULL is allowed. */
void tsr_lab_answer_free (TsrLabAnswer *answer);

/** What the lab sees of the project's tiles: all borrowed from owner until release (owner), from
 * any thread, when the lab has another or is gone. */
typedef struct {
  uint32_t n, d;
  const float *w;         /* [n,d], NAN where a tile has no vector; NULL: none */
  const float *map;       /* [n,2]; NULL: none */
  const char *vectors_id; /* whose the vectors are (tsr_project_get_vectors); NULL: the model's */
  gpointer owner;
  GDestroyNotify release;
} TsrLabWorld;

/** A lab for the project at path, with the project's model. model (or NULL) names another file;
 * then path may be NULL, and there are no tiles to be read. Returns a new reference. */
TsrLab *tsr_lab_new (const char *path, const char *model);

/** Takes one more reference. */
TsrLab *tsr_lab_ref (TsrLab *lab);

/** Drops a reference. */
void tsr_lab_unref (TsrLab *lab);

/** Has answers of a slot posted to mailbox (of TsrLabAnswer, freed by tsr_lab_answer_free); a
 * reference is kept. NULL: to nobody any more. */
void tsr_lab_listen (TsrLab *lab, TsrLabSlot slot, TsrMailbox *mailbox);

/** Gives it the project's vectors and map, as they are now. */
void tsr_lab_set_world (TsrLab *lab, const TsrLabWorld *world);

/** Asks (transfer full) in the place of what the slot was asked before and has not been begun; NULL
 * takes that back. */
void tsr_lab_ask (TsrLab *lab, TsrLabSlot slot, TsrLabRequest *request);

/** Whether something was asked that nobody has answered, and the lab is no engine's guest (any
 * more): then the caller makes it one (tsr_engine_set_guest with tsr_job_lab, tsr_lab_failed and a
 * reference), which this remembers. */
bool tsr_lab_wants_host (TsrLab *lab);

/** The engine that the lab was a guest of is gone: it wants another. */
void tsr_lab_lost_host (TsrLab *lab);

/** Answers until it is cancelled; lab is the data. A guest of tsr_engine_set_guest. */
bool tsr_job_lab (TsrDevice *device, GCancellable *cancellable, gpointer lab, GError **error);

/** Tells everybody who asked why there is no answer; a TsrEngineFailed. */
void tsr_lab_failed (const GError *error, gpointer lab);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrLab, tsr_lab_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrLabRequest, tsr_lab_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrLabAnswer, tsr_lab_answer_free)
