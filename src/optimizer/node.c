/* Trees of named values: what state dicts are made of. Knows nothing of optimizers. */
#include "optimizer/node.h"
#include "base/base.h"
#include <stdlib.h>
#include <string.h>

struct secant_node {
  secant_node_kind kind;
  secant_node *parent; /* NULL at the root */
  char *key;           /* in a dict; NULL elsewhere */
  int64_t integer;
  double real;
  char *text;
  secant_tensor tensor; /* its arrays are the node's own */
  int64_t *shape;
  secant_piece *piece;
  secant_node **children; /* [count] of a list or dict */
  size_t count;
  size_t capacity;
};

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* What torch's documentation calls s and y is stored under torch's own keys. */
static const struct {
  const char *alias, *key;
} aliases[] = {{"s", "old_stps"}, {"y", "old_dirs"}};

static bool equals(const char *key, const char *name, size_t length)
{
  return strncmp(key, name, length) == 0 && key[length] == '\0';
}

static size_t find_key(const secant_node *dict, const char *name, size_t length)
{
  for (size_t i = 0; i < dict->count; i++) {
    if (equals(dict->children[i]->key, name, length)) return i;
  }
  return dict->count;
}

/* A position is digits alone. Returns the number of children if it is none of theirs. */
static size_t find_position(const secant_node *list, const char *name, size_t length)
{
  size_t position = 0;
  if (length == 0) return list->count;
  for (size_t i = 0; i < length; i++) {
    if (name[i] < '0' || name[i] > '9' || position >= list->count) return list->count;
    position = 10 * position + (size_t)(name[i] - '0');
  }
  return position < list->count ? position : list->count;
}

/* Index of the child called `name` [length]; the number of children if there is none. A real key goes before an
 * alias. */
static size_t find_child(const secant_node *node, const char *name, size_t length)
{
  if (node->kind == SECANT_NODE_LIST) return find_position(node, name, length);
  size_t index = find_key(node, name, length);
  for (size_t i = 0; index == node->count && i < sizeof aliases / sizeof *aliases; i++) {
    if (equals(aliases[i].alias, name, length)) index = find_key(node, aliases[i].key, strlen(aliases[i].key));
  }
  return index;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

secant_node_kind secant_node_get_kind(const secant_node *node)
{
  return node ? node->kind : SECANT_NODE_NONE;
}

size_t secant_node_size(const secant_node *node)
{
  return node ? node->count : 0;
}

const char *secant_node_key(const secant_node *node, size_t index)
{
  if (secant_node_get_kind(node) != SECANT_NODE_DICT || index >= node->count) return NULL;
  return node->children[index]->key;
}

secant_node *secant_node_at(const secant_node *node, size_t index)
{
  return index < secant_node_size(node) ? node->children[index] : NULL;
}

secant_node *secant_node_find(const secant_node *node, const char *path)
{
  secant_node *found = NULL;
  while (node && path) {
    const size_t length = strcspn(path, "/");
    found = secant_node_at(node, find_child(node, path, length));
    node = found;
    path = path[length] == '/' ? path + length + 1 : NULL;
  }
  return found;
}

secant_status secant_node_get_integer(const secant_node *node, int64_t *value)
{
  if (secant_node_get_kind(node) != SECANT_NODE_INTEGER || !value) return SECANT_ERR_MISMATCH;
  *value = node->integer;
  return SECANT_OK;
}

secant_status secant_node_get_real(const secant_node *node, double *value)
{
  const secant_node_kind kind = secant_node_get_kind(node);
  if ((kind != SECANT_NODE_REAL && kind != SECANT_NODE_INTEGER) || !value) return SECANT_ERR_MISMATCH;
  *value = kind == SECANT_NODE_REAL ? node->real : (double)node->integer;
  return SECANT_OK;
}

const char *secant_node_get_text(const secant_node *node)
{
  return secant_node_get_kind(node) == SECANT_NODE_TEXT ? node->text : NULL;
}

secant_status secant_node_get_tensor(const secant_node *node, secant_tensor *view)
{
  if (secant_node_get_kind(node) != SECANT_NODE_TENSOR || !view) return SECANT_ERR_MISMATCH;
  *view = node->tensor;
  return SECANT_OK;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static secant_node *make(secant_node_kind kind)
{
  secant_node *node = secanti_alloc(1, sizeof *node);
  if (node) node->kind = kind;
  return node;
}

static char *copy_text(const char *text, size_t length)
{
  char *copy = secanti_alloc(length + 1, 1);
  if (copy) memcpy(copy, text, length);
  return copy;
}

secant_node *secant_node_none(void)
{
  return make(SECANT_NODE_NONE);
}

secant_node *secant_node_integer(int64_t value)
{
  secant_node *node = make(SECANT_NODE_INTEGER);
  if (node) node->integer = value;
  return node;
}

secant_node *secant_node_real(double value)
{
  secant_node *node = make(SECANT_NODE_REAL);
  if (node) node->real = value;
  return node;
}

secant_node *secant_node_text(const char *text)
{
  secant_node *node = text ? make(SECANT_NODE_TEXT) : NULL;
  if (!node) return NULL;
  node->text = copy_text(text, strlen(text));
  if (node->text) return node;
  secant_node_destroy(node);
  return NULL;
}

secant_node *secant_node_list(void)
{
  return make(SECANT_NODE_LIST);
}

secant_node *secant_node_dict(void)
{
  return make(SECANT_NODE_DICT);
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

/* Number of elements of all ranks together; -1 if the shape makes no sense. */
static int64_t global_count(const secant_tensor *view)
{
  int64_t count = 1;
  if (view->dimensions < 0 || (view->dimensions > 0 && !view->shape)) return -1;
  for (int i = 0; i < view->dimensions; i++) {
    if (view->shape[i] < 0 || (view->shape[i] > 0 && count > INT64_MAX / view->shape[i])) return -1;
    count *= view->shape[i];
  }
  return count;
}

static bool makes_sense(const secant_tensor *view)
{
  if (!view || !secanti_is_element_type(view->dtype)) return false;
  const int64_t whole = global_count(view);
  int64_t end = 0;
  size_t held = 0;
  if (whole < 0 || view->pieces == 0 || !view->piece) return false;
  for (size_t i = 0; i < view->pieces; i++) {
    const secant_piece *piece = &view->piece[i];
    if (piece->first < end || piece->first > whole || piece->count > (uint64_t)(whole - piece->first)) return false;
    end = piece->first + (int64_t)piece->count;
    held += piece->count;
  }
  return held == view->local_count;
}

secant_node *secant_node_tensor(const secant_tensor *view)
{
  secant_node *node = makes_sense(view) ? make(SECANT_NODE_TENSOR) : NULL;
  if (!node) return NULL;
  const size_t dimensions = (size_t)view->dimensions;
  node->tensor = *view;
  node->tensor.shape = node->shape = secanti_alloc(dimensions, sizeof *node->shape);
  node->tensor.piece = node->piece = secanti_alloc(view->pieces, sizeof *node->piece);
  node->tensor.data = secanti_alloc(view->local_count, secanti_element_bytes(view->dtype));
  if (!node->shape || !node->piece || !node->tensor.data) {
    secant_node_destroy(node);
    return NULL;
  }
  if (dimensions > 0) memcpy(node->shape, view->shape, dimensions * sizeof *node->shape);
  memcpy(node->piece, view->piece, view->pieces * sizeof *node->piece);
  if (view->data) memcpy(node->tensor.data, view->data, view->local_count * secanti_element_bytes(view->dtype));
  return node;
}

/* ---- changing ---------------------------------------------------------------------------------------------------- */

bool secanti_node_is_root(const secant_node *node)
{
  return !node->parent;
}

/* Whether `node` is `child` or lies below it. */
static bool is_within(const secant_node *node, const secant_node *child)
{
  while (node && node != child) node = node->parent;
  return node != NULL;
}

/* A child that has a parent, or that the new parent lies in, is somebody else's: it is neither taken nor freed. */
static bool may_be_taken(const secant_node *parent, const secant_node *child)
{
  return child && !child->parent && !is_within(parent, child);
}

static bool make_room(secant_node *node)
{
  if (node->count < node->capacity) return true;
  const size_t capacity = node->capacity ? 2 * node->capacity : 8;
  secant_node **children = secanti_alloc(capacity, sizeof(secant_node *));
  if (!children) return false;
  if (node->count > 0) memcpy(children, node->children, node->count * sizeof *children);
  free(node->children);
  node->children = children;
  node->capacity = capacity;
  return true;
}

/* Puts `child` at `index`, in place of what is there, or at the end. Takes `key` over with it; neither on failure. */
static bool put(secant_node *node, size_t index, char *key, secant_node *child)
{
  if (index == node->count) {
    if (!make_room(node)) return false;
    node->count++;
  } else {
    node->children[index]->parent = NULL;
    secant_node_destroy(node->children[index]);
  }
  child->parent = node;
  child->key = key;
  node->children[index] = child;
  return true;
}

/* What is replaced under an alias keeps its own key. */
static char *key_at(const secant_node *dict, size_t index, const char *name)
{
  const char *key = index < dict->count ? dict->children[index]->key : name;
  return copy_text(key, strlen(key));
}

secant_status secant_node_set(secant_node *dict, const char *key, secant_node *child)
{
  if (!may_be_taken(dict, child)) return SECANT_ERR_ARGUMENT;
  if (secant_node_get_kind(dict) != SECANT_NODE_DICT || !key || !*key || strchr(key, '/')) {
    secant_node_destroy(child);
    return SECANT_ERR_ARGUMENT;
  }
  const size_t index = find_child(dict, key, strlen(key));
  char *own = key_at(dict, index, key);
  if (own && put(dict, index, own, child)) return SECANT_OK;
  free(own);
  secant_node_destroy(child);
  return SECANT_ERR_MEMORY;
}

secant_status secant_node_append(secant_node *list, secant_node *child)
{
  if (!may_be_taken(list, child)) return SECANT_ERR_ARGUMENT;
  const bool is_list = secant_node_get_kind(list) == SECANT_NODE_LIST;
  if (is_list && put(list, list->count, NULL, child)) return SECANT_OK;
  secant_node_destroy(child);
  return is_list ? SECANT_ERR_MEMORY : SECANT_ERR_ARGUMENT;
}

void secant_node_remove(secant_node *node, const char *key)
{
  const size_t index = node && key ? find_child(node, key, strlen(key)) : secant_node_size(node);
  secant_node *child = secant_node_at(node, index);
  if (!child) return;
  memmove(node->children + index, node->children + index + 1, (node->count - index - 1) * sizeof(secant_node *));
  node->count--;
  child->parent = NULL;
  secant_node_destroy(child);
}

/* ---- whole trees ------------------------------------------------------------------------------------------------- */

static secant_node *copy_value(const secant_node *node)
{
  switch (node->kind) {
  case SECANT_NODE_INTEGER: return secant_node_integer(node->integer);
  case SECANT_NODE_REAL: return secant_node_real(node->real);
  case SECANT_NODE_TEXT: return secant_node_text(node->text);
  case SECANT_NODE_TENSOR: return secant_node_tensor(&node->tensor);
  default: return make(node->kind);
  }
}

secant_node *secant_node_copy(const secant_node *node)
{
  secant_node *copy = node ? copy_value(node) : NULL;
  for (size_t i = 0; copy && i < node->count; i++) {
    const secant_node *from = node->children[i];
    secant_node *child = secant_node_copy(from);
    char *key = child && from->key ? copy_text(from->key, strlen(from->key)) : NULL;
    if (!child || (from->key && !key) || !put(copy, copy->count, key, child)) {
      free(key);
      secant_node_destroy(child);
      secant_node_destroy(copy);
      return NULL;
    }
  }
  return copy;
}

void secant_node_destroy(secant_node *node)
{
  if (!node || node->parent) return;
  for (size_t i = 0; i < node->count; i++) {
    node->children[i]->parent = NULL;
    secant_node_destroy(node->children[i]);
  }
  free(node->children);
  free(node->key);
  free(node->text);
  free(node->shape);
  free(node->piece);
  free(node->tensor.data);
  free(node);
}
