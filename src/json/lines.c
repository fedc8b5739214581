/* SPDX-License-Identifier: MIT */
/*
 * Finding where values end, at any split of the text. A value that lies within one piece is handed
 * out from there; one that does not is gathered in a block. Whether it is JSON is checked as a
 * whole then: finding its end needs only brackets and quotes.
 */
#include <coracle/json_lines.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "base/block.h"
#include "json/scan.h"

#define COMPLAINT_BYTES 128
#define FIRST_BYTES     256

enum state {
	OPENING, /* '[' comes */
	FIRST,   /* an item or ']' */
	ITEM,    /* an item */
	INSIDE,  /* of an item */
	BEHIND,  /* ',' or ']' */
	CLOSED,  /* nothing but white space */
	DEAD,    /* an error was the last */
};

struct cor_json_lines {
	struct cor_arena *arena;
	struct cor_lines_options options;
	struct cor_block block;
	size_t gathered; /* bytes of a value whose end was not in its piece */
	const char *at;
	const char *end;
	bool ended;
	bool skipping; /* the rest of a line that is too long */
	enum state state;
	uint64_t nesting;
	bool quoted;
	bool escaped;
	uint64_t count;
	uint64_t line;  /* where `at` is */
	uint64_t begun; /* where the value that is being gathered began */
	uint64_t told;
	bool complained;
	char complaint[COMPLAINT_BYTES];
};

struct cor_json_lines *cor_lines_begin(
	struct cor_arena *arena, const struct cor_lines_options *options)
{
	struct cor_json_lines *lines = cor_arena_zalloc(arena, sizeof *lines);

	if (!lines)
		return NULL;
	lines->arena = arena;
	if (options)
		lines->options = *options;
	if (lines->options.value_bytes_max == 0)
		lines->options.value_bytes_max = COR_LINES_VALUE_BYTES;
	lines->at = lines->end = "";
	lines->line = lines->begun = lines->told = 1;
	return lines;
}

void cor_lines_feed(struct cor_json_lines *lines, const void *data, size_t size)
{
	if (size == 0)
		return;
	lines->at = data;
	lines->end = lines->at + size;
}

void cor_lines_feed_end(struct cor_json_lines *lines)
{
	lines->ended = true;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct cor_str trim(struct cor_str text)
{
	while (text.len > 0 && is_blank(text.data[text.len - 1]))
		text.len--;
	while (text.len > 0 && is_blank(text.data[0])) {
		text.data++;
		text.len--;
	}
	return text;
}

/* An error on a line; `at` is the byte of the value, or SIZE_MAX. */
static int complain(
	struct cor_json_lines *lines, int error, uint64_t line, const char *reason, size_t at)
{
	int len = snprintf(lines->complaint, COMPLAINT_BYTES, "line %llu: %s",
		(unsigned long long)line, reason);

	if (at != SIZE_MAX)
		snprintf(lines->complaint + len, COMPLAINT_BYTES - (size_t)len,
			" (at byte %zu of the value)", at + 1);
	lines->complained = true;
	lines->count++;
	lines->told = line;
	if (lines->options.array || error == -ENOMEM)
		lines->state = DEAD;
	return error;
}

static int complain_of_length(struct cor_json_lines *lines, uint64_t line)
{
	return complain(lines, -COR_ETOOLARGE, line, "a value longer than allowed", SIZE_MAX);
}

/* Keep the text for when the rest comes. 0, or the error told. */
static int gather(struct cor_json_lines *lines, struct cor_str text)
{
	if (text.len > lines->options.value_bytes_max - lines->gathered)
		return complain_of_length(lines, lines->begun);
	while (text.len > lines->block.bytes - lines->gathered) {
		size_t used = text.len > FIRST_BYTES ? text.len : FIRST_BYTES;
		if (used < lines->gathered)
			used = lines->gathered;
		if (!cor_block_grow(lines->arena, &lines->block, used))
			return complain(
				lines, -ENOMEM, lines->begun, "no memory is left", SIZE_MAX);
	}
	if (text.len > 0)
		memcpy(lines->block.data + lines->gathered, text.data, text.len);
	lines->gathered += text.len;
	return 0;
}

/* The end of a value: what was gathered of it and `rest`. 1, 0 (it is blank), or the error told. */
static int hand_out(struct cor_json_lines *lines, struct cor_str rest, struct cor_str *ret)
{
	struct cor_str value = rest;
	size_t at = 0;

	if (lines->gathered == 0 && rest.len > lines->options.value_bytes_max)
		return complain_of_length(lines, lines->begun);
	if (lines->gathered > 0) {
		int rc = gather(lines, rest);
		value = (struct cor_str){ lines->block.data, lines->gathered };
		lines->gathered = 0;
		if (rc < 0)
			return rc;
	}
	value = trim(value);
	if (value.len == 0)
		return 0;
	int rc = cor_json_check(value, lines->options.depth_max, &at);
	if (rc == -COR_ETOOLARGE)
		return complain(lines, rc, lines->begun, "a value deeper than allowed", at);
	if (rc < 0)
		return complain(lines, rc, lines->begun, "no JSON", at);
	*ret = value;
	lines->count++;
	lines->told = lines->begun;
	return 1;
}

/* The rest of the piece has no line feed. */
static int keep_line(struct cor_json_lines *lines, struct cor_str rest)
{
	lines->at = lines->end;
	if (lines->skipping)
		return 0;
	int rc = gather(lines, rest);
	if (rc < 0) {
		lines->skipping = true;
		lines->gathered = 0;
	}
	return rc;
}

static int next_line(struct cor_json_lines *lines, struct cor_str *ret)
{
	int rc = 0;

	while (rc == 0 && lines->at < lines->end) {
		const char *start = lines->at;
		const char *feed = memchr(start, '\n', (size_t)(lines->end - start));
		struct cor_str text = { start, (size_t)((feed ? feed : lines->end) - start) };
		lines->begun = lines->line;
		if (!feed)
			return keep_line(lines, text);
		lines->at = feed + 1;
		lines->line++;
		if (!lines->skipping)
			rc = hand_out(lines, text, ret);
		lines->skipping = false;
	}
	if (rc == 0 && lines->ended && lines->gathered > 0) {
		lines->begun = lines->line;
		rc = hand_out(lines, (struct cor_str){ "", 0 }, ret);
	}
	return rc;
}

/* Go through the inside of a string; its closing quote is passed. */
static void pass_string(struct cor_json_lines *lines)
{
	if (lines->escaped) {
		lines->line += *lines->at++ == '\n';
		lines->escaped = false;
		return;
	}
	lines->at = cor_json_scan_text(lines->at, lines->end);
	if (lines->at == lines->end)
		return;
	char byte = *lines->at++;
	if (byte == '"')
		lines->quoted = false;
	else if (byte == '\\')
		lines->escaped = true;
	else
		lines->line += byte == '\n'; /* which is wrong there, as is any other byte */
}

/* Go on in an item, or stop behind it: true. */
static bool pass_item(struct cor_json_lines *lines)
{
	while (lines->at < lines->end) {
		if (lines->quoted) {
			pass_string(lines);
			continue;
		}
		char byte = *lines->at;
		if (lines->nesting == 0 && (byte == ',' || byte == ']'))
			return true;
		if (byte == '"')
			lines->quoted = true;
		else if (byte == '[' || byte == '{')
			lines->nesting++;
		else if ((byte == ']' || byte == '}') && lines->nesting > 0)
			lines->nesting--;
		lines->line += byte == '\n';
		lines->at++;
	}
	return false;
}

static int next_inside(struct cor_json_lines *lines, struct cor_str *ret)
{
	const char *start = lines->at;
	bool whole = pass_item(lines);
	struct cor_str text = { start, (size_t)(lines->at - start) };

	if (!whole)
		return gather(lines, text);
	lines->state = BEHIND;
	return hand_out(lines, text, ret);
}

static int complain_of_byte(struct cor_json_lines *lines)
{
	static const char *const reasons[] = {
		[OPENING] = "the array must begin with '['",
		[FIRST] = "an item or ']' is missing",
		[ITEM] = "an item is missing",
		[BEHIND] = "',' or ']' is missing",
		[CLOSED] = "something follows the end of the array",
	};

	return complain(lines, -COR_ESYNTAX, lines->line, reasons[lines->state], SIZE_MAX);
}

/* A byte between items that is not blank; 0, or the error told. */
static int take_byte(struct cor_json_lines *lines, char byte)
{
	bool may_close = lines->state == FIRST || lines->state == BEHIND;

	if (byte == ']' && may_close) {
		lines->state = CLOSED;
	} else if (lines->state == OPENING && byte == '[') {
		lines->state = FIRST;
	} else if (lines->state == BEHIND && byte == ',') {
		lines->state = ITEM;
	} else if ((lines->state == FIRST || lines->state == ITEM) && byte != ',' && byte != ']') {
		lines->state = INSIDE;
		lines->begun = lines->line;
		return 0; /* the byte is the item's */
	} else {
		return complain_of_byte(lines);
	}
	lines->at++;
	return 0;
}

static int next_item(struct cor_json_lines *lines, struct cor_str *ret)
{
	int rc = 0;

	while (rc == 0 && lines->at < lines->end && lines->state != DEAD) {
		char byte = *lines->at;
		if (lines->state == INSIDE) {
			rc = next_inside(lines, ret);
		} else if (is_blank(byte)) {
			lines->line += byte == '\n';
			lines->at++;
		} else {
			rc = take_byte(lines, byte);
		}
	}
	if (rc == 0 && lines->ended && lines->state < CLOSED)
		return complain(
			lines, -COR_ESYNTAX, lines->line, "the array ends without ']'", SIZE_MAX);
	return rc;
}

int cor_lines_next(struct cor_json_lines *lines, struct cor_str *ret)
{
	lines->complained = false;
	if (lines->state == DEAD)
		return 0;
	return lines->options.array ? next_item(lines, ret) : next_line(lines, ret);
}

uint64_t cor_lines_count(const struct cor_json_lines *lines)
{
	return lines->count;
}

uint64_t cor_lines_number(const struct cor_json_lines *lines)
{
	return lines->told;
}

const char *cor_lines_complaint(const struct cor_json_lines *lines)
{
	return lines->complained ? lines->complaint : NULL;
}
