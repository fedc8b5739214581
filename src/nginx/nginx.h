/* SPDX-License-Identifier: MIT */
/**
 * A configuration of nginx for a service as it is: its operations, its files and its settings.
 *
 * It is a file for http {}, and needs nothing beside it. nginx only does what it does as the
 * service does; where it cannot, it passes the request on, and a comment says why.
 */
#ifndef CORACLE_NGINX_NGINX_H
#define CORACLE_NGINX_NGINX_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/service.h>

#include "base/buffer.h"
#include "runtime/address.h"
#include "server/settings.h"

struct cor_composition; /* service/composition.h */
struct cor_place;       /* service/plan.h */

/** Where the service listens. */
struct cor_nginx_listener {
	enum cor_spoken spoken;
	const char *text; /* as the settings have it */
	struct cor_address address;
	bool has_proxy_header; /* a connection begins with one, which nginx's http {} never sends */
};

struct cor_nginx_options {
	const struct cor_service *service;
	const struct cor_place *places;            /* of a dispatcher: all that is served */
	const struct cor_composition *composition; /* the same dispatcher's */
	const struct cor_server_settings *server;
	const void *settings; /* the service's own; NULL: it has none */
	const struct cor_nginx_listener *listeners;
	size_t listeners_len;
	const char *folder; /* that relative paths are relative to */
	/** Paths that clients of this machine alone may ask for, NULL at the end; NULL: none. */
	const char *const *local_paths;
	const char *control; /* the address of the control process; NULL: there is none */
};

/**
 * Append the configuration. Memory is the arena's. Never yields. Returns 0, -ENOMEM, -EHOSTUNREACH
 * (nginx can connect to none of the addresses), or -EILSEQ (nginx would take a '$' in the path of a
 * certificate or key for a variable).
 */
int cor_nginx_write(const struct cor_nginx_options *options, struct cor_arena *arena,
	struct cor_buffer *buffer) COR_CHECKED;

#endif
