/* SPDX-License-Identifier: MIT */
/*
 * Forms of parts: wherever a body is cut, it becomes the same parts, whose names are what they may
 * be. The first bytes say where it is cut and how long the boundary is, which stands next.
 */
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "multipart/parser.h"
#include "target.h"

#define HEAD_BYTES 512

static const struct cor_multipart_limits limits = { .parts = 20, .head_bytes = HEAD_BYTES };

/* What a body became; END and errors are marked by bytes that no text has. */
struct told {
	struct cor_buffer text;
	int rc;
};

static void tell_text(struct told *told, const char *text)
{
	if (text && !cor_utf8_valid(cor_str(text)))
		abort();
	cor_buffer_byte(&told->text, '\0');
	cor_buffer_append_str(&told->text, cor_str(text ? text : "\xfe"));
}

static void check_file_name(const char *name)
{
	if (!name)
		return;
	if (strpbrk(name, "/\\") || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		abort();
	for (; *name; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			abort();
}

static void tell_event(
	struct told *told, const struct cor_multipart *multipart, int event, struct cor_str data)
{
	if (event == COR_MULTIPART_PART) {
		check_file_name(multipart->head.file_name);
		tell_text(told, multipart->head.name);
		tell_text(told, multipart->head.file_name);
		tell_text(told, multipart->head.type);
	} else if (event == COR_MULTIPART_DATA) {
		if (data.len == 0)
			abort();
		cor_buffer_append_str(&told->text, data);
	} else {
		cor_buffer_byte(&told->text, event == COR_MULTIPART_END ? '\xfd' : '\xfc');
	}
}

/* From a copy of exactly that size, so that the sanitizers see a read past it. */
static int feed(struct cor_multipart *multipart, const char *bytes, size_t len, struct told *told)
{
	char *copy = malloc(len ? len : 1);
	struct cor_str input = { copy, len }, data = { NULL, 0 };
	int event;

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	while ((event = cor_multipart_next(multipart, &input, &data)) > 0)
		tell_event(told, multipart, event, data);
	if (event == 0 && input.len != 0)
		abort();
	free(copy);
	return event;
}

static void read_form(struct cor_str boundary, struct cor_str body, size_t piece, struct told *told)
{
	struct cor_multipart multipart;
	char *lines = malloc(HEAD_BYTES);

	if (!lines)
		abort();
	*told = (struct told){ .rc = 0 };
	cor_multipart_begin(&multipart, boundary, lines, &limits);
	for (size_t at = 0; told->rc == 0 && at < body.len; at += piece) {
		size_t len = body.len - at < piece ? body.len - at : piece;
		told->rc = feed(&multipart, body.data + at, len, told);
	}
	if (told->rc == 0)
		told->rc = cor_multipart_end(&multipart);
	if (told->rc < 0 && !multipart.fault)
		abort();
	free(lines);
}

/* Of what is refused, as much as had come before the fault was seen. */
static void compare(const struct told *whole, const struct told *cut)
{
	if (whole->rc != cut->rc)
		abort();
	if (whole->rc == 0 &&
		(whole->text.len != cut->text.len ||
			(whole->text.len > 0 &&
				memcmp(whole->text.data, cut->text.data, whole->text.len) != 0)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char type[128] = "multipart/form-data; boundary=\"";
	struct cor_str boundary, body;
	struct told whole, cut;
	const char *fault;

	if (size < 2)
		return 0;
	size_t piece = data[0] % 80 + 1, len = data[1] % 72;
	if (len > size - 2)
		len = size - 2;
	memcpy(type + strlen(type), data + 2, len);
	type[31 + len] = '"';
	if (cor_multipart_boundary((struct cor_str){ type, 32 + len }, &boundary, &fault) < 0)
		return 0;
	body = (struct cor_str){ (const char *)data + 2 + len, size - 2 - len };
	read_form(boundary, body, body.len + 1, &whole);
	read_form(boundary, body, piece, &cut);
	compare(&whole, &cut);
	cor_buffer_finish(&whole.text);
	cor_buffer_finish(&cut.text);
	return 0;
}
