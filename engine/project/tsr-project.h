#pragma once
/* The project file: one SQLite database (.tessera). A handle belongs to one thread; every thread
 * that needs the project opens its own (WAL lets readers and one writer work side by side). Tiles
 * are numbered 0..n-1 in the order they joined and are never deleted, only excluded, so a tile's
 * number is its identity for good. */

#include "tsr-column.h"
#include "tsr-import.h"
#include "tsr-progress.h"

#include <stdint.h>

typedef struct TsrProject TsrProject;

typedef enum { TSR_PROJECT_READ_ONLY, TSR_PROJECT_READ_WRITE } TsrProjectMode;

/** Creates a new project file; fails if path exists. */
TsrProject *tsr_project_create (const char *path, GError **error);

/** Opens a project: checks application_id and schema version, migrates an older one (a copy is kept
 * until that is done), repairs nothing silently. TSR_ERROR_NEWER, TSR_ERROR_CORRUPT,
 * TSR_ERROR_BUSY, TSR_ERROR_PROJECT. */
TsrProject *tsr_project_open (const char *path, TsrProjectMode mode, GError **error);
/** Moves what waits in the log into the project's file, as far as nobody is in the way: for idle
 * moments, so that a copy of that file alone lacks as little as can be. Loses nothing if it fails.
 */
void tsr_project_settle (TsrProject *project);
/** Closes the file and frees the handle; what was stored is on disk already. NULL is allowed. */
void tsr_project_close (TsrProject *project);

/** A thorough check, which reads everything: SQLite's integrity check, and the journal replayed
 * against the labels and classes stored. TSR_ERROR_CORRUPT says what is wrong. */
bool tsr_project_check (TsrProject *project, GError **error);

/** The file's absolute path, as it was named (borrowed). */
const char *tsr_project_path (const TsrProject *project);

/* ---- settings: a flat key -> text table ("resolution", "channels", "rule", "annotator",
 * "train.preset", ...) ---- */

/** Returns the value (transfer full) or NULL if unset. */
char *tsr_project_get (TsrProject *project, const char *key);
/** Sets a value; NULL removes the key. */
bool tsr_project_set (TsrProject *project, const char *key, const char *value, GError **error);

/* ---- tiles ---- */

/** Adds what a folder scan found, with thumbnails (JPEG, at most 96 px, the decoding parallel), in
 * one transaction; tiles already there (same file) are left as they are. labels_from_folders stores
 * the first folder's name as ground truth. Returns how many were added, or -1. */
gint64 tsr_project_add_tiles (TsrProject *project, const char *root, const TsrFolderScan *scan,
                              bool labels_from_folders, const TsrProgress *progress,
                              GError **error);

/** The files a scan refused, kept with the project: GPtrArray of TsrSkippedFile. */
GPtrArray *tsr_project_skipped (TsrProject *project);

/** How many tiles there are. Arrays of n that other functions of this handle fill or return hold as
 * many as this function said last, even if another process has added tiles since. 0 if the project
 * cannot be read. */
uint32_t tsr_project_n_tiles (TsrProject *project);

/** The tile's file as stored resolved against the project's folder (transfer full); NULL if there
 * is no such tile, or if it has no file of its own because it is a region of a slide. What it looks
 * like whatever it is: tsr-tile-pictures.h. */
char *tsr_project_tile_path (TsrProject *project, uint32_t tile);

/** Names as shown and exported (relative to the folder they came from): char*[n] in one array,
 * NULL-terminated; g_strfreev. */
char **tsr_project_tile_names (TsrProject *project);

/** The same names one after the other in one block, each with its 0: of a million tiles read in
 * less than half the time, and kept without a pointer each. `former` (or NULL), what this gave
 * before, once more where nothing has changed: tsr-reread.h. Transfer full; NULL with error if they
 * cannot be read. */
GBytes *tsr_project_reread_names (TsrProject *project, GBytes *former, GError **error);

/** Finds a tile by name, by number ("#12") or by path. Returns false if there is none or the name
 * is ambiguous. */
bool tsr_project_find_tile (TsrProject *project, const char *name, uint32_t *tile, GError **error);

/** The cached thumbnail decoded into image; false if it is missing. */
bool tsr_project_thumbnail (TsrProject *project, uint32_t tile, TsrImage *image, GError **error);

/** Ground truth: names (NULL-terminated, transfer full) of its classes and, for each tile, an index
 * into them or -1. Returns NULL if no tile has any. truth has room for n tiles. */
char **tsr_project_truth (TsrProject *project, int32_t *truth);

/* ---- classes ---- */

#define TSR_MAX_CLASS_NAME 100 /* characters */

/** The keys a class is given or offered, in this order. f, l, m, u and x are not among them: with a
 * plain letter the window fits the map, starts a lasso, marks as unsure and excludes, and a class
 * with that key would hide it. */
#define TSR_CLASS_KEYS "123456789abcdeghijknopqrstvwyz"

typedef struct {
  int32_t id; /* for good; never reused */
  char *name;
  uint32_t rgb;  /* 0xRRGGBB */
  char key;      /* '1'..'9', 'a'..'z' or 0; see TSR_CLASS_KEYS */
  int32_t shape; /* marker shape, 0 circle, 1 square, 2 triangle, 3 diamond, ... */
} TsrClass;

/** Frees a class with its name; NULL is allowed. */
void tsr_class_free (TsrClass *class_);

/** The classes in their order: GPtrArray of TsrClass. */
GPtrArray *tsr_project_classes (TsrProject *project);

/** Adds a class at the end with the next free colour (tsr-marker.h), shape and key of
 * TSR_CLASS_KEYS (0 when all are taken); rgb < 0 chooses. Names are trimmed and unique in the list.
 * TSR_ERROR_USAGE on a name that is empty, taken, not UTF-8, longer than TSR_MAX_CLASS_NAME, or
 * that holds control characters (it is shown on buttons, in legends and as a folder). Returns its
 * id (1, 2, ...), or -1. */
int32_t tsr_project_add_class (TsrProject *project, const char *name, int64_t rgb, GError **error);

/** Changes name, colour, key and shape of class_->id. TSR_ERROR_USAGE if the key belongs to another
 * class or the name could not be a new class's; a name that stays as it is may be of any kind. */
bool tsr_project_update_class (TsrProject *project, const TsrClass *class_, GError **error);

/** Makes `classes` (GPtrArray of TsrClass that were added once) the list, in this order and with
 * these names, looks and keys, in one transaction: takes back or does again a change that is not in
 * the journal. TSR_ERROR_USAGE if a class would leave the list that has labels. */
bool tsr_project_put_classes (TsrProject *project, const GPtrArray *classes, GError **error);

/** The class each name of the ground truth means now (transfer full, one for each name,
 * TSR_LABEL_NONE if none): the one of that name, whatever its case, else the one that had it once,
 * also under its new name or where it was merged into. keep: remembers what was found, which needs
 * a project opened for writing; without it nothing is written. */
int32_t *tsr_project_truth_classes (TsrProject *project, char *const *names,
                                    const GPtrArray *classes, bool keep);

/** The class that a class is now: itself while it is one of the list `classes`, else the one it was
 * merged into, or that one, and so on; TSR_LABEL_NONE if it was removed. */
int32_t tsr_project_class_now (TsrProject *project, const GPtrArray *classes, int32_t id);

/* ---- labels: an append-only journal; every call below is one entry, on disk (fsync) when it
 * returns ----
 *
 * A call that changes nothing (no tiles; clearing what has no label; excluding what is excluded)
 * appends nothing. Labelling a tile with the class it has is a confirmation and an entry. If a tile
 * is named twice in one call the last one counts; changes come ordered by tile. *changes is NULL
 * when the call fails. */

#define TSR_LABEL_NONE (-1)
#define TSR_LABEL_UNSURE                                                                           \
  (-2) /* looked at and not assessable: not suggested again, propagates nothing */

typedef enum {
  TSR_HOW_SUGGESTED, /* from the queue of suggestions */
  TSR_HOW_PICKED,    /* clicked by the user's own choice */
  TSR_HOW_LASSO,     /* lasso, box or grid: several at once */
  TSR_HOW_IMPORTED,  /* from a file */
  TSR_HOW_CLEARED,
  TSR_HOW_COMMAND,   /* tessera label */
  TSR_HOW_CONSENSUS, /* decided after two readers had disagreed */
  TSR_HOW_CHECK,     /* in a check with random tiles, without seeing what is predicted */
  TSR_N_HOWS
} TsrHow;

/** "suggested", "picked", "lasso", "imported", "cleared", "command", "consensus", "check", as in
 * the file and in exports; one out of range counts as picked. Static. */
const char *tsr_how_name (TsrHow how);

typedef struct {
  uint32_t tile;
  int32_t before, after; /* class id, TSR_LABEL_NONE or TSR_LABEL_UNSURE */
  bool excluded_before, excluded_after;
} TsrLabelChange;

/** Labels `count` tiles with values[i] (or all with values[0] if one_value) as one entry. changes
 * (or NULL) receives a GArray of TsrLabelChange, transfer full. */
bool tsr_project_label (TsrProject *project, const uint32_t *tiles, const int32_t *values,
                        size_t count, bool one_value, TsrHow how, const char *annotator,
                        GArray **changes, GError **error);

/** Excludes tiles (artefacts) from map, training and suggestions, or readmits them; their labels
 * stay in the journal, where it counts as picked. */
bool tsr_project_exclude (TsrProject *project, const uint32_t *tiles, size_t count, bool excluded,
                          const char *annotator, GArray **changes, GError **error);

/** The same, and the journal says how: TSR_HOW_IMPORTED for what a file says. */
bool tsr_project_exclude_as (TsrProject *project, const uint32_t *tiles, size_t count,
                             bool excluded, TsrHow how, const char *annotator, GArray **changes,
                             GError **error);

/** Merges class `from` into `into`: its tiles change label and it leaves the list. Undo brings both
 * back. */
bool tsr_project_merge_class (TsrProject *project, int32_t from, int32_t into,
                              const char *annotator, GArray **changes, GError **error);

/** Removes a class; its labels are cleared. Undo brings both back. */
bool tsr_project_remove_class (TsrProject *project, int32_t id, const char *annotator,
                               GArray **changes, GError **error);

/** Undoes the newest entry in effect, and all of its act, which appends an entry for each and
 * survives a restart. With nothing
 * to undo it returns true with *changes (or NULL; transfer full) an empty array. description (or
 * NULL): what was undone, for a toast (transfer full). */
bool tsr_project_undo (TsrProject *project, const char *annotator, GArray **changes,
                       char **description, GError **error);
/** Redoes the newest entry undone and not yet redone; otherwise as tsr_project_undo. */
bool tsr_project_redo (TsrProject *project, const char *annotator, GArray **changes,
                       char **description, GError **error);
/** Makes the labels and the list of classes what they were right after entry seq (0: before the
 * first), as one entry that undo takes back; labels say again who gave them and when. Leads to
 * every moment, also one whose entries have been undone since. A moment that is as it is now
 * appends nothing. *undone (or NULL): how many entries in effect came after it. changes as
 * everywhere. TSR_ERROR_FAILED where there is no such entry. */
bool tsr_project_revert (TsrProject *project, int64_t seq, const char *annotator, uint32_t *undone,
                         GArray **changes, GError **error);

/** Begins an act: what is done to the project until its end is one transaction, there as a whole or
 * not at all, and the entries it makes are one for undo and redo. Undo, redo and revert have no
 * place in it. */
bool tsr_project_begin_act (TsrProject *project, GError **error);
/** Ends it, on disk when it returns true. With ok false, or if something in it has failed, nothing
 * of it was done. */
bool tsr_project_end_act (TsrProject *project, bool ok, GError **error);

/** Whether tsr_project_undo has something to undo; false also if the journal cannot be read. */
bool tsr_project_can_undo (TsrProject *project);
/** The number of the newest entry in effect, which undo would take back; 0: none. Redo brings the
 * number back too, so it names a state of the labels. */
int64_t tsr_project_undo_entry (TsrProject *project);
/** Whether tsr_project_redo has something to redo; false also if the journal cannot be read. */
bool tsr_project_can_redo (TsrProject *project);

/** The state now: label[n] and excluded[n] (either may be NULL). */
bool tsr_project_labels (TsrProject *project, int32_t *label, uint8_t *excluded, GError **error);

/** Who labelled a tile last, when and how; false if it has no label. Strings transfer full. */
bool tsr_project_label_origin (TsrProject *project, uint32_t tile, char **annotator,
                               gint64 *unix_us, TsrHow *how);

/** The same of all tiles at once: by[n] receives the index of who labelled a tile last in the names
 * returned (ascending, each once; NULL-terminated, transfer full), -1 where it has no label, how[n]
 * (uint8_t of TsrHow) how. n is tsr_project_n_tiles. NULL with error. */
char **tsr_project_label_origins (TsrProject *project, int32_t *by, uint8_t *how, GError **error);

typedef struct {
  int64_t seq;
  gint64 unix_us;
  char *annotator;
  char *action; /* "label", "exclude", "readmit", "merge", "remove-class", "undo", "redo",
                   "revert" */
  TsrHow how;
  uint32_t count; /* tiles touched */
  char *detail; /* names as they were then: the class ("" cleared, "?" unsure, "*" several), "A → B"
                   merged, "#seq ..." undone, "#seq" gone back to */
} TsrJournalEntry;

/** Frees an entry with its texts; NULL is allowed. */
void tsr_journal_entry_free (TsrJournalEntry *entry);

/** The journal, newest first, at most `limit`: GPtrArray of TsrJournalEntry. */
GPtrArray *tsr_project_journal (TsrProject *project, uint32_t limit);

/** What entry seq did to each tile (for an undo or redo: what that did), ordered by tile: GArray of
 * TsrLabelChange, transfer full, empty if there is no such entry. Tiles that joined after the last
 * tsr_project_n_tiles may be among them. */
GArray *tsr_project_journal_changes (TsrProject *project, int64_t seq);

/** A number that grows with every journal entry, also those of other processes: poll it to notice
 * them. */
int64_t tsr_project_journal_seq (TsrProject *project);

/* ---- columns of a table the user joined ---- */

#define TSR_MAX_COLUMNS 64

/** Stores columns (GPtrArray of TsrColumn, of n tiles each) in one transaction; those of the same
 * name are replaced. TSR_ERROR_USAGE on a name that is empty or too long, or on too many columns.
 */
bool tsr_project_put_columns (TsrProject *project, const GPtrArray *columns, GError **error);

/** All columns in the order they joined: GPtrArray of TsrColumn, transfer full. Tiles that joined
 * after a column have no value in it. */
GPtrArray *tsr_project_columns (TsrProject *project, GError **error);

/** The same; a column that is among `former` (GPtrArray of TsrColumn, or NULL) word for word is
 * that one, with one more reference. */
GPtrArray *tsr_project_reread_columns (TsrProject *project, const GPtrArray *former,
                                       GError **error);

/** Removes a column; *found (or NULL) says whether there was one. */
bool tsr_project_remove_column (TsrProject *project, const char *name, bool *found, GError **error);

/* ---- what the engine computes ---- */

/** Stores W vectors of tiles [first, first + count), d floats each, of the model named by model_id.
 * Vectors of another model or length are dropped in the same transaction: those of two models never
 * stand side by side. */
bool tsr_project_put_vectors (TsrProject *project, const char *model_id, uint32_t first,
                              uint32_t count, uint32_t d, const float *w, GError **error);
/** When the newest set of vectors began to be made, in unix microseconds; 0 where that is not known
 * (an older version made it). */
gint64 tsr_project_vectors_since (TsrProject *project);
/** Drops all W vectors (another model). */
bool tsr_project_clear_vectors (TsrProject *project, GError **error);
/** All W vectors: *w [n,d] (g_free), rows without a vector are NAN. false (no error) if there are
 * none. model_id: transfer full or NULL. */
bool tsr_project_get_vectors (TsrProject *project, float **w, uint32_t *d, char **model_id,
                              GError **error);
/** The same in bytes: `former` (or NULL), what this gave before, once more where nothing has
 * changed. */
bool tsr_project_reread_vectors (TsrProject *project, GBytes *former, GBytes **w, uint32_t *d,
                                 char **model_id, GError **error);

/** Stores the map in the place of the former: y [n,2], NAN for tiles not on it (excluded, not yet
 * embedded). info is a JSON text of how it was made. */
bool tsr_project_put_map (TsrProject *project, const float *y, uint32_t n, const char *info,
                          GError **error);
/** Reads the map: *y [n,2] and *info (or NULL) are transfer full. *n is what it was stored with,
 * less than the number of tiles if some have joined since. False without error if there is none;
 * TSR_ERROR_CORRUPT if its size is wrong. */
bool tsr_project_get_map (TsrProject *project, float **y, uint32_t *n, char **info, GError **error);
/** The same in bytes and of all tiles there are, NAN of those that have joined since: `former` (or
 * NULL), what this gave before, once more where nothing has changed. */
bool tsr_project_reread_map (TsrProject *project, GBytes *former, GBytes **y, char **info,
                             GError **error);

/** Names of strategies for lists that are to be worked through as they are, and not chosen anew
 * after each label: tiles that two readers disagree on, and what a second reader is to read. */
#define TSR_SUGGESTED_CONSENSUS "consensus"
#define TSR_SUGGESTED_READING   "reading"

/** Stores the queue of suggested tiles, in order, in the place of the former, and how they were
 * chosen (the setting "suggestions.strategy"). */
bool tsr_project_put_suggestions (TsrProject *project, const uint32_t *tiles, size_t n,
                                  const char *strategy, GError **error);
/** The stored queue in order: GArray of uint32_t, transfer full; empty if there is none or it
 * cannot be read. */
GArray *tsr_project_get_suggestions (TsrProject *project);

/** Sets the model's file, stored relative to the project too where possible; NULL: none. */
bool tsr_project_set_model (TsrProject *project, const char *path, GError **error);
/** The model's file, absolute, transfer full: found relative to the project, or where it was if it
 * is only there. NULL if none is set; the file need not exist. */
char *tsr_project_get_model (TsrProject *project);

/* ---- what trainings of the model measured ---- */

#define TSR_MAX_SERIES 500 /* values of one series */

/** One value of a series (a name such as "loss.g") after so many thousand images. */
typedef struct {
  const char *series;
  double kimg, value;
} TsrMeasure;

/** Forgets what was measured beyond so many thousand images, in all series (-1: everything, a model
 * begins anew; INFINITY: nothing), and adds measures[n], in one transaction. One of the same series
 * and place is replaced, values that are not finite are left out. A series of more than
 * TSR_MAX_SERIES values is thinned evenly; its ends stay. */
bool tsr_project_put_measures (TsrProject *project, double beyond, const TsrMeasure *measures,
                               size_t n, GError **error);

/** A series by rising kimg: GArray of TsrMeasure whose series is the argument, transfer full; empty
 * if there is none. NULL with error. */
GArray *tsr_project_series (TsrProject *project, const char *series, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrProject, tsr_project_close)
