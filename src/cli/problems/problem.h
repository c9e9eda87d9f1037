/*
 * The built-in problems of `secant run`. A problem is cut into shards, and each rank holds and evaluates its own. The
 * large ones are a file each, with one table of type cli_problem_kind; such a table is also made of any problem of the
 * suite.
 */
#ifndef SECANT_CLI_PROBLEM_H
#define SECANT_CLI_PROBLEM_H

#include <secant/secant.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct suite_problem;

enum { PROBLEM_OPTIONS = 2 };

/* One option of a problem: --problem-option n=1000. */
typedef struct cli_problem_option {
  const char *name; /* NULL ends the list */
  double value;     /* the default */
  double least;
  double most;
  int step;  /* a multiple of it; 0: of 1 */
  bool real; /* any number of the range; else integers only */
  const char *text;
} cli_problem_option;

typedef struct cli_problem cli_problem;

typedef struct cli_problem_kind {
  const char *name;
  const char *text;   /* one line of help */
  const char *source; /* where it is published, or "Secant" */
  cli_problem_option options[PROBLEM_OPTIONS];
  double optimum;                    /* the least value, NAN if it is not known */
  const struct suite_problem *suite; /* the formula if this is a problem of the suite, else NULL */

  /* Sets first, count, blocks and the shape from the options, the size and the rank. */
  void (*cut)(cli_problem *problem, int size, int rank);
  /* Fills x with the start, and makes what else the problem needs. Returns SECANT_OK or SECANT_ERR_MEMORY. */
  secant_status (*begin)(cli_problem *problem);
  /* The objective, for secant_parameter and secant_closure: `user` is the cli_problem. */
  secant_closure *evaluate;
  /* Frees what `begin` made. NULL if it makes nothing. */
  void (*end)(cli_problem *problem);
} cli_problem_kind;

/* One rank's shard of a problem. */
struct cli_problem {
  const cli_problem_kind *kind;
  double option[PROBLEM_OPTIONS]; /* the values in force */
  secant_comm *comm;              /* borrowed */
  int threads;                    /* for the kernels: 1 where the shard is small */

  int64_t first;    /* global index of x[0] */
  int64_t count;    /* local unknowns, may be 0 */
  int64_t shape[2]; /* of the global array */
  int dimensions;
  double *x; /* [count] */
  double *g; /* [count] */

  int64_t blocks;        /* pieces of the shard that threads share out */
  int64_t block;         /* elements of each but the last */
  double *losses;        /* [blocks] the loss of each */
  secant_sum loss_terms; /* all of them: a sum that depends neither on the scheduling nor on the ranks */
  void *own;             /* what only this kind of problem has */
};

extern const cli_problem_kind problem_rosenbrock, problem_quadratic, problem_minimal_surface;

/* Row `index` of the large problems, NULL beyond the last. */
const cli_problem_kind *problem_kind_at(int index);

/* A problem of the suite as a kind: its option is n, if it has one. */
cli_problem_kind problem_of_suite(const struct suite_problem *suite);

/*
 * Fills `kind` with the problem of that name, large or of the suite. Returns SECANT_OK, or SECANT_ERR_ARGUMENT with the
 * name that is nearest in `error` (never NULL).
 */
secant_status problem_find(const char *name, cli_problem_kind *kind, secant_error *error);

/* Fills `values` with the defaults of the kind. */
void problem_defaults(const cli_problem_kind *kind, double *values);

/* Takes one "name=value". Returns SECANT_OK, or SECANT_ERR_ARGUMENT with one sentence in `error` (never NULL). */
secant_status problem_set_option(const cli_problem_kind *kind, double *values, const char *text, secant_error *error);

/* Writes "run NAME option=value ..." into `text`: what checkpoints know the problem by. */
void problem_describe(const cli_problem_kind *kind, const double *values, char *text, size_t capacity);

/*
 * Creates this rank's shard, at the start. Collective.
 * Returns SECANT_OK or SECANT_ERR_MEMORY, equal on all ranks; `out` is NULL then.
 */
secant_status problem_create(cli_problem **out, const cli_problem_kind *kind, const double *values, int threads,
                             secant_comm *comm);

/* NULL is allowed. */
void problem_destroy(cli_problem *problem);

/* The least value of this problem, NAN if it is not known: the suite tells it for the default n only. */
double problem_optimum(const cli_problem *problem);

/* The shard as the library takes it: borrows the arrays of `problem`. */
secant_parameter problem_parameter(cli_problem *problem);

/* ---- for the kinds ------------------------------------------------------------------------------------------------- */

/* Elements of a block where unknowns are independent of each other; below PROBLEM_SMALL one thread is faster. */
enum { PROBLEM_BLOCK = 1024, PROBLEM_SMALL = 32 * PROBLEM_BLOCK };

/* The same if there are fewer than 16 PROBLEM_BLOCK unknowns in all: secant_partition() then cuts in finer steps, and a
 * block that began with a rank's part would hold other unknowns on another number of ranks. */
enum { PROBLEM_FINE_BLOCK = 8 };

/* Sets first, count and blocks for n unknowns: the library's own partition, in blocks that no cut divides. */
void problem_cut_at_tiles(cli_problem *problem, int64_t n, int size, int rank);

/* A `cut` for n = option[0] unknowns in a row. */
void problem_cut_evenly(cli_problem *problem, int size, int rank);

/* One past the last unknown of a block, counted from the shard's first. */
int64_t problem_block_end(const cli_problem *problem, int64_t block);

/* The loss of unknowns first .. end of the shard, whose gradient it may fill. */
typedef double problem_block(const cli_problem *problem, int64_t first, int64_t end);

/* Evaluates all blocks, threads sharing them out, fills `loss_terms` and returns the sum of their losses. */
double problem_sum_blocks(cli_problem *problem, problem_block *evaluate);

#endif
