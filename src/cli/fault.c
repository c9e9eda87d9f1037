#include "cli/fault.h"
#include "cli/args.h"
#include "cli/say.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- the text ------------------------------------------------------------------------------------------------------ */

static const cli_fault kinds[] = {
    {.word = "nan", .kind = FAULT_LOSS, .value = NAN},
    {.word = "inf", .kind = FAULT_LOSS, .value = INFINITY},
    {.word = "-inf", .kind = FAULT_LOSS, .value = -INFINITY},
    {.word = "gnan", .kind = FAULT_GRADIENT, .value = NAN},
    {.word = "ginf", .kind = FAULT_GRADIENT, .value = INFINITY},
    {.word = "fail", .kind = FAULT_FAIL},
    {.word = "kill", .kind = FAULT_KILL},
};

static secant_status read_kind(cli_fault *fault, const char *word, secant_error *error)
{
  static const char sleep_is[] = "sleep=";
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(word, kinds[i].word) != 0) continue;
    fault->kind = kinds[i].kind;
    fault->value = kinds[i].value;
    return SECANT_OK;
  }
  if (strncmp(word, sleep_is, strlen(sleep_is)) == 0) {
    fault->kind = FAULT_SLEEP;
    return arguments_number("SECANT_FAULT: sleep", word + strlen(sleep_is), 0.0, 1e6, &fault->value, error);
  }
  return arguments_fail(error, "SECANT_FAULT: \"%s\" is none of nan, inf, -inf, gnan, ginf, fail, kill, sleep=SECONDS",
                        word);
}

/* "closure:7:nan,rank=2", which is cut to pieces. */
static secant_status read_fault(cli_fault *fault, char *text, int ranks, secant_error *error)
{
  char whole[128];
  snprintf(whole, sizeof whole, "%s", text);
  char *comma = strchr(text, ',');
  if (comma) *comma++ = '\0';
  char *number = strchr(text, ':');
  if (number) *number++ = '\0';
  char *word = number ? strchr(number, ':') : NULL;
  if (word) *word++ = '\0';
  if (!word || strcmp(text, "closure") != 0 || (comma && strncmp(comma, "rank=", 5) != 0))
    return arguments_fail(error, "SECANT_FAULT: \"%s\" is not of the form closure:EVALUATION:KIND[,rank=RANK]", whole);

  *fault = (cli_fault){.rank = -1};
  snprintf(fault->word, sizeof fault->word, "%s", word);
  secant_status status = arguments_integer("SECANT_FAULT: evaluation", number, 1, INT64_MAX, &fault->evaluation, error);
  if (status == SECANT_OK) status = read_kind(fault, word, error);
  if (status == SECANT_OK && comma)
    status = arguments_integer("SECANT_FAULT: rank", comma + 5, 0, ranks - 1, &fault->rank, error);
  return status;
}

/* Spaces around a fault, and nothing between two semicolons, are allowed. */
static secant_status read_list(cli_faults *faults, char *text, int ranks, secant_error *error)
{
  char *rest = NULL;
  for (char *piece = strtok_r(text, ";", &rest); piece; piece = strtok_r(NULL, ";", &rest)) {
    piece += strspn(piece, " ");
    size_t length = strlen(piece);
    while (length > 0 && piece[length - 1] == ' ') piece[--length] = '\0';
    if (length == 0) continue;
    if (faults->count == FAULTS_MOST)
      return arguments_fail(error, "SECANT_FAULT: more than %d faults are too many", FAULTS_MOST);
    const secant_status status = read_fault(&faults->list[faults->count], piece, ranks, error);
    if (status != SECANT_OK) return status;
    faults->count++;
  }
  return SECANT_OK;
}

secant_status faults_read(cli_faults *faults, const char *text, secant_comm *comm, secant_error *error)
{
  *faults = (cli_faults){.rank = secant_comm_rank(comm)};
  char *const copy = text ? strdup(text) : NULL;
  if (copy)
    read_list(faults, copy, secant_comm_size(comm), error);
  else if (text)
    *error = (secant_error){SECANT_ERR_MEMORY, "no memory for the text of SECANT_FAULT"};
  free(copy);
  if (secant_comm_agree(comm, error) != SECANT_OK) return error->status;

  double count = faults->count;
  if (secant_comm_sum(comm, &count, 1) != SECANT_OK) {
    *error = (secant_error){SECANT_ERR_COMM, "the faults of the ranks could not be counted"};
    return error->status;
  }
  if (count > 0.0) say(comm, "warning: SECANT_FAULT is set, so this run is made to fail");
  return SECANT_OK;
}

/* ---- the faults ---------------------------------------------------------------------------------------------------- */

/* A rank without unknowns has no gradient to spoil. */
static void spoil_gradient(const secant_parameter *parameters, size_t count, double value)
{
  size_t i = 0;
  while (i < count && parameters[i].local_count == 0) i++;
  if (i == count) return;
  if (parameters[i].dtype == SECANT_F32)
    ((float *)parameters[i].gradient)[0] = (float)value;
  else
    ((double *)parameters[i].gradient)[0] = value;
}

/* To the end, also when signals come. */
static void sleep_for(double seconds)
{
  struct timespec left = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

int faults_make(cli_faults *faults, const secant_parameter *parameters, size_t count, double *loss, int failed)
{
  faults->evaluations++;
  for (int i = 0; i < faults->count; i++) {
    const cli_fault *const fault = &faults->list[i];
    const bool here = fault->rank < 0 || fault->rank == faults->rank;
    if (!here || fault->evaluation != faults->evaluations) continue;
    fprintf(stderr, "fault: %s at evaluation %" PRId64 " on rank %d\n", fault->word, fault->evaluation, faults->rank);
    switch (fault->kind) {
    case FAULT_LOSS: *loss = fault->value; break;
    case FAULT_GRADIENT: spoil_gradient(parameters, count, fault->value); break;
    case FAULT_FAIL: failed = 1; break;
    case FAULT_SLEEP: sleep_for(fault->value); break;
    case FAULT_KILL: kill(getpid(), SIGKILL); break;
    }
  }
  return failed;
}
