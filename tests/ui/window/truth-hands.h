#pragma once
/* The hands of a reader who knows the ground truth of a fixture's tiles. */

#include "window-test.h"

/** Which class, in their order, the tile really has. */
unsigned truth_hands_group (WindowTest *test, uint32_t tile);

/** The id of that class. */
int32_t truth_hands_class (WindowTest *test, uint32_t tile);

/** The tile that a key would label. */
uint32_t truth_hands_current (WindowTest *test);

/** Presses the key of the class that the current tile really has. */
void truth_hands_label (WindowTest *test);
