/* SPDX-License-Identifier: MIT */
#include "memcached/request.h"

#include <inttypes.h>

#include "base/number.h"

#define RELATIVE_S (60 * 60 * 24 * 30)
#define LATEST_S   INT64_C(0x7fffffff) /* servers keep 32 bits */
#define NS_PER_S   INT64_C(1000000000)

int64_t cor_memcached_exptime(
	int64_t ttl_ms, enum cor_memcached_rounding rounding, int64_t realtime_ns)
{
	if (ttl_ms == COR_FOREVER)
		return 0;
	int64_t seconds = ttl_ms / 1000;
	if (rounding == COR_MEMCACHED_ROUND_UP && ttl_ms % 1000 != 0)
		seconds++;
	if (seconds <= RELATIVE_S)
		return seconds > 0 ? seconds : 1;
	int64_t now_s = realtime_ns / NS_PER_S;
	if (now_s <= RELATIVE_S || now_s > LATEST_S) /* a clock that is no use */
		return RELATIVE_S;
	return seconds > LATEST_S - now_s ? LATEST_S : now_s + seconds;
}

/* --- pieces --- */

static void add_number(struct cor_buffer *out, uint64_t number)
{
	char *room = cor_buffer_reserve(out, COR_NUMBER_BYTES);

	if (room)
		out->len += cor_number_print_uint64(number, room);
}

/* " 17", " O17" ... */
#define ADD(out, literal, number)                                                                  \
	do {                                                                                       \
		cor_buffer_literal((out), literal);                                                \
		add_number((out), (uint64_t)(number));                                             \
	} while (0)

static void add_key(struct cor_buffer *out, const struct cor_memcached_request *request)
{
	cor_buffer_append(out, request->key.text, request->key.len);
}

static void add_value(struct cor_buffer *out, const struct cor_memcached_request *request)
{
	cor_buffer_literal(out, "\r\n");
	cor_buffer_append_str(out, request->head);
	cor_buffer_append_str(out, request->body);
	cor_buffer_literal(out, "\r\n");
}

static uint64_t magnitude(int64_t by)
{
	return by < 0 ? -(uint64_t)by : (uint64_t)by;
}

/* --- meta --- */

static void end_meta(
	struct cor_buffer *out, const struct cor_memcached_request *request, uint32_t opaque)
{
	if (request->key.form == COR_MEMCACHED_BASE64)
		cor_buffer_literal(out, " b");
	ADD(out, " O", opaque);
}

static void write_meta_put(
	struct cor_buffer *out, const struct cor_memcached_request *request, uint32_t opaque)
{
	cor_buffer_literal(out, "ms ");
	add_key(out, request);
	ADD(out, " ", request->head.len + request->body.len);
	if (request->flags != 0)
		ADD(out, " F", request->flags);
	ADD(out, " T", request->exptime);
	if (request->how == COR_PUT_NEW)
		cor_buffer_literal(out, " ME");
	else if (request->how == COR_PUT_OVER)
		cor_buffer_literal(out, " MR");
	else if (request->how == COR_PUT_UNCHANGED)
		ADD(out, " C", request->version);
	end_meta(out, request, opaque);
	add_value(out, request);
}

static void write_meta_add(
	struct cor_buffer *out, const struct cor_memcached_request *request, uint32_t opaque)
{
	cor_buffer_literal(out, "ma ");
	add_key(out, request);
	ADD(out, " D", magnitude(request->by));
	if (request->by < 0)
		cor_buffer_literal(out, " MD");
	cor_buffer_literal(out, " v");
	end_meta(out, request, opaque);
	cor_buffer_literal(out, "\r\n");
}

static void write_meta(
	struct cor_buffer *out, const struct cor_memcached_request *request, uint32_t opaque)
{
	if (request->kind == COR_MEMCACHED_PUT) {
		write_meta_put(out, request, opaque);
		return;
	}
	if (request->kind == COR_MEMCACHED_ADD) {
		write_meta_add(out, request, opaque);
		return;
	}
	if (request->kind == COR_MEMCACHED_DELETE)
		cor_buffer_literal(out, "md ");
	else
		cor_buffer_literal(out, "mg ");
	add_key(out, request);
	if (request->kind == COR_MEMCACHED_GET)
		cor_buffer_literal(out, " v f t c k");
	if (request->kind == COR_MEMCACHED_TOUCH)
		ADD(out, " f T", request->exptime);
	end_meta(out, request, opaque);
	cor_buffer_literal(out, "\r\n");
}

/* --- text --- */

static void write_text_put(struct cor_buffer *out, const struct cor_memcached_request *request)
{
	static const struct cor_str verbs[] = {
		[COR_PUT_ALWAYS] = { "set ", 4 },
		[COR_PUT_NEW] = { "add ", 4 },
		[COR_PUT_OVER] = { "replace ", 8 },
		[COR_PUT_UNCHANGED] = { "cas ", 4 },
	};

	cor_buffer_append_str(out, verbs[request->how]);
	add_key(out, request);
	ADD(out, " ", request->flags);
	ADD(out, " ", request->exptime);
	ADD(out, " ", request->head.len + request->body.len);
	if (request->how == COR_PUT_UNCHANGED)
		ADD(out, " ", request->version);
	add_value(out, request);
}

static void write_text(struct cor_buffer *out, const struct cor_memcached_request *request)
{
	if (request->kind == COR_MEMCACHED_PUT) {
		write_text_put(out, request);
		return;
	}
	if (request->kind == COR_MEMCACHED_GET)
		cor_buffer_literal(out, "gets ");
	else if (request->kind == COR_MEMCACHED_DELETE)
		cor_buffer_literal(out, "delete ");
	else if (request->kind == COR_MEMCACHED_TOUCH)
		cor_buffer_literal(out, "touch ");
	else if (request->by < 0)
		cor_buffer_literal(out, "decr ");
	else
		cor_buffer_literal(out, "incr ");
	add_key(out, request);
	if (request->kind == COR_MEMCACHED_TOUCH)
		ADD(out, " ", request->exptime);
	if (request->kind == COR_MEMCACHED_ADD)
		ADD(out, " ", magnitude(request->by));
	cor_buffer_literal(out, "\r\n");
}

/* --- both --- */

/* A set whose value is "user password", before anything else. */
static void write_login(struct cor_buffer *out, const struct cor_memcached_request *request)
{
	ADD(out, "set login 0 0 ", request->head.len + request->body.len);
	add_value(out, request);
}

void cor_memcached_write(struct cor_buffer *out, enum cor_memcached_dialect dialect,
	const struct cor_memcached_request *request, uint32_t opaque)
{
	switch (request->kind) {
	case COR_MEMCACHED_FLUSH:
		cor_buffer_literal(out, "flush_all\r\n");
		break;
	case COR_MEMCACHED_HELLO:
		cor_buffer_literal(out, "mn\r\n");
		break;
	case COR_MEMCACHED_LOGIN:
		write_login(out, request);
		break;
	case COR_MEMCACHED_VERSION:
		cor_buffer_literal(out, "version\r\n");
		break;
	case COR_MEMCACHED_STATS:
		cor_buffer_literal(out, "stats\r\n");
		break;
	default:
		if (dialect == COR_MEMCACHED_META)
			write_meta(out, request, opaque);
		else
			write_text(out, request);
		break;
	}
}
