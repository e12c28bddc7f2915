#pragma once
/* Labels and predictions as QuPath's GeoJSON, one file a slide. */

#include "tsr-geojson-write.h"
#include "tsr-table.h"
#include "tsr-tile-place.h"

typedef struct {
  bool gzip;           /* .geojson.gz instead of .geojson */
  bool labels_only;    /* no predictions */
  bool locked;         /* annotations cannot be moved by accident in QuPath */
  TsrProject *origins; /* the table's project: says who labelled, when and how; NULL: not said */
  const char *project; /* what tells its objects from another project's of the same slides */
} TsrGeojsonOptions;

/** One file that was written. */
typedef struct {
  char *path, *slide;
  uint32_t annotations, tiles; /* objects of each kind */
} TsrGeojsonFile;

typedef struct {
  GPtrArray *files;   /* TsrGeojsonFile, in the order of the slides' first tiles */
  uint32_t placeless; /* tiles without a place on a slide: not written */
  uint32_t excluded;  /* annotations of tiles that are excluded, among those of the files */
} TsrGeojsonReport;

/** Frees what the report holds; the struct is the caller's. May be called again. */
void tsr_geojson_report_clear (TsrGeojsonReport *report);

/** Writes folder/<slide>.geojson for each slide that places[table->n] names (slide NULL: none),
 * making the folder where it is missing and replacing files of the same names that an export has
 * written; TSR_ERROR_FAILED if one is somebody else's (tsr_geojson_is_own). All files are written
 * in a folder within it before the first takes its place, so that what fails or is cancelled until
 * then leaves everything as it was. Each tile with a prediction is a “tile” object with the
 * measurements prob_<Class> (the class's score divided by the sum of all), margin and nn_distance;
 * each label an “annotation”, whose metadata say who gave it, when and how; a tile marked unsure an
 * annotation without class, called “unsure”; an excluded one, label or not, an annotation without
 * class whose name tells the label (TSR_GEOJSON_EXCLUDED), and no “tile”. Coordinates are whole
 * pixels of level 0; a place beyond ±2^31 or without extent counts as none. Memory does not grow
 * with the objects. TSR_ERROR_FAILED if no tile has a place. report is to be cleared in any case:
 * it names the files that are in their places. */
bool tsr_export_geojson (const TsrTable *table, const TsrTilePlace *places, const char *folder,
                         const TsrGeojsonOptions *options, TsrGeojsonReport *report,
                         const TsrProgress *progress, GError **error);

/** The same of one slide, by its name in places, as the file path, whose name says whether it is
 * compressed (“.gz”; options->gzip is not looked at). TSR_ERROR_FAILED if no tile lies on it. */
bool tsr_export_geojson_slide (const TsrTable *table, const TsrTilePlace *places, const char *slide,
                               const char *path, const TsrGeojsonOptions *options,
                               TsrGeojsonReport *report, const TsrProgress *progress,
                               GError **error);

/** Which of slides[n] a GeoJSON file is about, by its name without folder, “.gz”, “.geojson” and
 * “.json”: the one whose file tsr_export_geojson would call so, else the only one that is called so
 * when either name's last extension (“.svs”) is left out, or accents are spelt in Unicode's other
 * way. -1: none, or several. */
gssize tsr_geojson_find_slide (const char *path, char *const *slides, size_t n);

/** How files and objects call a tile that was looked at but could not be assessed. */
#define TSR_GEOJSON_UNSURE "unsure"

/** How they call an excluded tile: so without a label, unsure, or with its class behind it
 * (“excluded: Tumour”). tsr-region-tiles reads what tsr_export_geojson wrote. */
#define TSR_GEOJSON_EXCLUDED        "excluded"
#define TSR_GEOJSON_EXCLUDED_UNSURE "excluded, " TSR_GEOJSON_UNSURE
#define TSR_GEOJSON_EXCLUDED_OF     "excluded: "

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrGeojsonReport, tsr_geojson_report_clear)
