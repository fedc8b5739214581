/* SPDX-License-Identifier: MIT */
/*
 * Notes: accounts with passwords, tokens, notes with attachments, and a page that uses it all.
 *
 *     build/examples/notes
 *
 * and http://127.0.0.1:8080/ in a browser; the API is at /docs. It keeps all in memory, of one
 * process: it is there to be read.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <coracle/compression.h>
#include <coracle/coracle.h>

#include "accounts.h"
#include "notebook.h"
#include "notes.h"

#define SECRET_BYTES 32

struct settings {
	const char *folder;
	const char *token_secret;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, folder, .doc = "Where attachments are kept",
		.fallback = "\"attachments\"", .presence = COR_OPTIONAL),
	COR_FIELD(struct settings, token_secret, .access = COR_WRITE_ONLY,
		.min_length = SECRET_BYTES, .presence = COR_OPTIONAL,
		.doc = "Signs tokens; without it, they end with the process"),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

struct desk {
	struct accounts accounts;
	struct notebook notebook;
};

struct accounts *accounts_of(struct cor_ctx *ctx)
{
	return &((struct desk *)cor_state(ctx))->accounts;
}

struct notebook *notebook_of(struct cor_ctx *ctx)
{
	return &((struct desk *)cor_state(ctx))->notebook;
}

static int make_keys(
	struct cor_ctx *ctx, const struct settings *settings, struct cor_jwt_keys **ret)
{
	char random[SECRET_BYTES];
	struct cor_jwt_source source = { .algorithms = COR_JWT_HS256 };

	cor_random_fill(random, sizeof random);
	source.secret = settings->token_secret ? cor_str(settings->token_secret)
					       : (struct cor_str){ random, sizeof random };
	return cor_jwt_keys_create(ctx, &source, 1, ret);
}

static int start(struct cor_ctx *ctx, void **ret_state)
{
	const struct settings *settings = cor_settings(ctx, settings_schema);
	struct desk *desk = calloc(1, sizeof *desk);

	if (!desk)
		return -ENOMEM;
	desk->notebook.folder = settings->folder;
	int rc = mkdir(settings->folder, 0700) < 0 && errno != EEXIST
			 ? cor_problem(ctx, 500, -errno, "cannot make %s", settings->folder)
			 : make_keys(ctx, settings, &desk->accounts.keys);
	if (rc < 0)
		free(desk);
	else
		*ret_state = desk;
	return rc;
}

static void stop(struct cor_ctx *ctx, void *state)
{
	struct desk *desk = state;

	(void)ctx;
	cor_jwt_keys_destroy(desk->accounts.keys);
	free(desk);
}

extern const struct cor_embedded_files page_files; /* the folder page: coracle-embed */

static const struct cor_files page = {
	.path = "/",
	.embedded = &page_files,
	.cache_control = "no-cache",
	.security = COR_PUBLIC,
};

static const struct cor_compression compression = {
	.codings = COR_CODINGS(&cor_gzip),
};

/* A page of another origin that is being worked on. */
static const struct cor_cors cors = {
	.origins = COR_ORIGINS("http://localhost:5173", "http://127.0.0.1:5173"),
};

const struct cor_service notes_service = {
	.name = "notes",
	.version = "1.0.0",
	.doc = "Notes with attachments, for those who have an account.",
	.resources = COR_RESOURCES(&users, &sessions, &notes, &one_note, &attachment),
	.files = COR_FILES(&page),
	.security = COR_SECURITY({ .scheme = &token_scheme }),
	.cors = &cors,
	.compression = &compression,
	.executors = COR_EXECUTORS(&computing),
	.settings = COR_SETTINGS(settings_schema),
	.start = start,
	.stop = stop,
};
