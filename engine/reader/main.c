/* The loop: one packet in, one packet out, until Tessera is gone or has had enough. */

#include "reader.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#define MEMORY        ((rlim_t)4 << 30) /* bytes of address space */
#define SECONDS       120               /* of processor time for one request */
#define STACK         (64 << 10)
#define MAX_FILE_NAME 4096

void
reader_add_text (ReaderRequest *request, const char *text, size_t n)
{
  size_t room = sizeof request->reply - request->answer.length;
  n = n < room ? n : room;
  memcpy (request->reply + request->answer.length, text, n);
  request->answer.length += (uint32_t)n;
}

bool
reader_refuse (ReaderRequest *request, TsrReaderStatus status, const char *text)
{
  request->answer.what = status;
  request->answer.length = 0;
  reader_add_text (request, text, strnlen (text, 500));
  return false;
}

/* Tessera closes its end, or the system does when it dies. The parent-death signal would not do: it
 * comes when the thread ends that has started us, and those come and go. */
static void *
watch (void *data)
{
  (void)data;
  for (;;) {
    struct pollfd end = {.fd = TSR_READER_SOCKET};
    if (poll (&end, 1, -1) > 0)
      _exit (0);
  }
}

static void
limit (int what, rlim_t soft, rlim_t hard)
{
  struct rlimit value = {soft, hard};
  setrlimit (what, &value);
}

/* Not a wall against an attacker, but a bound on accidents: no files are written, no pictures of
 * patients are left in cores, memory has an end, and nothing that Tessera had open is kept. */
static void
hold_back (void)
{
  close_range (TSR_READER_MEMORY + 1, ~0u, 0);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit (RLIMIT_CORE, 0, 0);
  limit (RLIMIT_FSIZE, 0, 0);
#ifndef SANITIZED /* it reserves terabytes, and looks for leaks as a debugger would */
  limit (RLIMIT_AS, MEMORY, MEMORY);
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* Processor time from now on; Tessera's patience ends what waits, this what computes. */
static void
limit_time (void)
{
  struct rusage used;
  if (getrusage (RUSAGE_SELF, &used) == 0)
    limit (RLIMIT_CPU, (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + SECONDS,
           RLIM_INFINITY);
}

static ssize_t
receive (void *packet, size_t room)
{
  ssize_t n;
  do
    n = recv (TSR_READER_SOCKET, packet, room, MSG_TRUNC);
  while (n < 0 && errno == EINTR);
  return n;
}

static bool
reply (const ReaderRequest *request)
{
  struct iovec parts[] = {{(void *)&request->answer, sizeof request->answer},
                          {(void *)request->reply, request->answer.length}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = request->answer.length ? 2 : 1};
  ssize_t sent;
  do
    sent = sendmsg (TSR_READER_SOCKET, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent > 0;
}

static void
serve (uint8_t *shared)
{
  static char packet[sizeof (TsrReaderHead) + MAX_FILE_NAME + 1];
  static ReaderRequest request;
  ssize_t n;
  while ((n = receive (packet, sizeof packet - 1)) > 0) {
    TsrReaderHead head;
    if ((size_t)n < sizeof head || (size_t)n > sizeof packet - 1)
      return;
    memcpy (&head, packet, sizeof head);
    if (head.magic != TSR_READER_MAGIC || head.length != (size_t)n - sizeof head)
      return;
    packet[n] = 0;
    request.kind = (TsrReaderKind)head.what;
    request.numbers = head.numbers;
    request.text = packet + sizeof head;
    request.length = head.length;
    request.shared = shared;
    request.answer = (TsrReaderHead){.magic = TSR_READER_MAGIC, .serial = head.serial};
    limit_time ();
    reader_answer (&request);
    if (!reply (&request))
      return;
  }
}

int
main (void)
{
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt (TSR_READER_SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      type != SOCK_SEQPACKET) {
    fputs ("Tessera starts this program to read a file; it does nothing by itself.\n", stderr);
    return 2;
  }
  hold_back ();
  uint8_t *shared =
      mmap (NULL, TSR_READER_SHARED, PROT_READ | PROT_WRITE, MAP_SHARED, TSR_READER_MEMORY, 0);
  pthread_t watcher;
  pthread_attr_t small;
  pthread_attr_init (&small);
  pthread_attr_setstacksize (&small, STACK);
  if (shared == MAP_FAILED || pthread_create (&watcher, &small, watch, NULL) != 0)
    return 1;
  serve (shared);
  _exit (0); /* the libraries' farewells are nobody's business */
}
