/* `secant fit DATA`: trains a linear model on rows that are spread over the ranks. */
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/job.h"
#include "cli/linear_model.h"
#include "cli/memory_plan.h"
#include "cli/model_file.h"
#include "cli/say.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

typedef struct fit_settings {
  data_source source;
  const loss_kind *loss;
  double l2;
  bool intercept;
  const char *model; /* NULL: the model is not kept */
} fit_settings;

/* One call of the command on one rank. */
typedef struct fit_run {
  const fit_settings *settings;
  const cli_arguments *arguments;
  secant_comm *comm;
  dataset data;
  feature_matrix matrix;
  linear_model model;
  secant_data_parallel *adapter;
  memory_plan plan;
  char problem[256];
} fit_run;

static const cli_flag fit_flags[] = {
    {"loss", "NAME", "logistic, softmax, squared or poisson; must be given"},
    {"labels", "FILE", "the label file of an IDX image file"},
    {"l2", "V", "weight of the penalty, which leaves out the bias (default 0)"},
    {"no-intercept", NULL, "leave out the bias"},
    {"scale", "S", "divide every feature by S, such as 255 for pixels (default 1)"},
    {"rows", "N", "use the first N rows"},
    {"features", "D", "number of features, if the data may lack the last ones"},
    {"model", "OUT.h5", "write the trained model to this HDF5 file"},
};

static secant_status set_loss(fit_settings *settings, const char *value, secant_error *error)
{
  settings->loss = loss_find(value);
  return settings->loss ? SECANT_OK : arguments_fail(error, "--loss %s is not one of %s", value, loss_names);
}

static secant_status set_flag(void *user, const char *name, const char *value, secant_error *error)
{
  fit_settings *settings = user;
  data_source *source = &settings->source;
  if (strcmp(name, "loss") == 0) return set_loss(settings, value, error);
  if (strcmp(name, "l2") == 0) return arguments_number(name, value, 0.0, DBL_MAX, &settings->l2, error);
  if (strcmp(name, "scale") == 0) return arguments_number(name, value, DBL_MIN, DBL_MAX, &source->scale, error);
  if (strcmp(name, "rows") == 0) return arguments_integer(name, value, 1, INT64_MAX, &source->row_limit, error);
  if (strcmp(name, "features") == 0) return arguments_integer(name, value, 1, INT32_MAX, &source->columns, error);
  if (strcmp(name, "labels") == 0) source->labels = value;
  if (strcmp(name, "model") == 0) settings->model = value;
  if (strcmp(name, "no-intercept") == 0) settings->intercept = false;
  return SECANT_OK;
}

static int exit_status_of(secant_status status)
{
  return status == SECANT_ERR_MEMORY || status == SECANT_ERR_COMM ? EXIT_FAILED : EXIT_USAGE;
}

/* ---- classes -------------------------------------------------------------------------------------------------------- */

/* Whether these distinct labels [count], equal on all ranks, are classes for the loss. */
static secant_status check_classes(const fit_run *run, const double *labels, size_t count, secant_error *error)
{
  const char *path = run->settings->source.path;
  const bool logistic = run->settings->loss->rule == loss_logistic;
  if (count == 1) {
    return input_fail(error, SECANT_ERR_FORMAT, "%s: all rows have label %.17g; give data of at least two classes",
                      path, labels[0]);
  }
  if (logistic && count > 2) {
    return input_fail(error, SECANT_ERR_FORMAT,
                      "%s has %zu distinct labels, but logistic takes two; try --loss softmax", path, count);
  }
  for (size_t k = 0; !logistic && k < count; k++) {
    if (labels[k] != floor(labels[k]) || count > INT32_MAX) {
      return input_fail(error, SECANT_ERR_FORMAT, "%s has label %.17g, but softmax takes integers; try --loss squared",
                        path, labels[k]);
    }
  }
  return SECANT_OK;
}

static void say_mapping(const fit_run *run, const double *labels)
{
  const bool customary = labels[1] == 1.0 && (labels[0] == 0.0 || labels[0] == -1.0);
  if (customary || run->arguments->quiet) return;
  say(run->comm, "label %.17g is taken as -1 and label %.17g as +1", labels[0], labels[1]);
}

/* Finds the classes of the data: the distinct labels of all ranks. Collective. */
static secant_status choose_classes(fit_run *run, model_shape *shape, secant_error *error)
{
  size_t count = 0;
  shape->classes = 1;
  shape->label = NULL;
  if (!shape->loss->classifies) return SECANT_OK;
  secant_status status = dataset_distinct_labels(&run->data, run->comm, &shape->label, &count, error);
  if (status == SECANT_OK) status = check_classes(run, shape->label, count, error);
  if (status != SECANT_OK) {
    free(shape->label);
    return status;
  }
  if (shape->loss->rule == loss_softmax) shape->classes = (int)count;
  if (shape->loss->rule == loss_logistic) say_mapping(run, shape->label);
  return SECANT_OK;
}

/* ---- before the run ------------------------------------------------------------------------------------------------- */

/* What would only fail at the end is found out now, before hours of reading too. Collective. */
static secant_status check_files(const fit_run *run, secant_error *error)
{
  const fit_settings *settings = run->settings;
  const cli_file files[] = {{"model", settings->model, true},
                            {"checkpoint", run->arguments->checkpoint, true},
                            {"trace", run->arguments->trace, true},
                            {"data file", settings->source.path, false},
                            {"label file", settings->source.labels, false}};
  if (settings->model && model_file_supported(error) != SECANT_OK) return error->status;
  const secant_status status = files_check(files, sizeof files / sizeof *files, run->comm, error);
  if (status != SECANT_OK || !run->arguments->incremental) return status;
  return files_check_pairs(run->arguments->checkpoint, run->comm, error);
}

/*
 * One stray index such as 2147483647 asks for vectors that no machine has. The system would grant the memory and end the
 * process when it is used, so it is refused here.
 */
static secant_status check_memory(const fit_run *run, const model_shape *shape, secant_error *error)
{
  const uint64_t weights = (uint64_t)shape->classes * (uint64_t)shape->columns;
  const uint64_t share = weights / (uint64_t)secant_comm_size(run->comm) + 1;
  const double optimizer = (double)secant_memory_estimate(share, SECANT_F64, &run->arguments->options);
  const double wanted = optimizer + 2.0 * 8.0 * (double)weights + 8.0 * (double)shape->columns;
  const double present = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
  if (present <= 0.0 || wanted <= present) return SECANT_OK;
  return input_fail(error, SECANT_ERR_FORMAT,
                    "%s: %d x %lld weights need %.0f GiB a rank, more than this machine has; check the largest feature "
                    "index or lower --history-size",
                    run->data.path, shape->classes, (long long)shape->columns, wanted / 0x1p30);
}

/* Matrix and model of this rank; takes over the labels in `shape`. Not collective. */
static secant_status build_model(fit_run *run, model_shape *shape, secant_error *error)
{
  secant_status status = check_memory(run, shape, error);
  if (status == SECANT_OK) status = matrix_create(&run->matrix, &run->data, error);
  if (status != SECANT_OK) {
    free(shape->label);
    return status;
  }
  status = linear_model_create(&run->model, shape, error);
  if (status != SECANT_OK) return status;
  return linear_model_attach(&run->model, &run->data, &run->matrix, secant_comm_rank(run->comm) == 0, error);
}

/* The text by which a checkpoint knows its objective and data. Collective. */
static secant_status name_problem(fit_run *run, secant_error *error)
{
  uint32_t checksum = 0;
  const model_shape *shape = &run->model.shape;
  const secant_status status = dataset_checksum(&run->data, run->comm, &checksum, error);
  snprintf(run->problem, sizeof run->problem,
           "fit %s l2=%.17g intercept=%d scale=%.17g rows=%lld features=%lld classes=%d data=%08x", shape->loss->name,
           shape->l2, shape->intercept, shape->scale, (long long)run->data.total_rows, (long long)shape->columns,
           shape->classes, (unsigned)checksum);
  return status;
}

static secant_status create_adapter(fit_run *run, secant_error *error)
{
  linear_model *model = &run->model;
  const int64_t extent[2] = {model->shape.classes, model->shape.columns};
  const secant_parameter parameters[2] = {{.name = "weight",
                                           .values = model->weight,
                                           .gradient = model->weight_gradient,
                                           .local_count = (size_t)extent[0] * (size_t)extent[1],
                                           .shape = extent,
                                           .dimensions = 2},
                                          {.name = "bias",
                                           .values = model->bias,
                                           .gradient = model->bias_gradient,
                                           .local_count = (size_t)extent[0],
                                           .shape = extent,
                                           .dimensions = 1}};
  return secant_data_parallel_create(&run->adapter, parameters, model->shape.intercept ? 2 : 1, linear_model_evaluate,
                                     model, run->comm, error);
}

/* Says what the optimizer will take for this rank's shards. Collective. */
static secant_status announce_memory(fit_run *run, secant_error *error)
{
  const secant_parameter *shards = secant_data_parallel_shards(run->adapter);
  const size_t bias = run->settings->intercept ? shards[1].local_count : 0;
  const int64_t count = (int64_t)(shards[0].local_count + bias);
  return memory_plan_announce(&run->plan, count, SECANT_F64, run->arguments, run->comm, error);
}

/* Everything from the files to an objective that can be evaluated. Collective. */
static secant_status prepare(fit_run *run, secant_error *error)
{
  const fit_settings *settings = run->settings;
  secant_status status = check_files(run, error);
  if (status == SECANT_OK) status = dataset_load(&settings->source, run->comm, &run->data, error);
  if (status == SECANT_OK && !run->data.label) {
    status = input_fail(error, SECANT_ERR_ARGUMENT, "%s holds images only; give their labels with --labels FILE",
                        settings->source.path);
  }
  if (status != SECANT_OK) return status;

  model_shape shape = {.loss = settings->loss,
                       .l2 = settings->l2,
                       .intercept = settings->intercept,
                       .scale = settings->source.scale,
                       .columns = run->data.columns};
  status = choose_classes(run, &shape, error);
  if (status != SECANT_OK) return status;
  build_model(run, &shape, error);
  status = secant_comm_agree(run->comm, error);
  if (status == SECANT_OK) status = name_problem(run, error);
  if (status == SECANT_OK) status = create_adapter(run, error);
  if (status == SECANT_OK) status = announce_memory(run, error);
  return status;
}

/* ---- the run and its result ----------------------------------------------------------------------------------------- */

/* Writes the model by rank 0. A run that was interrupted or went wrong leaves none. Collective. */
static secant_status write_model(fit_run *run, const cli_job_result *result, secant_error *error)
{
  const char *path = run->settings->model;
  if (!path) return SECANT_OK;
  if (result->exit_status != EXIT_CONVERGED && result->exit_status != EXIT_LIMIT) {
    say(run->comm, "the run did not finish, so model %s is not written", path);
    return SECANT_OK;
  }
  if (secant_comm_rank(run->comm) == 0) model_file_write(path, &run->model, error);
  return secant_comm_agree(run->comm, error);
}

/* Adds what a fit knows besides a run. Collective. */
static secant_status describe(fit_run *run, cli_report *report, secant_error *error)
{
  const model_shape *shape = &run->model.shape;
  report_text(report, "loss_function", shape->loss->name);
  report_integer(report, "rows", run->data.total_rows);
  report_integer(report, "features", shape->columns);
  if (!shape->loss->classifies) return SECANT_OK;
  report_integer(report, "classes", model_label_count(shape));
  linear_model_score(&run->model);
  double right = linear_model_merit(&run->model);
  const secant_status status = secant_comm_sum(run->comm, &right, 1);
  if (status != SECANT_OK) return input_fail(error, status, "the predictions of the ranks could not be counted");
  report_number(report, "accuracy", right / (double)run->data.total_rows);
  return SECANT_OK;
}

/* Model and report after a run that has a result. Collective. */
static int conclude(fit_run *run, const cli_job *job, cli_job_result *result)
{
  secant_error error = {SECANT_OK, ""};
  cli_report *report = report_create();
  secant_status status = secant_data_parallel_gather(run->adapter);
  if (status != SECANT_OK) input_fail(&error, status, "the model could not be gathered from the ranks");
  job_describe(job, result, report);
  if (status == SECANT_OK) status = describe(run, report, &error);
  if (status == SECANT_OK) status = write_model(run, result, &error);
  if (status != SECANT_OK) {
    say(run->comm, "%s", error.message);
    result->exit_status = EXIT_FAILED;
  }
  return job_finish(job, result, report);
}

static int minimise(fit_run *run)
{
  const cli_job job = {.problem = run->problem,
                       .parameters = secant_data_parallel_shards(run->adapter),
                       .parameter_count = run->settings->intercept ? 2 : 1,
                       .closure = secant_data_parallel_closure,
                       .user = run->adapter,
                       .arguments = run->arguments,
                       .memory_bytes = run->plan.bytes,
                       .comm = run->comm};
  cli_job_result result;
  return job_run(&job, &result) ? conclude(run, &job, &result) : result.exit_status;
}

static void free_run(fit_run *run)
{
  secant_data_parallel_destroy(run->adapter);
  linear_model_free(&run->model);
  matrix_free(&run->matrix);
  dataset_free(&run->data);
}

static const cli_command fit_command = {
    .name = "fit",
    .arguments = "DATA",
    .summary = "Trains a linear model: minimises the mean loss over the rows plus (l2/2) |W|^2.\n"
               "DATA is LIBSVM text (label index:value ...) or an IDX image file; gzip is recognised.",
    .notes = "Examples:\n"
             "  secant fit heart_scale --loss logistic --l2 0.01 --model heart.h5\n"
             "  mpirun -n 2 secant fit train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz \\\n"
             "    --scale 255 --loss softmax --l2 0.01 --checkpoint fit.h5 --resume --max-time 3600",
    .optimizes = true,
    .flags = fit_flags,
    .flag_count = sizeof fit_flags / sizeof *fit_flags,
    .positional_min = 1,
    .positional_max = 1,
    .set = set_flag};

int fit_main(int argc, char **argv, secant_comm *comm)
{
  fit_settings settings = {.source = {.scale = 1.0}, .intercept = true};
  cli_arguments arguments = arguments_default();
  const int verdict = arguments_parse(&arguments, &fit_command, &settings, argc, argv, comm);
  if (verdict != ARGUMENTS_GO) return verdict;
  if (!settings.loss) {
    say(comm, "fit needs --loss NAME, one of %s", loss_names);
    return EXIT_USAGE;
  }
  settings.source.path = arguments.positional[0];
#ifdef _OPENMP
  omp_set_num_threads(secant_thread_count(&arguments.options, comm));
#endif

  fit_run run = {.settings = &settings, .arguments = &arguments, .comm = comm};
  secant_error error = {SECANT_OK, ""};
  const secant_status status = prepare(&run, &error);
  if (status != SECANT_OK) say(comm, "%s", error.message);
  const int exit_status = status == SECANT_OK ? minimise(&run) : exit_status_of(status);
  free_run(&run);
  return exit_status;
}
