#pragma once
/* Drawing thin sections: two layers of dye on a field measured in micrometres, painted by implicit
 * shapes with soft edges. Inside engine/demo only. */

#include "tsr-image.h"
#include "tsr-random.h"

/* The field is a square round (0, 0), turned against the pixels. Shapes are placed within `reach`
 * of the middle, which covers the corners. h and e are amounts of haematoxylin and eosin a pixel: 1
 * is a well stained nucleus or muscle fibre. */
typedef struct {
  int size;
  float um;               /* micrometres a pixel */
  float field, reach;     /* side of the tile and radius that shapes must fill, in micrometres */
  float cosine, sine;     /* of the field's rotation */
  float noise_x, noise_y; /* where in the noise this tile lies */
  float *h, *e;           /* size x size each */
  TsrRandom random;
} TsrCanvas;

/** Prepares an empty (unstained) canvas for one tile. Free h and e with tsr_canvas_clear. */
void tsr_canvas_init (TsrCanvas *canvas, int size, uint64_t seed, uint64_t stream);

/** Frees the two layers, once; the struct is the caller's. */
void tsr_canvas_clear (TsrCanvas *canvas);

/** The place of a pixel's centre in the field. */
static inline void
tsr_canvas_place (const TsrCanvas *canvas, int px, int py, float *x, float *y)
{
  float dx = (px + 0.5f) * canvas->um - 0.5f * canvas->field,
        dy = (py + 0.5f) * canvas->um - 0.5f * canvas->field;
  *x = canvas->cosine * dx - canvas->sine * dy;
  *y = canvas->sine * dx + canvas->cosine * dy;
}

/** A number uniform in [low, high). */
static inline float
tsr_draw (TsrCanvas *canvas, float low, float high)
{
  return low + (high - low) * (float)tsr_random_uniform (&canvas->random);
}

/** True with probability p. */
static inline bool
tsr_chance (TsrCanvas *canvas, float p)
{
  return tsr_random_uniform (&canvas->random) < p;
}

/** 0 below low, 1 above high, smooth between. */
static inline float
tsr_smooth (float low, float high, float x)
{
  float t = (x - low) / (high - low);
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  return t * t * (3 - 2 * t);
}

/** Smooth noise in about [-1, 1] with features of size 1, the same for every tile; add
 * canvas->noise_x, noise_y. */
float tsr_noise (float x, float y);

/** Noise of several octaves: features of `scale` micrometres and halves of it. layer picks an
 * independent pattern. */
float tsr_canvas_noise (const TsrCanvas *canvas, float x, float y, float scale, int octaves,
                        int layer);

/** A cell nucleus, or anything blue and round. Lengths in micrometres. */
typedef struct {
  float x, y, a, b, angle; /* middle, semi-axes, direction of a */
  float h;                 /* haematoxylin */
  float rim;       /* share by which the border is darker than the middle (vesicular nuclei) */
  float clumps;    /* amplitude of the chromatin's texture, as a share of h */
  float grain;     /* size of its clumps */
  float nucleolus; /* haematoxylin of one or two nucleoli, 0 for none */
  float irregular; /* how far the outline leaves the ellipse, 0 to 0.3 */
  float soft;      /* width of its edge */
  float blunt;     /* 0 ellipse to 1 cigar */
} TsrNucleus;

/** Draws it over what is there, with its own random outline and chromatin. */
void tsr_draw_nucleus (TsrCanvas *canvas, const TsrNucleus *nucleus);

/** A soft-edged disc or ring of dye that replaces `cover` of what lies under it. */
typedef struct {
  float x, y, a, b, angle;
  float h, e, cover;
  float hollow; /* 0 full, 1 thin ring */
  float soft;
} TsrBlob;

/** Draws it: `cover` of each layer under it gives way to h and e, less of them towards the middle
 * of a hollow one. What lies outside the tile is left out. */
void tsr_draw_blob (TsrCanvas *canvas, const TsrBlob *blob);

/** The middles of a few hundred cells at most, in micrometres. */
typedef struct {
  unsigned n;
  float x[640], y[640];
} TsrCells;

/** Places cells over the circle of radius reach + spacing: on a triangular lattice of `spacing`
 * micrometres, turned and shifted at random, each cell moved by up to jitter (0 to 0.5) spacings
 * along both axes. What does not fit into TsrCells is left out. */
void tsr_canvas_scatter (TsrCanvas *canvas, float spacing, float jitter, TsrCells *cells);

/** Those of cells within radius of (x, y): what a painter asks once for a block of pixels. */
void tsr_cells_near (const TsrCells *cells, float x, float y, float radius, TsrCells *near);

/** Distances from (x, y) to its nearest cell and, rounded at corners, to the border with its
 * neighbours. */
unsigned tsr_cells_nearest (const TsrCells *cells, float x, float y, float rounding,
                            float *distance, float *border);

/* The painters, one a class; each starts from an empty canvas. */

/** Tumour: a solid sheet or nests of cells of one grade (size, spread and texture of nuclei), with
 * a few fibroblasts and lymphocytes between them. */
void tsr_paint_tumour (TsrCanvas *canvas);

/** Lymphocytes packed densely, thinned in patches in a third of the tiles; plasma cells and blasts
 * among them. */
void tsr_paint_lymphocytes (TsrCanvas *canvas);

/** Stroma: wavy bundles of collagen with fibroblasts along them, now and then a capillary or a few
 * lymphocytes. */
void tsr_paint_stroma (TsrCanvas *canvas);

/** Fat: large clear cells packed like foam, flat nuclei and sometimes red blood cells in their
 * walls. */
void tsr_paint_fat (TsrCanvas *canvas);

/** Necrosis: granular debris with more or fewer remains of nuclei. */
void tsr_paint_necrosis (TsrCanvas *canvas);

/** Glands: round or oval, each a lumen in a wall of tall epithelial cells, goblet cells among them
 * in half of the tiles, loose tissue between. */
void tsr_paint_glands (TsrCanvas *canvas);

/** Smooth muscle cut along: broad even fibres with long blunt nuclei in their middles. */
void tsr_paint_muscle (TsrCanvas *canvas);

/** Mucus: pale streaming pools with up to six cells, lymphocytes or signet rings. */
void tsr_paint_mucus (TsrCanvas *canvas);

/** Loose connective tissue everywhere, as ground for other classes: fibres without nuclei. amount
 * scales its eosin. */
void tsr_paint_ground (TsrCanvas *canvas, float amount);

/** One small dark round cell with its middle at (x, y). */
void tsr_draw_lymphocyte (TsrCanvas *canvas, float x, float y);

/** The long nucleus of a fibroblast, thin or (one in four) plump, along `angle` (radians) give or
 * take 0.15. */
void tsr_draw_fibroblast (TsrCanvas *canvas, float x, float y, float angle);

/** A handful of red blood cells round (x, y). */
void tsr_draw_red_cells (TsrCanvas *canvas, float x, float y, unsigned n);

/** Stains, photographs and compresses the canvas: stain vectors, strength, light, focus, sensor
 * noise and JPEG, all drawn from the canvas's random numbers. */
void tsr_photograph (TsrCanvas *canvas, TsrImage *tile);
