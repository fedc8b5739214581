/* SPDX-License-Identifier: MIT */
/** Standard input, output and error. Private to the app folder. */
#ifndef CORACLE_APP_DESCRIPTORS_H
#define CORACLE_APP_DESCRIPTORS_H

#include <coracle/api.h>

/**
 * Open /dev/null on closed ones, so that no file that is opened later gets their number, and the
 * log with it. Call it before anything is opened. Reading yields the end, writing to standard
 * output stays an error, the log is discarded. Returns 0 or the negative errno of open.
 */
int cor_descriptors_secure(void) COR_CHECKED;

#endif
