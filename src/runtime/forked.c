/* SPDX-License-Identifier: MIT */
#include "runtime/forked.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "runtime/annotate.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"

#define JOINED_MS 100 /* in which the kernel forgets a thread */

/* ThreadSanitizer has a thread of its own, which a child can do without. */
#ifdef COR_TSAN
#define OWN_THREADS 2
#else
#define OWN_THREADS 1
#endif

/* Each is a folder there, besides "." and "..". Without /proc it is not known. */
static bool has_threads(void)
{
	struct stat tasks;

	return stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 2 + OWN_THREADS;
}

bool cor_fork_is_safe(void)
{
	static const struct timespec moment = { .tv_nsec = COR_NS_PER_MS };

	if (cor_this_thread.scheduler)
		return false;
	for (int ms = 0; has_threads(); ms++) {
		if (ms == JOINED_MS)
			return false;
		(void)nanosleep(&moment, NULL);
	}
	return true;
}

unsigned cor_forked_count, cor_forked_home;

_Noreturn void cor_forked_end(void)
{
	static const char text[] =
		"coracle: a child of fork() came back from a job, and ends: let it call exec or "
		"_exit, or start programs with posix_spawn\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(EX_SOFTWARE);
}

static _Noreturn void refuse(void)
{
	static const char text[] =
		"coracle: a child of fork() went on in the scheduler of its parent: let it call exec "
		"or _exit, or start programs with posix_spawn\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(EX_SOFTWARE);
}

static int no_wait(const struct cor_poller *poller, int poll, struct epoll_event *events, int max,
	const struct cor_poll_until *until)
{
	(void)poller, (void)poll, (void)events, (void)max, (void)until;
	refuse();
}

static int no_accept(const struct cor_transport *transport, int fd, struct cor_address *ret_peer)
{
	(void)transport, (void)fd, (void)ret_peer;
	refuse();
}

/* The signature is the transport's: NOLINTBEGIN(readability-non-const-parameter) */
static ssize_t no_receive(
	const struct cor_transport *transport, int fd, void *ret, size_t bytes, bool *ret_more)
/* NOLINTEND(readability-non-const-parameter) */
{
	(void)transport, (void)fd, (void)ret, (void)bytes, (void)ret_more;
	refuse();
}

static ssize_t no_send(
	const struct cor_transport *transport, int fd, const void *data, size_t bytes)
{
	(void)transport, (void)fd, (void)data, (void)bytes;
	refuse();
}

static ssize_t no_send_file(
	const struct cor_transport *transport, int fd, int file, int64_t offset, size_t bytes)
{
	(void)transport, (void)fd, (void)file, (void)offset, (void)bytes;
	refuse();
}

static ssize_t no_send_vector(
	const struct cor_transport *transport, int fd, const struct iovec *parts, int count)
{
	(void)transport, (void)fd, (void)parts, (void)count;
	refuse();
}

static int no_shutdown(const struct cor_transport *transport, int fd, int how)
{
	(void)transport, (void)fd, (void)how;
	refuse();
}

static void no_abort(const struct cor_transport *transport, int fd)
{
	(void)transport, (void)fd;
	refuse();
}

static struct cor_poller poller_of_nobody;
static struct cor_transport transport_of_nobody;

static void in_child(void)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	cor_forked_count++;
	if (!scheduler)
		return;
	poller_of_nobody = *scheduler->reactor.poller;
	poller_of_nobody.wait = no_wait;
	scheduler->reactor.poller = &poller_of_nobody;
	transport_of_nobody = *scheduler->transport;
	transport_of_nobody.accept = no_accept;
	transport_of_nobody.receive = no_receive;
	transport_of_nobody.send = no_send;
	transport_of_nobody.send_more = no_send;
	transport_of_nobody.send_file = no_send_file;
	transport_of_nobody.send_vector = no_send_vector;
	transport_of_nobody.shutdown = no_shutdown;
	transport_of_nobody.abort = no_abort;
	scheduler->transport = &transport_of_nobody;
}

static void install(void)
{
	(void)pthread_atfork(NULL, NULL, in_child); /* without memory it is not watched */
}

void cor_forked_watch(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, install);
}

void cor_forked_settle(void)
{
	cor_forked_watch();
	cor_forked_home = cor_forked_count;
}
