/*
 * HDF5 1.10 cannot close a file that it cannot flush: it frees the file and keeps its identifier, and the program crashes
 * when HDF5 closes all identifiers at exit. So before it closes a file that was written, the file is flushed, which may
 * fail, and then gets another place to write to, which takes all: memory.
 */
#ifndef SECANT_DIVERT_H
#define SECANT_DIVERT_H

/* Lets every descriptor of this process that is open on the file at `path` lead to memory from now on. Nothing written
 * afterwards reaches the file. */
void secanti_divert(const char *path);

#endif
