/* SPDX-License-Identifier: MIT */
#include "resolver/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

static int code_of(int failure)
{
	switch (failure) {
	case 0:
		return 0;
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
	case EAI_ADDRFAMILY:
#endif
		return -ENOENT;
	case EAI_AGAIN:
		return -EAGAIN;
	case EAI_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static void add(struct cor_addresses *addresses, const struct addrinfo *info)
{
	struct cor_address address = { 0 };

	if ((info->ai_family != AF_INET && info->ai_family != AF_INET6) ||
		info->ai_addrlen > sizeof address.v6 || addresses->len == COR_ADDRESSES_MAX)
		return;
	address.bytes = info->ai_addrlen;
	memcpy(&address.any, info->ai_addr, info->ai_addrlen);
	addresses->list[addresses->len++] = address;
}

static int find(const struct cor_lookup *lookup, const char *host, struct cor_addresses *ret)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;

	(void)lookup;
	int rc = code_of(getaddrinfo(host, NULL, &hints, &list));
	if (rc < 0)
		return rc;
	ret->len = 0;
	for (const struct addrinfo *info = list; info; info = info->ai_next)
		add(ret, info);
	freeaddrinfo(list);
	return ret->len != 0 ? 0 : -ENOENT;
}

const struct cor_lookup cor_system_lookup = { .find = find };
