/* SPDX-License-Identifier: MIT */
#include "testing/heap.h"
#include "testing/leak.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testing/sanitizer.h"

#define THREADS_LOOKS 100 /* for one that is about to end, a millisecond each */

static void tell(struct cor_outcome *outcome, const char *what)
{
	outcome->failures[COR_PHASE_AFTER]++;
	outcome->has_own_failure = true;
	cor_outcome_say(outcome, "left behind: %s\n", what);
}

/* --- descriptors --- */

static bool is_open_in(const struct cor_leak_mark *mark, int fd)
{
	for (size_t i = 0; i < mark->open_len; i++)
		if (mark->open[i] == fd)
			return true;
	return false;
}

/* Call `found` for each that is open, but for the one that this opens itself. */
static void each_descriptor(void (*found)(int fd, void *arg), void *arg)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder)) != NULL) {
		char *end;
		long fd = strtol(entry->d_name, &end, 10);
		if (end != entry->d_name && *end == '\0' && fd != dirfd(folder))
			found((int)fd, arg);
	}
	closedir(folder);
}

static void note_descriptor(int fd, void *arg)
{
	struct cor_leak_mark *mark = arg;

	if (mark->open_len < COR_LEAK_DESCRIPTORS_MAX)
		mark->open[mark->open_len++] = fd;
}

struct look {
	const struct cor_leak_mark *mark;
	struct cor_outcome *outcome;
};

static void tell_descriptor(int fd, void *arg)
{
	const struct look *look = arg;
	char link[64], target[PATH_MAX], line[PATH_MAX + 64];

	if (is_open_in(look->mark, fd))
		return;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, target, sizeof target - 1);
	target[len > 0 ? len : 0] = '\0';
	snprintf(line, sizeof line, "descriptor %d, open on %s", fd, target);
	tell(look->outcome, line);
}

/* --- threads --- */

static size_t count_threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	struct dirent *entry;
	size_t count = 0;

	while (folder && (entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return count;
}

/* ThreadSanitizer has threads of its own, and starts them when it likes. */
static void tell_threads(const struct cor_leak_mark *mark, struct cor_outcome *outcome)
{
	size_t count = count_threads();
	char line[64];

	for (int i = 0; i < THREADS_LOOKS && count > mark->threads; i++) {
		poll(NULL, 0, 1);
		count = count_threads();
	}
	if (count <= mark->threads || cor_has_tsan())
		return;
	snprintf(line, sizeof line, "%zu running thread%s", count - mark->threads,
		count - mark->threads == 1 ? "" : "s");
	tell(outcome, line);
}

/* --- children --- */

/* Those that a thread has begun, and daemons that were given to it. Returns how many. */
static size_t end_children_of(const char *thread, bool waits)
{
	char path[PATH_MAX];
	int pid;
	size_t count = 0;

	snprintf(path, sizeof path, "/proc/self/task/%s/children", thread);
	FILE *in = fopen(path, "re");
	while (in && fscanf(in, "%d", &pid) == 1) { // NOLINT(cert-err34-c)
		kill(pid, SIGKILL);
		/* No other: one that is a child only now, as its parent ended, was not killed. */
		while (waits && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
		}
		count++;
	}
	if (in)
		fclose(in);
	return count;
}

/* Of all threads. 0: there is none, or none that can be found. */
static size_t each_child(bool waits)
{
	DIR *folder = opendir("/proc/self/task");
	struct dirent *entry;
	size_t count = 0;

	while (folder && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			count += end_children_of(entry->d_name, waits);
	if (folder)
		closedir(folder);
	return count;
}

/* All are killed first: one that another traces is over only when that one is. */
static size_t end_children(void)
{
	(void)each_child(false);
	return each_child(true);
}

static void tell_children(struct cor_outcome *outcome, unsigned allowed)
{
	pid_t pid;
	bool is_over = false;

	/* One that is over may have left a daemon, which counts for more. */
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		is_over = true;
	bool runs = pid == 0;
	if (!runs && !is_over)
		return;
	while (end_children() > 0) {
	}
	if ((allowed & COR_LEAK_CHILDREN) == 0)
		tell(outcome, runs ? "a child process, which has been ended now"
				   : "a child process that nobody has waited for");
}

/* --- all --- */

void cor_leak_mark(struct cor_leak_mark *mark)
{
	mark->open_len = 0;
	each_descriptor(note_descriptor, mark);
	mark->threads = count_threads();
	mark->bytes = cor_heap_bytes();
}

void cor_leak_tell(const struct cor_leak_mark *mark, struct cor_outcome *outcome, unsigned allowed)
{
	struct look look = { mark, outcome };

	tell_children(outcome, allowed);
	if ((allowed & COR_LEAK_THREADS) == 0)
		tell_threads(mark, outcome);
	if ((allowed & COR_LEAK_DESCRIPTORS) == 0)
		each_descriptor(tell_descriptor, &look);
	if ((allowed & COR_LEAK_MEMORY) == 0 && cor_has_asan() && cor_sanitizer_finds_leaks())
		tell(outcome, "memory: see what LeakSanitizer says in its output");
}
