/* SPDX-License-Identifier: MIT */
/* How nginx listens. */
#include "nginx/tls.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "nginx/text.h"

#define CIPHERS_1_2                                                                                \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

/* --- ports --- */

static bool is_taken(const struct cor_nginx_site *site, unsigned port)
{
	const struct cor_nginx_options *options = site->options;

	for (size_t i = 0; i < options->listeners_len; i++)
		if (options->listeners[i].address.bytes != 0 &&
			cor_address_port(&options->listeners[i].address) == port)
			return true;
	return false;
}

/* The usual one, if the service does not listen there itself. */
static unsigned plain_port(const struct cor_nginx_site *site)
{
	unsigned port = 80;

	while (is_taken(site, port))
		port += 8000;
	return port;
}

static unsigned tls_port(const struct cor_nginx_site *site)
{
	unsigned port = 443;

	while (is_taken(site, port))
		port += 8000;
	return port;
}

/* "*.example.com" is what .host has as ".example.com"; nginx, too, takes the longer name first. */
static void write_name(const struct cor_nginx_site *site)
{
	const char *host = site->host;

	if (host) {
		cor_buffer_printf(
			site->buffer, "    server_name %s%s;\n", host[0] == '.' ? "*" : "", host);
		return;
	}
	cor_buffer_literal(site->buffer,
		"    server_name _; # the host's name, if nginx serves others here\n");
}

/* --- TLS --- */

static int write_file(const struct cor_nginx_site *site, const char *directive, const char *path)
{
	const char *absolute = cor_nginx_absolute(site, path);

	if (!absolute)
		return -ENOMEM;
	if (cor_nginx_is_variable(absolute))
		return -EILSEQ;
	cor_buffer_printf(site->buffer, "    %s ", directive);
	cor_nginx_word(site->buffer, absolute);
	cor_buffer_literal(site->buffer, ";\n");
	return 0;
}

static int write_pairs(const struct cor_nginx_site *site)
{
	const struct cor_server_settings *server = site->options->server;
	int rc = 0;

	if (server->certificate.len > 1)
		cor_buffer_literal(site->buffer,
			"    # nginx takes one of each kind of key here: those for other names need a "
			"server {} of their own.\n");
	for (size_t i = 0; i < server->certificate.len && i < server->key.len && rc == 0; i++) {
		rc = write_file(site, "ssl_certificate", server->certificate.items[i]);
		if (rc == 0)
			rc = write_file(site, "ssl_certificate_key", server->key.items[i]);
	}
	return rc;
}

static int write_staple(const struct cor_nginx_site *site)
{
	const struct cor_server_settings *server = site->options->server;

	if (server->ocsp.len == 0)
		return 0;
	if (server->ocsp.len > 1) {
		cor_buffer_literal(site->buffer, "    # nginx takes one answer of OCSP for a "
						 "server {}, so none is given here.\n");
		return 0;
	}
	if (strcmp(server->ocsp.items[0], COR_OCSP_NONE) == 0)
		return 0;
	cor_buffer_literal(site->buffer, "    ssl_stapling on;\n");
	return write_file(site, "ssl_stapling_file", server->ocsp.items[0]);
}

static int write_clients(const struct cor_nginx_site *site)
{
	const struct cor_server_settings *server = site->options->server;

	if (!server->client_ca || server->client_certificates == COR_CLIENT_CERTIFICATES_OFF)
		return 0;
	cor_buffer_literal(site->buffer,
		"    # The certificate ends here: an operation that asks for it needs the service's "
		"own --https.\n");
	cor_buffer_printf(site->buffer, "    ssl_verify_client %s;\n",
		server->client_certificates == COR_CLIENT_CERTIFICATES_REQUIRED ? "on"
										: "optional");
	return write_file(site, "ssl_client_certificate", server->client_ca);
}

static void write_protocols(const struct cor_nginx_site *site)
{
	bool is_modern = site->options->server->tls_security == COR_TLS_MODERN;

	if (is_modern)
		cor_buffer_literal(site->buffer, "    ssl_protocols TLSv1.3;\n");
	else
		cor_buffer_literal(site->buffer,
			"    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_ciphers " CIPHERS_1_2 ";\n"
			"    ssl_prefer_server_ciphers on;\n");
	cor_buffer_printf(site->buffer, "    ssl_session_cache shared:%s_tls:1m;\n", site->id);
}

static int write_tls(const struct cor_nginx_site *site)
{
	uint32_t streams = site->options->server->requests.http2_streams;

	cor_buffer_printf(site->buffer, "    listen %u ssl%s;%s\n", tls_port(site),
		streams != 0 ? " http2" : "",
		streams != 0 ? " # from nginx 1.25.1 on: listen PORT ssl; and http2 on;" : "");
	write_name(site);
	int rc = write_pairs(site);
	write_protocols(site);
	if (rc == 0)
		rc = write_staple(site);
	if (rc == 0)
		rc = write_clients(site);
	if (streams != 0)
		cor_buffer_printf(
			site->buffer, "    http2_max_concurrent_streams %" PRIu32 ";\n", streams);
	return rc;
}

int cor_nginx_write_listening(const struct cor_nginx_site *site)
{
	if (site->has_tls)
		return write_tls(site);
	cor_buffer_printf(site->buffer, "    listen %u; # and, with IPv6, listen [::]:%u;\n",
		plain_port(site), plain_port(site));
	write_name(site);
	return 0;
}

void cor_nginx_write_redirect(const struct cor_nginx_site *site)
{
	unsigned port = tls_port(site);

	if (!site->has_tls)
		return;
	cor_buffer_printf(site->buffer,
		"\n# Who comes without TLS is sent to it; 308 keeps the "
		"method.\nserver {\n    listen %u;\n",
		plain_port(site));
	write_name(site);
	cor_buffer_literal(site->buffer, "    return 308 https://$host");
	if (port != 443)
		cor_buffer_printf(site->buffer, ":%u", port);
	cor_buffer_literal(site->buffer, "$request_uri;\n}\n");
}
