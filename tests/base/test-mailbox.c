/* The mailbox: the newest snapshot arrives, each is freed once, nothing arrives after closing. */
#include "tsr-mailbox.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct {
  unsigned value;
} Snapshot;

static atomic_uint alive;

static Snapshot *
snapshot_new (unsigned value)
{
  Snapshot *snapshot = g_new (Snapshot, 1);
  snapshot->value = value;
  atomic_fetch_add (&alive, 1);
  return snapshot;
}

static void
snapshot_free (gpointer snapshot)
{
  atomic_fetch_sub (&alive, 1);
  g_free (snapshot);
}

typedef struct {
  unsigned deliveries, last;
  GThread *thread;
  GMainLoop *loop;
  unsigned until;
  TsrMailbox *close_on_delivery;
} Receiver;

static void
receive (gpointer snapshot, gpointer user)
{
  Receiver *receiver = user;
  unsigned value = ((Snapshot *)snapshot)->value;
  g_assert_true (g_thread_self () == receiver->thread);
  g_assert_true (receiver->deliveries == 0 || value > receiver->last); /* never an older one */
  receiver->deliveries++;
  receiver->last = value;
  if (receiver->close_on_delivery)
    tsr_mailbox_close (receiver->close_on_delivery);
  if (receiver->loop && value == receiver->until)
    g_main_loop_quit (receiver->loop);
}

static void
drain (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    continue;
}

static void
test_latest_wins (void)
{
  Receiver receiver = {.thread = g_thread_self ()};
  TsrMailbox *mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
  for (unsigned i = 1; i <= 1000; i++)
    tsr_mailbox_post (mailbox, snapshot_new (i));
  g_assert_cmpuint (atomic_load (&alive), ==, 1); /* the rest is gone already */
  g_assert_cmpuint (receiver.deliveries, ==,
                    0); /* and nothing was delivered by the posting itself */
  drain (NULL);
  g_assert_cmpuint (receiver.deliveries, ==, 1);
  g_assert_cmpuint (receiver.last, ==, 1000);
  tsr_mailbox_post (mailbox, snapshot_new (1001));
  drain (NULL);
  g_assert_cmpuint (receiver.deliveries, ==, 2);
  tsr_mailbox_unref (mailbox);
  g_assert_cmpuint (atomic_load (&alive), ==, 0);
}

static void
test_close (void)
{
  Receiver receiver = {.thread = g_thread_self ()};
  TsrMailbox *mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
  tsr_mailbox_post (mailbox, snapshot_new (1));
  tsr_mailbox_close (mailbox);
  tsr_mailbox_post (mailbox, snapshot_new (2));
  drain (NULL);
  g_assert_cmpuint (receiver.deliveries, ==, 0);
  tsr_mailbox_unref (mailbox);
  g_assert_cmpuint (atomic_load (&alive), ==, 0);

  /* Closed from inside its own delivery, and dropped while a delivery is pending. */
  receiver.close_on_delivery = mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
  tsr_mailbox_post (mailbox, snapshot_new (3));
  drain (NULL);
  tsr_mailbox_post (mailbox, snapshot_new (4));
  drain (NULL);
  g_assert_cmpuint (receiver.deliveries, ==, 1);
  tsr_mailbox_unref (mailbox);
  receiver.close_on_delivery = NULL;
  mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
  tsr_mailbox_post (mailbox, snapshot_new (5));
  tsr_mailbox_close (mailbox);
  tsr_mailbox_unref (mailbox);
  drain (NULL);
  g_assert_cmpuint (receiver.deliveries, ==, 1);
  g_assert_cmpuint (atomic_load (&alive), ==, 0);
}

enum { POSTS = 200000 };

static gpointer
post_many (gpointer data)
{
  TsrMailbox *mailbox = data;
  for (unsigned i = 1; i <= POSTS; i++)
    tsr_mailbox_post (mailbox, snapshot_new (i));
  tsr_mailbox_unref (mailbox);
  return NULL;
}

static void
test_flood (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Receiver receiver = {.thread = g_thread_self (), .loop = loop, .until = POSTS};
  TsrMailbox *mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
  GThread *thread = g_thread_new ("worker", post_many, tsr_mailbox_ref (mailbox));
  g_main_loop_run (loop); /* ends only if the last snapshot is not lost */
  g_thread_join (thread);
  g_assert_cmpuint (receiver.last, ==, POSTS);
  g_assert_cmpuint (receiver.deliveries, <=, POSTS);
  tsr_mailbox_close (mailbox);
  tsr_mailbox_unref (mailbox);
  drain (NULL);
  g_assert_cmpuint (atomic_load (&alive), ==, 0);
}

typedef struct {
  TsrMailbox *mailbox;
  atomic_bool stop;
} Poster;

static gpointer
post_until_stopped (gpointer data)
{
  Poster *poster = data;
  for (unsigned i = 1; !atomic_load (&poster->stop); i++)
    tsr_mailbox_post (poster->mailbox, snapshot_new (i));
  return NULL;
}

/* The receiving side closes while the working thread still posts. */
static void
test_close_during_flood (void)
{
  for (int round = 0; round < 20; round++) {
    Receiver receiver = {.thread = g_thread_self ()};
    TsrMailbox *mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
    Poster poster = {.mailbox = mailbox};
    GThread *thread = g_thread_new ("worker", post_until_stopped, &poster);
    while (receiver.deliveries < 3)
      g_main_context_iteration (NULL, TRUE);
    tsr_mailbox_close (mailbox);
    unsigned deliveries = receiver.deliveries;
    g_usleep (1000);
    atomic_store (&poster.stop, true);
    g_thread_join (thread);
    drain (NULL);
    g_assert_cmpuint (receiver.deliveries, ==, deliveries);
    tsr_mailbox_unref (mailbox);
    g_assert_cmpuint (atomic_load (&alive), ==, 0);
  }
}

/* Delivery goes to the context that was the thread's default when the mailbox was made. */
static void
test_own_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Receiver receiver = {.thread = g_thread_self ()};
  g_main_context_push_thread_default (context);
  TsrMailbox *mailbox = tsr_mailbox_new (receive, &receiver, snapshot_free);
  g_main_context_pop_thread_default (context);
  tsr_mailbox_post (mailbox, snapshot_new (1));
  drain (NULL);
  g_assert_cmpuint (receiver.deliveries, ==, 0);
  drain (context);
  g_assert_cmpuint (receiver.deliveries, ==, 1);
  tsr_mailbox_unref (mailbox);
  g_assert_cmpuint (atomic_load (&alive), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/latest-wins", test_latest_wins);
  g_test_add_func ("/mailbox/close", test_close);
  g_test_add_func ("/mailbox/flood", test_flood);
  g_test_add_func ("/mailbox/close-during-flood", test_close_during_flood);
  g_test_add_func ("/mailbox/own-context", test_own_context);
  return g_test_run ();
}
