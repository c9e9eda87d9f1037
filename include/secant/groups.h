/**
 * @file groups.h
 * Parameter groups, and gradients that may be absent.
 *
 * A group is a list of parameters with options. A run of L-BFGS minimises over all groups together, so it has one set
 * of options: those of the first group. Of a further group only `tolerance_grad` has a meaning of its own (the gradient
 * test demands that each group be within its own tolerance); its other options must be those of the first group and
 * follow them when they change.
 */
#ifndef SECANT_GROUPS_H
#define SECANT_GROUPS_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Parameters with options of their own. */
typedef struct secant_group {
  const secant_parameter *parameters; /**< [count], copied as by secant_create() */
  size_t count;                       /**< >= 1 */
  const secant_options *options;      /**< copied; NULL means those of the optimizer */
} secant_group;

/**
 * As secant_create(), from groups: exactly one, as torch.optim.LBFGS has it; more are added by
 * secant_add_param_group(). Options of the group win over `options`. Collective.
 */
SECANT_API SECANT_NODISCARD secant_status secant_create_from_groups(secant_optimizer **out, const secant_group *groups,
                                                                    size_t group_count, const secant_options *options,
                                                                    secant_comm *comm, secant_error *error);

/**
 * Adds a group between steps. What has been learnt survives: the curvature pairs and the last step are padded with
 * zeros for the new parameters, all counters stay. Collective; allocates a second history while it works.
 * @return SECANT_OK, equal on all ranks; after an error nothing has changed, and secant_message() explains:
 *   SECANT_ERR_ARGUMENT  an empty group, an array that overlaps another one, a name that is taken, named parameters
 *                        beside unnamed ones, another element type, or options that a further group cannot have
 *   SECANT_ERR_STATE     an evaluation is wanted
 *   SECANT_ERR_MEMORY, SECANT_ERR_COMM
 */
SECANT_API SECANT_NODISCARD secant_status secant_add_param_group(secant_optimizer *optimizer,
                                                                 const secant_group *group);

/** Number of groups, >= 1. Not collective. */
SECANT_API size_t secant_group_count(const secant_optimizer *optimizer);

/** Options of a group, as secant_get_options(). Not collective. @return SECANT_OK or SECANT_ERR_ARGUMENT */
SECANT_API SECANT_NODISCARD secant_status secant_get_group_options(const secant_optimizer *optimizer, size_t group,
                                                                   secant_options *options);

/** Number of parameters over all groups. Not collective. */
SECANT_API size_t secant_parameter_count(const secant_optimizer *optimizer);

/** Name of parameter `index`, NULL if it has none or there is no such parameter. Valid until a state is loaded. Not
 *  collective. */
SECANT_API const char *secant_parameter_name(const secant_optimizer *optimizer, size_t index);

/** Group of parameter `index`; the number of groups if there is no such parameter. Not collective. */
SECANT_API size_t secant_parameter_group(const secant_optimizer *optimizer, size_t index);

/**
 * Clears all gradients before a closure fills them. Not collective; made for closures: between calls it would destroy
 * the gradient that secant_minimize() may go on from.
 * @param set_to_none  0: gradients become zeros, for closures that add to them. Otherwise they become absent: a closure
 *   that writes to a parameter's gradient makes it present again, one that does not leaves it absent, and an absent
 *   gradient counts as zero. Absent arrays hold NaN until they are written or the evaluation is told, so a closure must
 *   write all of them or none.
 */
SECANT_API void secant_zero_grad(secant_optimizer *optimizer, int set_to_none);

/** Marks the gradient of a parameter absent (its array becomes zero; a non-zero entry written later makes it present
 *  again) or present. Not collective.
 *  @return SECANT_OK or SECANT_ERR_ARGUMENT */
SECANT_API SECANT_NODISCARD secant_status secant_set_gradient_absent(secant_optimizer *optimizer, size_t parameter,
                                                                     int absent);

/** 1 if the gradient of a parameter is absent as far as this rank's part of it tells, 0 if it is present. Not
 *  collective. */
SECANT_API int secant_gradient_is_absent(const secant_optimizer *optimizer, size_t parameter);

#ifdef __cplusplus
}
#endif
#endif
