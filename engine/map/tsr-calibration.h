#pragma once
/* From a rule's scores to probabilities that mean what they say. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Finds the temperature T that explains the labels best (temperature scaling, Guo et al. 2017, eq.
 * 9) from scores the rule gave each labelled tile without knowing its label (left out, alone or in
 * its fold). held [labels, n_classes]: logits, -INFINITY for a class without other labels; label
 * [labels] their classes. Minimises - sum log softmax(held / T)[label] + (log T)^2 / 2: the last
 * term, a log-normal prior of deviation 1, keeps few labels from claiming much. Labels whose class
 * has no other label cannot be asked about and are passed over; 1 if none is left. T is in [1/20,
 * 20]. */
double tsr_calibration_temperature (const float *held, const int32_t *label, size_t labels,
                                    size_t n_classes);

/** Turns logits [n_classes] (-INFINITY: no label yet; not all) into probabilities in place: softmax
 * (logits / T), of which a part is given to all classes alike, those without labels too, so that
 * none exceeds (labels + 1) / (labels + 2), which is as much as that many labels can vouch for
 * (Laplace's rule of succession). They sum to 1; a class alone has 1. */
void tsr_calibration_apply (float *logits, size_t n_classes, double temperature, size_t labels);
