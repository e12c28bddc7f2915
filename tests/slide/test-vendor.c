/* What vendors write: levels, images beside them, sizes of pixels, properties; and formats that are
 * refused by name. */

#include "slide-fixture.h"

#include "tsr-error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static TIFF *
begin (char **path, const char *mode)
{
  g_close (g_file_open_tmp ("tessera-vendor-XXXXXX.tif", path, NULL), NULL);
  return TIFFOpen (*path, mode);
}

/* A directory of one grey value a pixel row, RGB without compression; tile 0: strips. */
static void
add (TIFF *tiff, int w, int h, int tile, uint32_t subtype, const char *description, int value)
{
  TIFFSetField (tiff, TIFFTAG_SUBFILETYPE, subtype);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, w);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, h);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  if (description)
    TIFFSetField (tiff, TIFFTAG_IMAGEDESCRIPTION, description);
  g_autofree uint8_t *block = g_malloc ((size_t)MAX (tile * tile, w * h) * 3);
  memset (block, value, (size_t)MAX (tile * tile, w * h) * 3);
  if (tile) {
    TIFFSetField (tiff, TIFFTAG_TILEWIDTH, tile);
    TIFFSetField (tiff, TIFFTAG_TILELENGTH, tile);
    for (uint32_t i = 0; i < TIFFNumberOfTiles (tiff); i++)
      TIFFWriteEncodedTile (tiff, i, block, (tmsize_t)tile * tile * 3);
  } else {
    TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, h);
    TIFFWriteEncodedStrip (tiff, 0, block, (tmsize_t)w * h * 3);
  }
  g_assert_true (TIFFWriteDirectory (tiff));
}

static TsrSlide *
finish (TIFF *tiff, const char *path)
{
  TIFFClose (tiff);
  g_autoptr (GError) error = NULL;
  TsrSlide *slide = tsr_slide_open (path, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return slide;
}

static const TsrSlideImage *
image_at (TsrSlide *slide, guint i)
{
  return tsr_slide_info (slide)->images->pdata[i];
}

static const char *
property (TsrSlide *slide, const char *name)
{
  GPtrArray *all = tsr_slide_info (slide)->properties;
  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((TsrSlideProperty *)all->pdata[i])->name, name))
      return ((TsrSlideProperty *)all->pdata[i])->value;
  return NULL;
}

static void
check_image (TsrSlide *slide, guint i, const char *name, TsrSlideImageKind kind, int w, int h,
             int value)
{
  g_assert_cmpstr (image_at (slide, i)->name, ==, name);
  g_assert_cmpint (image_at (slide, i)->kind, ==, kind);
  TsrImage image;
  g_assert_true (tsr_slide_read_image (slide, name, &image, NULL));
  g_assert_true (image.width == w && image.height == h && image.channels == 3);
  for (int k = 0; k < w * h * 3; k++)
    g_assert_cmpint (image.pixels[k], ==, value);
  tsr_image_clear (&image);
}

static int
level_value (TsrSlide *slide, int level)
{
  uint8_t rgb[3];
  g_assert_true (tsr_slide_read_region (slide, level, 0, 0, 1, 1, rgb, NULL));
  return rgb[0];
}

static void
test_aperio (void)
{
  g_autofree char *path = NULL;
  TIFF *tiff = begin (&path, "w");
  add (tiff, 320, 200, 32, 0,
       "Aperio Image Library v12\r\n320x200 (32x32)|AppMag = 40|MPP = 0.2525|ScanScope ID = SS1234"
       "|Filename = 77|Odd|Empty =|Title = a=b",
       10);
  add (tiff, 96, 60, 0, 0, "Aperio Image Library v12\r\n320x200 -> 96x60 - |AppMag = 40", 20);
  add (tiff, 80, 50, 32, 0, "Aperio Image Library v12\r\n320x200 -> 80x50", 30);
  add (tiff, 40, 70, 0, FILETYPE_REDUCEDIMAGE, "Aperio Image Library v12\r\nlabel 40x70", 40);
  add (tiff, 90, 30, 0, 9, "Aperio Image Library v12\r\nmacro 90x30", 50);
  g_autoptr (TsrSlide) slide = finish (tiff, path);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpstr (info->format, ==, "Aperio SVS");
  g_assert_cmpstr (info->vendor, ==, "Aperio");
  g_assert_cmpstr (info->scanner, ==, "SS1234");
  g_assert_true (info->mpp_x == 0.2525 && info->mpp_y == 0.2525 && info->objective == 40);
  g_assert_cmpint (info->n_levels, ==, 2);
  g_assert_cmpfloat (info->levels[1].downsample, ==, 4);
  g_assert_cmpint (level_value (slide, 0), ==, 10);
  g_assert_cmpint (level_value (slide, 1), ==, 30);
  g_assert_cmpuint (info->images->len, ==, 3);
  check_image (slide, 0, "thumbnail", TSR_SLIDE_IMAGE_THUMBNAIL, 96, 60, 20);
  check_image (slide, 1, "label", TSR_SLIDE_IMAGE_LABEL, 40, 70, 40);
  check_image (slide, 2, "macro", TSR_SLIDE_IMAGE_MACRO, 90, 30, 50);
  g_assert_cmpstr (property (slide, "aperio.Title"), ==, "a=b");
  g_assert_cmpstr (property (slide, "aperio.Empty"), ==, "");
  g_assert_null (property (slide, "aperio.Odd"));
}

/* Levels padded to whole tiles; the spacing of pixels says what they show. */
static void
test_philips (void)
{
  static const char xml[] =
      "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n"
      "<DataObject ObjectType=\"DPUfsImport\">"
      "<Attribute Name=\"DICOM_MANUFACTURER\" PMSVR=\"IString\">PHILIPS</Attribute>"
      "<Attribute Name=\"DICOM_MANUFACTURERS_MODEL_NAME\" PMSVR=\"IString\">UFS Scanner</Attribute>"
      "<Attribute Name=\"PIM_DP_SCANNED_IMAGES\" PMSVR=\"IDataObjectArray\"><Array>"
      "<DataObject ObjectType=\"DPScannedImage\">"
      "<Attribute Name=\"PIM_DP_IMAGE_TYPE\" PMSVR=\"IString\">WSI</Attribute>"
      "<Attribute Name=\"DICOM_PIXEL_SPACING\">\"0.00025\" \"0.00024\"</Attribute>"
      "<Attribute Name=\"PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE\"><Array>"
      "<DataObject ObjectType=\"PixelDataRepresentation\">"
      "<Attribute Name=\"DICOM_PIXEL_SPACING\">\"0.00025\" \"0.00024\"</Attribute></DataObject>"
      "<DataObject ObjectType=\"PixelDataRepresentation\">"
      "<Attribute Name=\"DICOM_PIXEL_SPACING\">\"0.0005\" \"0.00048\"</Attribute></DataObject>"
      "<DataObject ObjectType=\"PixelDataRepresentation\">"
      "<Attribute Name=\"DICOM_PIXEL_SPACING\">\"0.001\" \"0.00096\"</Attribute></DataObject>"
      "</Array></Attribute></DataObject></Array></Attribute></DataObject>";
  g_autofree char *path = NULL;
  TIFF *tiff = begin (&path, "w8");
  add (tiff, 320, 192, 64, 0, xml, 10);
  add (tiff, 192, 128, 64, FILETYPE_REDUCEDIMAGE, "level=1", 20); /* 160 x 96 of it */
  add (tiff, 128, 64, 64, FILETYPE_REDUCEDIMAGE, "level=2", 30);  /* 80 x 48 of it */
  add (tiff, 50, 40, 0, 0, "Macro", 40);
  add (tiff, 30, 20, 0, 0, "Label", 50);
  g_autoptr (TsrSlide) slide = finish (tiff, path);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpstr (info->format, ==, "Philips TIFF");
  g_assert_cmpstr (info->vendor, ==, "Philips");
  g_assert_cmpstr (info->scanner, ==, "UFS Scanner");
  g_assert_cmpfloat (fabs (info->mpp_x - 0.24), <, 1e-12);
  g_assert_cmpfloat (fabs (info->mpp_y - 0.25), <, 1e-12);
  g_assert_true (isnan (info->objective));
  g_assert_cmpint (info->n_levels, ==, 3);
  for (int i = 0; i < 3; i++) {
    g_assert_cmpint (info->levels[i].width, ==, 320 >> i);
    g_assert_cmpint (info->levels[i].height, ==, 192 >> i);
    g_assert_cmpfloat (info->levels[i].downsample, ==, 1 << i);
    g_assert_cmpint (level_value (slide, i), ==, 10 * (i + 1));
  }
  uint8_t rgb[4 * 3]; /* padding is not shown */
  g_assert_true (tsr_slide_read_region (slide, 1, 316, 0, 4, 1, rgb, NULL));
  g_assert_true (rgb[0] == 20 && rgb[3] == 20 && rgb[6] == 255 && rgb[9] == 255);
  check_image (slide, 0, "macro", TSR_SLIDE_IMAGE_MACRO, 50, 40, 40);
  check_image (slide, 1, "label", TSR_SLIDE_IMAGE_LABEL, 30, 20, 50);
  g_assert_cmpstr (property (slide, "philips.DICOM_MANUFACTURER"), ==, "PHILIPS");
}

static SlideKind
ome (const char *description)
{
  return (SlideKind){.name = "ome",
                     .bits = 8,
                     .samples = 3,
                     .photometric = PHOTOMETRIC_RGB,
                     .compression = COMPRESSION_LZW,
                     .n_levels = 3,
                     .where = SUBS,
                     .description = description};
}

static void
test_ome (void)
{
  static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                             "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\">"
                             "<Instrument ID=\"I\"><Microscope Model=\"VS200\" "
                             "Manufacturer=\"Evident\"/><Objective ID=\"O\" "
                             "NominalMagnification=\"20.0\"/></Instrument><Image ID=\"Image:0\">";
  static const struct {
    const char *pixels;
    double mpp_x, mpp_y;
  } table[] = {
      {"<Pixels SizeC=\"3\" PhysicalSizeX=\"0.274\" PhysicalSizeY=\"0.275\"/>", 0.274, 0.275},
      {"<Pixels SizeC=\"3\" PhysicalSizeX=\"274\" PhysicalSizeXUnit=\"nm\" "
       "PhysicalSizeY=\"0.000275\" "
       "PhysicalSizeYUnit=\"mm\"/>",
       0.274, 0.275},
      {"<Pixels SizeC=\"3\" PhysicalSizeX=\"1\" PhysicalSizeXUnit=\"pixel\" PhysicalSizeY=\"1\" "
       "PhysicalSizeYUnit=\"pixel\"/>",
       NAN, NAN},
      {"<Pixels SizeC=\"3\" PhysicalSizeX=\"nan\" PhysicalSizeY=\"-1\"/>", NAN, NAN},
      {"<Pixels SizeC=\"3\"/></Image><Image><Pixels PhysicalSizeX=\"9\" PhysicalSizeY=\"9\"/>", NAN,
       NAN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *text = g_strconcat (head, table[i].pixels, "</Image></OME>", NULL);
    SlideKind kind = ome (text);
    g_autoptr (TsrSlide) slide = slide_open_fixture (&kind);
    const TsrSlideInfo *info = tsr_slide_info (slide);
    g_assert_cmpstr (info->format, ==, "OME-TIFF");
    g_assert_cmpstr (info->vendor, ==, "Evident");
    g_assert_cmpstr (info->scanner, ==, "VS200");
    g_assert_cmpfloat (info->objective, ==, 20);
    g_assert_cmpint (info->n_levels, ==, 3);
    g_assert_true (isnan (table[i].mpp_x) ? isnan (info->mpp_x) && isnan (info->mpp_y)
                                          : fabs (info->mpp_x - table[i].mpp_x) < 1e-12 &&
                                                fabs (info->mpp_y - table[i].mpp_y) < 1e-12);
  }
}

/* Channels apart would become a grey image of one of them; that is refused. */
static void
test_ome_channels (void)
{
  SlideKind kind = ome ("<OME xmlns=\"x\"><Image><Pixels SizeC=\"5\"/></Image></OME>");
  g_autofree char *path = slide_write (&kind);
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_slide_open (path, &error));
  g_unlink (path);
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_assert_nonnull (strstr (error->message, "5 separate channels"));
}

static void
test_plain (void)
{
  static const struct {
    double mpp, expected;
  } table[] = {{0, NAN}, {0.5, 0.5}, {264.58, NAN}, {0.001, NAN}}; /* 96 dpi is a screen's */
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    SlideKind kind = {.name = "plain", .mpp = table[i].mpp, .n_levels = 2};
    g_autoptr (TsrSlide) slide = slide_open_fixture (&kind);
    const TsrSlideInfo *info = tsr_slide_info (slide);
    g_assert_cmpstr (info->format, ==, "TIFF");
    g_assert_null (info->vendor);
    g_assert_null (info->icc);
    g_assert_true (isnan (info->objective));
    g_assert_true (isnan (table[i].expected) ? isnan (info->mpp_x)
                                             : fabs (info->mpp_x - table[i].expected) < 1e-6);
  }
}

/* Pages that are no smaller version of the first, and strips that do not say so, are no levels. */
static void
test_no_levels (void)
{
  g_autofree char *path = NULL;
  TIFF *tiff = begin (&path, "w");
  static const char profile[] = "not really a profile";
  TIFFSetField (tiff, TIFFTAG_ICCPROFILE, (uint32_t)sizeof profile, profile);
  TIFFSetField (tiff, TIFFTAG_MAKE, "Maker");
  TIFFSetField (tiff, TIFFTAG_MODEL, "Scan\xFFner"); /* no UTF-8 */
  add (tiff, 320, 200, 32, 0, NULL, 10);
  add (tiff, 320, 200, 32, 0, NULL, 20); /* as large */
  add (tiff, 160, 160, 32, 0, NULL, 30); /* another shape */
  add (tiff, 160, 100, 0, 0, NULL, 40);  /* strips beside tiles */
  add (tiff, 80, 50, 32, 0, NULL, 50);   /* a level although it does not say so */
  g_autoptr (TsrSlide) slide = finish (tiff, path);
  const TsrSlideInfo *info = tsr_slide_info (slide);
  g_assert_cmpint (info->n_levels, ==, 2);
  g_assert_cmpint (level_value (slide, 1), ==, 50);
  g_assert_cmpuint (info->images->len, ==, 3);
  check_image (slide, 0, "image 2", TSR_SLIDE_IMAGE_OTHER, 320, 200, 20);
  check_image (slide, 1, "image 3", TSR_SLIDE_IMAGE_OTHER, 160, 160, 30);
  check_image (slide, 2, "image 4", TSR_SLIDE_IMAGE_OTHER, 160, 100, 40);
  g_assert_cmpuint (g_bytes_get_size (info->icc), ==, sizeof profile);
  g_assert_cmpstr (info->vendor, ==, "Maker");
  g_assert_true (g_utf8_validate (info->scanner, -1, NULL));
}

/* A plain image is a slide of one level; its orientation is obeyed. */
static void
test_image (void)
{
  g_autofree char *path = NULL;
  g_close (g_file_open_tmp ("tessera-slide-XXXXXX", &path, NULL), NULL);
  TsrImage image = {.width = 700, .height = 513, .channels = 3};
  image.pixels = g_malloc (700 * 513 * 3);
  for (int i = 0; i < 700 * 513 * 3; i++)
    image.pixels[i] = (uint8_t)slide_rough (0, i % 2100, i / 2100, 0);
  g_assert_true (tsr_image_save_png (&image, path, NULL));
  g_assert_cmpstr (tsr_slide_detect (path, NULL), ==, "PNG");
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, NULL);
  g_assert_cmpint (tsr_slide_info (slide)->n_levels, ==, 1);
  g_autofree uint8_t *rgb = g_malloc (700 * 513 * 3);
  g_assert_true (tsr_slide_read_region (slide, 0, 0, 0, 700, 513, rgb, NULL));
  g_assert_cmpmem (rgb, 700 * 513 * 3, image.pixels, 700 * 513 * 3);
  tsr_image_clear (&image);
  g_unlink (path);
}

/* TIFF that is not read in blocks (signed, floating point) comes through engine/image. */
static void
test_odd_tiff (void)
{
  g_autofree char *path = NULL;
  TIFF *tiff = begin (&path, "w");
  float row[20];
  for (int i = 0; i < 20; i++)
    row[i] = (float)i / 19;
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 20);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 32);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, 1);
  TIFFWriteEncodedStrip (tiff, 0, row, sizeof row);
  g_autoptr (TsrSlide) slide = NULL;
  TIFFClose (tiff);
  slide = tsr_slide_open (path, NULL);
  g_assert_nonnull (slide);
  g_assert_cmpstr (tsr_slide_info (slide)->reader, ==, "image");
  uint8_t rgb[20 * 3];
  g_assert_true (tsr_slide_read_region (slide, 0, 0, 0, 20, 1, rgb, NULL));
  for (int i = 0; i < 20; i++)
    g_assert_cmpint (rgb[3 * i], ==, (int)lround (i / 19.0 * 255));
  g_unlink (path);
}

static void
test_refused (void)
{
  static const struct {
    size_t at;
    const char *magic, *word;
  } table[] = {{128, "DICM", "DICOM"},
               {0, "ZISRAWFILE", "CZI"},
               {0, "Hello", "image"},
               {0, "", "empty"},
               {0, "II*", "TIFF"}};
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *path = NULL;
    g_close (g_file_open_tmp ("tessera-slide-XXXXXX.svs", &path, NULL), NULL);
    char bytes[200] = {0};
    memcpy (bytes + table[i].at, table[i].magic, strlen (table[i].magic));
    gssize n = *table[i].magic ? (gssize)sizeof bytes : 0;
    g_assert_true (g_file_set_contents (path, bytes, n, NULL));
    g_autoptr (GError) error = NULL;
    g_assert_null (tsr_slide_open (path, &error));
    g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
    g_assert_nonnull (strstr (error->message, table[i].word));
    g_clear_error (&error);
    g_assert_null (tsr_slide_detect (path, &error));
    g_assert_nonnull (error);
    g_unlink (path);
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (tsr_slide_open ("/nowhere/at all", &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
  g_clear_error (&error);
  g_assert_null (tsr_slide_open ("/", &error));
  g_assert_error (error, TSR_ERROR, TSR_ERROR_IMAGE);
}

/* A chain of directories that bites its tail. */
static void
test_loops (void)
{
  SlideKind kind = {.name = "loop", .n_levels = 3};
  g_autofree char *path = slide_write (&kind), *bytes = NULL;
  gsize n;
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  /* Each directory's last four bytes lead to the next: the last one's lead back to the first. */
  uint32_t first, at;
  memcpy (&first, bytes + 4, 4);
  at = first;
  for (;;) {
    uint16_t entries;
    uint32_t next;
    memcpy (&entries, bytes + at, 2);
    memcpy (&next, bytes + at + 2 + entries * 12, 4);
    if (next == 0)
      break;
    at = next;
  }
  uint16_t entries;
  memcpy (&entries, bytes + at, 2);
  memcpy (bytes + at + 2 + entries * 12, &first, 4);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)n, NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (TsrSlide) slide = tsr_slide_open (path, &error);
  g_unlink (path);
  g_assert_no_error (error); /* its first image is whole, and is all that is believed */
  g_assert_cmpstr (tsr_slide_info (slide)->reader, ==, "image");
  g_assert_cmpint (tsr_slide_info (slide)->n_levels, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slide/vendor/aperio", test_aperio);
  g_test_add_func ("/slide/vendor/philips", test_philips);
  g_test_add_func ("/slide/vendor/ome", test_ome);
  g_test_add_func ("/slide/vendor/ome-channels", test_ome_channels);
  g_test_add_func ("/slide/vendor/plain", test_plain);
  g_test_add_func ("/slide/vendor/no-levels", test_no_levels);
  g_test_add_func ("/slide/vendor/image", test_image);
  g_test_add_func ("/slide/vendor/odd-tiff", test_odd_tiff);
  g_test_add_func ("/slide/vendor/refused", test_refused);
  g_test_add_func ("/slide/vendor/loops", test_loops);
  return g_test_run ();
}
