/* SPDX-License-Identifier: MIT */
/* Between nginx and the service: where it is, how it is spoken to, and what it is told. */
#include "nginx/upstream.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "nginx/locations.h"
#include "nginx/text.h"
#include "origin/forwarded.h"
#include "origin/proxies.h"

#define KEPT_CONNECTIONS 32
#define CONNECT_MS       5000

/* --- where it is --- */

static bool is_reachable(const struct cor_nginx_listener *listener)
{
	const struct cor_address *address = &listener->address;

	if (listener->has_proxy_header || address->bytes == 0)
		return false;
	if (address->any.sa_family == AF_UNIX)
		return address->local.sun_path[0] != '\0';
	return cor_address_port(address) != 0;
}

/* Where a client of this machine finds what listens everywhere. */
static struct cor_address nearest(const struct cor_nginx_listener *listener)
{
	struct cor_address address = listener->address;

	if (address.any.sa_family == AF_INET && address.v4.sin_addr.s_addr == htonl(INADDR_ANY))
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (address.any.sa_family == AF_INET6 &&
		memcmp(&address.v6.sin6_addr, &in6addr_any, sizeof in6addr_any) == 0)
		address.v6.sin6_addr = in6addr_loopback;
	return address;
}

/* Who nginx is at a listener: on one machine both ends have the same address. */
static struct cor_peer seen_as(const struct cor_nginx_listener *listener)
{
	const struct cor_address address = nearest(listener);
	struct cor_peer peer = { 0 };

	if (address.any.sa_family == AF_UNIX)
		return peer;
	peer.family = (uint8_t)address.any.sa_family;
	if (peer.family == AF_INET)
		memcpy(peer.ip, &address.v4.sin_addr, 4);
	else
		memcpy(peer.ip, &address.v6.sin6_addr, 16);
	return peer;
}

/* Whether its word counts there when it says who the client is. Over uwsgi it always does. */
static bool is_trusted(const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	const struct cor_server_settings *server = site->options->server;
	const struct cor_peer peer = seen_as(listener);
	bool is_found = site->spoken == COR_SPOKEN_UWSGI;

	for (size_t i = 0; i < server->trusted_proxies.len && !is_found; i++) {
		struct cor_proxy_network network;
		if (cor_proxy_network_parse(server->trusted_proxies.items[i], &network) < 0)
			continue; /* refused before */
		is_found = cor_proxies_trust(&(struct cor_proxies){ &network, 1 }, &peer);
	}
	return is_found;
}

static bool is_usable(const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	bool is_spoken = listener->spoken == site->spoken ||
			 (site->spoken == COR_SPOKEN_HTTPS &&
				 listener->spoken == COR_SPOKEN_HTTPS_H1);

	return is_spoken && is_reachable(listener);
}

static bool is_chosen(const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	return is_usable(site, listener) && (!site->trusted_only || is_trusted(site, listener));
}

/* HTTP keeps connections, and has WebSockets; TLS within one machine only costs. */
int cor_nginx_choose(struct cor_nginx_site *site)
{
	static const enum cor_spoken order[] = { COR_SPOKEN_HTTP, COR_SPOKEN_UWSGI,
		COR_SPOKEN_HTTPS };
	const struct cor_nginx_options *options = site->options;

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		site->spoken = order[i];
		site->module = order[i] == COR_SPOKEN_UWSGI ? "uwsgi" : "proxy";
		bool is_found = false;
		for (size_t at = 0; at < options->listeners_len; at++) {
			const struct cor_nginx_listener *listener = &options->listeners[at];
			bool is_one = is_usable(site, listener);
			is_found |= is_one;
			site->trusted_only |= is_one && is_trusted(site, listener);
		}
		if (is_found)
			return 0;
	}
	return -EHOSTUNREACH;
}

static int write_server(
	const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	const struct cor_address address = nearest(listener);
	char text[COR_ADDRESS_TEXT_BYTES];
	const char *word = text;

	cor_address_print(&address, text);
	if (address.any.sa_family == AF_UNIX) {
		const char *path = cor_nginx_absolute(site, text + strlen("unix:"));
		word = path ? cor_arena_printf(site->arena, "unix:%s", path) : NULL;
	}
	if (!word)
		return -ENOMEM;
	cor_buffer_literal(site->buffer, "    server ");
	cor_nginx_word(site->buffer, word);
	cor_buffer_literal(site->buffer, " max_fails=0;\n");
	return 0;
}

/* The service ends a connection with a later request, never one that is on its way. */
static void write_kept(const struct cor_nginx_site *site)
{
	const struct cor_connection_settings *limits = &site->options->server->connection;
	struct cor_buffer *buffer = site->buffer;

	if (site->spoken == COR_SPOKEN_UWSGI)
		return;
	cor_buffer_printf(buffer,
		"    # nginx lets go of a connection before the service does, so that none is found "
		"closed.\n"
		"    keepalive %d;\n    keepalive_timeout ",
		KEPT_CONNECTIONS);
	cor_nginx_time(buffer, limits->idle_timeout_ms > 1 ? limits->idle_timeout_ms / 2
							   : limits->idle_timeout_ms);
	cor_buffer_printf(buffer, ";\n    keepalive_requests %" PRIu32 ";\n    keepalive_time ",
		limits->requests_per_connection > 1 ? limits->requests_per_connection - 1 : 1);
	cor_nginx_time(buffer, limits->connection_age_s > 1
				       ? (limits->connection_age_s - 1) * UINT64_C(1000)
				       : UINT64_C(500));
	cor_buffer_literal(buffer, ";\n");
}

/* RFC 9112 section 3.2.2: the host of the target goes before Host, which HTTP/1.0 may lack. */
static void write_host_maps(const struct cor_nginx_site *site)
{
	cor_buffer_printf(site->buffer,
		"# A request of HTTP/1.0 may have no Host; that of a whole URI counts more.\n"
		"map $http_host $%s_named {\n    \"\" $host;\n    default $http_host;\n}\n"
		"map $request $%s_host {\n"
		"    \"~*^[^ ]+ https?://(?<%s_target>[^/?# ]+)\" $%s_target;\n"
		"    default $%s_named;\n}\n\n",
		site->id, site->id, site->id, site->id, site->id);
}

static void write_websocket_maps(const struct cor_nginx_site *site)
{
	if (site->spoken == COR_SPOKEN_UWSGI || !cor_nginx_has_websocket(site))
		return;
	cor_buffer_printf(site->buffer,
		"# Only a WebSocket may switch protocols.\n"
		"map $http_upgrade $%s_upgrade {\n    \"~*^websocket$\" websocket;\n"
		"    default \"\";\n}\n"
		"map $http_upgrade $%s_connection {\n    \"~*^websocket$\" upgrade;\n"
		"    default \"\";\n}\n\n",
		site->id, site->id);
}

static bool is_told_by(const struct cor_nginx_site *site, enum cor_told_by header)
{
	const struct cor_server_settings *server = site->options->server;

	for (size_t i = 0; i < server->trusted_headers.len; i++)
		if (cor_told_by_find(server->trusted_headers.items[i]) == header)
			return true;
	return false;
}

/* RFC 7239 section 6: an address of IPv6 stands in brackets and quotes. */
static void write_forwarded_map(const struct cor_nginx_site *site)
{
	if (site->spoken != COR_SPOKEN_UWSGI && is_told_by(site, COR_TOLD_BY_FORWARDED))
		cor_buffer_printf(site->buffer,
			"map $remote_addr $%s_for {\n    \"~^[0-9.]+$\" $remote_addr;\n"
			"    \"~^[0-9A-Fa-f:.]+$\" \"\\\"[$remote_addr]\\\"\";\n"
			"    default unknown;\n}\n\n",
			site->id);
}

int cor_nginx_write_upstream(const struct cor_nginx_site *site)
{
	const struct cor_nginx_options *options = site->options;
	struct cor_buffer *buffer = site->buffer;
	int rc = 0;

	cor_buffer_printf(buffer,
		"upstream %s {\n    # It is one service, so that an address is never given up.\n",
		site->id);
	for (size_t i = 0; i < options->listeners_len && rc == 0; i++)
		if (is_chosen(site, &options->listeners[i]))
			rc = write_server(site, &options->listeners[i]);
	write_kept(site);
	cor_buffer_literal(buffer, "}\n\n");
	write_host_maps(site);
	write_websocket_maps(site);
	write_forwarded_map(site);
	return rc;
}

/* --- what the operator has to know --- */

static void write_proxy(struct cor_buffer *buffer, const struct cor_nginx_listener *listener)
{
	const struct cor_address address = nearest(listener);
	char text[COR_ADDRESS_TEXT_BYTES];

	cor_address_print_host(&address, text);
	cor_buffer_literal(buffer, "--trusted-proxies ");
	cor_nginx_remark(buffer, address.any.sa_family == AF_UNIX ? "unix" : text);
}

/* Whether a listener before would be told the same. */
static bool is_hinted_at(const struct cor_nginx_site *site, size_t at)
{
	const struct cor_nginx_listener *listeners = site->options->listeners;
	const struct cor_peer peer = seen_as(&listeners[at]);

	for (size_t i = 0; i < at; i++) {
		const struct cor_peer before = seen_as(&listeners[i]);
		if (is_chosen(site, &listeners[i]) && before.family == peer.family &&
			memcmp(before.ip, peer.ip, sizeof peer.ip) == 0)
			return true;
	}
	return false;
}

static void hint_at_trust(const struct cor_nginx_site *site, size_t at)
{
	const struct cor_nginx_listener *listener = &site->options->listeners[at];

	if (is_trusted(site, listener) || is_hinted_at(site, at))
		return;
	cor_buffer_literal(site->buffer, "# Start the service with ");
	write_proxy(site->buffer, listener);
	cor_buffer_literal(site->buffer, ", or all clients have nginx's address.\n");
}

/* Or it would depend on the connection whether a client is known. */
static void hint_at_distrust(
	const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	cor_buffer_literal(site->buffer, "# Left out: ");
	cor_nginx_remark(site->buffer, listener->text);
	cor_buffer_literal(site->buffer, ", where nginx would not be trusted: ");
	write_proxy(site->buffer, listener);
	cor_buffer_literal(site->buffer, " adds it.\n");
}

static void hint_at_rights(
	const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	if (listener->address.any.sa_family == AF_UNIX && !site->options->server->unix_mode)
		cor_buffer_literal(site->buffer,
			"# nginx must be allowed to use the service's socket: --unix-mode 0660 --unix-group "
			"GROUP, the group of\n# nginx (www-data in Debian).\n");
}

static void hint_at_left_out(
	const struct cor_nginx_site *site, const struct cor_nginx_listener *listener)
{
	const char *why = "";

	if (listener->has_proxy_header)
		why = "begins with a PROXY header, which nginx sends from stream {} alone";
	else if (listener->address.bytes == 0)
		why = "is passed by systemd: its address stands in the socket unit";
	else if (!is_reachable(listener))
		why = "has no address that nginx could be told";
	else if (listener->spoken == COR_SPOKEN_H2C)
		why = "speaks HTTP/2, and nginx speaks HTTP/1.1 with a service";
	else if (!is_usable(site, listener))
		why = "is not needed";
	else if (!is_chosen(site, listener))
		hint_at_distrust(site, listener);
	if (!why[0])
		return;
	cor_buffer_literal(site->buffer, "# Left out: ");
	cor_nginx_remark(site->buffer, listener->text);
	cor_buffer_printf(site->buffer, " %s.\n", why);
}

void cor_nginx_write_hints(const struct cor_nginx_site *site)
{
	const struct cor_nginx_options *options = site->options;
	bool is_hinted = false;

	for (size_t i = 0; i < options->listeners_len; i++) {
		const struct cor_nginx_listener *listener = &options->listeners[i];
		if (is_chosen(site, listener)) {
			hint_at_trust(site, i);
			if (!is_hinted)
				hint_at_rights(site, listener);
			is_hinted = true;
		}
		hint_at_left_out(site, listener);
	}
	if (site->spoken == COR_SPOKEN_UWSGI && cor_nginx_has_websocket(site))
		cor_buffer_literal(site->buffer,
			"# WebSockets need HTTP with the service: the uwsgi "
			"protocol cannot switch. Add --http.\n");
	if (site->spoken == COR_SPOKEN_HTTPS &&
		options->server->client_certificates == COR_CLIENT_CERTIFICATES_REQUIRED)
		cor_buffer_literal(site->buffer,
			"# The service asks for a certificate, and nginx has no certificate to show: add "
			"--http unix:PATH for it.\n");
	if (options->control) {
		cor_buffer_literal(site->buffer,
			"# Figures, health and status stay where they are, for this machine alone: ");
		cor_nginx_remark(site->buffer, options->control);
		cor_buffer_literal(site->buffer, ".\n");
	}
}

/* --- what it is told --- */

static void header(const struct cor_nginx_site *site, const char *name, const char *value)
{
	cor_buffer_printf(site->buffer, "    proxy_set_header %s %s;\n", name, value);
}

static void write_headers(const struct cor_nginx_site *site)
{
	struct cor_buffer *buffer = site->buffer;
	bool has_websocket = cor_nginx_has_websocket(site);

	cor_buffer_literal(buffer, "    proxy_http_version 1.1;\n");
	cor_buffer_printf(buffer, "    proxy_set_header Host $%s_host;\n", site->id);
	if (has_websocket)
		cor_buffer_printf(buffer,
			"    proxy_set_header Upgrade $%s_upgrade;\n"
			"    proxy_set_header Connection $%s_connection;\n",
			site->id, site->id);
	else
		header(site, "Connection", "\"\"");
	header(site, "X-Forwarded-For", "$proxy_add_x_forwarded_for");
	header(site, "X-Forwarded-Proto", "$scheme");
	if (is_told_by(site, COR_TOLD_BY_X_HOST))
		cor_buffer_printf(
			buffer, "    proxy_set_header X-Forwarded-Host $%s_host;\n", site->id);
	if (is_told_by(site, COR_TOLD_BY_X_PORT))
		header(site, "X-Forwarded-Port", "$server_port");
	if (is_told_by(site, COR_TOLD_BY_X_PREFIX))
		header(site, "X-Forwarded-Prefix", "\"\"");
	if (is_told_by(site, COR_TOLD_BY_FORWARDED))
		cor_buffer_printf(buffer,
			"    proxy_set_header Forwarded "
			"\"for=$%s_for;host=\\\"$%s_host\\\";proto=$scheme\";\n",
			site->id, site->id);
	cor_buffer_literal(buffer, "    proxy_redirect off;\n");
}

/* Not PATH_INFO, which nginx decodes and cleans: the service judges paths as they were sent. */
static void write_variables(const struct cor_nginx_site *site)
{
	static const char *const variables[][2] = {
		{ "REQUEST_METHOD", "$request_method" },
		{ "REQUEST_URI", "$request_uri" },
		{ "SERVER_PROTOCOL", "$server_protocol" },
		{ "SERVER_NAME", "$server_name" },
		{ "SERVER_PORT", "$server_port" },
		{ "REQUEST_SCHEME", "$scheme" },
		{ "REMOTE_ADDR", "$remote_addr" },
		{ "REMOTE_PORT", "$remote_port" },
		{ "CONTENT_TYPE", "$content_type" },
		{ "CONTENT_LENGTH", "$content_length" },
	};

	cor_buffer_literal(site->buffer, "    # No PATH_INFO: nginx decodes it, and the service "
					 "judges paths as they were sent.\n");
	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++)
		cor_buffer_printf(
			site->buffer, "    uwsgi_param %s %s;\n", variables[i][0], variables[i][1]);
	cor_buffer_printf(site->buffer, "    uwsgi_param HTTP_HOST $%s_host;\n", site->id);
}

static void set(const struct cor_nginx_site *site, const char *directive, const char *value)
{
	cor_buffer_printf(site->buffer, "    %s_%s %s;\n", site->module, directive, value);
}

void cor_nginx_write_forwarding(const struct cor_nginx_site *site)
{
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_literal(buffer, "\n    # To the service.\n");
	if (site->spoken == COR_SPOKEN_UWSGI)
		write_variables(site);
	else
		write_headers(site);
	cor_buffer_printf(buffer, "    %s_connect_timeout ", site->module);
	cor_nginx_time(buffer, CONNECT_MS);
	cor_buffer_literal(buffer, ";\n    # Room for the headers of any answer, such as cookies; "
				   "large answers wait in the service, not on disk.\n");
	set(site, "buffer_size", "32k");
	set(site, "buffers", "8 32k");
	set(site, "max_temp_file_size", "0");
	cor_buffer_literal(buffer,
		"    # A header of an answer leads to no other location, and slows nothing down.\n");
	set(site, "ignore_headers",
		"X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Charset");
}

void cor_nginx_write_pass(const struct cor_nginx_site *site)
{
	cor_buffer_printf(site->buffer, "        %s_pass %s%s;\n", site->module,
		site->spoken == COR_SPOKEN_UWSGI   ? ""
		: site->spoken == COR_SPOKEN_HTTPS ? "https://"
						   : "http://",
		site->id);
}
