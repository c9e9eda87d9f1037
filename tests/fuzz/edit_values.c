#include "edit_values.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const int64_t odd_integers[] = {
    0,       1,         -1, 2,   3,    7,  INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, UINT32_MAX, 255, INT64_MAX / 2,
    1 << 20, 1LL << 40, -2, 100, 4096, 12, 1LL << 62};
static const char *const odd_texts[] = {"",
                                        "idle",
                                        "boundary",
                                        "trial",
                                        "none",
                                        "gram",
                                        "two_loop",
                                        "float32",
                                        "float64",
                                        "secant-checkpoint",
                                        "secant-state-dict",
                                        "list",
                                        "value",
                                        "/",
                                        "..",
                                        ".",
                                        "\xff\xfe\x80",
                                        "a\nb",
                                        "%s%n",
                                        "x",
                                        "g",
                                        "state/0",
                                        "keys",
                                        "kind",
                                        "max_iter",
                                        "identity",
                                        "diagonal",
                                        "strong_wolfe",
                                        "y",
                                        "s",
                                        "old_dirs"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *choose_text(choices *from)
{
  return odd_texts[choose(from, COUNT(odd_texts))];
}

static double odd_real(choices *from)
{
  const double odd[] = {0.0,    -0.0,   1.0,    -1.0, NAN,   INFINITY, -INFINITY, 1e308,
                        1e-308, 5e-324, -1e308, 1e16, 1e-16, 3e38,     1e154,     0.5};
  double given;
  const size_t which = choose(from, COUNT(odd) + 1);
  if (which < COUNT(odd)) return odd[which];
  choose_bytes(from, &given, sizeof given);
  return given;
}

static void fill_text(choices *from, char *cell, size_t size)
{
  const size_t which = choose(from, COUNT(odd_texts) + 3);
  memset(cell, which == COUNT(odd_texts) ? 'A' : which == COUNT(odd_texts) + 1 ? 0xff : 0, size);
  if (which < COUNT(odd_texts)) strncpy(cell, odd_texts[which], size);
  if (which == COUNT(odd_texts) + 2) choose_bytes(from, cell, size);
}

/* One cell of `type` as it lies in the file. */
static void fill_cell(choices *from, hid_t type, char *cell, size_t size)
{
  const H5T_class_t class = H5Tget_class(type);
  const double real = class == H5T_FLOAT ? odd_real(from) : 0.0;
  const int64_t integer = class == H5T_INTEGER ? odd_integers[choose(from, COUNT(odd_integers))] : 0;
  char room[32] = "";
  if (class == H5T_STRING) {
    fill_text(from, cell, size);
  } else if (class == H5T_FLOAT && size <= sizeof room) {
    memcpy(room, &real, sizeof real);
    H5Tconvert(H5T_NATIVE_DOUBLE, type, 1, room, NULL, H5P_DEFAULT);
    memcpy(cell, room, size);
  } else if (class == H5T_INTEGER && size <= sizeof room) {
    memcpy(room, &integer, sizeof integer);
    memcpy(cell, room, size);
  } else {
    choose_bytes(from, cell, size);
  }
}

static bool holds_pointers(hid_t type)
{
  const H5T_class_t class = H5Tget_class(type);
  return class == H5T_VLEN || class == H5T_REFERENCE || H5Tis_variable_str(type) > 0 || class == H5T_COMPOUND;
}

/* `cells` is what there is, or zeros; some of it becomes something else. */
void change_cells(choices *from, hid_t type, char *cells, size_t size, size_t count)
{
  const size_t changes = choose(from, 4);
  if (count == 0) return;
  if (changes == 3) {
    for (size_t i = 1; i < count; i++) memcpy(cells + i * size, cells, size);
  }
  for (size_t i = 0; i < changes; i++) fill_cell(from, type, cells + choose(from, count) * size, size);
}

/* ---- types and spaces --------------------------------------------------------------------------------------------- */

static hid_t sized_text(size_t size, H5T_str_t padding)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  H5Tset_strpad(type, padding);
  return type;
}

static hid_t compound(choices *from)
{
  const hid_t type = H5Tcreate(H5T_COMPOUND, 16), text = sized_text(H5T_VARIABLE, H5T_STR_NULLTERM);
  H5Tinsert(type, "a", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(type, "b", 8, choose(from, 2) ? text : H5T_NATIVE_INT64);
  H5Tclose(text);
  return type;
}

hid_t choose_type(choices *from)
{
  const hsize_t two = 2;
  switch (choose(from, 24)) {
  case 0: return H5Tcopy(H5T_STD_I64LE);
  case 1: return H5Tcopy(H5T_STD_I64BE);
  case 2: return H5Tcopy(H5T_STD_I32LE);
  case 3: return H5Tcopy(H5T_STD_U64LE);
  case 4: return H5Tcopy(H5T_STD_U8LE);
  case 5: return H5Tcopy(H5T_IEEE_F64LE);
  case 6: return H5Tcopy(H5T_IEEE_F64BE);
  case 7: return H5Tcopy(H5T_IEEE_F32LE);
  case 8: return H5Tcopy(H5T_IEEE_F32BE);
  case 9: return H5Tcopy(H5T_NATIVE_LDOUBLE);
  case 10: return sized_text(1 + choose(from, 40), H5T_STR_NULLTERM);
  case 11: return sized_text(1 + choose(from, 40), H5T_STR_NULLPAD);
  case 12: return sized_text(1 + choose(from, 40), H5T_STR_SPACEPAD);
  case 13: return sized_text(H5T_VARIABLE, H5T_STR_NULLTERM);
  case 14: return H5Tvlen_create(H5T_NATIVE_DOUBLE);
  case 15: return H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &two);
  case 16: return H5Tcreate(H5T_OPAQUE, 8);
  case 17: return H5Tcopy(H5T_STD_REF_OBJ);
  case 18: return H5Tcopy(H5T_STD_B64LE);
  case 19: return H5Tenum_create(H5T_NATIVE_INT64);
  case 20: return compound(from);
  case 21: return H5Tcopy(H5T_STD_I8LE);
  case 22: return sized_text(60000, H5T_STR_NULLTERM);
  default: return H5Tcopy(H5T_STD_I16LE);
  }
}

hid_t choose_space(choices *from)
{
  static const hsize_t lengths[] = {0, 1, 2, 3, 4, 5, 9, 14, 7000, 1ULL << 20, 1ULL << 40, 1ULL << 61};
  hsize_t extents[H5S_MAX_RANK], larger[H5S_MAX_RANK];
  const size_t how = choose(from, 8);
  if (how == 0) return H5Screate(H5S_SCALAR);
  if (how == 1) return H5Screate(H5S_NULL);
  const int dimensions = how == 2 ? 2 : how == 3 ? 3 : how == 4 ? (int)choose(from, H5S_MAX_RANK + 1) : 1;
  for (int i = 0; i < dimensions; i++) extents[i] = larger[i] = how == 4 ? 1 : lengths[choose(from, COUNT(lengths))];
  if (dimensions > 0 && choose(from, 4) == 3) larger[0] = H5S_UNLIMITED;
  return H5Screate_simple(dimensions, extents, larger);
}

size_t cells_of(hid_t space)
{
  const hssize_t count = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
  return count > 0 ? (size_t)count : 0;
}

/* Room for the cells, zero; NULL if they are too many or hold addresses, which the file gives no meaning. */
char *room_for(hid_t type, hid_t space, size_t *size, size_t *count)
{
  *size = type >= 0 ? H5Tget_size(type) : 0;
  *count = cells_of(space);
  if (*size == 0 || *count == 0 || *count > EDIT_MOST_BYTES / *size || holds_pointers(type)) return NULL;
  return calloc(*count, *size);
}
