/* SPDX-License-Identifier: MIT */
/**
 * Socket addresses as text: "127.0.0.1:8080", "[::1]:8080", "unix:/run/x.sock". Names are not
 * resolved.
 */
#ifndef CORACLE_RUNTIME_ADDRESS_H
#define CORACLE_RUNTIME_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <coracle/api.h>

/* Longest text: "unix:" and a path. */
#define COR_ADDRESS_TEXT_BYTES (sizeof "unix:" + sizeof((struct sockaddr_un *)0)->sun_path)

struct cor_address {
	socklen_t bytes; /* of the member that counts; 0: no address */
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	};
};

/**
 * Read an address. Returns 0, -EINVAL if the text is not one, or -ENAMETOOLONG for a unix path that
 * is too long for the system.
 */
int cor_address_parse(const char *text, struct cor_address *ret) COR_CHECKED;

/** Write it; an unnamed unix peer is "unix", an abstract one "unix:@NAME". The text always fits. */
void cor_address_print(const struct cor_address *address, char text[COR_ADDRESS_TEXT_BYTES]);

/** The same without the port, as an access log wants it: "127.0.0.1", "::1", "unix:". */
void cor_address_print_host(const struct cor_address *address, char text[COR_ADDRESS_TEXT_BYTES]);

/** The TCP port; 0 for a unix socket. */
uint16_t cor_address_port(const struct cor_address *address);

/** Whether it is reachable from this machine only: 127.0.0.0/8, ::1 or a unix socket. */
bool cor_address_is_local(const struct cor_address *address);

#endif
