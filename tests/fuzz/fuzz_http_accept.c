/* SPDX-License-Identifier: MIT */
/* Accept, Accept-Encoding and Content-Type values. */
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "http/accept.h"
#include "http/media_type.h"
#include "target.h"

static void check_quality(int quality)
{
	if (quality > 1000 || (quality < 0 && quality != -COR_ESYNTAX))
		abort();
}

/* It and the quality of each tell the same. */
static void check_choice(struct cor_str accept, int identity)
{
	static const struct cor_str codings[] = { { "br", 2 }, { "gzip", 4 }, { "zstd", 4 } };
	bool takes_identity;
	int best = cor_accept_coding(accept, codings, 3, &takes_identity);

	if (takes_identity != (identity != 0))
		abort();
	for (int i = 0; best >= 0 && i < 3; i++) {
		int mine = cor_accept_encoding_quality(accept, codings[best]);
		int other = cor_accept_encoding_quality(accept, codings[i]);
		if (memmem(accept.data, accept.len, "-", 1)) /* x-gzip */
			return;
		if (mine <= 0 || other > mine || (other == mine && i < best))
			abort();
	}
}

static void check_inside(struct cor_str whole, struct cor_str part)
{
	if (part.len > 0 &&
		(part.data < whole.data || part.data + part.len > whole.data + whole.len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct cor_media_type media;
	struct cor_str boundary;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	struct cor_str text = { copy, size };
	int quality = cor_accept_quality(text, COR_STR("application/json"));
	check_quality(quality);
	if (cor_accept_allows(text, COR_STR("application/json")) != (quality != 0))
		abort();
	check_quality(cor_accept_encoding_quality(text, COR_STR("gzip")));
	int identity = cor_accept_encoding_quality(text, COR_STR("identity"));
	check_quality(identity);
	check_choice(text, identity);
	if (cor_media_type_parse(text, &media) == 0) {
		check_inside(text, media.essence);
		check_inside(text, media.charset);
		if (media.essence.len < 3 || !memchr(media.essence.data, '/', media.essence.len))
			abort();
		if (cor_media_parameter(media.parameters, COR_STR("boundary"), &boundary) > 0)
			check_inside(text, boundary);
	}
	free(copy);
	return 0;
}
