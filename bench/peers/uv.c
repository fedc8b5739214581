/* SPDX-License-Identifier: MIT */
/* libuv's uv_queue_work(), with one thread. The loop tells of each job, as it always does. */
#include <uv.h>

#include "trial.h"

static uv_work_t requests[1000000];
static int left; /* of the batch */

static void nothing(uv_work_t *request)
{
	(void)request;
}

static void count_down(uv_work_t *request, int status)
{
	(void)request, (void)status;
	left--;
}

static void batch(int count)
{
	uv_loop_t *loop = uv_default_loop();

	left = count;
	for (int i = 0; i < count; i++)
		if (uv_queue_work(loop, &requests[i], nothing, count_down) < 0)
			abort();
	while (left != 0)
		uv_run(loop, UV_RUN_ONCE);
}

int main(int argc, char **argv)
{
	if (setenv("UV_THREADPOOL_SIZE", "1", 1) < 0)
		return 71;
	return trial_main(argc, argv, batch);
}
