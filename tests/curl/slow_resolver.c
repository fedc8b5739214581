/* SPDX-License-Identifier: MIT */
/*
 * Preloaded in place of the resolver: slow.example is never found, several.example has the IPv4
 * addresses of the variable ADDRESSES in their order.
 */
#include <arpa/inet.h>
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
	entry->address.sin_port = htons((uint16_t)strtol(service, NULL, 10));
	inet_pton(AF_INET, text, &entry->address.sin_addr);
	entry->info = (struct addrinfo){ .ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = sizeof entry->address,
		.ai_addr = (struct sockaddr *)&entry->address,
		.ai_next = next };
	return &entry->info;
}

int getaddrinfo(
	const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	char addresses[256], *space;

	(void)hints;
	if (strcmp(name, "several.example") != 0) {
		for (;;)
			pause();
	}
	snprintf(addresses, sizeof addresses, "%s", getenv("ADDRESSES"));
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
	while (info) {
		struct addrinfo *next = info->ai_next;
		free(info);
		info = next;
	}
}
