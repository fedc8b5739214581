/* SPDX-License-Identifier: MIT */
/**
 * What can be set of a server: one struct, one table. Flags, environment, file and --help come from
 * the table.
 */
#ifndef CORACLE_SERVER_SETTINGS_H
#define CORACLE_SERVER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/schema.h>

#include "connection/settings.h"
#include "serving/settings.h"

enum cor_tls_security {
	COR_TLS_INTERMEDIATE = 0, /* TLS 1.2 and 1.3 */
	COR_TLS_MODERN,           /* TLS 1.3 */
};

/** Whether clients of TLS show certificates. */
enum cor_client_certificates {
	COR_CLIENT_CERTIFICATES_OFF = 0, /* nobody asks */
	COR_CLIENT_CERTIFICATES_OPTIONAL,
	COR_CLIENT_CERTIFICATES_REQUIRED,
};

/** What is spoken at a socket. */
enum cor_spoken {
	COR_SPOKEN_HTTP = 0,
	COR_SPOKEN_HTTPS,    /* through filters */
	COR_SPOKEN_HTTPS_H1, /* the same, HTTP/1.1 alone */
	COR_SPOKEN_H2C,      /* HTTP/2 alone */
	COR_SPOKEN_UWSGI,
	COR_SPOKEN_COUNT,
};

/** The option that asks for it: "http", "https" ... */
const char *cor_spoken_name(enum cor_spoken spoken);

/** The scheme of URLs there. */
const char *cor_spoken_scheme(enum cor_spoken spoken);

static inline bool cor_spoken_is_tls(enum cor_spoken spoken)
{
	return spoken == COR_SPOKEN_HTTPS || spoken == COR_SPOKEN_HTTPS_H1;
}

#define COR_OCSP_NONE "none"

struct cor_server_settings {
	cor_array(const char *) http; /* addresses to listen on */
	cor_array(const char *) https;
	cor_array(const char *) https_h1;
	cor_array(const char *) h2c;
	cor_array(const char *) uwsgi;
	cor_array(const char *) certificate; /* paths, each with its key of the same place */
	cor_array(const char *) key;
	cor_array(const char *) ocsp; /* none, or one for each; COR_OCSP_NONE: for this one none */
	enum cor_tls_security tls_security;
	enum cor_client_certificates client_certificates;
	const char *client_ca; /* path; NULL: nobody is asked */
	cor_array(const char *) trusted_proxies;
	cor_array(const char *) trusted_headers;
	cor_array(const char *) proxy_protocol; /* those of http that it is spoken on */
	uint32_t threads;
	const char *unix_mode;  /* of unix sockets' files, octal; NULL: as the umask leaves it */
	const char *unix_group; /* and their group; NULL: as their folder has it */
	uint32_t backlog;
	uint32_t connections_max;
	uint32_t connections_per_peer;
	uint64_t unsent_limit_bytes;
	uint32_t queue_target_ms;
	uint32_t held_ms; /* 0: nobody looks */
	bool held_fatal;
	struct cor_connection_settings connection;
	struct cor_http_settings requests;
};

COR_DECLARE_SCHEMA(cor_server_settings_schema, struct cor_server_settings);

#endif
