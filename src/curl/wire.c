/* SPDX-License-Identifier: MIT */
#include "curl/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/fiber.h>

#include "base/compiler.h"
#include "curl/callbacks.h"
#include "curl/ending.h"
#include "curl/fault.h"
#include "curl/names.h"
#include "curl/options.h"

/* A buffer that a free wire may keep. */
#define KEPT_WHEN_FREE (16 * 1024)
/* What curl takes for a connection more than our own timeout, so that ours is the first. */
#define CONNECT_MORE_MS 1000

static struct cor_curl_wire *own(struct cor_wire *wire)
{
	return cor_container_of(wire, struct cor_curl_wire, wire);
}

static bool has_failed(const struct cor_curl_wire *wire)
{
	return wire->own_rc != 0 || wire->was_cut || (wire->has_ended && wire->result != CURLE_OK);
}

static bool is_over(const struct cor_curl_wire *wire)
{
	return wire->own_rc != 0 || wire->has_ended;
}

/* The answer is there before the request is whole: curl has stopped sending, or is about to. */
static bool is_unwanted(const struct cor_curl_wire *wire)
{
	return (wire->head.is_whole && wire->head.status >= 300) ||
	       (wire->has_ended && wire->result == CURLE_OK);
}

void cor_curl_wire_tell(struct cor_curl_wire *wire)
{
	struct cor_wait *waiter = wire->waiter;

	wire->waiter = NULL;
	if (waiter)
		wire->state->driver.calls->wait_signal(waiter);
}

static int park(struct cor_curl_wire *wire, const char *call)
{
	const struct cor_runtime_calls *calls = wire->state->driver.calls;
	struct cor_wait wait;

	calls->wait_begin(&wait, call);
	wire->waiter = &wait;
	int rc = calls->wait(&wait, COR_FOREVER);
	wire->waiter = NULL;
	return rc;
}

/* Wait until it is so, as the scope allows. */
static int await(struct cor_curl_wire *wire, bool (*is_so)(const struct cor_curl_wire *wire),
	const char *call)
{
	int rc = 0;

	while (rc == 0 && !is_so(wire))
		rc = cor_fiber_current() ? park(wire, call)
					 : cor_curl_driver_turn(&wire->state->driver, call);
	return rc;
}

/* Before each operation: what need not wait ends with the scope all the same. */
static int enter(struct cor_curl_wire *wire, const char *call)
{
	int rc = cor_scope_error();

	if (rc < 0)
		return wire->state->driver.calls->wait_fail(call, rc);
	return cor_curl_driver_attach(&wire->state->driver);
}

/* Tell curl which directions are stopped. It may hand over at once what it held back. */
static void set_pauses(struct cor_curl_wire *wire)
{
	int pauses = (wire->is_send_paused ? CURLPAUSE_SEND : 0) |
		     (wire->is_receive_paused ? CURLPAUSE_RECV : 0);

	if (is_over(wire))
		return;
	CURLcode result = curl_easy_pause(wire->easy, pauses);
	if (result != CURLE_OK) {
		wire->has_ended = true;
		wire->result = result;
	}
}

static void resume_sending(struct cor_curl_wire *wire)
{
	if (!wire->is_send_paused)
		return;
	wire->is_send_paused = false;
	set_pauses(wire);
}

static void resume_receiving(struct cor_curl_wire *wire)
{
	if (!wire->is_receive_paused)
		return;
	wire->is_receive_paused = false;
	set_pauses(wire);
}

/*
 * No more of the body will come. curl does not see that such a transfer is complete while it waits
 * for more to send; each event of a socket may have made it so: it is asked to look.
 */
static void refuse(struct cor_curl_wire *wire)
{
	if (wire->is_refused || wire->has_sent_all)
		return;
	wire->is_refused = true;
	wire->next = wire->state->refused;
	wire->state->refused = wire;
	resume_sending(wire);
}

/* A wire is in one of these lists at most: of a connection that has no body yet, or has one. */
static void leave(struct cor_curl_wire **list, struct cor_curl_wire *wire, bool *is_in)
{
	if (!*is_in)
		return;
	while (*list != wire)
		list = &(*list)->next;
	*list = wire->next;
	*is_in = false;
}

static void look_at_refused(struct cor_curl_state *state)
{
	for (struct cor_curl_wire *wire = state->refused; wire; wire = wire->next)
		resume_sending(wire);
}

/*
 * When the time of an address is up curl closes its socket, but goes on to the next address only
 * when something else happens. To stop and to resume a transfer makes it run.
 */
static void push(struct cor_curl_wire *wire)
{
	wire->has_lost_socket = false;
	if (wire->has_connection || is_over(wire))
		return;
	(void)curl_easy_pause(wire->easy, CURLPAUSE_ALL);
	(void)curl_easy_pause(wire->easy, CURLPAUSE_CONT);
}

static void forgot(void *transfer)
{
	struct cor_curl_wire *wire = transfer;

	if (wire->has_connection || wire->has_lost_socket)
		return;
	wire->has_lost_socket = true;
	wire->next = wire->state->pushed;
	wire->state->pushed = wire;
}

static void has_acted(void *owner, bool on_socket)
{
	struct cor_curl_state *state = owner;

	while (state->pushed) {
		struct cor_curl_wire *wire = state->pushed;
		state->pushed = wire->next;
		push(wire);
	}
	if (on_socket)
		look_at_refused(state);
}

/* curl does not say why it got no socket. Of ours that are missing no server is to blame. */
static long why_no_socket(void)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	long error = fd < 0 && errno != EBADF ? errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

static void has_ended(void *transfer, CURLcode result)
{
	struct cor_curl_wire *wire = transfer;

	wire->has_ended = true;
	wire->result = result;
	wire->was_cut = result == CURLE_OK && !cor_curl_ending_is_whole(wire);
	curl_easy_getinfo(wire->easy, CURLINFO_OS_ERRNO, &wire->os_error);
	if (result == CURLE_COULDNT_CONNECT && wire->os_error == 0)
		wire->os_error = why_no_socket();
	cor_curl_wire_tell(wire);
}

static void is_unwatched(void *transfer, int rc)
{
	struct cor_curl_wire *wire = transfer;

	if (wire->own_rc == 0)
		wire->own_rc = rc;
	cor_curl_wire_tell(wire);
}

const struct cor_curl_events cor_curl_wire_events = {
	.ended = has_ended,
	.unwatched = is_unwatched,
	.forgot = forgot,
	.acted = has_acted,
};

static struct cor_curl_wire *make(struct cor_curl_state *state)
{
	struct cor_curl_wire *wire = calloc(1, sizeof *wire);

	if (!wire)
		return NULL;
	wire->easy = curl_easy_init();
	if (!wire->easy) {
		free(wire);
		return NULL;
	}
	wire->state = state;
	return wire;
}

static struct cor_curl_wire *take_or_make(struct cor_curl_state *state)
{
	struct cor_curl_wire *wire = state->free;

	if (!wire)
		return make(state);
	state->free = wire->next;
	state->free_len--;
	return wire;
}

static void destroy(struct cor_curl_wire *wire)
{
	curl_easy_cleanup(wire->easy);
	free(wire->kept);
	free(wire);
}

/* All but what is used again: the handle and the buffer. */
static void clear(struct cor_curl_wire *wire)
{
	if (wire->kept_size > KEPT_WHEN_FREE) {
		free(wire->kept);
		wire->kept = NULL;
		wire->kept_size = 0;
	}
	wire->wire = (struct cor_wire){ 0 };
	wire->waiter = NULL;
	wire->is_added = wire->has_connection = wire->has_sent_all = false;
	wire->is_send_paused = wire->is_receive_paused = wire->has_ended = false;
	wire->was_cut = wire->is_stale = false;
	wire->result = CURLE_OK;
	wire->own_rc = 0;
	wire->os_error = 0;
	wire->lent = (struct cor_str){ 0 };
	wire->given = 0;
	wire->kept_at = wire->kept_end = 0;
	wire->said[0] = 0;
}

/*
 * A handle whose transfer has not gone well is used no more: what it remembers, as that a body must
 * be rewound, outlives curl_easy_reset(), and would fail the next call.
 */
static void put_back(struct cor_curl_wire *wire)
{
	struct cor_curl_state *state = wire->state;
	bool is_good = !wire->is_added || (wire->has_ended && !has_failed(wire));

	if (!is_good || state->free_len == COR_CURL_POOLED) {
		destroy(wire);
		return;
	}
	curl_easy_reset(wire->easy);
	clear(wire);
	wire->next = state->free;
	state->free = wire;
	state->free_len++;
}

void cor_curl_wires_free(struct cor_curl_state *state)
{
	while (state->free) {
		struct cor_curl_wire *wire = state->free;
		state->free = wire->next;
		destroy(wire);
	}
}

int cor_curl_wire_begin(struct cor_curl_state *state, const struct cor_carrier_request *request,
	struct cor_curl_wire **ret)
{
	struct cor_curl_wire *wire = take_or_make(state);

	if (!wire)
		return -ENOMEM;
	wire->wire.carrier = &cor_curl;
	wire->wire.request = request;
	cor_curl_head_init(&wire->head, request->arena,
		request->method.len == 4 && memcmp(request->method.data, "HEAD", 4) == 0);
	int rc = cor_curl_options_set(wire, request);
	if (rc < 0) {
		put_back(wire);
		return rc;
	}
	cor_curl_callbacks_set(wire);
	*ret = wire;
	return 0;
}

static bool is_connected(const struct cor_curl_wire *wire)
{
	return wire->has_connection || is_over(wire);
}

static void limit_connecting(struct cor_curl_wire *wire)
{
	int64_t left_ms = cor_scope_remaining_ms();

	if (left_ms < COR_CURL_CONNECT_MS_MAX)
		curl_easy_setopt(
			wire->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)left_ms + CONNECT_MORE_MS);
}

static int add(struct cor_curl_wire *wire)
{
	if (curl_multi_add_handle(wire->state->driver.multi, wire->easy) != CURLM_OK)
		return -ENOMEM;
	wire->is_added = true;
	return 0;
}

/* Nothing was sent: so any call may have another connection, one that nobody has used. */
static int add_anew(struct cor_curl_wire *wire)
{
	curl_multi_remove_handle(wire->state->driver.multi, wire->easy);
	leave(&wire->state->pushed, wire, &wire->has_lost_socket);
	wire->is_added = wire->is_stale = wire->has_ended = false;
	wire->wire.is_reused = false;
	wire->result = CURLE_OK;
	wire->said[0] = 0;
	curl_easy_setopt(wire->easy, CURLOPT_FRESH_CONNECT, 1L);
	return add(wire);
}

int cor_curl_wire_connect(struct cor_wire *base)
{
	static const char call[] = "cor_curl: connect";
	struct cor_curl_wire *wire = own(base);
	int rc = enter(wire, call);

	if (rc == 0)
		rc = cor_curl_names_set(wire);
	if (rc < 0)
		return rc;
	limit_connecting(wire);
	if (base->request->body_bytes == COR_BODY_ABSENT)
		wire->has_sent_all = true;
	rc = add(wire);
	if (rc == 0)
		rc = await(wire, is_connected, call);
	if (rc == 0 && wire->is_stale)
		rc = add_anew(wire);
	if (rc == 0)
		rc = await(wire, is_connected, call);
	if (rc < 0)
		return rc;
	return wire->has_connection ? 0 : cor_curl_fault(wire);
}

static bool is_taken(const struct cor_curl_wire *wire)
{
	return wire->lent.len == 0 || is_over(wire) || is_unwanted(wire);
}

/* 0 while the server takes what is sent. */
static int check_sending(struct cor_curl_wire *wire)
{
	if (is_unwanted(wire)) {
		refuse(wire);
		return -EPIPE;
	}
	return has_failed(wire) ? cor_curl_fault(wire) : 0;
}

/* A body of another length than was said would run into the next request on its connection. */
static int count(struct cor_curl_wire *wire, size_t len, bool is_all)
{
	int64_t said = wire->wire.request->body_bytes;

	if (said < 0)
		return 0;
	if (len <= (uint64_t)(said - wire->given) && !(is_all && wire->given != said)) {
		wire->given += (int64_t)len;
		return 0;
	}
	wire->own_rc = -EINVAL;
	return cor_curl_fault(wire);
}

int cor_curl_wire_send(struct cor_wire *base, const void *data, size_t len)
{
	static const char call[] = "cor_curl: send";
	struct cor_curl_wire *wire = own(base);
	int rc = enter(wire, call);

	if (rc == 0)
		rc = check_sending(wire);
	if (rc == 0)
		rc = count(wire, len, false);
	if (rc < 0 || len == 0)
		return rc;
	wire->lent = (struct cor_str){ data, len };
	resume_sending(wire);
	rc = await(wire, is_taken, call);
	bool is_all_taken = wire->lent.len == 0;
	wire->lent = (struct cor_str){ 0 };
	if (rc < 0 || is_all_taken)
		return rc;
	return check_sending(wire);
}

int cor_curl_wire_finish(struct cor_wire *base)
{
	struct cor_curl_wire *wire = own(base);
	int rc = enter(wire, "cor_curl: finish");

	if (rc < 0 || wire->has_sent_all)
		return rc;
	rc = check_sending(wire);
	if (rc == 0)
		rc = count(wire, 0, true);
	if (rc < 0)
		return rc;
	wire->has_sent_all = true;
	resume_sending(wire);
	return 0;
}

static bool has_head(const struct cor_curl_wire *wire)
{
	return wire->head.is_whole || is_over(wire);
}

int cor_curl_wire_receive_head(struct cor_wire *base, struct cor_carrier_answer *ret)
{
	static const char call[] = "cor_curl: receive head";
	struct cor_curl_wire *wire = own(base);
	const struct cor_curl_head *head = &wire->head;
	int rc = enter(wire, call);

	if (rc < 0)
		return rc;
	refuse(wire);
	rc = await(wire, has_head, call);
	if (rc < 0)
		return rc;
	if (!head->is_whole)
		return cor_curl_fault(wire);
	size_t bytes = head->fields_len * sizeof *head->fields;
	struct cor_http_field *fields = cor_arena_zalloc(
		base->request->arena, bytes + sizeof *fields);
	if (!fields)
		return -ENOMEM;
	memcpy(fields, head->fields, bytes);
	*ret = (struct cor_carrier_answer){ .status = head->status,
		.fields = fields,
		.fields_len = head->fields_len,
		.body_bytes = cor_curl_head_body_bytes(head) };
	return 0;
}

static bool has_body(const struct cor_curl_wire *wire)
{
	return wire->kept_at != wire->kept_end || is_over(wire);
}

ssize_t cor_curl_wire_receive(struct cor_wire *base, void *buffer, size_t size)
{
	static const char call[] = "cor_curl: receive";
	struct cor_curl_wire *wire = own(base);
	int rc = enter(wire, call);

	if (rc == 0)
		rc = await(wire, has_body, call);
	if (rc < 0)
		return rc;
	size_t len = wire->kept_end - wire->kept_at;
	if (len == 0)
		return has_failed(wire) ? cor_curl_fault(wire) : 0;
	if (len > size)
		len = size;
	memcpy(buffer, wire->kept + wire->kept_at, len);
	wire->kept_at += len;
	if (wire->kept_end - wire->kept_at <= COR_CURL_KEPT_BYTES / 2)
		resume_receiving(wire);
	return (ssize_t)len;
}

void cor_curl_wire_end(struct cor_wire *base)
{
	struct cor_curl_wire *wire = own(base);

	cor_curl_ending_forget(wire);
	if (wire->is_added) {
		if (!wire->has_ended || has_failed(wire))
			curl_easy_setopt(wire->easy, CURLOPT_FORBID_REUSE, 1L);
		else
			cor_curl_kept_note(wire);
		curl_multi_remove_handle(wire->state->driver.multi, wire->easy);
	}
	leave(&wire->state->refused, wire, &wire->is_refused);
	leave(&wire->state->pushed, wire, &wire->has_lost_socket);
	put_back(wire);
}
