#include "tessera-show.h"

#include "tsr-project.h"

bool
tessera_show_passes (TesseraShow show, const TesseraShowTile *tile)
{
  bool predicted = tile->prediction != NULL && tile->prediction->class_id >= 0;
  switch (show) {
  case TESSERA_SHOW_UNLABELLED:
    return tile->label == TSR_LABEL_NONE && !tile->excluded;
  case TESSERA_SHOW_LABELLED:
    return tile->label >= 0 && !tile->excluded;
  case TESSERA_SHOW_UNCERTAIN:
    return tile->label == TSR_LABEL_NONE && !tile->excluded && predicted &&
           tile->prediction->margin < TESSERA_UNCERTAIN_MARGIN;
  case TESSERA_SHOW_UNSURE:
    return tile->label == TSR_LABEL_UNSURE || tile->excluded;
  case TESSERA_SHOW_WRONG:
    return !tile->excluded && tile->label < 0 && predicted && tile->has_truth &&
           tile->truth_class != tile->prediction->class_id;
  default:
    return true;
  }
}
