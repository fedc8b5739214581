/* SPDX-License-Identifier: MIT */
#include "service/told_times.h"

#include <strings.h>

#include <coracle/clock.h>

#include "base/buffer.h"
#include "http/chars.h"
#include "runtime/fiber.h"

#define NAMES_MAX 32 /* a line of some 2 KiB: those that come after them are left out */

/* All calls of a name in one request. */
struct cor_told_time {
	struct cor_told_time *next;
	const char *name;
	uint64_t ns, count;
};

/* Its address stands for the told exchange among the values of a ctx: a pointer, NULL later. */
static const char key;

static const struct cor_schema *key_of_values(void)
{
	return (const struct cor_schema *)(const void *)&key;
}

static struct cor_told_exchange *told_of(const struct cor_ctx *ctx)
{
	struct cor_told_exchange **const *told = cor_ctx_find_value(ctx, key_of_values());

	return told ? **told : NULL;
}

static struct cor_told_time *time_of(
	struct cor_told_exchange *told, struct cor_ctx *ctx, const char *name)
{
	struct cor_told_time *at = told->first;

	while (at && strcmp(at->name, name) != 0)
		at = at->next;
	if (at || told->len == NAMES_MAX)
		return at;
	at = cor_alloc(ctx, sizeof *at);
	if (!at)
		return NULL;
	*at = (struct cor_told_time){ .name = name };
	if (told->last)
		told->last->next = at;
	else
		told->first = at;
	told->last = at;
	told->len++;
	return at;
}

void cor_told_times_note(struct cor_ctx *ctx, const char *name, uint64_t ns)
{
	struct cor_exchange *x = cor_fiber_current() ? cor_exchange_of(ctx) : NULL;
	struct cor_told_exchange *told = x ? told_of(ctx) : NULL;
	struct cor_told_time *time = told ? time_of(told, &x->ctx, name) : NULL;

	if (!time)
		return;
	time->ns += ns;
	time->count++;
}

/* --- the lines --- */

/* Names are tokens there (RFC 9110 section 5.6.2). */
static void write_name(struct cor_buffer *line, const char *name)
{
	for (; *name; name++)
		cor_buffer_byte(line, cor_char_is(*name, COR_CHAR_TOKEN) ? *name : '_');
}

static void write_ms(struct cor_buffer *line, uint64_t ns)
{
	cor_buffer_printf(line, "%.3f", (double)ns / 1e6);
}

static void write_timing(struct cor_buffer *line, const struct cor_told_exchange *told, uint64_t ns)
{
	for (const struct cor_told_time *at = told->first; at; at = at->next) {
		write_name(line, at->name);
		cor_buffer_append_str(line, COR_STR(";dur="));
		write_ms(line, at->ns);
		if (at->count > 1)
			cor_buffer_printf(
				line, ";desc=\"%llu times\"", (unsigned long long)at->count);
		cor_buffer_append_str(line, COR_STR(", "));
	}
	cor_buffer_append_str(line, COR_STR("total;dur="));
	write_ms(line, ns);
}

static void add_line(struct cor_exchange *x, const char *name, struct cor_buffer *line)
{
	char *text = cor_buffer_error(line) < 0
			     ? NULL
			     : cor_arena_copy(&x->ctx.arena, line->data, line->len);

	/* an answer without it is better than none */
	if (text)
		cor_ignore(cor_exchange_add_field(x, name, (struct cor_str){ text, line->len }));
	cor_buffer_finish(line);
}

/* The handler has said it, or an answer before that could not be sent. */
static bool is_said(const struct cor_exchange *x, const char *name)
{
	for (const struct cor_reply_field *at = x->fields_out; at; at = at->next)
		if (at->name.len == strlen(name) &&
			strncasecmp(at->name.data, name, at->name.len) == 0)
			return true;
	return false;
}

static const struct cor_exchange_ops *tell(struct cor_exchange *x)
{
	struct cor_told_exchange *told = told_of(&x->ctx);
	/* NOLINTNEXTLINE(analyzer-null-dereference): it was set when the exchange began */
	uint64_t ns = (uint64_t)(cor_monotonic_ns() - told->began_ns);
	struct cor_buffer line = { 0 };

	if (told->tells.server_timing && !is_said(x, "Server-Timing")) {
		write_timing(&line, told, ns);
		add_line(x, "Server-Timing", &line);
	}
	if (told->tells.response_time && !is_said(x, "X-Response-Time")) {
		line = (struct cor_buffer){ 0 };
		write_ms(&line, ns);
		cor_buffer_append_str(&line, COR_STR("ms"));
		add_line(x, "X-Response-Time", &line);
	}
	return told->inner;
}

static int respond(
	struct cor_exchange *x, uint16_t status, struct cor_str content_type, struct cor_str body)
{
	return tell(x)->respond(x, status, content_type, body);
}

static int send_extents(struct cor_exchange *x, uint16_t status, struct cor_str content_type,
	struct cor_extents *extents)
{
	return tell(x)->send_extents(x, status, content_type, extents);
}

static int start(struct cor_exchange *x, uint16_t status, struct cor_str content_type)
{
	return tell(x)->start(x, status, content_type);
}

static int switch_protocols(struct cor_exchange *x, struct cor_str protocol)
{
	return tell(x)->switch_protocols(x, protocol);
}

int cor_told_times_begin(
	struct cor_told_exchange *told, struct cor_exchange *x, struct cor_told_times tells)
{
	*told = (struct cor_told_exchange){
		.ops = *x->ops,
		.inner = x->ops,
		.tells = tells,
		.began_ns = cor_monotonic_ns(),
	};
	told->known = cor_alloc(&x->ctx, sizeof *told->known);
	if (!told->known ||
		cor_ctx_set_value(&x->ctx, key_of_values(), sizeof told->known, &told->known) < 0)
		return -ENOMEM;
	*told->known = told;
	told->ops.respond = respond;
	told->ops.start = start;
	if (x->ops->send_extents)
		told->ops.send_extents = send_extents;
	if (x->ops->switch_protocols)
		told->ops.switch_protocols = switch_protocols;
	x->ops = &told->ops;
	return 0;
}

void cor_told_times_end(struct cor_told_exchange *told, struct cor_exchange *x)
{
	x->ops = told->inner;
	*told->known = NULL;
}
