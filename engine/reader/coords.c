/* Where TRIDENT and CLAM cut tiles: the data set “coords” of an HDF5 file, N x 2 whole numbers,
 * upper left corners in pixels of level 0, with attributes that say how large tiles are. */

#include "reader.h"

#ifdef HAVE_HDF5

#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAME 1024

static struct {
  hid_t file, coords;
  hsize_t n;
} self = {-1, -1, 0};

/* An attribute of the data set, or of the file; a negative number where there is none. */
static hid_t
open_attribute (const char *name)
{
  if (H5Aexists (self.coords, name) > 0)
    return H5Aopen (self.coords, name, H5P_DEFAULT);
  return H5Aexists (self.file, name) > 0 ? H5Aopen (self.file, name, H5P_DEFAULT) : -1;
}

/* One number, or the mean of two that say the same, as CLAM's scales of a level across and down do
 * but for the rounding of its size; NAN where there is none. */
static double
number (const char *name)
{
  double values[2] = {NAN, NAN};
  hid_t attribute = open_attribute (name);
  hid_t space = attribute < 0 ? -1 : H5Aget_space (attribute);
  hid_t type = attribute < 0 ? -1 : H5Aget_type (attribute);
  H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class (type);
  hssize_t n = space < 0 ? 0 : H5Sget_simple_extent_npoints (space);
  if ((class != H5T_INTEGER && class != H5T_FLOAT) || n < 1 || n > 2 ||
      H5Aread (attribute, H5T_NATIVE_DOUBLE, values) < 0)
    values[0] = NAN;
  if (n == 2)
    values[0] =
        fabs (values[0] - values[1]) <= 0.01 * fabs (values[0]) ? (values[0] + values[1]) / 2 : NAN;
  H5Tclose (type);
  H5Sclose (space);
  H5Aclose (attribute);
  return values[0];
}

static void
tell_name (ReaderRequest *request)
{
  hid_t attribute = open_attribute ("name");
  hid_t type = attribute < 0 ? -1 : H5Aget_type (attribute);
  hid_t space = attribute < 0 ? -1 : H5Aget_space (attribute);
  if (type >= 0 && H5Tget_class (type) == H5T_STRING && H5Sget_simple_extent_npoints (space) == 1) {
    size_t size = H5Tget_size (type);
    char *text = NULL, fixed[MOST_NAME + 1] = {0};
    if (H5Tis_variable_str (type) > 0) {
      if (H5Aread (attribute, type, &text) >= 0 && text)
        reader_add_text (request, text, strnlen (text, MOST_NAME));
      if (text)
        H5Dvlen_reclaim (type, space, H5P_DEFAULT, &text);
    } else if (size <= MOST_NAME && H5Aread (attribute, type, fixed) >= 0) {
      reader_add_text (request, fixed, strnlen (fixed, MOST_NAME));
    }
  }
  H5Sclose (space);
  H5Tclose (type);
  H5Aclose (attribute);
}

/* In pixels of level 0: TRIDENT says so, CLAM says a size in another level's pixels and the level's
 * scale. 0 where nobody says. */
static double
side (void)
{
  double finest = number ("patch_size_level0"), size = number ("patch_size"),
         level = number ("patch_level"), scale = number ("downsample");
  if (isnan (finest))
    finest = size * (isnan (scale) && level == 0 ? 1 : scale);
  return isfinite (finest) && finest >= 1 && finest <= 1e6 ? finest : 0;
}

/* Nothing but this file is read: no links to others, and no data that lie in others. */
static bool
is_plain (hid_t set)
{
  hid_t how = H5Dget_create_plist (set);
  bool plain = H5Pget_external_count (how) == 0 && H5Pget_layout (how) != H5D_VIRTUAL;
  H5Pclose (how);
  return plain;
}

static bool
find_coords (ReaderRequest *request)
{
  H5L_info_t link;
  hsize_t size[2] = {0, 0};
  if (H5Lget_info (self.file, "coords", &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("it has no data set “coords”"));
  self.coords = H5Dopen (self.file, "coords", H5P_DEFAULT);
  if (self.coords < 0 || !is_plain (self.coords))
    return reader_refuse (request, TSR_READER_DAMAGED, N_ ("its “coords” cannot be read"));
  hid_t space = H5Dget_space (self.coords), type = H5Dget_type (self.coords);
  bool fits = H5Sget_simple_extent_ndims (space) == 2 &&
              H5Sget_simple_extent_dims (space, size, NULL) == 2 && size[1] == 2 &&
              H5Tget_class (type) == H5T_INTEGER;
  H5Tclose (type);
  H5Sclose (space);
  self.n = size[0];
  /* CLAM once kept the tiles themselves, and their places in the pixels of the level they are of.
   */
  if (fits && isnan (number ("patch_size_level0")) && isnan (number ("patch_size")) &&
      H5Lexists (self.file, "imgs", H5P_DEFAULT) > 0)
    return reader_refuse (request, TSR_READER_DAMAGED,
                          "it holds tiles with places in another level's pixels, as CLAM's "
                          "create_patches.py writes them and not its create_patches_fp.py");
  return fits || reader_refuse (request, TSR_READER_DAMAGED,
                                N_ ("its “coords” are not two whole numbers for each tile"));
}

static void
open_file (ReaderRequest *request)
{
  setenv ("HDF5_USE_FILE_LOCKING", "FALSE", 1); /* fails on file systems without locks */
  H5Eset_auto (H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state (0);
  self.file = H5Fopen (request->text, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (self.file < 0) {
    reader_refuse (request, TSR_READER_DAMAGED, N_ ("it is no HDF5 file, or is damaged"));
    return;
  }
  if (!find_coords (request))
    return;
  request->answer.numbers[0] = self.n > INT64_MAX ? INT64_MAX : (int64_t)self.n;
  request->answer.numbers[1] = llround (side () * 65536);
  tell_name (request);
}

static void
read_places (ReaderRequest *request)
{
  int64_t first = request->numbers[0], n = request->numbers[1];
  if (self.coords < 0 || first < 0 || n < 1 ||
      (size_t)n > TSR_READER_SHARED / (2 * sizeof (int64_t)) || (hsize_t)first > self.n ||
      (hsize_t)n > self.n - (hsize_t)first) {
    reader_refuse (request, TSR_READER_DAMAGED, N_ ("it has no such rows"));
    return;
  }
  const hsize_t from[2] = {(hsize_t)first, 0}, size[2] = {(hsize_t)n, 2};
  hid_t space = H5Dget_space (self.coords), memory = H5Screate_simple (2, size, NULL);
  if (H5Sselect_hyperslab (space, H5S_SELECT_SET, from, NULL, size, NULL) < 0 ||
      H5Dread (self.coords, H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, request->shared) < 0)
    reader_refuse (request, TSR_READER_DAMAGED, N_ ("its “coords” are damaged"));
  H5Sclose (memory);
  H5Sclose (space);
}

void
reader_answer (ReaderRequest *request)
{
  if (request->kind == TSR_READER_OPEN && self.file < 0)
    open_file (request);
  else if (request->kind == TSR_READER_PLACES)
    read_places (request);
  else
    reader_refuse (request, TSR_READER_DAMAGED, N_ ("it does not support that request"));
}

#else

void
reader_answer (ReaderRequest *request)
{
  reader_refuse (request, TSR_READER_NOT_MINE, "");
}

#endif
