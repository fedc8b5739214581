/* SPDX-License-Identifier: MIT */
#include "server/settings.h"

#define ROW(type, member, default_, ...)                                                           \
	COR_FIELD(struct type, member, .fallback = default_, __VA_ARGS__)

static const struct cor_field connection_rows[] = {
	ROW(cor_connection_settings, requests_per_connection, "10000", .range = COR_MIN(1),
		.doc = "Close a connection after this many requests"),
	ROW(cor_connection_settings, connection_age_s, "3600", .range = COR_MIN(1),
		.doc = "Close a connection with its next answer after this many seconds"),
	ROW(cor_connection_settings, idle_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "How long a connection may wait for its next request"),
	ROW(cor_connection_settings, handshake_timeout_ms, "10000", .range = COR_MIN(1),
		.doc = "How long a TLS handshake may take, else the connection is closed"),
	ROW(cor_connection_settings, handshakes_max, "4096",
		.doc = "TLS handshakes in progress at once in a process: for a client more the oldest is closed that makes no progress; 0: no limit"),
	ROW(cor_connection_settings, write_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "How long a client may take nothing of an answer, else the connection is cut; after 10 s it must also average 500 bytes a second; on a unix socket only each 40 kB taken can be seen"),
	ROW(cor_connection_settings, drain_timeout_ms, "30000", .range = COR_MIN(0),
		.doc = "How long requests in progress may take to finish after TERM, INT or HUP"),
};
COR_LOCAL_SCHEMA(connection_schema, struct cor_connection_settings, connection_rows);

static const struct cor_field http_rows[] = {
	ROW(cor_http_settings, header_timeout_ms, "10000", .range = COR_MIN(1),
		.doc = "From the first to the last byte of a request's head, else 408"),
	ROW(cor_http_settings, body_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "Between two pieces of a request's body, else 408"),
	ROW(cor_http_settings, request_timeout_ms, "30000", .range = COR_MIN(1),
		.doc = "The deadline of a request, from the end of its head; every wait inherits it, else 504"),
	ROW(cor_http_settings, request_line_bytes, "8192", .range = COR_BETWEEN(64, 16384),
		.doc = "Length of the request line, else 414"),
	ROW(cor_http_settings, header_line_bytes, "8192", .range = COR_BETWEEN(64, 16384),
		.doc = "Length of a header line, else 431"),
	ROW(cor_http_settings, header_block_bytes, "32768", .range = COR_BETWEEN(128, 32768),
		.doc = "Length of all header lines together, else 431"),
	ROW(cor_http_settings, header_count, "100", .range = COR_BETWEEN(1, 100),
		.doc = "Number of header lines, else 431"),
	ROW(cor_http_settings, body_limit_bytes, "1048576", .range = COR_MIN(0),
		.doc = "Length of a request's body where the operation does not say, else 413"),
	ROW(cor_http_settings, request_memory_bytes, "67108864", .range = COR_MIN(65536),
		.doc = "Memory that one request may take, else 413 if it has a body, otherwise 500"),
	ROW(cor_http_settings, http2_streams, "100", .range = COR_BETWEEN(0, 10000),
		.doc = "Requests in progress at once on a connection of HTTP/2; 0: HTTP/2 is not spoken"),
};
COR_LOCAL_SCHEMA(http_schema, struct cor_http_settings, http_rows);

static const struct cor_enum_name security_names[] = {
	{ "intermediate", COR_TLS_INTERMEDIATE },
	{ "modern", COR_TLS_MODERN },
};

static const struct cor_enum_name client_names[] = {
	{ "off", COR_CLIENT_CERTIFICATES_OFF },
	{ "optional", COR_CLIENT_CERTIFICATES_OPTIONAL },
	{ "required", COR_CLIENT_CERTIFICATES_REQUIRED },
};

static const struct cor_field fields[] = {
	COR_ARRAY(struct cor_server_settings, http, .fallback = "[\"127.0.0.1:8080\"]",
		.doc = "Listen here: ADDRESS:PORT, [IPV6]:PORT, unix:PATH, or systemd:NAME for a socket that systemd passes; with --https, --h2c or --uwsgi nowhere unless told"),
	COR_ARRAY(struct cor_server_settings, https, .fallback = "[]",
		.doc = "Listen here for TLS: addresses as for --http; needs --certificate and --key, and .tls in the service's table"),
	COR_ARRAY(struct cor_server_settings, https_h1, .fallback = "[]",
		.doc = "The same for HTTP/1.1 alone: no HTTP/2 is offered there"),
	COR_ARRAY(struct cor_server_settings, h2c, .fallback = "[]",
		.doc = "Listen here for HTTP/2 alone, without TLS, from clients that know (prior knowledge); --http takes both"),
	COR_ARRAY(struct cor_server_settings, uwsgi, .fallback = "[]",
		.doc = "Listen here for the uwsgi protocol, which nginx speaks (uwsgi_pass): addresses as for --http; whoever can connect is taken for the proxy"),
	COR_ARRAY(struct cor_server_settings, certificate, .fallback = "[]",
		.doc = "PEM file of the certificate for --https, and behind it those that lead to a known issuer; read again when it changes"),
	COR_ARRAY(struct cor_server_settings, key, .fallback = "[]",
		.doc = "PEM file of its private key, not encrypted; read before --user takes effect"),
	COR_ARRAY(struct cor_server_settings, ocsp, .fallback = "[]",
		.doc = "File with what the issuer's OCSP responder says of that certificate (DER), for clients that ask; none: nothing; read again when it changes"),
	COR_ENUM(struct cor_server_settings, tls_security, security_names,
		.fallback = "\"intermediate\"",
		.doc = "What TLS agrees to; intermediate: 1.2 and 1.3 with forward secrecy and authenticated encryption; modern: 1.3 alone"),
	COR_ENUM(struct cor_server_settings, client_certificates, client_names,
		.fallback = "\"off\"",
		.doc = "Whether clients of --https must show a certificate; optional: those that have none are served, too"),
	COR_FIELD(struct cor_server_settings, client_ca, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "PEM file of the certificates whose owners issue those of clients, and of their CRLs, if any; read again when it changes"),
	COR_FIELD(struct cor_server_settings, unix_mode, .presence = COR_OPTIONAL,
		.pattern = "^0?([1-7][0-7]{2}|0[1-7][0-7]|00[1-7])$", .example = "\"0660\"",
		.doc = "Permissions of the files of unix sockets, in octal; without it the umask decides"),
	COR_FIELD(struct cor_server_settings, unix_group, .presence = COR_OPTIONAL, .min_length = 1,
		.doc = "Group of those files, by name or number, such as the proxy's"),
	COR_ARRAY(struct cor_server_settings, trusted_proxies, .presence = COR_OPTIONAL,
		.doc = "Believe what these proxies say of their clients: ADDRESS, NETWORK/BITS, or unix for all unix sockets"),
	COR_ARRAY(struct cor_server_settings, trusted_headers,
		.fallback = "[\"X-Forwarded-For\",\"X-Forwarded-Proto\"]",
		.doc = "Header lines that those proxies set or extend themselves, whatever a client sends: X-Forwarded-For, -Proto, -Host, -Port, -Prefix; or Forwarded"),
	COR_ARRAY(struct cor_server_settings, proxy_protocol, .presence = COR_OPTIONAL,
		.doc = "Listeners, as --http, --https and --uwsgi name them, where each connection begins with a PROXY header (version 1 or 2) of one of --trusted-proxies"),
	ROW(cor_server_settings, threads, "1", .range = COR_BETWEEN(0, 256),
		.doc = "Threads of a process that serve, each with its own scheduler; auto: as many as its share of the CPUs"),
	ROW(cor_server_settings, backlog, "1024", .range = COR_BETWEEN(1, 65535),
		.doc = "Connections the kernel may queue before they are accepted"),
	ROW(cor_server_settings, connections_max, "0",
		.doc = "Open connections at once, over all threads; 0: 90% of the limit on open files"),
	ROW(cor_server_settings, connections_per_peer, "0",
		.doc = "Open connections of one client (an IPv4 address, or the /64 of an IPv6 address): later ones are closed; 0: no limit"),
	ROW(cor_server_settings, unsent_limit_bytes, "33554432", .range = COR_MIN(65536),
		.doc = "Answers that clients have not taken, over all connections: above it the slowest are cut, of those with more than an equal share"),
	ROW(cor_server_settings, queue_target_ms, "500", .range = COR_MIN(1),
		.doc = "How long requests may wait for their turn while a thread has been behind for five times as long, else 503"),
	ROW(cor_server_settings, held_ms, "100",
		.doc = "Log an operation that holds its thread so long, with its stack, once a minute at most; 0: off"),
	ROW(cor_server_settings, held_fatal, "false",
		.doc = "End the process with SIGABRT after that line: for tests"),
	COR_EMBED(struct cor_server_settings, connection, connection_schema),
	COR_EMBED(struct cor_server_settings, requests, http_schema),
};
COR_SCHEMA(cor_server_settings_schema, fields, .name = "server");

const char *cor_spoken_name(enum cor_spoken spoken)
{
	static const char *const names[] = {
		[COR_SPOKEN_HTTP] = "http",
		[COR_SPOKEN_HTTPS] = "https",
		[COR_SPOKEN_HTTPS_H1] = "https_h1",
		[COR_SPOKEN_H2C] = "h2c",
		[COR_SPOKEN_UWSGI] = "uwsgi",
	};

	return names[spoken];
}

const char *cor_spoken_scheme(enum cor_spoken spoken)
{
	if (spoken == COR_SPOKEN_UWSGI)
		return "uwsgi";
	return cor_spoken_is_tls(spoken) ? "https" : "http";
}
