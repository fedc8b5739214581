/* SPDX-License-Identifier: MIT */
/* As HTTP/1.0 has it, so that the end of the connection is that of the answer. */
#include "control/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <coracle/fiber.h>
#include <coracle/net.h>

#include "base/buffer.h"

#define PIECE_BYTES  (16 * 1024)
#define ANSWER_BYTES (16 * 1024 * 1024)

static int send_question(struct cor_socket *socket, const struct cor_control_question *question)
{
	struct cor_buffer text = { 0 };

	cor_buffer_printf(&text,
		"%s %s HTTP/1.0\r\nHost: control\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n",
		question->method, question->path, question->json.len);
	cor_buffer_append_str(&text, question->json);
	int rc = cor_buffer_error(&text);
	if (rc == 0)
		rc = cor_socket_write(socket, text.data, text.len);
	cor_buffer_finish(&text);
	return rc;
}

static int read_all(struct cor_socket *socket, struct cor_buffer *ret)
{
	char piece[PIECE_BYTES];
	ssize_t n;

	while ((n = cor_socket_read(socket, piece, sizeof piece)) > 0 && ret->len < ANSWER_BYTES)
		cor_buffer_append(ret, piece, (size_t)n);
	cor_buffer_byte(ret, '\0');
	if (n > 0)
		return -EPROTO;
	return n < 0 ? (int)n : cor_buffer_error(ret);
}

/* The length that the head announces; what it does not say is what has come. */
static size_t announced(const char *head, const char *body)
{
	static const char name[] = "content-length:";

	for (const char *line = head; line < body; line = strchr(line, '\n') + 1)
		if (strncasecmp(line, name, sizeof name - 1) == 0)
			return strtoul(line + sizeof name - 1, NULL, 10);
	return strlen(body);
}

static int take_apart(const char *text, struct cor_arena *arena, struct cor_control_answer *ret)
{
	const char *body = strstr(text, "\r\n\r\n");

	if (strncmp(text, "HTTP/1.", 7) != 0 || !body)
		return -EPROTO;
	ret->status = (int)strtol(text + strlen("HTTP/1.1 "), NULL, 10);
	body += 4;
	size_t len = announced(text, body);
	if (len != strlen(body))
		return -EPROTO;
	char *copy = cor_arena_alloc(arena, len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, body, len + 1);
	ret->body = (struct cor_str){ copy, len };
	return 0;
}

static int converse(struct cor_socket *socket, const struct cor_control_question *question,
	struct cor_arena *arena, struct cor_control_answer *ret)
{
	struct cor_buffer text = { 0 };
	int rc = send_question(socket, question);

	if (rc == 0)
		rc = read_all(socket, &text);
	if (rc == 0 && text.data)
		rc = take_apart(text.data, arena, ret);
	cor_buffer_finish(&text);
	return rc == -EPIPE || rc == -ECONNRESET ? -EPROTO : rc;
}

int cor_control_ask(const struct cor_control_question *question, struct cor_arena *arena,
	struct cor_control_answer *ret)
{
	struct cor_socket *socket;
	struct cor_scope scope;

	cor_scope_enter(&scope, question->timeout_ms);
	int rc = cor_socket_connect(question->address, &socket);
	if (rc == 0) {
		rc = converse(socket, question, arena, ret);
		cor_socket_close(socket);
	}
	cor_scope_leave(&scope);
	return rc;
}
