/* SPDX-License-Identifier: MIT */
#include "cli/deploy_docker.h"

static const char first[] =
	"#\n"
	"# An image with the program, the libraries that it needs, and nothing else: no shell, no packages.\n"
	"# Put the Debian packages of Coracle into packages/ first.\n"
	"FROM debian:12-slim AS build\n"
	"COPY packages/ /packages/\n"
	"RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
	"	gcc libc6-dev make pkgconf ca-certificates /packages/*.deb\n"
	"WORKDIR /src\n"
	"COPY . .\n"
	"RUN make release\n";

static const char collect[] =
	"RUN install -D -s build/release/%s /image/usr/local/bin/%s \\\n"
	"	&& for library in $(ldd build/release/%s | grep -o '/[^ ]*'); do \\\n"
	"		install -D -m 755 \"$library\" \"/image$library\"; done \\\n"
	"	&& install -D -m 644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \\\n"
	"	&& install -d -m 1777 /image/tmp /image/var/tmp \\\n"
	"	&& install -d -o 65532 -g 65532 /image/run/%s \\\n"
	"	&& echo 'service:x:65532:65532::/:/none' >/image/etc/passwd \\\n"
	"	&& echo 'service:x:65532:' >/image/etc/group\n"
	"\n"
	"FROM scratch\n"
	"COPY --from=build /image/ /\n"
	"USER 65532:65532\n";

/* No value of them belongs into an image. */
static void write_wanted(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	for (size_t i = 0; i < deployment->wanted_len; i++) {
		const struct cor_wanted *wanted = &deployment->wanted[i];
		cor_buffer_printf(buffer, "# docker run -e %s: %s%s\n", wanted->variable,
			wanted->is_required ? "it does not start without" : "if it is wanted",
			wanted->is_secret ? "; a secret, or the path of a file with it as _FILE"
					  : "");
	}
}

void cor_deploy_docker(const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	const char *name = deployment->name, *prefix = deployment->prefix;

	cor_buffer_append_str(buffer, cor_str(first));
	cor_buffer_printf(buffer, collect, name, name, name, name);
	write_wanted(deployment, buffer);
	cor_buffer_printf(
		buffer, "ENV %s_HTTP=0.0.0.0:8080 %s_CONTROL=127.0.0.1:9090", prefix, prefix);
	if (deployment->is_single)
		cor_buffer_append_str(buffer,
			COR_STR("\n# One process: what it knows is in its memory, and a second would answer otherwise.\n"));
	else
		cor_buffer_printf(buffer, " %s_PROCESSES=auto\n", prefix);
	cor_buffer_printf(buffer,
		"EXPOSE 8080\n"
		"# TERM drains: requests in progress end first, %u s at most.\n"
		"STOPSIGNAL SIGTERM\n"
		"HEALTHCHECK --interval=5s --timeout=2s --start-period=%us \\\n"
		"	CMD [\"/usr/local/bin/%s\", \"ctl\", \"status\"]\n"
		"ENTRYPOINT [\"/usr/local/bin/%s\"]\n",
		deployment->drain_s, deployment->start_s, name, name);
}
