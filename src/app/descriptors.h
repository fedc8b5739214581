/* SPDX-License-Identifier: MIT */
/** Standard input, output and error. Private to the app folder. */
#ifndef CORACLE_APP_DESCRIPTORS_H
#define CORACLE_APP_DESCRIPTORS_H

#include <coracle/api.h>

/**
 * Open /dev/null on those that are closed, so that no file that is opened later gets their number and the log with it.
 * Before anything else is opened. Reading yields the end, writing to standard output stays an error, the log goes nowhere.
 * Returns 0 or the negative errno of open.
 */
int cor_descriptors_secure(void) COR_CHECKED;

#endif
