#include "cli/report.h"
#include "cli/say.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct cli_report {
  cJSON *values; /* an object; its numbers are raw text, because cJSON prints doubles with 15 digits where it deems them
                    close enough, and has no integers beyond 2^53 */
  bool failed;
};

cli_report *report_create(void)
{
  cli_report *report = calloc(1, sizeof *report);
  if (report) report->values = cJSON_CreateObject();
  if (report && !report->values) report->failed = true;
  return report;
}

void report_destroy(cli_report *report)
{
  if (!report) return;
  cJSON_Delete(report->values);
  free(report);
}

static void note(cli_report *report, const cJSON *added)
{
  if (!added) report->failed = true;
}

void report_text(cli_report *report, const char *key, const char *value)
{
  if (report) note(report, cJSON_AddStringToObject(report->values, key, value));
}

void report_integer(cli_report *report, const char *key, int64_t value)
{
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, value);
  if (report) note(report, cJSON_AddRawToObject(report->values, key, text));
}

void report_number(cli_report *report, const char *key, double value)
{
  char text[40];
  snprintf(text, sizeof text, "%.17g", value);
  if (!isfinite(value))
    report_null(report, key);
  else if (report)
    note(report, cJSON_AddRawToObject(report->values, key, text));
}

void report_null(cli_report *report, const char *key)
{
  if (report) note(report, cJSON_AddNullToObject(report->values, key));
}

static void print_lines(const cJSON *values)
{
  const cJSON *value = NULL;
  cJSON_ArrayForEach(value, values) printf("%-18s %s\n", value->string, cJSON_IsNull(value) ? "-" : value->valuestring);
}

static secant_status print(const cli_report *report, bool json)
{
  if (!report || report->failed) return SECANT_ERR_MEMORY;
  if (json) {
    char *text = cJSON_PrintUnformatted(report->values);
    if (!text) return SECANT_ERR_MEMORY;
    puts(text);
    cJSON_free(text);
  } else {
    print_lines(report->values);
  }
  return fflush(stdout) == 0 && !ferror(stdout) ? SECANT_OK : SECANT_ERR_IO;
}

secant_status report_print(const cli_report *report, bool json, secant_comm *comm)
{
  secant_error error = {SECANT_OK, ""};
  if (secant_comm_rank(comm) == 0) error.status = print(report, json);
  if (error.status != SECANT_OK)
    snprintf(error.message, sizeof error.message, "the result could not be printed: %s",
             secant_status_text(error.status));
  const secant_status status = secant_comm_agree(comm, &error);
  if (status != SECANT_OK) say(comm, "%s", error.message);
  return status;
}
