#include "support/comm_conformance.h"

#include "comm/comm.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- reductions ---------------------------------------------------------------------------------------------------- */

/* Rank 0's bits must be everybody's. */
static void check_same_bits(secant_comm *comm, struct verdict *verdict, const double *values, size_t count)
{
  double *root = malloc((count + 1) * sizeof *root);
  if (!root) abort();
  memcpy(root, values, count * sizeof *root);
  CHECK(verdict, secant_comm_broadcast(comm, root, count * sizeof *root, 0) == SECANT_OK, "broadcast failed");
  for (size_t i = 0; i < count; i++)
    CHECK(verdict, memcmp(&root[i], &values[i], sizeof *root) == 0, "value %zu of %zu: %a, on rank 0 %a", i, count,
          values[i], root[i]);
  free(root);
}

static secanti_reduction begin(int sums, int maxima)
{
  secanti_reduction reduction;
  if (secanti_reduction_create(&reduction, sums + maxima, false) != SECANT_OK) abort();
  secanti_reduction_begin(&reduction, sums, maxima);
  return reduction;
}

/* Integers, so that any order of summation is exact: rank r gives (r + 1)(i + 1); maxima the same, alternating in
 * sign. */
static void check_exact_message(secant_comm *comm, struct verdict *verdict, int sums, int maxima)
{
  const int ranks = comm->size;
  secanti_reduction reduction = begin(sums, maxima);
  for (int i = 0; i < sums; i++) secanti_reduction_sums(&reduction)[i] = (comm->rank + 1.0) * (i + 1.0);
  for (int i = 0; i < maxima; i++)
    secanti_reduction_maxima(&reduction)[i] = (comm->rank + 1.0) * (i + 1.0) * (i % 2 ? -1 : 1);
  CHECK(verdict, secanti_reduce(comm, &reduction) == SECANT_OK, "%d sums, %d maxima: reduction failed", sums, maxima);
  CHECK(verdict, reduction.failing_rank == -1 && reduction.stop == SECANTI_STOP_NONE, "rank %d, stop %d",
        reduction.failing_rank, (int)reduction.stop);
  for (int i = 0; i < sums; i++) {
    const double want = 0.5 * ranks * (ranks + 1.0) * (i + 1.0);
    const double got = secanti_reduction_sums(&reduction)[i];
    CHECK(verdict, got == want, "sum %d of %d: %a, not %a", i, sums, got, want);
  }
  for (int i = 0; i < maxima; i++) {
    const double want = i % 2 ? -(i + 1.0) : ranks * (i + 1.0);
    const double got = secanti_reduction_maxima(&reduction)[i];
    CHECK(verdict, got == want, "maximum %d of %d: %a, not %a", i, maxima, got, want);
  }
  secanti_reduction_destroy(&reduction);
}

static void sums_are_added_and_maxima_are_the_largest(secant_comm *comm, struct verdict *verdict)
{
  for (int sums = 0; sums <= 40; sums += 3)
    for (int maxima = 0; maxima <= 6; maxima += 2) check_exact_message(comm, verdict, sums, maxima);
}

static void long_messages_arrive_whole(secant_comm *comm, struct verdict *verdict)
{
  check_exact_message(comm, verdict, 300, 3);
  check_exact_message(comm, verdict, 5000, 7);
  check_exact_message(comm, verdict, SECANTI_LONGEST_MESSAGE - SECANTI_HEADER - 2, 2);
}

static void nan_and_infinity_on_one_rank_reach_all(secant_comm *comm, struct verdict *verdict)
{
  for (int odd = 0; odd < comm->size; odd++) {
    secanti_reduction reduction = begin(3, 3);
    double *sums = secanti_reduction_sums(&reduction), *maxima = secanti_reduction_maxima(&reduction);
    if (comm->rank == odd) {
      sums[0] = maxima[0] = (double)NAN;
      sums[1] = maxima[1] = (double)INFINITY;
      sums[2] = maxima[2] = -(double)INFINITY;
    }
    CHECK(verdict, secanti_reduce(comm, &reduction) == SECANT_OK, "reduction failed");
    CHECK(verdict, isnan(sums[0]) && isnan(maxima[0]), "NaN of rank %d became %a, %a", odd, sums[0], maxima[0]);
    CHECK(verdict, sums[1] > 0 && isinf(sums[1]) && maxima[1] > 0 && isinf(maxima[1]), "Inf of rank %d lost", odd);
    CHECK(verdict, sums[2] < 0 && isinf(sums[2]), "-Inf of rank %d became %a", odd, sums[2]);
    if (comm->size > 1) CHECK(verdict, maxima[2] == 0.0, "the others' 0 became %a", maxima[2]);
    check_same_bits(comm, verdict, sums, 6);
    secanti_reduction_destroy(&reduction);
  }
}

/* Terms of very different size: the order of addition shows in the last bits, and must not differ between ranks. */
static void rounded_sums_have_the_same_bits_on_all_ranks(secant_comm *comm, struct verdict *verdict)
{
  enum { COUNT = 200 };
  for (unsigned seed = 1; seed <= 20; seed++) {
    secanti_reduction reduction = begin(COUNT, COUNT);
    double *values = secanti_reduction_sums(&reduction);
    uint64_t random = seed * 0x9E3779B97F4A7C15u + (uint64_t)comm->rank * 0xD1B54A32D192ED03u;
    for (int i = 0; i < 2 * COUNT; i++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const double mantissa = (double)(int64_t)random;
      values[i] = i % 50 == 7 ? copysign(0.0, mantissa) : ldexp(mantissa, (int)(random >> 59));
      if (i % 50 == 9) values[i] = copysign((double)NAN, mantissa);
    }
    CHECK(verdict, secanti_reduce(comm, &reduction) == SECANT_OK, "seed %u: reduction failed", seed);
    check_same_bits(comm, verdict, values, 2 * COUNT);
    secanti_reduction_destroy(&reduction);
  }
}

static void the_largest_stop_request_of_any_rank_reaches_all(secant_comm *comm, struct verdict *verdict)
{
  for (int asking = 0; asking < comm->size; asking++) {
    for (int request = SECANTI_STOP_TIME; request <= SECANTI_STOP_REQUESTED; request++) {
      secanti_reduction reduction = begin(1, 0);
      if (comm->rank == asking)
        reduction.stop = (secanti_stop)request;
      else if (comm->rank == 0)
        reduction.stop = SECANTI_STOP_TIME;
      CHECK(verdict, secanti_reduce(comm, &reduction) == SECANT_OK, "reduction failed");
      CHECK(verdict, (int)reduction.stop == request, "rank %d asked %d, got %d", asking, request, (int)reduction.stop);
      secanti_reduction_begin(&reduction, 1, 0);
      CHECK(verdict, secanti_reduce(comm, &reduction) == SECANT_OK && reduction.stop == SECANTI_STOP_NONE,
            "the request outlived its message");
      secanti_reduction_destroy(&reduction);
    }
  }
}

/* Every rank from `lowest` on fails, each with another status. */
static void the_status_of_the_lowest_failing_rank_wins(secant_comm *comm, struct verdict *verdict)
{
  for (int lowest = 0; lowest < comm->size; lowest++) {
    for (int alone = 0; alone <= 1; alone++) {
      secanti_reduction reduction = begin(1, 1);
      secanti_reduction_sums(&reduction)[0] = 1.0;
      const bool fails = alone ? comm->rank == lowest : comm->rank >= lowest;
      if (fails) reduction.status = (secant_status)(1 + (7 * comm->rank + 2) % 9);
      const secant_status want = (secant_status)(1 + (7 * lowest + 2) % 9);
      const secant_status got = secanti_reduce(comm, &reduction);
      CHECK(verdict, got == want && reduction.status == want, "from rank %d: status %d, not %d", lowest, (int)got,
            (int)want);
      CHECK(verdict, reduction.failing_rank == lowest, "rank %d blamed, not %d", reduction.failing_rank, lowest);
      CHECK(verdict, secanti_reduction_sums(&reduction)[0] == (double)comm->size, "the values must stay valid");
      secanti_reduction_destroy(&reduction);
    }
  }
}

static void public_sums_of_any_length_are_exact_and_equal(secant_comm *comm, struct verdict *verdict)
{
  const size_t counts[] = {0, 1, 4091, 4092, 4093, 10000};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    const size_t count = counts[c];
    double *values = malloc((count + 1) * sizeof *values);
    if (!values) abort();
    for (size_t i = 0; i < count; i++) values[i] = (double)(comm->rank + 1) * (double)i;
    values[count] = 17.0;
    CHECK(verdict, secant_comm_sum(comm, values, count) == SECANT_OK, "sum of %zu failed", count);
    for (size_t i = 0; i < count; i++)
      CHECK(verdict, values[i] == 0.5 * comm->size * (comm->size + 1.0) * (double)i, "value %zu of %zu: %a", i, count,
            values[i]);
    CHECK(verdict, values[count] == 17.0, "wrote behind %zu values", count);
    check_same_bits(comm, verdict, values, count);
    free(values);
  }
}

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

static void every_root_can_broadcast(secant_comm *comm, struct verdict *verdict)
{
  for (int root = 0; root < comm->size; root++) {
    for (size_t bytes = 0; bytes <= 1000; bytes += 77) {
      unsigned char data[1001];
      for (size_t i = 0; i <= 1000; i++) data[i] = comm->rank == root ? (unsigned char)(i + 3u * (unsigned)root) : 255;
      const unsigned char behind = data[bytes];
      CHECK(verdict, secant_comm_broadcast(comm, data, bytes, root) == SECANT_OK, "broadcast failed");
      for (size_t i = 0; i < bytes; i++)
        CHECK(verdict, data[i] == (unsigned char)(i + 3u * (unsigned)root), "root %d: byte %zu of %zu", root, i, bytes);
      CHECK(verdict, data[bytes] == behind, "wrote behind %zu bytes", bytes);
    }
  }
}

static void a_root_that_does_not_exist_is_refused(secant_comm *comm, struct verdict *verdict)
{
  int data = 1;
  CHECK(verdict, secant_comm_broadcast(comm, &data, sizeof data, -1) == SECANT_ERR_ARGUMENT, "root -1");
  CHECK(verdict, secant_comm_broadcast(comm, &data, sizeof data, comm->size) == SECANT_ERR_ARGUMENT, "root too large");
  CHECK(verdict, secant_comm_exchange(comm, &data, comm->size, &data, -1, 1) == SECANT_ERR_ARGUMENT, "to too large");
}

static void a_ring_passes_everything_on(secant_comm *comm, struct verdict *verdict)
{
  const int next = (comm->rank + 1) % comm->size, previous = (comm->rank + comm->size - 1) % comm->size;
  for (size_t count = 0; count <= 300; count += 60) {
    int32_t send[301], receive[301];
    for (int i = 0; i <= 300; i++) {
      send[i] = 1000 * comm->rank + i;
      receive[i] = -1;
    }
    CHECK(verdict, secant_comm_exchange(comm, send, next, receive, previous, count * sizeof *send) == SECANT_OK,
          "exchange failed");
    for (size_t i = 0; i < count; i++)
      CHECK(verdict, receive[i] == 1000 * previous + (int32_t)i, "from %d: entry %zu is %d", previous, i, receive[i]);
    CHECK(verdict, receive[count] == -1, "wrote behind %zu entries", count);
  }
}

/* A mesh cut into strips: shifts to the right and to the left, with nobody beyond the edges. */
static void nobody_waits_at_the_edges_of_a_mesh(secant_comm *comm, struct verdict *verdict)
{
  for (int shift = -1; shift <= 1; shift += 2) {
    const int last = comm->size - 1;
    const int to = comm->rank + shift > last ? -1 : comm->rank + shift;
    const int from = comm->rank - shift > last ? -1 : comm->rank - shift;
    const double send = 10.0 + comm->rank;
    double receive = -5.0;
    const secant_status status = secant_comm_exchange(comm, &send, to, &receive, from, sizeof send);
    CHECK(verdict, status == SECANT_OK, "exchange failed");
    CHECK(verdict, receive == (from < 0 ? -5.0 : 10.0 + from), "shift %d: received %a", shift, receive);
  }
}

/* Every other rank sends to rank 0, and then rank 0 to it: nobody has a buffer for what it does not get. */
static void two_ranks_pass_something_on_one_way(secant_comm *comm, struct verdict *verdict)
{
  for (int rank = 1; rank < comm->size; rank++) {
    double there = 3.0 * rank, back = 0.0;
    secant_status status = SECANT_OK;
    if (comm->rank == rank) {
      status = secant_comm_exchange(comm, &there, 0, NULL, -1, sizeof there);
      if (status == SECANT_OK) status = secant_comm_exchange(comm, NULL, -1, &back, 0, sizeof back);
      CHECK(verdict, back == there + 1.0, "rank %d got %a back", rank, back);
    } else if (comm->rank == 0) {
      status = secant_comm_exchange(comm, NULL, -1, &back, rank, sizeof back);
      back += 1.0;
      if (status == SECANT_OK) status = secant_comm_exchange(comm, &back, rank, NULL, -1, sizeof back);
    }
    CHECK(verdict, status == SECANT_OK, "rank %d: status %d", rank, (int)status);
  }
}

/* ---- shards -------------------------------------------------------------------------------------------------------- */

static void set_element(void *array, secant_dtype dtype, int64_t i, double value)
{
  if (dtype == SECANT_F32)
    ((float *)array)[i] = (float)value;
  else
    ((double *)array)[i] = value;
}

static double get_element(const void *array, secant_dtype dtype, int64_t i)
{
  return dtype == SECANT_F32 ? (double)((const float *)array)[i] : ((const double *)array)[i];
}

enum { SHARD_PATTERNS = 4, LARGEST_SHARD = 23, MOST_RANKS = 64 };

/* Uneven cuts: everything on one rank, empty ranks between, nothing at all, and growing shards. */
static void cut_by_pattern(int pattern, int size, int64_t *first)
{
  first[0] = 0;
  for (int r = 0; r < size; r++) {
    const int count[SHARD_PATTERNS] = {r == size - 1 ? LARGEST_SHARD : 0, r % 2 ? 0 : 5 + r % 7, 0, 1 + (3 * r) % 11};
    first[r + 1] = first[r] + count[pattern];
  }
}

static void check_shards(secant_comm *comm, struct verdict *verdict, const int64_t *first, secant_dtype dtype)
{
  const int64_t begin = first[comm->rank], own = first[comm->rank + 1] - begin, all = first[comm->size];
  double shard[LARGEST_SHARD + 1], whole[MOST_RANKS * LARGEST_SHARD + 1];
  for (int64_t i = 0; i <= own; i++) set_element(shard, dtype, i, i < own ? 2.0 * (double)(begin + i) : -1.0);
  set_element(whole, dtype, all, -7.0);
  CHECK(verdict, comm->operations->gather(comm, shard, whole, first, dtype) == SECANT_OK, "gather failed");
  for (int64_t i = 0; i < all; i++)
    CHECK(verdict, get_element(whole, dtype, i) == 2.0 * (double)i, "gather: element %d of %d is %a", (int)i, (int)all,
          get_element(whole, dtype, i));
  CHECK(verdict, get_element(whole, dtype, all) == -7.0, "gather wrote behind %d elements", (int)all);

  for (int64_t i = 0; i < all; i++) set_element(whole, dtype, i, (comm->rank + 1.0) * (double)(i + 1));
  CHECK(verdict, comm->operations->scatter_sum(comm, whole, shard, first, dtype) == SECANT_OK, "scatter_sum failed");
  for (int64_t i = 0; i < own; i++) {
    const double want = 0.5 * comm->size * (comm->size + 1.0) * (double)(begin + i + 1);
    const double got = get_element(shard, dtype, i);
    CHECK(verdict, got == want, "scatter_sum: element %d is %a, not %a", (int)(begin + i), got, want);
  }
  CHECK(verdict, get_element(shard, dtype, own) == -1.0, "scatter_sum wrote behind %d elements", (int)own);
  for (int64_t i = 0; i < all; i++)
    CHECK(verdict, get_element(whole, dtype, i) == (comm->rank + 1.0) * (double)(i + 1), "scatter_sum changed `whole`");
}

static void shards_are_gathered_and_gradients_added(secant_comm *comm, struct verdict *verdict)
{
  int64_t first[MOST_RANKS + 1];
  if (comm->size > MOST_RANKS) abort();
  for (int pattern = 0; pattern < SHARD_PATTERNS; pattern++) {
    cut_by_pattern(pattern, comm->size, first);
    check_shards(comm, verdict, first, SECANT_F64);
    check_shards(comm, verdict, first, SECANT_F32);
  }
}

/* ---- agreement ----------------------------------------------------------------------------------------------------- */

static void all_leave_with_the_sentence_of_the_lowest_failing_rank(secant_comm *comm, struct verdict *verdict)
{
  for (int lowest = 0; lowest < comm->size; lowest++) {
    secant_error error = {.status = SECANT_OK};
    char want[sizeof error.message];
    snprintf(want, sizeof want, "no disk on rank %d", lowest);
    if (comm->rank >= lowest) {
      error.status = comm->rank == lowest ? SECANT_ERR_IO : SECANT_ERR_FORMAT;
      snprintf(error.message, sizeof error.message, "no disk on rank %d", comm->rank);
    }
    const secant_status status = secant_comm_agree(comm, &error);
    CHECK(verdict, status == SECANT_ERR_IO && error.status == SECANT_ERR_IO, "status %d, %d", (int)status,
          (int)error.status);
    CHECK(verdict, strcmp(error.message, want) == 0, "got \"%s\"", error.message);
  }
}

static void agreement_on_success_is_success(secant_comm *comm, struct verdict *verdict)
{
  secant_error error = {.status = SECANT_OK, .message = "untouched"};
  CHECK(verdict, secant_comm_agree(comm, &error) == SECANT_OK, "agreed on failure");
  CHECK(verdict, error.status == SECANT_OK && strcmp(error.message, "untouched") == 0, "\"%s\"", error.message);
  CHECK(verdict, secant_comm_agree(comm, NULL) == SECANT_OK, "nothing to report is success");
}

static void ranks_are_numbered_within_the_size(secant_comm *comm, struct verdict *verdict)
{
  enum { MOST = MOST_RANKS };
  double seen[MOST] = {0};
  CHECK(verdict, secant_comm_rank(comm) == comm->rank && secant_comm_size(comm) == comm->size, "wrong accessors");
  CHECK(verdict, comm->rank >= 0 && comm->rank < comm->size && comm->size <= MOST, "rank %d of %d", comm->rank,
        comm->size);
  seen[comm->rank] = 1.0;
  CHECK(verdict, secant_comm_sum(comm, seen, MOST) == SECANT_OK, "sum failed");
  for (int r = 0; r < comm->size; r++) CHECK(verdict, seen[r] == 1.0, "rank %d taken %g times", r, seen[r]);
}

#define ENTRY(check)                                                                                                   \
  {                                                                                                                    \
#check, check                                                                                                      \
  }
const comm_check comm_checks[] = {
    ENTRY(ranks_are_numbered_within_the_size),
    ENTRY(sums_are_added_and_maxima_are_the_largest),
    ENTRY(long_messages_arrive_whole),
    ENTRY(nan_and_infinity_on_one_rank_reach_all),
    ENTRY(rounded_sums_have_the_same_bits_on_all_ranks),
    ENTRY(the_largest_stop_request_of_any_rank_reaches_all),
    ENTRY(the_status_of_the_lowest_failing_rank_wins),
    ENTRY(public_sums_of_any_length_are_exact_and_equal),
    ENTRY(every_root_can_broadcast),
    ENTRY(a_root_that_does_not_exist_is_refused),
    ENTRY(a_ring_passes_everything_on),
    ENTRY(nobody_waits_at_the_edges_of_a_mesh),
    ENTRY(two_ranks_pass_something_on_one_way),
    ENTRY(shards_are_gathered_and_gradients_added),
    ENTRY(all_leave_with_the_sentence_of_the_lowest_failing_rank),
    ENTRY(agreement_on_success_is_success),
    {NULL, NULL},
};
