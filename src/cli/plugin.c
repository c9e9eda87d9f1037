#include "cli/plugin.h"
#include "cli/args.h"
#include "cli/text_input.h"
#include <dlfcn.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL "secant_objective_plugin"

bool plugin_is_file(const char *argument)
{
  const size_t length = strlen(argument);
  return strchr(argument, '/') || (length > 3 && strcmp(argument + length - 3, ".so") == 0);
}

/* Makes the outcome of this rank that of all; a sentence that rank 0 did not find says where it comes from. */
static secant_status agree(const cli_plugin *plugin, secant_error *error)
{
  const int rank = secant_comm_rank(plugin->comm);
  const size_t length = strnlen(error->message, sizeof error->message - 1);
  if (error->status != SECANT_OK && rank > 0)
    snprintf(error->message + length, sizeof error->message - length, " (rank %d)", rank);
  return secant_comm_agree(plugin->comm, error);
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

/*
 * The symbol of the shared object, NULL with a sentence in `error`. It is never closed again: threads that it may have
 * started live as long as the process.
 */
static const secant_objective_table *load(const char *path, secant_error *error)
{
  char file[PATH_MAX]; /* without a slash dlopen() would search the directories of libraries */
  snprintf(file, sizeof file, "%s%s", strchr(path, '/') ? "" : "./", path);
  void *const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  const char *why = library ? NULL : dlerror();
  if (!library) {
    const size_t length = strlen(file);
    if (why && strncmp(why, file, length) == 0 && why[length] == ':') why += length + 1 + (why[length + 1] == ' ');
    input_fail(error, SECANT_ERR_IO, "objective %s cannot be loaded: %s", path, why ? why : "the reason is unknown");
    return NULL;
  }
  const secant_objective_table *const table = dlsym(library, SYMBOL);
  if (!table)
    input_fail(error, SECANT_ERR_FORMAT,
               "objective %s does not define the symbol " SYMBOL "; secant/objective.h describes it", path);
  return table;
}

/* Takes over the fields that both sides know; fields that only a newer header has must be unused. */
static secant_status copy_table(cli_plugin *plugin, const secant_objective_table *table, secant_error *error)
{
  const size_t size = table->struct_size, least = offsetof(secant_objective_table, describe);
  const size_t known = size < sizeof plugin->table ? size : sizeof plugin->table;
  if (size < least || size > 65536)
    return input_fail(error, SECANT_ERR_FORMAT,
                      "objective %s has struct_size %zu; it must be sizeof(secant_objective_table)", plugin->path,
                      size);
  for (size_t i = known; i < size; i++)
    if (((const char *)table)[i] != 0)
      return input_fail(error, SECANT_ERR_UNSUPPORTED,
                        "objective %s uses functions of a newer secant/objective.h than this command knows",
                        plugin->path);
  memcpy(&plugin->table, table, known);
  return SECANT_OK;
}

static const char *missing_entry(const secant_objective_table *table)
{
  if (!table->name || !*table->name) return "name";
  if (!table->version || !*table->version) return "version";
  if (!table->create) return "function create";
  if (!table->parameters) return "function parameters";
  if (!table->evaluate) return "function evaluate";
  return NULL;
}

/* Nothing of the table but its first field may be read before that is known to be right. */
static secant_status read_table(cli_plugin *plugin, secant_error *error)
{
  const secant_objective_table *const table = load(plugin->path, error);
  if (!table) return error->status;
  if (table->abi != SECANT_OBJECTIVE_ABI)
    return input_fail(error, SECANT_ERR_UNSUPPORTED,
                      "objective %s was built for version %" PRId32 " of secant/objective.h, but this command has "
                      "version %d; build it with the header of this command",
                      plugin->path, table->abi, SECANT_OBJECTIVE_ABI);
  const secant_status status = copy_table(plugin, table, error);
  if (status != SECANT_OK) return status;
  const char *const missing = missing_entry(&plugin->table);
  if (missing) return input_fail(error, SECANT_ERR_FORMAT, "objective %s lacks its %s", plugin->path, missing);
  if (plugin->table.flavour != SECANT_OBJECTIVE_SHARDED && plugin->table.flavour != SECANT_OBJECTIVE_DATA_PARALLEL)
    return input_fail(error, SECANT_ERR_FORMAT, "objective %s has the unknown flavour %" PRId32, plugin->path,
                      plugin->table.flavour);
  return SECANT_OK;
}

/* ---- options ------------------------------------------------------------------------------------------------------- */

static secant_status check_option(const cli_plugin *plugin, const char *name, secant_error *error)
{
  const char *const *const names = plugin->table.options;
  size_t count = 0;
  if (!names) return SECANT_OK;
  for (; names[count]; count++)
    if (strcmp(names[count], name) == 0) return SECANT_OK;
  if (count == 0) return arguments_fail(error, "objective %s has no options", plugin->path);
  return arguments_fail(error, "objective %s has no option \"%s\"; did you mean \"%s\"?", plugin->path, name,
                        arguments_nearest(name, names, count));
}

/* Puts an option where its name belongs, in the place of an earlier one of that name. */
static void insert_option(cli_plugin *plugin, const secant_objective_option *option)
{
  size_t place = 0;
  while (place < plugin->setup.option_count && strcmp(plugin->options[place].name, option->name) < 0) place++;
  secant_objective_option *const at = &plugin->options[place];
  const size_t behind = plugin->setup.option_count - place;
  if (behind == 0 || strcmp(at->name, option->name) != 0) {
    memmove(at + 1, at, behind * sizeof *at);
    plugin->setup.option_count++;
  }
  *at = *option;
}

static secant_status take_options(cli_plugin *plugin, const char *const *options, int count, secant_error *error)
{
  if (count > PLUGIN_OPTIONS) return arguments_fail(error, "%d problem options are too many", count);
  for (int i = 0; i < count; i++) {
    char *const text = plugin->typed[i] = strdup(options[i]);
    if (!text) return input_fail(error, SECANT_ERR_MEMORY, "no memory for the problem options");
    char *const equals = strchr(text, '=');
    if (!equals || equals == text)
      return arguments_fail(error, "problem option \"%s\" is not of the form name=value", text);
    *equals = '\0';
    const secant_objective_option option = {.name = text, .value = equals + 1};
    if (check_option(plugin, option.name, error) != SECANT_OK) return error->status;
    insert_option(plugin, &option);
  }
  return SECANT_OK;
}

/* ---- the objective ------------------------------------------------------------------------------------------------- */

/* Failure of a function of the objective: its own sentence, or one about it. */
static secant_status fail_by_objective(const cli_plugin *plugin, const char *function, int returned,
                                       secant_status status, secant_error *error)
{
  secant_error said = *error;
  said.message[sizeof said.message - 1] = '\0';
  if (*said.message) return input_fail(error, status, "objective %s: %.300s", plugin->path, said.message);
  return input_fail(error, status, "objective %s: its function %s failed and returned %d", plugin->path, function,
                    returned);
}

static secant_status create(cli_plugin *plugin, secant_error *error)
{
  const int failed = plugin->table.create(&plugin->objective, &plugin->setup, error);
  plugin->created = failed == 0;
  if (failed) {
    const secant_status status = error->status == SECANT_ERR_MEMORY ? SECANT_ERR_MEMORY : SECANT_ERR_ARGUMENT;
    return fail_by_objective(plugin, "create", failed, status, error);
  }
  *error = (secant_error){SECANT_OK, ""};
  return SECANT_OK;
}

/* Counts that the memory plan cannot hold are no counts; what else can be wrong, the library looks at. */
static secant_status take_parameters(cli_plugin *plugin, secant_error *error)
{
  const size_t most = (size_t)1 << 53;
  size_t total = 0;
  plugin->parameters = plugin->table.parameters(plugin->objective, &plugin->parameter_count);
  if (!plugin->parameters || plugin->parameter_count == 0)
    return input_fail(error, SECANT_ERR_ARGUMENT, "objective %s has no parameters", plugin->path);
  for (size_t i = 0; i < plugin->parameter_count; i++) {
    const size_t count = plugin->parameters[i].local_count;
    if (count > most || (total += count) > most)
      return input_fail(error, SECANT_ERR_ARGUMENT,
                        "parameter %zu of objective %s has %zu elements on a rank, but 2^53 are the most", i,
                        plugin->path, count);
  }
  return SECANT_OK;
}

static int evaluate_share(void *user, double *loss)
{
  cli_plugin *const plugin = user;
  *loss = 0.0;
  const int failed = plugin->table.evaluate(plugin->objective, loss, &plugin->loss_terms);
  secant_sum_add(&plugin->loss_terms, *loss);
  return failed;
}

/* From here on the parameters are the shards of the adapter. Collective. */
static secant_status adapt(cli_plugin *plugin, secant_error *error)
{
  const secant_status status = secant_data_parallel_create(
      &plugin->adapter, plugin->parameters, plugin->parameter_count, evaluate_share, plugin, plugin->comm, error);
  if (status == SECANT_OK) plugin->parameters = secant_data_parallel_shards(plugin->adapter);
  return status;
}

/* ---- what checkpoints know it by ----------------------------------------------------------------------------------- */

static secant_status write_text(cli_plugin *plugin, secant_error *error)
{
  const size_t capacity = sizeof plugin->text;
  size_t length = (size_t)snprintf(plugin->text, capacity, "run %s %s", plugin->table.name, plugin->table.version);
  if (plugin->table.describe) {
    char own[PLUGIN_TEXT] = "";
    plugin->table.describe(plugin->objective, own, sizeof own);
    own[sizeof own - 1] = '\0';
    if (length < capacity) length += (size_t)snprintf(plugin->text + length, capacity - length, " %s", own);
  }
  for (size_t i = 0; !plugin->table.describe && i < plugin->setup.option_count && length < capacity; i++)
    length += (size_t)snprintf(plugin->text + length, capacity - length, " %s=%s", plugin->options[i].name,
                               plugin->options[i].value);
  if (length < capacity) return SECANT_OK;
  return arguments_fail(error, "objective %s: its name, version and options together are longer than %d characters",
                        plugin->path, PLUGIN_TEXT - 1);
}

/* Machines may have different files under one name. Collective; the outcome is local. */
static secant_status compare_text(const cli_plugin *plugin, secant_error *error)
{
  char root[PLUGIN_TEXT];
  memcpy(root, plugin->text, sizeof root);
  if (secant_comm_broadcast(plugin->comm, root, sizeof root, 0) != SECANT_OK)
    return input_fail(error, SECANT_ERR_COMM, "objective %s could not be compared over the ranks", plugin->path);
  if (strcmp(root, plugin->text) == 0) return SECANT_OK;
  return input_fail(error, SECANT_ERR_MISMATCH, "objective %s is \"%.150s\" here, but \"%.150s\" on rank 0",
                    plugin->path, plugin->text, root);
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

secant_status plugin_open(cli_plugin *plugin, const char *path, const char *const *options, int count, int threads,
                          secant_comm *comm, secant_error *error)
{
  *plugin = (cli_plugin){.path = path, .comm = comm};
  plugin->setup = (secant_objective_setup){
      .struct_size = sizeof plugin->setup, .options = plugin->options, .comm = comm, .threads = threads};
  *error = (secant_error){SECANT_OK, ""};
  if (read_table(plugin, error) == SECANT_OK) take_options(plugin, options, count, error);
  if (agree(plugin, error) != SECANT_OK) return error->status;
  create(plugin, error);
  if (agree(plugin, error) != SECANT_OK) return error->status;
  if (take_parameters(plugin, error) == SECANT_OK) write_text(plugin, error);
  if (agree(plugin, error) != SECANT_OK) return error->status;
  compare_text(plugin, error);
  if (agree(plugin, error) != SECANT_OK) return error->status;
  return plugin->table.flavour == SECANT_OBJECTIVE_DATA_PARALLEL ? adapt(plugin, error) : SECANT_OK;
}

int64_t plugin_unknowns(const cli_plugin *plugin)
{
  size_t total = 0;
  for (size_t i = 0; i < plugin->parameter_count; i++) total += plugin->parameters[i].local_count;
  return (int64_t)total;
}

int plugin_evaluate(void *user, double *loss)
{
  cli_plugin *const plugin = user;
  plugin->loss_terms = (secant_sum){.word = {0.0}};
  return plugin->adapter ? secant_data_parallel_closure(plugin->adapter, loss) : evaluate_share(plugin, loss);
}

double plugin_optimum(const cli_plugin *plugin)
{
  return plugin->table.optimum ? plugin->table.optimum(plugin->objective) : NAN;
}

secant_status plugin_finish(cli_plugin *plugin, const secant_info *info, secant_error *error)
{
  *error = (secant_error){SECANT_OK, ""};
  if (!plugin->table.finish) return SECANT_OK;
  if (plugin->adapter && secant_data_parallel_gather(plugin->adapter) != SECANT_OK)
    input_fail(error, SECANT_ERR_COMM, "objective %s: its parameters could not be gathered", plugin->path);
  if (agree(plugin, error) != SECANT_OK) return error->status;
  const int failed = plugin->table.finish(plugin->objective, info, error);
  if (failed)
    fail_by_objective(plugin, "finish", failed, SECANT_ERR_IO, error);
  else
    *error = (secant_error){SECANT_OK, ""};
  return agree(plugin, error);
}

void plugin_close(cli_plugin *plugin)
{
  secant_data_parallel_destroy(plugin->adapter);
  if (plugin->created && plugin->table.destroy) plugin->table.destroy(plugin->objective);
  for (int i = 0; i < PLUGIN_OPTIONS; i++) free(plugin->typed[i]);
  *plugin = (cli_plugin){0};
}
