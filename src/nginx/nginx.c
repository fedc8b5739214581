/* SPDX-License-Identifier: MIT */
#include "nginx/nginx.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "nginx/cache.h"
#include "nginx/files.h"
#include "nginx/locations.h"
#include "nginx/problems.h"
#include "nginx/text.h"
#include "nginx/tls.h"
#include "nginx/upstream.h"

#define MARGIN_MS 5000

/* What nginx takes as the name of an upstream, of a zone and of a variable. */
static void make_id(struct cor_nginx_site *site, const char *name)
{
	size_t len = 0;

	if (!name[0] || (name[0] >= '0' && name[0] <= '9'))
		site->id[len++] = 's';
	for (; *name && len < COR_NGINX_ID_BYTES - 1; name++) {
		char byte = *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name;
		bool is_kept = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
		site->id[len++] = is_kept ? byte : '_';
	}
	site->id[len] = '\0';
}

static void write_use(const struct cor_nginx_site *site)
{
	const struct cor_service *service = site->options->service;
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_literal(buffer, "# nginx in front of ");
	cor_nginx_remark(buffer, service->name);
	if (service->version) {
		cor_buffer_byte(buffer, ' ');
		cor_nginx_remark(buffer, service->version);
	}
	cor_buffer_printf(buffer,
		", written by --print-nginx.\n#\n"
		"# Save it where nginx.conf includes files in http {}, with Debian as "
		"/etc/nginx/conf.d/%s.conf, then:\n#     nginx -t && systemctl reload nginx\n"
		"# Print it anew, with the flags of the service, when its operations or settings have "
		"changed.\n",
		site->id);
	cor_nginx_write_hints(site);
	cor_buffer_byte(buffer, '\n');
}

static void write_duration(
	const struct cor_nginx_site *site, const char *directive, uint64_t ms, const char *behind)
{
	cor_buffer_printf(site->buffer, "    %s ", directive);
	cor_nginx_time(site->buffer, ms);
	cor_buffer_printf(site->buffer, ";%s\n", behind);
}

static bool has_limits(const struct cor_nginx_site *site)
{
	for (size_t i = 0; i < site->places_len; i++)
		for (int method = 0; method < COR_METHOD_COUNT; method++)
			if (site->places[i]->actions[method].limits)
				return true;
	return false;
}

/* What the service grants clients, nginx grants them in its place. */
static void write_clients(const struct cor_nginx_site *site)
{
	const struct cor_server_settings *server = site->options->server;
	const struct cor_connection_settings *connection = &server->connection;
	struct cor_buffer *buffer = site->buffer;

	cor_buffer_literal(
		buffer, "\n    # Clients have the limits that the service gives them.\n");
	write_duration(site, "client_header_timeout", server->requests.header_timeout_ms, "");
	write_duration(site, "client_body_timeout", server->requests.body_timeout_ms, "");
	write_duration(site, "send_timeout", connection->write_timeout_ms, "");
	write_duration(site, "keepalive_timeout", connection->idle_timeout_ms, "");
	cor_buffer_printf(buffer, "    keepalive_requests %" PRIu32 ";\n",
		connection->requests_per_connection);
	write_duration(site, "keepalive_time", connection->connection_age_s * UINT64_C(1000), "");
	cor_buffer_printf(buffer,
		"    # 1 MiB more than it takes: what is beyond its limit, the service refuses in its words.\n"
		"    client_max_body_size %" PRIu64 ";\n"
		"    # The service counts lines and bytes of heads itself: 414 and 431 are its own.\n"
		"    large_client_header_buffers 4 20k;\n",
		server->requests.body_limit_bytes + COR_NGINX_BODY_MARGIN);
	if (server->connections_per_peer != 0)
		cor_buffer_printf(buffer,
			"    limit_conn %s_peers %" PRIu32
			"; # --connections-per-peer, as requests in "
			"progress\n",
			site->id, server->connections_per_peer);
	if (has_limits(site))
		cor_buffer_literal(buffer,
			"    # No limit_req: the service counts for all its workers, by client or "
			"principal, and tells in 429 how long to wait.\n");
}

/* What nginx would do otherwise by itself. */
static void write_manners(const struct cor_nginx_site *site)
{
	cor_buffer_literal(site->buffer,
		"\n    # As the service: paths stay as they are sent, and it compresses by its own rules.\n"
		"    merge_slashes off;\n    absolute_redirect off;\n    gzip off;\n"
		"    server_tokens off;\n    recursive_error_pages on;\n");
	cor_nginx_write_error_pages(site, "    ");
	cor_buffer_printf(site->buffer,
		"    error_page 405 = @%s; # TRACE: the service says what is offered\n", site->id);
}

static void write_deadlines(const struct cor_nginx_site *site)
{
	uint64_t ms = site->options->server->requests.request_timeout_ms + (uint64_t)MARGIN_MS;

	cor_buffer_literal(site->buffer,
		"    # The service's deadlines come first, with their own answers.\n");
	cor_buffer_printf(site->buffer, "    %s_read_timeout ", site->module);
	cor_nginx_time(site->buffer, ms);
	cor_buffer_printf(site->buffer, ";\n    %s_send_timeout ", site->module);
	cor_nginx_time(site->buffer, ms);
	cor_buffer_literal(site->buffer, ";\n");
}

static int write_server(const struct cor_nginx_site *site)
{
	cor_buffer_literal(site->buffer, "server {\n");
	int rc = cor_nginx_write_listening(site);
	if (rc < 0)
		return rc;
	write_clients(site);
	write_manners(site);
	cor_nginx_write_forwarding(site);
	write_deadlines(site);
	cor_nginx_write_types(site);
	rc = cor_nginx_write_locations(site);
	cor_nginx_write_problem(site);
	cor_buffer_literal(site->buffer, "}\n");
	return rc;
}

/* Whether no place before has its host. */
static bool is_first_of_host(const struct cor_nginx_site *site, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (site->places[i]->host &&
			strcmp(site->places[i]->host, site->places[at]->host) == 0)
			return false;
	return true;
}

/* The one that has no host stands first: nginx takes it for whoever asks for another. */
static int write_servers(struct cor_nginx_site *site)
{
	int rc = write_server(site);

	for (size_t i = 0; i < site->places_len && rc == 0; i++) {
		if (!site->places[i]->host || !is_first_of_host(site, i))
			continue;
		site->host = site->places[i]->host;
		cor_buffer_byte(site->buffer, '\n');
		rc = write_server(site);
	}
	site->host = NULL;
	cor_nginx_write_redirect(site);
	return rc;
}

static void write_zones(const struct cor_nginx_site *site)
{
	if (site->options->server->connections_per_peer != 0)
		cor_buffer_printf(site->buffer,
			"limit_conn_zone $binary_remote_addr zone=%s_peers:1m;\n\n", site->id);
}

int cor_nginx_write(
	const struct cor_nginx_options *options, struct cor_arena *arena, struct cor_buffer *buffer)
{
	struct cor_nginx_site site = {
		.options = options,
		.arena = arena,
		.buffer = buffer,
		.has_tls = options->server->certificate.len != 0,
	};

	make_id(&site, options->service->name);
	int rc = cor_nginx_choose(&site);
	if (rc == 0)
		rc = cor_nginx_order(&site);
	if (rc < 0)
		return rc;
	write_use(&site);
	rc = cor_nginx_write_upstream(&site);
	cor_nginx_write_cache(&site);
	write_zones(&site);
	cor_nginx_write_titles(&site);
	cor_nginx_write_file_maps(&site);
	if (rc == 0)
		rc = write_servers(&site);
	return rc < 0 ? rc : cor_buffer_error(buffer);
}
