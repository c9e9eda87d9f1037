/* What the documentation promises to say. */
#ifndef SECANT_TESTS_GUIDE_H
#define SECANT_TESTS_GUIDE_H

/* Fails the running test unless the migration guide, migration.md in the directory `docs`, contains the phrase. */
void assert_guide_says(const char *docs, const char *phrase);

#endif
