/* SPDX-License-Identifier: MIT */
#include "script/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/arena.h>
#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "client/carrier.h"
#include "runtime/wait.h"

struct line {
	struct line *next;
	struct cor_scripted said;
	struct cor_str body;
	uint32_t left;
};

struct call {
	struct call *next;
	struct cor_script_call call;
};

struct cor_script {
	struct cor_carrier carrier; /* its calls get the script by this */
	struct cor_arena arena;
	struct line *lines, **lines_end;
	struct call *calls, **calls_end;
	size_t calls_len;
};

struct wire {
	struct cor_wire wire;
	struct cor_script *script;
	struct call *made;
	struct cor_buffer sent;
	const struct line *line; /* NULL: none fits */
	size_t received;
};

/* --- what is written down --- */

static const struct cor_http_field *copy_fields(
	struct cor_arena *arena, const struct cor_http_field *fields, size_t len, bool has_type)
{
	struct cor_http_field *copy = cor_arena_zalloc(arena, (len + 2) * sizeof *copy);

	if (!copy)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		copy[i].name = cor_arena_strdup(arena, fields[i].name);
		copy[i].value = cor_arena_strdup(arena, fields[i].value);
		if (!copy[i].name || !copy[i].value)
			return NULL;
		has_type |= strcasecmp(fields[i].name, "Content-Type") == 0;
	}
	if (!has_type)
		copy[len] = (struct cor_http_field){ "Content-Type", "application/json" };
	return copy;
}

static size_t count(const struct cor_http_field *fields)
{
	size_t len = 0;

	while (fields && fields[len].name)
		len++;
	return len;
}

static const char *keep(struct cor_arena *arena, const char *text, bool *ok)
{
	const char *copy = text ? cor_arena_strdup(arena, text) : NULL;

	*ok &= !text || copy;
	return copy;
}

int cor_script_add(struct cor_script *script, const struct cor_scripted *said)
{
	struct cor_arena *arena = &script->arena;
	struct line *line = cor_arena_zalloc(arena, sizeof *line);
	const char *body = said->body ? said->body : "";
	size_t bytes = said->body_bytes ? said->body_bytes : strlen(body);
	bool ok = true;

	if (!line)
		return -ENOMEM;
	line->said = *said;
	line->said.upstream = keep(arena, said->upstream, &ok);
	line->said.method = keep(arena, said->method, &ok);
	line->said.path = keep(arena, said->path, &ok);
	line->said.request_body = keep(arena, said->request_body, &ok);
	line->said.headers = copy_fields(arena, said->headers, count(said->headers), false);
	line->body = (struct cor_str){ cor_arena_copy(arena, body, bytes), bytes };
	line->left = said->times ? said->times : 1;
	if (!ok || !line->said.headers || !line->body.data)
		return -ENOMEM;
	*script->lines_end = line;
	script->lines_end = &line->next;
	return 0;
}

const struct cor_scripted *cor_script_unused(
	const struct cor_script *script, size_t i, uint32_t *ret_left)
{
	for (const struct line *line = script->lines; line; line = line->next) {
		if (line->left == 0 || line->said.times == COR_SCRIPT_ALWAYS || i-- > 0)
			continue;
		*ret_left = line->left;
		return &line->said;
	}
	return NULL;
}

/* --- what was asked --- */

size_t cor_script_len(const struct cor_script *script)
{
	return script->calls_len;
}

const struct cor_script_call *cor_script_call(const struct cor_script *script, size_t i)
{
	const struct call *call = script->calls;

	while (call && i-- > 0)
		call = call->next;
	return call ? &call->call : NULL;
}

const char *cor_script_header(const struct cor_script_call *call, const char *name)
{
	for (const struct cor_http_field *field = call->headers; field->name; field++)
		if (strcasecmp(field->name, name) == 0)
			return field->value;
	return NULL;
}

static const char *text_of(struct cor_arena *arena, struct cor_str text)
{
	return cor_arena_copy(arena, text.data ? text.data : "", text.len);
}

static struct call *note(struct cor_script *script, const struct cor_carrier_request *request)
{
	struct cor_arena *arena = &script->arena;
	struct call *call = cor_arena_zalloc(arena, sizeof *call);

	if (!call)
		return NULL;
	call->call = (struct cor_script_call){
		.upstream = text_of(arena, request->authority),
		.method = text_of(arena, request->method),
		.path = text_of(arena, request->path),
		.proxy = text_of(arena, request->destination->proxy),
		.headers = copy_fields(arena, request->fields, request->fields_len, true),
		.body = { "", 0 },
		.at_ns = cor_monotonic_ns(),
	};
	if (request->destination->tls)
		call->call.tls = (const void *)cor_arena_copy(
			arena, request->destination->tls, sizeof *call->call.tls);
	if (!call->call.upstream || !call->call.method || !call->call.proxy || !call->call.path ||
		!call->call.headers)
		return NULL;
	*script->calls_end = call;
	script->calls_end = &call->next;
	script->calls_len++;
	return call;
}

/* --- the carrier --- */

static int open_script(
	const struct cor_carrier *carrier, const struct cor_carrier_calls *calls, void **ret_state)
{
	(void)calls;
	*ret_state = cor_container_of(carrier, struct cor_script, carrier);
	return 0;
}

static void close_script(void *state)
{
	(void)state;
}

static bool fits(const char *wanted, struct cor_str text)
{
	return !wanted || cor_str_equal(cor_str(wanted), text);
}

static struct line *find(struct wire *wire, bool with_body)
{
	const struct cor_carrier_request *request = wire->wire.request;
	const struct cor_str sent = { wire->sent.data ? wire->sent.data : "", wire->sent.len };
	struct line *line = wire->script->lines;

	while (line && (line->left == 0 || !fits(line->said.method, request->method) ||
			       !fits(line->said.path, request->path) ||
			       !fits(line->said.upstream, request->authority) ||
			       (with_body && !fits(line->said.request_body, sent))))
		line = line->next;
	return line;
}

/* NULL: another request has used the last of it while this one was waiting. */
static void use_up(struct line *line)
{
	if (line && line->left != COR_SCRIPT_ALWAYS)
		line->left--;
}

static int fault(struct wire *wire, enum cor_failure kind, int code, const char *text)
{
	wire->wire.fault.kind = kind;
	snprintf(wire->wire.fault.text, sizeof wire->wire.fault.text, "%s", text);
	return code;
}

static int begin(void *state, const struct cor_carrier_request *request, struct cor_wire **ret)
{
	struct cor_script *script = state;
	struct wire *wire = calloc(1, sizeof *wire);

	if (!wire)
		return -ENOMEM;
	wire->wire.carrier = &script->carrier;
	wire->wire.request = request;
	wire->script = script;
	*ret = &wire->wire;
	return 0; /* NOLINT(analyzer-malloc-leak): *ret is a part of it */
}

static struct wire *of(struct cor_wire *wire)
{
	return cor_container_of(wire, struct wire, wire);
}

/* As a real one, it waits in the call: the handler has not slept. */
static int rest(int64_t ms)
{
	int rc = ms ? cor_sleep_ms(ms) : 0;

	return rc < 0 ? cor_wait_fail("cor_http_call", rc) : 0;
}

/* The body is not known yet: of lines that differ in that the first one decides. */
static int connect_wire(struct cor_wire *base)
{
	struct wire *wire = of(base);
	const struct line *line = find(wire, false);

	wire->made = note(wire->script, base->request);
	if (!wire->made)
		return -ENOMEM;
	int rc = line ? rest(line->said.connect_ms) : 0;
	if (rc < 0)
		return rc;
	if (line && line->said.fault == COR_SCRIPT_REFUSED)
		rc = fault(wire, COR_FAILED_REFUSED, -ECONNREFUSED, "connection refused");
	else if (line && line->said.fault == COR_SCRIPT_UNRESOLVED)
		rc = fault(wire, COR_FAILED_RESOLVE, -EHOSTUNREACH, "the name has no address");
	if (rc < 0)
		use_up(find(wire, false));
	return rc;
}

static int send_bytes(struct cor_wire *base, const void *data, size_t len)
{
	struct wire *wire = of(base);

	cor_buffer_append(&wire->sent, data, len);
	return cor_buffer_error(&wire->sent);
}

static int finish(struct cor_wire *base)
{
	struct wire *wire = of(base);
	struct cor_arena *arena = &wire->script->arena;
	const char *body = cor_arena_copy(
		arena, wire->sent.data ? wire->sent.data : "", wire->sent.len);

	if (!body)
		return -ENOMEM;
	wire->made->call.body = (struct cor_str){ body, wire->sent.len };
	return 0;
}

static int unanswered(struct wire *wire)
{
	const struct cor_carrier_request *request = wire->wire.request;

	wire->wire.fault.kind = COR_FAILED_PROTOCOL;
	snprintf(wire->wire.fault.text, sizeof wire->wire.fault.text,
		"the script has no line for this request (%.*s %.*s)", (int)request->method.len,
		request->method.data, (int)request->path.len, request->path.data);
	return -EBADMSG;
}

static int receive_head(struct cor_wire *base, struct cor_carrier_answer *ret)
{
	struct wire *wire = of(base);
	struct line *line = find(wire, true);

	if (!line)
		return unanswered(wire);
	use_up(line);
	wire->line = line;
	int rc = rest(line->said.fault == COR_SCRIPT_SILENT ? COR_FOREVER : line->said.head_ms);
	if (rc < 0)
		return rc;
	if (line->said.fault == COR_SCRIPT_RESET && line->said.fails_after == 0)
		return fault(wire, COR_FAILED_LOST, -ECONNRESET, "the connection was reset");
	if (line->said.fault == COR_SCRIPT_GARBAGE)
		return fault(wire, COR_FAILED_PROTOCOL, -EBADMSG, "its answer is no HTTP");
	base->has_answer = true;
	const struct cor_carrier_request *request = base->request;
	uint16_t status = line->said.status ? line->said.status : 200;
	bool has_body = status != 204 && status != 304 &&
			!cor_str_equal(request->method, COR_STR("HEAD"));
	*ret = (struct cor_carrier_answer){
		.status = status,
		.fields = line->said.headers,
		.fields_len = count(line->said.headers),
		.body_bytes = has_body ? (int64_t)line->body.len : 0,
	};
	return 0;
}

static ssize_t receive(struct cor_wire *base, void *buffer, size_t size)
{
	struct wire *wire = of(base);
	const struct cor_scripted *said = &wire->line->said;
	size_t end = wire->line->body.len, left;

	if (said->fault == COR_SCRIPT_RESET || said->fault == COR_SCRIPT_STALLED)
		end = said->fails_after < end ? said->fails_after : end;
	left = end - wire->received;
	if (left == 0 && said->fault == COR_SCRIPT_RESET)
		return fault(wire, COR_FAILED_LOST, -ECONNRESET,
			"the connection was reset in the middle of the answer");
	if (left == 0 && said->fault == COR_SCRIPT_STALLED)
		return rest(COR_FOREVER);
	if (left == 0)
		return 0;
	int rc = rest(said->piece_ms);
	if (rc < 0)
		return rc;
	size = left < size ? left : size;
	if (said->piece_bytes && said->piece_bytes < size)
		size = said->piece_bytes;
	memcpy(buffer, wire->line->body.data + wire->received, size);
	wire->received += size;
	return (ssize_t)size;
}

static void end(struct cor_wire *base)
{
	struct wire *wire = of(base);

	cor_buffer_finish(&wire->sent);
	free(wire);
}

/* --- life --- */

int cor_script_create(struct cor_script **ret)
{
	struct cor_script *script = calloc(1, sizeof *script);

	if (!script)
		return -ENOMEM;
	script->carrier = (struct cor_carrier){
		.name = "script",
		.skills = COR_CARRIES_TLS | COR_CARRIES_BY_PROXY,
		.open = open_script,
		.close = close_script,
		.begin = begin,
		.connect = connect_wire,
		.send = send_bytes,
		.finish = finish,
		.receive_head = receive_head,
		.receive = receive,
		.end = end,
	};
	cor_arena_init(&script->arena, NULL, 0, 0);
	script->lines_end = &script->lines;
	script->calls_end = &script->calls;
	*ret = script;
	return 0;
}

void cor_script_destroy(struct cor_script *script)
{
	if (!script)
		return;
	cor_arena_finish(&script->arena);
	free(script);
}

const struct cor_carrier *cor_script_carrier(struct cor_script *script)
{
	return &script->carrier;
}
