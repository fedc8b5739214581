/* SPDX-License-Identifier: MIT */
/* Packets of the uwsgi protocol: whatever they hold, the head that one becomes is one head. */
#include <stdlib.h>
#include <string.h>

#include "http/head_parser.h"
#include "target.h"
#include "uwsgi/head.h"

static void check_refusal(const struct cor_http_error *error)
{
	if (!error->reason || error->status < 400 || error->status > 499)
		abort();
}

/* No variable has ended the head before its end, or goes on behind it. */
static void check_head(const char *head, size_t len)
{
	struct cor_head_parser parser;

	cor_head_parser_init(&parser, NULL);
	ssize_t used = cor_head_parse(&parser, head, len);
	if (used == 0 || (used > 0 && (size_t)used != len))
		abort();
	if (used > 0 && (parser.http1.keep_alive || parser.head.body == COR_BODY_UNKNOWN))
		abort();
}

static void check_packet(const struct cor_uwsgi_packet *packet)
{
	struct cor_http_error error = { 0 };
	struct cor_buffer head = { 0 };

	if (cor_uwsgi_write_head(packet, &head, &error) == 0)
		check_head(head.data, head.len);
	else
		check_refusal(&error);
	cor_buffer_finish(&head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct cor_http_error error = { 0 };
	struct cor_uwsgi_packet packet;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	ssize_t used = cor_uwsgi_read(&packet, copy, size, &error);
	if (used > (ssize_t)size)
		abort();
	if (used < 0)
		check_refusal(&error);
	if (used > 0)
		check_packet(&packet);
	free(copy);
	return 0;
}
