/*
 * The command line of a subcommand: the flags it declares itself, the flags of every run, and one flag for each row of
 * the library's option table ("history_size" is --history-size). Parsed strictly and on every rank alike.
 *
 * Use:
 *
 *   cli_arguments arguments = arguments_default();
 *   arguments.options.max_iter = 1000;                       // a default of this subcommand's own, if it has any
 *   const int verdict = arguments_parse(&arguments, &fit_command, &settings, argc, argv, comm);
 *   if (verdict != ARGUMENTS_GO) return verdict;             // help was printed, or an error was said
 */
#ifndef SECANT_CLI_ARGS_H
#define SECANT_CLI_ARGS_H

#include <secant/checkpoint.h>
#include <stdbool.h>

/* A flag of one subcommand. It hides a flag of every run or of the option table that has the same name. */
typedef struct cli_flag {
  const char *name;     /* without the leading dashes: "output" */
  const char *argument; /* what the help calls its argument: "FILE"; NULL if it takes none */
  const char *text;     /* one line of help */
} cli_flag;

/* What a subcommand tells the parser. Constant. */
typedef struct cli_command {
  const char *name;      /* "fit" */
  const char *arguments; /* positional arguments as the help shows them: "DATA" */
  const char *summary;   /* one or more lines for the top of the help */
  const char *notes;     /* printed below the flags; NULL if there is nothing to add */
  bool optimizes;        /* true: also takes --checkpoint, --trace and so on, and the library's options */
  const cli_flag *flags; /* [flag_count]; NULL if there are none */
  int flag_count;
  int positional_min; /* fewest and most positional arguments */
  int positional_max;
  /*
   * Takes flag `name` of `flags`, in the order of the command line, once for each occurrence. `value` is NULL for a
   * flag without an argument, else it lives as long as argv. Not collective: must do the same on all ranks.
   * Returns SECANT_OK, or SECANT_ERR_ARGUMENT with one sentence in `error`: arguments_fail() makes both.
   * NULL if there are no flags.
   */
  secant_status (*set)(void *settings, const char *name, const char *value, secant_error *error);
} cli_command;

/* What every subcommand understands. Strings live as long as argv. */
typedef struct cli_arguments {
  secant_options options;    /* the library's; --threads and --max-time are in here. `optimizes` only */
  const char *checkpoint;    /* --checkpoint F, or NULL. `optimizes` only */
  int64_t checkpoint_every;  /* --checkpoint-every N accepted iterations; 0: not by count. `optimizes` only */
  double checkpoint_seconds; /* --checkpoint-every as a time; 0: not by time. `optimizes` only */
  int64_t checkpoint_keep;   /* --checkpoint-keep K. `optimizes` only */
  bool incremental;          /* --checkpoint-incremental. `optimizes` only */
  secant_checkpoint_io io;   /* --io. `optimizes` only */
  bool resume;               /* --resume. `optimizes` only */
  bool check_gradient;       /* --check-gradient. `optimizes` only */
  const char *trace;         /* --trace F.csv or F.jsonl, or NULL. `optimizes` only */
  bool json;                 /* --json */
  bool quiet;                /* --quiet: no progress */
  char *const *positional;   /* [positional_count], in their order */
  int positional_count;
} cli_arguments;

/* The robust defaults of the library, and nothing asked for. */
cli_arguments arguments_default(void);

enum { ARGUMENTS_GO = -1 }; /* no exit status has this value */

/*
 * Fills `arguments`, whose content on entry is what the help shows as defaults, and hands the subcommand's own flags to
 * command->set(settings, ...). argv[0] is the subcommand's name; argv is permuted, positional arguments last. Collective.
 * Returns ARGUMENTS_GO, or the exit status to leave with: EXIT_CONVERGED after --help, EXIT_USAGE after an error that
 * has been said. Equal on all ranks.
 */
int arguments_parse(cli_arguments *arguments, const cli_command *command, void *settings, int argc, char **argv,
                    secant_comm *comm);

/* Fills `error` (never NULL) with SECANT_ERR_ARGUMENT and a printf-style sentence; returns SECANT_ERR_ARGUMENT. */
secant_status arguments_fail(secant_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Strict conversions of the whole text for command->set: `name` is for the sentence, without dashes.
 * Return SECANT_OK, or SECANT_ERR_ARGUMENT with name, value and range in `error`; `out` is unchanged then.
 */
secant_status arguments_number(const char *name, const char *value, double least, double most, double *out,
                               secant_error *error);
secant_status arguments_integer(const char *name, const char *value, int64_t least, int64_t most, int64_t *out,
                                secant_error *error);

/* "500" sets a count, "90s", "10m" and "2h" set seconds; the other one becomes 0. */
secant_status arguments_period(const char *name, const char *value, int64_t *count, double *seconds,
                               secant_error *error);

/*
 * The entry of `names` [count] that `name` is the beginning of, or else the one with the smallest edit distance: for
 * "did you mean". NULL if count is 0.
 */
const char *arguments_nearest(const char *name, const char *const *names, size_t count);

#endif
