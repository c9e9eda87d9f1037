/* What the library knows of a node beyond the public functions. */
#ifndef SECANT_NODE_H
#define SECANT_NODE_H

#include <secant/state.h>
#include <stdbool.h>

/* Whether a node has no parent, so that whoever holds it owns it. */
bool secanti_node_is_root(const secant_node *node);

#endif
