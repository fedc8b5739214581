/* SPDX-License-Identifier: MIT */
#include "resolver/literal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define LABEL_BYTES_MAX 63

static void add(struct cor_addresses *addresses, int family, const void *ip)
{
	struct cor_address *address = &addresses->list[addresses->len++];

	*address = (struct cor_address){ 0 };
	address->any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		address->bytes = sizeof address->v4;
		memcpy(&address->v4.sin_addr, ip, sizeof address->v4.sin_addr);
	} else {
		address->bytes = sizeof address->v6;
		memcpy(&address->v6.sin6_addr, ip, sizeof address->v6.sin6_addr);
	}
}

static bool take_address(const char *text, struct cor_addresses *ret)
{
	struct in_addr four;
	struct in6_addr six;

	ret->len = 0;
	if (inet_pton(AF_INET, text, &four) == 1)
		add(ret, AF_INET, &four);
	else if (inet_pton(AF_INET6, text, &six) == 1)
		add(ret, AF_INET6, &six);
	return ret->len != 0;
}

static void take_localhost(struct cor_addresses *ret)
{
	const struct in_addr four = { htonl(INADDR_LOOPBACK) };

	ret->len = 0;
	add(ret, AF_INET6, &in6addr_loopback);
	add(ret, AF_INET, &four);
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool may_be_in_label(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
}

/* "7", "0x7f" */
static bool is_number(const char *label, size_t len)
{
	bool is_hex = len >= 2 && label[0] == '0' && label[1] == 'x';

	for (size_t i = is_hex ? 2 : 0; i < len; i++)
		if (!is_digit(label[i]) && !(is_hex && label[i] >= 'a' && label[i] <= 'f'))
			return false;
	return true;
}

/* Small letters already. */
static bool is_name(const char *name)
{
	const char *label = name;
	size_t len;

	for (;;) {
		for (len = 0; may_be_in_label(label[len]); len++)
			;
		if (len == 0 || len > LABEL_BYTES_MAX)
			return false;
		if (label[len] == '\0' || (label[len] == '.' && label[len + 1] == '\0'))
			return !is_number(label, len);
		if (label[len] != '.')
			return false;
		label += len + 1;
	}
}

/* "localhost", "a.localhost", and with a final dot */
static bool is_localhost(const char *name)
{
	const size_t own = sizeof "localhost" - 1;
	size_t len = strlen(name);

	if (len != 0 && name[len - 1] == '.')
		len--;
	if (len < own || memcmp(name + len - own, "localhost", own) != 0)
		return false;
	return len == own || name[len - own - 1] == '.';
}

int cor_host_literal(
	struct cor_str host, struct cor_addresses *ret, char ret_name[COR_HOST_NAME_BYTES])
{
	if (host.len == 0 || host.len >= COR_HOST_NAME_BYTES)
		return -EINVAL;
	for (size_t i = 0; i < host.len; i++) {
		char byte = host.data[i];
		if (byte == '\0')
			return -EINVAL;
		ret_name[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte + 'a' - 'A' : byte);
	}
	ret_name[host.len] = '\0';
	if (take_address(ret_name, ret))
		return 1;
	if (!is_name(ret_name))
		return -EINVAL;
	if (!is_localhost(ret_name))
		return 0;
	take_localhost(ret);
	return 1;
}
