/* SPDX-License-Identifier: MIT */
#include "coding/media.h"

#include <string.h>
#include <strings.h>

#include "http/response.h"

/* What is text, or numbers in tables. What is compressed by itself would only grow. */
static const char *const usual[] = {
	"application/json",
	"text",
	"+json",
	"+xml",
	"+yaml",
	"+text",
	"application/javascript",
	"application/json-seq",
	"application/jsonl",
	"application/manifest+json",
	"application/rtf",
	"application/sql",
	"application/toml",
	"application/vnd.ms-fontobject",
	"application/wasm",
	"application/x-javascript",
	"application/x-ndjson",
	"application/x-yaml",
	"application/xml",
	"application/yaml",
	"font/otf",
	"font/ttf",
	"image/bmp",
	"image/vnd.microsoft.icon",
	"image/x-icon",
	NULL,
};

/* type and subtype, without parameters */
static struct cor_str essence_of(struct cor_str content_type)
{
	size_t len = 0;

	while (len < content_type.len && !strchr("; \t", content_type.data[len]))
		len++;
	return (struct cor_str){ content_type.data, len };
}

static bool is_same(struct cor_str text, const char *pattern, size_t len)
{
	return text.len == len && strncasecmp(text.data, pattern, len) == 0;
}

static bool ends_with(struct cor_str text, const char *pattern, size_t len)
{
	return text.len > len && strncasecmp(text.data + text.len - len, pattern, len) == 0;
}

static bool matches(struct cor_str essence, const char *pattern)
{
	const char *slash = memchr(essence.data, '/', essence.len);
	size_t len = strlen(pattern);

	if (pattern[0] == '+')
		return ends_with(essence, pattern, len);
	if (!strchr(pattern, '/'))
		return slash &&
		       is_same((struct cor_str){ essence.data, (size_t)(slash - essence.data) },
			       pattern, len);
	return is_same(essence, pattern, len);
}

bool cor_coding_media_listed(const char *const *patterns, struct cor_str content_type)
{
	struct cor_str essence = essence_of(content_type);

	if (essence.len == 0)
		return false;
	for (const char *const *at = patterns ? patterns : usual; *at; at++)
		if (matches(essence, *at))
			return true;
	return false;
}

bool cor_coding_media_valid(const char *pattern)
{
	struct cor_str text = cor_str(pattern[0] == '+' ? pattern + 1 : pattern);
	const char *slash = memchr(text.data, '/', text.len);

	if (pattern[0] == '+' || !slash)
		return cor_field_name_valid(text) && !memchr(text.data, '*', text.len);
	return cor_field_name_valid((struct cor_str){ text.data, (size_t)(slash - text.data) }) &&
	       cor_field_name_valid(cor_str(slash + 1)) && !memchr(text.data, '*', text.len);
}
