/* A slide's processes. One, and where several threads read at once, more: OpenSlide decodes on the
 * thread that asks, and threads of one process would all lose their blocks to the one that ends it.
 * The process used last is asked first, so that a single thread finds OpenSlide's own cache as it
 * has left it. */

#include "tsr-slide-crew.h"

#include "tsr-i18n.h"

#include <string.h>

#define LIBRARY        "OpenSlide"
#define MOST_DEATHS    8 /* of a slide's processes, until it is opened again */
#define MOST_HANGS     2 /* of these, each of which somebody waits a minute for */
#define MOST_PROCESSES 8 /* a slide */

/* What was being read when a process came to grief, and how; it is not asked for again. */
typedef struct {
  TsrReaderKind kind;
  int64_t numbers[TSR_READER_NUMBERS];
  TsrReaderOutcome outcome;
} Grief;

struct TsrSlideCrew {
  char *path;
  int64_t n_levels, width, height; /* what every process must find */
  GMutex lock;
  GCond freed;
  GPtrArray *idle;  /* TsrReaderProcess, the last used last */
  unsigned running; /* idle, at work or starting */
  unsigned most;    /* at the same time */
  unsigned deaths, hangs, n_barred;
  Grief barred[MOST_DEATHS];
};

/* Of all slides. A slide's first process is always allowed; more only while these are few. */
static gint n_processes;

/* ---- one process */

static bool
refuse_damaged (const TsrReaderAnswer *answer, GError **error)
{
  tsr_image_refuse (
      error,
      _ ("The library OpenSlide cannot read it (%s); copy the slide with all of its files again "
         "from where it came"),
      answer->length > 0 ? _ (answer->text) : _ ("no details"));
  return false;
}

static void
end_process (gpointer process)
{
  tsr_reader_process_end (process);
  g_atomic_int_add (&n_processes, -1);
}

/* Starts a process and lets it open the slide. */
static TsrReaderProcess *
start_process (const char *path, TsrReaderAnswer *answer, TsrSlideVerdict *verdict, GError **error)
{
  *verdict = TSR_SLIDE_FAILED;
  TsrReaderProcess *process = tsr_reader_process_start ("tessera-slide-reader", error);
  if (!process)
    return NULL;
  g_atomic_int_inc (&n_processes);
  TsrReaderOutcome outcome =
      tsr_reader_process_ask (process, TSR_READER_OPEN, NULL, path, strlen (path), answer);
  if (outcome == TSR_READER_ANSWERED && answer->status == TSR_READER_OK) {
    *verdict = TSR_SLIDE_OPENED;
    return process;
  }
  if (outcome != TSR_READER_ANSWERED) {
    tsr_reader_process_refuse (outcome, LIBRARY, error);
  } else {
    *verdict = TSR_SLIDE_NOT_MINE;
    if (answer->status == TSR_READER_NOT_MINE)
      tsr_image_refuse (
          error,
          _ ("The library OpenSlide does not know it either; convert it to a pyramidal TIFF"));
    else
      refuse_damaged (answer, error);
  }
  end_process (process);
  return NULL;
}

/* Another process for a slide that is open: the file must still be the same. */
static TsrReaderProcess *
start_another (const TsrSlideCrew *self, GError **error)
{
  TsrReaderAnswer answer;
  TsrSlideVerdict verdict;
  TsrReaderProcess *process = start_process (self->path, &answer, &verdict, error);
  const int64_t finest[TSR_READER_NUMBERS] = {0};
  if (!process)
    return NULL;
  int64_t n_levels = answer.numbers[0];
  if (n_levels >= self->n_levels &&
      tsr_reader_process_ask (process, TSR_READER_LEVEL, finest, NULL, 0, &answer) ==
          TSR_READER_ANSWERED &&
      answer.numbers[0] == self->width && answer.numbers[1] == self->height)
    return process;
  tsr_image_refuse (error, _ ("The file has changed since it was opened; open it again"));
  end_process (process);
  return NULL;
}

/* ---- a slide's processes */

/* Called with the lock held. */
static bool
may_start (const TsrSlideCrew *self)
{
  return self->running == 0 || (self->running < self->most &&
                                g_atomic_int_get (&n_processes) < 2 * (int)g_get_num_processors ());
}

static TsrReaderProcess *
take (TsrSlideCrew *self, GError **error)
{
  g_mutex_lock (&self->lock);
  for (;;) {
    if (self->deaths >= MOST_DEATHS || self->hangs >= MOST_HANGS) {
      int deaths = (int)self->deaths;
      g_mutex_unlock (&self->lock);
      tsr_image_refuse (error,
                        _ ("The format library %s failed on it %d times and is not tried again; "
                           "the file may be damaged: copy it again from where it came"),
                        LIBRARY, deaths);
      return NULL;
    }
    if (self->idle->len > 0) {
      TsrReaderProcess *process = g_ptr_array_steal_index (self->idle, self->idle->len - 1);
      g_mutex_unlock (&self->lock);
      return process;
    }
    if (!may_start (self)) {
      g_cond_wait (&self->freed, &self->lock);
      continue;
    }
    g_autoptr (GError) reason = NULL;
    self->running++;
    g_mutex_unlock (&self->lock);
    TsrReaderProcess *process = start_another (self, &reason);
    if (process)
      return process;
    g_mutex_lock (&self->lock);
    self->running--;
    self->deaths++;
    g_cond_broadcast (&self->freed);
    if (self->running == 0) {
      g_mutex_unlock (&self->lock);
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
    self->most = self->running; /* those that run must do */
  }
}

static void
give_back (TsrSlideCrew *self, TsrReaderProcess *process)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->idle, process);
  g_cond_signal (&self->freed);
  g_mutex_unlock (&self->lock);
}

/* grief: what it was asked when it ended, and how. blameless: nothing says that it was the slide.
 */
static void
bury (TsrSlideCrew *self, TsrReaderProcess *process, const Grief *grief, bool blameless)
{
  end_process (process);
  g_mutex_lock (&self->lock);
  self->running--;
  self->deaths += !blameless;
  self->hangs += grief->outcome == TSR_READER_HUNG;
  if (grief->outcome != TSR_READER_GONE && grief->outcome != TSR_READER_KILLED)
    self->barred[self->n_barred++ % MOST_DEATHS] = *grief;
  g_cond_broadcast (&self->freed);
  g_mutex_unlock (&self->lock);
}

/* Whether it has ended a process already; *wanted then says how. */
static bool
is_barred (TsrSlideCrew *self, Grief *wanted)
{
  bool found = false;
  g_mutex_lock (&self->lock);
  for (unsigned i = 0; i < MIN (self->n_barred, MOST_DEATHS) && !found; i++) {
    const Grief *grief = &self->barred[i];
    found = grief->kind == wanted->kind &&
            memcmp (grief->numbers, wanted->numbers, sizeof wanted->numbers) == 0;
    if (found)
      wanted->outcome = grief->outcome;
  }
  g_mutex_unlock (&self->lock);
  return found;
}

/* Whether the request is to be made again, of another process: one that had ended before it was
 * asked, and the first that was killed from outside (short memory, somebody), say nothing of it.
 * All idle ones may have gone. */
static bool
is_blameless (TsrReaderOutcome outcome, int tries, bool *killed)
{
  bool first = outcome == TSR_READER_KILLED && !*killed;
  *killed |= outcome == TSR_READER_KILLED;
  return first || (outcome == TSR_READER_GONE && tries < 2 * MOST_PROCESSES);
}

/* Asks a process for pixels. Returns it with the answer in its shared memory, to be given back;
 * NULL with a reason. */
static TsrReaderProcess *
ask (TsrSlideCrew *self, TsrReaderKind kind, const int64_t numbers[TSR_READER_NUMBERS],
     GError **error)
{
  Grief wanted = {.kind = kind};
  TsrReaderAnswer answer;
  memcpy (wanted.numbers, numbers, sizeof wanted.numbers);
  if (is_barred (self, &wanted)) {
    tsr_reader_process_refuse (wanted.outcome, LIBRARY, error);
    return NULL;
  }
  bool killed = false;
  for (int tries = 0;; tries++) {
    TsrReaderProcess *process = take (self, error);
    if (!process)
      return NULL;
    wanted.outcome = tsr_reader_process_ask (process, kind, numbers, NULL, 0, &answer);
    if (wanted.outcome == TSR_READER_ANSWERED && answer.status == TSR_READER_OK)
      return process;
    if (wanted.outcome == TSR_READER_ANSWERED) {
      refuse_damaged (&answer, error);
      give_back (self, process);
      return NULL;
    }
    bool again = is_blameless (wanted.outcome, tries, &killed);
    bury (self, process, &wanted, again);
    if (!again) {
      tsr_reader_process_refuse (wanted.outcome, LIBRARY, error);
      return NULL;
    }
  }
}

bool
tsr_slide_crew_read_region (TsrSlideCrew *self, int level, int64_t x, int64_t y, int w, int h,
                            uint8_t *rgb, GError **error)
{
  const int64_t numbers[TSR_READER_NUMBERS] = {level, x, y, w, h};
  TsrReaderProcess *process = ask (self, TSR_READER_REGION, numbers, error);
  if (!process)
    return false;
  memcpy (rgb, tsr_reader_process_shared (process), (size_t)w * (size_t)h * 3);
  give_back (self, process);
  return true;
}

/* The first pixels make the process decode the image; the others must come from the same one. */
bool
tsr_slide_crew_read_image (TsrSlideCrew *self, int64_t number, size_t n, uint8_t *rgb,
                           GError **error)
{
  const size_t most = TSR_READER_SHARED / 3;
  const int64_t begin[TSR_READER_NUMBERS] = {number, 0, (int64_t)MIN (n, most)};
  TsrReaderProcess *process = ask (self, TSR_READER_PIXELS, begin, error);
  if (!process)
    return false;
  for (size_t at = 0;;) {
    size_t piece = MIN (n - at, most);
    TsrReaderAnswer answer;
    memcpy (rgb + at * 3, tsr_reader_process_shared (process), piece * 3);
    at += piece;
    if (at == n)
      break;
    const int64_t numbers[TSR_READER_NUMBERS] = {number, (int64_t)at, (int64_t)MIN (n - at, most)};
    Grief grief = {TSR_READER_PIXELS, {number, 0, begin[2]}, TSR_READER_ANSWERED};
    grief.outcome = tsr_reader_process_ask (process, TSR_READER_PIXELS, numbers, NULL, 0, &answer);
    if (grief.outcome != TSR_READER_ANSWERED) {
      bury (self, process, &grief, false);
      tsr_reader_process_refuse (grief.outcome, LIBRARY, error);
      return false;
    }
    if (answer.status != TSR_READER_OK) {
      refuse_damaged (&answer, error);
      give_back (self, process);
      return false;
    }
  }
  give_back (self, process);
  return true;
}

/* ---- as a whole */

TsrSlideCrew *
tsr_slide_crew_new (const char *path, TsrReaderAnswer *answer, TsrSlideVerdict *verdict,
                    GError **error)
{
  TsrReaderProcess *process = start_process (path, answer, verdict, error);
  if (!process)
    return NULL;
  TsrSlideCrew *self = g_new0 (TsrSlideCrew, 1);
  g_mutex_init (&self->lock);
  g_cond_init (&self->freed);
  self->path = g_strdup (path);
  self->most = MIN (MOST_PROCESSES, g_get_num_processors ());
  self->running = 1;
  self->idle = g_ptr_array_new_with_free_func (end_process);
  g_ptr_array_add (self->idle, process);
  return self;
}

bool
tsr_slide_crew_tell (TsrSlideCrew *self, TsrReaderKind kind, int64_t index, TsrReaderAnswer *answer,
                     GError **error)
{
  const int64_t numbers[TSR_READER_NUMBERS] = {index};
  TsrReaderOutcome outcome =
      tsr_reader_process_ask (self->idle->pdata[0], kind, numbers, NULL, 0, answer);
  if (outcome != TSR_READER_ANSWERED)
    tsr_reader_process_refuse (outcome, LIBRARY, error);
  else if (answer->status != TSR_READER_OK)
    refuse_damaged (answer, error);
  else
    return true;
  return false;
}

void
tsr_slide_crew_expect (TsrSlideCrew *self, int n_levels, int64_t width, int64_t height)
{
  self->n_levels = n_levels;
  self->width = width;
  self->height = height;
}

void
tsr_slide_crew_free (TsrSlideCrew *self)
{
  g_ptr_array_unref (self->idle);
  g_cond_clear (&self->freed);
  g_mutex_clear (&self->lock);
  g_free (self->path);
  g_free (self);
}
