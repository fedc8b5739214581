/* SPDX-License-Identifier: MIT */
/** Which report is made of what has happened under `coracle dev`. */
#ifndef CORACLE_CLI_DEV_TELL_H
#define CORACLE_CLI_DEV_TELL_H

#include "cli/dev.h"

/** Nothing is wrong any more. */
void cor_dev_clear(struct cor_dev *dev);

/** make failed. */
void cor_dev_tell_build(struct cor_dev *dev, const struct cor_dev_child *make);

/** A service ended, or was ended because it was late, before it was ready. */
void cor_dev_tell_start(
	struct cor_dev *dev, const struct cor_dev_child *child, int status, bool was_late);

/** The service ended though nobody had asked it to. */
void cor_dev_tell_crash(struct cor_dev *dev, const struct cor_dev_child *child, int status);

/** Tests failed: what `coracle test` has said. */
void cor_dev_tell_tests(struct cor_dev *dev, const struct cor_dev_child *tests);

/** Look for crashes of processes that the service has started itself: workers of a master. */
void cor_dev_look_for_crashes(struct cor_dev *dev);

#endif
