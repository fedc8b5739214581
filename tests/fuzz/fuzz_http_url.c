/* SPDX-License-Identifier: MIT */
/* Where a Location leads: a URL, and a reference from several bases. */
#include <stdlib.h>
#include <string.h>

#include "http/url.h"
#include "target.h"

static void require(bool claim)
{
	if (!claim)
		abort();
}

/* What goes into a request has neither blanks nor line ends, nor ways out of its path. */
static void check_text(struct cor_str text, const char *others)
{
	require(text.data[text.len] == '\0' && strlen(text.data) == text.len);
	for (size_t i = 0; i < text.len; i++)
		require(text.data[i] > ' ' && text.data[i] < 0x7f && !strchr(others, text.data[i]));
}

static void check(struct cor_arena *arena, const struct cor_url *url)
{
	struct cor_url again;
	const char *why;

	check_text(url->path, "?#");
	check_text(url->query, "#");
	check_text(url->authority, "/?#@");
	require(url->path.data[0] == '/' && url->authority.len > 0 && url->host.len > 0);
	require(!strstr(url->path.data, "/../") && !strstr(url->path.data, "/./"));
	require(!url->unix_path == (url->port != 0));
	if (cor_str_equal(url->host, COR_STR("unix")))
		return; /* which the URL of an upstream has for sockets */
	/* what a log says of it is read as the same */
	const char *text = cor_url_text(arena, url);
	require(cor_url_parse(arena, cor_str(text), &again, &why) == 0);
	require(cor_url_same_origin(url, &again) && cor_str_equal(url->path, again.path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const bases[] = { "http://a/b/c?q", "https://a:444/",
		"http://[::1]:81/x/y/", "http://unix:/run/x:/a/b" };
	char *copy = malloc(size ? size : 1); /* of exactly that size */
	struct cor_url url, base;
	struct cor_arena arena;
	const char *why;

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	struct cor_str text = { copy, size };
	cor_arena_init(&arena, NULL, 0, 0);
	/* a path to a socket is a file's, of any bytes but NUL */
	if (cor_url_parse(&arena, text, &url, &why) == 0 && !url.unix_path)
		check(&arena, &url);
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		require(cor_url_parse(&arena, cor_str(bases[i]), &base, &why) == 0);
		if (cor_url_resolve(&arena, &base, text, &url, &why) == 0)
			check(&arena, &url);
	}
	cor_arena_finish(&arena);
	free(copy);
	return 0;
}
