/* SPDX-License-Identifier: MIT */
#include "coverage/exclusions.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	struct cor_file_counts *file;
	const regex_t *more;
	bool is_off;  /* between START and STOP */
	int depth;    /* of braces, in the block that is excluded; 0: in none */
	bool in_text; /* of a comment */
};

static bool has(struct cor_str line, const char *mark)
{
	return memmem(line.data, line.len, mark, strlen(mark)) != NULL;
}

static bool matches(const regex_t *more, struct cor_str line)
{
	char *text = more ? strndup(line.data, line.len) : NULL;
	bool is_match = text && regexec(more, text, 0, NULL, 0) == 0;

	free(text);
	return is_match;
}

/* How many braces a line opens more than it closes: at its end, and at least on the way. */
struct braces {
	int open, least;
};

/* Those of texts and comments do not count. In `said`, as long as the line, texts become blanks:
   what they say marks nothing. */
static struct braces braces_of(struct reading *reading, struct cor_str line, char *said)
{
	struct braces braces = { 0 };
	char quote = 0;

	for (size_t i = 0; i < line.len; i++) {
		char byte = line.data[i], next = i + 1 < line.len ? line.data[i + 1] : '\0';
		if (reading->in_text) {
			reading->in_text = !(byte == '*' && next == '/');
		} else if (quote) {
			said[i] = ' ';
			i += byte == '\\';
			quote = byte == quote ? 0 : quote;
		} else if (byte == '"' || byte == '\'') {
			quote = byte;
		} else if (byte == '/' && next == '/') {
			break;
		} else if (byte == '/' && next == '*') {
			reading->in_text = true;
			i++;
		} else {
			braces.open += (byte == '{') - (byte == '}');
			if (braces.open < braces.least)
				braces.least = braces.open;
		}
	}
	return braces;
}

static void read_line(struct reading *reading, size_t number, struct cor_str text)
{
	struct cor_line_counts none = { 0 }, *line = number < reading->file->lines_len
							     ? &reading->file->lines[number]
							     : &none;
	bool is_marked = matches(reading->more, text);
	char *said = strndup(text.data, text.len);

	if (!said)
		return;
	struct braces braces = braces_of(reading, text, said);
	text.data = said;
	is_marked |= has(text, "pragma: no cover") || has(text, "LCOV_EXCL_LINE");

	if (has(text, "LCOV_EXCL_START"))
		reading->is_off = true;
	line->is_excluded = is_marked || reading->is_off || reading->depth > 0;
	if (has(text, "LCOV_EXCL_STOP"))
		reading->is_off = false;
	if (has(text, "pragma: no branch"))
		line->branches_len = 0;
	if (reading->depth > 0 && reading->depth + braces.least > 0)
		reading->depth += braces.open;
	else /* a block ends here, whatever begins: } else { */
		reading->depth = is_marked ? braces.open - braces.least : 0;
	free(said);
}

void cor_cover_exclude(struct cor_file_counts *file, const regex_t *more)
{
	struct reading reading = { .file = file, .more = more };
	const char *at = file->text.data, *end = at + file->text.len;

	for (size_t number = 1; at && at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);
		read_line(&reading, number, (struct cor_str){ at, len });
		at += len + 1;
	}
}

void cor_cover_keep(struct cor_file_counts *file, const bool *keeps, size_t len)
{
	for (size_t i = 0; i < file->lines_len; i++)
		if (i >= len || !keeps[i])
			file->lines[i].is_statement = false;
}
