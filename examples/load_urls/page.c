/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TIMEOUT_MS 60000
#define HEAD_BYTES 16384

/* A URL in two: where to connect to, and what to ask for there. */
struct place {
	char *address;
	const char *path;
};

static int parse_url(struct cor_ctx *ctx, const char *url, struct place *ret)
{
	static const char scheme[] = "http://";

	if (strncmp(url, scheme, strlen(scheme)) != 0)
		return cor_problem(ctx, 400, -EINVAL, "a URL begins with http://");
	const char *host = url + strlen(scheme);
	size_t len = strcspn(host, "/?#");
	const char *port = memchr(host, ']', len); /* [::1]:80 has colons inside, too */
	bool has_port = strchr(port ? port : host, ':') != NULL &&
			strchr(port ? port : host, ':') < host + len;
	ret->address = cor_printf(ctx, "%.*s%s", (int)len, host, has_port ? "" : ":80");
	ret->path = host[len] == '/' ? host + len : "/";
	return ret->address ? 0 : -ENOMEM;
}

static int ask(struct cor_ctx *ctx, struct cor_socket *socket, const struct place *place)
{
	char *request = cor_printf(
		ctx, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", place->path, place->address);

	return request ? cor_socket_write(socket, request, strlen(request)) : -ENOMEM;
}

/*
 * The head, and what came with it: *ret_len bytes and a NUL. Returns the length of the head alone.
 */
static ssize_t read_head(struct cor_socket *socket, char *head, size_t *ret_len)
{
	size_t len = 0;

	while (len < HEAD_BYTES) {
		ssize_t n = cor_socket_read(socket, head + len, HEAD_BYTES - len);
		if (n <= 0)
			return n < 0 ? n : -EBADMSG;
		len += (size_t)n;
		head[len] = '\0';
		*ret_len = len;
		const char *end = strstr(head, "\r\n\r\n");
		if (end)
			return end + 4 - head;
	}
	return -COR_ETOOLARGE;
}

/* Nobody says how long it is, except that the server may: then less is not all of it. */
static int64_t length_of(const char *head, size_t len)
{
	static const char name[] = "\r\nContent-Length:";

	for (size_t i = 0; i + strlen(name) < len; i++)
		if (strncasecmp(head + i, name, strlen(name)) == 0)
			return strtoll(head + i + strlen(name), NULL, 10);
	return -1;
}

static int read_page(struct cor_ctx *ctx, struct cor_socket *socket, struct page *page)
{
	char head[HEAD_BYTES + 1], body[4096];
	int status = 0;
	size_t len;
	ssize_t n = read_head(socket, head, &len);

	if (n < 0)
		return (int)n;
	int64_t bytes = (int64_t)len - n;
	head[n] = '\0';
	if (strncmp(head, "HTTP/1.", 7) == 0 && strlen(head) > 12)
		status = (int)strtol(head + 9, NULL, 10);
	if (status != 200)
		return cor_problem(
			ctx, 502, 0, "the server answered %.*s", (int)strcspn(head, "\r\n"), head);
	while ((n = cor_socket_read(socket, body, sizeof body)) > 0)
		bytes += n;
	if (n == 0 && bytes < length_of(head, strlen(head)))
		return cor_problem(ctx, 502, -EBADMSG, "the page ended early");
	page->bytes = (uint64_t)bytes;
	return (int)n;
}

static int load_from(struct cor_ctx *ctx, const struct place *place, struct page *page)
{
	struct cor_socket *socket;
	int rc = cor_socket_connect(place->address, &socket);

	if (rc == -EINVAL)
		return cor_problem(ctx, 400, rc,
			"\"%s\" is no address: write the number of the host", place->address);
	if (rc < 0)
		return rc;
	rc = ask(ctx, socket, place);
	if (rc == 0)
		rc = read_page(ctx, socket, page);
	cor_socket_close(socket);
	return rc;
}

int page_load(struct cor_ctx *ctx, struct page *page)
{
	struct cor_scope scope;
	struct place place = { 0 };
	int rc = parse_url(ctx, page->url, &place);

	if (rc < 0)
		return rc;
	cor_scope_enter(&scope, TIMEOUT_MS);
	rc = load_from(ctx, &place, page);
	cor_scope_leave(&scope);
	if (rc == 0 || rc == -COR_EPROBLEM || rc == -ECANCELED)
		return rc;
	return cor_problem(ctx, 0, rc, "%s", cor_strerror(rc));
}
