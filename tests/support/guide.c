#include "support/guide.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The migration guide as one line with single blanks, so that a phrase is found wherever it is broken. */
static char *read_guide(const char *docs)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/migration.md", docs);
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("there is no %s", path);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  const long size = ftell(file);
  assert_true(size > 0);
  rewind(file);
  char *text = calloc((size_t)size + 1, 1);
  assert_non_null(text);
  size_t length = 0;
  for (int c = fgetc(file); c != EOF; c = fgetc(file)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (blank && length > 0 && text[length - 1] == ' ') continue;
    text[length++] = blank ? ' ' : (char)c;
  }
  fclose(file);
  return text;
}

void assert_guide_says(const char *docs, const char *phrase)
{
  char *text = read_guide(docs);
  const bool said = strstr(text, phrase) != NULL;
  free(text);
  if (!said) fail_msg("the migration guide does not say '%s'", phrase);
}
