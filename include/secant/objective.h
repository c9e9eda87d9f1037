/**
 * @file objective.h
 * What a shared object must hold to be an objective that the command minimises: secant run ./objective.so
 *
 * It defines one symbol, secant_objective_plugin: a constant table with a version of this interface, a name, and
 * functions. The command checks the version before it looks at anything else, then calls, on every rank:
 *
 *     create                       this rank's part of the problem, at its start values
 *     parameters                   where it is
 *     evaluate, evaluate, ...      as often on each rank as on any other
 *     finish                       with the result in the parameters
 *     destroy
 *
 * The functions may call everything that secant.h declares. The symbols are found in the command, which uses the same
 * library: a shared object need not link it, and shares it if it does. docs/objectives.md shows how to build one,
 * examples/objective/ has two.
 */
#ifndef SECANT_OBJECTIVE_H
#define SECANT_OBJECTIVE_H

#include <secant/secant.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this interface. It changes when the meaning of a field does; a field more at the end leaves it alone. */
#define SECANT_OBJECTIVE_ABI 1

/** Who sees what of the parameters. */
typedef enum secant_objective_flavour {
  SECANT_OBJECTIVE_SHARDED = 0,      /**< each rank owns a part of each parameter, evaluates its share of f and its
                                          part of g, and fetches what it needs of its neighbours */
  SECANT_OBJECTIVE_DATA_PARALLEL = 1 /**< each rank sees the whole parameters and a part of the data; it gives its
                                          shares of f and of the whole g, which the library adds */
} secant_objective_flavour;

/** One option of the objective: --problem-option name=value. */
typedef struct secant_objective_option {
  const char *name;  /**< what stands before the first "=" */
  const char *value; /**< what stands behind it, possibly "" */
} secant_objective_option;

/** What create() is given. Lives until destroy() returns. */
typedef struct secant_objective_setup {
  size_t struct_size;                     /**< filled by the command; tells which fields exist */
  const secant_objective_option *options; /**< [option_count], by name, each name once; equal on all ranks */
  size_t option_count;                    /**< may be 0 */
  secant_comm *comm;                      /**< the ranks of the run; never NULL */
  int32_t threads;                        /**< OpenMP threads that this rank may use, >= 1 */
  int32_t reserved;                       /**< 0 */
} secant_objective_setup;

/** The value of option `name`, NULL if it was not given. Not collective. */
static inline const char *secant_objective_find(const secant_objective_setup *setup, const char *name)
{
  for (size_t i = 0; i < setup->option_count; i++)
    if (strcmp(setup->options[i].name, name) == 0) return setup->options[i].value;
  return NULL;
}

/**
 * The table that a shared object exports. `objective` is what create() has made; two of them must share nothing.
 *
 * A function that fails returns a number other than 0. It may fail on one rank only: all ranks then end with the
 * message of the lowest rank that failed. No rank may be left waiting: a function that fails between two calls of
 * collective functions takes part in the second all the same, or agrees with the others by secant_comm_agree() first.
 */
typedef struct secant_objective_table {
  int32_t abi;         /**< SECANT_OBJECTIVE_ABI; first in every version */
  int32_t flavour;     /**< one of secant_objective_flavour */
  size_t struct_size;  /**< sizeof(secant_objective_table); fields that an older table lacks count as NULL */
  const char *name;    /**< such as "chain": checkpoints know the objective by name, version and options */
  const char *version; /**< to be changed with the meaning of the objective: another one's checkpoint is refused */

  /** Names of the options, ended by NULL; any other is refused. NULL: create() looks at the names itself. */
  const char *const *options;

  /**
   * Makes this rank's part of the problem. Collective.
   * @param objective  out: handed to the other functions; NULL is allowed
   * @param error      out on failure: `message`, one sentence. `status` may be set to SECANT_ERR_MEMORY, where the
   *                   command ends with status 1; else it is bad input, 2
   * @return 0; any other number for failure, where nothing is left to destroy on this rank
   */
  int (*create)(void **objective, const secant_objective_setup *setup, secant_error *error);

  /**
   * The parameters, whose arrays belong to the objective and hold the start. Sharded: this rank's part, as
   * secant_create() takes it; results have the same bits on any number of ranks if cuts are those of
   * secant_partition(). Data-parallel: the whole, of which rank 0's start counts. Not collective.
   * @param count  out: number of parameters, >= 1
   * @return [count], valid until destroy()
   */
  const secant_parameter *(*parameters)(void *objective, size_t *count);

  /**
   * Evaluates at the values that the parameters hold: fills the gradients completely, this rank's part or its share,
   * and gives its share of the loss. Collective.
   * @param loss   0 on entry; the share, or what of it is not in `terms`
   * @param terms  empty on entry; for a share that is given term by term, see sum.h
   * @return 0; any other number for failure, which ends the run
   */
  int (*evaluate)(void *objective, double *loss, secant_sum *terms);

  /** Frees all. Called only where create() has succeeded. Not collective. NULL if there is nothing to free. */
  void (*destroy)(void *objective);

  /**
   * Writes what stands for the options in a checkpoint, "n=1000 stiffness=2": defaults filled in, and without options
   * such as the name of an output, that do not change the problem. Not collective. NULL: the options as typed.
   */
  void (*describe)(const void *objective, char *text, size_t capacity);

  /** The least value of f, for the report; NaN if it is not known. Not collective. NULL: it is not. */
  double (*optimum)(const void *objective);

  /**
   * The run has ended, at a limit too or because it was stopped: the parameters hold the last accepted point,
   * the whole of it if the flavour is data-parallel. Not called after an error. Collective. NULL: nothing to do.
   * @param info   how the run ended, and where
   * @param error  out on failure: `message`, one sentence
   * @return 0; any other number for failure: the command says so and ends with status 1
   */
  int (*finish)(void *objective, const secant_info *info, secant_error *error);
} secant_objective_table;

/** To be defined by the shared object. */
extern SECANT_API const secant_objective_table secant_objective_plugin;

#ifdef __cplusplus
}
#endif
#endif
