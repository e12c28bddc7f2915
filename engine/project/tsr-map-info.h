#pragma once
/* What the project keeps beside a map: how it was made, and how far it can be trusted. JSON in the
 * map's own row, so that neither is ever without the other. */

#include "tsr-trust.h"

#include <glib.h>

typedef struct {
  char *method;      /* "tsne", "pca" or "umap"; NULL: not said */
  char *model;       /* whose vectors it is of; NULL: not said */
  uint32_t tiles;    /* on it when it was made */
  double balance;    /* of W's axes before t-SNE or UMAP (tsr_balance_axes); 0: none, or not said */
  double perplexity; /* 0: not said */
  uint32_t neighbours; /* of UMAP; 0: not said */
  double kl;           /* NAN: not said */
  double total_s;
  int iterations; /* all that were made, those that went on included */
  uint64_t seed;
  bool stopped;   /* by somebody, before its iterations were all made */
  TsrTrust trust; /* k 0: not measured */
  uint8_t *kept;  /* [n] of each tile's trust.k nearest in W those that are near on the map;
                     TSR_TRUST_UNKNOWN: not known. NULL: not measured */
  uint32_t n;     /* tiles of the project when that was stored */
  char *text;     /* what it was read from, or NULL */
} TsrMapInfo;

/** Reads what tsr_project_get_map gives (NULL, or not JSON: nothing is said). Never NULL. */
TsrMapInfo *tsr_map_info_parse (const char *text);

/** Frees the info with what it holds; NULL is allowed. */
void tsr_map_info_free (TsrMapInfo *info);

/** The JSON for tsr_project_put_map, transfer full. What stood beside these fields in the text it
 * was read from stays. */
char *tsr_map_info_format (const TsrMapInfo *info);

/** Makes kept [n] longer, for tiles that have joined: unknown. Nothing happens where it is NULL. */
void tsr_map_info_resize (TsrMapInfo *info, uint32_t n);

/** The share of a tile's nearest in W that are among its nearest on the map, 0 to 1; NAN where it
 * is not known. */
double tsr_map_info_kept (const TsrMapInfo *info, uint32_t tile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrMapInfo, tsr_map_info_free)
