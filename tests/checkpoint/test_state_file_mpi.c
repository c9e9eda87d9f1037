/* HDF5 files of state dicts on any number of ranks: shards are written and read where they lie. */
#include "support/mpi_check.h"

#include "checkpoint/state_file.h"
#include "support/state_trees.h"
#include "support/valley.h"
#include <secant/mpi.h>
#include <string.h>
#include <unistd.h>

enum { UNKNOWNS = 60, PARAMETERS = 3 };

static secant_comm *comm;
static char path[200]; /* the same on all ranks */

/* Three parameters of 10, 0 and 50 unknowns. Rank 0 has one unknown of the first, the last rank has nothing unless it
 * is the only one, and the others are even. */
static const int64_t extents[PARAMETERS] = {10, 0, 50};

static int64_t begin_of(int64_t extent, int rank, int size)
{
  if (rank == 0 || extent == 0) return 0;
  if (rank >= size - (size > 2)) return extent;
  return 1 + (extent - 1) * (rank - 1) / (size - 1);
}

/* An optimizer over these parameters, and the pieces of a vector of all unknowns. */
typedef struct fixture {
  double x[UNKNOWNS], g[UNKNOWNS];
  secant_parameter parameters[PARAMETERS];
  secant_piece pieces[PARAMETERS];
  size_t count;
  secant_optimizer *optimizer;
} fixture;

static void fixture_create(fixture *f, secant_comm *over, const secant_options *options)
{
  const int rank = secant_comm_rank(over), size = secant_comm_size(over);
  int64_t before = 0;
  memset(f, 0, sizeof *f);
  for (int i = 0; i < PARAMETERS; i++) {
    const int64_t first = begin_of(extents[i], rank, size), end = begin_of(extents[i], rank + 1, size);
    const int64_t last = rank == size - 1 ? extents[i] : end;
    f->pieces[i] = (secant_piece){before + first, (size_t)(last - first)};
    f->parameters[i] = (secant_parameter){
        .values = f->x + f->count, .gradient = f->g + f->count, .local_count = (size_t)(last - first)};
    f->count += (size_t)(last - first);
    before += extents[i];
  }
  if (secant_create(&f->optimizer, f->parameters, PARAMETERS, options, over, NULL) != SECANT_OK) f->optimizer = NULL;
}

static void check_round_trip(struct verdict *verdict, fixture *f, const secant_node *dict, size_t piece)
{
  secant_node *back = NULL;
  secant_error error;
  secant_status status = secanti_state_file_save(dict, path, comm, piece, &error);
  CHECK(verdict, status == SECANT_OK, "saving in pieces of %zu: %s", piece, error.message);
  if (status != SECANT_OK) return;
  status = secanti_state_file_read(f->optimizer, path, piece, &back);
  CHECK(verdict, status == SECANT_OK, "reading in pieces of %zu: %s", piece, secant_message(f->optimizer));
  state_tree_compare(verdict, dict, back, "");
  secant_node_destroy(back);
}

static void shards_and_whole_tensors_come_back(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  static fixture f;
  fixture_create(&f, comm, NULL);
  secant_node *dict = state_tree_of_all_kinds(UNKNOWNS, f.pieces, PARAMETERS);
  const size_t pieces[] = {1, 3, 16, 1000};
  for (int i = 0; i < 4; i++) check_round_trip(&verdict, &f, dict, pieces[i]);
  secant_node_destroy(dict);
  secant_destroy(f.optimizer);
  mpi_assert(&verdict);
}

static void one_process_reads_what_all_have_written_and_back(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  static fixture f, alone;
  const secant_piece whole = {0, UNKNOWNS};
  fixture_create(&f, comm, NULL);
  fixture_create(&alone, NULL, NULL);
  secant_node *dict = state_tree_of_all_kinds(UNKNOWNS, f.pieces, PARAMETERS), *back = NULL;
  secant_node *expected = state_tree_of_all_kinds(UNKNOWNS, &whole, 1), *again = NULL;
  CHECK(&verdict, secant_state_dict_save(dict, path, comm, NULL) == SECANT_OK, "saving");
  if (mpi_world_rank() == 0) {
    const secant_status status = secant_state_dict_read(alone.optimizer, path, &back);
    CHECK(&verdict, status == SECANT_OK, "%s", secant_message(alone.optimizer));
    state_tree_compare(&verdict, expected, back, "alone");
    CHECK(&verdict, secant_state_dict_save(back, path, NULL, NULL) == SECANT_OK, "saving alone");
  }
  MPI_Barrier(MPI_COMM_WORLD);
  CHECK(&verdict, secant_state_dict_read(f.optimizer, path, &again) == SECANT_OK, "%s", secant_message(f.optimizer));
  state_tree_compare(&verdict, dict, again, "again");
  secant_node_destroy(dict);
  secant_node_destroy(back);
  secant_node_destroy(expected);
  secant_node_destroy(again);
  secant_destroy(f.optimizer);
  secant_destroy(alone.optimizer);
  mpi_assert(&verdict);
}

static void a_state_from_a_file_goes_on_bit_for_bit(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  const int rank = mpi_world_rank(), size = mpi_world_size();
  secant_options options = secant_options_torch();
  options.max_iter = 3;
  options.history_size = 4;
  options.line_search = SECANT_LINE_SEARCH_STRONG_WOLFE;
  valley v[2] = {valley_create(UNKNOWNS, size, rank), valley_create(UNKNOWNS, size, rank)};
  secant_optimizer *o[2] = {NULL, NULL};
  secant_node *dict = NULL, *back = NULL;
  for (int i = 0; i < 2; i++) {
    const secant_parameter parameter = valley_parameter(&v[i]);
    CHECK(&verdict, secant_create(&o[i], &parameter, 1, &options, comm, NULL) == SECANT_OK, "creating");
  }
  for (int i = 0; i < 3; i++) CHECK(&verdict, secant_step(o[0], valley_evaluate, &v[0], NULL) == SECANT_OK, "step");
  CHECK(&verdict, secant_state_dict(o[0], &dict) == SECANT_OK, "%s", secant_message(o[0]));
  CHECK(&verdict, secant_state_dict_save(dict, path, comm, NULL) == SECANT_OK, "saving");
  CHECK(&verdict, secant_state_dict_read(o[1], path, &back) == SECANT_OK, "%s", secant_message(o[1]));
  CHECK(&verdict, secant_load_state_dict(o[1], back) == SECANT_OK, "%s", secant_message(o[1]));
  if (v[0].count > 0) memcpy(v[1].x, v[0].x, v[0].count * sizeof(double));
  for (int i = 0; i < 6; i++) {
    CHECK(&verdict, secant_step(o[i % 2], valley_evaluate, &v[i % 2], NULL) == SECANT_OK, "step %d", i);
  }
  CHECK(&verdict, v[0].count == 0 || memcmp(v[0].x, v[1].x, v[0].count * sizeof(double)) == 0, "other points");
  for (int i = 0; i < 2; i++) {
    secant_destroy(o[i]);
    valley_destroy(&v[i]);
  }
  secant_node_destroy(dict);
  secant_node_destroy(back);
  mpi_assert(&verdict);
}

/* Saving fails on every rank with the same words, and no file appears. */
static void check_refused(struct verdict *verdict, const secant_node *dict, secant_status expected, const char *words)
{
  secant_error error;
  unlink(path);
  MPI_Barrier(MPI_COMM_WORLD);
  const secant_status status = secant_state_dict_save(dict, path, comm, &error);
  CHECK(verdict, status == expected && strstr(error.message, words), "status %d, '%s' lacks '%s'", (int)status,
        error.message, words);
  CHECK(verdict, access(path, F_OK) != 0, "%s: a file appeared", words);
}

static void what_does_not_fit_over_the_ranks_is_refused(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  if (mpi_world_size() == 1) skip();
  const bool first = mpi_world_rank() == 0;
  const secant_piece none = {0, 0}, whole = {0, UNKNOWNS}, half = {0, UNKNOWNS / 2};
  bool good = true;
  secant_node *dict = secant_node_dict();
  state_tree_put(dict, "lr", secant_node_real(first ? 0.5 : 1), &good);
  check_refused(&verdict, dict, SECANT_ERR_ARGUMENT, "disagree");
  state_tree_put(dict, "lr", first ? secant_node_real(1) : secant_node_integer(1), &good);
  check_refused(&verdict, dict, SECANT_ERR_ARGUMENT, "disagree");
  check_refused(&verdict, first ? NULL : dict, SECANT_ERR_ARGUMENT, "only a dict");
  secant_node_remove(dict, "lr");
  state_tree_put(dict, "d", state_tree_vector(SECANT_F64, UNKNOWNS, first ? &half : &none, 1, 0), &good);
  check_refused(&verdict, dict, SECANT_ERR_ARGUMENT, "pieces are not the whole");
  secant_node *list = secant_node_list();
  state_tree_append(list, state_tree_vector(SECANT_F64, UNKNOWNS, &whole, 1, 0), &good);
  state_tree_append(list, state_tree_vector(SECANT_F64, UNKNOWNS, first ? &whole : &none, 1, 0), &good);
  state_tree_put(dict, "d", list, &good);
  check_refused(&verdict, dict, SECANT_ERR_ARGUMENT, "cut alike");
  CHECK(&verdict, good, "no memory");
  secant_node_destroy(dict);
  mpi_assert(&verdict);
}

static void a_damaged_file_is_refused_on_every_rank(void **state)
{
  (void)state;
  struct verdict verdict = {0};
  static fixture f;
  fixture_create(&f, comm, NULL);
  secant_node *dict = state_tree_of_all_kinds(UNKNOWNS, f.pieces, PARAMETERS), *back = NULL;
  CHECK(&verdict, secant_state_dict_save(dict, path, comm, NULL) == SECANT_OK, "saving");
  if (mpi_world_rank() == 0) CHECK(&verdict, truncate(path, 5000) == 0, "cutting");
  MPI_Barrier(MPI_COMM_WORLD);
  secant_status status = secant_state_dict_read(f.optimizer, path, &back);
  CHECK(&verdict, status == SECANT_ERR_FORMAT && !back, "status %d, %s", (int)status, secant_message(f.optimizer));
  MPI_Barrier(MPI_COMM_WORLD);
  if (mpi_world_rank() == 0) unlink(path);
  MPI_Barrier(MPI_COMM_WORLD);
  status = secant_state_dict_read(f.optimizer, path, &back);
  CHECK(&verdict, status == SECANT_ERR_IO && !back, "status %d, %s", (int)status, secant_message(f.optimizer));
  if (mpi_world_size() > 1) {
    status = secant_state_dict_read(f.optimizer, mpi_world_rank() == 1 ? "elsewhere" : path, &back);
    CHECK(&verdict, status == SECANT_ERR_ARGUMENT, "status %d, %s", (int)status, secant_message(f.optimizer));
  }
  secant_node_destroy(dict);
  secant_destroy(f.optimizer);
  mpi_assert(&verdict);
}

static void choose_path(void)
{
  if (mpi_world_rank() == 0) snprintf(path, sizeof path, "/tmp/test_state_file_mpi.%d.h5", (int)getpid());
  MPI_Bcast(path, sizeof path, MPI_CHAR, 0, MPI_COMM_WORLD);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(shards_and_whole_tensors_come_back),
                                     cmocka_unit_test(one_process_reads_what_all_have_written_and_back),
                                     cmocka_unit_test(a_state_from_a_file_goes_on_bit_for_bit),
                                     cmocka_unit_test(what_does_not_fit_over_the_ranks_is_refused),
                                     cmocka_unit_test(a_damaged_file_is_refused_on_every_rank)};
  mpi_tests_begin(&argc, &argv);
  if (secant_comm_from_mpi(&comm, MPI_COMM_WORLD, NULL) != SECANT_OK) MPI_Abort(MPI_COMM_WORLD, 1);
  choose_path();
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (mpi_world_rank() == 0) unlink(path);
  secant_comm_destroy(comm);
  return mpi_tests_end(failed);
}
