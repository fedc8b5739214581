/* SPDX-License-Identifier: MIT */
/*
 * oneTBB, with one worker. Whoever waits for a batch works on it too, as is its way; a job that is
 * to come there and back goes to the worker.
 */
#include <condition_variable>
#include <mutex>

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include "trial.h"

static std::mutex lock;
static std::condition_variable done;
static bool is_done;

static void round_trip(tbb::task_arena &arena)
{
	is_done = false;
	arena.enqueue([] {
		std::lock_guard<std::mutex> guard(lock);
		is_done = true;
		done.notify_one();
	});
	std::unique_lock<std::mutex> guard(lock);
	done.wait(guard, [] { return is_done; });
}

static void batch(int count)
{
	static tbb::task_arena worker(1, 0);
	tbb::task_group group;

	if (count == 1) {
		round_trip(worker);
		return;
	}
	for (int i = 0; i < count; i++)
		group.run([] {});
	group.wait();
}

int main(int argc, char **argv)
{
	tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);

	return trial_main(argc, argv, batch);
}
