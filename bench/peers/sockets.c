/* SPDX-License-Identifier: MIT */
/*
 * What gets from memcached cost at least: sockets AT GETS CALLS, where AT is a port or a path. The
 * same request each time, and nobody reads what comes. CALLS: 2, send() and a recv() that waits; 3,
 * with epoll_wait() between them. Prints gets a second.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static const char put[] = "set key:0 0 0 64\r\n"
			  "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\r\n";
static const char get[] = "get key:0\r\n";

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int connect_to(const char *at)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct sockaddr_in port = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)strtol(at, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int is_path = at[0] == '/', on = 1;
	int fd = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

	snprintf(path.sun_path, sizeof path.sun_path, "%s", at);
	if (is_path)
		return connect(fd, (struct sockaddr *)&path, sizeof path) < 0 ? -1 : fd;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
		return -1;
	return connect(fd, (struct sockaddr *)&port, sizeof port) < 0 ? -1 : fd;
}

static int watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | (unsigned)EPOLLET };
	int watched = epoll_create1(0);

	return epoll_ctl(watched, EPOLL_CTL_ADD, fd, &event) < 0 ? -1 : watched;
}

static int ask(int fd, int watched, const char *request, size_t len)
{
	struct epoll_event events[256];
	char answer[16384];

	if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -1;
	if (watched >= 0 && epoll_wait(watched, events, 256, 10000) != 1)
		return -1;
	return recv(fd, answer, sizeof answer, 0) > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
	int fd = argc == 4 ? connect_to(argv[1]) : -1;
	int watched = fd >= 0 && argv[3][0] == '3' ? watch(fd) : -1;

	if (fd < 0 || ask(fd, watched, put, sizeof put - 1) < 0)
		return 1;
	long gets = strtol(argv[2], NULL, 10);
	double began_s = now_s();
	for (long i = 0; i < gets; i++)
		if (ask(fd, watched, get, sizeof get - 1) < 0)
			return 1;
	printf("%.0f\n", (double)gets / (now_s() - began_s));
	return 0;
}
