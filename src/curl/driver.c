/* SPDX-License-Identifier: MIT */
#include "curl/driver.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>

#include "base/compiler.h"

#define NS_PER_MS 1000000

/* A socket that curl waits for. */
struct cor_curl_watch {
	struct cor_watch watch;
	struct cor_curl_driver *driver;
	struct cor_curl_watch *next;
	struct cor_curl_watch *previous;
	uint32_t events; /* of epoll, whose EPOLLIN and EPOLLOUT are those of poll() */
};

static void tell_the_ended(struct cor_curl_driver *driver)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(driver->multi, &left))) {
		CURLcode result = message->data.result; /* the message goes with the next call */
		void *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		driver->events->ended(transfer, result);
	}
}

static void act(struct cor_curl_driver *driver, curl_socket_t fd, int what)
{
	int running;

	(void)curl_multi_socket_action(driver->multi, fd, what, &running);
	tell_the_ended(driver);
	driver->events->acted(driver->owner, fd != CURL_SOCKET_TIMEOUT);
}

/* An error, and the end of a stream, are found by reading and writing. */
static int curls_events(uint32_t events)
{
	const uint32_t either = EPOLLERR | EPOLLHUP;

	return ((events & (EPOLLIN | either)) ? CURL_CSELECT_IN : 0) |
	       ((events & (EPOLLOUT | either)) ? CURL_CSELECT_OUT : 0);
}

static void act_on(struct cor_curl_driver *driver, int fd, uint32_t events)
{
	act(driver, fd, curls_events(events));
}

static void ready(struct cor_watch *watch, uint32_t events)
{
	struct cor_curl_watch *own = cor_container_of(watch, struct cor_curl_watch, watch);

	act_on(own->driver, watch->fd, events); /* the watch may be gone by then */
}

static void set_due(struct cor_curl_driver *driver, long timeout_ms)
{
	driver->due_ns = timeout_ms < 0 ? COR_FOREVER
					: cor_monotonic_ns() + (int64_t)timeout_ms * NS_PER_MS;
	if (!driver->scheduler)
		return;
	if (timeout_ms < 0)
		driver->calls->timer_disarm(driver->scheduler, &driver->timer);
	else
		driver->calls->timer_arm(driver->scheduler, &driver->timer, driver->due_ns);
}

static int timer_wanted(CURLM *multi, long timeout_ms, void *arg)
{
	(void)multi;
	set_due(arg, timeout_ms);
	return 0;
}

/*
 * curl counts in milliseconds that it cuts, by a clock of its own. Called too early it does
 * nothing, and does not say again for when it has asked: so it is asked.
 */
static void time_is_up(struct cor_curl_driver *driver)
{
	long left_ms = -1;

	driver->due_ns = COR_FOREVER;
	act(driver, CURL_SOCKET_TIMEOUT, 0);
	if (driver->due_ns == COR_FOREVER &&
		curl_multi_timeout(driver->multi, &left_ms) == CURLM_OK && left_ms >= 0)
		set_due(driver, left_ms > 0 ? left_ms : 1);
}

static void fire(struct cor_timer *timer)
{
	time_is_up(cor_container_of(timer, struct cor_curl_driver, timer));
}

static void forget(struct cor_curl_watch *watch)
{
	struct cor_curl_driver *driver = watch->driver;

	if (driver->scheduler)
		driver->calls->reactor_remove(driver->scheduler, &watch->watch);
	if (watch->next)
		watch->next->previous = watch->previous;
	if (watch->previous)
		watch->previous->next = watch->next;
	else
		driver->watches = watch->next;
	driver->watches_len--;
	(void)curl_multi_assign(driver->multi, watch->watch.fd, NULL);
	free(watch);
}

static int begin_watching(struct cor_curl_driver *driver, int fd, uint32_t events)
{
	struct cor_curl_watch *watch = malloc(sizeof *watch);
	int rc = 0;

	if (!watch)
		return -ENOMEM;
	*watch = (struct cor_curl_watch){ .watch = { .fd = fd, .ready = ready },
		.driver = driver,
		.next = driver->watches,
		.events = events };
	if (driver->scheduler)
		rc = driver->calls->reactor_add(driver->scheduler, &watch->watch, events);
	if (rc < 0) {
		free(watch);
		return rc;
	}
	if (watch->next)
		watch->next->previous = watch;
	driver->watches = watch;
	driver->watches_len++;
	(void)curl_multi_assign(driver->multi, fd, watch);
	return 0;
}

static int change(struct cor_curl_driver *driver, struct cor_curl_watch *watch, uint32_t events)
{
	if (watch->events == events)
		return 0;
	watch->events = events;
	if (!driver->scheduler)
		return 0;
	return driver->calls->reactor_change(driver->scheduler, &watch->watch, events);
}

static uint32_t wanted_events(int what)
{
	return ((what & CURL_POLL_IN) ? (uint32_t)EPOLLIN : 0) |
	       ((what & CURL_POLL_OUT) ? (uint32_t)EPOLLOUT : 0);
}

/* If this failed, curl would give up every transfer: only that one ends. */
static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct cor_curl_driver *driver = arg;
	void *transfer = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	if (what == CURL_POLL_REMOVE) {
		if (assigned)
			forget(assigned);
		driver->events->forgot(transfer);
		return 0;
	}
	int rc = assigned ? change(driver, assigned, wanted_events(what))
			  : begin_watching(driver, fd, wanted_events(what));
	if (rc < 0)
		driver->events->unwatched(transfer, rc);
	return 0;
}

static struct cor_curl_watch *find(struct cor_curl_driver *driver, int fd)
{
	struct cor_curl_watch *watch = driver->watches;

	while (watch && watch->watch.fd != fd)
		watch = watch->next;
	return watch;
}

/*
 * A socket that never had a connection curl closes before it says so, and not at all if the next
 * one got its number: it takes that for watched.
 */
int cor_curl_driver_opened(struct cor_curl_driver *driver, int fd)
{
	struct cor_curl_watch *watch = find(driver, fd);

	if (!watch || !driver->scheduler)
		return 0;
	driver->calls->reactor_remove(driver->scheduler, &watch->watch);
	return driver->calls->reactor_add(driver->scheduler, &watch->watch, watch->events);
}

int cor_curl_driver_init(struct cor_curl_driver *driver, const struct cor_runtime_calls *calls,
	const struct cor_curl_events *events, void *owner)
{
	*driver = (struct cor_curl_driver){ .multi = curl_multi_init(),
		.calls = calls,
		.events = events,
		.owner = owner,
		.timer = { .due_ns = COR_FOREVER, .fire = fire },
		.due_ns = COR_FOREVER };
	if (!driver->multi)
		return -ENOMEM;
	curl_multi_setopt(driver->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
	curl_multi_setopt(driver->multi, CURLMOPT_SOCKETDATA, driver);
	curl_multi_setopt(driver->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
	curl_multi_setopt(driver->multi, CURLMOPT_TIMERDATA, driver);
	return 0;
}

void cor_curl_driver_finish(struct cor_curl_driver *driver)
{
	if (driver->scheduler != cor_scheduler_current())
		driver->scheduler = NULL; /* it has ended, and may be gone */
	curl_multi_cleanup(driver->multi);
	assert(!driver->watches); /* a connection that no call uses is not watched */
	if (driver->scheduler)
		driver->calls->timer_disarm(driver->scheduler, &driver->timer);
	free(driver->polled);
}

/*
 * A scheduler that has ended watches nothing: its fibers have ended their calls, and a connection
 * that no call uses is not watched. So there is nothing to be taken back from it.
 */
int cor_curl_driver_attach(struct cor_curl_driver *driver)
{
	struct cor_scheduler *scheduler = cor_scheduler_current();
	int rc = 0;

	if (driver->scheduler == scheduler)
		return 0;
	driver->scheduler = scheduler;
	driver->timer = (struct cor_timer){ .due_ns = COR_FOREVER, .fire = fire };
	if (!scheduler)
		return 0;
	if (driver->due_ns != COR_FOREVER)
		driver->calls->timer_arm(scheduler, &driver->timer, driver->due_ns);
	for (struct cor_curl_watch *watch = driver->watches; watch && rc == 0; watch = watch->next)
		rc = driver->calls->reactor_add(scheduler, &watch->watch, watch->events);
	return rc;
}

/* The sockets of a plain thread, for poll(): so many. */
static int list_watches(struct cor_curl_driver *driver)
{
	size_t len = 0;

	if (driver->watches_len > driver->polled_size) {
		void *room = realloc(driver->polled, driver->watches_len * sizeof *driver->polled);
		if (!room)
			return -ENOMEM;
		driver->polled = room;
		driver->polled_size = driver->watches_len;
	}
	for (struct cor_curl_watch *watch = driver->watches; watch; watch = watch->next)
		driver->polled[len++] = (struct pollfd){ .fd = watch->watch.fd,
			.events = (short)watch->events };
	return (int)len;
}

static int64_t until_due_ms(const struct cor_curl_driver *driver)
{
	if (driver->due_ns == COR_FOREVER)
		return COR_FOREVER;
	int64_t left_ns = driver->due_ns - cor_monotonic_ns();
	return left_ns <= 0 ? 0 : (left_ns + NS_PER_MS - 1) / NS_PER_MS;
}

static int poll_timeout(const struct cor_curl_driver *driver)
{
	int64_t due_ms = until_due_ms(driver);
	int64_t left_ms = cor_scope_remaining_ms();
	int64_t least_ms = due_ms < left_ms ? due_ms : left_ms;

	if (least_ms == COR_FOREVER)
		return -1;
	return least_ms > INT_MAX ? INT_MAX : (int)least_ms;
}

int cor_curl_driver_turn(struct cor_curl_driver *driver, const char *call)
{
	int rc = cor_scope_error();

	if (rc < 0)
		return driver->calls->wait_fail(call, rc);
	int len = list_watches(driver);
	if (len < 0)
		return len;
	if (poll(driver->polled, (nfds_t)len, poll_timeout(driver)) < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < len; i++)
		if (driver->polled[i].revents)
			act_on(driver, driver->polled[i].fd, (uint32_t)driver->polled[i].revents);
	if (until_due_ms(driver) == 0)
		time_is_up(driver);
	return 0;
}
