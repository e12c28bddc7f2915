#pragma once
/* Tiles that are files get their places on slides: from tables, or from their names. */

#include "tsr-place-table.h"
#include "tsr-project-place.h"

typedef struct {
  char *const *tables;     /* ended by NULL; NULL: the tiles' names say (tsr-tile-place.h) */
  char *const *slides;     /* files and folders among which slides are looked for; or NULL */
  double side;             /* of a tile in pixels of level 0, where a table does not say; 0: not
                              known */
  double mpp;              /* micrometres a pixel where a slide's file does not say; NAN */
  bool strict;             /* a table or a slide that cannot be used ends it all */
  const char *side_option; /* what says `side`, for the sentence that asks for it; NULL: nothing */
  const char *slides_option; /* the same of `slides` */
} TsrPlacingOptions;

/** One slide that tiles have been placed on. */
typedef struct {
  char *name; /* as the project calls it */
  uint32_t tiles;
} TsrPlacedSlide;

typedef struct {
  uint32_t files;     /* tiles that are files */
  uint32_t placed;    /* of these */
  uint32_t unknown;   /* rows about no tile of the project */
  uint32_t ambiguous; /* rows about several */
  uint32_t bad;       /* rows that make no sense */
  GPtrArray *slides;  /* TsrPlacedSlide, in the order of their first tiles */
  GPtrArray *missing; /* char *: slides whose files nobody knows; their tiles stay as they were */
  GPtrArray *refused; /* TsrSkippedFile: tables and slides that were left out, and tables with rows
                         that make no sense, a sentence each */
  GArray *tiles;      /* uint32_t: which have been placed */
  GArray *before;     /* TsrTileRegion of each: where it lay */
  uint32_t n_slides;  /* how many the project had */
} TsrPlacingReport;

/** Empties a report that has not been used. */
void tsr_placing_report_init (TsrPlacingReport *report);

/** Frees what it holds, once or more often; the struct is the caller's. */
void tsr_placing_report_clear (TsrPlacingReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrPlacingReport, tsr_placing_report_clear)

/** Says where the project's tiles that are files lie. A slide's file is the one called like it
 * among options->slides, or the only one of the only slide; else the project's slide of that name
 * is meant. It joins the project without being cut. One transaction a slide
 * (tsr_project_place_tiles): a place outside of its slide keeps all of that slide's away. False
 * with one sentence where that is asked for (strict), where no tile could be placed, and when it is
 * cancelled; slides that were done by then stay, and the report, which has been initialised, tells
 * them. */
bool tsr_place_tiles (TsrProject *project, const TsrPlacingOptions *options,
                      TsrPlacingReport *report, const TsrProgress *progress, GError **error);

/** Takes back what the report tells of: tiles lie where they lay, and slides that had joined go.
 * One transaction. */
bool tsr_placing_undo (TsrProject *project, const TsrPlacingReport *report, GError **error);
