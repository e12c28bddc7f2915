#include "tessera-class-editor.h"
#include "tessera-class-row.h"
#include "tessera-import-page.h"
#include "tessera-job-bar.h"
#include "tessera-label-pad.h"
#include "tessera-legend-toggle.h"
#include "tessera-loss-plot.h"
#include "tessera-map-empty.h"
#include "tessera-map-legend.h"
#include "tessera-map-pane.h"
#include "tessera-panes.h"
#include "tessera-project-page.h"
#include "tessera-queue-strip.h"
#include "tessera-sidebar.h"
#include "tessera-start-page.h"
#include "tessera-swatch.h"
#include "tessera-tile-grid.h"
#include "tessera-tile-panel.h"
#include "tessera-tile-picture.h"
#include "tessera-training-page.h"
#include "tessera-ui.h"

void
tessera_ui_ensure_types (void)
{
  g_type_ensure (TESSERA_TYPE_CLASS_EDITOR);
  g_type_ensure (TESSERA_TYPE_CLASS_ROW);
  g_type_ensure (TESSERA_TYPE_IMPORT_PAGE);
  g_type_ensure (TESSERA_TYPE_JOB_BAR);
  g_type_ensure (TESSERA_TYPE_LABEL_PAD);
  g_type_ensure (TESSERA_TYPE_LEGEND_TOGGLE);
  g_type_ensure (TESSERA_TYPE_LOSS_PLOT);
  g_type_ensure (TESSERA_TYPE_MAP_EMPTY);
  g_type_ensure (TESSERA_TYPE_MAP_LEGEND);
  g_type_ensure (TESSERA_TYPE_MAP_PANE);
  g_type_ensure (TESSERA_TYPE_PANES);
  g_type_ensure (TESSERA_TYPE_PROJECT_PAGE);
  g_type_ensure (TESSERA_TYPE_QUEUE_STRIP);
  g_type_ensure (TESSERA_TYPE_SIDEBAR);
  g_type_ensure (TESSERA_TYPE_START_PAGE);
  g_type_ensure (TESSERA_TYPE_SWATCH);
  g_type_ensure (TESSERA_TYPE_TILE_GRID);
  g_type_ensure (TESSERA_TYPE_TILE_PANEL);
  g_type_ensure (TESSERA_TYPE_TILE_PICTURE);
  g_type_ensure (TESSERA_TYPE_TRAINING_PAGE);
}
