/* SPDX-License-Identifier: MIT */
#include "curl/callbacks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "curl/ending.h"

/* We end the transfer: what curl makes of it does not count. */
static void give_up(struct cor_curl_wire *wire, int rc)
{
	if (wire->own_rc == 0)
		wire->own_rc = rc;
}

/*
 * Before the head of the request is sent, on each connection. If one that was used before turns out
 * to be closed curl would send the request again on another, whatever its method is. To do so is
 * the client's: a second connection is not made.
 */
/* NOLINTNEXTLINE(readability-non-const-parameter): curl_prereq_callback has them so */
static int has_connection(void *arg, char *there, char *here, int port_there, int port_here)
{
	struct cor_curl_wire *wire = arg;
	long made = 0;

	(void)here;
	if (wire->has_connection) {
		give_up(wire, -ECONNRESET);
		return CURL_PREREQFUNC_ABORT;
	}
	curl_easy_getinfo(wire->easy, CURLINFO_NUM_CONNECTS, &made);
	wire->wire.is_reused = made == 0;
	wire->is_stale = made == 0 && cor_curl_kept_is_stale(wire, there, port_there, port_here);
	if (wire->is_stale)
		return CURL_PREREQFUNC_ABORT;
	wire->has_connection = true;
	cor_curl_wire_tell(wire);
	return CURL_PREREQFUNC_OK;
}

static int has_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct cor_curl_wire *wire = arg;

	(void)purpose;
	if (wire->has_connection) {
		give_up(wire, -ECONNRESET);
		return CURL_SOCKOPT_ERROR;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	int rc = cor_curl_driver_opened(&wire->state->driver, fd);
	if (rc < 0) {
		give_up(wire, rc);
		return CURL_SOCKOPT_ERROR;
	}
	return CURL_SOCKOPT_OK;
}

static size_t give(char *buffer, size_t size, size_t count, void *arg)
{
	struct cor_curl_wire *wire = arg;
	size_t len = size * count < wire->lent.len ? size * count : wire->lent.len;

	if (wire->lent.len == 0) {
		if (wire->has_sent_all)
			return 0;
		wire->is_send_paused = true;
		return CURL_READFUNC_PAUSE;
	}
	memcpy(buffer, wire->lent.data, len);
	wire->lent.data += len;
	wire->lent.len -= len;
	if (wire->lent.len == 0)
		cor_curl_wire_tell(wire);
	return len;
}

static size_t take_line(char *line, size_t size, size_t count, void *arg)
{
	struct cor_curl_wire *wire = arg;
	int rc = cor_curl_head_take(&wire->head, line, size * count);

	wire->wire.has_answer = true;
	if (rc < 0) {
		give_up(wire, rc);
		return 0;
	}
	if (wire->head.is_whole) {
		if (cor_curl_head_is_until_end(&wire->head))
			cor_curl_ending_await(wire);
		cor_curl_wire_tell(wire);
	}
	return size * count;
}

/* Room for `len` more bytes; what is read already makes way. */
static bool has_room(struct cor_curl_wire *wire, size_t len)
{
	if (wire->kept_at == wire->kept_end)
		wire->kept_at = wire->kept_end = 0;
	if (len <= wire->kept_size - wire->kept_end)
		return true;
	size_t kept = wire->kept_end - wire->kept_at;
	if (kept != 0)
		memmove(wire->kept, wire->kept + wire->kept_at, kept);
	wire->kept_at = 0;
	wire->kept_end = kept;
	if (len <= wire->kept_size - kept)
		return true;
	size_t size = wire->kept_size ? wire->kept_size : 4096;
	while (size < kept + len)
		size *= 2;
	char *grown = realloc(wire->kept, size);
	if (!grown)
		return false;
	wire->kept = grown;
	wire->kept_size = size;
	return true;
}

static size_t take_body(char *data, size_t size, size_t count, void *arg)
{
	struct cor_curl_wire *wire = arg;
	size_t kept = wire->kept_end - wire->kept_at;
	size_t len = size * count;

	if (kept != 0 && kept + len > COR_CURL_KEPT_BYTES) {
		wire->is_receive_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (!has_room(wire, len)) {
		give_up(wire, -ENOMEM);
		return 0;
	}
	memcpy(wire->kept + wire->kept_end, data, len);
	wire->kept_end += len;
	cor_curl_wire_tell(wire);
	return len;
}

void cor_curl_callbacks_set(struct cor_curl_wire *wire)
{
	CURL *easy = wire->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)wire);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, wire->said);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, has_connection);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, wire);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, has_socket);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, wire);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(easy, CURLOPT_READDATA, wire);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, wire);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, wire);
}
