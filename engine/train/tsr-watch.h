#pragma once
/* Notices a training that goes wrong, from its losses and from what it draws, so that nobody has
 * to. Pictures are compared as 8 x 8 mean colours: what is finer is texture, which the generator's
 * noise makes and no reconstruction can repeat. */

#include "tsr-trainer.h"

typedef enum {
  TSR_WATCH_GOOD,
  TSR_WATCH_RUNAWAY,   /* a loss, and with it the discriminator's logits, grows without bound */
  TSR_WATCH_COLLAPSED, /* generated tiles all look alike */
  TSR_WATCH_STUCK,     /* reconstructions say no more of their tile than the mean tile does */
} TsrWatchVerdict;

typedef struct {
  int resolution, channels;
  bool reconstructs;  /* a loss makes reconstructions resemble their tiles (default); else none is
                         ever STUCK */
  double real_spread; /* standard deviation of the tiles' mean colours */
  double loss_g, loss_d, loss_mse; /* running means over some thousand images */
  double kimg;                     /* of the newest losses; negative: none yet */
  double most_diverse;             /* the largest diversity so far */
  double diversity;   /* spread of generated tiles over that of real ones; NAN: not measured */
  double unexplained; /* error of reconstructions over the variance of tiles; NAN: not measured */
} TsrWatch;

/** Begins to watch a training on n tiles of bytes [n][r][r][channels]. */
void tsr_watch_init (TsrWatch *watch, const uint8_t *tiles, uint32_t n, int resolution,
                     int channels);

/** Forgets the losses and pictures seen: the training goes on from an earlier state. */
void tsr_watch_restart (TsrWatch *watch);

/** Takes in the newest means of the losses (NANs are passed over). RUNAWAY when the running mean of
 * a adversarial loss over about 2 kimg exceeds 12 (logits of that size leave the other network no
 * gradient), or that of the squared error of reconstructions 10 (more than any image is worth). */
TsrWatchVerdict tsr_watch_losses (TsrWatch *watch, const TsrTrainerStats *stats, double kimg);

/** Takes in n generated tiles, and m reconstructions (0: no encoder) beside the tiles they are of.
 * COLLAPSED when diversity is below 0.1 after it was above 0.3, or still is after 25 kimg; STUCK
 * when more than 0.95 is unexplained after 25 kimg. */
TsrWatchVerdict tsr_watch_pictures (TsrWatch *watch, const uint8_t *generated, unsigned n,
                                    const uint8_t *tiles, const uint8_t *reconstructed, unsigned m,
                                    double kimg);

/** What happened, as a sentence's subject and verb ("the generated tiles all look alike"); static,
 * NULL for GOOD. */
const char *tsr_watch_reason (TsrWatchVerdict verdict);
