/* SPDX-License-Identifier: MIT */
#include "cli/deploy_compose.h"

#include <inttypes.h>

/* Of every container: it can change nothing but what it is given. */
static void harden(struct cor_buffer *buffer)
{
	cor_buffer_append_str(buffer, COR_STR("    read_only: true\n"
					      "    cap_drop: [ALL]\n"
					      "    security_opt: [\"no-new-privileges:true\"]\n"
					      "    restart: unless-stopped\n"));
}

/* Compose reads .env itself, and takes what it does not have from the shell. */
static void write_wanted(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < deployment->wanted_len; i++) {
		const struct cor_wanted *wanted = &deployment->wanted[i];
		if (wanted->is_required)
			cor_buffer_printf(buffer, "      %s: \"${%s:?put it into .env}\"\n",
				wanted->variable, wanted->variable);
		else
			cor_buffer_printf(buffer, "      %s: # a secret, if it is in .env\n",
				wanted->variable);
	}
}

static void write_service(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"  \"%s\":\n"
		"    build: .\n"
		"    image: \"%s:%s\"\n"
		"    environment: # nginx comes by a socket that both have\n"
		"      %s_HTTP: \"unix:/run/%s/http\"\n"
		"      %s_UNIX_MODE: \"666\"\n"
		"      %s_TRUSTED_PROXIES: unix\n",
		deployment->dashed, deployment->dashed, deployment->version, deployment->prefix,
		deployment->name, deployment->prefix, deployment->prefix);
	write_wanted(deployment, buffer);
	cor_buffer_printf(buffer, "    stop_grace_period: %us # longer than --drain-timeout-ms\n",
		deployment->drain_s + 10);
	cor_buffer_printf(
		buffer, "    mem_limit: %" PRIu64 "m\n", 2 * deployment->memory_bytes / 1048576);
	cor_buffer_append_str(buffer, COR_STR("    tmpfs: [/tmp, /var/tmp]\n"));
	cor_buffer_printf(buffer, "    volumes: [\"socket:/run/%s\"%s]\n", deployment->name,
		deployment->keeps_files ? ", \"files:/var/cache\"" : "");
	if (deployment->has_memcached)
		cor_buffer_append_str(
			buffer, COR_STR("    depends_on:\n"
					"      memcached: { condition: service_healthy }\n"));
	harden(buffer);
}

static void write_nginx(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_printf(buffer,
		"  nginx:\n"
		"    image: nginx:1.22-alpine\n"
		"    ports: [\"8080:80\"]\n"
		"    volumes:\n"
		"      - ./deploy/nginx.conf:/etc/nginx/conf.d/default.conf:ro\n"
		"      - socket:/run/%s:ro\n"
		"    depends_on:\n"
		"      \"%s\": { condition: service_healthy }\n"
		"    healthcheck:\n"
		"      test: [\"CMD\", \"nginx\", \"-t\", \"-q\"]\n"
		"      interval: 10s\n"
		"    read_only: true\n"
		"    tmpfs: [/var/cache/nginx, /run, /tmp] # not /var/run, a link to /run: it would hide the socket\n"
		"    security_opt: [\"no-new-privileges:true\"]\n"
		"    restart: unless-stopped\n",
		deployment->name, deployment->dashed);
}

void cor_deploy_compose(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	cor_buffer_append_str(buffer, COR_STR("services:\n"));
	write_service(deployment, buffer);
	write_nginx(deployment, buffer);
	if (deployment->has_memcached) {
		cor_buffer_append_str(buffer,
			COR_STR("  memcached:\n"
				"    image: memcached:1.6-alpine\n"
				"    command: [\"-m\", \"64\"]\n"
				"    healthcheck:\n"
				"      test: [\"CMD\", \"nc\", \"-z\", \"127.0.0.1\", \"11211\"]\n"
				"      interval: 2s\n"));
		harden(buffer);
	}
	cor_buffer_append_str(buffer, COR_STR("volumes:\n  socket:\n"));
	if (deployment->keeps_files)
		cor_buffer_append_str(buffer, COR_STR("  files:\n"));
}
