/* Goes through all that is in a file, whoever put it there. */
#ifndef SECANT_WALK_H
#define SECANT_WALK_H

#include "checkpoint/h5_file.h"

/* Names in order; numbers in the order of their values. */
typedef struct secanti_names {
  char **entries; /* [count] owned */
  size_t count, capacity;
} secanti_names;

/* Names of the attributes of an object. secanti_names_free() them, also after a failure. */
secant_status secanti_names_of_attributes(const secanti_h5_file *file, hid_t object, secanti_names *names);
void secanti_names_free(secanti_names *names);

/* A group or dataset on the way. */
typedef struct secanti_object {
  hid_t id; /* open for the time of the visit */
  bool dataset;
  const char *path; /* "/" for the file itself */
} secanti_object;

typedef secant_status secanti_visit(void *user, const secanti_object *object);

/* Visits the file's outermost group, then all below it, each group before what is in it. A second name of what a state
 * dict lists under another (state_file.h) is passed over. Ends at the first failure. */
secant_status secanti_walk(const secanti_h5_file *file, secanti_visit *visit, void *user);

/* Opens the object at `path`; negative if there is none. H5Oclose() it. */
hid_t secanti_open_object(const secanti_h5_file *file, const char *path, bool *dataset);

/* Whether `group` has entries `name` and `other` that are one object. */
bool secanti_is_alias(hid_t group, const char *name, const char *other);

#endif
