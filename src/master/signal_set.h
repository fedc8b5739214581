/* SPDX-License-Identifier: MIT */
/** The signals that the master obeys: it waits for them, and is never interrupted. */
#ifndef CORACLE_MASTER_SIGNAL_SET_H
#define CORACLE_MASTER_SIGNAL_SET_H

#include <coracle/api.h>

/** Block them in this thread, and those that it will start. */
void cor_signal_set_block(void);

/** A descriptor from which they are read, as of signalfd(). Returns it, or its negative errno. */
int cor_signal_set_open(void) COR_CHECKED;

#endif
