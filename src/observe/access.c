/* SPDX-License-Identifier: MIT */
#include "observe/access.h"

#include "observe/mask.h"
#include "observe/sink.h"

/* What a part may become; in sum less than a line, with names and punctuation. */
#define METHOD_MAX 32
#define TARGET_MAX 1200
#define QUERY_MAX  1000
#define PEER_MAX   128
#define ROUTE_MAX  128
#define USER_MAX   72
#define AGENT_MAX  400
#define REASON_MAX 400

#define WAITED_NS INT64_C(10000000) /* less is none */

_Static_assert(METHOD_MAX + TARGET_MAX + QUERY_MAX + 2 * PEER_MAX + ROUTE_MAX + USER_MAX +
			       AGENT_MAX + REASON_MAX + 600 <
		       COR_LOG_LINE_BYTES,
	"every part fits the line");

/* How much of a parameter is shown: all, its name with the equals sign, or nothing. */
static size_t shown(struct cor_str parameter)
{
	const char *equals = memchr(parameter.data, '=', parameter.len);
	struct cor_str name = { parameter.data,
		equals ? (size_t)(equals - parameter.data) : parameter.len };

	if (cor_mask_is_odd(name))
		return 0;
	return equals && cor_mask_is_secret(name) ? name.len + 1 : parameter.len;
}

/* Append the query with the values of secrets masked. Its limit is the whole query's. */
static void put_query(
	struct cor_line *line, enum cor_escape escape, struct cor_str query, size_t max)
{
	while (query.len != 0) {
		const char *before = line->at;
		const char *end = memchr(query.data, '&', query.len);
		size_t len = end ? (size_t)(end - query.data) + 1 : query.len;
		struct cor_str parameter = { query.data, end ? len - 1 : len };
		size_t open = shown(parameter);
		bool masked = open < parameter.len;

		if (!cor_line_text(
			    line, escape, (struct cor_str){ query.data, masked ? open : len }, max))
			return;
		if (masked)
			cor_line_str(line, end ? COR_STR("***&") : COR_STR("***"));
		size_t used = (size_t)(line->at - before);
		max = used < max ? max - used : 0;
		query.data += len;
		query.len -= len;
	}
}

static void put_target(
	struct cor_line *line, enum cor_escape escape, const struct cor_access_line *access)
{
	cor_line_text(line, escape, access->path, TARGET_MAX);
	if (access->query.len == 0)
		return;
	cor_line_literal(line, "?");
	put_query(line, escape, access->query, QUERY_MAX);
}

/* --- as JSON --- */

static void put_member(struct cor_line *line, struct cor_str name, struct cor_str value, size_t max)
{
	if (value.len == 0)
		return;
	cor_line_str(line, name);
	cor_line_text(line, COR_ESCAPE_JSON, value, max);
	cor_line_literal(line, "\"");
}

static void put_json(struct cor_line *line, const struct cor_access_line *access)
{
	cor_line_literal(line, ",\"message\":\"access\"");
	put_member(line, COR_STR(",\"method\":\""), access->method, METHOD_MAX);
	if (access->path.len != 0) {
		cor_line_literal(line, ",\"path\":\"");
		put_target(line, COR_ESCAPE_JSON, access);
		cor_line_literal(line, "\"");
	}
	if (access->status != 0) {
		cor_line_literal(line, ",\"status\":");
		cor_line_number(line, access->status);
	}
	cor_line_literal(line, ",\"bytes\":");
	cor_line_number(line, access->bytes);
	cor_line_literal(line, ",\"duration_ms\":");
	cor_line_milliseconds(line, access->duration_ns);
	if (access->waited_ns >= WAITED_NS) {
		cor_line_literal(line, ",\"waited_ms\":");
		cor_line_milliseconds(line, access->waited_ns);
	}
	put_member(line, COR_STR(",\"peer\":\""), cor_str(access->peer), PEER_MAX);
	put_member(line, COR_STR(",\"proxy\":\""), cor_str(access->proxy), PEER_MAX);
	put_member(line, COR_STR(",\"route\":\""), cor_str(access->route), ROUTE_MAX);
	put_member(line, COR_STR(",\"user\":\""), access->user, USER_MAX);
	put_member(line, COR_STR(",\"user_agent\":\""), access->user_agent, AGENT_MAX);
	put_member(line, COR_STR(",\"reason\":\""), cor_str(access->reason), REASON_MAX);
}

/* --- as text --- */

static void put_word(struct cor_line *line, struct cor_str name, struct cor_str value, size_t max)
{
	if (value.len == 0)
		return;
	cor_line_str(line, name);
	cor_line_text(line, COR_ESCAPE_WORD, value, max);
}

static void put_quoted(struct cor_line *line, struct cor_str name, struct cor_str value, size_t max)
{
	if (value.len == 0)
		return;
	cor_line_str(line, name);
	cor_line_text(line, COR_ESCAPE_QUOTED, value, max);
	cor_line_literal(line, "\"");
}

static void put_text(struct cor_line *line, const struct cor_access_line *access)
{
	put_word(
		line, COR_STR(" "), access->method.len ? access->method : COR_STR("-"), METHOD_MAX);
	cor_line_literal(line, " ");
	if (access->path.len != 0)
		put_target(line, COR_ESCAPE_WORD, access);
	else
		cor_line_literal(line, "-");
	cor_line_literal(line, " ");
	cor_line_number(line, access->status);
	cor_line_literal(line, " ");
	cor_line_number(line, access->bytes);
	cor_line_literal(line, "B ");
	cor_line_milliseconds(line, access->duration_ns);
	cor_line_literal(line, "ms");
	if (access->waited_ns >= WAITED_NS) {
		cor_line_literal(line, " waited=");
		cor_line_milliseconds(line, access->waited_ns);
		cor_line_literal(line, "ms");
	}
	put_word(line, COR_STR(" peer="), cor_str(access->peer), PEER_MAX);
	put_word(line, COR_STR(" proxy="), cor_str(access->proxy), PEER_MAX);
	put_word(line, COR_STR(" route="), cor_str(access->route), ROUTE_MAX);
	put_quoted(line, COR_STR(" user=\""), access->user, USER_MAX);
	put_quoted(line, COR_STR(" agent=\""), access->user_agent, AGENT_MAX);
	put_quoted(line, COR_STR(" reason=\""), cor_str(access->reason), REASON_MAX);
}

static void put_line(struct cor_line *line, enum cor_log_format format, const void *what)
{
	if (format == COR_LOG_JSON)
		put_json(line, what);
	else
		put_text(line, what);
}

bool cor_access_wanted(const struct cor_logger *logger)
{
	return logger && logger->options.access == COR_LOG_ACCESS_ON;
}

void cor_access_log(struct cor_logger *logger, const struct cor_access_line *access)
{
	if (logger && (access->reason || cor_access_wanted(logger)))
		cor_log_line(logger, COR_LOG_INFO, access->request_id, put_line, access);
}
