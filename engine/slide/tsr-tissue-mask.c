/* Thresholds found on the slide, ink and black margins told apart, specks and holes by connected
 * pieces. */

#include "tsr-tissue-mask.h"

#include "tsr-error.h"
#include "tsr-i18n.h"

#include <math.h>
#include <string.h>

#define SATURATION_LEAST 15 /* paler is glass, whatever Otsu makes of an empty slide */
#define SATURATION_MOST  45 /* a slide of nothing but tissue must not lose its pale half */
#define SATURATION_GAP   10 /* tissue is that much more saturated than the glass ... */
#define SATURATION_ROOM  10 /* ... and Otsu may ask for that much more */
#define GLASS_DISTANCE   8  /* tissue is that much darker than the glass */
#define BRIGHT_LEAST     220
#define BRIGHT_MOST      247
#define DARK_GROUND      64  /* the median of a slide without colour, below */
#define INK_BORDER       2   /* pixels round ink, where it fades */
#define INK_SHARE        0.4 /* of all colour: more is a stain, not ink */

enum { NO_INK, GREEN_INK, BLUE_INK, RED_INK, N_INKS };

typedef struct {
  int width, height;
  size_t n;
  uint8_t *rgb;                     /* smoothed */
  uint8_t *saturation, *brightness; /* HSV's saturation and luma, 0..255 */
  uint8_t *classes;
  int *piece; /* pixels of a connected piece */
} Work;

TsrMaskOptions
tsr_mask_options (void)
{
  return (TsrMaskOptions){.saturation = NAN,
                          .brightness = NAN,
                          .dark = 50,
                          .smooth = 1,
                          .speck = 32,
                          .hole = 128,
                          .pen = true};
}

int
tsr_otsu (const uint64_t histogram[256])
{
  double total = 0, mean = 0;
  for (int i = 0; i < 256; i++) {
    total += (double)histogram[i];
    mean += (double)i * (double)histogram[i];
  }
  double best = 0, below = 0, sum = 0;
  int first = -1, last = -1;
  for (int t = 0; t < 255; t++) {
    below += (double)histogram[t];
    sum += (double)t * (double)histogram[t];
    if (below == 0 || below == total)
      continue;
    double gap = mean * below - sum * total; /* (mu_T omega - mu) N^2 */
    double between = gap * gap / (below * (total - below));
    if (between > best * (1 + 1e-12))
      best = between, first = t;
    if (between >= best * (1 - 1e-12) && first >= 0)
      last = t;
  }
  return first < 0 ? -1 : (first + last) / 2;
}

/* How many samples a window of 2 radius + 1 has at i of n. */
static int
window (int i, int n, int radius)
{
  return MIN (i + radius, n - 1) - MAX (i - radius, 0) + 1;
}

/* One over that number, in 32 bits behind the point, rounded up: exact for sums below 2^16. */
static uint64_t
share_of (int i, int n, int radius)
{
  return ((uint64_t)1 << 32) / (uint64_t)window (i, n, radius) + 1;
}

static void
smooth_row (const uint8_t *from, int n, int radius, uint8_t *to)
{
  int sum[3] = {0};
  for (int i = -radius; i < n; i++) {
    for (int c = 0; c < 3; c++) {
      if (i + radius < n)
        sum[c] += from[(size_t)(i + radius) * 3 + c];
      if (i - radius - 1 >= 0)
        sum[c] -= from[(size_t)(i - radius - 1) * 3 + c];
    }
    if (i < 0)
      continue;
    uint64_t share = share_of (i, n, radius);
    int half = window (i, n, radius) / 2;
    for (int c = 0; c < 3; c++)
      to[(size_t)i * 3 + c] = (uint8_t)((uint64_t)(sum[c] + half) * share >> 32);
  }
}

/* Averages over a square of 2 radius + 1 pixels, over what there is of it at the border. */
static void
smooth (Work *self, const TsrImage *overview, int radius)
{
  size_t row = (size_t)self->width * 3;
  if (radius == 0) {
    memcpy (self->rgb, overview->pixels, self->n * 3);
    return;
  }
  g_autofree uint8_t *between = g_malloc (self->n * 3);
  g_autofree int *sum = g_new0 (int, row);
  for (int y = 0; y < self->height; y++)
    smooth_row (overview->pixels + y * row, self->width, radius, between + y * row);
  for (int y = -radius; y < self->height; y++) {
    const uint8_t *in = y + radius < self->height ? between + (size_t)(y + radius) * row : NULL;
    const uint8_t *out = y - radius - 1 >= 0 ? between + (size_t)(y - radius - 1) * row : NULL;
    for (size_t x = 0; in && x < row; x++)
      sum[x] += in[x];
    for (size_t x = 0; out && x < row; x++)
      sum[x] -= out[x];
    if (y < 0)
      continue;
    uint64_t share = share_of (y, self->height, radius);
    int half = window (y, self->height, radius) / 2;
    for (size_t x = 0; x < row; x++)
      self->rgb[(size_t)y * row + x] = (uint8_t)((uint64_t)(sum[x] + half) * share >> 32);
  }
}

static void
measure (Work *self)
{
  for (size_t i = 0; i < self->n; i++) {
    const uint8_t *p = self->rgb + 3 * i;
    int high = MAX (MAX (p[0], p[1]), p[2]), low = MIN (MIN (p[0], p[1]), p[2]);
    self->saturation[i] = (uint8_t)(high ? (high - low) * 255 / high : 0);
    self->brightness[i] = (uint8_t)((299 * p[0] + 587 * p[1] + 114 * p[2] + 500) / 1000);
  }
}

/* ---- connected pieces */

#define MARKED 255

/* Marks the piece of class `from` round pixel `start` and lists it in self->piece; tells its size
 * and whether it touches the image's border. */
static size_t
flood (Work *self, size_t start, uint8_t from, bool diagonal, bool *border)
{
  size_t n = 0;
  int w = self->width, h = self->height;
  *border = false;
  self->piece[n++] = (int)start;
  self->classes[start] = MARKED;
  for (size_t done = 0; done < n; done++) {
    int at = self->piece[done], x = at % w, y = at / w;
    *border |= x == 0 || y == 0 || x == w - 1 || y == h - 1;
    for (int dy = y > 0 ? -1 : 0; dy <= (y < h - 1); dy++)
      for (int dx = x > 0 ? -1 : 0; dx <= (x < w - 1); dx++) {
        int next = at + dy * w + dx;
        if (self->classes[next] != from || (!diagonal && dx && dy))
          continue;
        self->classes[next] = MARKED;
        self->piece[n++] = next;
      }
  }
  return n;
}

/* Pieces of class `from` become `small` when they have fewer than `least` pixels, else `large`;
 * those at the border of the image `outer`. */
static void
sort_pieces (Work *self, uint8_t from, bool diagonal, size_t least, uint8_t small, uint8_t large,
             uint8_t outer)
{
  for (size_t i = 0; i < self->n; i++)
    if (self->classes[i] == from) {
      bool border;
      size_t area = flood (self, i, from, diagonal, &border);
      /* Bit 7 keeps it from being found again when it stays what it was. */
      uint8_t to = (border ? outer : area < least ? small : large) | 0x80;
      for (size_t k = 0; k < area; k++)
        self->classes[self->piece[k]] = to;
    }
  for (size_t i = 0; i < self->n; i++)
    self->classes[i] &= 0x7F;
}

/* ---- ink */

/* Colours that stained tissue does not have, but pens do. */
static int
ink_of (const uint8_t *p, int saturation)
{
  int r = p[0], g = p[1], b = p[2], high = MAX (MAX (r, g), b), low = MIN (MIN (r, g), b);
  int chroma = high - low;
  if (chroma < 40 || saturation < 60)
    return NO_INK;
  if (g == high && 4 * (b - r) >= -3 * chroma) /* hue 75 to 180 */
    return GREEN_INK;
  if (b == high && r == low) {
    if (3 * (g - r) >= 2 * chroma) /* 180 to 200 */
      return GREEN_INK;
    return saturation >= 150 ? BLUE_INK : NO_INK; /* 200 to 240 */
  }
  if (r == high && saturation >= 178 && r >= 130 && 5 * ABS (g - b) <= chroma)
    return RED_INK; /* -12 to 12 */
  return NO_INK;
}

/* Large dark pieces without colour inside the image. */
static bool
is_black (const uint8_t *p)
{
  int high = MAX (MAX (p[0], p[1]), p[2]), low = MIN (MIN (p[0], p[1]), p[2]);
  return high <= 80 && high - low <= 25;
}

static void
grow_pen (Work *self)
{
  if (!memchr (self->classes, TSR_MASK_PEN, self->n))
    return;
  for (int step = 0; step < INK_BORDER; step++) {
    for (int y = 0; y < self->height; y++)
      for (int x = 0; x < self->width; x++) {
        size_t i = (size_t)y * self->width + x;
        if (self->classes[i] != TSR_MASK_TISSUE && self->classes[i] != TSR_MASK_GLASS)
          continue;
        if ((x > 0 && self->classes[i - 1] == TSR_MASK_PEN) ||
            (x + 1 < self->width && self->classes[i + 1] == TSR_MASK_PEN) ||
            (y > 0 && self->classes[i - self->width] == TSR_MASK_PEN) ||
            (y + 1 < self->height && self->classes[i + self->width] == TSR_MASK_PEN))
          self->classes[i] |= 0x40; /* becomes pen after this step */
      }
    for (size_t i = 0; i < self->n; i++)
      if (self->classes[i] & 0x40)
        self->classes[i] = TSR_MASK_PEN;
  }
}

static void
find_ink (Work *self, double saturation, size_t speck)
{
  size_t count[N_INKS] = {0}, coloured = 0;
  for (size_t i = 0; i < self->n; i++)
    if (self->classes[i] != TSR_MASK_MARGIN && self->saturation[i] > saturation) {
      coloured++;
      count[ink_of (self->rgb + 3 * i, self->saturation[i])]++;
    }
  for (size_t i = 0; i < self->n; i++) {
    if (self->classes[i] == TSR_MASK_MARGIN)
      continue;
    int ink = ink_of (self->rgb + 3 * i, self->saturation[i]);
    if (is_black (self->rgb + 3 * i) ||
        (ink != NO_INK && (double)count[ink] <= INK_SHARE * (double)coloured))
      self->classes[i] = TSR_MASK_PEN;
  }
  /* Small ones are pigment, folds or vessels. */
  sort_pieces (self, TSR_MASK_PEN, true, 8 * speck, TSR_MASK_GLASS, TSR_MASK_PEN, TSR_MASK_PEN);
}

/* ---- thresholds */

static uint64_t
fill_histogram (const Work *self, const uint8_t *values, uint64_t histogram[256])
{
  uint64_t n = 0;
  memset (histogram, 0, 256 * sizeof *histogram);
  for (size_t i = 0; i < self->n; i++)
    if (self->classes[i] == TSR_MASK_GLASS)
      histogram[values[i]]++, n++;
  return n;
}

static int
percentile (const uint64_t histogram[256], uint64_t n, double share)
{
  uint64_t below = 0;
  for (int i = 0; i < 256; i++) {
    below += histogram[i];
    if ((double)below >= share * (double)n)
      return i;
  }
  return 255;
}

/* Fluorescence and its like: no colour, and mostly dark. There are no black margins to be told from
 * the ground, and no ink. */
static bool
is_dark_ground (Work *self)
{
  uint64_t histogram[256];
  memset (self->classes, TSR_MASK_GLASS, self->n);
  uint64_t n = fill_histogram (self, self->saturation, histogram);
  if (percentile (histogram, n, 0.99) >= SATURATION_LEAST)
    return false;
  n = fill_histogram (self, self->brightness, histogram);
  return percentile (histogram, n, 0.5) < DARK_GROUND;
}

/* The median saturation of what is about as bright as the glass: lamps and old slides have a tint.
 */
static int
glass_saturation (const Work *self, int glass)
{
  uint64_t histogram[256] = {0}, n = 0;
  for (size_t i = 0; i < self->n; i++)
    if (self->classes[i] == TSR_MASK_GLASS && self->brightness[i] >= glass - GLASS_DISTANCE / 2)
      histogram[self->saturation[i]]++, n++;
  return percentile (histogram, n, 0.5);
}

/* Called while all that is neither margin nor ink is of class glass. */
static void
choose_thresholds (const Work *self, const TsrMaskOptions *options, TsrTissueMask *mask)
{
  uint64_t saturations[256], brightnesses[256];
  uint64_t n = fill_histogram (self, self->saturation, saturations);
  fill_histogram (self, self->brightness, brightnesses);
  int glass = percentile (brightnesses, n, 0.95), otsu = tsr_otsu (saturations);
  mask->by_brightness = percentile (saturations, n, 0.99) < SATURATION_LEAST && n > 0;
  int low =
      CLAMP (glass_saturation (self, glass) + SATURATION_GAP, SATURATION_LEAST, SATURATION_MOST);
  mask->saturation = CLAMP (otsu, low, MIN (low + SATURATION_ROOM, SATURATION_MOST));
  mask->brightness = CLAMP (glass - GLASS_DISTANCE, BRIGHT_LEAST, BRIGHT_MOST);
  if (mask->by_brightness) {
    int split = tsr_otsu (brightnesses);
    mask->brightness = split < 0 ? (mask->dark_ground ? 255 : 0) : split + 1;
    if (!mask->dark_ground)
      mask->brightness = MIN (mask->brightness, MAX (glass - GLASS_DISTANCE, 0));
  }
  if (!isnan (options->saturation)) {
    mask->saturation = options->saturation;
    mask->by_brightness = false;
  }
  if (!isnan (options->brightness))
    mask->brightness = options->brightness;
}

static void
find_margins (Work *self, double dark)
{
  memset (self->classes, TSR_MASK_GLASS, self->n);
  for (size_t i = 0; i < self->n; i++) {
    const uint8_t *p = self->rgb + 3 * i;
    if (MAX (MAX (p[0], p[1]), p[2]) <= dark)
      self->classes[i] = TSR_MASK_MARGIN;
  }
  /* Inside the image only what is too large for ink or pigment. */
  sort_pieces (self, TSR_MASK_MARGIN, true, MAX (self->n / 20, 1), TSR_MASK_GLASS, TSR_MASK_MARGIN,
               TSR_MASK_MARGIN);
}

static void
find_tissue (Work *self, const TsrMaskOptions *options, TsrTissueMask *mask)
{
  mask->dark_ground = isnan (options->saturation) && is_dark_ground (self);
  if (!mask->dark_ground)
    find_margins (self, options->dark);
  choose_thresholds (self, options, mask);
  bool pen = options->pen && !mask->dark_ground;
  if (pen)
    find_ink (self, mask->saturation, (size_t)options->speck);
  for (size_t i = 0; i < self->n; i++)
    if (self->classes[i] == TSR_MASK_GLASS &&
        (mask->by_brightness || self->saturation[i] > mask->saturation) &&
        (mask->dark_ground ? self->brightness[i] >= mask->brightness
                           : self->brightness[i] < mask->brightness))
      self->classes[i] = TSR_MASK_TISSUE;
  if (pen)
    grow_pen (self);
  sort_pieces (self, TSR_MASK_TISSUE, true, (size_t)options->speck, TSR_MASK_GLASS, TSR_MASK_TISSUE,
               TSR_MASK_TISSUE);
  sort_pieces (self, TSR_MASK_GLASS, false, (size_t)options->hole, TSR_MASK_TISSUE, TSR_MASK_GLASS,
               TSR_MASK_GLASS);
}

static bool
check_options (const TsrMaskOptions *options, GError **error)
{
  bool thresholds =
      (isnan (options->saturation) || (options->saturation >= 0 && options->saturation <= 255)) &&
      (isnan (options->brightness) || (options->brightness >= 0 && options->brightness <= 255)) &&
      options->dark >= 0 && options->dark <= 255;
  if (thresholds && options->smooth >= 0 && options->smooth <= 64 && options->speck >= 0 &&
      options->hole >= 0)
    return true;
  g_set_error (
      error, TSR_ERROR, TSR_ERROR_USAGE,
      _ ("A tissue mask takes thresholds from 0 to 255, an average over 0 to 64 pixels, and "
         "no negative sizes."));
  return false;
}

bool
tsr_tissue_mask_find (const TsrImage *overview, const TsrMaskOptions *options, TsrTissueMask *mask,
                      GError **error)
{
  *mask = (TsrTissueMask){0};
  if (!check_options (options, error))
    return false;
  size_t n = (size_t)overview->width * overview->height;
  if (overview->channels != 3 || n == 0 || n > (size_t)1 << 28) {
    g_set_error (error, TSR_ERROR, TSR_ERROR_USAGE,
                 _ ("A tissue mask is made from an RGB image, which this is not."));
    return false;
  }
  Work work = {.width = overview->width,
               .height = overview->height,
               .n = n,
               .rgb = g_malloc (n * 3),
               .saturation = g_malloc (n),
               .brightness = g_malloc (n),
               .classes = g_malloc (n),
               .piece = g_new (int, n)};
  smooth (&work, overview, options->smooth);
  measure (&work);
  find_tissue (&work, options, mask);
  mask->width = work.width;
  mask->height = work.height;
  mask->classes = work.classes;
  g_free (work.rgb);
  g_free (work.saturation);
  g_free (work.brightness);
  g_free (work.piece);
  return true;
}

void
tsr_tissue_mask_clear (TsrTissueMask *mask)
{
  g_free (mask->classes);
  *mask = (TsrTissueMask){0};
}
