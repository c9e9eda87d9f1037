#include "cli/args.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/say.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

cli_arguments arguments_default(void)
{
  cli_arguments arguments;
  memset(&arguments, 0, sizeof arguments);
  arguments.options = secant_options_default();
  arguments.checkpoint_keep = secant_checkpoint_options_default().keep;
  return arguments;
}

/*
 * The library's words have underscores; on a command line dashes are as good. Numbers are left alone. An error is said
 * in terms of the flag.
 */
static secant_status set_option(secant_options *options, const flag_row *row, const char *value, secant_error *error)
{
  char word[64];
  const bool is_word = (*value >= 'a' && *value <= 'z') && strlen(value) < sizeof word;
  snprintf(word, sizeof word, "%s", value);
  for (char *c = word; is_word && *c; c++)
    if (*c == '-') *c = '_';
  const secant_status status = secant_options_set(options, row->option, is_word ? word : value, error);
  if (status != SECANT_ERR_ARGUMENT) return status;
  return arguments_fail(error, "--%s is %s; allowed: %s", row->name, value, row->argument);
}

static secant_status set_io(cli_arguments *arguments, const char *value, secant_error *error)
{
  static const char *const names[] = {
      [SECANT_IO_AUTO] = "auto", [SECANT_IO_MPIO] = "mpio", [SECANT_IO_GATHER] = "gather"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    arguments->io = (secant_checkpoint_io)i;
    if (strcmp(value, names[i]) == 0) return SECANT_OK;
  }
  return arguments_fail(error, "--io is %s; allowed: auto | mpio | gather", value);
}

static secant_status set_common(cli_arguments *arguments, const char *name, const char *value, secant_error *error)
{
  if (strcmp(name, "checkpoint") == 0)
    arguments->checkpoint = value;
  else if (strcmp(name, "checkpoint-every") == 0)
    return arguments_period(name, value, &arguments->checkpoint_every, &arguments->checkpoint_seconds, error);
  else if (strcmp(name, "checkpoint-keep") == 0)
    return arguments_integer(name, value, 1, 1000, &arguments->checkpoint_keep, error);
  else if (strcmp(name, "checkpoint-incremental") == 0)
    arguments->incremental = true;
  else if (strcmp(name, "io") == 0)
    return set_io(arguments, value, error);
  else if (strcmp(name, "resume") == 0)
    arguments->resume = true;
  else if (strcmp(name, "check-gradient") == 0)
    arguments->check_gradient = true;
  else if (strcmp(name, "trace") == 0)
    arguments->trace = value;
  else if (strcmp(name, "json") == 0)
    arguments->json = true;
  else
    arguments->quiet = true;
  return SECANT_OK;
}

/* One parse of one command line. */
typedef struct cli_parser {
  cli_arguments *arguments;
  const cli_command *command;
  void *settings;
  flag_table *table;
  bool help; /* --help was met, which ends the parse */
} cli_parser;

static secant_status set_flag(cli_parser *parser, const flag_row *row, const char *value, secant_error *error)
{
  if (value && *value == '\0') return arguments_fail(error, "--%s must not be empty", row->name);
  switch (row->owner) {
  case FLAG_COMMAND: return parser->command->set(parser->settings, row->name, value, error);
  case FLAG_OPTION: return set_option(&parser->arguments->options, row, value, error);
  case FLAG_COMMON: return set_common(parser->arguments, row->name, value, error);
  case FLAG_HELP: parser->help = true; return SECANT_OK;
  }
  return SECANT_OK;
}

/* What getopt could not take: `text` is the argument as it was typed, such as "--histroy-size=5". */
static secant_status fail_unknown(const flag_table *table, const char *text, secant_error *error)
{
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(text, "="), text);
  const char *const bare = name + strspn(name, "-");
  const flag_row *const row = flags_find(table, bare);
  if (row && !row->argument) return arguments_fail(error, "%s takes no argument", name);
  return arguments_fail(error, "there is no flag %s; did you mean --%s?", name, flags_nearest(table, bare));
}

/* The word that getopt_long has just taken a long flag from. */
static const char *typed_word(char **argv)
{
  const bool separate = optarg && optarg == argv[optind - 1];
  return argv[optind - (separate ? 2 : 1)];
}

/* getopt_long takes any beginning of a name, and of several names the first: "--tolerance" would set one of four. */
static bool is_abbreviated(const flag_row *row, const char *typed)
{
  return strcspn(typed, "=") != strlen("--") + strlen(row->name);
}

static secant_status read_flags(cli_parser *parser, int argc, char **argv, secant_error *error)
{
  optind = 0; /* glibc: forget an earlier command line */
  opterr = 0;
  secant_status status = SECANT_OK;
  while (status == SECANT_OK && !parser->help) {
    int index = 0;
    const int found = getopt_long(argc, argv, ":h", parser->table->getopt, &index);
    if (found == -1) return SECANT_OK;
    if (found == ':') return arguments_fail(error, "%s needs an argument", argv[optind - 1]);
    const char letter[] = {'-', (char)optopt, '\0'}; /* optopt is 0 where the flag was a long one */
    if (found == '?') return fail_unknown(parser->table, optopt ? letter : argv[optind - 1], error);
    const flag_row *const row = &parser->table->rows[index];
    if (found == 'h')
      parser->help = true;
    else if (is_abbreviated(row, typed_word(argv)))
      status = fail_unknown(parser->table, typed_word(argv), error);
    else
      status = set_flag(parser, row, optarg, error);
  }
  return status;
}

/* What no flag alone can tell. */
static secant_status check_whole(const cli_arguments *arguments, const cli_command *command, secant_error *error)
{
  const int count = arguments->positional_count;
  if (count < command->positional_min)
    return arguments_fail(error, "secant %s needs %s", command->name, command->arguments);
  if (count > command->positional_max)
    return arguments_fail(error, "\"%s\" is one argument too many", arguments->positional[command->positional_max]);
  if (arguments->io != SECANT_IO_AUTO && !arguments->checkpoint)
    return arguments_fail(error, "--io needs --checkpoint FILE");
  if (arguments->resume && !arguments->checkpoint) return arguments_fail(error, "--resume needs --checkpoint FILE");
  if ((arguments->checkpoint_every > 0 || arguments->checkpoint_seconds > 0.0) && !arguments->checkpoint)
    return arguments_fail(error, "--checkpoint-every needs --checkpoint FILE");
  if (arguments->incremental && !arguments->checkpoint)
    return arguments_fail(error, "--checkpoint-incremental needs --checkpoint FILE");
  return command->optimizes ? secant_options_check(&arguments->options, error) : SECANT_OK;
}

/* All of the parsing, on this rank. */
static secant_status parse(cli_parser *parser, int argc, char **argv, secant_error *error)
{
  parser->table = flags_create(parser->command);
  if (!parser->table) return error->status = SECANT_ERR_MEMORY;
  const secant_status status = read_flags(parser, argc, argv, error);
  if (status != SECANT_OK || parser->help) return status;
  parser->arguments->positional = argv + optind;
  parser->arguments->positional_count = argc - optind;
  return check_whole(parser->arguments, parser->command, error);
}

int arguments_parse(cli_arguments *arguments, const cli_command *command, void *settings, int argc, char **argv,
                    secant_comm *comm)
{
  const cli_arguments defaults = *arguments;
  cli_parser parser = {.arguments = arguments, .command = command, .settings = settings};
  secant_error error = {SECANT_OK, ""};
  error.status = parse(&parser, argc, argv, &error);

  const secant_status status = secant_comm_agree(comm, &error);
  const bool usage = status == SECANT_ERR_ARGUMENT;
  if (status != SECANT_OK)
    say(comm, "%s", usage ? error.message : secant_status_text(status));
  else if (parser.help && secant_comm_rank(comm) == 0)
    flags_print_help(parser.table, command, &defaults);
  flags_destroy(parser.table);
  if (status != SECANT_OK) return usage ? EXIT_USAGE : EXIT_FAILED;
  return parser.help ? EXIT_CONVERGED : ARGUMENTS_GO;
}
