/* The communicator over MPI. */
#include "comm_mpi.h"

#include "base/base.h"
#include <secant/mpi.h>
#include <stdlib.h>
#include <string.h>

/* Counts are ints in MPI; a power of two below INT_MAX keeps every piece of a large transfer aligned. */
enum { LARGEST_COUNT = 1 << 30 };

static secant_status checked(int code)
{
  return code == MPI_SUCCESS ? SECANT_OK : SECANT_ERR_COMM;
}

/* The next piece of a transfer with `left` elements to go. */
static int piece(const comm_mpi *self, int64_t left)
{
  return (int)(left < self->limit ? left : self->limit);
}

/* ---- the fused reduction ------------------------------------------------------------------------------------------- */

/* The MPI_Op. One element is one whole message, so that the operation finds the header in front of the values. */
static void combine_messages(void *from, void *into, int *count, MPI_Datatype *type)
{
  int bytes = 0;
  MPI_Type_size(*type, &bytes);
  for (int i = 0; i < *count; i++) {
    const size_t at = (size_t)i * (size_t)bytes;
    secanti_combine((const double *)((const char *)from + at), (double *)((char *)into + at));
  }
}

/* Exactly one MPI_Allreduce. Messages are padded with zeros to the next type; nothing is allocated or created. */
static secant_status mpi_reduce(secant_comm *comm, double *words)
{
  comm_mpi *self = secanti_comm_mpi(comm);
  const size_t count = secanti_message_words(words);
  if (count > SECANTI_LONGEST_MESSAGE) return SECANT_ERR_ARGUMENT;
  int type = 0;
  while (((size_t)SHORTEST_MESSAGE << type) < count) type++;
  const size_t padding = ((size_t)SHORTEST_MESSAGE << type) - count;
  memcpy(self->send, words, count * sizeof *words);
  memset(self->send + count, 0, padding * sizeof *words);
  const int code = MPI_Allreduce(self->send, self->receive, 1, self->messages[type], self->combine, self->mpi);
  if (code != MPI_SUCCESS) return SECANT_ERR_COMM;
  memcpy(words, self->receive, count * sizeof *words);
  return SECANT_OK;
}

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

static secant_status mpi_broadcast(secant_comm *comm, void *data, size_t bytes, int root)
{
  const comm_mpi *self = secanti_comm_mpi(comm);
  for (size_t done = 0; done < bytes;) {
    const int now = piece(self, (int64_t)(bytes - done));
    if (MPI_Bcast((char *)data + done, now, MPI_BYTE, root, self->mpi) != MPI_SUCCESS) return SECANT_ERR_COMM;
    done += (size_t)now;
  }
  return SECANT_OK;
}

static int or_nobody(int rank)
{
  return rank < 0 ? MPI_PROC_NULL : rank;
}

static secant_status mpi_exchange(secant_comm *comm, const void *send, int to, void *receive, int from, size_t bytes)
{
  const comm_mpi *self = secanti_comm_mpi(comm);
  const char *out = send;
  char *in = receive;
  for (size_t done = 0; done < bytes;) {
    const int now = piece(self, (int64_t)(bytes - done));
    const int send_now = to < 0 ? 0 : now, receive_now = from < 0 ? 0 : now; /* nobody may have no buffer */
    const int code = MPI_Sendrecv(out ? out + done : NULL, send_now, MPI_BYTE, or_nobody(to), 0, in ? in + done : NULL,
                                  receive_now, MPI_BYTE, or_nobody(from), 0, self->mpi, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) return SECANT_ERR_COMM;
    done += (size_t)now;
  }
  return SECANT_OK;
}

/* ---- shards -------------------------------------------------------------------------------------------------------- */

static MPI_Datatype element_type(secant_dtype dtype)
{
  return dtype == SECANT_F32 ? MPI_FLOAT : MPI_DOUBLE;
}

/* Fills counts and displacements; false if the elements are too many for one call. */
static bool fits_one_call(comm_mpi *self, const int64_t *first)
{
  const int size = self->base.size;
  if (first[size] > self->limit) return false;
  for (int r = 0; r < size; r++) {
    self->counts[r] = (int)(first[r + 1] - first[r]);
    self->displacements[r] = (int)first[r];
  }
  return true;
}

/* Every rank in turn broadcasts its shard from its place in `whole`, piece by piece. */
static secant_status gather_in_pieces(comm_mpi *self, const void *shard, char *whole, const int64_t *first,
                                      secant_dtype dtype)
{
  const size_t element = secanti_element_bytes(dtype);
  const int rank = self->base.rank;
  const size_t own = (size_t)(first[rank + 1] - first[rank]) * element;
  if (own > 0) memcpy(whole + (size_t)first[rank] * element, shard, own);
  for (int root = 0; root < self->base.size; root++) {
    for (int64_t at = first[root]; at < first[root + 1];) {
      const int now = piece(self, first[root + 1] - at);
      const int code = MPI_Bcast(whole + (size_t)at * element, now, element_type(dtype), root, self->mpi);
      if (code != MPI_SUCCESS) return SECANT_ERR_COMM;
      at += now;
    }
  }
  return SECANT_OK;
}

static secant_status mpi_gather(secant_comm *comm, const void *shard, void *whole, const int64_t *first,
                                secant_dtype dtype)
{
  comm_mpi *self = secanti_comm_mpi(comm);
  if (!fits_one_call(self, first)) return gather_in_pieces(self, shard, whole, first, dtype);
  const MPI_Datatype type = element_type(dtype);
  return checked(
      MPI_Allgatherv(shard, self->counts[comm->rank], type, whole, self->counts, self->displacements, type, self->mpi));
}

/* Every rank in turn receives the sum of its shard, piece by piece. */
static secant_status scatter_sum_in_pieces(comm_mpi *self, const char *whole, char *shard, const int64_t *first,
                                           secant_dtype dtype)
{
  const size_t element = secanti_element_bytes(dtype);
  for (int root = 0; root < self->base.size; root++) {
    for (int64_t at = first[root]; at < first[root + 1];) {
      const int now = piece(self, first[root + 1] - at);
      void *sum = root == self->base.rank ? shard + (size_t)(at - first[root]) * element : NULL;
      const int code =
          MPI_Reduce(whole + (size_t)at * element, sum, now, element_type(dtype), MPI_SUM, root, self->mpi);
      if (code != MPI_SUCCESS) return SECANT_ERR_COMM;
      at += now;
    }
  }
  return SECANT_OK;
}

static secant_status mpi_scatter_sum(secant_comm *comm, const void *whole, void *shard, const int64_t *first,
                                     secant_dtype dtype)
{
  comm_mpi *self = secanti_comm_mpi(comm);
  if (!fits_one_call(self, first)) return scatter_sum_in_pieces(self, whole, shard, first, dtype);
  return checked(MPI_Reduce_scatter(whole, shard, self->counts, element_type(dtype), MPI_SUM, self->mpi));
}

/* ---- creation ------------------------------------------------------------------------------------------------------ */

/* Frees what this rank holds, except the MPI communicator. */
static void release(comm_mpi *self)
{
  if (!self) return;
  for (int i = 0; i < MESSAGE_TYPES; i++)
    if (self->messages[i] != MPI_DATATYPE_NULL) MPI_Type_free(&self->messages[i]);
  if (self->combine != MPI_OP_NULL) MPI_Op_free(&self->combine);
  free(self->send);
  free(self->receive);
  free(self->counts);
  free(self->displacements);
  free(self);
}

/* After MPI_Finalize() the handles of MPI are gone already. */
static void mpi_destroy(secant_comm *comm)
{
  comm_mpi *self = secanti_comm_mpi(comm);
  int finalised = 0;
  if (MPI_Finalized(&finalised) != MPI_SUCCESS || finalised) {
    for (int i = 0; i < MESSAGE_TYPES; i++) self->messages[i] = MPI_DATATYPE_NULL;
    self->combine = MPI_OP_NULL;
  } else {
    MPI_Comm_free(&self->mpi);
  }
  release(self);
}

static comm_mpi *allocate(int size)
{
  comm_mpi *self = secanti_alloc(1, sizeof *self);
  if (!self) return NULL;
  for (int i = 0; i < MESSAGE_TYPES; i++) self->messages[i] = MPI_DATATYPE_NULL;
  self->combine = MPI_OP_NULL;
  self->limit = LARGEST_COUNT;
  self->send = secanti_alloc(SECANTI_LONGEST_MESSAGE, sizeof *self->send);
  self->receive = secanti_alloc(SECANTI_LONGEST_MESSAGE, sizeof *self->receive);
  self->counts = secanti_alloc((size_t)size, sizeof *self->counts);
  self->displacements = secanti_alloc((size_t)size, sizeof *self->displacements);
  if (self->send && self->receive && self->counts && self->displacements) return self;
  release(self);
  return NULL;
}

/* The operation and the message types. Local calls of MPI. */
static secant_status create_types(comm_mpi *self)
{
  if (MPI_Op_create(combine_messages, 1, &self->combine) != MPI_SUCCESS) return SECANT_ERR_COMM;
  for (int i = 0; i < MESSAGE_TYPES; i++) {
    if (MPI_Type_contiguous(SHORTEST_MESSAGE << i, MPI_DOUBLE, &self->messages[i]) != MPI_SUCCESS)
      return SECANT_ERR_COMM;
    if (MPI_Type_commit(&self->messages[i]) != MPI_SUCCESS) return SECANT_ERR_COMM;
  }
  return SECANT_OK;
}

/* Makes this rank's object over `mpi`. Not collective: whether it worked everywhere is agreed on afterwards. */
static secant_status build(comm_mpi **out, MPI_Comm mpi)
{
  static const secanti_comm_operations operations = {
      .reduce = mpi_reduce,
      .broadcast = mpi_broadcast,
      .exchange = mpi_exchange,
      .gather = mpi_gather,
      .scatter_sum = mpi_scatter_sum,
      .destroy = mpi_destroy,
  };
  int rank = 0, size = 0;
  if (MPI_Comm_rank(mpi, &rank) != MPI_SUCCESS || MPI_Comm_size(mpi, &size) != MPI_SUCCESS) return SECANT_ERR_COMM;
  comm_mpi *self = *out = allocate(size);
  if (!self) return SECANT_ERR_MEMORY;
  self->base = (secant_comm){.operations = &operations, .rank = rank, .size = size, .h5 = secanti_h5_mpi()};
  self->mpi = mpi;
  return create_types(self);
}

/* The largest status of any rank. The object may be missing on some, so this cannot be secant_comm_agree(). */
static secant_status common_status(MPI_Comm mpi, secant_status status)
{
  int local = (int)status, common = SECANT_ERR_COMM;
  if (MPI_Allreduce(&local, &common, 1, MPI_INT, MPI_MAX, mpi) != MPI_SUCCESS) return SECANT_ERR_COMM;
  return (secant_status)common;
}

/* Whether `mpi` can be duplicated: asked first, because errors on the caller's communicator may abort the program. */
static bool usable(MPI_Comm mpi)
{
  int initialised = 0, finalised = 0, inter = 0;
  if (MPI_Initialized(&initialised) != MPI_SUCCESS || !initialised) return false;
  if (MPI_Finalized(&finalised) != MPI_SUCCESS || finalised) return false;
  return mpi != MPI_COMM_NULL && MPI_Comm_test_inter(mpi, &inter) == MPI_SUCCESS && !inter;
}

secant_status secant_comm_from_mpi(secant_comm **out, MPI_Comm mpi, secant_error *error)
{
  *out = NULL;
  if (!usable(mpi))
    return secanti_fail(error, SECANT_ERR_COMM,
                        "a communicator needs MPI between MPI_Init and MPI_Finalize and an intracommunicator of it");
  MPI_Comm duplicate = MPI_COMM_NULL;
  if (MPI_Comm_dup(mpi, &duplicate) != MPI_SUCCESS)
    return secanti_fail(error, SECANT_ERR_COMM, "MPI could not duplicate the communicator");

  comm_mpi *self = NULL;
  secant_status status = checked(MPI_Comm_set_errhandler(duplicate, MPI_ERRORS_RETURN));
  if (status == SECANT_OK) status = build(&self, duplicate);
  status = common_status(duplicate, status);
  if (status == SECANT_OK)
    status = common_status(duplicate, secanti_comm_mpi_computer(duplicate, &self->base.computer));
  if (status == SECANT_OK) {
    if (error) *error = (secant_error){.status = SECANT_OK};
    *out = &self->base;
    return SECANT_OK;
  }
  release(self);
  MPI_Comm_free(&duplicate);
  return secanti_fail(error, status, "no communicator of Secant could be made on at least one rank: %s",
                      secant_status_text(status));
}

void secanti_comm_mpi_limit(secant_comm *comm, int64_t elements)
{
  secanti_comm_mpi(comm)->limit = elements;
}
