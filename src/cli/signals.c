#include "cli/signals.h"
#include <signal.h>
#include <string.h>

/* A handler has no argument to find its optimizer by: the one place of the program with a state of its own. */
static secant_optimizer *volatile running;
static volatile sig_atomic_t received;

static void on_signal(int number)
{
  (void)number;
  received = 1;
  secant_optimizer *const optimizer = running;
  if (optimizer) secant_request_stop(optimizer);
}

/* Calls that a signal interrupts are restarted: neither MPI nor the readers of data expect EINTR. */
static bool install(int number, int flags)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART | flags;
  sigemptyset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0;
}

bool signals_install(void)
{
  /* The user who types Ctrl-C twice does not want to wait for a checkpoint. */
  return install(SIGUSR1, 0) && install(SIGUSR2, 0) && install(SIGTERM, 0) && install(SIGINT, (int)SA_RESETHAND);
}

void signals_attach(secant_optimizer *optimizer)
{
  running = optimizer;
  if (optimizer && received) secant_request_stop(optimizer);
}
