/* SPDX-License-Identifier: MIT */
#include "app/cookie_keys.h"

#include <stdlib.h>
#include <string.h>

#include "app/shared.h"
#include "cookies/jar.h"

/* The file; NULL: there is none. */
static const char *path_of(const struct cor_setup *setup)
{
	const char *path = setup->app.cookie_keys;

	if (path)
		return path;
	/* The environment changes only before there are threads. */
	path = getenv(COR_COOKIE_KEYS_VARIABLE); /* NOLINT(concurrency-mt-unsafe) */
	return path && path[0] ? path : NULL;
}

/* `why` names the path; NULL: no memory is left. */
static enum cor_exit refuse(const struct cor_setup *setup, const char *path, const char *why)
{
	const char *value = why ? NULL : path;

	why = why ? why : "no memory is left";
	if (setup->app.cookie_keys)
		return cor_setup_refuse(setup, "cookie_keys", value, why);
	cor_setup_say(setup, COR_COOKIE_KEYS_VARIABLE ": %s%s%s", value ? value : "",
		value ? ": " : "", why);
	return COR_EXIT_CONFIG;
}

/* The secret counts where there is no file. */
static enum cor_exit make(const struct cor_setup *setup, const struct cor_cookie_secret *secret,
	struct cor_seal_keys **ret)
{
	const char *path = path_of(setup);
	struct cor_arena arena;
	const char *why = NULL;
	enum cor_exit status = COR_EXIT_OK;

	cor_arena_init(&arena, NULL, 0, 0);
	int rc = cor_cookie_keys_make(
		setup->composition.whole->sealing, path, secret, &arena, ret, &why);
	if (rc < 0 && path)
		status = refuse(setup, path, why);
	else if (rc < 0)
		status = cor_setup_refused(setup, "making the keys of cookies", rc);
	cor_arena_finish(&arena);
	return status;
}

enum cor_exit cor_cookie_keys_check(const struct cor_setup *setup)
{
	const struct cor_cookie_secret none = { { 0 } };
	struct cor_seal_keys *keys = NULL;

	if (!setup->app.cookie_keys)
		return COR_EXIT_OK;
	if (!setup->composition.whole->sealing)
		return cor_setup_refuse(setup, "cookie_keys", setup->app.cookie_keys,
			"the service seals nothing: add .sealing = &cor_sealing of "
			"<coracle/sealing.h> to its table, and link it with `pkg-config --libs "
			"coracle-crypto`");
	enum cor_exit status = make(setup, &none, &keys);
	if (keys)
		setup->composition.whole->sealing->keys_destroy(keys);
	return status;
}

static void say_made_up(const struct cor_program *program)
{
	if (cor_setup_is_first(program->setup) || program->setup->child.slot == 0)
		cor_logger_log(cor_program_logger(program), COR_LOG_WARNING, NULL,
			"sealed cookies and sessions end with this service, and no other machine "
			"can read them: give it --cookie-keys FILE, a line of `openssl rand "
			"-base64 48`");
}

static int find_secret(struct cor_program *program, struct cor_cookie_secret *ret)
{
	struct cor_cookie_secret *shared;

	if (!program->segment.base)
		return cor_cookie_secret_init(ret, sizeof *ret);
	int rc = cor_shared_cookie_secret(&program->segment, &shared);
	if (rc == 0)
		*ret = *shared;
	return rc;
}

enum cor_exit cor_program_make_cookie_keys(struct cor_program *program)
{
	const struct cor_setup *setup = program->setup;
	struct cor_cookie_secret secret = { { 0 } };

	if (!setup->composition.whole->sealing)
		return cor_cookie_keys_check(setup);
	bool is_made_up = !path_of(setup);
	int rc = is_made_up ? find_secret(program, &secret) : 0;
	if (rc < 0)
		return cor_setup_refused(setup, "finding the keys of cookies", rc);
	enum cor_exit status = make(setup, &secret, &program->cookie_keys);
	explicit_bzero(&secret, sizeof secret);
	bool serves = !program->changes_nothing &&
		      !setup->inside; /* no test, with which they end */
	if (status == COR_EXIT_OK && is_made_up && serves)
		say_made_up(program);
	return status;
}

void cor_program_drop_cookie_keys(struct cor_program *program)
{
	if (program->cookie_keys)
		program->setup->composition.whole->sealing->keys_destroy(program->cookie_keys);
	program->cookie_keys = NULL;
}
