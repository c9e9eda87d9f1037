#include "cli/memory_plan.h"
#include "cli/say.h"
#include "cli/text_input.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

const char *memory_text(double bytes, char text[MEMORY_TEXT])
{
  static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
    bytes /= 1000.0;
    unit++;
  }
  snprintf(text, MEMORY_TEXT, "%.3g %s", bytes, units[unit]);
  return text;
}

/* "memory: 1.92 GB for a history of 10 pairs of 10000000 unknowns, 961 MB on each of 2 ranks" */
static void print_plan(const memory_plan *plan, int64_t pairs, const secant_comm *comm)
{
  const int ranks = secant_comm_size(comm);
  char all[MEMORY_TEXT], share[MEMORY_TEXT];
  if (secant_comm_rank(comm) != 0) return;
  fprintf(stderr, "memory: %s for a history of %" PRId64 " pairs of %.0f unknowns", memory_text(plan->bytes, all),
          pairs, plan->unknowns);
  if (ranks > 1) fprintf(stderr, ", %s on each of %d ranks", memory_text(plan->bytes / ranks, share), ranks);
  fputc('\n', stderr);
}

/* Shares are equal, but for a tile. How many ranks are on one machine is not known here: one there is for sure. */
static void warn_if_too_large(const memory_plan *plan, const secant_comm *comm)
{
  const double share = (plan->bytes + 2.0 * (double)plan->element * plan->unknowns) / secant_comm_size(comm);
  const double present = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
  char wanted[MEMORY_TEXT], here[MEMORY_TEXT];
  if (present <= 0.0 || share <= present) return;
  say(comm,
      "warning: with parameters and gradient a rank needs %s, but this machine has %s, so the system may end the run: "
      "lower --history-size or spread the ranks over more machines",
      memory_text(share, wanted), memory_text(present, here));
}

secant_status memory_plan_announce(memory_plan *plan, int64_t count, secant_dtype dtype, const cli_arguments *arguments,
                                   secant_comm *comm, secant_error *error)
{
  const secant_options *options = &arguments->options;
  double sums[2] = {(double)secant_memory_estimate((uint64_t)count, dtype, options), (double)count};
  const secant_status status = secant_comm_sum(comm, sums, 2);
  if (status != SECANT_OK) return input_fail(error, status, "the memory of the ranks could not be added up");
  *plan = (memory_plan){
      .bytes = sums[0], .unknowns = sums[1], .element = dtype == SECANT_F32 ? sizeof(float) : sizeof(double)};
  if (!arguments->quiet) print_plan(plan, options->history_size, comm);
  warn_if_too_large(plan, comm);
  return SECANT_OK;
}
