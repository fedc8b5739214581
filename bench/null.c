/* SPDX-License-Identifier: MIT */
/*
 * The null server: the limit of one core. An epoll loop that reads, counts the ends of request
 * heads and writes as many constant responses, with the same headers that Coracle sends. It parses
 * nothing. A request with a body must be sent whole, with nothing after it: the server ignores
 * everything after its head.
 *
 *	null PORT
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define RESPONSES_MAX 1024

static const char response[] =
	"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
	"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n\r\n"
	"Hello, World!";

static const char closing[] = "close\r\n\r\n"; /* Connection: close, at the end of a head */

static int listen_at(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1024) < 0) {
		perror("null: listen");
		exit(71);
	}
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		close(fd);
}

static void accept_all(int epoll, int listener)
{
	int fd, one = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		watch(epoll, fd);
	}
}

/*
 * All requests of one kind have the same length, so the number of bytes read is a multiple of it,
 * and mostly the same as last time.
 */
static size_t count_requests(const char *data, size_t len)
{
	static size_t last_len, last_count;
	const char *end;

	if (len != last_len) {
		end = memmem(data, len, "\r\n\r\n", 4);
		last_count = end && data[0] != 'P' ? len / (size_t)(end + 4 - data) : 1;
		last_len = len;
	}
	return last_count < RESPONSES_MAX ? last_count : RESPONSES_MAX;
}

static void answer(int fd, char *in, size_t size, const char *out)
{
	ssize_t len = read(fd, in, size);

	if (len < (ssize_t)strlen(closing) ||
		write(fd, out, count_requests(in, (size_t)len) * strlen(response)) < 0 ||
		memcmp(in + len - strlen(closing), closing, strlen(closing)) == 0)
		close(fd);
}

int main(int argc, char **argv)
{
	static char in[65536], out[RESPONSES_MAX * sizeof response];
	struct epoll_event events[256];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int listener = listen_at(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080);

	for (size_t i = 0; i < RESPONSES_MAX; i++)
		memcpy(out + i * strlen(response), response, strlen(response));
	watch(epoll, listener);
	for (;;) {
		int ready = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < ready; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				answer(events[i].data.fd, in, sizeof in, out);
		}
	}
}
