#pragma once
/* How a project's tiles are normalised before a network sees them: by which method, towards what,
 * and how each of its slides is stained. A slide is stained once, so each has its own stain; tiles
 * that lie on no slide share one, because nothing says which of them were stained together. Kept as
 * settings: "normalise" (the method), "normalise.id", and as JSON (tsr_stain_to_json)
 * "normalise.reference", "normalise.files" and "normalise.slide.N", N a slide's number. */

#include "tsr-project.h"
#include "tsr-stain.h"

typedef struct {
  bool known; /* it has been looked for; what was found may be NONE with a problem */
  TsrStain stain;
} TsrKnownStain;

typedef struct {
  TsrStainMethod method; /* NONE: tiles stay as they were scanned, and the rest is empty */
  char *id; /* "macenko-1a2b3c4d": method, reference and the stains of the tiles there were
               when it was chosen; slides that join do not change it. NULL of NONE */
  TsrStain reference; /* what tiles are to look like */
  uint32_t n_slides;
  TsrKnownStain *of; /* [n_slides + 1]: by slide, then of tiles that lie on none */
} TsrProjectStains;

/** Reads how the project's tiles are normalised; free with tsr_project_stains_clear.
 * TSR_ERROR_CORRUPT if what is stored makes no sense. */
bool tsr_project_stains_read (TsrProject *project, TsrProjectStains *stains, GError **error);

/** Stores it in the place of the former, in one transaction. Makes stains->id where it is NULL. */
bool tsr_project_stains_write (TsrProject *project, TsrProjectStains *stains, GError **error);

/** Frees what stains holds, once or more often; the struct is the caller's. */
void tsr_project_stains_clear (TsrProjectStains *stains);

/** The name of vectors that a model made of tiles normalised so, from the model's own: that, or
 * "MODEL+ID"; transfer full. */
char *tsr_project_stains_vectors_id (const TsrProjectStains *stains, const char *model_id);

/** Whether the project's vectors are of tiles that were normalised in another way than it says now.
 * False where it has none. *stale is false on failure. */
bool tsr_project_stains_stale (TsrProject *project, bool *stale, GError **error);

/** "macenko-1a2b3c4d", of method and reference alone: what a model that was trained so expects of
 * any project; "none"; transfer full. */
char *tsr_project_stains_look (const TsrProjectStains *stains);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrProjectStains, tsr_project_stains_clear)
