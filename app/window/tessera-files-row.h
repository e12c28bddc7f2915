#pragma once
/* A row that asks for files, or for a folder of them, and says what is wrong with those. */

#include <adwaita.h>

#define TESSERA_TYPE_FILES_ROW (tessera_files_row_get_type ())
G_DECLARE_FINAL_TYPE (TesseraFilesRow, tessera_files_row, TESSERA, FILES_ROW, AdwActionRow)

/** Signal: "changed" (): other files are chosen. */

/** What the row says; translated, and copied where it is kept. */
typedef struct {
  const char *title;
  const char *hint;        /* what files are wanted: below the title, and over the dialog */
  const char *folder_hint; /* what folder */
  const char *files;       /* the names of the buttons: choose files, */
  const char *folder;      /* choose a folder, */
  const char *clear;       /* and none at all */
  const char *none;        /* that there is no such file in the folder; NULL with wanted NULL */
  gboolean (*wanted) (const char *name); /* which files of a folder it stands for, name in small
                                            letters; NULL: the folder itself is what is chosen */
} TesseraFilesRowTexts;

/** A row without files; floating reference. */
GtkWidget *tessera_files_row_new (const TesseraFilesRowTexts *texts);

/** The files, or folders, as they are chosen: char *, never NULL; borrowed. */
const GPtrArray *tessera_files_row_get (TesseraFilesRow *row);

/** Replaces them by these (ended by NULL), as if the user had chosen them. */
void tessera_files_row_choose (TesseraFilesRow *row, const char *const *paths);

/** Says in a sentence what is wrong with the files, or, if they can be used all the same, what is
 * to be known of them; NULL: nothing. */
void tessera_files_row_show_problem (TesseraFilesRow *row, const char *sentence, gboolean usable);
