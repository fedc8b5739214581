/* SPDX-License-Identifier: MIT */
/* What nginx answers itself is a problem, as with the service: RFC 9457. */
#include "nginx/problems.h"

#include "http/status.h"
#include "nginx/text.h"
#include "nginx/upstream.h"

/* What it says, what is sent. 403 is for whoever may not know of it; from 494 on: its own. */
static const struct {
	unsigned status, sent;
	const char *detail;
} rows[] = {
	{ 400, 400, "the request is not well-formed" },
	{ 403, 404, "there is nothing at this path" },
	{ 408, 408, "the request did not arrive in time" },
	{ 412, 412, "it is another than If-Match or If-Unmodified-Since says" },
	{ 413, 413, "the body is too large" },
	{ 414, 414, "the request line is too long" },
	{ 416, 416, "nothing of the file is in the ranges of Range: see Content-Range" },
	{ 494, 431, "the header is too large" },
	{ 495, 400, "the certificate is not accepted" },
	{ 496, 400, "a certificate is needed" },
	{ 497, 400, "this port speaks TLS" },
	{ 500, 500, "" },
	{ 502, 502, "the service does not answer" },
	{ 503, 503, "the service is overloaded" },
	{ 504, 504, "the service did not answer in time" },
};
#define ROWS (sizeof rows / sizeof rows[0])

/* $status is what is sent; each of those has one text, but for 400. */
void cor_nginx_write_titles(const struct cor_nginx_site *site)
{
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_printf(buffer,
		"# What nginx refuses itself is told as the service tells it: problem+json.\n"
		"map $status $%s_problem {\n",
		site->id);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].sent == 400 && rows[i].status != 400)
			continue;
		cor_buffer_printf(buffer,
			"    %u '{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u%s%s%s}';\n",
			rows[i].sent, cor_status_reason((int)rows[i].sent), rows[i].sent,
			rows[i].detail[0] ? ",\"detail\":\"" : "", rows[i].detail,
			rows[i].detail[0] ? "\"" : "");
	}
	cor_buffer_literal(
		buffer, "    default '{\"type\":\"about:blank\",\"status\":$status}';\n}\n\n");
}

void cor_nginx_write_error_pages(const struct cor_nginx_site *site, const char *indent)
{
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_printf(buffer, "%serror_page", indent);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].status == rows[i].sent)
			cor_buffer_printf(buffer, " %u", rows[i].status);
	cor_buffer_printf(buffer, " /.%s-problem;\n", site->id);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].status != rows[i].sent)
			cor_buffer_printf(buffer, "%serror_page %u =%u /.%s-problem;\n", indent,
				rows[i].status, rows[i].sent, site->id);
}

/* Who asks for the path itself asks for what only the service could have there. */
void cor_nginx_write_problem(const struct cor_nginx_site *site)
{
	cor_buffer_printf(site->buffer,
		"\n    location = /.%s-problem {\n        internal;\n"
		"        error_page 404 = @%s; # a client that asks for it asks the service\n"
		"        default_type application/problem+json;\n"
		"        return 200 $%s_problem; # with the status of the error\n    }\n"
		"    location @%s {\n",
		site->id, site->id, site->id, site->id);
	cor_nginx_write_pass(site);
	cor_buffer_literal(site->buffer, "    }\n");
}
