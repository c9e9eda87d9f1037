/* `secant inspect FILE`: describes, verifies, compares and copies checkpoints. Rank 0 works, any others wait. */
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/inspect_print.h"
#include "cli/say.h"
#include <errno.h>
#include <secant/checkpoint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct inspect_settings {
  bool verify;
  bool diff;
  const char *output; /* --export; NULL: no copy */
} inspect_settings;

static const cli_flag inspect_flags[] = {
    {"verify", NULL, "check the whole file against its checksums, and say whether it is intact"},
    {"diff", NULL, "compare two files A B, value by value and bit by bit"},
    {"export", "OUT", "write a copy of the file that needs no other"},
};

static secant_status set_flag(void *user, const char *name, const char *value, secant_error *error)
{
  inspect_settings *settings = user;
  (void)error;
  if (strcmp(name, "verify") == 0) settings->verify = true;
  if (strcmp(name, "diff") == 0) settings->diff = true;
  if (strcmp(name, "export") == 0) settings->output = value;
  return SECANT_OK;
}

/* ---- rank 0 ------------------------------------------------------------------------------------------------------- */

/* A damaged file is a finding; one that is no checkpoint at all is bad input. */
static int exit_status_of(secant_status status)
{
  if (status == SECANT_OK) return EXIT_CONVERGED;
  const bool bad_input =
      status == SECANT_ERR_MISMATCH || status == SECANT_ERR_ARGUMENT || status == SECANT_ERR_UNSUPPORTED;
  return bad_input ? EXIT_USAGE : EXIT_FAILED;
}

static int fail(const secant_error *error)
{
  say(NULL, "%s", error->message);
  return exit_status_of(error->status);
}

/* Ends the output; `printed` is whether there was memory for it. */
static int finish_output(bool printed, int exit_status)
{
  if (printed && fflush(stdout) == 0 && !ferror(stdout)) return exit_status;
  say(NULL, "the result could not be printed: %s", printed ? strerror(errno) : secant_status_text(SECANT_ERR_MEMORY));
  return EXIT_FAILED;
}

/* Prints the tree, frees it, and returns `exit_status` if that worked. */
static int print(secant_node *tree, bool json, void (*lines)(const secant_node *tree), int exit_status)
{
  bool printed = tree != NULL;
  if (tree && json) printed = inspect_print_json(tree);
  if (tree && !json) lines(tree);
  secant_node_destroy(tree);
  return finish_output(printed, exit_status);
}

static int describe(const char *path, bool json)
{
  secant_node *tree = NULL;
  secant_error error = {SECANT_OK, ""};
  if (secant_checkpoint_describe(path, &tree, &error) != SECANT_OK) return fail(&error);
  return print(tree, json, inspect_print_description, EXIT_CONVERGED);
}

static int compare(const char *a, const char *b, bool json)
{
  secant_node *tree = NULL;
  secant_error error = {SECANT_OK, ""};
  int64_t equal = 0;
  if (secant_checkpoint_diff(a, b, &tree, &error) != SECANT_OK) return fail(&error);
  const bool told = secant_node_get_integer(secant_node_find(tree, "equal"), &equal) == SECANT_OK;
  return print(tree, json, inspect_print_difference, told && equal ? EXIT_CONVERGED : EXIT_FAILED);
}

/* A dict of a path and of one more text; NULL without memory. */
static secant_node *two_values(const char *path, const char *key, const char *value)
{
  secant_node *tree = secant_node_dict();
  if (secant_node_set(tree, "file", secant_node_text(path)) == SECANT_OK &&
      secant_node_set(tree, key, secant_node_text(value)) == SECANT_OK) {
    return tree;
  }
  secant_node_destroy(tree);
  return NULL;
}

static int copy(const char *path, const char *output, bool json)
{
  secant_error error = {SECANT_OK, ""};
  if (secant_checkpoint_export(path, output, &error) != SECANT_OK) return fail(&error);
  return print(two_values(path, "exported", output), json, inspect_print_values, EXIT_CONVERGED);
}

/* Whether what failed to verify is a checkpoint at all. */
static bool is_checkpoint(const char *path)
{
  secant_node *tree = NULL;
  const secant_status status = secant_checkpoint_describe(path, &tree, NULL);
  const char *format = secant_node_get_text(secant_node_find(tree, "format"));
  const bool other = status == SECANT_ERR_MISMATCH || (format && strcmp(format, "secant-checkpoint") != 0);
  secant_node_destroy(tree);
  return !other;
}

static int verify(const char *path, bool json)
{
  secant_error error = {SECANT_OK, ""};
  const secant_status status = secant_checkpoint_verify(path, &error);
  if (status == SECANT_OK)
    return print(two_values(path, "state", "intact"), json, inspect_print_values, EXIT_CONVERGED);
  const int exit_status = fail(&error);
  if (status != SECANT_ERR_FORMAT) return exit_status;
  if (!is_checkpoint(path)) return EXIT_USAGE;
  return print(two_values(path, "state", "damaged"), json, inspect_print_values, exit_status);
}

/* ---- all ranks ---------------------------------------------------------------------------------------------------- */

/* What no flag alone can tell. */
static secant_status check_whole(const inspect_settings *settings, int files, secant_error *error)
{
  if (settings->verify + settings->diff + (settings->output != NULL) > 1)
    return arguments_fail(error, "--verify, --diff and --export exclude each other");
  if (settings->diff && files != 2) return arguments_fail(error, "--diff needs two files A B");
  if (!settings->diff && files != 1) return arguments_fail(error, "secant inspect takes one file, or --diff A B");
  return SECANT_OK;
}

static secant_status check_readable(const char *path, secant_error *error)
{
  struct stat about;
  if (stat(path, &about) != 0 || access(path, R_OK) != 0)
    return arguments_fail(error, "%s cannot be read: %s", path, strerror(errno));
  if (!S_ISREG(about.st_mode)) return arguments_fail(error, "%s cannot be read: it is not a regular file", path);
  return SECANT_OK;
}

/* Collective; the outcome is common. */
static secant_status check(const inspect_settings *settings, const cli_arguments *arguments, secant_comm *comm,
                           secant_error *error)
{
  const int files = arguments->positional_count;
  check_whole(settings, files, error);
  for (int i = 0; error->status == SECANT_OK && secant_comm_rank(comm) == 0 && i < files; i++) {
    check_readable(arguments->positional[i], error);
  }
  const secant_status status = secant_comm_agree(comm, error);
  if (status != SECANT_OK) return status;
  const cli_file outputs[] = {{"copy", settings->output, true}, {"checkpoint", arguments->positional[0], false}};
  return files_check(outputs, sizeof outputs / sizeof *outputs, comm, error);
}

static int work(const inspect_settings *settings, const cli_arguments *arguments)
{
  char *const *files = arguments->positional;
  if (settings->diff) return compare(files[0], files[1], arguments->json);
  if (settings->verify) return verify(files[0], arguments->json);
  if (settings->output) return copy(files[0], settings->output, arguments->json);
  return describe(files[0], arguments->json);
}

static const cli_command inspect_command = {
    .name = "inspect",
    .arguments = "FILE",
    .summary = "Tells what is in a checkpoint, or in a file of a state dict, as far as their layout is the same.\n"
               "With --diff A B it compares two of them, and shows what differs.",
    .notes = "Exit status: 0 fine, or equal; 1 damaged, or different; 2 bad usage, or no checkpoint.",
    .flags = inspect_flags,
    .flag_count = sizeof inspect_flags / sizeof *inspect_flags,
    .positional_min = 1,
    .positional_max = 2,
    .set = set_flag};

int inspect_main(int argc, char **argv, secant_comm *comm)
{
  inspect_settings settings = {.output = NULL};
  cli_arguments arguments = arguments_default();
  const int verdict = arguments_parse(&arguments, &inspect_command, &settings, argc, argv, comm);
  if (verdict != ARGUMENTS_GO) return verdict;
  secant_error error = {SECANT_OK, ""};
  if (check(&settings, &arguments, comm, &error) != SECANT_OK) {
    say(comm, "%s", error.message);
    return EXIT_USAGE;
  }
  double exit_status = secant_comm_rank(comm) == 0 ? work(&settings, &arguments) : 0;
  if (secant_comm_sum(comm, &exit_status, 1) != SECANT_OK) return EXIT_FAILED;
  return (int)exit_status;
}
