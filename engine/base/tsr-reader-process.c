/* Starting, asking and ending a reader. posix_spawn, because a fork in a process with threads may
 * only exec anyway, and copies the page tables of gigabytes first. */

#include "tsr-reader-process.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENT 60000 /* milliseconds */
#define GRACE   250   /* milliseconds, for a process that has closed its end to be gone */

struct TsrReaderProcess {
  pid_t pid; /* 0 after its end */
  int socket;
  uint32_t serial;
  uint8_t *shared;
  uint8_t packet[sizeof (TsrReaderHead) + TSR_READER_TEXT + 1];
};

static gint patience = PATIENT;

void
tsr_reader_process_set_patience (int milliseconds)
{
  g_atomic_int_set (&patience, milliseconds);
}

/* ---- starting */

/* Beside the build the program runs from, however deep in it; else beside where the program is
 * installed; else where it was meant to be. */
static char *
find_program (const char *program)
{
  g_autofree char *variable = g_ascii_strup (program, -1);
  const char *named = g_getenv (g_strdelimit (variable, "-", '_'));
  if (named && *named)
    return g_strdup (named);
  g_autofree char *at = g_file_read_link ("/proc/self/exe", NULL);
  for (int up = 0; at && up < 4; up++) {
    char *folder = g_path_get_dirname (at);
    g_free (at);
    at = folder;
    static const char *const places[] = {"engine/reader", "libexec"};
    for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
      char *path = g_build_filename (folder, places[i], program, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return path;
      g_free (path);
    }
  }
#ifdef TSR_LIBEXECDIR
  return g_build_filename (TSR_LIBEXECDIR, program, NULL);
#else
  return g_strdup (program);
#endif
}

/* Above the numbers that the reader gets them by, so that putting one in its place never closes the
 * other. */
static int
move_up (int fd)
{
  int moved = fd < 0 ? -1 : fcntl (fd, F_DUPFD_CLOEXEC, TSR_READER_MEMORY + 1);
  if (fd >= 0)
    close (fd);
  return moved;
}

/* Its size is sealed: a reader that cuts it short would otherwise end us with a bus error. */
static int
share_memory (void)
{
  int fd = move_up (memfd_create ("tessera-reader", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd >= 0 && (ftruncate (fd, (off_t)TSR_READER_SHARED) != 0 ||
                  fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)) {
    close (fd);
    return -1;
  }
  return fd;
}

/* A group of its own: Ctrl+C is ours to answer. Signals as if nobody had touched them. The reader
 * closes what else it inherits. */
static int
spawn (const char *program, int socket, int memory, pid_t *pid)
{
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  sigset_t none, all;
  char *const arguments[] = {(char *)"tessera-reader", NULL};
  sigemptyset (&none);
  sigfillset (&all);
  posix_spawn_file_actions_init (&files);
  posix_spawnattr_init (&how);
  for (int fd = 0; fd < 3; fd++)
    posix_spawn_file_actions_addopen (&files, fd, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2 (&files, socket, TSR_READER_SOCKET);
  posix_spawn_file_actions_adddup2 (&files, memory, TSR_READER_MEMORY);
  posix_spawnattr_setsigmask (&how, &none);
  posix_spawnattr_setsigdefault (&how, &all);
  posix_spawnattr_setpgroup (&how, 0);
  posix_spawnattr_setflags (&how,
                            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  int problem = posix_spawn (pid, program, &files, &how, arguments, environ);
  posix_spawn_file_actions_destroy (&files);
  posix_spawnattr_destroy (&how);
  return problem;
}

static void
refuse_start (const char *program, int problem, GError **error)
{
  g_autofree char *shown = g_filename_display_name (program);
  if (problem == ENOENT || problem == EACCES)
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("The program that would read it is not at “%s”; install Tessera again"), shown);
  else
    g_set_error (error, TSR_ERROR, TSR_ERROR_FAILED,
                 _ ("The program that would read it cannot be started (%s); close other programs"),
                 g_strerror (problem));
}

TsrReaderProcess *
tsr_reader_process_start (const char *name, GError **error)
{
  g_autofree char *program = find_program (name);
  int ends[2] = {-1, -1}, memory = share_memory (), problem = 0;
  pid_t pid = 0;
  void *shared = MAP_FAILED;
  if (memory >= 0)
    shared = mmap (NULL, TSR_READER_SHARED, PROT_READ, MAP_SHARED, memory, 0);
  if (shared == MAP_FAILED || socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    problem = errno;
  else if ((ends[1] = move_up (ends[1])) < 0)
    problem = errno;
  else
    problem = spawn (program, ends[1], memory, &pid);
  if (memory >= 0)
    close (memory);
  if (ends[1] >= 0)
    close (ends[1]);
  if (problem == 0) {
    TsrReaderProcess *self = g_new (TsrReaderProcess, 1);
    self->pid = pid;
    self->socket = ends[0];
    self->serial = 0;
    self->shared = shared;
    return self;
  }
  if (ends[0] >= 0)
    close (ends[0]);
  if (shared != MAP_FAILED)
    munmap (shared, TSR_READER_SHARED);
  refuse_start (program, problem, error);
  return NULL;
}

/* ---- ending */

/* Waits for a process that ends or was killed, at most so many milliseconds. */
static bool
reap (pid_t pid, int milliseconds, int *status)
{
  for (int i = 0;; i++) {
    pid_t done = waitpid (pid, status, WNOHANG);
    if (done == pid)
      return true;
    if (done < 0 && errno != EINTR) { /* somebody else has seen it off */
      *status = 0;
      return true;
    }
    if (i == milliseconds)
      return false;
    g_usleep (1000);
  }
}

/* A file system that does not answer holds even a killed process, for as long as it likes. */
static gpointer
see_off (gpointer data)
{
  int status;
  while (waitpid (GPOINTER_TO_INT (data), &status, 0) < 0 && errno == EINTR)
    ;
  return NULL;
}

/* grace: milliseconds in which it may end by itself, which tells how. Returns whether something
 * outside killed it. */
static bool
finish (TsrReaderProcess *self, int grace)
{
  int status = 0;
  pid_t pid = self->pid;
  bool by_itself = grace > 0 && reap (pid, grace, &status);
  if (!by_itself) {
    kill (pid, SIGKILL);
    GThread *thread = reap (pid, 5, &status) ? NULL
                                             : g_thread_try_new ("tsr-reader-end", see_off,
                                                                 GINT_TO_POINTER (pid), NULL);
    g_clear_pointer (&thread, g_thread_unref);
  }
  close (self->socket);
  self->pid = 0;
  self->socket = -1;
  return by_itself && WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL;
}

void
tsr_reader_process_end (TsrReaderProcess *self)
{
  if (!self)
    return;
  if (self->pid)
    finish (self, 0);
  munmap (self->shared, TSR_READER_SHARED);
  g_free (self);
}

/* ---- asking */

static bool
tell (TsrReaderProcess *self, TsrReaderKind kind, const int64_t *numbers, const void *text,
      size_t n)
{
  TsrReaderHead head = {
      .magic = TSR_READER_MAGIC, .serial = ++self->serial, .what = kind, .length = (uint32_t)n};
  if (numbers)
    memcpy (head.numbers, numbers, sizeof head.numbers);
  struct iovec parts[] = {{&head, sizeof head}, {(void *)text, n}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = n > 0 ? 2 : 1};
  ssize_t sent;
  do
    sent = sendmsg (self->socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == (ssize_t)(sizeof head + n);
}

/* Bytes of the packet (more than there is room for where it is cut), 0 at the end, -1 too late. */
static ssize_t
hear (TsrReaderProcess *self)
{
  gint64 until = g_get_monotonic_time () + (gint64)g_atomic_int_get (&patience) * 1000;
  for (;;) {
    struct pollfd wait = {.fd = self->socket, .events = POLLIN};
    gint64 left = (until - g_get_monotonic_time () + 999) / 1000;
    int ready = poll (&wait, 1, (int)MAX (left, 0));
    if (ready == 0)
      return -1;
    if (ready < 0)
      continue;
    ssize_t n =
        recv (self->socket, self->packet, sizeof self->packet - 1, MSG_DONTWAIT | MSG_TRUNC);
    if (n >= 0)
      return n;
    if (errno != EINTR && errno != EAGAIN)
      return 0;
  }
}

static bool
understand (TsrReaderProcess *self, size_t n, TsrReaderAnswer *answer)
{
  TsrReaderHead head;
  if (n < sizeof head || n > sizeof self->packet - 1)
    return false;
  memcpy (&head, self->packet, sizeof head);
  if (head.magic != TSR_READER_MAGIC || head.serial != self->serial ||
      head.what > TSR_READER_DAMAGED || head.length != n - sizeof head)
    return false;
  self->packet[n] = 0;
  *answer = (TsrReaderAnswer){.status = (TsrReaderStatus)head.what,
                              .text = (const char *)self->packet + sizeof head,
                              .length = head.length};
  memcpy (answer->numbers, head.numbers, sizeof answer->numbers);
  return true;
}

TsrReaderOutcome
tsr_reader_process_ask (TsrReaderProcess *self, TsrReaderKind kind, const int64_t *numbers,
                        const void *text, size_t n, TsrReaderAnswer *answer)
{
  if (!self->pid || n > TSR_READER_TEXT)
    return TSR_READER_GONE;
  if (!tell (self, kind, numbers, text, n)) {
    finish (self, 0);
    return TSR_READER_GONE;
  }
  ssize_t got = hear (self);
  if (got > 0 && understand (self, (size_t)got, answer))
    return TSR_READER_ANSWERED;
  bool outside = finish (self, got == 0 ? GRACE : 0);
  return got < 0   ? TSR_READER_HUNG
         : got > 0 ? TSR_READER_LIED
         : outside ? TSR_READER_KILLED
                   : TSR_READER_CRASHED;
}

const uint8_t *
tsr_reader_process_shared (const TsrReaderProcess *self)
{
  return self->shared;
}

void
tsr_reader_process_refuse (TsrReaderOutcome outcome, const char *library, GError **error)
{
  int seconds = (g_atomic_int_get (&patience) + 999) / 1000;
  if (outcome == TSR_READER_HUNG)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        _ ("The format library %s did not come to an end with it in %d seconds; the file may "
           "be damaged, or its disk does not answer: copy it again from where it came"),
        library, seconds);
  else if (outcome == TSR_READER_LIED)
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        _ ("The format library %s gave an answer about it that makes no sense; the file may "
           "be damaged: copy it again from where it came"),
        library);
  else
    g_set_error (
        error, TSR_ERROR, TSR_ERROR_IMAGE,
        _ ("The format library %s crashed while reading it; the file may be damaged: copy it "
           "again from where it came"),
        library);
}
