#include "tsr-project-places.h"

#include "tsr-project-slides.h"

TsrTilePlace *
tsr_project_places (TsrProject *project, char *const *names, size_t n, GError **error)
{
  g_autoptr (GPtrArray) slides = tsr_project_slides (project, error);
  g_autofree TsrTileRegion *regions = g_new (TsrTileRegion, n + 1);
  if (!slides || !tsr_project_regions (project, regions, error))
    return NULL;
  TsrTilePlace *places = tsr_tile_places_of_names (names, n);
  for (size_t i = 0; i < n; i++) {
    const TsrTileRegion *region = &regions[i];
    if (region->slide < 0)
      continue;
    tsr_tile_place_clear (&places[i]);
    places[i] = (TsrTilePlace){
        .slide = g_strdup (((const TsrProjectSlide *)slides->pdata[region->slide])->name),
        .x = (double)region->x,
        .y = (double)region->y,
        .width = region->width,
        .height = region->height,
        .downsample = region->pixels > 0 ? (double)region->width / region->pixels : 1};
  }
  return places;
}
