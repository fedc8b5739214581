/* SPDX-License-Identifier: MIT */
/**
 * What a request is, whatever protocol brought it: method, target, header fields, and whether a
 * body comes.
 *
 * The text stays where it was received: everything here is an offset from the head's first byte.
 * Nothing here allocates or yields.
 */
#ifndef CORACLE_HTTP_HEAD_H
#define CORACLE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

#include "http/known.h"
#include "http/method.h"

#define COR_HEAD_FIELDS_MAX     100
#define COR_HEAD_FIELDS_DERIVED 2 /* more, that pseudo-header fields of HTTP/2 stand for */

/** RFC 9112 section 3.2. */
enum cor_target_form {
	COR_TARGET_ORIGIN,    /* /path?query */
	COR_TARGET_ABSOLUTE,  /* http://authority/path?query */
	COR_TARGET_ASTERISK,  /* *, with OPTIONS only */
	COR_TARGET_AUTHORITY, /* host:port, with CONNECT only */
};

/** A piece of the head: `len` bytes from byte `at` of it. */
struct cor_span {
	uint16_t at;
	uint16_t len;
};

struct cor_head_field {
	struct cor_span name;  /* as sent */
	struct cor_span value; /* without the white space around it; may be empty */
};

/** Whether a request has a body. One that is announced and empty counts as none. */
enum cor_body_kind {
	COR_BODY_NONE = 0,
	COR_BODY_LENGTH,  /* of as many bytes as content_length says */
	COR_BODY_UNKNOWN, /* it ends when it ends */
};

/** What a head says, apart from its fields: small, so that it can be copied. */
struct cor_head {
	uint8_t method;      /* enum cor_method */
	uint8_t target_form; /* enum cor_target_form */
	uint8_t body;        /* enum cor_body_kind */
	uint8_t fields_len;
	bool repeats;   /* a name of COR_KNOWN_NAMES stands in more than one field */
	bool has_query; /* there was a '?', even if nothing follows it */

	struct cor_span method_text;
	/* percent-encoded, without the query; "/" for an absolute target without a path, "*" for an
	   asterisk, empty for an authority */
	struct cor_span path;
	struct cor_span query;     /* what follows the '?' */
	struct cor_span authority; /* of an absolute or authority target, else empty */
	/* what counts: the target's authority, else Host; empty in HTTP/1.0 without one */
	struct cor_span host;

	int64_t content_length; /* of the body in bytes; 0: COR_BODY_NONE, -1: COR_BODY_UNKNOWN */

	uint8_t known[COR_KNOWN_COUNT]; /* 1 + index of the first field of that name; 0: absent */
};

/** The text of a span; `bytes` is the head's first byte. */
static inline struct cor_str cor_span_text(const char *bytes, struct cor_span span)
{
	struct cor_str text = { bytes + span.at, span.len };
	return text;
}

/** The value of the first field with a well-known name; data is NULL if absent. */
static inline struct cor_str cor_head_known(const struct cor_head *head,
	const struct cor_head_field *fields, const char *bytes, enum cor_known name)
{
	struct cor_str none = { NULL, 0 };
	uint8_t index = head->known[name];

	return index ? cor_span_text(bytes, fields[index - 1].value) : none;
}

/** The index of the first field with that name, in any case, at or after `from`; -1 if none. */
int cor_head_find(const struct cor_head_field *fields, size_t len, const char *bytes,
	struct cor_str name, size_t from);

#endif
