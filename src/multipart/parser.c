/* SPDX-License-Identifier: MIT */
#include "multipart/parser.h"

#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

void cor_multipart_begin(struct cor_multipart *multipart, struct cor_str boundary, char *lines,
	const struct cor_multipart_limits *limits)
{
	*multipart = (struct cor_multipart){
		.limits = *limits,
		.delimiter = "\r\n--",
		.delimiter_len = (uint8_t)(4 + boundary.len),
		.matched = 2, /* the first boundary needs no line in front of it */
		.borrowed = 2,
	};
	multipart->lines = lines;
	memcpy(multipart->delimiter + 4, boundary.data, boundary.len);
	multipart->delimiter[multipart->delimiter_len] = '-';
}

static int fail(struct cor_multipart *multipart, int rc, const char *fault)
{
	multipart->fault = fault;
	multipart->state = COR_MULTIPART_FAILED;
	multipart->rc = rc;
	return rc;
}

static int too_much(
	struct cor_multipart *multipart, const char *before, uint32_t limit, const char *unit)
{
	snprintf(multipart->fault_text, sizeof multipart->fault_text, "%s %u %s", before, limit,
		unit);
	return fail(multipart, -COR_ETOOLARGE, multipart->fault_text);
}

static struct cor_str take(struct cor_str *input, size_t len)
{
	struct cor_str taken = { input->data, len };

	input->data += len;
	input->len -= len;
	return taken;
}

/* --- around the parts --- */

static int pass(struct cor_multipart *multipart, size_t len)
{
	size_t left = multipart->limits.head_bytes - multipart->passed;

	if (len > left)
		return too_much(multipart, "the form has more than", multipart->limits.head_bytes,
			"bytes outside of its parts");
	multipart->passed += (uint32_t)len;
	return COR_MULTIPART_MORE;
}

/* Bytes that are no boundary: of the part, or of what stands in front of all. */
static int found(struct cor_multipart *multipart, struct cor_str data, struct cor_str *ret_data)
{
	if (data.len == 0)
		return COR_MULTIPART_MORE;
	if (!multipart->in_part)
		return pass(multipart, data.len);
	*ret_data = data;
	return COR_MULTIPART_DATA;
}

/* --- data --- */

/*
 * The first `len` bytes of the delimiter, and its dash, have come, but not the rest: they are data.
 * They are taken from the delimiter, since the input that had them may be gone.
 */
static int give_back(struct cor_multipart *multipart, size_t len, struct cor_str *ret_data)
{
	size_t first = multipart->borrowed;

	multipart->state = COR_MULTIPART_IN_BODY;
	multipart->matched = 0;
	multipart->borrowed = 0;
	return found(
		multipart, (struct cor_str){ multipart->delimiter + first, len - first }, ret_data);
}

/* Data up to where the input, or a delimiter that it holds as a whole, begins to look like one. */
static size_t data_len(const struct cor_multipart *multipart, struct cor_str input)
{
	size_t at = 0, len = multipart->delimiter_len;

	for (;;) {
		const char *cr = memchr(input.data + at, '\r', input.len - at);
		if (!cr)
			return input.len;
		at = (size_t)(cr - input.data);
		if (input.len - at < len ||
			(cr[1] == '\n' && memcmp(cr, multipart->delimiter, len) == 0))
			return at;
		at++;
	}
}

static int match(struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	while (input->len > 0 && multipart->matched < multipart->delimiter_len) {
		if (input->data[0] != multipart->delimiter[multipart->matched])
			return give_back(multipart, multipart->matched, ret_data);
		multipart->matched++;
		take(input, 1);
	}
	if (multipart->matched == multipart->delimiter_len)
		multipart->state = COR_MULTIPART_BEHIND;
	return COR_MULTIPART_MORE;
}

static int read_body(
	struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	if (multipart->matched > 0)
		return match(multipart, input, ret_data);
	struct cor_str data = take(input, data_len(multipart, *input));
	if (input->len > 0) { /* a CR */
		take(input, 1);
		multipart->matched = 1;
	}
	return found(multipart, data, ret_data);
}

/* --- behind a delimiter --- */

static int end_part(struct cor_multipart *multipart)
{
	bool was_in_part = multipart->in_part;

	multipart->in_part = false;
	multipart->matched = 0;
	multipart->borrowed = 0;
	return was_in_part ? COR_MULTIPART_PART_END : COR_MULTIPART_MORE;
}

/* Too many are refused before any more of them is read. */
static int begin_head(struct cor_multipart *multipart)
{
	multipart->state = COR_MULTIPART_IN_HEAD;
	multipart->head_len = 0;
	if (multipart->parts++ >= multipart->limits.parts)
		return too_much(
			multipart, "the form has more than", multipart->limits.parts, "parts");
	return end_part(multipart);
}

static int read_behind(
	struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	char byte = input->data[0];

	if (byte == '-')
		multipart->state = COR_MULTIPART_BEHIND_DASH;
	else if (byte == '\r')
		multipart->state = COR_MULTIPART_BEHIND_CR;
	else if (byte == ' ' || byte == '\t')
		multipart->state = COR_MULTIPART_BLANKS;
	else
		return give_back(multipart, multipart->delimiter_len, ret_data);
	take(input, 1);
	return COR_MULTIPART_MORE;
}

static int read_behind_dash(
	struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	if (input->data[0] != '-')
		return give_back(multipart, multipart->delimiter_len + 1u, ret_data);
	take(input, 1);
	multipart->state = COR_MULTIPART_EPILOGUE;
	if (end_part(multipart) == COR_MULTIPART_PART_END) {
		multipart->matched = 1; /* the end of all is told by the next call */
		return COR_MULTIPART_PART_END;
	}
	return COR_MULTIPART_END;
}

static int read_behind_cr(
	struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	if (input->data[0] == '\n') {
		take(input, 1);
		return begin_head(multipart);
	}
	int event = give_back(multipart, multipart->delimiter_len, ret_data);
	multipart->matched = 1; /* that CR */
	return event;
}

static int read_blanks(
	struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	char byte = take(input, 1).data[0];

	(void)ret_data;
	if (multipart->state == COR_MULTIPART_BLANKS_CR && byte == '\n')
		return begin_head(multipart);
	if (multipart->state == COR_MULTIPART_BLANKS && byte == '\r') {
		multipart->state = COR_MULTIPART_BLANKS_CR;
		return COR_MULTIPART_MORE;
	}
	if (multipart->state == COR_MULTIPART_BLANKS && (byte == ' ' || byte == '\t'))
		return pass(multipart, 1);
	return fail(multipart, -COR_ESYNTAX, "text stands behind a boundary, on its line");
}

/* --- header lines --- */

static int end_head(struct cor_multipart *multipart)
{
	const char *fault = NULL;
	int rc = cor_part_head_parse(
		multipart->lines, multipart->head_len, &multipart->head, &fault);

	if (rc < 0)
		return fail(multipart, rc, fault);
	multipart->state = COR_MULTIPART_IN_BODY;
	multipart->in_part = true;
	multipart->matched = 2; /* the empty line may be the one in front of the next boundary */
	multipart->borrowed = 2;
	return COR_MULTIPART_PART;
}

/* Whether the lines end with an empty one: with the CRLF that was read last. */
static bool ends_head(const struct cor_multipart *multipart)
{
	size_t len = multipart->head_len;

	return len == 2 || multipart->lines[len - 3] == '\n';
}

static int read_head(struct cor_multipart *multipart, struct cor_str *input)
{
	const char *lf = memchr(input->data, '\n', input->len);
	size_t len = lf ? (size_t)(lf - input->data) + 1 : input->len;

	if (len > multipart->limits.head_bytes - multipart->head_len)
		return too_much(multipart, "the header lines of a part are longer than",
			multipart->limits.head_bytes, "bytes");
	memcpy(multipart->lines + multipart->head_len, take(input, len).data, len);
	multipart->head_len += len;
	if (!lf)
		return COR_MULTIPART_MORE;
	if (multipart->head_len < 2 || multipart->lines[multipart->head_len - 2] != '\r')
		return fail(multipart, -COR_ESYNTAX, "a part's header line does not end with CRLF");
	if (!ends_head(multipart))
		return COR_MULTIPART_MORE;
	multipart->head_len -= 2;
	return end_head(multipart);
}

/* --- all of it --- */

static int read_epilogue(struct cor_multipart *multipart, struct cor_str *input)
{
	return pass(multipart, take(input, input->len).len);
}

static int step(struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	switch (multipart->state) {
	case COR_MULTIPART_IN_BODY:
		return read_body(multipart, input, ret_data);
	case COR_MULTIPART_BEHIND:
		return read_behind(multipart, input, ret_data);
	case COR_MULTIPART_BEHIND_DASH:
		return read_behind_dash(multipart, input, ret_data);
	case COR_MULTIPART_BEHIND_CR:
		return read_behind_cr(multipart, input, ret_data);
	case COR_MULTIPART_BLANKS:
	case COR_MULTIPART_BLANKS_CR:
		return read_blanks(multipart, input, ret_data);
	case COR_MULTIPART_IN_HEAD:
		return read_head(multipart, input);
	case COR_MULTIPART_EPILOGUE:
		return read_epilogue(multipart, input);
	default:
		return multipart->rc;
	}
}

int cor_multipart_next(
	struct cor_multipart *multipart, struct cor_str *input, struct cor_str *ret_data)
{
	int event = COR_MULTIPART_MORE;

	if (multipart->state == COR_MULTIPART_EPILOGUE && multipart->matched) {
		multipart->matched = 0;
		return COR_MULTIPART_END;
	}
	while (event == COR_MULTIPART_MORE && input->len > 0)
		event = step(multipart, input, ret_data);
	return multipart->state == COR_MULTIPART_FAILED ? multipart->rc : event;
}

int cor_multipart_end(struct cor_multipart *multipart)
{
	if (multipart->state == COR_MULTIPART_FAILED)
		return multipart->rc;
	if (multipart->state == COR_MULTIPART_EPILOGUE)
		return 0;
	return fail(multipart, -COR_ESYNTAX,
		"the form has no end: its last boundary, with -- behind it, has not come");
}
