#pragma once
/* Files that are either the old one or the new one, never half of each. */

#include <gio/gio.h>
#include <stdbool.h>
#include <stdio.h>

/** Fills a freshly opened temporary file; returns false with error set to give up. */
typedef bool (*TsrFileFill) (FILE *file, void *data, GError **error);

/** Writes `path` through a temporary file beside it, fsync, rename and fsync of the folder. A
 * failure (full disk included) leaves the former file as it was and removes the temporary one. A
 * link stays, and what it leads to is replaced; a pipe or a device is refused, not replaced, and so
 * is a project (“.tessera”, and what SQLite keeps beside it), a file that may not be written to,
 * and one that its first bytes say is of another kind than the new one (a picture by a table). The
 * new file may be read and written by whom the former one could be. */
bool tsr_file_replace (const char *path, TsrFileFill fill, void *data, GError **error);

/** Whether a file may be replaced that is there: who took the right to write away, from everybody
 * (root is asked, too) or from us, wants it kept. */
bool tsr_file_check_writable (const char *path, GError **error);

/** Where a file written to path comes to lie: links are followed, also where they lead to nothing
 * yet. Absolute where the folder is there; transfer full. */
char *tsr_file_place (const char *path);

/** Sets error from errno for an operation ("write", "open") on path, choosing TSR_ERROR_NO_SPACE
 * for ENOSPC and EDQUOT. Says what to do. */
void tsr_file_set_errno (GError **error, int code, const char *operation, const char *path,
                         int errsv);

/** The same from an error of GLib's (G_FILE_ERROR) or GIO's (G_IO_ERROR). */
void tsr_file_set_cause (GError **error, int code, const char *operation, const char *path,
                         const GError *cause);

/** Opens a file for reading, and never waits: a pipe, a device or a folder is refused at once. The
 * descriptor, the caller's to close, or -1 with one sentence (code; TSR_ERROR_NO_SPACE never). */
int tsr_file_open_regular (const char *path, int code, GError **error);

/** Whether folder may be filled: it is not there yet, or it is empty. Files that somebody has are
 * never mixed with those written, or written over. */
bool tsr_file_check_new_folder (const char *folder, GError **error);
