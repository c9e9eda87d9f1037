/*
 * A trained model on disk, an HDF5 file that h5py reads as it is:
 *
 *   attributes  format, version, loss (text), l2, scale (f64), intercept, n_features (integers),
 *               classes (f64 [2] for logistic, [K] for softmax: the labels, in the order of the classes)
 *   datasets    weight f64 [K, D], bias f64 [K]
 */
#ifndef SECANT_CLI_MODEL_FILE_H
#define SECANT_CLI_MODEL_FILE_H

#include "cli/linear_model.h"

/* SECANT_ERR_UNSUPPORTED in a build without HDF5. */
secant_status model_file_supported(secant_error *error);

/* Writes the file; an older one is intact after an error. Not collective. */
secant_status model_file_write(const char *path, const linear_model *model, secant_error *error);

/* Creates the model that the file holds. Not collective. */
secant_status model_file_read(const char *path, linear_model *model, secant_error *error);

#endif
