#pragma once
/* A session without a window, on a project of its own: what several tests do with it. */

#include "tessera-session.h"

enum { SESSION_TILES = 300, SESSION_CLASSES = 5 };

typedef struct {
  char *folder, *path;
  TesseraSession *session;
  GPtrArray *toasts;
  unsigned labels_changed;
} SessionFixture;

/** A test's set-up and end: the project with vectors and a map, and an open session. After every
 * change the points' colours are checked against what the session says of each tile. */
void session_fixture_set_up (SessionFixture *f, gconstpointer data);
void session_fixture_tear_down (SessionFixture *f, gconstpointer data);

/** Opens f->path, and closes it again, as often as the test likes. */
void session_fixture_open (SessionFixture *f);
void session_fixture_close (SessionFixture *f);

/** Runs the main loop so long. */
void session_spin (unsigned milliseconds);

/** Until everything asked for has been answered. */
void session_wait_idle (TesseraSession *session);

/** The desk's colours are those that follow from labels, predictions and exclusions. */
void session_check_colours (TesseraSession *session);

/** The id of the i-th class. */
int32_t session_class_id (SessionFixture *f, unsigned i);

/** The i-th tile of the queue. */
uint32_t session_queued (SessionFixture *f, guint i);
