/* SPDX-License-Identifier: MIT */
#include "cli/verbs.h"

#include <string.h>

#include "cli/guess.h"

const struct cor_cli_verb *const cor_cli_verbs[] = {
	&cor_cli_new,
	&cor_cli_build,
	&cor_cli_serve,
	&cor_cli_dev,
	&cor_cli_test,
	&cor_cli_generate,
	&cor_cli_routes,
	&cor_cli_openapi,
	&cor_cli_cover,
	&cor_cli_lint,
	&cor_cli_fuzz,
	&cor_cli_bench,
	&cor_cli_deploy,
	&cor_cli_top,
	&cor_cli_doctor,
	&cor_cli_completions,
	&cor_cli_help,
	NULL,
};

const struct cor_cli_option cor_cli_everywhere[] = {
	{ "--directory", "-C", "DIR", "Work in this folder" },
	{ "--verbose", "-v", NULL, "Print the commands that are run" },
	{ "--help", "-h", NULL, "Print what there is to say of the program, or of the verb" },
	{ "--version", "-V", NULL, "Print the version" },
	{ 0 },
};

const struct cor_cli_verb *cor_cli_verb(const char *name)
{
	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		if (strcmp(cor_cli_verbs[i]->name, name) == 0)
			return cor_cli_verbs[i];
	}
	return NULL;
}

const struct cor_cli_verb *cor_cli_verb_meant(const char *name)
{
	const struct cor_cli_verb *meant = NULL;
	size_t nearest = COR_GUESS_FAR;

	for (size_t i = 0; cor_cli_verbs[i]; i++) {
		size_t far = cor_guess_distance(name, cor_cli_verbs[i]->name);
		if (far < nearest) {
			nearest = far;
			meant = cor_cli_verbs[i];
		}
	}
	return meant;
}

static const struct cor_cli_option *find(
	const struct cor_cli_option *options, const char *name, size_t len)
{
	for (; options->name; options++) {
		if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
			return options;
		if (options->letter && len == 2 && memcmp(options->letter, name, 2) == 0)
			return options;
	}
	return NULL;
}

const struct cor_cli_option *cor_cli_option(
	const struct cor_cli_verb *verb, const char *name, size_t len)
{
	const struct cor_cli_option *found = find(cor_cli_everywhere, name, len);

	return found || !verb ? found : find(verb->options, name, len);
}
