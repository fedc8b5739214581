/* SPDX-License-Identifier: MIT */
/*
 * In place of the resolver, for libcurl too: where the variable ADDRESSES is set, several.example
 * has those IPv4 addresses in their order, and no other name is ever found, or found not to be.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
	struct addrinfo info;
	struct sockaddr_in address;
};

static struct addrinfo *one(const char *text, const char *service, struct addrinfo *next)
{
	struct entry *entry = calloc(1, sizeof *entry);

	entry->address.sin_family = AF_INET;
	entry->address.sin_port = service ? htons((uint16_t)strtol(service, NULL, 10)) : 0;
	inet_pton(AF_INET, text, &entry->address.sin_addr);
	entry->info = (struct addrinfo){ .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = sizeof entry->address,
		.ai_addr = (struct sockaddr *)&entry->address,
		.ai_next = next };
	return &entry->info;
}

/* clang-format off */
typedef int (*find_fn)(const char *name, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret);
typedef void (*free_fn)(struct addrinfo *info);
/* clang-format on */

int getaddrinfo(
	const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	const char *variable = getenv("ADDRESSES");
	char addresses[256], *space;

	if (!variable)
		return ((find_fn)dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, ret);
	if (strcmp(name, "several.example") != 0) {
		for (;;)
			pause();
	}
	snprintf(addresses, sizeof addresses, "%s", variable);
	*ret = NULL;
	while ((space = strrchr(addresses, ' '))) {
		*ret = one(space + 1, service, *ret);
		*space = '\0';
	}
	*ret = one(addresses, service, *ret);
	return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
	if (!getenv("ADDRESSES")) {
		((free_fn)dlsym(RTLD_NEXT, "freeaddrinfo"))(info);
		return;
	}
	while (info) {
		struct addrinfo *next = info->ai_next;
		free(info);
		info = next;
	}
}
