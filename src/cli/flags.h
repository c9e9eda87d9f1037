/* The table of flags that one subcommand understands: its own, those of every run, one for each option of the library. */
#ifndef SECANT_CLI_FLAGS_H
#define SECANT_CLI_FLAGS_H

#include "cli/args.h"

typedef enum flag_owner { FLAG_COMMAND, FLAG_COMMON, FLAG_OPTION, FLAG_HELP } flag_owner;

typedef struct flag_row {
  char name[48];        /* with dashes, without the leading ones */
  const char *argument; /* NULL if it takes none */
  const char *text;     /* help */
  const char *option;   /* FLAG_OPTION: the library's name of it */
  flag_owner owner;
} flag_row;

typedef struct flag_table {
  flag_row *rows;        /* [count] */
  struct option *getopt; /* [count + 1]: the same rows for getopt_long, in the same order */
  size_t count;
} flag_table;

/* NULL without memory. */
flag_table *flags_create(const cli_command *command);
void flags_destroy(flag_table *table);

/* The row of that name, or NULL. */
const flag_row *flags_find(const flag_table *table, const char *name);

/* The name that `name` is the beginning of, or else the one with the smallest edit distance. */
const char *flags_nearest(const flag_table *table, const char *name);

/* Prints the help of `command` on stdout; `defaults` supplies the values of the library's options. */
void flags_print_help(const flag_table *table, const cli_command *command, const cli_arguments *defaults);

#endif
