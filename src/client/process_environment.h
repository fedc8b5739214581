/* SPDX-License-Identifier: MIT */
/**
 * What the environment of the process says of calls: proxies, and who may vouch for servers. It
 * counts for upstreams with COR_ENVIRONMENT_TRUSTED alone. Private to the client folder; nothing
 * here yields.
 */
#ifndef CORACLE_CLIENT_PROCESS_ENVIRONMENT_H
#define CORACLE_CLIENT_PROCESS_ENVIRONMENT_H

#include <coracle/arena.h>

#include "http/url.h"

/** A variable that is set to something. */
struct cor_process_variable {
	const char *name;  /* NULL: none is */
	const char *value; /* a proxy's with its scheme */
};

struct cor_process_environment {
	struct cor_process_variable http;  /* the proxy of http URLs */
	struct cor_process_variable https; /* and of others */
	const char *no_proxy;              /* NULL: none */
	const char *ca_file;               /* SSL_CERT_FILE; NULL: none */
};

/**
 * Read it, as curl and requests do: a name in small letters wins, even if it is empty; all_proxy is
 * for what has none of its own. HTTP_PROXY counts for nothing where REQUEST_METHOD is set: there it
 * is a header that a client has sent (CVE-2016-5385). Returns 0 or -ENOMEM.
 */
int cor_process_environment_read(
	struct cor_arena *arena, struct cor_process_environment *ret) COR_CHECKED;

/**
 * The proxy of a URL; its name is NULL if there is none, or if no_proxy has the host: as "*", as
 * that name or one above it (with or without a '.' in front), as an address or a network of it
 * (10.0.0.0/8), each with or without a port.
 */
struct cor_process_variable cor_process_environment_proxy(
	const struct cor_process_environment *environment, const struct cor_url *url);

#endif
