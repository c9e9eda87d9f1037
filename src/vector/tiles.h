/* The inside of secanti_vectors: the tile table, the storage it points into, and the workers. */
#ifndef SECANT_TILES_H
#define SECANT_TILES_H

#include "vector/passes.h"

struct secanti_vectors {
  const secanti_passes *passes; /* chosen once, by the element types */
  secanti_tile *tiles;          /* [tile_count + 1], segment after segment, then the last one again */
  size_t tile_count;
  size_t tile_size;
  size_t *first_tile; /* [segments] */
  secant_dtype dtype;
  int slots;
  int groups;
  bool binned;
  bool past_caches; /* more than the caches hold */
  int formed;       /* narrow slots: the one whose y pass B has stored; -1: none */
  int shares;       /* threads that work; share t owns tiles [count t / shares, count (t+1) / shares) */
  void *storage;
  void *kept;              /* NULL until it is needed */
  void *weights;           /* likewise */
  secanti_worker *workers; /* [shares] */
  void *scratch;           /* the workers' buffers */
};

/* Runs a kernel over all tiles. Afterwards workers[0] holds the sums and the maxima over all of them (vectors.c). */
void secanti_vectors_run(secanti_vectors *vectors, secanti_kernel *kernel, const secanti_task *task);

#endif
