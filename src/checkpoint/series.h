/*
 * The last checkpoints of a path: `path` is the newest, path.1 the one before it, and so on.
 *
 *   path.2  --rename-->  path.3          from the oldest end, and no further than to the first number that is free
 *   path.1  --rename-->  path.2
 *   path    ---link--->  path.1          path and path.1 are one file now
 *   temporary --rename--> path           which takes the place of the older one in one step
 *
 * So a kill at any instant leaves a complete `path`. Where there are no hard links, path is renamed to path.1 instead:
 * then path.1 is complete while `path` is not there.
 */
#ifndef SECANT_SERIES_H
#define SECANT_SERIES_H

#include <secant/secant.h>
#include <stdbool.h>

/* The most checkpoints of a path. */
enum { SECANTI_SERIES_LONGEST = 1000 };

/* Name of checkpoint `number` of a path, with a suffix, in memory of the caller; NULL without memory. Number 0 is the
 * path itself. */
char *secanti_series_name(const char *path, int number, const char *suffix);

/*
 * Puts the complete file `temporary` at the head of the series, which then has at most `keep` files: what an earlier save
 * kept beyond is removed. keep 0 replaces `path` and looks at no other file. If the file at `path` is distrusted, because
 * it could not be loaded, it is replaced too, and does not push a good one out. One process.
 * After an error `path` is what it was.
 */
secant_status secanti_series_replace(const char *temporary, const char *path, int keep, bool distrusted,
                                     secant_error *error);

/* The smallest number from `from` on of which there is a file; -1 if there is none. */
int secanti_series_find(const char *path, int from);

#endif
