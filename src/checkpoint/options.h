#ifndef SECANT_CHECKPOINT_OPTIONS_H
#define SECANT_CHECKPOINT_OPTIONS_H

#include <secant/secant.h>
#include <stdbool.h>

/* Completes the caller's options; NULL means the defaults. False if they are not valid. */
bool secanti_checkpoint_options_import(const secant_checkpoint_options *from, secant_checkpoint_options *to);

#endif
