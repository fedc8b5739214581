/* SPDX-License-Identifier: MIT */
/* coracle deploy: the files with which a service runs somewhere. */
#include "cli/deploy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/deploy_compose.h"
#include "cli/deploy_docker.h"
#include "cli/deploy_kubernetes.h"
#include "cli/deploy_systemd.h"
#include "cli/deploy_watching.h"
#include "cli/files.h"
#include "cli/process.h"
#include "cli/project.h"
#include "cli/scaffold.h"

/* By which a file that was written here is known, with a print of the rest of it. */
#define MARK        "coracle-deploy:"
#define PRINT_BYTES 16
#define NO_PRINT    "0000000000000000"

static int write_nginx(
	struct cor_cli *cli, const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	const char *const argv[] = { cor_cli_text(cli, "build/%s", deployment->name),
		"--print-nginx", "--http", cor_cli_text(cli, "unix:/run/%s/http", deployment->name),
		NULL };
	struct cor_str text;

	if (cor_cli_ask(cli, argv, &text) != 0)
		return cor_cli_fail(cli, COR_CLI_TOOL, "%s --print-nginx failed", argv[0]);
	cor_buffer_append_str(buffer, text);
	return COR_CLI_OK;
}

/* Of a project that is not built yet: what its program will say. */
static int new_nginx(
	struct cor_cli *cli, const struct cor_deployment *deployment, struct cor_buffer *buffer)
{
	const struct cor_scaffold_word words[] = { { "name", deployment->name }, { NULL, NULL } };

	cor_buffer_append_str(buffer, cor_scaffold_text(cli, "deploy/nginx.conf.in", words));
	return COR_CLI_OK;
}

static const struct target {
	const char *name;
	const char *path; /* %s: the name of the service */
	bool is_of_new;   /* written by `coracle new` */
	bool is_json;     /* else lines with '#' are comments */
	void (*write)(const struct cor_deployment *deployment, struct cor_buffer *buffer);
	int (*ask)(struct cor_cli *cli, const struct cor_deployment *deployment,
		struct cor_buffer *buffer); /* instead */
} targets[] = {
	{ "docker", "Dockerfile", true, false, cor_deploy_docker, NULL },
	{ "compose", "docker-compose.yml", true, false, cor_deploy_compose, NULL },
	{ "nginx", "deploy/nginx.conf", true, false, NULL, write_nginx },
	{ "k8s", "k8s/%s.yaml", true, false, cor_deploy_kubernetes, NULL },
	{ "systemd", "deploy/%s.service", false, false, cor_deploy_systemd, NULL },
	{ "alerts", "deploy/alerts.yaml", false, false, cor_deploy_alerts, NULL },
	{ "dashboard", "deploy/dashboard.json", false, true, cor_deploy_dashboard, NULL },
};

/* --- the mark --- */

/* FNV-1a of a text, without the digits of its own print. */
static uint64_t print_of(const char *text, size_t len, const char *digits)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++) {
		bool is_print = text + i >= digits && text + i < digits + PRINT_BYTES;
		unsigned char byte = is_print ? '0' : (unsigned char)text[i];
		hash = (hash ^ byte) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/* The digits of a print in a text; NULL: it has none. */
static char *digits_in(struct cor_str text)
{
	const char *mark = memmem(text.data, text.len, MARK, strlen(MARK));

	if (!mark || (size_t)(text.data + text.len - mark) < strlen(MARK) + PRINT_BYTES)
		return NULL;
	return (char *)(uintptr_t)(mark + strlen(MARK));
}

/* Whether a file is as it was written here. */
static bool is_untouched(struct cor_str text)
{
	const char *digits = digits_in(text);
	char wanted[PRINT_BYTES + 1];

	if (!digits)
		return false;
	snprintf(wanted, sizeof wanted, "%016" PRIx64, print_of(text.data, text.len, digits));
	return memcmp(wanted, digits, PRINT_BYTES) == 0;
}

static int render(struct cor_cli *cli, const struct target *target,
	const struct cor_deployment *deployment, struct cor_str *ret)
{
	struct cor_buffer buffer = { 0 };
	int rc = COR_CLI_OK;

	cor_buffer_printf(&buffer,
		target->is_json ? "{\n  \"description\": \"%s%s, written by coracle deploy %s\",\n"
				: "# %s%s, written by coracle deploy %s\n",
		MARK, NO_PRINT, target->name);
	if (target->ask)
		rc = target->ask(cli, deployment, &buffer);
	else
		target->write(deployment, &buffer);
	if (rc != COR_CLI_OK) {
		cor_buffer_finish(&buffer);
		return rc;
	}
	*ret = cor_cli_take(cli, &buffer);
	char *digits = digits_in(*ret), print[PRINT_BYTES + 1];
	snprintf(print, sizeof print, "%016" PRIx64, print_of(ret->data, ret->len, digits));
	memcpy(digits, print, PRINT_BYTES);
	return COR_CLI_OK;
}

/* --- files --- */

static const char *path_of(const struct cor_cli *cli, const struct target *target,
	const struct cor_deployment *deployment)
{
	const char *mark = strstr(target->path, "%s");

	if (!mark)
		return target->path;
	return cor_cli_text(cli, "%.*s%s%s", (int)(mark - target->path), target->path,
		deployment->name, mark + 2);
}

static const char *hand_of(struct cor_str text)
{
	return digits_in(text) ? "was changed by hand" : "is not by coracle deploy";
}

/* COR_CLI_NO: with --check, it is not what would be written. */
static int put(struct cor_cli *cli, const char *path, struct cor_str text)
{
	const char *whole = cor_cli_path(cli, path);
	struct cor_str there = { "", 0 };
	bool exists = cor_cli_exists(whole);
	int rc = exists ? cor_cli_read_file(cli, whole, &there) : COR_CLI_OK;

	if (rc != COR_CLI_OK || (exists && cor_str_equal(there, text)))
		return rc;
	bool is_ours = !exists || is_untouched(there);
	if (cor_cli_has(cli, "--check") && is_ours)
		return cor_cli_fail(cli, COR_CLI_NO,
			"%s is not what the service says now: coracle deploy writes it", path);
	if (cor_cli_has(cli, "--check"))
		return cor_cli_fail(cli, COR_CLI_NO,
			"%s is not what the service says now, and %s: --print shows what would be "
			"written, --force writes it",
			path, hand_of(there));
	if (!is_ours && !cor_cli_has(cli, "--force"))
		return cor_cli_fail(cli, COR_CLI_OUTPUT,
			"%s %s: it stays as it is; --print shows what would be written, --force writes it",
			path, hand_of(there));
	rc = cor_cli_replace_file(cli, whole, text);
	if (rc == COR_CLI_OK)
		cor_cli_say(cli, "%s is written", path);
	return rc;
}

static int deploy_one(
	struct cor_cli *cli, const struct target *target, const struct cor_deployment *deployment)
{
	struct cor_buffer buffer = { 0 };
	struct cor_str text;
	int rc = render(cli, target, deployment, &text);

	if (rc != COR_CLI_OK)
		return rc;
	if (!cor_cli_has(cli, "--print"))
		return put(cli, path_of(cli, target, deployment), text);
	cor_buffer_append_str(&buffer, text);
	return cor_cli_print(cli, &buffer);
}

int cor_deploy_new(struct cor_cli *cli, const char *folder, const char *name)
{
	struct cor_deployment deployment;
	struct cor_str text;
	int rc = COR_CLI_OK;

	cor_deployment_new(cli, name, &deployment);
	for (size_t i = 0; rc == COR_CLI_OK && i < sizeof targets / sizeof targets[0]; i++) {
		struct target target = targets[i];
		if (!target.is_of_new)
			continue;
		target.ask = target.ask ? new_nginx : NULL;
		rc = render(cli, &target, &deployment, &text);
		if (rc == COR_CLI_OK)
			rc = cor_cli_create_file(cli,
				cor_cli_text(
					cli, "%s/%s", folder, path_of(cli, &target, &deployment)),
				text);
	}
	return rc;
}

/* Who has no systemd need not have its unit. nginx.conf belongs to compose, which mounts it. */
static bool is_there(
	struct cor_cli *cli, const struct target *target, const struct cor_deployment *deployment)
{
	if (cor_cli_exists(cor_cli_path(cli, path_of(cli, target, deployment))))
		return true;
	return strcmp(target->name, "nginx") == 0 &&
	       cor_cli_exists(cor_cli_path(cli, "docker-compose.yml"));
}

static int run(struct cor_cli *cli)
{
	struct cor_deployment deployment;
	int worst = COR_CLI_OK;

	int rc = cor_deployment_ask(cli, &deployment);
	if (rc != COR_CLI_OK)
		return rc;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		bool is_meant = cli->words_len == 0;
		for (size_t at = 0; at < cli->words_len; at++)
			is_meant |= strcmp(cli->words[at], targets[i].name) == 0 ||
				    (strcmp(cli->words[at], "compose") == 0 &&
					    strcmp(targets[i].name, "nginx") == 0 &&
					    !cor_cli_has(cli, "--print"));
		if (cli->words_len == 0 && cor_cli_has(cli, "--check"))
			is_meant = is_there(cli, &targets[i], &deployment);
		rc = is_meant ? deploy_one(cli, &targets[i], &deployment) : COR_CLI_OK;
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

const struct cor_cli_verb cor_cli_deploy = {
	.name = "deploy",
	.arguments = "[docker|compose|nginx|k8s|systemd|alerts|dashboard ...]",
	.summary = "Write the files with which the service runs somewhere",
	.doc = "They are made of what the service's program says of itself: settings, limits, upstreams,\n"
	       "caches, routes. Without a word all are written:\n"
	       "\n"
	       "    docker      Dockerfile: an image of the program and its libraries, nothing else\n"
	       "    compose     docker-compose.yml with nginx, and memcached where a cache is in it\n"
	       "    nginx       deploy/nginx.conf\n"
	       "    k8s         k8s/NAME.yaml: Deployment, Service, autoscaler, budget, network policy\n"
	       "    systemd     deploy/NAME.service\n"
	       "    alerts      deploy/alerts.yaml, for Prometheus\n"
	       "    dashboard   deploy/dashboard.json, for Grafana\n"
	       "\n"
	       "A file that was changed by hand is never written over without --force: its first line has a\n"
	       "print of the rest.",
	.choices = "docker compose nginx k8s systemd alerts dashboard",
	.chosen_max = sizeof targets / sizeof targets[0],
	.words_max = sizeof targets / sizeof targets[0],
	.options = {
		{ "--print", NULL, NULL, "Print them, and write nothing" },
		{ "--check", NULL, NULL, "Write nothing; end with status 1 if one that is there is not up to date" },
		{ "--force", NULL, NULL, "Write over files that were changed by hand" },
	},
	.run = run,
};
