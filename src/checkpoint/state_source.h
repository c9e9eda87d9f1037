/* Values of a state dict in a file: attributes, or datasets in their place. */
#ifndef SECANT_STATE_SOURCE_H
#define SECANT_STATE_SOURCE_H

#include "checkpoint/state_file.h"

typedef struct secanti_source {
  const char *name;
  hid_t parent;
  hid_t attribute, dataset; /* one of them is negative */
  hid_t type, space;
  H5S_class_t extent;
  int dimensions;
  hsize_t shape[H5S_MAX_RANK];
  size_t count; /* elements */
} secanti_source;

/* An entry of a group of which nothing is known but the name. */
secanti_source secanti_source_named(hid_t parent, const char *name);

/* Opens an attribute, or takes a dataset over, and checks that its size can be true. secanti_source_close() it, also
 * after a failure. */
secant_status secanti_source_attribute(const secanti_state_file *state, hid_t parent, const char *name,
                                       secanti_source *from);
secant_status secanti_source_dataset(const secanti_state_file *state, hid_t parent, const char *name, hid_t dataset,
                                     secanti_source *from);
void secanti_source_close(secanti_source *from);

/* Fails with "entry: fault" or with "no memory". */
secant_status secanti_source_refuse(const secanti_state_file *state, const secanti_source *from, const char *fault);
secant_status secanti_source_no_memory(const secanti_state_file *state, const char *name);

/* All texts [from->count]: ERR_FORMAT if they are none. secanti_texts_free() them; NULL after an error. */
secant_status secanti_source_texts(const secanti_state_file *state, const secanti_source *from, char ***texts);
void secanti_texts_free(char **texts, size_t count);

/* Counts nodes before they are made: ERR_FORMAT if they are too many. */
secant_status secanti_source_count(secanti_state_file *state, const secanti_source *from, size_t more);

/* Appends to a list; a NULL child means that memory is out. */
secant_status secanti_source_append(const secanti_state_file *state, secant_node *list, secant_node *child,
                                    const char *name);

/* Makes a none, a single value or a list of values. `node` may be set after an error, too. */
secant_status secanti_source_values(secanti_state_file *state, const secanti_source *from, secant_node **node);

#endif
