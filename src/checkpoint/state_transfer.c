/*
 * Moves the numbers of tensors and lists of vectors between file and memory. A tensor that is whole on every rank is
 * written by rank 0 and read by all; any other is moved shard by shard.
 */
#include "base/base.h"
#include "checkpoint/state_file.h"
#include <stdlib.h>
#include <string.h>

secant_status secanti_state_file_note(secanti_state_file *state, hid_t dataset, const secant_node *node)
{
  if (state->transfer_count == state->transfer_capacity) {
    const size_t capacity = 2 * state->transfer_capacity + 8;
    secanti_transfer *larger = realloc(state->transfers, capacity * sizeof *larger);
    if (!larger) {
      if (dataset >= 0) H5Dclose(dataset);
      return secanti_fail(state->file.error, SECANT_ERR_MEMORY, "no memory for a list of datasets");
    }
    state->transfers = larger;
    state->transfer_capacity = capacity;
  }
  state->transfers[state->transfer_count++] = (secanti_transfer){dataset, node};
  return SECANT_OK;
}

/* ---- how a tensor is spread over the ranks ---------------------------------------------------------------------- */

/* What the ranks must know of each other about one transfer. */
typedef struct spread {
  bool sharded;   /* some rank has not all of it */
  bool uneven;    /* the rows of a list are not cut alike */
  size_t longest; /* piece of any rank */
  size_t pieces;  /* most of any rank */
  double held;    /* elements of one row that all ranks hold together */
} spread;

/* Tensor of row `row`; a tensor that is no list is its only row. */
static secant_tensor row_tensor(const secant_node *node, size_t row)
{
  secant_tensor tensor = {.dtype = SECANT_F64};
  if (secant_node_get_kind(node) == SECANT_NODE_LIST) node = secant_node_at(node, row);
  return secant_node_get_tensor(node, &tensor) == SECANT_OK ? tensor : (secant_tensor){.dtype = SECANT_F64};
}

static int64_t elements_of(const secant_tensor *tensor)
{
  int64_t elements = 1;
  for (int i = 0; i < tensor->dimensions; i++) elements *= tensor->shape[i];
  return elements;
}

static bool is_whole(const secant_tensor *tensor)
{
  return tensor->pieces == 1 && tensor->piece[0].first == 0 && (int64_t)tensor->local_count == elements_of(tensor);
}

static bool cut_alike(const secant_tensor *a, const secant_tensor *b)
{
  bool alike = a->pieces == b->pieces;
  for (size_t i = 0; alike && i < a->pieces; i++) {
    alike = a->piece[i].first == b->piece[i].first && a->piece[i].count == b->piece[i].count;
  }
  return alike;
}

static spread local_spread(const secant_node *node, size_t rows)
{
  const secant_tensor first = row_tensor(node, 0);
  spread here = {.sharded = !is_whole(&first), .pieces = first.pieces, .held = (double)first.local_count};
  for (size_t i = 0; i < first.pieces; i++) {
    if (first.piece[i].count > here.longest) here.longest = first.piece[i].count;
  }
  for (size_t i = 1; i < rows; i++) {
    const secant_tensor other = row_tensor(node, i);
    if (!cut_alike(&first, &other)) here.uneven = true;
  }
  return here;
}

/* Collective; the outcome is common. */
static secant_status agree_on_spread(const secanti_h5_file *file, spread *common)
{
  enum { SUMS = 1, MAXIMA = 4 };
  double words[SECANTI_HEADER + SUMS + MAXIMA];
  secanti_reduction reduction = {.words = words, .capacity = SUMS + MAXIMA};
  secanti_reduction_begin(&reduction, SUMS, MAXIMA);
  double *maxima = secanti_reduction_maxima(&reduction);
  *secanti_reduction_sums(&reduction) = common->held;
  maxima[0] = common->sharded;
  maxima[1] = common->uneven;
  maxima[2] = (double)common->longest;
  maxima[3] = (double)common->pieces;
  const secant_status status = secanti_reduce(file->comm, &reduction);
  if (status != SECANT_OK) return secanti_fail(file->error, status, "%s", secant_status_text(status));
  *common =
      (spread){maxima[0] > 0, maxima[1] > 0, (size_t)maxima[2], (size_t)maxima[3], *secanti_reduction_sums(&reduction)};
  return SECANT_OK;
}

/* Refuses what no file can hold. Equal on all ranks. */
static secant_status check_spread(const secanti_h5_file *file, const secanti_transfer *transfer, const spread *common)
{
  const secant_tensor tensor = row_tensor(transfer->node, 0);
  const char *fault = NULL;
  if (common->uneven) {
    fault = "the vectors of a list must be cut alike";
  } else if (common->sharded && tensor.dimensions != 1) {
    fault = "only a vector can be sharded";
  } else if (common->sharded && common->held != (double)elements_of(&tensor)) {
    fault = "the ranks' pieces are not the whole vector";
  }
  if (!fault) return SECANT_OK;
  secanti_h5_fail(file, transfer->dataset, "%s", fault);
  file->error->status = SECANT_ERR_ARGUMENT;
  return SECANT_ERR_ARGUMENT;
}

/* ---- moving ----------------------------------------------------------------------------------------------------- */

/* Where the rows of one dataset come from or go to. */
typedef struct rows_of {
  const secant_node *node;
  size_t before; /* elements of this rank ahead of the piece that is moved */
  bool writing;
} rows_of;

static void copy_row(void *user, size_t row, size_t first, size_t count, void *data)
{
  const rows_of *rows = user;
  const secant_tensor tensor = row_tensor(rows->node, row);
  const size_t bytes = secanti_element_bytes(tensor.dtype);
  char *own = (char *)tensor.data + (rows->before + first) * bytes;
  if (rows->writing) {
    memcpy(data, own, count * bytes);
  } else {
    memcpy(own, data, count * bytes);
  }
}

/* Moves piece `index` of every rank. A whole vector has one, which rank 0 writes and all read. Collective. */
static secant_status move_piece(const secanti_state_file *state, const secanti_transfer *transfer,
                                const secanti_h5_shape *shape, const spread *common, size_t index, void *buffer,
                                uint64_t *sum)
{
  const secanti_h5_file *file = &state->file;
  const secant_tensor tensor = row_tensor(transfer->node, 0);
  const bool idle = file->writing && !common->sharded && file->comm->rank > 0;
  const bool some = index < tensor.pieces && !idle;
  rows_of rows = {transfer->node, 0, file->writing};
  for (size_t i = 0; i < index && i < tensor.pieces; i++) rows.before += tensor.piece[i].count;
  const secanti_h5_shard shard = {.first = some ? tensor.piece[index].first : 0,
                                  .count = some ? tensor.piece[index].count : 0,
                                  .longest = common->longest,
                                  .piece = state->piece,
                                  .buffer = buffer,
                                  .sum = sum};
  return secanti_h5_vectors(file, transfer->dataset, shape, &shard, copy_row, &rows);
}

/* Elements that the largest call moves. */
static size_t buffer_elements(const secanti_state_file *state, const spread *common, size_t rows)
{
  const size_t longest = common->longest > 0 ? common->longest : 1;
  return longest <= state->piece / (rows > 0 ? rows : 1) ? longest * rows : state->piece;
}

static secant_status move_vectors(const secanti_state_file *state, const secanti_transfer *transfer,
                                  const spread *common)
{
  const secanti_h5_file *file = &state->file;
  const secant_tensor tensor = row_tensor(transfer->node, 0);
  const bool list = secant_node_get_kind(transfer->node) == SECANT_NODE_LIST;
  const secanti_h5_shape shape = {.dimensions = list ? 2 : 1,
                                  .rows = list ? secant_node_size(transfer->node) : 1,
                                  .columns = tensor.shape[0],
                                  .dtype = tensor.dtype};
  const size_t elements = buffer_elements(state, common, shape.rows);
  void *buffer = secanti_alloc_aligned(elements, secanti_element_bytes(tensor.dtype));
  if (!buffer) secanti_fail(file->error, SECANT_ERR_MEMORY, "no memory for a buffer of %zu elements", elements);
  secant_status status = secant_comm_agree(file->comm, file->error);
  uint64_t sum = 0;
  for (size_t i = 0; status == SECANT_OK && i < common->pieces; i++) {
    status = move_piece(state, transfer, &shape, common, i, buffer, &sum);
  }
  if (!common->sharded && file->comm->rank > 0) sum = 0; /* the same elements as rank 0's */
  if (status == SECANT_OK) status = secanti_h5_confirm_parts(file, transfer->dataset, sum);
  free(buffer);
  return status;
}

static secant_status move(const secanti_state_file *state, const secanti_transfer *transfer)
{
  const secanti_h5_file *file = &state->file;
  const bool list = secant_node_get_kind(transfer->node) == SECANT_NODE_LIST;
  const secant_tensor tensor = row_tensor(transfer->node, 0);
  spread common = local_spread(transfer->node, list ? secant_node_size(transfer->node) : 1);
  secant_status status = SECANT_OK;
  SECANT_TRY(agree_on_spread(file, &common));
  SECANT_TRY(check_spread(file, transfer, &common));
  if (tensor.dimensions == 1) return move_vectors(state, transfer, &common);
  secanti_h5_table(file, transfer->dataset, tensor.data);
  status = secant_comm_agree(file->comm, file->error);
done:
  return status;
}

secant_status secanti_state_file_transfer(secanti_state_file *state)
{
  secant_status status = SECANT_OK;
  for (size_t i = 0; i < state->transfer_count; i++) SECANT_TRY(move(state, &state->transfers[i]));
done:
  return status;
}
