/* SPDX-License-Identifier: MIT */
#include "multipart/part_head.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "http/fold.h"
#include "http/media_type.h"
#include "http/parameter.h"
#include "multipart/disposition.h"

enum line {
	LINE_DISPOSITION,
	LINE_TYPE,
	LINE_ENCODING,
	LINE_COUNT,
};

/* The lines that say something; the others are passed over (RFC 7578 section 4.8). */
struct lines {
	struct cor_str values[LINE_COUNT]; /* data NULL: not there */
	unsigned count;
};

static int fail(const char **ret_fault, int rc, const char *fault)
{
	*ret_fault = fault;
	return rc;
}

static bool is_control(char byte)
{
	return ((unsigned char)byte < 0x20 && byte != '\t') || byte == 0x7f;
}

static bool has_control(struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_control(text.data[i]))
			return true;
	return false;
}

static struct cor_str trimmed(struct cor_str text)
{
	cor_take_blanks(&text);
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Which of the lines it is; LINE_COUNT: another. */
static enum line find(struct cor_str name)
{
	static const char *const names[] = {
		[LINE_DISPOSITION] = "content-disposition",
		[LINE_TYPE] = "content-type",
		[LINE_ENCODING] = "content-transfer-encoding",
	};
	enum line line = 0;

	while (line < LINE_COUNT && !cor_fold_equal(name, cor_str(names[line])))
		line++;
	return line;
}

static int take_line(struct lines *lines, struct cor_str text, const char **ret_fault)
{
	struct cor_str name;

	if (++lines->count > COR_PART_LINES_MAX)
		return fail(ret_fault, -COR_ETOOLARGE, "a part has more than 32 header lines");
	if (!cor_take_token(&text, &name) || !cor_take_byte(&text, ':'))
		return fail(ret_fault, -COR_ESYNTAX, "a part has a line that is no header line");
	if (has_control(text))
		return fail(
			ret_fault, -COR_ESYNTAX, "a part's header line has a control character");
	enum line line = find(name);
	if (line == LINE_COUNT)
		return 0;
	if (lines->values[line].data)
		return fail(ret_fault, -COR_ESYNTAX, "a part has a header line twice");
	lines->values[line] = trimmed(text);
	return 0;
}

static int split(char *text, size_t len, struct lines *ret, const char **ret_fault)
{
	int rc = 0;

	while (rc == 0 && len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = (size_t)(end - text) + 1;
		rc = take_line(ret, (struct cor_str){ text, line - 2 }, ret_fault);
		text += line;
		len -= line;
	}
	return rc;
}

/* RFC 7578 section 4.7: what HTTP carries needs no encoding. */
static int check_encoding(struct cor_str encoding, const char **ret_fault)
{
	static const char *const none[] = { "binary", "8bit", "7bit" };

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		if (!encoding.data || cor_fold_equal(encoding, cor_str(none[i])))
			return 0;
	return fail(ret_fault, -EOPNOTSUPP,
		"a part has a Content-Transfer-Encoding, which forms over HTTP must not have (RFC 7578 section 4.7): send its bytes as they are");
}

static bool is_utf8(struct cor_str charset)
{
	return charset.len == 0 || cor_fold_equal(charset, COR_STR("utf-8")) ||
	       cor_fold_equal(charset, COR_STR("us-ascii"));
}

static int take_type(struct cor_str value, struct cor_part_head *head, const char **ret_fault)
{
	struct cor_media_type media;

	if (!value.data || value.len == 0)
		return 0;
	if (cor_media_type_parse(value, &media) < 0)
		return fail(ret_fault, -COR_ESYNTAX, "a part's Content-Type is not a media type");
	if (media.essence.len > 10 && strncasecmp(media.essence.data, "multipart/", 10) == 0)
		return fail(ret_fault, -EOPNOTSUPP,
			"a part is multipart itself, which forms must not be any more (RFC 7578 section 4.3): send each file as a part of its own, all with the same name");
	head->is_utf8 = is_utf8(media.charset);
	char *text = (char *)(uintptr_t)media.essence.data;
	for (size_t i = 0; i < media.essence.len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] += 'a' - 'A';
	text[media.essence.len] = '\0'; /* a blank, a semicolon or the line's end */
	head->type = text;
	return 0;
}

const char *cor_part_file_name(char *name)
{
	char *last = name, *out;

	for (char *at = name; *at; at++)
		if (*at == '/' || *at == '\\')
			last = at + 1;
	out = last;
	for (const char *at = last; *at; at++)
		if ((unsigned char)*at >= 0x20 && *at != 0x7f)
			*out++ = *at;
	*out = '\0';
	return strcmp(last, ".") == 0 || strcmp(last, "..") == 0 ? "" : last;
}

int cor_part_head_parse(char *lines, size_t len, struct cor_part_head *ret, const char **ret_fault)
{
	struct lines found = { 0 };
	struct cor_disposition disposition = { NULL, NULL };
	struct cor_part_head head = { .is_utf8 = true };
	int rc = split(lines, len, &found, ret_fault);

	if (rc == 0 && !found.values[LINE_DISPOSITION].data)
		rc = fail(ret_fault, -COR_ESYNTAX,
			"a part has no Content-Disposition: form-data; name=\"...\"");
	if (rc == 0)
		rc = check_encoding(found.values[LINE_ENCODING], ret_fault);
	if (rc == 0)
		rc = take_type(found.values[LINE_TYPE], &head, ret_fault);
	if (rc == 0)
		rc = cor_disposition_parse(found.values[LINE_DISPOSITION], &disposition, ret_fault);
	if (rc < 0)
		return rc;
	head.name = disposition.name;
	if (disposition.file_name)
		head.file_name = cor_part_file_name((char *)(uintptr_t)disposition.file_name);
	*ret = head;
	return 0;
}
