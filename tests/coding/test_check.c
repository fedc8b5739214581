/* SPDX-License-Identifier: MIT */
/* What a service says of codings, and what the start says of that. */
#include "../service/fake.h"
#include "../service/tables.h"

#include <coracle/compression.h>
#include <coracle/error.h>
#include <coracle/websocket.h>

#include "coding/media.h"
#include "compress/coding.h"

static int say(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int converse(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	(void)ctx, (void)in, (void)ws;
	return 0;
}

static const struct cor_coding of_another_version = { .name = "gzip", .symbol = "cor_gzip" };
static const struct cor_coding missing = {
	.interface = COR_CODING_INTERFACE,
	.name = "br",
	.symbol = "cor_brotli",
	.missing = "libbrotli-dev",
};

static const struct cor_compression old = { .codings = COR_CODINGS(&of_another_version) };
static const struct cor_compression twice = {
	.codings = COR_CODINGS(&cor_gzip, &cor_zstd, &cor_gzip),
	.gzip_level = 10,
	.brotli_level = 10,
	.zstd_level = 13,
	.media_types = COR_MEDIA_TYPES("text", "text/csv", "+json", "text/*", "", "text/"),
};
COR_OPERATION(say_operation, say, COR_NONE, COR_TEXT, .compression = &old,
	.accepts_encoded = COR_CODINGS(&cor_gzip));
COR_OPERATION(take_operation, say, COR_NONE, COR_TEXT, .body_ratio_limit = 5);
COR_WEBSOCKET_OPERATION(converse_operation, converse, COR_NONE, .compression = COR_UNCOMPRESSED);

static const struct cor_compression lacking = { .codings = COR_CODINGS(&missing) };
static const struct cor_resource first = {
	.path = "/first", .get = &say_operation, .post = &take_operation, .compression = &twice
};
static const struct cor_resource second = { .path = "/second", .get = &converse_operation };

static void test_contradictions(void **state)
{
	const struct cor_service service = {
		.name = "shop",
		.resources = COR_RESOURCES(&first, &second),
		.compression = &lacking,
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "shop", "install libbrotli-dev and build it again"));
	assert_true(is_said(&why, "/first", ".compression has &cor_gzip twice"));
	assert_true(is_said(&why, "/first", ".gzip_level is 10, more than 9"));
	assert_true(is_said(&why, "/first", ".brotli_level is 10, more than 9"));
	assert_true(is_said(&why, "/first", ".zstd_level is 13, more than 12"));
	assert_true(is_said(&why, "/first", "\"text/*\" in .media_types"));
	assert_true(is_said(&why, "/first", "\"\" in .media_types"));
	assert_true(is_said(&why, "/first", "\"text/\" in .media_types"));
	assert_true(is_said(&why, "GET /first", "of different versions: install the same"));
	assert_true(is_said(&why, "GET /first", "the operation takes none"));
	assert_true(is_said(&why, "POST /first", "say .accepts_encoded, too"));
	assert_true(is_said(&why, "GET /second", "a WebSocket has .websocket.compression"));
	cor_arena_finish(&arena);
}

static void test_media_types(void **state)
{
	static const char *const coded[] = { "text/plain", "TEXT/HTML; charset=utf-8",
		"text/event-stream", "application/json", "application/JSON;x=y",
		"application/problem+json", "image/svg+xml", "application/xml", "text/javascript",
		"application/javascript", "application/wasm", "font/ttf" };
	static const char *const not_coded[] = { "", "text", "texts/plain", "image/png",
		"image/jpeg", "video/mp4", "application/zip", "application/gzip", "font/woff2",
		"application/octet-stream", "application/pdf", "+json", "application/json2" };
	static const char *const own[] = { "image", "application/pdf", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof coded / sizeof coded[0]; i++)
		if (!cor_coding_media_listed(NULL, cor_str(coded[i])))
			fail_msg("%s", coded[i]);
	for (size_t i = 0; i < sizeof not_coded / sizeof not_coded[0]; i++)
		if (cor_coding_media_listed(NULL, cor_str(not_coded[i])))
			fail_msg("%s", not_coded[i]);
	assert_true(cor_coding_media_listed(own, COR_STR("image/bmp")));
	assert_true(cor_coding_media_listed(own, COR_STR("Application/PDF; a=b")));
	assert_false(cor_coding_media_listed(own, COR_STR("text/plain")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_media_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
