/* SPDX-License-Identifier: MIT */
/*
 * Holds many requests open at the same time, on one thread: sends them evenly over SECONDS, each to
 * be answered after MS.
 *
 *	held PORT CONNECTIONS SECONDS MS
 *
 * Prints HELD when all are waiting, and at the end, as JSON, how many were answered and lost, and
 * how late the answers came.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>

struct load {
	int port, connections, epoll;
	double seconds, delay_ms;
	int *fds;
	double *sent_ms;
	double *late_ms;
	int sent, answers, lost;
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

static int dial(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void open_all(struct load *load)
{
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < load->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
		load->fds[i] = dial(load->port);
		if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->fds[i], &event) < 0)
			die("epoll_ctl");
	}
}

static void send_due(struct load *load, double start_ms)
{
	char request[128];
	int len = snprintf(request, sizeof request,
		"GET /delay/%.0f HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", load->delay_ms);
	double gap_ms = load->seconds * 1e3 / load->connections, now = now_ms();

	while (load->sent < load->connections && start_ms + load->sent * gap_ms <= now) {
		int i = load->sent++;
		load->sent_ms[i] = now_ms();
		if (write(load->fds[i], request, (size_t)len) != len)
			die("write");
		if (load->sent == load->connections) {
			puts("HELD");
			fflush(stdout);
		}
	}
}

static void take_answer(struct load *load, uint32_t i)
{
	char answer[4096];
	ssize_t n = read(load->fds[i], answer, sizeof answer);

	if (n > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0) {
		load->late_ms[load->answers++] = now_ms() - load->sent_ms[i] - load->delay_ms;
		return;
	}
	load->lost++;
	epoll_ctl(load->epoll, EPOLL_CTL_DEL, load->fds[i], NULL);
}

static void run(struct load *load)
{
	struct epoll_event events[256];
	double start_ms = now_ms(), end_ms = start_ms + load->seconds * 1e3 + load->delay_ms + 20e3;

	while (load->answers + load->lost < load->connections && now_ms() < end_ms) {
		send_due(load, start_ms);
		int ready = epoll_wait(
			load->epoll, events, 256, load->sent < load->connections ? 0 : 100);
		for (int j = 0; j < ready; j++)
			take_answer(load, events[j].data.u32);
	}
	load->lost = load->connections - load->answers;
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
		.delay_ms = strtod(argv[4], NULL),
	};
	size_t len = (size_t)load.connections;
	load.fds = calloc(len, sizeof *load.fds);
	load.sent_ms = calloc(len, sizeof *load.sent_ms);
	load.late_ms = calloc(len, sizeof *load.late_ms);
	if (len == 0 || !load.fds || !load.sent_ms || !load.late_ms)
		return 64;
	open_all(&load);
	run(&load);
	size_t answers = (size_t)load.answers;
	qsort(load.late_ms, answers, sizeof *load.late_ms, compare);
	printf("{\"answers\":%zu,\"lost\":%d,\"late_p50_ms\":%.2f,\"late_p99_ms\":%.2f,\"late_max_ms\":%.2f}\n",
		answers, load.lost, answers ? load.late_ms[answers / 2] : 0,
		answers ? load.late_ms[answers * 99 / 100] : 0,
		answers ? load.late_ms[answers - 1] : 0);
	return 0;
}
