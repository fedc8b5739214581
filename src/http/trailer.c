/* SPDX-License-Identifier: MIT */
#include "http/trailer.h"

#include <string.h>
#include <strings.h>

#include "base/trim.h"

static bool is_one_of(struct cor_str name, const char *const *names, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strlen(names[i]) == name.len && strncasecmp(names[i], name.data, name.len) == 0)
			return true;
	return false;
}

bool cor_trailer_is_allowed(struct cor_str name)
{
	static const char *const names[] = { /* framing and the connection */
		"transfer-encoding", "content-length", "te", "trailer", "connection", "keep-alive",
		"proxy-connection", "upgrade", "http2-settings",
		/* routing, and who the client is */
		"host", "forwarded", "via", "x-forwarded-for", "x-forwarded-host",
		"x-forwarded-proto", "x-forwarded-port", "x-forwarded-prefix", "x-real-ip",
		"x-request-id", "max-forwards",
		/* authentication */
		"authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate",
		"authentication-info", "proxy-authentication-info", "cookie", "set-cookie",
		/* what is asked, and how */
		"expect", "range", "if-match", "if-none-match", "if-modified-since",
		"if-unmodified-since", "if-range", "cache-control", "pragma", "accept",
		"accept-charset", "accept-encoding", "accept-language", "origin", "referer",
		"user-agent",
		/* what the answer as a whole is */
		"age", "date", "expires", "location", "retry-after", "vary", "warning",
		/* what the content is */
		"content-encoding", "content-type", "content-range", "content-language",
		"content-location", "content-disposition"
	};

	return name.len != 0 && !is_one_of(name, names, sizeof names / sizeof names[0]);
}

/* What stands before the first `end`, which goes, too. */
static struct cor_str take_until(struct cor_str *text, char end)
{
	const char *at = text->len ? memchr(text->data, end, text->len) : NULL;
	struct cor_str before = { text->data, at ? (size_t)(at - text->data) : text->len };
	size_t taken = before.len + (at != NULL);

	text->data += taken;
	text->len -= taken;
	return before;
}

bool cor_te_takes_trailers(struct cor_str te)
{
	while (te.len != 0) {
		struct cor_str coding = cor_trim(take_until(&te, ','));
		if (coding.len == strlen("trailers") &&
			strncasecmp(coding.data, "trailers", coding.len) == 0)
			return true;
	}
	return false;
}

bool cor_trailer_take(struct cor_str *section, struct cor_str *ret_name, struct cor_str *ret_value)
{
	if (section->len == 0)
		return false;
	struct cor_str line = take_until(section, '\n');

	*ret_name = take_until(&line, ':');
	*ret_value = cor_trim(line);
	return true;
}
