/* The inside of secanti_vectors: the tile table, the storage it points into, and the workers. */
#ifndef SECANT_TILES_H
#define SECANT_TILES_H

#include "vector/passes.h"

struct secanti_vectors {
  const secanti_passes *passes; /* chosen once, by element type */
  secanti_tile *tiles;          /* [tile_count], segment after segment */
  size_t tile_count;
  size_t tile_size;
  size_t *first_tile; /* [segments] */
  int slots;
  int groups;
  bool binned;
  int shares; /* threads that work; share t owns tiles [count t / shares, count (t+1) / shares) */
  void *storage;
  void *kept;              /* NULL until it is needed */
  void *weights;           /* likewise */
  secanti_worker *workers; /* [shares] */
  void *scratch;           /* the workers' buffers */
};

/* Runs a kernel over all tiles. Afterwards workers[0] holds the sums and the maxima over all of them (vectors.c). */
void secanti_vectors_run(secanti_vectors *vectors, secanti_kernel *kernel, const secanti_task *task);

#endif
