#pragma once
/* How good the labelling is by now and whether to stop: estimates of how often predictions are
 * right, which labels the others disagree with, how far the labels reach, and the signs by which
 * the method's ways of failing show. One report for the window and for `tessera health`. */

#include "tsr-audit.h"
#include "tsr-rule.h"
#include "tsr-share.h"

/** The fewest labels of a class for all that to say something: of 4 of 4 told the interval begins
 * at 51 %, of 3 of 3 at 44 %, which a coin would do. */
#define TSR_HEALTH_FEW_LABELS 4

/** How many further labels the coverage looks ahead. */
#define TSR_HEALTH_MORE 10

/** Tiles that neighbours and clusters are found among, evenly spread by number, where there are
 * more. */
#define TSR_HEALTH_SAMPLE 5000

/** Tiles of a random check where nobody said how many. */
#define TSR_HEALTH_CHECK 30

typedef enum {
  TSR_SIGN_ACCURACY,  /* low estimated accuracy */
  TSR_SIGN_LABELS,    /* a class has too few labels */
  TSR_SIGN_SEPARATES, /* labels do not tell each other better than guessing would */
  TSR_SIGN_KEPT,      /* the map tears neighbours apart */
  TSR_SIGN_PICKS,     /* suggestions look alike */
  TSR_SIGN_FRECHET,   /* generated tiles are far from real ones */
  TSR_SIGN_BATCH,     /* neighbours come from the same slide, scanner, stain */
  TSR_SIGN_CLUSTERS,  /* a cluster is nearly one of those */
  TSR_N_SIGNS
} TsrSignKind;

typedef enum {
  TSR_SIGN_UNKNOWN, /* cannot be told yet */
  TSR_SIGN_GOOD,
  TSR_SIGN_LOOK, /* worth a look */
  TSR_SIGN_BAD
} TsrSignState;

/** What helps. */
typedef enum {
  TSR_REMEDY_NONE,
  TSR_REMEDY_LABEL,     /* label what is suggested, or draw new suggestions */
  TSR_REMEDY_SUGGEST,   /* draw new suggestions, typical ones */
  TSR_REMEDY_TRAIN,     /* train longer */
  TSR_REMEDY_MAP,       /* make the map, or go on with it */
  TSR_REMEDY_NORMALISE, /* stain normalisation */
  TSR_REMEDY_CHECK,     /* check with random tiles */
  TSR_REMEDY_W          /* let predictions follow the vectors, not the map */
} TsrRemedy;

typedef struct {
  TsrSignState state;
  TsrRemedy remedy;
  double value;     /* NAN where unknown */
  double look, bad; /* where the states begin; NAN where there is none */
  char *found;      /* what was found, a short translated phrase; never NULL */
} TsrSign;

/** "accuracy", "labels", "separates", "kept", "picks", "frechet", "batch", "clusters"; static. */
const char *tsr_sign_id (TsrSignKind kind);
/** "unknown", "good", "look", "bad"; static. */
const char *tsr_sign_state_id (TsrSignState state);
/** "none", "label", "suggest", "train", "map", "normalise", "check", "w"; static. */
const char *tsr_remedy_id (TsrRemedy remedy);
/** What the sign is about, a few translated words; static. */
const char *tsr_sign_name (TsrSignKind kind);
/** Where it becomes doubtful or bad and why there, a translated sentence; static. */
const char *tsr_sign_threshold (TsrSignKind kind);
/** What to do about it, a translated sentence; static. */
const char *tsr_sign_remedy (TsrSignKind kind);

typedef struct {
  int32_t id; /* as TsrClass */
  char *name;
  uint32_t labelled, predicted;
  TsrShare held;    /* its labels, each left out */
  TsrShare checked; /* of the random check, tiles that were given this class */
  bool lacking;     /* fewer than TSR_HEALTH_FEW_LABELS labels */
} TsrHealthClass;

typedef struct {
  uint32_t tile;
  int32_t label, told; /* class ids: its own, and what the others say */
  bool stale;          /* given before the vectors were made anew */
} TsrDiscordant;

/** Where tiles come from: slides, or a joined column of categories. */
typedef struct {
  char *name;                       /* of the column; NULL: slides */
  double same, chance, coefficient; /* as TsrMixing */
} TsrHealthSource;

/** A cluster in W that is nearly one group. */
typedef struct {
  char *source, *group; /* source as TsrHealthSource.name */
  uint32_t size, most;  /* tiles, and those of the group */
  double expected;      /* the group's share of all tiles */
  GArray *tiles;        /* uint32_t, ascending */
} TsrHealthCluster;

typedef enum {
  TSR_VERDICT_UNKNOWN, /* cannot be told yet */
  TSR_VERDICT_NOT_YET,
  TSR_VERDICT_LIKELY, /* the labels say so, a random check does not yet */
  TSR_VERDICT_GOOD
} TsrVerdict;

/** "unknown", "not-yet", "likely", "good"; static. */
const char *tsr_verdict_id (TsrVerdict verdict);

typedef struct {
  uint32_t n, labelled, unsure, excluded;
  TsrRule rule;
  double goal;
  TsrVerdict verdict;
  char *headline, *advice; /* translated sentences: the verdict, and what to do next */
  TsrRemedy next;
  GPtrArray *classes; /* TsrHealthClass, in the user's order */
  TsrShare held;      /* labels, each left out */
  double majority;    /* share of the most frequent class among them */
  TsrAudit *audit;    /* the random check, or NULL */
  TsrShare checked;   /* of it; n 0 until it is done */
  size_t aside;       /* tiles of it that were set aside */
  bool outdated; /* it was about another rule, map or model, or about more labels than there are */
  double radius, radius_more;   /* of coverage, over the map's longer side; NAN without a map,
                                   INFINITY without labels */
  uint32_t more;                /* radius_more is after so many further labels */
  GArray *discordant;           /* TsrDiscordant, the stale ones first, then by tile */
  GPtrArray *sources;           /* TsrHealthSource */
  GPtrArray *clusters;          /* TsrHealthCluster, the largest first */
  uint32_t sampled, n_clusters; /* tiles that neighbours were found among, and clusters in all */
  TsrSign sign[TSR_N_SIGNS];
} TsrHealth;

/** Measures everything that can be told of the project as it is; what cannot is unknown, and no
 * error. rule: by which predictions are made. goal in [0.5, 1), or 0: the project's setting, else
 * TSR_SHARE_GOAL. Writes nothing. Owned by the caller; NULL when cancelled or where the project
 * cannot be read. The same project gives the same report, for any number of threads. */
TsrHealth *tsr_health_new (TsrProject *project, TsrRule rule, double goal,
                           const TsrProgress *progress, GError **error);

/** The clusters alone, as the report has them, for who does not want to wait for all of it:
 * GPtrArray of TsrHealthCluster, owned by the caller, empty where no tile is known to come from
 * anywhere (which takes no time). NULL when cancelled or where the project cannot be read. */
GPtrArray *tsr_health_clusters (TsrProject *project, const TsrProgress *progress, GError **error);

/** Labels from which on `held` says anything: all of fewer could be told without reaching the lower
 * end that the goal asks for, and of one label in each class none can be told, which is no sign. */
size_t tsr_health_fewest_labels (const TsrHealth *health);

/** Frees the report with everything in it; NULL is allowed. */
void tsr_health_free (TsrHealth *health);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrHealth, tsr_health_free)
