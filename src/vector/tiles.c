/* Cuts one rank's arrays into tiles, allocates history and buffers, and moves parts of vectors in and out. */
#include "vector/tiles.h"

#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST_TILE = 1024, SMALLEST_TILE = 8, TILES_WANTED = 16, CACHED = 1 << 26 };

size_t secanti_tile_size(int64_t n)
{
  int64_t tile = LARGEST_TILE;
  while (tile > SMALLEST_TILE && n < TILES_WANTED * tile) tile /= 2;
  return (size_t)tile;
}

/* Bytes of a block for each element: base, with narrow slots g0 too, and the slots. */
static size_t block_bytes(const secanti_vectors_shape *shape)
{
  const size_t element = secanti_element_bytes(shape->dtype), slots = 2 * (size_t)shape->slots;
  return shape->narrow ? 2 * element + slots * sizeof(float) : (1 + slots) * element;
}

static size_t round_up(size_t n, size_t multiple)
{
  return (n + multiple - 1) / multiple * multiple;
}

uint64_t secanti_vectors_bytes(uint64_t n, const secanti_vectors_shape *shape)
{
  return round_up(n, SECANTI_LANES) * (block_bytes(shape) + (shape->kept ? secanti_element_bytes(shape->dtype) : 0));
}

secant_dtype secanti_vectors_dtype(const secanti_vectors *vectors, secanti_vector_kind kind)
{
  const bool in_history = kind == SECANTI_S || kind == SECANTI_Y;
  return in_history && vectors->passes->history_element == sizeof(float) ? SECANT_F32 : vectors->dtype;
}

uint64_t secanti_tile_table_bytes(uint64_t n)
{
  const uint64_t tile = secanti_tile_size((int64_t)n);
  return (n / tile + (n % tile != 0)) * sizeof(secanti_tile);
}

/* Counts tiles, and elements after padding, of all segments. */
static void measure(const secanti_vectors_shape *shape, size_t *tiles, size_t *padded)
{
  *tiles = *padded = 0;
  for (size_t i = 0; i < shape->segment_count; i++) {
    const size_t count = shape->segments[i].count;
    *tiles += count / shape->tile + (count % shape->tile != 0);
    *padded += round_up(count, SECANTI_LANES);
  }
}

/* Fills the tile table. `block` is where the block of the next tile begins. */
static void lay_tiles(secanti_vectors *vectors, const secanti_vectors_shape *shape)
{
  const size_t element = vectors->passes->element;
  char *block = vectors->storage;
  size_t next = 0;
  for (size_t i = 0; i < shape->segment_count; i++) {
    const secanti_segment *segment = &shape->segments[i];
    vectors->first_tile[i] = next;
    for (size_t first = 0; first < segment->count; first += shape->tile) {
      const size_t left = segment->count - first, length = left < shape->tile ? left : shape->tile;
      const size_t padded = round_up(length, SECANTI_LANES);
      vectors->tiles[next++] = (secanti_tile){
          .values = (char *)segment->values + first * element,
          .gradient = (char *)segment->gradient + first * element,
          .block = block,
          .slots = block + (shape->narrow ? 2 : 1) * padded * element,
          .length = length,
          .padded = padded,
          .group = segment->group,
      };
      block += block_bytes(shape) * padded;
    }
  }
  if (next > 0) vectors->tiles[next] = vectors->tiles[next - 1];
}

static secant_status allocate_storage(secanti_vectors *vectors, const secanti_vectors_shape *shape, size_t padded)
{
  const size_t per_element = block_bytes(shape);
  vectors->storage = secanti_alloc_huge(padded, per_element);
  if (vectors->storage == NULL) return SECANT_ERR_MEMORY;
  vectors->past_caches = padded * per_element > CACHED;
  return SECANT_OK;
}

/* Gives every worker its accumulators, row and buffers, each beginning on a cache line of its own. */
static secant_status allocate_workers(secanti_vectors *vectors)
{
  const size_t sums = (size_t)secanti_most_product_sums(vectors->slots);
  const size_t sums_bytes = round_up(secanti_sums_storage(sums, vectors->binned) * sizeof(double), SECANTI_CACHE_LINE);
  const size_t row_bytes = round_up(sums * sizeof(double), SECANTI_CACHE_LINE);
  const size_t buffer_bytes = round_up(vectors->tile_size * sizeof(double), SECANTI_CACHE_LINE);
  const size_t maxima_bytes = round_up((size_t)vectors->groups * sizeof(double), SECANTI_CACHE_LINE);
  const size_t before = sums_bytes + row_bytes + maxima_bytes, bytes = before + 8 * buffer_bytes;

  vectors->workers = secanti_alloc_aligned((size_t)vectors->shares, sizeof *vectors->workers);
  vectors->scratch = secanti_alloc_aligned((size_t)vectors->shares, bytes);
  if (vectors->workers == NULL || vectors->scratch == NULL) return SECANT_ERR_MEMORY;
  for (int share = 0; share < vectors->shares; share++) {
    char *own = (char *)vectors->scratch + (size_t)share * bytes, *buffers = own + before;
    vectors->workers[share] = (secanti_worker){
        .sums = secanti_sums_in((double *)(void *)own, sums, vectors->binned),
        .row = (double *)(void *)(own + sums_bytes),
        .group_maxima = (double *)(void *)(own + sums_bytes + row_bytes),
        .narrow = {buffers + 6 * buffer_bytes, buffers + 7 * buffer_bytes},
    };
    for (size_t i = 0; i < 6; i++) vectors->workers[share].wide[i] = (double *)(void *)(buffers + i * buffer_bytes);
  }
  return SECANT_OK;
}

/* Zeroes the history. Each thread clears the tiles it will work on, so that their pages end up in its memory. */
static void clear_history(secanti_vectors *vectors)
{
  const secanti_task task = {.to = {SECANTI_S, vectors->slots}};
  secanti_vectors_run(vectors, vectors->passes->clear, &task);
}

secant_status secanti_vectors_create(secanti_vectors **out, const secanti_vectors_shape *shape)
{
  secant_status status = SECANT_OK;
  size_t padded;
  secanti_vectors *vectors = secanti_alloc(1, sizeof *vectors);
  *out = NULL;
  if (vectors == NULL) return SECANT_ERR_MEMORY;

  measure(shape, &vectors->tile_count, &padded);
  vectors->passes = secanti_passes_choose(shape->dtype, shape->narrow);
  vectors->dtype = shape->dtype;
  vectors->tile_size = shape->tile;
  vectors->slots = shape->slots;
  vectors->groups = shape->groups > 0 ? shape->groups : 1;
  vectors->binned = shape->binned;
  vectors->formed = -1;
  vectors->shares = secanti_one_to(shape->threads, vectors->tile_count);
  vectors->tiles = secanti_alloc(vectors->tile_count + 1, sizeof *vectors->tiles);
  vectors->first_tile = secanti_alloc(shape->segment_count + 1, sizeof *vectors->first_tile);
  if (vectors->tiles == NULL || vectors->first_tile == NULL) status = SECANT_ERR_MEMORY;
  SECANT_TRY(status);
  SECANT_TRY(allocate_storage(vectors, shape, padded));
  SECANT_TRY(allocate_workers(vectors));
  lay_tiles(vectors, shape);
  clear_history(vectors);
  if (shape->kept) SECANT_TRY(secanti_vectors_add_kept(vectors));
  *out = vectors;
done:
  if (status != SECANT_OK) {
    secanti_vectors_destroy(vectors);
    *out = NULL;
  }
  return status;
}

/*
 * A further vector beside the blocks: each tile's part follows that of the tile before. NULL without memory. It is not
 * touched here: pages become real when a thread first writes to its part of them.
 */
static void *allocate_beside(const secanti_vectors *vectors)
{
  size_t padded = 0;
  for (size_t i = 0; i < vectors->tile_count; i++) padded += vectors->tiles[i].padded;
  return secanti_alloc_aligned(padded, vectors->passes->element);
}

secant_status secanti_vectors_add_kept(secanti_vectors *vectors)
{
  if (vectors->kept != NULL) return SECANT_OK;
  vectors->kept = allocate_beside(vectors);
  if (vectors->kept == NULL) return SECANT_ERR_MEMORY;
  char *next = vectors->kept;
  for (size_t i = 0; i < vectors->tile_count; i++) {
    vectors->tiles[i].kept = next;
    next += vectors->tiles[i].padded * vectors->passes->element;
  }
  return SECANT_OK;
}

secant_status secanti_vectors_add_weights(secanti_vectors *vectors)
{
  if (vectors->weights != NULL) return SECANT_OK;
  vectors->weights = allocate_beside(vectors);
  if (vectors->weights == NULL) return SECANT_ERR_MEMORY;
  char *next = vectors->weights;
  for (size_t i = 0; i < vectors->tile_count; i++) {
    vectors->tiles[i].weights = next;
    next += vectors->tiles[i].padded * vectors->passes->element;
  }
  const secanti_task task = {0};
  secanti_vectors_run(vectors, vectors->passes->weigh_alike, &task);
  return SECANT_OK;
}

void secanti_vectors_drop_weights(secanti_vectors *vectors)
{
  free(vectors->weights);
  vectors->weights = NULL;
  for (size_t i = 0; i < vectors->tile_count; i++) vectors->tiles[i].weights = NULL;
}

bool secanti_vectors_binned(const secanti_vectors *vectors)
{
  return vectors->binned;
}

bool secanti_vectors_weighted(const secanti_vectors *vectors)
{
  return vectors->weights != NULL;
}

void secanti_vectors_destroy(secanti_vectors *vectors)
{
  if (vectors == NULL) return;
  free(vectors->scratch);
  free(vectors->workers);
  free(vectors->storage);
  free(vectors->kept);
  free(vectors->weights);
  free(vectors->first_tile);
  free(vectors->tiles);
  free(vectors);
}

/* The contiguous piece of a vector that holds element `index` of a segment and those that follow it in its tile. */
static char *piece(const secanti_vectors *vectors, secanti_vector vector, size_t segment, size_t index, size_t *length)
{
  const secanti_tile *tile = &vectors->tiles[vectors->first_tile[segment] + index / vectors->tile_size];
  const size_t offset = index % vectors->tile_size;
  const secanti_passes *passes = vectors->passes;
  *length = tile->length - offset;
  return (char *)secanti_tile_part(tile, vector, passes->element, passes->history_element) +
         offset * secanti_element_bytes(secanti_vectors_dtype(vectors, vector.kind));
}

void secanti_vectors_export(secanti_vectors *vectors, secanti_vector vector, size_t segment, size_t first, size_t count,
                            void *out)
{
  const size_t element = secanti_element_bytes(secanti_vectors_dtype(vectors, vector.kind));
  for (size_t done = 0, length; done < count; done += length) {
    const char *from = piece(vectors, vector, segment, first + done, &length);
    if (length > count - done) length = count - done;
    memcpy((char *)out + done * element, from, length * element);
  }
}

void secanti_vectors_import(secanti_vectors *vectors, secanti_vector vector, size_t segment, size_t first, size_t count,
                            const void *in)
{
  const size_t element = secanti_element_bytes(secanti_vectors_dtype(vectors, vector.kind));
  vectors->formed = -1;
  for (size_t done = 0, length; done < count; done += length) {
    char *to = piece(vectors, vector, segment, first + done, &length);
    if (length > count - done) length = count - done;
    memcpy(to, (const char *)in + done * element, length * element);
  }
}
