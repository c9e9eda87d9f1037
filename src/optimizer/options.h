/* Options as the library keeps them: complete, checked, of this library's size. */
#ifndef SECANT_OPTIONS_H
#define SECANT_OPTIONS_H

#include <secant/secant.h>
#include <secant/state.h>
#include <stdbool.h>

/* Completes a caller's options, which may be of an older or newer header, and checks them. NULL means the defaults. */
secant_status secanti_options_import(const secant_options *from, secant_options *to, secant_error *error);

/* What kind of value row `index` of the option table has: INTEGER, REAL, or TEXT for a choice. */
secant_node_kind secanti_options_kind(size_t index);

#endif
