#pragma once
/* A folder of images becomes a list of tiles; what cannot be read is listed with its reason and
 * stops nothing. */

#include "tsr-image.h"
#include "tsr-progress.h"

typedef struct {
  char *path;     /* absolute, in the file system's own bytes */
  char *relative; /* below the folder, UTF-8 with escapes where the name is not UTF-8 */
  char *folder;   /* first folder below the root, NULL at the top: the class if the user says so */
  int width, height, channels;
} TsrFoundTile;

typedef struct {
  char *file;   /* as relative */
  char *reason; /* one sentence */
} TsrSkippedFile;

typedef struct {
  GPtrArray
      *tiles; /* TsrFoundTile, sorted by relative name in a locale-independent natural order */
  GPtrArray *skipped; /* TsrSkippedFile */
} TsrFolderScan;

/** Frees both lists with their elements; NULL is allowed. */
void tsr_folder_scan_free (TsrFolderScan *scan);

/** Walks folder (symbolic links followed, loops and repeats noticed), probes and decodes every file
 * once on several threads. NULL with error if the folder cannot be read or holds no readable image
 * (the message says how many were refused and why). */
TsrFolderScan *tsr_folder_scan (const char *folder, const TsrProgress *progress, GError **error);

/** The same, and *refused (GPtrArray of TsrSkippedFile, transfer full) is what was refused when it
 * failed, also where that was every file; NULL if it succeeded. */
TsrFolderScan *tsr_folder_scan_explained (const char *folder, GPtrArray **refused,
                                          const TsrProgress *progress, GError **error);
