#include "cli/problems/list.h"
#include "cli/commands.h"
#include "cli/problems/problem.h"
#include "cli/problems/suite/suite.h"
#include "cli/say.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Problem `index` of all, the large ones first. Returns false beyond the last. */
static bool kind_at(int index, cli_problem_kind *kind)
{
  int large = 0;
  while (problem_kind_at(large)) large++;
  if (index >= large && !suite_at(index - large)) return false;
  *kind = index < large ? *problem_kind_at(index) : problem_of_suite(suite_at(index - large));
  return true;
}

static int64_t unknowns(const cli_problem_kind *kind)
{
  cli_problem whole = {.kind = kind};
  problem_defaults(kind, whole.option);
  kind->cut(&whole, 1, 0);
  return whole.count;
}

static bool print_lines(void)
{
  cli_problem_kind kind;
  printf("%-32s %8s %14s  %s\n", "problem", "n", "optimum", "source");
  for (int i = 0; kind_at(i, &kind); i++) {
    char optimum[32] = "-";
    if (!isnan(kind.optimum)) snprintf(optimum, sizeof optimum, "%.6g", kind.optimum);
    printf("%-32s %8" PRId64 " %14s  %s\n", kind.name, unknowns(&kind), optimum, kind.source);
  }
  return true;
}

/* What JSON cannot say is null: that no optimum is known, and that there is none. */
static cJSON *json_of(const cli_problem_kind *kind)
{
  char optimum[32];
  snprintf(optimum, sizeof optimum, "%.17g", kind->optimum);
  cJSON *const json = cJSON_CreateObject();
  const bool made = cJSON_AddStringToObject(json, "name", kind->name) &&
                    cJSON_AddNumberToObject(json, "n", (double)unknowns(kind)) &&
                    (isfinite(kind->optimum) ? cJSON_AddRawToObject(json, "optimum", optimum)
                                             : cJSON_AddNullToObject(json, "optimum")) &&
                    cJSON_AddBoolToObject(json, "bounded", kind->optimum != -INFINITY) &&
                    cJSON_AddStringToObject(json, "source", kind->source);
  if (made) return json;
  cJSON_Delete(json);
  return NULL;
}

/* Returns false without memory. */
static bool print_json(void)
{
  cJSON *const array = cJSON_CreateArray();
  cli_problem_kind kind;
  bool made = array != NULL;
  for (int i = 0; made && kind_at(i, &kind); i++) {
    cJSON *const json = json_of(&kind);
    made = json && cJSON_AddItemToArray(array, json);
    if (json && !made) cJSON_Delete(json);
  }
  char *const text = made ? cJSON_PrintUnformatted(array) : NULL;
  if (text) puts(text);
  made = text != NULL;
  cJSON_free(text);
  cJSON_Delete(array);
  return made;
}

int problem_list(bool json, secant_comm *comm)
{
  secant_error error = {SECANT_OK, ""};
  if (secant_comm_rank(comm) == 0) {
    if (!(json ? print_json() : print_lines())) error.status = SECANT_ERR_MEMORY;
    if (fflush(stdout) != 0 || ferror(stdout)) error.status = SECANT_ERR_IO;
    if (error.status != SECANT_OK)
      snprintf(error.message, sizeof error.message, "the list could not be printed: %s",
               secant_status_text(error.status));
  }
  if (secant_comm_agree(comm, &error) == SECANT_OK) return EXIT_CONVERGED;
  say(comm, "%s", error.message);
  return EXIT_FAILED;
}
