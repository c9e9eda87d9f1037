/* `secant predict MODEL DATA`: applies a model of `secant fit` to data, and judges it if the labels are known. */
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/linear_model.h"
#include "cli/model_file.h"
#include "cli/output_file.h"
#include "cli/report.h"
#include "cli/say.h"
#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct predict_settings {
  data_source source; /* scale 0: that of the model */
  const char *output; /* NULL: predictions are not written */
} predict_settings;

/* One call of the command on one rank. */
typedef struct predict_run {
  const predict_settings *settings;
  const cli_arguments *arguments;
  secant_comm *comm;
  linear_model model;
  dataset data;
  feature_matrix matrix;
} predict_run;

static const cli_flag predict_flags[] = {
    {"labels", "FILE", "the label file of an IDX image file, to judge the predictions"},
    {"scale", "S", "divide every feature by S (default: as in training)"},
    {"rows", "N", "use the first N rows"},
    {"output", "FILE", "write one predicted label or value per row to this text file"},
};

static secant_status set_flag(void *user, const char *name, const char *value, secant_error *error)
{
  predict_settings *settings = user;
  data_source *source = &settings->source;
  if (strcmp(name, "scale") == 0) return arguments_number(name, value, DBL_MIN, DBL_MAX, &source->scale, error);
  if (strcmp(name, "rows") == 0) return arguments_integer(name, value, 1, INT64_MAX, &source->row_limit, error);
  if (strcmp(name, "labels") == 0) source->labels = value;
  if (strcmp(name, "output") == 0) settings->output = value;
  return SECANT_OK;
}

/* ---- input ---------------------------------------------------------------------------------------------------------- */

static secant_status check_files(const predict_run *run, secant_error *error)
{
  const cli_file files[] = {{"output", run->settings->output, true},
                            {"model", run->arguments->positional[0], false},
                            {"data file", run->arguments->positional[1], false},
                            {"label file", run->settings->source.labels, false}};
  return files_check(files, sizeof files / sizeof *files, run->comm, error);
}

static secant_status load_data(predict_run *run, secant_error *error)
{
  data_source source = run->settings->source;
  source.columns = run->model.shape.columns;
  if (source.scale == 0.0) source.scale = run->model.shape.scale;
  return dataset_load(&source, run->comm, &run->data, error);
}

/* Everything from the files to scores that can be formed. Collective. */
static secant_status prepare(predict_run *run, secant_error *error)
{
  secant_status status = check_files(run, error);
  if (status != SECANT_OK) return status;
  model_file_read(run->arguments->positional[0], &run->model, error);
  status = secant_comm_agree(run->comm, error);
  if (status == SECANT_OK) status = load_data(run, error);
  if (status != SECANT_OK) return status;
  if (matrix_create(&run->matrix, &run->data, error) == SECANT_OK) {
    linear_model_attach(&run->model, &run->data, &run->matrix, false, error);
  }
  return secant_comm_agree(run->comm, error);
}

/* ---- output --------------------------------------------------------------------------------------------------------- */

enum { ROWS_AT_ONCE = 4096 };

static void write_lines(FILE *file, const double *predictions, size_t count)
{
  for (size_t i = 0; i < count; i++) fprintf(file, "%.17g\n", predictions[i]); /* ferror() tells at the end */
}

/* Predictions of rows first .. first+count of this rank. */
static void predict_rows(const predict_run *run, size_t first, size_t count, double *predictions)
{
  for (size_t i = 0; i < count; i++) predictions[i] = linear_model_prediction(&run->model, first + i);
}

static size_t part_of(size_t rows, size_t first)
{
  return rows - first < ROWS_AT_ONCE ? rows - first : ROWS_AT_ONCE;
}

/* One message to rank 0, and its other end. MPI wants a buffer for the direction that is not used, too. */
static secant_status send_to_root(const predict_run *run, const void *data, size_t bytes)
{
  double unused[ROWS_AT_ONCE];
  return secant_comm_exchange(run->comm, data, 0, unused, -1, bytes);
}

static secant_status receive_from(const predict_run *run, int rank, void *data, size_t bytes)
{
  const double unused[ROWS_AT_ONCE] = {0.0};
  return secant_comm_exchange(run->comm, unused, -1, data, rank, bytes);
}

static secant_status send_rows(const predict_run *run)
{
  double part[ROWS_AT_ONCE];
  const uint64_t rows = run->data.rows;
  secant_status status = send_to_root(run, &rows, sizeof rows);
  for (size_t first = 0; status == SECANT_OK && first < rows; first += ROWS_AT_ONCE) {
    const size_t count = part_of(rows, first);
    predict_rows(run, first, count, part);
    status = send_to_root(run, part, count * sizeof *part);
  }
  return status;
}

static secant_status receive_rows(const predict_run *run, int rank, FILE *file)
{
  double part[ROWS_AT_ONCE];
  uint64_t rows = 0;
  secant_status status = receive_from(run, rank, &rows, sizeof rows);
  for (size_t first = 0; status == SECANT_OK && first < rows; first += ROWS_AT_ONCE) {
    const size_t count = part_of(rows, first);
    status = receive_from(run, rank, part, count * sizeof *part);
    if (status == SECANT_OK) write_lines(file, part, count);
  }
  return status;
}

/* Rank 0: its own rows, then those of the others in rank order. A full disk shows at the end, after all have sent. */
static secant_status collect_rows(const predict_run *run, FILE *file)
{
  double part[ROWS_AT_ONCE];
  for (size_t first = 0; first < run->data.rows; first += ROWS_AT_ONCE) {
    const size_t count = part_of(run->data.rows, first);
    predict_rows(run, first, count, part);
    write_lines(file, part, count);
  }
  secant_status status = SECANT_OK;
  for (int rank = 1; status == SECANT_OK && rank < secant_comm_size(run->comm); rank++) {
    status = receive_rows(run, rank, file);
  }
  return status;
}

/* Opens the temporary file on rank 0. All ranks learn whether it worked. Collective. */
static secant_status open_output(const predict_run *run, char **temporary, FILE **file, secant_error *error)
{
  if (secant_comm_rank(run->comm) == 0) {
    *temporary = output_file_name(run->settings->output);
    *file = *temporary ? fopen(*temporary, "w") : NULL;
    if (!*file) {
      input_fail(error, SECANT_ERR_IO, "output %s cannot be written: %s", run->settings->output, strerror(errno));
    }
  }
  return secant_comm_agree(run->comm, error);
}

/* Rank 0's end of the file. */
static void close_output(const predict_run *run, const char *temporary, FILE *file, secant_error *error)
{
  const bool written = !ferror(file);
  const bool closed = fclose(file) == 0;
  if (error->status == SECANT_OK && !(written && closed)) {
    input_fail(error, SECANT_ERR_IO, "output %s could not be written: %s", run->settings->output, strerror(errno));
  }
  if (error->status == SECANT_OK) {
    output_file_commit(temporary, run->settings->output, error);
  } else {
    unlink(temporary);
  }
}

/* Writes one line a row, in row order. The scores must be there. Collective. */
static secant_status write_output(const predict_run *run, secant_error *error)
{
  char *temporary = NULL;
  FILE *file = NULL;
  if (!run->settings->output) return SECANT_OK;
  secant_status status = open_output(run, &temporary, &file, error);
  if (status == SECANT_OK) {
    status = file ? collect_rows(run, file) : send_rows(run);
    if (status != SECANT_OK) input_fail(error, status, "the predictions of the ranks could not be collected");
    if (file) close_output(run, temporary, file, error);
    status = secant_comm_agree(run->comm, error);
  }
  free(temporary);
  return status;
}

/* ---- result --------------------------------------------------------------------------------------------------------- */

/* Scores, and the sums of loss and merit over all ranks if there are labels. Collective. */
static secant_status judge(predict_run *run, double *loss, double *merit, secant_error *error)
{
  double sums[2] = {0.0, 0.0};
  if (run->data.label) linear_model_evaluate(&run->model, &sums[0]); /* overwrites the scores */
  linear_model_score(&run->model);
  if (run->data.label) sums[1] = linear_model_merit(&run->model);
  const secant_status status = secant_comm_sum(run->comm, sums, 2);
  if (status != SECANT_OK) return input_fail(error, status, "the results of the ranks could not be added");
  *loss = sums[0];
  *merit = sums[1] / (double)run->data.total_rows;
  return SECANT_OK;
}

static cli_report *describe(const predict_run *run, double loss, double merit)
{
  const model_shape *shape = &run->model.shape;
  cli_report *report = report_create();
  report_text(report, "loss_function", shape->loss->name);
  if (run->data.label) {
    report_number(report, "loss", loss);
    report_number(report, shape->loss->classifies ? "accuracy" : "mean_squared_error", merit);
  }
  report_integer(report, "rows", run->data.total_rows);
  report_integer(report, "features", shape->columns);
  report_integer(report, "ranks", secant_comm_size(run->comm));
  return report;
}

static secant_status predict(predict_run *run, secant_error *error)
{
  double loss = 0.0;
  double merit = 0.0;
  secant_status status = prepare(run, error);
  if (status == SECANT_OK) status = judge(run, &loss, &merit, error);
  if (status == SECANT_OK) status = write_output(run, error);
  if (status != SECANT_OK) {
    say(run->comm, "%s", error->message);
    return status;
  }
  cli_report *report = describe(run, loss, merit);
  status = report_print(report, run->arguments->json, run->comm);
  report_destroy(report);
  return status;
}

static int exit_status_of(secant_status status)
{
  if (status == SECANT_OK) return EXIT_CONVERGED;
  return status == SECANT_ERR_MEMORY || status == SECANT_ERR_COMM ? EXIT_FAILED : EXIT_USAGE;
}

static const cli_command predict_command = {
    .name = "predict",
    .arguments = "MODEL DATA",
    .summary = "Applies a model that `secant fit` wrote. Prints the mean loss (without penalty) and the\n"
               "accuracy, or the mean squared error, if the data have labels.",
    .flags = predict_flags,
    .flag_count = sizeof predict_flags / sizeof *predict_flags,
    .positional_min = 2,
    .positional_max = 2,
    .set = set_flag};

int predict_main(int argc, char **argv, secant_comm *comm)
{
  predict_settings settings = {.output = NULL};
  cli_arguments arguments = arguments_default();
  const int verdict = arguments_parse(&arguments, &predict_command, &settings, argc, argv, comm);
  if (verdict != ARGUMENTS_GO) return verdict;
  settings.source.path = arguments.positional[1];

  predict_run run = {.settings = &settings, .arguments = &arguments, .comm = comm};
  secant_error error = {SECANT_OK, ""};
  const secant_status status = predict(&run, &error);
  linear_model_free(&run.model);
  matrix_free(&run.matrix);
  dataset_free(&run.data);
  return exit_status_of(status);
}
