/* Recorded trajectories as structs: tests/data/torch_lbfgs.json, format "lbfgs-golden-1". */
#ifndef SECANT_TEST_GOLDEN_FILE_H
#define SECANT_TEST_GOLDEN_FILE_H

#include "golden_problems.h"

/* One option of the reference with its value: a text, or a number if `text` is NULL. */
typedef struct golden_setting {
  const char *key;
  const char *text;
  double number;
} golden_setting;

typedef enum golden_event_type { GOLDEN_SAVE_LOAD, GOLDEN_SET, GOLDEN_SET_X } golden_event_type;

/* The entry of parameter 0 in an exported state, its vectors one after the other, oldest pair first; and the group's
 * options. */
typedef struct golden_state {
  int64_t n_iter;
  int64_t func_evals;
  size_t pairs;
  double *y;        /* [pairs][n], recorded as old_dirs */
  double *s;        /* [pairs][n], recorded as old_stps */
  double *ro;       /* [pairs] */
  double *d;        /* [n] */
  double *gradient; /* [n], recorded as prev_flat_grad */
  double t;
  double h_diag;
  double prev_loss;
  double *al; /* [al_count], NaN where there was none */
  size_t al_count;
  golden_setting *settings; /* all options of the group but the list of its parameters */
  size_t setting_count;
  size_t ids; /* length of that list */
} golden_state;

/* Happens after `after_call` calls were made and before the next. */
typedef struct golden_event {
  size_t after_call;
  golden_event_type type;
  golden_setting setting; /* GOLDEN_SET */
  golden_state state;     /* GOLDEN_SAVE_LOAD: what was saved */
  double *x;              /* GOLDEN_SET_X [n] */
} golden_event;

/* What was recorded after one call. Absent numbers are NaN. */
typedef struct golden_step {
  double *x; /* first x_count entries of the point reached */
  size_t x_count;
  double x_norm2;    /* recorded if x_count < n */
  double x_checksum; /* likewise */
  double loss;
  double f;
  double ginf;
  double t;
  double h_diag;
  double prev_loss;
  int64_t n_iter;
  int64_t func_evals;
  int64_t hist;
  const char *stop;
  double *trace;      /* [evaluations], losses of the closure calls */
  size_t evaluations; /* closure calls of this call */
  double drift_x;
  double drift_f;
  double drift_t;
  double drift_h;
  bool counts_stable;
} golden_step;

/* One objective: name, size and arguments. */
typedef struct golden_objective {
  const char *problem;
  size_t n;
  golden_args args;
} golden_objective;

typedef struct golden_case {
  const char *id;
  golden_objective objective;
  secant_dtype dtype;
  bool quirk;
  int64_t (*shapes)[2]; /* [tensors], row-major; dimensions[k] entries are used */
  int *dimensions;
  bool *without_gradient; /* [tensors] */
  size_t tensors;
  double *x0; /* [n], or NULL for the standard start */
  golden_setting *settings;
  size_t setting_count;
  golden_event *events;
  size_t event_count;
  golden_step *steps;
  size_t step_count;
} golden_case;

/* Value f and gradient g [n] at one generic point x [n]. */
typedef struct golden_check {
  golden_objective objective;
  double *x;
  double f;
  double *g;
} golden_check;

typedef struct golden_file {
  struct cJSON *root; /* owns the texts */
  void **blocks;      /* owns all arrays */
  size_t block_count;
  golden_check *checks;
  size_t check_count;
  golden_case *cases;
  size_t case_count;
} golden_file;

/* Reads the file; on failure returns NULL and sets `complaint` to a sentence about it. */
golden_file *golden_file_read(const char *path, const char **complaint);
void golden_file_free(golden_file *file);

/* Elements of tensor k. */
size_t golden_case_extent(const golden_case *golden, size_t tensor);

#endif
