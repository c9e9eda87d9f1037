/* Loads the newest checkpoint of a series that can be loaded, and says what it passed over. */
#include "base/base.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/series.h"
#include "comm/equal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One search for a checkpoint that can be loaded. Equal on all ranks. */
typedef struct search {
  secant_optimizer *optimizer;
  const char *path;
  const char *problem;
  char *name;           /* of the file in hand */
  int count;            /* of files skipped */
  secant_error skipped; /* status of the first of them, and a sentence for each */
} search;

uint64_t secanti_checkpoint_mark(const char *path)
{
  const uint64_t mark = secanti_hash(SECANTI_HASH_START, path, strlen(path));
  return mark != 0 ? mark : 1;
}

/* What may be the fault of one file, and not of all of the series. */
static bool is_of_the_file(secant_status status)
{
  return status == SECANT_ERR_IO || status == SECANT_ERR_FORMAT;
}

/* Rank 0 looks, because other ranks may see another disk. Collective; -1 if there is none. */
static secant_status find(const search *find_in, int from, int *number)
{
  secant_comm *comm = find_in->optimizer->comm;
  if (comm->rank == 0) *number = secanti_series_find(find_in->path, from);
  const secant_status status = secant_comm_broadcast(comm, number, sizeof *number, 0);
  if (status == SECANT_OK) return SECANT_OK;
  return secanti_fail(&find_in->optimizer->error, status, "%s", secant_status_text(status));
}

static void note_skipped(search *of, secant_status status)
{
  const secant_error before = of->skipped;
  const char *message = of->optimizer->error.message;
  if (of->count++ == 0) {
    secanti_fail(&of->skipped, status, "skipped: %s", message);
  } else {
    secanti_fail(&of->skipped, before.status, "%s; skipped: %s", before.message, message);
  }
}

/* Loads one file. Collective; the outcome is common. */
static secant_status load_number(search *of, int number)
{
  secant_error *error = &of->optimizer->error;
  *error = (secant_error){.status = SECANT_OK};
  free(of->name);
  of->name = secanti_series_name(of->path, number, "");
  if (!of->name) secanti_fail(error, SECANT_ERR_MEMORY, "no memory for the name of a checkpoint");
  const secant_status status = secant_comm_agree(of->optimizer->comm, error);
  return status == SECANT_OK ? secant_checkpoint_load(of->optimizer, of->name, of->problem) : status;
}

/* Tries the files of the series from the newest on. Without any, the path itself tells why. */
static secant_status load_first_good(search *of)
{
  int number = -1;
  secant_status status = SECANT_OK;
  SECANT_TRY(find(of, 0, &number));
  if (number < 0) return load_number(of, 0);
  while (number >= 0) {
    status = load_number(of, number);
    if (!is_of_the_file(status)) return status;
    note_skipped(of, status);
    SECANT_TRY(find(of, number + 1, &number));
  }
  status = of->skipped.status;
done:
  return status;
}

/* The message says what was skipped, also where another file was loaded. One file alone speaks for itself. */
static secant_status report(const search *of, secant_status status)
{
  if (of->count == 0 || (of->count == 1 && is_of_the_file(status))) return status;
  secant_error *error = &of->optimizer->error;
  if (status == SECANT_OK || is_of_the_file(status)) return secanti_fail(error, status, "%s", of->skipped.message);
  const secant_error last = *error;
  return secanti_fail(error, status, "%s; %s", last.message, of->skipped.message);
}

static secant_status check_path(secant_optimizer *optimizer, const char *path)
{
  optimizer->error = (secant_error){.status = SECANT_OK};
  if (!path || !*path) secanti_fail(&optimizer->error, SECANT_ERR_ARGUMENT, "a series of checkpoints needs a path");
  return secant_comm_agree(optimizer->comm, &optimizer->error);
}

secant_status secant_checkpoint_load_newest(secant_optimizer *optimizer, const char *path, const char *problem,
                                            char *loaded, size_t size)
{
  if (!optimizer) return SECANT_ERR_ARGUMENT;
  if (loaded && size > 0) *loaded = '\0';
  search of = {.optimizer = optimizer, .path = path, .problem = problem};
  secant_status status = SECANT_OK;
  SECANT_TRY(check_path(optimizer, path));
  status = report(&of, load_first_good(&of));
  if (status != SECANT_OK) goto done;
  if (loaded) snprintf(loaded, size, "%s", of.name);
  optimizer->distrusted = of.count > 0 ? secanti_checkpoint_mark(path) : 0;
done:
  free(of.name);
  return status;
}
