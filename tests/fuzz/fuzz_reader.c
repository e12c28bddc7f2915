/* libFuzzer target: what a reader (engine/reader) answers, be it no answer at all, to what is
 * asked of coordinates and of a slide. The program's own side of the conversation runs as it is;
 * only the process is missing, and what would talk to it is put in the place of the system's. Built
 * by tests/fuzz/build.sh.
 *
 * Input: a byte (odd: a slide), then an answer after the other. An answer is a byte that says which
 * kind, and what that takes: bytes as they are (their number before them), the end of the process,
 * or a head that is right, with status, numbers and text. */

#include "fuzz.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const uint8_t *input_at, *input_end; /* what is left of the input */
static int peer = -1, seen = -1;            /* the other end of the socket; the memory both see */

static int
next_byte (void)
{
  return input_at < input_end ? *input_at++ : -1;
}

/* 0 behind the end. */
static unsigned
next_number (void)
{
  int byte = next_byte ();
  return byte < 0 ? 0 : (unsigned)byte;
}

static int
fuzz_memfd_create (const char *name, unsigned flags)
{
  int fd = memfd_create (name, flags);
  if (seen >= 0)
    close (seen);
  seen = dup (fd);
  return fd;
}

static int
fuzz_socketpair (int domain, int type, int protocol, int ends[2])
{
  int result = socketpair (domain, type, protocol, ends);
  if (peer >= 0)
    close (peer);
  peer = dup (ends[1]);
  return result;
}

static int
fuzz_spawn (pid_t *pid, const char *program, const posix_spawn_file_actions_t *files,
            const posix_spawnattr_t *how, char *const arguments[], char *const environment[])
{
  *pid = 1 << 30; /* nobody's */
  return 0;
}

static int
fuzz_kill (pid_t pid, int signal)
{
  return 0;
}

static pid_t
fuzz_waitpid (pid_t pid, int *status, int options)
{
  *status = next_byte () == 9 ? SIGKILL : 0;
  return pid;
}

static ssize_t fuzz_sendmsg (int socket, const struct msghdr *message, int flags);

#define memfd_create fuzz_memfd_create
#define socketpair   fuzz_socketpair
#define posix_spawn  fuzz_spawn
#define kill         fuzz_kill
#define waitpid      fuzz_waitpid
#define sendmsg      fuzz_sendmsg
#include "../../engine/base/tsr-reader-process.c"
#undef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define tsr_slide_reader_openslide fuzz_slide_reader
#include "../../engine/slide/tsr-slide-openslide.c"

#include "tsr-coords.h"

/* A head that is right, up to all its numbers, and text; some bytes into what both see. */
static size_t
answer (const TsrReaderHead *asked, uint8_t *packet)
{
  TsrReaderHead head = {.magic = TSR_READER_MAGIC, .serial = asked->serial, .what = next_number ()};
  unsigned n = next_number () % (TSR_READER_NUMBERS + 1);
  for (unsigned i = 0; i < n; i++) {
    size_t width = (size_t)1 << next_number () % 4, left = (size_t)(input_end - input_at);
    width = MIN (width, left);
    memcpy (&head.numbers[i], input_at, width);
    input_at += width;
  }
  size_t text = next_number (), left = (size_t)(input_end - input_at);
  text = MIN (text, left);
  head.length = (uint32_t)text;
  memcpy (packet, &head, sizeof head);
  if (text > 0) {
    memcpy (packet + sizeof head, input_at, text);
    if (pwrite (seen, input_at, text, 0) < 0)
      abort ();
  }
  input_at += text;
  return sizeof head + text;
}

/* Instead of the request the answer is sent: it is there when it is waited for. */
static ssize_t
fuzz_sendmsg (int socket, const struct msghdr *message, int flags)
{
  static uint8_t packet[sizeof (TsrReaderHead) + 256];
  TsrReaderHead asked;
  size_t sent = 0, n = 0;
  memcpy (&asked, message->msg_iov[0].iov_base, sizeof asked);
  for (size_t i = 0; i < message->msg_iovlen; i++)
    sent += message->msg_iov[i].iov_len;
  int kind = next_byte ();
  if (kind < 0 || kind == 255) {
    if (peer >= 0)
      close (peer);
    peer = -1;
    return (ssize_t)sent;
  }
  if (kind == 254) {
    size_t wanted = next_number (), left = (size_t)(input_end - input_at);
    n = MIN (wanted, left);
    memcpy (packet, input_at, n);
    input_at += n;
  } else
    n = answer (&asked, packet);
  if (peer >= 0 && n > 0 && send (peer, packet, n, MSG_NOSIGNAL) != (ssize_t)n)
    abort ();
  return (ssize_t)sent;
}

static void
read_coords (void)
{
  GError *error = NULL;
  TsrCoords *coords = tsr_coords_read ("a.h5", &error);
  fuzz_check (coords != NULL, &error);
  if (coords && (coords->n < 1 || !(coords->side >= 0) ||
                 (coords->slide && !g_utf8_validate (coords->slide, -1, NULL))))
    abort ();
  tsr_coords_free (coords);
}

static void
read_slide (void)
{
  GError *error = NULL;
  TsrSlide *slide = tsr_slide_open_as ("a.vms", &fuzz_slide_reader, &error);
  fuzz_check (slide != NULL, &error);
  if (!slide)
    return;
  const TsrSlideInfo *info = tsr_slide_info (slide);
  if (info->n_levels < 1 || info->levels[0].width < 1 || info->levels[0].height < 1)
    abort ();
  static uint8_t rgb[64 * 64 * 3];
  for (int level = 0; level < info->n_levels; level++) {
    bool ok = tsr_slide_read_region (slide, level, 0, 0, 64, 64, rgb, &error);
    fuzz_check (ok, &error);
  }
  for (guint i = 0; i < info->images->len; i++) {
    const TsrSlideImage *named = info->images->pdata[i];
    TsrImage image = {0};
    bool ok = tsr_slide_read_image (slide, named->name, &image, &error);
    fuzz_check (ok, &error);
    tsr_image_clear (&image);
  }
  tsr_slide_unref (slide);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n)
{
  input_at = bytes;
  input_end = bytes + n;
  tsr_reader_process_set_patience (0); /* what is not there will not come */
  if (next_byte () % 2 == 1)
    read_slide ();
  else
    read_coords ();
  return 0;
}
