/* SPDX-License-Identifier: MIT */
#include "openapi/file.h"

#include <errno.h>
#include <stdio.h>

#include "http/accept.h"

#define ETAG_BYTES 80

bool cor_etag_listed(struct cor_str list, struct cor_str etag)
{
	const char *p = list.data;
	const char *end = list.data + list.len;

	if (cor_str_equal(list, COR_STR("*")))
		return true;
	while (p < end) {
		if (*p != '"') {
			p++; /* white space, commas, W/ */
			continue;
		}
		const char *close = memchr(p + 1, '"', (size_t)(end - p - 1));
		if (!close)
			return false;
		if (cor_str_equal((struct cor_str){ p, (size_t)(close + 1 - p) }, etag))
			return true;
		p = close + 1;
	}
	return false;
}

static bool wants_gzip(struct cor_exchange *x, const struct cor_asset *file)
{
	struct cor_str accept = cor_exchange_list(x, COR_KNOWN_ACCEPT_ENCODING);

	return file->gzip.len && accept.len &&
	       cor_accept_encoding_quality(accept, COR_STR("gzip")) > 0;
}

/* Each form has a validator of its own (RFC 9110 section 8.8.3.3). */
static void form_etag(char etag[ETAG_BYTES], const struct cor_asset *file, bool is_gzip)
{
	int len = (int)strlen(file->etag);

	if (is_gzip)
		snprintf(etag, ETAG_BYTES, "%.*s-gzip\"", len - 1, file->etag);
	else
		snprintf(etag, ETAG_BYTES, "%s", file->etag);
}

int cor_file_send(struct cor_exchange *x, const struct cor_asset *file)
{
	bool is_gzip = wants_gzip(x, file);
	char etag[ETAG_BYTES];

	form_etag(etag, file, is_gzip);
	if (cor_reply_header(&x->ctx, "ETag", etag) < 0 ||
		cor_reply_header(&x->ctx, "Cache-Control", "no-cache") < 0 ||
		cor_reply_header(&x->ctx, "X-Content-Type-Options", "nosniff") < 0 ||
		(file->gzip.len && cor_reply_header(&x->ctx, "Vary", "Accept-Encoding") < 0))
		return -ENOMEM;
	if (cor_etag_listed(cor_exchange_list(x, COR_KNOWN_IF_NONE_MATCH), cor_str(etag)))
		return cor_exchange_respond(x, 304, (struct cor_str){ 0 }, (struct cor_str){ 0 });
	if (is_gzip && cor_reply_header(&x->ctx, "Content-Encoding", "gzip") < 0)
		return -ENOMEM;
	return cor_exchange_respond(
		x, 200, cor_str(file->content_type), is_gzip ? file->gzip : file->plain);
}
