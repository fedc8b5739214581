/* SPDX-License-Identifier: MIT */
#include "http/head_builder.h"

#include <coracle/error.h>

#include "http/chars.h"
#include "http/framing.h"
#include "http/host.h"
#include "http/request_line.h"

#define KEEP_BYTES 4096 /* of memory for text, from one head to the next */
#define SEPARATORS 4    /* of a header line in HTTP/1: colon, space, CR, LF */
#define VERSION    9    /* of a request line: space and HTTP/1.1 */

void cor_head_builder_init(struct cor_head_builder *builder, const struct cor_head_limits *limits)
{
	*builder = (struct cor_head_builder){ 0 };
	cor_head_parser_init(&builder->parser, limits);
}

void cor_head_builder_reset(struct cor_head_builder *builder, bool is_trailer)
{
	cor_head_parser_reset(&builder->parser);
	cor_buffer_clear(&builder->text, KEEP_BYTES);
	builder->method = builder->scheme = builder->authority = (struct cor_span){ 0 };
	builder->path = builder->protocol = (struct cor_span){ 0 };
	builder->block_bytes = builder->overflow_bytes = 0;
	builder->is_trailer = is_trailer;
	builder->is_refused = false;
	builder->parser.http1.minor_version = 1;
}

void cor_head_builder_destroy(struct cor_head_builder *builder)
{
	cor_buffer_finish(&builder->text);
}

static void refuse(struct cor_head_builder *builder, uint16_t status, const char *reason)
{
	if (!builder->is_refused)
		cor_ignore(cor_http_refuse(&builder->parser.error, status, reason));
	builder->is_refused = true;
}

/* Behind each text stands a CR: whoever looks through it stops there. */
static struct cor_span put(struct cor_head_builder *builder, struct cor_str text)
{
	struct cor_span span = { (uint16_t)builder->text.len, (uint16_t)text.len };

	if (builder->text.len + text.len > UINT16_MAX) {
		refuse(builder, 431, "the fields of the request together are too long");
		return (struct cor_span){ 0 };
	}
	char *room = cor_buffer_reserve(&builder->text, text.len + 1);
	if (!room)
		return (struct cor_span){ 0 };
	if (text.len != 0)
		memcpy(room, text.data, text.len);
	room[text.len] = '\r';
	builder->text.len += text.len + 1;
	return span;
}

static void add_pseudo(struct cor_head_builder *builder, struct cor_str name, struct cor_str value)
{
	const struct cor_head_parser *parser = &builder->parser;
	size_t line = value.len + builder->method.len + builder->path.len + VERSION;

	if (line > parser->request_line_bytes) {
		refuse(builder, 414, "the request's target is too long");
		return;
	}
	struct cor_span span = put(builder, value);
	switch (name.data[1]) {
	case 'm':
		builder->method = span;
		break;
	case 's':
		builder->scheme = span;
		break;
	case 'a':
		builder->authority = span;
		break;
	default:
		if (name.len == sizeof ":path" - 1)
			builder->path = span;
		else
			builder->protocol = span;
	}
}

static void add_field(struct cor_head_builder *builder, struct cor_str name, struct cor_str value)
{
	struct cor_head_parser *parser = &builder->parser;
	struct cor_head *head = &parser->head;

	if (name.len + value.len + 2 > parser->header_line_bytes) {
		refuse(builder, 431, "a header line is too long");
		return;
	}
	builder->block_bytes += (uint32_t)(name.len + value.len + SEPARATORS);
	if (builder->block_bytes > parser->header_block_bytes) {
		refuse(builder, 431, "the header lines together are too long");
		return;
	}
	if (head->fields_len == parser->header_count) {
		refuse(builder, 431, "there are too many headers");
		return;
	}
	struct cor_head_field *field = &parser->fields[head->fields_len++];
	field->name = put(builder, name);
	field->value = put(builder, value);
	if (builder->is_trailer)
		return;
	enum cor_known known = cor_known_find(name.data, name.len);
	if (known == COR_KNOWN_COUNT) {
		if ((name.len == 14 || name.len == 17) && cor_framing_alias(name))
			refuse(builder, 400,
				"a framing header is spelled with an underscore: use a hyphen");
		return;
	}
	if (!head->known[known])
		head->known[known] = head->fields_len;
	else
		head->repeats = true;
	if (builder->text.error == 0 &&
		cor_framing_field(parser, known, cor_span_text(builder->text.data, field->value)) <
			0)
		builder->is_refused = true;
}

void cor_head_builder_add(
	struct cor_head_builder *builder, struct cor_str name, struct cor_str value)
{
	if (builder->is_refused)
		builder->overflow_bytes += (uint32_t)(name.len + value.len + SEPARATORS);
	else if (name.data[0] == ':')
		add_pseudo(builder, name, value);
	else
		add_field(builder, name, value);
}

/* --- when all of it is here --- */

/* What another field says is there under this name, too. */
static void add_derived(struct cor_head_builder *builder, enum cor_known known, struct cor_str name,
	struct cor_span value)
{
	struct cor_head_parser *parser = &builder->parser;
	struct cor_head *head = &parser->head;

	struct cor_span text = put(builder, name);
	parser->fields[head->fields_len++] = (struct cor_head_field){ text, value };
	head->known[known] = head->fields_len;
}

/* RFC 9113 section 8.3.1: it stands for Host, and where both are given they say the same. */
static int take_authority(struct cor_head_builder *builder)
{
	struct cor_head_parser *parser = &builder->parser;
	struct cor_head *head = &parser->head;
	const char *bytes = builder->text.data;

	if (!bytes) /* there are fields */
		__builtin_unreachable();
	struct cor_str authority = cor_span_text(bytes, builder->authority);
	uint8_t field = head->known[COR_KNOWN_HOST];
	if (authority.len == 0)
		return field ? 0
			     : cor_http_refuse(&parser->error, 400,
				       "the request has neither :authority nor Host");
	if (!cor_host_valid(authority, COR_HOST_PORT_OPTIONAL))
		return cor_http_refuse(
			&parser->error, 400, ":authority is not a host with an optional port");
	if (field &&
		!cor_str_equal(cor_span_text(bytes, parser->fields[field - 1].value), authority))
		return cor_http_refuse(&parser->error, 400, ":authority and Host differ");
	if (!field)
		add_derived(builder, COR_KNOWN_HOST, COR_STR("host"), builder->authority);
	return 0;
}

static int take_target(struct cor_head_builder *builder)
{
	struct cor_head_parser *parser = &builder->parser;
	struct cor_head *head = &parser->head;
	struct cor_str method = cor_span_text(builder->text.data, builder->method);

	head->method_text = builder->method;
	head->method = (uint8_t)cor_method_find(method.data, method.len);
	if (builder->protocol.len != 0) {
		head->method = COR_METHOD_GET;
		head->method_text = put(builder, COR_STR("GET"));
		add_derived(builder, COR_KNOWN_UPGRADE, COR_STR("upgrade"), builder->protocol);
	}
	if (head->method != COR_METHOD_CONNECT)
		return cor_request_target_parse(parser, builder->text.data, builder->path);
	head->target_form = COR_TARGET_AUTHORITY;
	head->authority = builder->authority;
	return 0;
}

int cor_head_builder_finish(struct cor_head_builder *builder, bool has_body)
{
	struct cor_head_parser *parser = &builder->parser;
	struct cor_head *head = &parser->head;

	if (builder->text.error < 0)
		return builder->text.error;
	if (!builder->text.data)
		return cor_http_refuse(&parser->error, 400, "the request has no fields");
	int rc = builder->is_refused ? -COR_ESYNTAX : 0;
	if (rc == 0)
		rc = take_target(builder);
	if (rc == 0)
		rc = take_authority(builder);
	if (rc < 0)
		return rc;
	if (builder->text.error < 0)
		return builder->text.error;
	if (!has_body || builder->protocol.len != 0) {
		head->body = COR_BODY_NONE;
		head->content_length = 0;
	} else if (!head->known[COR_KNOWN_CONTENT_LENGTH]) {
		head->body = COR_BODY_UNKNOWN;
		head->content_length = -1;
	}
	return cor_framing_finish(parser);
}
