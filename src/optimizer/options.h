/* Options as the library keeps them: complete, checked, of this library's size. */
#ifndef SECANT_OPTIONS_H
#define SECANT_OPTIONS_H

#include <secant/secant.h>
#include <stdbool.h>

/* Completes a caller's options, which may be of an older or newer header, and checks them. NULL means the defaults. */
secant_status secanti_options_import(const secant_options *from, secant_options *to, secant_error *error);

#endif
