/* SPDX-License-Identifier: MIT */
/* Gets from memcached by libmemcached: libmemcached AT GETS, where AT is a port or a path. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmemcached/memcached.h>

#define KEYS 1000

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t key_of(long number, char room[16])
{
	return (size_t)snprintf(room, 16, "key:%d", (int)(number % KEYS));
}

int main(int argc, char **argv)
{
	memcached_st *handle = memcached_create(NULL);
	memcached_return_t rc;
	char room[16], value[64];

	if (argc != 3)
		return 64;
	long gets = strtol(argv[2], NULL, 10);
	memcached_behavior_set(handle, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
	rc = argv[1][0] == '/' ? memcached_server_add_unix_socket(handle, argv[1])
			       : memcached_server_add(
					 handle, "127.0.0.1", (in_port_t)strtol(argv[1], NULL, 10));
	memset(value, 'v', sizeof value);
	for (long i = 0; i < KEYS && rc == MEMCACHED_SUCCESS; i++)
		rc = memcached_set(handle, room, key_of(i, room), value, sizeof value, 0, 0);
	if (rc != MEMCACHED_SUCCESS)
		return 1;
	double began_s = now_s();
	for (long i = 0; i < gets; i++) {
		size_t len;
		uint32_t flags;
		char *got = memcached_get(handle, room, key_of(i, room), &len, &flags, &rc);
		if (!got || len != sizeof value)
			return 1;
		free(got);
	}
	printf("%.0f\n", (double)gets / (now_s() - began_s));
	memcached_free(handle);
	return 0;
}
