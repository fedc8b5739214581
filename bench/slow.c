/* SPDX-License-Identifier: MIT */
/*
 * Clients that read a long answer slowly, and one that keeps asking for a short one.
 *
 *	slow PORT CONNECTIONS SECONDS BYTES
 *
 * Every 10 ms it opens up to 50 connections, until there are CONNECTIONS of them, each with a
 * request for BYTES; reads 4 KiB from every tenth; and times GET /plaintext on another connection.
 * Prints at the end, as JSON, how many answers the server cut, and the other client's waits.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

#define TICK_MS      10
#define OPENED_TICK  50
#define TURNS        10
#define READ_BYTES   4096
#define WINDOW_BYTES 8192
#define WAIT_S       30 /* longer than any stall; then the other client gives up */

struct load {
	int port, connections, opened, cut, other;
	double seconds;
	const char *bytes;
	int *fds; /* -1: the server closed it */
	double *took_ms;
	size_t took_len, took_max;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int dial(int port, int window_bytes)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval wait = { .tv_sec = WAIT_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (window_bytes > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window_bytes, sizeof window_bytes);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	return fd;
}

static void open_more(struct load *load)
{
	char request[128];
	int len = snprintf(request, sizeof request,
		"GET /bytes/%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", load->bytes);

	for (int i = 0; i < OPENED_TICK && load->opened < load->connections; i++) {
		int fd = dial(load->port, WINDOW_BYTES);

		if (write(fd, request, (size_t)len) != len)
			die("write");
		fcntl(fd, F_SETFL, O_NONBLOCK);
		load->fds[load->opened++] = fd;
	}
}

static void read_some(struct load *load, int turn)
{
	char piece[READ_BYTES];

	for (int i = turn % TURNS; i < load->opened; i += TURNS) {
		ssize_t n = load->fds[i] < 0 ? 1 : read(load->fds[i], piece, sizeof piece);

		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			close(load->fds[i]);
			load->fds[i] = -1;
			load->cut++;
		}
	}
}

static void ask_other(struct load *load)
{
	static const char request[] = "GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
	char answer[4096];
	double start = now_ms();

	if (load->took_len == load->took_max)
		return;
	if (write(load->other, request, sizeof request - 1) < 0 ||
		read(load->other, answer, sizeof answer) < 12 ||
		memcmp(answer, "HTTP/1.1 200", 12) != 0)
		die("the other client");
	load->took_ms[load->took_len++] = now_ms() - start;
}

static void wait_until(double due_ms)
{
	double left_ms = due_ms - now_ms();
	struct timespec pause = { .tv_nsec = (long)(left_ms * 1e6) };

	if (left_ms > 0)
		nanosleep(&pause, NULL);
}

static void run(struct load *load)
{
	double start = now_ms();

	load->other = dial(load->port, 0);
	for (int turn = 0; now_ms() < start + load->seconds * 1e3; turn++) {
		double begun = now_ms();

		open_more(load);
		read_some(load, turn);
		ask_other(load);
		wait_until(begun + TICK_MS);
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 64;
	struct load load = {
		.port = (int)strtol(argv[1], NULL, 10),
		.connections = (int)strtol(argv[2], NULL, 10),
		.seconds = strtod(argv[3], NULL),
		.bytes = argv[4],
	};
	load.took_max = (size_t)(load.seconds * 1e3 / TICK_MS) + 1;
	load.fds = calloc((size_t)load.connections, sizeof *load.fds);
	load.took_ms = calloc(load.took_max, sizeof *load.took_ms);
	if (load.connections <= 0 || !load.fds || !load.took_ms)
		return 64;
	run(&load);
	if (load.opened < load.connections)
		fprintf(stderr, "slow: opened only %d of %d connections\n", load.opened,
			load.connections);
	qsort(load.took_ms, load.took_len, sizeof *load.took_ms, compare);
	printf("{\"opened\":%d,\"cut\":%d,\"requests\":%zu,\"p50_ms\":%.3f,\"worst_ms\":%.2f}\n",
		load.opened, load.cut, load.took_len, load.took_ms[load.took_len / 2],
		load.took_ms[load.took_len - 1]);
	return 0;
}
