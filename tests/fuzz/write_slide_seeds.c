/* Writes small slides of many layouts into a folder: the first corpus of fuzz_slide, and that of
 * fuzz_jp2k. */

#include "../slide/slide-fixture.h"

/* Tiles as fuzz_jp2k reads them, beside the folder. */
static bool
write_tiles (const char *folder)
{
  static const uint8_t head[3] = {15, 11, 1};
  g_autofree char *beside = g_build_filename (folder, "..", "corpus-jp2k", NULL);
  uint8_t planes[3 * 16 * 12];
  for (size_t i = 0; i < sizeof planes; i++)
    planes[i] = (uint8_t)(i % 7 < 3);
  for (int kind = 0; kind < 5; kind++) {
    g_autoptr (GBytes) tile = kind < 2 ? slide_jp2k (planes, 1 + 2 * kind, 16, 12)
                                       : slide_jp2_palette (planes, kind - 1, 16, 12);
    g_autofree char *name = g_strdup_printf ("tile-%d", kind),
                    *path = g_build_filename (beside, name, NULL);
    g_autoptr (GByteArray) all = g_byte_array_new ();
    g_byte_array_append (all, head, sizeof head);
    g_byte_array_append (all, g_bytes_get_data (tile, NULL), (guint)g_bytes_get_size (tile));
    if (!g_file_set_contents (path, (const char *)all->data, all->len, NULL))
      return false;
  }
  return true;
}

int
main (int argc, char **argv)
{
  static const SlideKind kinds[] = {
      {.name = "jpeg",
       .photometric = PHOTOMETRIC_YCBCR,
       .compression = COMPRESSION_JPEG,
       .n_levels = 2},
      {.name = "jp2k", .compression = 33003},
      {.name = "webp", .compression = COMPRESSION_WEBP, .where = SUBS, .n_levels = 2},
      {.name = "lzw", .compression = COMPRESSION_LZW, .n_levels = 2, .mode = "8", .where = SUBS},
      {.name = "grey",
       .bits = 4,
       .samples = 1,
       .photometric = PHOTOMETRIC_MINISBLACK,
       .rows = 16,
       .orientation = 6},
      {.name = "palette",
       .samples = 1,
       .photometric = PHOTOMETRIC_PALETTE,
       .compression = COMPRESSION_ZSTD},
      {.name = "cmyk",
       .samples = 4,
       .photometric = PHOTOMETRIC_SEPARATED,
       .compression = COMPRESSION_ADOBE_DEFLATE,
       .planar = PLANARCONFIG_SEPARATE},
      {.name = "aperio",
       .compression = COMPRESSION_LZW,
       .n_levels = 2,
       .description = "Aperio Image Library v1\r\n10x10|AppMag = 20|MPP = 0.5"},
      {.name = "philips",
       .compression = COMPRESSION_LZW,
       .n_levels = 2,
       .description =
           "<DataObject ObjectType=\"DPUfsImport\"><DataObject "
           "ObjectType=\"PixelDataRepresentation\"><Attribute Name=\"DICOM_PIXEL_SPACING\">"
           "\"0.0002\" \"0.0002\"</Attribute></DataObject></DataObject>"},
      {.name = "ome",
       .compression = COMPRESSION_LZW,
       .n_levels = 2,
       .where = SUBS,
       .description = "<OME xmlns=\"x\"><Image><Pixels SizeC=\"3\" PhysicalSizeX=\"0.5\" "
                      "PhysicalSizeY=\"0.5\"/></Image></OME>"},
  };
  if (argc != 2)
    return 2;
  if (!write_tiles (argv[1]))
    return 1;
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *path = slide_write (&kinds[i]);
    g_autofree char *to = g_build_filename (argv[1], kinds[i].name, NULL);
    g_autoptr (GFile) from = g_file_new_for_path (path);
    g_autoptr (GFile) there = g_file_new_for_path (to);
    g_autoptr (GError) error = NULL;
    if (!g_file_move (from, there, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, &error)) {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  }
  return 0;
}
