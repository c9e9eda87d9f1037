/* Uneven cuts, made from a weight for each rank and tensor. */
#include "golden_layout.h"

const char *golden_layout_name(golden_layout layout)
{
  return layout == GOLDEN_LOPSIDED ? "lopsided" : "holes";
}

static int weight(golden_layout layout, size_t tensor, int rank, int size)
{
  if (size == 1) return 1;
  if (layout == GOLDEN_LOPSIDED) return tensor % 2 == 0 ? 1 + rank * rank : 1 + (size - 1 - rank);
  const int missing = size > 2 ? 1 + (int)(tensor % (size_t)(size - 1)) : 0;
  return rank == 0 || rank == missing ? 0 : 1 + rank % 2;
}

size_t golden_first_owned(golden_layout layout, size_t tensor, size_t extent, int rank, int size)
{
  size_t before = 0, all = 0;
  for (int r = 0; r < size; r++) {
    const size_t w = (size_t)weight(layout, tensor, r, size);
    if (r < rank) before += w;
    all += w;
  }
  return extent * before / all;
}
