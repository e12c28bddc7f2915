#pragma once
/* What the files of engine/project share; nothing outside engine/project and its tests includes
 * this. */

#include "tsr-error.h"
#include "tsr-file.h"
#include "tsr-i18n.h"
#include "tsr-project-slides.h"
#include "tsr-project.h"
#include "tsr-slide-fingerprint.h"

#include <sqlite3.h>

struct TsrProject {
  sqlite3 *db;
  char *path;   /* absolute, as the user named it */
  char *file;   /* the same without symbolic links: SQLite's log lies beside this one */
  char *folder; /* the real folder of the file, where relative paths start */
  bool read_only;
  bool damaged;           /* something in the file is not as it should be */
  GHashTable *statements; /* address of an SQL literal -> sqlite3_stmt */
  GHashTable *roots;      /* id of a root -> its folder now, char * */
  void *guard;            /* tsr-project-guard.c; NULL: none is needed */
  bool n_known;           /* tsr_project_n_tiles has been called */
  uint32_t n;             /* what it returned */
  bool in_act;            /* between tsr_project_begin_act and its end: one transaction */
  bool act_failed;        /* something in it has failed: it will be taken back */
  int64_t act_start;      /* the journal's newest entry when it began */
};

/* ---- the connection: tsr-project-database.c ---- */

/** A statement owned by the project's cache; leaving its scope resets it, which ends its read
 * transaction. */
typedef sqlite3_stmt TsrStatement;
/** Resets a statement and drops its bindings; it stays in the cache. NULL is allowed. */
void tsr_statement_done (TsrStatement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TsrStatement, tsr_statement_done)

/** Sets error from SQLite's last error on this connection: a sentence that names the project.
 * Always returns false. */
bool tsr_db_fail (TsrProject *project, GError **error);

/** Sets TSR_ERROR_CORRUPT: what is stored contradicts itself, as `what` says. Always returns false.
 */
bool tsr_db_corrupt (TsrProject *project, const char *what, GError **error);

/** Sets TSR_ERROR_PROJECT: the project or its folder is read-only, and which files to copy
 * elsewhere. Always returns false. */
bool tsr_db_fail_read_only (const TsrProject *project, GError **error);

/** Prepares a statement once for each SQL literal (compared by address). NULL with error. */
TsrStatement *tsr_db_prepare (TsrProject *project, const char *sql, GError **error);

/** 1: a row, 0: done, -1: failed with error. statement may be NULL (preparing it failed, error is
 * set): -1. */
int tsr_db_step (TsrProject *project, TsrStatement *statement, GError **error);

/** Runs a prepared statement that returns no rows and makes it ready for its next bindings. */
bool tsr_db_run (TsrProject *project, TsrStatement *statement, GError **error);

/** Runs SQL without parameters. */
bool tsr_db_exec (TsrProject *project, const char *sql, GError **error);

/** The first column of the first row of a statement without parameters; otherwise if it has no row
 * or fails. */
int64_t tsr_db_int (TsrProject *project, const char *sql, int64_t otherwise);

/** Starts a write transaction at once, waiting a few seconds for other writers (TSR_ERROR_BUSY). In
 * an act it joins the act's. */
bool tsr_db_begin (TsrProject *project, GError **error);

/** Commits if ok, else rolls back. Returns whether everything is on disk; in an act whether it is
 * well so far, and the act's end decides. */
bool tsr_db_end (TsrProject *project, bool ok, GError **error);

/** A text column as a new valid UTF-8 string, empty for NULL. */
char *tsr_db_text (TsrStatement *statement, int column);

/** A blob column as a new NUL-terminated byte string that holds no other NUL, or NULL. */
char *tsr_db_bytes (TsrStatement *statement, int column);

/** Binds a byte string (a path) as a blob; NULL binds NULL. */
void tsr_db_bind_bytes (TsrStatement *statement, int index, const char *bytes);

typedef enum {
  TSR_CONNECT_READ,      /* cannot write, not even to clear away SQLite's own files */
  TSR_CONNECT_IMMUTABLE, /* the same without locks and index: nobody may write meanwhile */
  TSR_CONNECT_WRITE,
} TsrConnection;

/** Opens SQLite on project->path with every safety switch set. Reads nothing of the file yet. */
bool tsr_db_connect (TsrProject *project, TsrConnection how, GError **error);

/** Closes the connection, if there is one. The last one anywhere moves what waits in the log into
 * the file and removes log and index; from a damaged file that was only read, what waits stays
 * where it is. */
void tsr_db_disconnect (TsrProject *project);

#define TSR_DB_HEAD 100 /* bytes of a database's header */

/** Reads the file's first bytes into head: how many there are up to TSR_DB_HEAD, -1 with error. The
 * project must not be connected. */
int tsr_db_read_head (TsrProject *project, uint8_t head[TSR_DB_HEAD], GError **error);

/** Whether the file with this ending ("-wal", "-journal") lies beside the project and holds
 * something. */
bool tsr_db_has_content (const TsrProject *project, const char *suffix);

/* ---- locks that outlive other people's close (): tsr-project-guard.c ---- */

/** Before the first lock of a new connection: no guard is let go until tsr_guard_leave. */
void tsr_guard_enter (void);
/** After tsr_guard_take, or where none is taken. */
void tsr_guard_leave (void);

/** Whether the log beside the file is in use for another file that was called so, or the file for
 * another log: SQLite would lay the pages of one over the other. To be asked before enter. */
bool tsr_guard_is_replaced (const TsrProject *project);

/** Guards an open connection in WAL mode until tsr_guard_close. Where the system has no such locks
 * SQLite's own must do. */
void tsr_guard_take (TsrProject *project);

/** Closes the connection if it is open, and lets the guard go if it was this process's last on the
 * file. A guarded connection must not be closed between enter and leave. */
void tsr_guard_close (TsrProject *project);

/* ---- WAL or rollback journal: tsr-project-journal-mode.c ---- */

/** Whether the folder lies on a file system where WAL's shared memory does not work (network
 * shares, FUSE). */
bool tsr_project_folder_is_remote (const char *folder);

/** Connects and chooses the journal mode; wal: the file's header says WAL now. On failure error is
 * set, and a connection may be left for tsr_db_disconnect. */
bool tsr_db_open (TsrProject *project, bool wal, GError **error);

/* ---- schema: tsr-project-schema.c ---- */

#define TSR_PROJECT_APPLICATION_ID 0x54735072 /* "TsPr" */

/** One migration: SQL statements, NULL-terminated, that bring version i to version i + 1. */
typedef const char *const *TsrSchemaStep;

typedef struct {
  const TsrSchemaStep *steps;
  int version; /* how many steps: the newest version */
} TsrSchema;

extern const TsrSchema tsr_project_schema;

/** Applies the steps from version `from` inside the caller's transaction and sets user_version and
 * application_id. */
bool tsr_schema_apply (sqlite3 *db, const TsrSchema *schema, int from);

/** Checks that the tables of an opened file are the schema's own, word for word, without triggers
 * or views. */
bool tsr_schema_verify (TsrProject *project, const TsrSchema *schema, GError **error);

/** Puts something into a project that is being made, inside the transaction that makes it. */
typedef bool (*TsrProjectFill) (TsrProject *project, void *data, GError **error);

/** Creates a project file that is empty but for what fill (or NULL) does. It gets its name when all
 * of that is on disk; fails if path exists. */
bool tsr_project_create_filled (const char *path, const TsrSchema *schema, TsrProjectFill fill,
                                void *data, GError **error);

/** tsr_project_create with another schema, for the tests of migrations; not opened. */
bool tsr_project_create_with (const char *path, const TsrSchema *schema, GError **error);
/** tsr_project_open with another schema, for the tests of migrations. */
TsrProject *tsr_project_open_with (const char *path, TsrProjectMode mode, const TsrSchema *schema,
                                   GError **error);

/* ---- what tells it from other projects: tsr-project-id.c ---- */

/** Gives a project that has just been opened an id unless it has one. Who reads, and who cannot
 * write just now, leaves it for another time. */
void tsr_project_ensure_id (TsrProject *project);

/* ---- paths: tsr-project-paths.c ---- */

/** `target` (absolute) relative to `folder` (absolute), with ".." where needed; NULL if they share
 * nothing but "/". */
char *tsr_path_relative (const char *folder, const char *target);

/** The absolute path without symbolic links, as far as it is there; transfer full. */
char *tsr_path_real (const char *path);

/** Bytes of a file name as UTF-8; what is not UTF-8 becomes \xNN. */
char *tsr_path_display (const char *bytes);

/** What is left of path below folder (not its leading slash), borrowed from path; NULL if it is not
 * below. */
const char *tsr_path_below (const char *path, const char *folder);

/* ---- tiles: tsr-project-tiles.c ---- */

/** Number of tiles in the file now; -1 with error. */
int64_t tsr_project_count_tiles (TsrProject *project, GError **error);

/** The number of tiles the caller believes in: what tsr_project_n_tiles last said. Arrays of n hold
 * that many. */
uint32_t tsr_project_known_tiles (TsrProject *project);

/** Where a root's folder is now (borrowed): found relative to the project if its tiles are there,
 * else where it was. */
const char *tsr_project_root_folder (TsrProject *project, int64_t root, GError **error);

/** The id of the root at `folder` (absolute, real), inside the caller's transaction: added if it is
 * new, its place noted again if it has moved. -1 with error. */
int64_t tsr_project_ensure_root (TsrProject *project, const char *folder, GError **error);

/** Finds the tile whose file is `path` (absolute). 1 found, 0 not, -1 error. */
int tsr_project_tile_of_path (TsrProject *project, const char *path, uint32_t *tile,
                              GError **error);

/* ---- thumbnails on their way into the file: tsr-project-spool.c ----
 *
 * What is decoded before the file is locked waits in a nameless file beside the project, so that
 * memory stays bounded and nobody who labels meanwhile is kept waiting. */

#define TSR_THUMBNAIL_SIZE    96
#define TSR_THUMBNAIL_QUALITY 85

typedef struct TsrSpool TsrSpool;

/** Where a thumbnail waits. */
typedef struct {
  int64_t offset;
  uint32_t length;
} TsrSpooled;

/** An empty spool; the project must outlive it. NULL with error. */
TsrSpool *tsr_spool_new (TsrProject *project, GError **error);

/** Frees the spool with all that waits in it; NULL is allowed. */
void tsr_spool_free (TsrSpool *spool);

/** Appends a thumbnail (JPEG) and says where it is. */
bool tsr_spool_add (TsrSpool *spool, GBytes *jpeg, TsrSpooled *where, GError **error);

/** Ends adding; only then may tsr_spool_store be called. */
bool tsr_spool_flush (TsrSpool *spool, GError **error);

/** Writes a thumbnail that waits into the table of thumbnails, inside the caller's transaction. */
bool tsr_spool_store (TsrSpool *spool, TsrSpooled where, uint32_t tile, GError **error);

/* ---- slides: tsr-project-slides.c, tsr-project-slide-options.c, tsr-project-relink.c ---- */

/** The number of the slide with this fingerprint: 1 found, 0 not, -1 error. */
int tsr_project_slide_of (TsrProject *project, const uint8_t *fingerprint, int32_t *slide,
                          GError **error);

/** Where a slide's file is (transfer full), and what size it has to have. NULL with error. */
char *tsr_project_slide_path (TsrProject *project, int32_t slide, int64_t *size, GError **error);

/** Notes a slide's place inside the caller's transaction; path is absolute and real. */
bool tsr_project_store_slide_path (TsrProject *project, int32_t slide, const char *path,
                                   GError **error);

/** Inside the caller's transaction: the number of the slide whose file is at path (absolute, real),
 * which joins where it is new; size and fingerprint are tsr_slide_fingerprint's of it. Of options
 * slide_mpp counts, where the file does not say. */
bool tsr_project_store_slide (TsrProject *project, TsrSlide *slide, const char *path, int64_t size,
                              const uint8_t *fingerprint, const TsrTilingOptions *options,
                              int32_t *number, GError **error);

/** A square of a slide, in pixels of level 0. */
typedef struct {
  int32_t slide;
  int64_t x, y, side;
} TsrSlideSquare;

/** The square as the thumbnails of the regions in it show it, white between them, in pixels x
 * pixels of rgb: what tsr_project_slide_remembered does, for the surroundings of one tile and
 * without looking at all others. False without error where no other tile reaches into it. */
bool tsr_project_remember_around (TsrProject *project, uint32_t tile, const TsrSlideSquare *square,
                                  int pixels, uint8_t *rgb, GError **error);

/** A tile's thumbnail as it is stored. NULL with error, TSR_ERROR_IMAGE where it has none. */
GBytes *tsr_project_thumbnail_bytes (TsrProject *project, uint32_t tile, GError **error);

/** Decodes what tsr_project_thumbnail_bytes gave for this tile, on any thread. */
bool tsr_project_thumbnail_decode (GBytes *jpeg, uint32_t tile, TsrImage *image, GError **error);

/** The name of a region as QuPath writes it, transfer full: pixels across stand for side pixels of
 * level 0. */
char *tsr_region_name (const char *slide, int64_t x, int64_t y, int32_t side, int32_t pixels);

/** What a slide was cut with as JSON, transfer full. mask may be
 * NULL. */
char *tsr_slide_options_format (const TsrTilingOptions *options, const TsrMaskOptions *mask);

/* ---- classes: tsr-project-classes.c ---- */

/** The name of a class, also of one that has left the list; NULL if there never was one. */
char *tsr_class_name (TsrProject *project, int32_t id);

/** Whether id is a class of the list now. 1 yes, 0 no, -1 error. */
int tsr_class_is_active (TsrProject *project, int32_t id, GError **error);

/** Takes a class from the list or puts it back (renamed and without its key if another has taken
 * those meanwhile). */
bool tsr_class_set_active (TsrProject *project, int32_t id, bool active, GError **error);

/** Writes name, colour, key and shape of a class of the list inside the caller's transaction. */
bool tsr_class_store_look (TsrProject *project, const TsrClass *class_, GError **error);

/* ---- journal: tsr-journal*.c ---- */

typedef enum {
  TSR_ACTION_LABEL,
  TSR_ACTION_EXCLUDE,
  TSR_ACTION_READMIT,
  TSR_ACTION_MERGE,
  TSR_ACTION_REMOVE_CLASS,
  TSR_ACTION_UNDO,
  TSR_ACTION_REDO,
  TSR_ACTION_REVERT,
  TSR_N_ACTIONS
} TsrAction;

/** How actions and TsrHow are written in the file; -1 for an unknown word. */
const char *tsr_action_name (TsrAction action);
/** The action of a word in the file, -1 for an unknown one or NULL. */
int tsr_action_parse (const char *name);
/** The TsrHow of a word in the file, -1 for an unknown one or NULL. */
int tsr_how_parse (const char *name);

/** One tile of an entry. */
typedef struct {
  TsrLabelChange change;
  int64_t origin_before; /* the entry that gave the label before, 0: none */
  int64_t origin_after;  /* of a revert: the one that gives it now; otherwise not used */
} TsrJournalRow;

/** An entry as stored. */
typedef struct {
  int64_t seq;
  TsrAction action;
  TsrHow how;
  int32_t class_, into; /* merge and remove-class; else -1 */
  int64_t target;       /* undo and redo; else 0 */
  int64_t moment;       /* revert: the labels are as after this entry; else -1 */
  bool part;            /* one act with the entry before it */
  uint32_t count;
  int64_t top;    /* newest entry in effect after this one: what undo takes back; 0: none */
  int64_t undone; /* newest undo not yet redone after this one: what redo takes back; 0: none */
  char *detail;
} TsrJournalRecord;

/** Frees the detail, once or more often; the struct is the caller's. */
void tsr_journal_record_clear (TsrJournalRecord *record);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TsrJournalRecord, tsr_journal_record_clear)

/** Reads entry seq; seq 0 gives the empty record before the first entry. */
bool tsr_journal_load (TsrProject *project, int64_t seq, TsrJournalRecord *record, GError **error);

/** Reads the newest entry, or the empty record. */
bool tsr_journal_head (TsrProject *project, TsrJournalRecord *record, GError **error);

/** Writes an entry (seq, action, how, class, target, count, top, undone, detail) inside the
 * caller's transaction. */
bool tsr_journal_insert (TsrProject *project, const TsrJournalRecord *record, const char *annotator,
                         GError **error);

/** Makes one tile's present state what is given. origin 0: none. */
bool tsr_label_store (TsrProject *project, uint32_t tile, int32_t value, int64_t origin,
                      bool excluded, GError **error);

/** The entry a label comes from after entry seq has done its row: a label is its own, going back to
 * a moment brings the former one back, and what else happens keeps it. */
int64_t tsr_row_origin (TsrAction action, int64_t seq, const TsrJournalRow *row);

/** Reads a row from columns first ... first + 6 of a statement: tile, before, after,
 * excluded_before, excluded_after, origin_before, origin_after. */
TsrJournalRow tsr_row_read (TsrStatement *select, int first);

/** Appends an entry that does something (not undo or redo) with its rows (TsrJournalRow), inside
 * the caller's transaction, and makes the labels what they say. It becomes the newest in effect,
 * and there is nothing to redo. Fills in seq, top, count and part. */
bool tsr_journal_append (TsrProject *project, TsrJournalRecord *record, const GArray *rows,
                         const char *annotator, GError **error);

/** Puts the classes on the list or takes them off as the revert `seq` did (backwards: as they were
 * before it), inside the caller's transaction. */
bool tsr_revert_apply_classes (TsrProject *project, int64_t seq, bool backwards, GError **error);
