#pragma once
/* Listing every regular file below a folder, for tsr_folder_scan. */

#include "tsr-import.h"

typedef struct {
  char *path;     /* absolute, the file system's own bytes */
  char *relative; /* below the root, valid UTF-8 (see tsr_escape_name) */
} TsrWalkedFile;

/** Lists regular files below root into files (TsrWalkedFile) and what was left out into skipped
 * (TsrSkippedFile), neither sorted. Hidden names and Tessera's projects are passed over in silence.
 * Symbolic links are followed after everything real has been seen, so that a link never hides what
 * it points to; what was seen before (device and inode) is skipped with a reason. False only if
 * root itself cannot be read or the walk is cancelled. */
bool tsr_folder_walk (const char *root, const TsrProgress *progress, GPtrArray *files,
                      GPtrArray *skipped, GError **error);

/** Frees a file with its two names; not NULL. */
void tsr_walked_file_free (TsrWalkedFile *file);

/** An empty list of TsrSkippedFile, which frees what is added to it. Transfer full. */
GPtrArray *tsr_skipped_files_new (void);

/** Adds a TsrSkippedFile; reason becomes a sentence: a capital first, a full stop last. */
void tsr_skip_file (GPtrArray *skipped, const char *relative, const char *reason);

/** A name in valid UTF-8, different for different bytes: bytes that are no UTF-8 become \xNN, and a
 * backslash that could be mistaken for the beginning of such an escape becomes \x5C. */
char *tsr_escape_name (const char *name);

/** Compares relative paths: folder by folder, digits by their value, other characters by code with
 * letter case as a tie-break. The same everywhere, whatever the locale. */
int tsr_natural_order (const char *a, const char *b);
