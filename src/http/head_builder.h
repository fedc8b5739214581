/* SPDX-License-Identifier: MIT */
/**
 * A head that comes as fields one by one, decoded already, as HTTP/2 brings it (RFC 9113 section
 * 8.3), made into what the head parser makes of text: with the same limits, and refused for the
 * same reasons.
 *
 *     cor_head_builder_reset(&builder, false);
 *     for (each field) cor_head_builder_add(&builder, name, value);
 *     if (cor_head_builder_finish(&builder, has_body) < 0)
 *             ...; // refuse it with builder.parser.error
 *     // builder.parser has head and fields, which count from builder.text.data
 *
 * An extended CONNECT (RFC 8441 section 4) becomes a GET without a body whose field Upgrade has
 * what :protocol says, which is how HTTP/1.1 asks for the same.
 *
 * That names are in lower case, which pseudo-header fields there are, and that none of them comes
 * twice or late is seen to by whoever decodes. Nothing here yields.
 */
#ifndef CORACLE_HTTP_HEAD_BUILDER_H
#define CORACLE_HTTP_HEAD_BUILDER_H

#include "base/buffer.h"
#include "http/head_parser.h"

struct cor_head_builder {
	struct cor_head_parser parser; /* never parses: its limits, and where the head goes */
	struct cor_buffer text;
	struct cor_span method, scheme, authority, path;
	struct cor_span protocol; /* of an extended CONNECT (RFC 8441 section 4); empty: none */
	uint32_t block_bytes;     /* of all header lines, as HTTP/1 counts them */
	uint32_t overflow_bytes;  /* that came after it was refused */
	bool is_trailer;          /* what its fields say counts for nothing but itself */
	bool is_refused;
};

/** `limits` NULL: all defaults. */
void cor_head_builder_init(struct cor_head_builder *builder, const struct cor_head_limits *limits);

/** Begin a head, or the trailer of a message. Its memory is kept. */
void cor_head_builder_reset(struct cor_head_builder *builder, bool is_trailer);

/** Add the next field. What is wrong is remembered, and told by cor_head_builder_finish(). */
void cor_head_builder_add(
	struct cor_head_builder *builder, struct cor_str name, struct cor_str value);

/**
 * All fields of a head are in; `has_body`: something follows them. Returns 0, -COR_ESYNTAX with
 * parser.error, or -ENOMEM.
 */
int cor_head_builder_finish(struct cor_head_builder *builder, bool has_body) COR_CHECKED;

void cor_head_builder_destroy(struct cor_head_builder *builder);

#endif
