#include "optimizer/threads.h"

#include "base/base.h"

#include <stdlib.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/*
 * A second thread pays from a few thousand unknowns on while threads stay awake between the passes, as those of GCC do
 * for milliseconds. Where they fall asleep, waking them costs 0.1 ms an iteration, but then the objective takes far
 * longer than that; and starting them costs up to 0.1 s, once in a process (docs/performance.md).
 */
enum { UNKNOWNS_OF_A_THREAD = 8192 };

int secanti_worthwhile_threads(size_t count, int threads)
{
  return secanti_one_to(threads, count / UNKNOWNS_OF_A_THREAD);
}

int secanti_share_threads(secanti_processors processors, const secanti_computer *computer)
{
  if (processors.chosen || processors.wanted != processors.own || computer->ranks <= 1) return processors.wanted;
  return secanti_one_to(processors.wanted, (size_t)(computer->processors / computer->ranks));
}

int secant_thread_count(const secant_options *options, const secant_comm *comm)
{
  if (options->threads > 0) return options->threads;
#ifdef _OPENMP
  const secanti_processors processors = {
      .wanted = omp_get_max_threads(), .own = omp_get_num_procs(), .chosen = getenv("OMP_NUM_THREADS") != NULL};
  return secanti_share_threads(processors, &secanti_comm_or_self((secant_comm *)comm)->computer);
#else
  (void)comm;
  return 1;
#endif
}
