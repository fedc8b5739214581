/* SPDX-License-Identifier: MIT */
/** How a process of a test ends, and what is known of it afterwards. */
#ifndef CORACLE_TESTING_ENDING_H
#define CORACLE_TESTING_ENDING_H

#include "testing/task.h"

/** End the calling process of a test, which has nothing more to say. */
_Noreturn void cor_end_process(void);

/**
 * A task has ended with this status: note in its outcome what that means, with its stack, its
 * output and the processes that it has left, which are ended; its folder is removed.
 */
void cor_ending_note(struct cor_task *task, int status);

/** Remove the folder that cor_test_folder() has made, if any. */
void cor_ending_remove_folder(struct cor_outcome *outcome);

#endif
