/* SPDX-License-Identifier: MIT */
/*
 * A load of POSTs, in a closed loop on one thread: each connection sends the same body again as
 * soon as it has its answer.
 *
 *	post PORT CONNECTIONS SECONDS PATH FILE
 *
 * All answers must be as long as the first. Prints, as JSON, the requests per second (rps) and
 * their number (n).
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define CONNECTIONS_MAX 1024

struct request {
	char data[65536];
	size_t len;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void make_request(struct request *request, const char *path, const char *file)
{
	static char body[32768];
	FILE *stream = fopen(file, "re");
	size_t len = stream ? fread(body, 1, sizeof body, stream) : 0;

	if (len == 0)
		die(file);
	fclose(stream);
	request->len = (size_t)snprintf(request->data, sizeof request->data,
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%.*s",
		path, len, (int)len, body);
}

static int dial(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void send_request(int fd, const struct request *request)
{
	if (write(fd, request->data, request->len) != (ssize_t)request->len)
		die("write");
}

/* One request alone: its answer must be a 200 and gives the length of all others. */
static long learn(int port, const struct request *request)
{
	static char answer[65536];
	int fd = dial(port);
	long len = 0, head;

	send_request(fd, request);
	for (;;) {
		ssize_t n = read(fd, answer + len, sizeof answer - 1 - (size_t)len);
		if (n <= 0)
			die("learn");
		len += n;
		answer[len] = '\0';
		char *end = strstr(answer, "\r\n\r\n"),
		     *length = strcasestr(answer, "\r\ncontent-length:");
		if (!end || !length)
			continue;
		head = end + 4 - answer;
		if (strncmp(answer, "HTTP/1.1 200", 12) != 0) {
			fprintf(stderr, "post: %s\n", answer);
			exit(1);
		}
		if (len >= head + strtol(length + 17, NULL, 10))
			break;
	}
	close(fd);
	return len;
}

struct load {
	struct request request;
	int port, connections, epoll;
	long length; /* of an answer */
	long done;
	int fds[CONNECTIONS_MAX];
	long missing[CONNECTIONS_MAX]; /* bytes of the answer that are still to come */
};

static void open_all(struct load *load)
{
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < load->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
		load->fds[i] = dial(load->port);
		load->missing[i] = load->length;
		if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->fds[i], &event) < 0)
			die("epoll_ctl");
		send_request(load->fds[i], &load->request);
	}
}

static void take_answer(struct load *load, uint32_t i)
{
	static char buffer[65536];
	ssize_t n = read(load->fds[i], buffer, sizeof buffer);

	if (n <= 0)
		die("read");
	load->missing[i] -= n;
	if (load->missing[i] > 0)
		return;
	load->missing[i] = load->length;
	load->done++;
	send_request(load->fds[i], &load->request);
}

static double run(struct load *load, double seconds)
{
	struct epoll_event events[256];
	double start = now_s();

	while (now_s() < start + seconds) {
		int ready = epoll_wait(load->epoll, events, 256, 1000);

		for (int j = 0; j < ready; j++)
			take_answer(load, events[j].data.u32);
	}
	return now_s() - start;
}

int main(int argc, char **argv)
{
	static struct load load;

	if (argc < 6)
		return 64;
	load.port = (int)strtol(argv[1], NULL, 10);
	load.connections = (int)strtol(argv[2], NULL, 10);
	if (load.connections > CONNECTIONS_MAX)
		return 64;
	make_request(&load.request, argv[4], argv[5]);
	load.length = learn(load.port, &load.request);
	open_all(&load);
	double seconds = run(&load, strtod(argv[3], NULL));
	printf("{\"rps\":%.0f,\"n\":%ld,\"secs\":%.3f}\n", (double)load.done / seconds, load.done,
		seconds);
	return 0;
}
