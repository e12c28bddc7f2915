/* A reader that breaks the protocol as $LIE says: an answer to the request named before the dot is
 * wrong in the way named after it. Everything else it answers as for a slide of 300 x 200 pixels.
 */

#include "tsr-reader-protocol.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char packet[sizeof (TsrReaderHead) + 2 * TSR_READER_TEXT];

static bool
is_lie (uint32_t what, const char *lie)
{
  static const char *const names[] = {"", "open", "level", "property", "image", "region", "pixels"};
  const char *wanted = getenv ("LIE");
  size_t n = strlen (names[what]);
  return strncmp (wanted, names[what], n) == 0 && wanted[n] == '.' &&
         strcmp (wanted + n + 1, lie) == 0;
}

static void
tell_truth (const TsrReaderHead *asked, TsrReaderHead *answer)
{
  const char *text = "";
  static const int64_t numbers[][TSR_READER_NUMBERS] = {[TSR_READER_OPEN] = {1, 2, 1},
                                                        [TSR_READER_LEVEL] = {300, 200},
                                                        [TSR_READER_PROPERTY] = {4},
                                                        [TSR_READER_IMAGE] = {30, 20},
                                                        [TSR_READER_PIXELS] = {0}};
  if (asked->what == TSR_READER_OPEN)
    text = "liar";
  if (asked->what == TSR_READER_PROPERTY)
    text = "namevalue";
  if (asked->what == TSR_READER_IMAGE)
    text = "label";
  *answer = (TsrReaderHead){.magic = TSR_READER_MAGIC, .serial = asked->serial};
  answer->length = (uint32_t)strlen (text);
  memcpy (answer->numbers, numbers[asked->what], sizeof answer->numbers);
  memcpy (packet + sizeof *answer, text, strlen (text));
}

/* Returns the bytes to send. */
static size_t
lie (const TsrReaderHead *asked, TsrReaderHead *answer)
{
  uint32_t what = asked->what;
  if (is_lie (what, "magic"))
    answer->magic++;
  if (is_lie (what, "serial"))
    answer->serial--;
  if (is_lie (what, "status"))
    answer->what = 7;
  if (is_lie (what, "length"))
    answer->length += 1000;
  if (is_lie (what, "negative"))
    answer->numbers[0] = answer->numbers[1] = answer->numbers[2] = -5;
  if (is_lie (what, "large"))
    answer->numbers[0] = answer->numbers[1] = answer->numbers[2] = INT64_MAX;
  if (is_lie (what, "nothing"))
    answer->numbers[0] = answer->numbers[1] = answer->numbers[2] = 0;
  if (is_lie (what, "many"))
    answer->numbers[0] = 1000;
  if (is_lie (what, "odd"))
    memcpy (packet + sizeof *answer, "\n\377%s", 4);
  memcpy (packet, answer, sizeof *answer);
  if (is_lie (what, "short"))
    return sizeof *answer / 2;
  if (is_lie (what, "empty"))
    return 0;
  if (is_lie (what, "cut"))
    return sizeof *answer + TSR_READER_TEXT + 1;
  return sizeof *answer + (answer->length < 1000 ? answer->length : 0);
}

int
main (void)
{
  TsrReaderHead asked, answer;
  while (recv (TSR_READER_SOCKET, packet, sizeof packet, 0) > 0) {
    memcpy (&asked, packet, sizeof asked);
    tell_truth (&asked, &answer);
    size_t n = lie (&asked, &answer);
    if (is_lie (asked.what, "deaf")) { /* closes its end and stays */
      close (TSR_READER_SOCKET);
      sleep (1000);
    }
    if (send (TSR_READER_SOCKET, packet, n, MSG_NOSIGNAL) < 0)
      return 1;
    if (is_lie (asked.what, "twice"))
      send (TSR_READER_SOCKET, packet, n, MSG_NOSIGNAL);
    if (is_lie (asked.what, "shrink") && ftruncate (TSR_READER_MEMORY, 0) == 0)
      return 1;
  }
  return 0;
}
