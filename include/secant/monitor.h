/**
 * @file monitor.h
 * A function of the caller's that sees every accepted point of a run, and may end the run.
 */
#ifndef SECANT_MONITOR_H
#define SECANT_MONITOR_H

#include <secant/secant.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Runs once for each iteration that led to an accepted point, as secant_info.accepted counts them: in secant_step(),
 * secant_minimize() and secant_tell(), before the next trial step is taken and before the run is judged to be over. So
 * the parameters hold the accepted point and the gradients its gradient; read them, but leave them as they are.
 * The last move of a secant_step() with line search none is not evaluated in that call, and not shown.
 *
 * The library may be asked (secant_get_info(), secant_get_options(), secant_checkpoint_save(), secant_request_stop()),
 * but not changed: secant_step(), secant_minimize(), secant_ask(), secant_tell(), secant_set_options(),
 * secant_state_dict() and what loads a state or adds to the optimizer return SECANT_ERR_STATE, and secant_reset() does
 * nothing. The time spent in the monitor counts as the caller's.
 *
 * @param info  where the run stands; borrowed until the function returns; reason is not known yet
 * @return 0, or any other number, on any rank, to end the run with reason STOP_REQUESTED: at this point, or at the next
 *   one if the trial step that follows is accepted at once. All ranks end at the same iteration. If the run ends here
 *   for another reason the wish is forgotten. To go on later, call secant_minimize() or secant_step() again.
 */
typedef int secant_monitor(const secant_info *info, void *user);

/**
 * Sets the monitor of an optimizer in place of the one it had. NULL for none. It costs no reduction, and each rank may
 * have its own or none. secant_reset() keeps it. Not collective.
 * @param user  handed to the monitor; borrowed
 */
SECANT_API void secant_set_monitor(secant_optimizer *optimizer, secant_monitor *monitor, void *user);

#ifdef __cplusplus
}
#endif
#endif
