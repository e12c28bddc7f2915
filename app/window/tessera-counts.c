#include "tessera-counts.h"

#include <math.h>

#define DIRECT 256 /* ids below it are found without a hash table */

typedef struct {
  TesseraCounts *counts;
  TesseraClassCount *direct[DIRECT];
} Counter;

static TesseraClassCount *
count_of (Counter *counter, int32_t id)
{
  if (id < DIRECT && counter->direct[id] != NULL)
    return counter->direct[id];
  GHashTable *classes = counter->counts->classes;
  TesseraClassCount *count = g_hash_table_lookup (classes, GINT_TO_POINTER (id));
  if (count == NULL) {
    count = g_new0 (TesseraClassCount, 1);
    g_hash_table_insert (classes, GINT_TO_POINTER (id), count);
  }
  if (id < DIRECT)
    counter->direct[id] = count;
  return count;
}

TesseraCounts *
tessera_counts_new (uint32_t n, const int32_t *label, const uint8_t *excluded,
                    const TsrPrediction *predictions, const int32_t *truth,
                    const int32_t *truth_classes)
{
  TesseraCounts *self = g_new0 (TesseraCounts, 1);
  self->classes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  Counter counter = {.counts = self};
  uint32_t right = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (excluded[i]) {
      self->n_excluded++;
      continue;
    }
    if (label[i] >= 0) {
      self->n_labelled++;
      self->n_taught += count_of (&counter, label[i])->labelled++ == 0;
      continue;
    }
    self->n_unsure += label[i] == TSR_LABEL_UNSURE;
    int32_t predicted = predictions != NULL ? predictions[i].class_id : TSR_NO_CLASS;
    if (predicted < 0)
      continue;
    count_of (&counter, predicted)->predicted++;
    if (truth_classes != NULL && truth != NULL && truth[i] >= 0) {
      self->accuracy_of++;
      right += truth_classes[truth[i]] == predicted;
    }
  }
  self->accuracy = self->accuracy_of > 0 ? (double)right / self->accuracy_of : NAN;
  return self;
}

void
tessera_counts_free (TesseraCounts *self)
{
  g_hash_table_unref (self->classes);
  g_free (self);
}

TesseraClassCount
tessera_counts_of_class (const TesseraCounts *self, int32_t id)
{
  const TesseraClassCount *count = g_hash_table_lookup (self->classes, GINT_TO_POINTER (id));
  return count != NULL ? *count : (TesseraClassCount){0};
}
