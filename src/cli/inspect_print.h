/* What `secant inspect` prints: trees of secant/inspect.h as lines for people or as one JSON object. */
#ifndef SECANT_CLI_INSPECT_PRINT_H
#define SECANT_CLI_INSPECT_PRINT_H

#include <secant/inspect.h>
#include <stdbool.h>

/* The whole tree on one line of stdout: none is null, numbers that are not finite are texts. False without memory. */
bool inspect_print_json(const secant_node *tree);

/* A description, what is wanted most first; and a comparison, of which only what differs is shown. */
void inspect_print_description(const secant_node *tree);
void inspect_print_difference(const secant_node *tree);

/* A dict of single values: one line for each. */
void inspect_print_values(const secant_node *tree);

#endif
