/* Where the ranks of a recorded case cut its tensors: deliberately not where the library would. */
#ifndef SECANT_TEST_GOLDEN_LAYOUT_H
#define SECANT_TEST_GOLDEN_LAYOUT_H

#include <stddef.h>

typedef enum golden_layout {
  GOLDEN_LOPSIDED, /* shares that grow with the rank in one tensor and shrink with it in the next */
  GOLDEN_HOLES,    /* rank 0 owns nothing at all, and every tensor is missing on one more rank if there are three */
  GOLDEN_LAYOUTS
} golden_layout;

const char *golden_layout_name(golden_layout layout);

/* First element that rank `rank` of `size` owns of tensor `tensor` with `extent` elements; `extent` for rank = size. */
size_t golden_first_owned(golden_layout layout, size_t tensor, size_t extent, int rank, int size);

#endif
