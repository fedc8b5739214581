/* SPDX-License-Identifier: MIT */
/** A thread of the service that does not come back to its loop: where in the project it is. */
#ifndef CORACLE_CLI_DEV_HELD_H
#define CORACLE_CLI_DEV_HELD_H

#include "cli/dev.h"

/** Look for that in what the service has said since the last look, and tell file and line. */
void cor_dev_look_for_held(struct cor_dev *dev);

#endif
