/* SPDX-License-Identifier: MIT */
/* A service with files of every kind, for test_files.py. */
#include <coracle/coracle.h>
#include <coracle/tls.h>

struct settings {
	const char *assets;
	const char *page;
};
static const struct cor_field settings_fields[] = {
	COR_FIELD(struct settings, assets, .doc = "Folder of the assets"),
	COR_FIELD(struct settings, page, .doc = "Folder of the page", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(settings_schema, struct settings, settings_fields);

static int say_hello(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *text)
{
	(void)ctx;
	(void)none;
	*text = COR_STR("hello");
	return 0;
}
COR_OPERATION(hello_operation, say_hello, COR_NONE, COR_TEXT, .summary = "Say hello");

static const struct cor_resource hello = { .path = "/api/hello", .get = &hello_operation };
static const struct cor_resource beneath = { .path = "/assets/hello", .get = &hello_operation };

static int stamp(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_reply_header(ctx, "X-Stamp", "1");

	if (rc == 0)
		rc = cor_next(next);
	cor_log_info(ctx, "stamped %d", cor_reply_status(ctx, rc));
	return rc;
}
static const struct cor_middleware stamping = { .name = "stamping", .around = stamp };

struct reader {
	const char *name;
};
static const struct cor_field reader_fields[] = { COR_FIELD(struct reader, name) };
COR_LOCAL_SCHEMA(reader_schema, struct reader, reader_fields);

static int check_token(struct cor_ctx *ctx, const char *token, struct reader *reader)
{
	if (!cor_equal_secret(cor_str(token), COR_STR("sesame")))
		return cor_deny(ctx, "a wrong token");
	reader->name = "reader";
	return 0;
}
COR_BEARER(token_scheme, check_token, reader_schema);

/* Of the third folder alone: no key, no file. */
static int ask_for_key(struct cor_ctx *ctx, struct cor_next *next)
{
	if (!cor_str_equal(cor_request_header(ctx, "X-Key"), COR_STR("open")))
		return cor_problem(ctx, 403, 0, "no key");
	int rc = cor_reply_header(ctx, "Cache-Control", "private");
	return rc < 0 ? rc : cor_next(next);
}
static const struct cor_middleware locking = { .name = "locking", .around = ask_for_key };

extern const struct cor_embedded_files built_in_files; /* of coracle-embed */

static const struct cor_files assets = {
	.path = "/assets",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.precompressed = true,
	.types = COR_FILE_TYPES({ "md", "text/x-own" }, { "odd", "application/x-odd" }),
};
static const struct cor_files locked = {
	.path = "/assets/locked",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.subfolder = "sub",
	.index = "",
	.cache_control = "public, max-age=60",
	.middleware = COR_MIDDLEWARE(&locking),
};
static const struct cor_files built_in = {
	.path = "/built-in", .embedded = &built_in_files, .precompressed = true
};
static const struct cor_cors shop_pages = {
	.origins = COR_ORIGINS("https://shop.example"),
};
static const struct cor_files secret = {
	.path = "/secret",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.security = COR_SECURITY({ &token_scheme }),
	.cors = &shop_pages,
};
static const struct cor_files kept = {
	.path = "/kept",
	.setting = COR_FOLDER_SETTING(settings_schema, assets),
	.cache_control = "no-cache",
	.precompressed = true,
	.memory_bytes = 200000,
};
static const struct cor_files page = {
	.path = "/",
	.setting = COR_FOLDER_SETTING(settings_schema, page),
	.folder = "page",
	.fallback = "index.html",
};

static const struct cor_service served = {
	.name = "served",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&hello, &beneath),
	.files = COR_FILES(&assets, &locked, &built_in, &kept, &secret, &page),
	.middleware = COR_MIDDLEWARE(&stamping),
	.settings = COR_SETTINGS(settings_schema),
	.tls = &cor_tls,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &served);
}
