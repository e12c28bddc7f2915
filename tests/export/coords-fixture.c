#include "coords-fixture.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

static hid_t
sound (hid_t id)
{
  if (id < 0)
    abort ();
  return id;
}

static void
add_attribute (hid_t to, const char *name, hid_t type, int n, const void *value)
{
  hsize_t size = (hsize_t)n;
  hid_t space = n == 1 ? H5Screate (H5S_SCALAR) : H5Screate_simple (1, &size, NULL);
  hid_t attribute = sound (H5Acreate (to, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  sound (H5Awrite (attribute, type, value));
  H5Aclose (attribute);
  H5Sclose (space);
}

static void
add_name (hid_t to, const CoordsKind *kind)
{
  char *padded = calloc (1, (size_t)kind->fixed_name + strlen (kind->name) + 1);
  hid_t type = H5Tcopy (H5T_C_S1);
  strcpy (padded, kind->name);
  H5Tset_size (type, kind->fixed_name ? (size_t)kind->fixed_name : H5T_VARIABLE);
  add_attribute (to, "name", type, 1, kind->fixed_name ? (const void *)padded : &kind->name);
  H5Tclose (type);
  free (padded);
}

void
coords_write (const char *path, const CoordsKind *kind, const int64_t *corners, int n)
{
  hid_t file = sound (H5Fcreate (path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  const char *set = kind->set ? kind->set : "coords";
  if (kind->linked) {
    sound (H5Lcreate_external ("/nowhere.h5", "coords", file, set, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose (file);
    return;
  }
  hsize_t size[2] = {(hsize_t)n, kind->columns ? (hsize_t)kind->columns : 2};
  hsize_t chunk[2] = {(hsize_t)(kind->chunk < n ? kind->chunk : n), size[1]};
  hid_t how = H5Pcreate (H5P_DATASET_CREATE), space = H5Screate_simple (2, size, NULL);
  if (kind->chunk) {
    H5Pset_chunk (how, 2, chunk);
    H5Pset_deflate (how, 6);
  }
  if (kind->outside)
    H5Pset_external (how, "/etc/passwd", 0, H5F_UNLIMITED);
  hid_t type = kind->real         ? H5T_IEEE_F64LE
               : kind->bytes == 4 ? H5T_STD_I32LE
               : kind->bytes == 2 ? H5T_STD_U16BE
                                  : H5T_STD_I64LE;
  hid_t coords = sound (H5Dcreate (file, set, type, space, H5P_DEFAULT, how, H5P_DEFAULT));
  if (n > 0 && !kind->outside)
    sound (H5Dwrite (coords, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, corners));
  if (kind->images)
    H5Dclose (sound (
        H5Dcreate (file, "imgs", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)));
  if (kind->name)
    add_name (coords, kind);
  int64_t whole = (int64_t)kind->side;
  if (kind->side > 0)
    add_attribute (coords, "patch_size_level0", H5T_NATIVE_INT64, 1, &whole);
  if (kind->size > 0)
    add_attribute (coords, "patch_size", H5T_NATIVE_DOUBLE, 1, &kind->size);
  if (kind->level >= 0)
    add_attribute (coords, "patch_level", H5T_NATIVE_INT, 1, &kind->level);
  if (kind->scale[0] > 0)
    add_attribute (coords, "downsample", H5T_NATIVE_DOUBLE, 2, kind->scale);
  H5Dclose (coords);
  H5Sclose (space);
  H5Pclose (how);
  H5Fclose (file);
}
