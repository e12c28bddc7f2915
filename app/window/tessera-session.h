#pragma once
/* An open project as the window sees it: labels, predictions, suggestions, and one selection shared
 * by all views. No GTK here. Everything that changes the project goes through the desk thread; acts
 * are carried out one after another, so that keys typed faster than the disk answers wait their
 * turn and apply to the tile shown then. Main thread only.
 *
 * Signals: "opened" (), "failed" (char *message: the project cannot be opened), "labels-changed"
 * (), "classes-changed" (), "selection-changed" (), "suggestions-changed" (), "coverage-changed"
 * (), "map-changed" (), "details-changed" (), "settings-changed" (), "example-changed" (),
 * "audit-changed" () (tessera-session-audit.h), "act-done" (char *text: a quiet word on what was
 * done), "toast" (char *text, guint act: what
 * tessera_session_undo_act can take back, 0: nothing). */

#include "tessera-contents.h"
#include "tessera-counts.h"
#include "tessera-example.h"
#include "tessera-snapshot.h"
#include "tsr-dispute.h"
#include "tsr-propagation.h"
#include "tsr-readings.h"

#include <glib-object.h>

#define TESSERA_TYPE_SESSION (tessera_session_get_type ())
G_DECLARE_FINAL_TYPE (TesseraSession, tessera_session, TESSERA, SESSION, GObject)

#define TESSERA_NO_TILE UINT32_MAX

typedef enum {
  TESSERA_SELECT_REPLACE,
  TESSERA_SELECT_ADD,
  TESSERA_SELECT_REMOVE
} TesseraSelectMode;

/** Opens a project file on the desk thread; "opened" or "failed" follows. */
TesseraSession *tessera_session_new (const char *path);

/** Finishes what was begun and closes the file; waits for the disk. The object stays valid, empty.
 */
void tessera_session_close (TesseraSession *session);

/** The project's file as tessera_session_new was given it; borrowed. */
const char *tessera_session_get_path (TesseraSession *session);
/** The project's name for people: its title or its file's name without suffix. Transfer full. */
char *tessera_session_dup_title (TesseraSession *session);
/** Whether it has opened and has not been closed. */
gboolean tessera_session_is_open (TesseraSession *session);

/* ---- contents; everything borrowed and valid until the next signal ---- */

/** How many tiles there are; 0 before the project is open. */
uint32_t tessera_session_get_n_tiles (TesseraSession *session);
/** The tile's name with its folders; tile < tessera_session_get_n_tiles. */
const char *tessera_session_get_tile_name (TesseraSession *session, uint32_t tile);
/** Whether a tile's ground truth may be seen: where the project shows it at all, once the tile has
 * been looked at, or while it colours the map. Before, it would label for the user. */
gboolean tessera_session_shows_truth (TesseraSession *session, uint32_t tile);
/** The name as it may be shown: without the folders and the beginning that tell a ground truth
 * which is not to be seen. */
const char *tessera_session_get_shown_name (TesseraSession *session, uint32_t tile);
/** [n, 2], NAN off the map; NULL before there is one. */
const float *tessera_session_get_map (TesseraSession *session);

/** The same as bytes that stay when the session gets another; NULL without a map. Transfer full. */
GBytes *tessera_session_get_map_bytes (TesseraSession *session);
/** The longer side of what the map covers, in map units; 0 without a map. */
float tessera_session_get_map_width (TesseraSession *session);
/** How the map was made and how far it can be trusted; NULL before there is one and while another
 * forms. */
const TsrMapInfo *tessera_session_get_map_info (TesseraSession *session);
/** Whether more iterations can go on from the map: one of t-SNE, of the vectors there are. */
gboolean tessera_session_can_continue_map (TesseraSession *session);
/** The share of a tile's nearest in W that are among its nearest on the map; NAN: not known. */
double tessera_session_get_kept (TesseraSession *session, uint32_t tile);
/** The tiles, not excluded, whose neighbours on the map are all strangers: none of their nearest in
 * W is among them. Ascending, transfer full; *n may be 0. */
uint32_t *tessera_session_find_strangers (TesseraSession *session, size_t *n);
/** Whether at least one tile has a W vector. */
gboolean tessera_session_has_vectors (TesseraSession *session);
/** Whether the vectors are of tiles that were normalised in another way than the project says now.
 */
gboolean tessera_session_vectors_are_stale (TesseraSession *session);
/** How networks get the tiles, and (own_reference may be NULL) whether towards a reference that is
 * not the published one. */
TsrStainMethod tessera_session_get_normalised (TesseraSession *session, gboolean *own_reference);
/** How many tiles have a W vector. */
uint32_t tessera_session_get_n_embedded (TesseraSession *session);
/** Whether the project names a model's file. */
gboolean tessera_session_has_model (TesseraSession *session);
/** How many images the project's model was trained on, and for how many it was to be; 0 where its
 * file does not say. TRUE if that training stopped before its end. */
gboolean tessera_session_get_trained (TesseraSession *session, uint64_t *images, uint64_t *goal);
/** TesseraLosses of the model's training as the project keeps them; NULL before it is open. */
const GArray *tessera_session_get_losses (TesseraSession *session);
/** The same of its generated tiles' quality. */
const GArray *tessera_session_get_quality (TesseraSession *session);
/** Class id, TSR_LABEL_NONE or TSR_LABEL_UNSURE. */
int32_t tessera_session_get_label (TesseraSession *session, uint32_t tile);
/** Whether the tile is excluded. */
gboolean tessera_session_get_excluded (TesseraSession *session, uint32_t tile);
/** NULL before there is anything to predict from. */
const TsrPrediction *tessera_session_get_prediction (TesseraSession *session, uint32_t tile);
/** The same for all tiles: [n], or NULL. */
const TsrPrediction *tessera_session_get_predictions (TesseraSession *session);
/** The map's points coloured by label and prediction (TesseraMapPoint [n], transfer full): painted
 * by the desk with the last change; NULL if they have to be painted anew. */
GBytes *tessera_session_get_colours (TesseraSession *session);
/** tessera_session_get_label of all tiles: [n]; NULL before the project is open. */
const int32_t *tessera_session_get_labels (TesseraSession *session);
/** tessera_session_get_excluded of all tiles: [n], 0 or 1; NULL before the project is open. */
const uint8_t *tessera_session_get_all_excluded (TesseraSession *session);
/** Whether labels name more than one class: before that a margin says nothing. */
gboolean tessera_session_has_rivals (TesseraSession *session);
/** Ground truth's class name or NULL. */
const char *tessera_session_get_truth (TesseraSession *session, uint32_t tile);
/** Ground truth as an id of the class that has or had its name; TSR_LABEL_NONE if unknown. */
int32_t tessera_session_get_truth_class (TesseraSession *session, uint32_t tile);
/** Whether the truth's name of that number means a class of the list. */
gboolean tessera_session_truth_means_class (TesseraSession *session, guint name);
/** Whether any tile has ground truth. */
gboolean tessera_session_has_truth (TesseraSession *session);
/** NULL-terminated names, or NULL. */
const char *const *tessera_session_get_truth_names (TesseraSession *session);
/** The smallest side among the tiles and 1 or 3 channels, as a training will see them. */
void tessera_session_get_tile_format (TesseraSession *session, int *size, int *channels);
/** How many files were refused at import. */
uint32_t tessera_session_get_n_skipped (TesseraSession *session);
/** What the user joined to the tiles: TsrColumn; NULL before the project is open. */
const GPtrArray *tessera_session_get_columns (TesseraSession *session);

/* ---- slides ---- */

/** The project's slides by their numbers: TsrProjectSlide; NULL before it is open. */
const GPtrArray *tessera_session_get_slides (TesseraSession *session);
/** A slide by its number, or NULL. */
const TsrProjectSlide *tessera_session_get_slide (TesseraSession *session, int32_t slide);
/** Where a tile lies on its slide; NULL where that is not known. */
const TsrTileRegion *tessera_session_get_region (TesseraSession *session, uint32_t tile);

/* ---- classes ---- */

/** TsrClass in their order. */
GPtrArray *tessera_session_get_classes (TesseraSession *session);
/** NULL if there is none of that id. */
const TsrClass *tessera_session_get_class (TesseraSession *session, int32_t id);
/** The class a key ('1'..'9', 'a'..'z') labels with, or NULL. */
const TsrClass *tessera_session_get_class_for_key (TesseraSession *session, char key);
/** Tiles labelled as the class and others predicted as it, excluded ones left out. */
TesseraClassCount tessera_session_count_class (TesseraSession *session, int32_t id);
/** Tiles that have a class by label and are not excluded. */
uint32_t tessera_session_count_labelled (TesseraSession *session);
/** Tiles marked unsure and not excluded. */
uint32_t tessera_session_count_unsure (TesseraSession *session);
/** Tiles excluded. */
uint32_t tessera_session_count_excluded (TesseraSession *session);
/** Share of unlabelled tiles of known truth whose prediction is right; NAN where none is known.
 * *counted may be NULL. */
double tessera_session_accuracy (TesseraSession *session, uint32_t *counted);

/** Adds a class at the end; rgb is 0xRRGGBB, < 0 chooses. An empty name is ignored, one that is
 * taken answered by a toast. */
void tessera_session_add_class (TesseraSession *session, const char *name, int64_t rgb);

/** Adds the classes of a list (TsrRegionClass, which nobody may change any more) that are not there
 * yet, as one step of undo. A toast says how many, and which could not be made. */
void tessera_session_add_classes (TesseraSession *session, GPtrArray *list);
/** Changes name, colour, key and shape of class_->id; class_ is copied. */
void tessera_session_update_class (TesseraSession *session, const TsrClass *class_);
/** Moves a class by `steps` places down the list (negative: up), to its end at most. Keys that went
 * by the order of the list go on doing so. */
void tessera_session_move_class (TesseraSession *session, int32_t id, int steps);
/** key: '1'..'9', 'a'..'z' or 0; a class that has it gets the former key of this one. */
void tessera_session_set_class_key (TesseraSession *session, int32_t id, char key);
/** Gives the tiles of class `from` to the class `into`, another one, and takes `from` off the list.
 */
void tessera_session_merge_class (TesseraSession *session, int32_t from, int32_t into);
/** Takes a class off the list and clears its labels. */
void tessera_session_remove_class (TesseraSession *session, int32_t id);

/* ---- suggestions and coverage ---- */

/** uint32_t tiles in order; the first is next. */
const GArray *tessera_session_get_queue (TesseraSession *session);
/** Whether the tile is in the queue. */
gboolean tessera_session_is_suggested (TesseraSession *session, uint32_t tile);
/** Of the batch: labelled so far, and all. */
void tessera_session_get_batch (TesseraSession *session, uint32_t *done, uint32_t *total);
/** FALSE before there is a map; radii in map units, INFINITY without labels. */
gboolean tessera_session_get_coverage (TesseraSession *session, float *now, float *then,
                                       uint32_t *more);
/** Draws a new batch of k, 0: as many as set. */
void tessera_session_suggest (TesseraSession *session, uint32_t k);

/* ---- selection ---- */

/** The tile the panel shows, or TESSERA_NO_TILE. */
uint32_t tessera_session_get_current (TesseraSession *session);
/** Ascending; *n may be 0. */
const uint32_t *tessera_session_get_selection (TesseraSession *session, size_t *n);
/** Whether the tile is selected. */
gboolean tessera_session_is_selected (TesseraSession *session, uint32_t tile);
/** Replaces the selection by tiles[n], adds them or takes them out; unknown tiles are ignored. The
 * first one becomes the current tile unless they are taken out. */
void tessera_session_select (TesseraSession *session, const uint32_t *tiles, size_t n,
                             TesseraSelectMode mode);
/** Selects one tile alone and makes it the current one. */
void tessera_session_select_one (TesseraSession *session, uint32_t tile);
/** Makes a selected tile the current one; the selection stays. */
void tessera_session_set_current (TesseraSession *session, uint32_t tile);
/** Empties the selection; no tile is current. */
void tessera_session_select_none (TesseraSession *session);
/** The head of the queue. FALSE if it is empty. */
gboolean tessera_session_select_next (TesseraSession *session);
/** Tiles labelled, marked unsure or excluded lately, also before a restart: uint32_t, the newest
 * first, each once; what was undone is left out, and of an act on many tiles there is one. Borrowed
 * until the next call. */
const GArray *tessera_session_get_recent (TesseraSession *session);
/** The newest of them, or from one of them the one before it. FALSE if there is none. */
gboolean tessera_session_select_previous (TesseraSession *session);

/** The tile to go on with after done[n] were labelled, excluded or skipped (n may be 0: where to
 * begin); TESSERA_NO_TILE: the selection stays. */
typedef uint32_t (*TesseraNextFunc) (const uint32_t *done, size_t n, gpointer user);

/** Has a view that shows tiles in an order of its own say where acts move on to, instead of the
 * next suggestion; next NULL: the suggestions again, unless somebody else than `user` leads by
 * now. */
void tessera_session_set_next_func (TesseraSession *session, TesseraNextFunc next, gpointer user);

/* ---- search by example ---- */

/** What tiles are to be like is the point w [d] of W (copied, finite; as long as the project's
 * vectors, or nothing is like it), called `name` before people; w NULL: nothing any more.
 * "example-changed" follows. Vectors of a new model end it; then only "map-changed" tells. */
void tessera_session_set_example (TesseraSession *session, const float *w, size_t d,
                                  const char *name);
/** The same of tiles[n], n > 0: the tile's own vector, or the mean of theirs. */
void tessera_session_set_example_tiles (TesseraSession *session, const uint32_t *tiles, size_t n);
/** What tiles are to be like, or NULL; borrowed. */
TesseraExample *tessera_session_get_example (TesseraSession *session);

/** The project as it is now, for a thread: copies labels and predictions, so not for every frame.
 * NULL before it is open. Transfer full. */
TesseraSnapshot *tessera_session_snapshot (TesseraSession *session);

/* ---- acts on the selection, in turn ---- */

/** value: a class id, TSR_LABEL_NONE (clears, stays) or TSR_LABEL_UNSURE. Moves on to the next
 * suggestion when it is on disk. */
void tessera_session_label (TesseraSession *session, int32_t value);
/** Excludes the selected tiles or readmits them; after excluding moves on to the next suggestion.
 */
void tessera_session_exclude (TesseraSession *session, gboolean excluded);
/** Puts the current tile at the end of the queue if it is suggested, and moves on to the next
 * suggestion. */
void tessera_session_skip (TesseraSession *session);
/** Takes back the last act or change of classes; "act-done" says what that was. */
void tessera_session_undo (TesseraSession *session);
/** The same, but only if nothing was done since `act`, which a toast told of. */
void tessera_session_undo_act (TesseraSession *session, guint act);
/** Redoes what was undone last; "act-done" says what that was. */
void tessera_session_redo (TesseraSession *session);
/** Clears every label and readmits every tile; a demonstration starts again. */
void tessera_session_reset (TesseraSession *session);
/** Whether there is something to undo, as far as the last act said. */
gboolean tessera_session_can_undo (TesseraSession *session);
/** Whether there is something to redo, as far as the last act said. */
gboolean tessera_session_can_redo (TesseraSession *session);
/** Whether acts are waiting for the disk. */
gboolean tessera_session_is_busy (TesseraSession *session);

/** Reads vectors, map and tiles again after a job wrote them. */
void tessera_session_reload (TesseraSession *session);
/** Shows a layout while it forms (floats [n,2], referenced); NULL, or one of another number of
 * tiles, ends that. */
void tessera_session_set_map_preview (TesseraSession *session, GBytes *y);
/** Whether the map is such a layout. */
gboolean tessera_session_is_map_forming (TesseraSession *session);

/* ---- details of the current tile, which arrive with "details-changed" ---- */

/** uint32_t, nearest first; NULL until known. */
const GArray *tessera_session_get_neighbours (TesseraSession *session);
/** Who labelled the current tile and when (unix microseconds); NULL if nobody. */
const char *tessera_session_get_annotator (TesseraSession *session, gint64 *when, TsrHow *how);

/* ---- history and other readers: tessera-session-readers.c ---- */

/** Makes everything what it was right after an entry of the journal (0: before the first), as one
 * act; a toast offers to take it back. */
void tessera_session_revert (TesseraSession *session, int64_t entry);
/** Takes over the labels of another reader (referenced) where there is none here, as one act. */
void tessera_session_take_labels (TesseraSession *session, TsrReadings *readings);
/** Takes the label from tiles that both readers gave a class, not the same, and makes them the
 * queue to be worked through, as one act. Both readings stay in the journal. */
void tessera_session_work_through (TesseraSession *session, TsrReadings *readings);
/** What two readers said of the current tile, which waits for a decision; NULL: nothing, not known
 * yet, or not to be seen, while a check asks for the tile. Arrives with "details-changed". */
const TsrDispute *tessera_session_get_dispute (TesseraSession *session);
/** Whether the queue is a list that is to be worked through, such as disagreements or a second
 * reading, and not chosen. */
gboolean tessera_session_queue_is_given (TesseraSession *session);
/** Who labels: the setting "annotator", else the user's name. Borrowed. */
const char *tessera_session_get_reader (TesseraSession *session);

/* ---- settings kept in the project ---- */

/** Borrowed; fallback if unset. */
const char *tessera_session_get_setting (TesseraSession *session, const char *key,
                                         const char *fallback);
/** Sets a setting (NULL: removes it) and has it stored; "settings-changed" if it is new. */
void tessera_session_set_setting (TesseraSession *session, const char *key, const char *value);
