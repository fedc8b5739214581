/* SPDX-License-Identifier: MIT */
#include "testing/service_operations.h"

#include <stdio.h>
#include <string.h>

#define LINE_BYTES 256

/* --- a line of the log --- */

/* From behind `mark` to one of `ends`; empty: it is not there. */
static struct cor_str behind(struct cor_str line, const char *mark, const char *ends)
{
	const char *at = memmem(line.data, line.len, mark, strlen(mark));
	struct cor_str text = { NULL, 0 };

	if (!at)
		return text;
	text.data = at + strlen(mark);
	while (text.data + text.len < line.data + line.len && !strchr(ends, text.data[text.len]))
		text.len++;
	return text;
}

/* "TIME LEVEL [ID] METHOD TARGET STATUS ..." */
static struct cor_str word(struct cor_str line, int index)
{
	struct cor_str rest = line;

	for (; index > 0; index--) {
		const char *blank = memchr(rest.data, ' ', rest.len);
		if (!blank)
			return (struct cor_str){ NULL, 0 };
		rest.len -= (size_t)(blank + 1 - rest.data);
		rest.data = blank + 1;
	}
	const char *end = memchr(rest.data, ' ', rest.len);
	return (struct cor_str){ rest.data, end ? (size_t)(end - rest.data) : rest.len };
}

static bool read_line(struct cor_str line, struct cor_seen_operation *ret)
{
	bool is_json = line.len && line.data[0] == '{';

	*ret = is_json ? (struct cor_seen_operation){ behind(line, "\"method\":\"", "\""),
		behind(line, "\"route\":\"", "\""), behind(line, "\"status\":", ",}") }
		       : (struct cor_seen_operation){ word(line, 3), behind(line, " route=", " "),
				 word(line, 5) };
	return ret->method.len && ret->operation.len && ret->status.len == 3;
}

/* --- those of an outcome --- */

static bool has(const struct cor_outcome *outcome, const char *line, size_t len)
{
	const char *at = outcome->operations;
	const char *end = at + outcome->operations_len;

	while (at < end) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));
		size_t bytes = (size_t)(feed - at) + 1;
		if (bytes == len && memcmp(at, line, len) == 0)
			return true;
		at += bytes;
	}
	return false;
}

static void add(struct cor_outcome *outcome, const struct cor_seen_operation *seen)
{
	char line[LINE_BYTES];
	int len = snprintf(line, sizeof line, "%.*s %.*s %.*s\n", (int)seen->method.len,
		seen->method.data, (int)seen->operation.len, seen->operation.data,
		(int)seen->status.len, seen->status.data);

	if (len < 0 || (size_t)len >= sizeof line || has(outcome, line, (size_t)len) ||
		outcome->operations_len + (size_t)len > sizeof outcome->operations)
		return;
	memcpy(outcome->operations + outcome->operations_len, line, (size_t)len);
	outcome->operations_len += (size_t)len;
}

void cor_operations_note(struct cor_outcome *outcome, const char *log)
{
	struct cor_seen_operation seen;

	while (*log) {
		size_t len = strcspn(log, "\n");
		if (read_line((struct cor_str){ log, len }, &seen))
			add(outcome, &seen);
		log += len + (log[len] == '\n');
	}
}

bool cor_operations_next(
	const struct cor_outcome *outcome, size_t *at, struct cor_seen_operation *ret)
{
	if (*at >= outcome->operations_len)
		return false;
	const char *line = outcome->operations + *at;
	const char *feed = memchr(line, '\n', outcome->operations_len - *at);
	const struct cor_str text = { line, (size_t)(feed - line) };
	*ret = (struct cor_seen_operation){ word(text, 0), word(text, 1), word(text, 2) };
	*at += text.len + 1;
	return true;
}
