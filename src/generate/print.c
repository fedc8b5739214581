/* SPDX-License-Identifier: MIT */
/* What is between C and a line: literals, comments, arguments that fill lines. */
#include "generate/print.h"

#include <string.h>

/*
 * The bytes of a character that turns the direction of writing (Unicode Standard Annex 9, section
 * 2): among C it shows other code than there is, and compilers warn of it. 0: it is none.
 */
static unsigned turns_direction(const char *at)
{
	const unsigned char *c = (const unsigned char *)at;

	if (c[0] == 0xd8 && c[1] == 0x9c)
		return 2;
	if (c[0] != 0xe2 || (c[1] != 0x80 && c[1] != 0x81))
		return 0;
	bool turns = c[1] == 0x80 ? c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xaa && c[2] <= 0xae)
				  : c[2] >= 0xa6 && c[2] <= 0xa9;
	return turns ? 3 : 0;
}

const char *cor_gen_literal(struct cor_gen *gen, const char *text)
{
	struct cor_buffer out = { 0 };

	unsigned turning = 0;

	cor_buffer_byte(&out, '"');
	for (const char *at = text; *at; at++) {
		unsigned char c = (unsigned char)*at;
		turning = turning > 1 ? turning - 1 : turns_direction(at);
		if (c == '"' || c == '\\')
			cor_buffer_printf(&out, "\\%c", c);
		else if (c == '\n')
			cor_buffer_literal(&out, "\\n");
		else if (c == '\t')
			cor_buffer_literal(&out, "\\t");
		else if (c < 0x20 || c == 0x7f || turning)
			cor_buffer_printf(&out, "\\%03o", c);
		else if (c == '?' && at > text && at[-1] == '?')
			cor_buffer_literal(&out, "\\?"); /* no trigraph */
		else
			cor_buffer_byte(&out, (char)c);
	}
	cor_buffer_byte(&out, '"');
	const char *copy = cor_gen_text(gen, (struct cor_str){ out.data, out.len });
	if (cor_buffer_error(&out) && gen->error == 0)
		gen->error = cor_buffer_error(&out);
	cor_buffer_finish(&out);
	return copy;
}

/* Columns that text takes, as most editors show it: a byte that goes on a character takes none. */
static size_t columns(const char *text, size_t bytes)
{
	size_t found = 0;

	for (size_t i = 0; i < bytes; i++)
		found += ((unsigned char)text[i] & 0xc0) != 0x80;
	return found;
}

static void new_line(struct cor_gen_call *call, unsigned tabs)
{
	cor_buffer_byte(call->out, '\n');
	for (unsigned i = 0; i < tabs; i++)
		cor_buffer_byte(call->out, '\t');
	call->column = (size_t)tabs * COR_GEN_TAB;
}

static void put(struct cor_gen_call *call, const char *text, size_t bytes)
{
	cor_buffer_append(call->out, text, bytes);
	call->column += columns(text, bytes);
}

void cor_gen_call_begin(struct cor_gen_call *call, struct cor_gen *gen, struct cor_buffer *out,
	unsigned indent, const char *head)
{
	*call = (struct cor_gen_call){ .gen = gen, .out = out, .indent = indent, .head = head };
}

void cor_gen_call_argument(struct cor_gen_call *call, const char *text)
{
	if (call->len == call->capacity) {
		size_t larger = call->capacity ? call->capacity * 2 : 16;
		const char **list = cor_gen_alloc(call->gen, larger * sizeof list[0]);
		if (!list)
			return;
		for (size_t i = 0; i < call->len; i++)
			list[i] = call->arguments[i];
		call->arguments = list;
		call->capacity = larger;
	}
	call->arguments[call->len++] = text;
}

/* How much of a literal fits a line: up to behind a space, or a line feed of the text. */
static size_t piece(const char *text, size_t room)
{
	size_t best = 0;

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == '\\' && text[i + 1] == 'n' && (i == 0 || text[i - 1] != '\\'))
			return i + 2 < room || !best ? i + 2 : best;
		if (i >= room)
			return best ? best : 0;
		if (text[i] == ' ')
			best = i + 1;
	}
	return 0; /* all of it */
}

/* A literal that is too long goes on in the next lines. */
static void put_long(struct cor_gen_call *call, const char *text)
{
	const char *quote = strchr(text, '"');
	unsigned tabs = call->indent + 2;

	if (!quote) {
		put(call, text, strlen(text));
		return;
	}
	put(call, text, (size_t)(quote - text));
	for (;;) {
		size_t room = call->column + 8 < COR_GEN_COLUMNS
				      ? COR_GEN_COLUMNS - call->column - 4
				      : 8;
		size_t fits = piece(quote, room);
		if (fits == 0 || !quote[fits] || quote[fits] == '"') {
			put(call, quote, strlen(quote));
			return;
		}
		put(call, quote, fits);
		cor_buffer_byte(call->out, '"');
		new_line(call, tabs);
		put(call, "\"", 1);
		quote += fits;
	}
}

static void put_argument(struct cor_gen_call *call, const char *text, size_t tail)
{
	size_t width = columns(text, strlen(text));

	if (call->column + width + tail > COR_GEN_COLUMNS)
		put_long(call, text);
	else
		put(call, text, strlen(text));
}

/* The next one, with what is between: `tail` columns must be left behind it. */
static void put_next(struct cor_gen_call *call, const char *text, size_t tail)
{
	if (call->column + 2 + columns(text, strlen(text)) + tail > COR_GEN_COLUMNS) {
		put(call, ",", 1);
		new_line(call, call->indent + 1);
	} else {
		put(call, ", ", 2);
	}
	put_argument(call, text, tail);
}

static size_t width_of(const struct cor_gen_call *call)
{
	size_t width = 0;

	for (size_t i = 0; i < call->len; i++)
		width += columns(call->arguments[i], strlen(call->arguments[i])) + (i ? 2 : 0);
	return width;
}

void cor_gen_call_end(struct cor_gen_call *call, const char *tail)
{
	size_t width = width_of(call) + strlen(tail), first;
	size_t indent = (size_t)call->indent * COR_GEN_TAB;

	for (unsigned i = 0; i < call->indent; i++)
		cor_buffer_byte(call->out, '\t');
	call->column = indent;
	put(call, call->head, strlen(call->head));
	first = call->len ? columns(call->arguments[0], strlen(call->arguments[0])) + 1 : 0;
	bool is_one_line = call->column + width <= COR_GEN_COLUMNS;
	bool is_apart = indent + COR_GEN_TAB + width <= COR_GEN_COLUMNS ||
			call->column + first > COR_GEN_COLUMNS;
	if (!is_one_line && is_apart && call->head[0])
		new_line(call, call->indent + 1);
	for (size_t i = 0; i < call->len; i++) {
		size_t behind = i + 1 < call->len ? 1 : strlen(tail);
		if (i)
			put_next(call, call->arguments[i], behind);
		else
			put_argument(call, call->arguments[i], behind);
	}
	cor_buffer_append_str(call->out, cor_str(tail));
	cor_buffer_byte(call->out, '\n');
}

/* --- comments --- */

/* A text must not end the comment, nor seem to begin one, nor turn what is around it. */
static void put_word(struct cor_buffer *out, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned turning = turns_direction(text + i);
		if (turning) {
			i += turning - 1;
			continue;
		}
		char last = out->len ? out->data[out->len - 1] : ' ';
		if ((last == '*' && text[i] == '/') || (last == '/' && text[i] == '*'))
			cor_buffer_byte(out, ' ');
		cor_buffer_byte(out, (unsigned char)text[i] < 0x20 ? ' ' : text[i]);
	}
	if (bytes && out->len && out->data[out->len - 1] == '\\')
		cor_buffer_byte(out, ' '); /* it would continue the line */
}

static bool fits_one_line(const char *text, size_t open)
{
	return !strpbrk(text, "\r\n") && columns(text, strlen(text)) + open + 4 <= COR_GEN_COLUMNS;
}

static void put_lines(struct cor_buffer *out, const char *text)
{
	while (*text) {
		size_t line = strcspn(text, "\r\n"), column = 3;
		cor_buffer_literal(out, " *");
		for (size_t i = 0; i < line;) {
			size_t blank = strspn(text + i, " \t"),
			       word = strcspn(text + i + blank, " \t\r\n"),
			       width = columns(text + i + blank, word);
			if (word == 0)
				break;
			if (column > 3 && column + width + 1 > COR_GEN_COLUMNS) {
				cor_buffer_literal(out, "\n *");
				column = 3;
			}
			cor_buffer_byte(out, ' ');
			put_word(out, text + i + blank, word);
			column += width + 1;
			i += blank + word;
		}
		cor_buffer_byte(out, '\n');
		text += line;
		text += *text == '\r' && text[1] == '\n' ? 2 : *text != '\0';
	}
}

void cor_gen_print_comment(struct cor_buffer *out, const char *open, const char *text)
{
	size_t len = strlen(text);

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	if (text[len] == '\0' && fits_one_line(text, strlen(open))) {
		cor_buffer_printf(out, "%s ", open);
		put_word(out, text, len);
		cor_buffer_literal(out, " */\n");
		return;
	}
	cor_buffer_printf(out, "%s\n", open);
	put_lines(out, text);
	cor_buffer_literal(out, " */\n");
}
