/* SPDX-License-Identifier: MIT */
#include "cli/bench_before.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/net.h>

#include "before/pass.h"
#include "http/answer_parser.h"
#include "http/chunked.h"

#define PATIENCE_MS  10000
#define PIECE_BYTES  16384
#define ANSWER_BYTES (16 * 1024 * 1024)

int cor_bench_read_before(struct cor_bench *bench)
{
	struct cor_cli *cli = bench->cli;
	const char *path = cor_cli_path(cli, "test/" COR_BEFORE_FILE);

	bench->before = cor_cli_alloc(cli, sizeof *bench->before);
	int rc = cor_before_load(bench->before, path);
	if (rc == 0)
		rc = cor_before_check(bench->before, bench->document);
	if (rc == 0)
		return COR_CLI_OK;
	if (bench->before->fault)
		return cor_cli_fail(cli, COR_CLI_INPUT, "%s", bench->before->fault);
	return cor_cli_fail(cli, COR_CLI_INPUT, "%s: %s", path, cor_strerror(rc));
}

/* --- an exchange: the end of the connection is that of the answer --- */

static int read_all(struct cor_socket *socket, struct cor_buffer *ret)
{
	ssize_t n = 1;

	while (n > 0) {
		char *at = cor_buffer_reserve(ret, PIECE_BYTES);
		if (!at || ret->len > ANSWER_BYTES)
			return at ? -EPROTO : -ENOMEM;
		n = cor_socket_read(socket, at, PIECE_BYTES);
		ret->len += n > 0 ? (size_t)n : 0;
	}
	return n == -ECONNRESET && ret->len ? 0 : (int)n;
}

static int converse(const char *address, struct cor_str bytes, struct cor_buffer *ret)
{
	struct cor_socket *socket;
	struct cor_scope scope;

	cor_scope_enter(&scope, PATIENCE_MS);
	int rc = cor_socket_connect(address, &socket);
	if (rc == 0) {
		rc = cor_socket_write(socket, bytes.data, bytes.len);
		if (rc == 0)
			rc = read_all(socket, ret);
		cor_socket_close(socket);
	}
	cor_scope_leave(&scope);
	return rc;
}

static int unchunk(struct cor_str rest, struct cor_buffer *out)
{
	struct cor_chunked chunked;
	enum cor_chunked_event event = COR_CHUNKED_MORE;
	struct cor_str data;
	size_t used;

	cor_chunked_init(&chunked, ANSWER_BYTES);
	while (rest.len && event != COR_CHUNKED_END && event != COR_CHUNKED_ERROR) {
		event = cor_chunked_read(&chunked, rest.data, rest.len, &used, &data);
		if (event == COR_CHUNKED_DATA)
			cor_buffer_append_str(out, data);
		rest.data += used;
		rest.len -= used;
	}
	return event == COR_CHUNKED_END ? cor_buffer_error(out) : -EPROTO;
}

/* Interim answers are passed over. */
static ssize_t parse_head(struct cor_answer_parser *parser, struct cor_str *bytes)
{
	ssize_t n;

	while ((n = cor_answer_parse(parser, bytes->data, bytes->len)) > 0 &&
		parser->status < 200) {
		bytes->data += n;
		bytes->len -= (size_t)n;
		cor_answer_parser_reset(parser);
	}
	return n;
}

static const struct cor_before_field *fields_of(
	const struct cor_cli *cli, const struct cor_answer_parser *parser, const char *bytes)
{
	size_t len = parser->lines.head.fields_len;
	struct cor_before_field *fields = cor_cli_alloc(cli, (len + 1) * sizeof *fields);

	for (size_t i = 0; i < len; i++) {
		struct cor_str name = cor_span_text(bytes, parser->lines.fields[i].name);
		struct cor_str value = cor_span_text(bytes, parser->lines.fields[i].value);
		fields[i].name = cor_cli_text(cli, "%.*s", (int)name.len, name.data);
		fields[i].value = cor_cli_text(cli, "%.*s", (int)value.len, value.data);
	}
	return fields;
}

static int take_apart(
	const struct cor_cli *cli, struct cor_str bytes, bool is_head, struct cor_before_came *ret)
{
	struct cor_answer_parser *parser = cor_cli_alloc(cli, sizeof *parser);
	struct cor_buffer body = { 0 };
	int rc = 0;

	cor_answer_parser_init(parser, is_head ? COR_ANSWER_TO_HEAD : COR_ANSWER_TO_ANY);
	ssize_t n = parse_head(parser, &bytes);
	if (n <= 0)
		return -EPROTO;
	ret->status = parser->status;
	ret->fields = fields_of(cli, parser, bytes.data);
	bytes.data += n;
	bytes.len -= (size_t)n;
	if (parser->body == COR_ANSWER_CHUNKED)
		rc = unchunk(bytes, &body);
	else if (parser->body != COR_ANSWER_EMPTY)
		cor_buffer_append_str(&body, bytes);
	ret->body = cor_cli_take(cli, &body);
	return rc;
}

/* --- what goes before --- */

static int send(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_before_pass *pass, size_t i)
{
	const struct cor_cli *cli = bench->cli;
	struct cor_buffer bytes = { 0 }, answer = { 0 };
	struct cor_before_came came = { 0 };
	struct cor_before_sent sent;
	int rc = cor_before_make(pass, i, &sent);

	if (rc < 0)
		return rc;
	cor_before_write(&sent, server->host, "Connection: close\r\n", &bytes);
	int sending = converse(server->address, cor_cli_take(cli, &bytes), &answer);
	struct cor_str came_bytes = cor_cli_take(cli, &answer);
	if (sending == 0)
		sending = take_apart(cli, came_bytes, strcmp(sent.method, "HEAD") == 0, &came);
	if (sending < 0)
		return cor_before_fail(bench->before, bench->before->requests[i].line, "%s %s: %s",
			sent.method, sent.target, cor_strerror(sending));
	return cor_before_took(pass, i, &came);
}

static int send_all(const struct cor_bench *bench, const struct cor_bench_server *server,
	struct cor_before_pass *pass)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < bench->before->len; i++)
		rc = send(bench, server, pass, i);
	return rc == 0 ? cor_before_end(pass) : rc;
}

static int make_request(
	const struct cor_bench *bench, const struct cor_asked_guise *guise, struct cor_asked *ret)
{
	if (bench->has_operation)
		return cor_asked_of(bench->cli, bench->document, &bench->operation, guise, ret);
	return cor_asked_plain(bench->cli, bench->method, bench->path, guise, ret);
}

int cor_bench_prepare(const struct cor_bench *bench, struct cor_bench_server *server)
{
	const struct cor_cli *cli = bench->cli;
	struct cor_before_pass *pass = cor_cli_alloc(cli, sizeof *pass);
	struct cor_asked_guise guise = { .pass = pass };

	if (!bench->before)
		return make_request(bench, &guise, &server->asked);
	cor_before_begin(pass, bench->before);
	int rc = send_all(bench, server, pass);
	if (rc == 0) {
		guise.cookies = cor_before_cookies(pass);
		rc = cor_before_show(pass, bench->document,
			cor_asked_security(bench->document, &bench->like), &guise.shown);
	}
	if (rc == 0)
		rc = make_request(bench, &guise, &server->asked);
	else
		rc = cor_cli_fail(cli, COR_CLI_INPUT, "%s",
			rc == -COR_EINVALID ? bench->before->fault : cor_strerror(rc));
	cor_before_pass_finish(pass);
	return rc;
}
