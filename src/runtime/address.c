/* SPDX-License-Identifier: MIT */
#include "runtime/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static int parse_local(const char *path, struct cor_address *ret)
{
	size_t len = strlen(path);

	if (len == 0)
		return -EINVAL;
	if (len >= sizeof ret->local.sun_path)
		return -ENAMETOOLONG;
	*ret = (struct cor_address){ .bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
							  len + 1) };
	ret->local.sun_family = AF_UNIX;
	memcpy(ret->local.sun_path, path, len + 1);
	return 0;
}

static int parse_port(const char *text, in_port_t *ret)
{
	uint32_t port = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		port = port * 10 + (uint32_t)(*text - '0');
		if (port > UINT16_MAX)
			return -EINVAL;
	}
	*ret = htons((uint16_t)port);
	return 0;
}

int cor_address_parse(const char *text, struct cor_address *ret)
{
	char host[INET6_ADDRSTRLEN];
	struct cor_address address = { 0 };

	if (strncmp(text, "unix:", 5) == 0)
		return parse_local(text + 5, ret);

	bool six = *text == '[';
	const char *begin = text + six;
	const char *end = strrchr(begin, six ? ']' : ':');
	if (!end || (size_t)(end - begin) >= sizeof host || (six && end[1] != ':'))
		return -EINVAL;
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	if (six) {
		address.bytes = sizeof address.v6;
		address.v6.sin6_family = AF_INET6;
		if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) != 1 ||
			parse_port(end + 2, &address.v6.sin6_port) < 0)
			return -EINVAL;
	} else {
		address.bytes = sizeof address.v4;
		address.v4.sin_family = AF_INET;
		if (inet_pton(AF_INET, host, &address.v4.sin_addr) != 1 ||
			parse_port(end + 1, &address.v4.sin_port) < 0)
			return -EINVAL;
	}
	*ret = address;
	return 0;
}

/* The kernel counts the NUL of a path in or not, and an unnamed peer has none at all. */
static int path_len(const struct cor_address *address)
{
	size_t head = offsetof(struct sockaddr_un, sun_path);

	if (address->bytes <= head)
		return 0;
	return (int)strnlen(address->local.sun_path, address->bytes - head);
}

/* "@" stands for the NUL in front of an abstract name (unix(7)), as systemd writes it. */
static void print_local(const struct cor_address *address, char text[COR_ADDRESS_TEXT_BYTES])
{
	const char *path = address->local.sun_path;
	int head = (int)offsetof(struct sockaddr_un, sun_path);
	int len = (int)address->bytes - head;

	if (path_len(address) != 0)
		snprintf(text, COR_ADDRESS_TEXT_BYTES, "unix:%.*s", path_len(address), path);
	else if (len > 1)
		snprintf(text, COR_ADDRESS_TEXT_BYTES, "unix:@%.*s", len - 1, path + 1);
	else
		snprintf(text, COR_ADDRESS_TEXT_BYTES, "unix");
}

/* Each line of the access log has one: inet_ntop() would go through printf. */
static void print_v4(struct in_addr ip, char *text)
{
	unsigned char bytes[4];

	memcpy(bytes, &ip, sizeof bytes);
	for (int i = 0; i < 4; i++) {
		if (bytes[i] >= 100)
			*text++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*text++ = (char)('0' + bytes[i] / 10 % 10);
		*text++ = (char)('0' + bytes[i] % 10);
		*text++ = '.';
	}
	text[-1] = '\0';
}

void cor_address_print_host(const struct cor_address *address, char text[COR_ADDRESS_TEXT_BYTES])
{
	if (address->bytes != 0 && address->any.sa_family == AF_INET)
		print_v4(address->v4.sin_addr, text);
	else if (address->bytes != 0 && address->any.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &address->v6.sin6_addr, text, COR_ADDRESS_TEXT_BYTES);
	else
		print_local(address, text);
}

void cor_address_print(const struct cor_address *address, char text[COR_ADDRESS_TEXT_BYTES])
{
	char host[COR_ADDRESS_TEXT_BYTES];

	cor_address_print_host(address, host);
	if (address->bytes != 0 && address->any.sa_family == AF_INET)
		snprintf(text, COR_ADDRESS_TEXT_BYTES, "%.64s:%u", host, cor_address_port(address));
	else if (address->bytes != 0 && address->any.sa_family == AF_INET6)
		snprintf(text, COR_ADDRESS_TEXT_BYTES, "[%.64s]:%u", host,
			cor_address_port(address));
	else
		memcpy(text, host, sizeof host);
}

uint16_t cor_address_port(const struct cor_address *address)
{
	if (address->bytes != 0 && address->any.sa_family == AF_INET)
		return ntohs(address->v4.sin_port);
	if (address->bytes != 0 && address->any.sa_family == AF_INET6)
		return ntohs(address->v6.sin6_port);
	return 0;
}

bool cor_address_is_local(const struct cor_address *address)
{
	if (address->bytes == 0)
		return false;
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
	return address->any.sa_family == AF_UNIX;
}
