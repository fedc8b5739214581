/* SPDX-License-Identifier: MIT */
#include "contract/curl.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/utf8.h"

#define BASE_URL    "http://127.0.0.1:8080" /* where `coracle run` serves it, told nothing */
#define SHOWN_BYTES 2000                    /* of a body, in a command */

static void quote(struct cor_buffer *out, struct cor_str text)
{
	cor_buffer_byte(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\'')
			cor_buffer_literal(out, "'\\''");
		else
			cor_buffer_byte(out, text.data[i]);
	}
	cor_buffer_byte(out, '\'');
}

/* As it stands: a terminal shows it, and what is read from there is the same. */
static bool is_plain(struct cor_str body)
{
	for (size_t i = 0; i < body.len; i++) {
		unsigned char byte = (unsigned char)body.data[i];
		if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F)
			return false;
	}
	return cor_utf8_valid(body);
}

/* Other bytes are octal for printf, whose output bash and zsh make a file of. */
static void write_octal(struct cor_buffer *out, struct cor_str body)
{
	cor_buffer_literal(out, "@<(printf -- '");
	for (size_t i = 0; i < body.len; i++) {
		unsigned char byte = (unsigned char)body.data[i];
		if (byte == '\r')
			cor_buffer_literal(out, "\\r");
		else if (byte == '\n')
			cor_buffer_literal(out, "\\n");
		else if (byte == '%')
			cor_buffer_literal(out, "%%");
		else if (byte < 0x20 || byte > 0x7E || byte == '\'' || byte == '\\')
			cor_buffer_printf(out, "\\%03o", byte);
		else
			cor_buffer_byte(out, (char)byte);
	}
	cor_buffer_literal(out, "')");
}

static void write_curl_body(struct cor_buffer *out, const char *type, struct cor_str body)
{
	if (!type)
		return;
	cor_buffer_literal(out, " -H ");
	quote(out, cor_str(type));
	if (body.len > SHOWN_BYTES) {
		cor_buffer_printf(out, " --data-binary @body # of %zu bytes", body.len);
		return;
	}
	cor_buffer_literal(out, " --data-binary ");
	if (is_plain(body))
		quote(out, body);
	else
		write_octal(out, body);
}

/* Where it is served: `coracle test` and `coracle dev` know from --http, or from .env. */
static void write_url(struct cor_contract_run *run, struct cor_buffer *out, const char *target)
{
	const char *said = getenv("CORACLE_URL"); /* NOLINT(concurrency-mt-unsafe) */
	const char *url = said && said[0] ? said : BASE_URL;
	size_t len = strlen(url);

	if (strncmp(url, "unix:", 5) == 0) {
		cor_buffer_literal(out, "--unix-socket ");
		quote(out, cor_str(url + 5));
		cor_buffer_byte(out, ' ');
		url = "http://localhost";
		len = strlen(url);
	}
	len -= len && url[len - 1] == '/';
	quote(out, cor_str(cor_contract_printf(run, "%.*s%s", (int)len, url, target)));
}

const char *cor_contract_curl(struct cor_contract_run *run, const struct cor_test_request *request,
	const char *target, const char *cookies)
{
	struct cor_buffer out = { 0 };
	const char *type = request->content_type ? cor_contract_printf(run, "Content-Type: %s",
							   request->content_type)
						 : NULL;

	if (strcmp(request->method, "HEAD") == 0)
		cor_buffer_literal(&out, "curl -i --head ");
	else
		cor_buffer_printf(&out, "curl -i -X %s ", request->method);
	write_url(run, &out, target);
	for (const struct cor_http_field *at = request->headers; at->name; at++) {
		cor_buffer_literal(&out, " -H ");
		quote(&out, cor_str(cor_contract_printf(run, "%s: %s", at->name, at->value)));
	}
	if (cookies) {
		cor_buffer_literal(&out, " -b ");
		quote(&out, cor_str(cookies));
	}
	write_curl_body(&out, type, request->body);
	const char *text = cor_contract_printf(run, "%.*s", (int)out.len, out.data ? out.data : "");
	cor_buffer_finish(&out);
	return text;
}
