#include "tessera-texture.h"

GdkTexture *
tessera_texture_new (const TsrImage *image)
{
  if (image->pixels == NULL || image->width <= 0 || image->height <= 0)
    return NULL;
  size_t n = (size_t)image->width * image->height;
  uint8_t *rgb = g_malloc (n * 3);
  if (image->channels == 3)
    memcpy (rgb, image->pixels, n * 3);
  else
    for (size_t i = 0; i < n; i++)
      rgb[i * 3] = rgb[i * 3 + 1] = rgb[i * 3 + 2] = image->pixels[i * image->channels];
  g_autoptr (GBytes) bytes = g_bytes_new_take (rgb, n * 3);
  return gdk_memory_texture_new (image->width, image->height, GDK_MEMORY_R8G8B8, bytes,
                                 (gsize)image->width * 3);
}
