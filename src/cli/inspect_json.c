#include "cli/inspect_print.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Numbers are raw text, because cJSON keeps neither 17 digits nor integers beyond 2^53. */
static cJSON *json_of_number(const secant_node *node)
{
  char text[40];
  int64_t integer = 0;
  double real = 0.0;
  if (secant_node_get_integer(node, &integer) == SECANT_OK) {
    snprintf(text, sizeof text, "%" PRId64, integer);
  } else if (secant_node_get_real(node, &real) == SECANT_OK) {
    snprintf(text, sizeof text, "%.17g", real);
    if (!isfinite(real)) return cJSON_CreateString(isnan(real) ? "nan" : text);
  }
  return cJSON_CreateRaw(text);
}

static cJSON *json_of(const secant_node *node);

/* A NULL child is one without memory. */
static cJSON *json_of_children(const secant_node *node)
{
  const bool dict = secant_node_get_kind(node) == SECANT_NODE_DICT;
  cJSON *json = dict ? cJSON_CreateObject() : cJSON_CreateArray();
  for (size_t i = 0; json && i < secant_node_size(node); i++) {
    cJSON *child = json_of(secant_node_at(node, i));
    const bool added = child && (dict ? cJSON_AddItemToObject(json, secant_node_key(node, i), child)
                                      : cJSON_AddItemToArray(json, child));
    if (added) continue;
    cJSON_Delete(child);
    cJSON_Delete(json);
    return NULL;
  }
  return json;
}

static cJSON *json_of(const secant_node *node)
{
  switch (secant_node_get_kind(node)) {
  case SECANT_NODE_INTEGER:
  case SECANT_NODE_REAL: return json_of_number(node);
  case SECANT_NODE_TEXT: return cJSON_CreateString(secant_node_get_text(node));
  case SECANT_NODE_LIST:
  case SECANT_NODE_DICT: return json_of_children(node);
  default: return cJSON_CreateNull();
  }
}

bool inspect_print_json(const secant_node *tree)
{
  cJSON *json = json_of(tree);
  char *text = json ? cJSON_PrintUnformatted(json) : NULL;
  const bool printed = text != NULL;
  if (text) puts(text);
  cJSON_free(text);
  cJSON_Delete(json);
  return printed;
}
