/* Schedules as dicts. A load reads everything into values beside the schedule's own before it takes anything over. */
#include "base/base.h"
#include "optimizer/schedule.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- export ------------------------------------------------------------------------------------------------------ */

static secant_status set_integer(secant_node *dict, const char *key, int64_t value)
{
  secant_node *node = secant_node_integer(value);
  return node ? secant_node_set(dict, key, node) : SECANT_ERR_MEMORY;
}

static secant_status set_real(secant_node *dict, const char *key, double value)
{
  secant_node *node = secant_node_real(value);
  return node ? secant_node_set(dict, key, node) : SECANT_ERR_MEMORY;
}

/* Puts an empty list under `key`. */
static secant_status set_list(secant_node *dict, const char *key, secant_node **list)
{
  *list = secant_node_list();
  return *list ? secant_node_set(dict, key, *list) : SECANT_ERR_MEMORY;
}

static secant_status export_values(const secant_schedule *schedule, secant_node *dict)
{
  secant_status status = SECANT_OK;
  const secanti_schedule_form *form = &secanti_schedule_forms[schedule->kind];
  const secanti_schedule_values *values = &schedule->values;
  secant_node *kind = secant_node_text(form->name);
  SECANT_TRY(kind ? secant_node_set(dict, "kind", kind) : SECANT_ERR_MEMORY);
  if (form->count) SECANT_TRY(set_integer(dict, form->count, values->count));
  for (int i = 0; i < SECANTI_SCHEDULE_NUMBERS && form->numbers[i]; i++) {
    SECANT_TRY(set_real(dict, form->numbers[i], values->numbers[i]));
  }
  SECANT_TRY(set_real(dict, "base_lr", values->base));
  SECANT_TRY(set_integer(dict, "last_epoch", values->steps));
  SECANT_TRY(set_real(dict, "last_lr", values->last_lr));
done:
  return status;
}

static secant_status export_parts(const secant_schedule *sequence, secant_node *dict)
{
  secant_status status = SECANT_OK;
  secant_node *milestones, *parts;
  SECANT_TRY(set_list(dict, "milestones", &milestones));
  for (size_t i = 0; i + 1 < sequence->part_count; i++) {
    secant_node *milestone = secant_node_integer(sequence->milestones[i]);
    SECANT_TRY(milestone ? secant_node_append(milestones, milestone) : SECANT_ERR_MEMORY);
  }
  SECANT_TRY(set_list(dict, "parts", &parts));
  for (size_t i = 0; i < sequence->part_count; i++) {
    secant_node *part = NULL;
    SECANT_TRY(secant_schedule_state_dict(sequence->parts[i], &part));
    SECANT_TRY(secant_node_append(parts, part));
  }
done:
  return status;
}

secant_status secant_schedule_state_dict(const secant_schedule *schedule, secant_node **dict)
{
  if (dict) *dict = NULL;
  if (!schedule || !dict) return SECANT_ERR_ARGUMENT;
  secant_node *made = secant_node_dict();
  secant_status status = made ? export_values(schedule, made) : SECANT_ERR_MEMORY;
  if (status == SECANT_OK && schedule->kind == SECANTI_SCHEDULE_SEQUENTIAL) status = export_parts(schedule, made);
  if (status == SECANT_OK) {
    *dict = made;
  } else {
    secant_node_destroy(made);
  }
  return status;
}

/* ---- load -------------------------------------------------------------------------------------------------------- */

/* A dict, and where it lies in the one that is loaded: "" or "parts/1/". */
typedef struct source {
  const secant_node *dict;
  char place[32];
  secant_error *error;
} source;

static secant_status refuse(const source *from, const char *key)
{
  return secanti_fail(from->error, SECANT_ERR_MISMATCH,
                      "entry %s%s of the state of a schedule is missing, or is not what this schedule can have",
                      from->place, key);
}

static secant_status get_integer(const source *from, const char *key, int64_t least, int64_t *value)
{
  const bool found = secant_node_get_integer(secant_node_find(from->dict, key), value) == SECANT_OK;
  return found && *value >= least && *value < INT64_MAX ? SECANT_OK : refuse(from, key);
}

static secant_status get_amount(const source *from, const char *key, double *value)
{
  const bool found = secant_node_get_real(secant_node_find(from->dict, key), value) == SECANT_OK;
  return found && isfinite(*value) && *value >= 0.0 ? SECANT_OK : refuse(from, key);
}

/* Reads the values of a schedule of this kind, all of which must be there and in their ranges. */
static secant_status read_values(const source *from, secanti_schedule_kind kind, secanti_schedule_values *values)
{
  secant_status status = SECANT_OK;
  const secanti_schedule_form *form = &secanti_schedule_forms[kind];
  const char *name = secant_node_get_text(secant_node_find(from->dict, "kind"));
  if (!name || strcmp(name, form->name) != 0) return refuse(from, "kind");
  *values = (secanti_schedule_values){0};
  if (form->count) SECANT_TRY(get_integer(from, form->count, 1, &values->count));
  for (int i = 0; i < SECANTI_SCHEDULE_NUMBERS && form->numbers[i]; i++) {
    SECANT_TRY(get_amount(from, form->numbers[i], &values->numbers[i]));
  }
  SECANT_TRY(get_amount(from, "base_lr", &values->base));
  SECANT_TRY(get_integer(from, "last_epoch", 0, &values->steps));
  SECANT_TRY(get_amount(from, "last_lr", &values->last_lr));
done:
  return status;
}

static source part_of(const source *from, const secant_node *parts, size_t index)
{
  source part = {.dict = secant_node_at(parts, index), .error = from->error};
  snprintf(part.place, sizeof part.place, "parts/%zu/", index);
  return part;
}

/* Whether the dict has parts and milestones as the sequence has. */
static secant_status check_parts(const source *from, const secant_schedule *sequence)
{
  const secant_node *milestones = secant_node_find(from->dict, "milestones");
  const secant_node *parts = secant_node_find(from->dict, "parts");
  if (secant_node_get_kind(parts) != SECANT_NODE_LIST || secant_node_size(parts) != sequence->part_count) {
    return refuse(from, "parts");
  }
  if (secant_node_get_kind(milestones) != SECANT_NODE_LIST ||
      secant_node_size(milestones) != sequence->part_count - 1) {
    return refuse(from, "milestones");
  }
  int64_t before = 0, milestone = 0;
  for (size_t i = 0; i < secant_node_size(milestones); i++, before = milestone) {
    const secant_status read = secant_node_get_integer(secant_node_at(milestones, i), &milestone);
    if (read != SECANT_OK || milestone <= before) return refuse(from, "milestones");
  }
  for (size_t i = 0; i < sequence->part_count; i++) {
    secanti_schedule_values values;
    const source part = part_of(from, parts, i);
    if (read_values(&part, sequence->parts[i]->kind, &values) != SECANT_OK) return SECANT_ERR_MISMATCH;
  }
  return SECANT_OK;
}

/* Takes over what check_parts() has found good. */
static secant_status take_parts(const source *from, secant_schedule *sequence)
{
  secant_status status = SECANT_OK;
  const secant_node *milestones = secant_node_find(from->dict, "milestones");
  const secant_node *parts = secant_node_find(from->dict, "parts");
  for (size_t i = 0; i < secant_node_size(milestones); i++) {
    SECANT_TRY(secant_node_get_integer(secant_node_at(milestones, i), &sequence->milestones[i]));
  }
  for (size_t i = 0; i < sequence->part_count; i++) {
    const source part = part_of(from, parts, i);
    SECANT_TRY(read_values(&part, sequence->parts[i]->kind, &sequence->parts[i]->values));
  }
done:
  return status;
}

secant_status secant_schedule_load_state_dict(secant_schedule *schedule, const secant_node *dict, secant_error *error)
{
  if (error) *error = (secant_error){.status = SECANT_OK};
  if (!schedule || !dict) return secanti_fail(error, SECANT_ERR_ARGUMENT, "the schedule or the dict to load is NULL");
  secant_status status = SECANT_OK;
  const source from = {.dict = dict, .error = error};
  secanti_schedule_values values;
  SECANT_TRY(read_values(&from, schedule->kind, &values));
  if (schedule->kind == SECANTI_SCHEDULE_SEQUENTIAL) {
    SECANT_TRY(check_parts(&from, schedule));
    SECANT_TRY(take_parts(&from, schedule));
  }
  schedule->values = values;
done:
  return status;
}
