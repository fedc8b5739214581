/* SPDX-License-Identifier: MIT */
#include "compress/gzip_whole.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include <libdeflate.h>

/* Below, clearing its tables of a quarter of a megabyte takes longer than zlib does in all. */
#define LEAST_BYTES 4096

/*
 * Of libdeflate, for a level of zlib's: the same length or less, of the usual texts, in less time.
 * Above six it takes ever longer for it, so it gets ever less to do in one go.
 */
static const struct level {
	int level;
	size_t most_bytes;
} levels[COR_GZIP_LEVEL_MAX + 1] = {
	[1] = { 1, 256 * 1024 },
	[2] = { 1, 256 * 1024 },
	[3] = { 3, 256 * 1024 },
	[4] = { 4, 256 * 1024 },
	[5] = { 5, 256 * 1024 },
	[6] = { 6, 256 * 1024 },
	[7] = { 7, 128 * 1024 },
	[8] = { 7, 128 * 1024 },
	[9] = { 8, 64 * 1024 },
};

struct encoder {
	struct cor_encoder encoder; /* first */
	struct libdeflate_compressor *compressor;
};

static size_t whole_room(int level, size_t len)
{
	if (len < LEAST_BYTES || len > levels[level].most_bytes)
		return 0;
	return libdeflate_gzip_compress_bound(NULL, len);
}

static int open_encoder(const struct cor_encoder_options *options, struct cor_encoder **ret)
{
	struct encoder *encoder = calloc(1, sizeof *encoder);

	if (!encoder)
		return -ENOMEM;
	encoder->compressor = libdeflate_alloc_compressor(levels[options->level].level);
	if (!encoder->compressor) {
		free(encoder);
		return -ENOMEM;
	}
	encoder->encoder.coding = &cor_gzip_whole;
	encoder->encoder.level = options->level;
	*ret = &encoder->encoder;
	return 0; /* NOLINT(analyzer-malloc-leak): *ret is a part of it */
}

/* It begins anew by itself. */
static int restart_encoder(struct cor_encoder *self, const struct cor_encoder_options *options)
{
	(void)self, (void)options;
	return 0;
}

static int encode(struct cor_encoder *self, struct cor_coding_io *io, enum cor_coding_aim aim)
{
	const struct encoder *encoder = (const struct encoder *)self;
	size_t n = 0;

	if (aim == COR_CODING_END)
		n = libdeflate_gzip_compress(
			encoder->compressor, io->in, io->in_len, io->out, io->out_len);
	if (n == 0)
		return -ENOMEM; /* less room than whole_room() */
	io->in += io->in_len;
	io->in_len = 0;
	io->out += n;
	io->out_len -= n;
	return COR_CODING_DONE;
}

static void close_encoder(struct cor_encoder *self)
{
	struct encoder *encoder = (struct encoder *)self;

	if (!encoder)
		return;
	libdeflate_free_compressor(encoder->compressor);
	free(encoder);
}

const struct cor_coding cor_gzip_whole = {
	.interface = COR_CODING_INTERFACE,
	.name = "gzip",
	.symbol = "cor_gzip",
	.level_at = offsetof(struct cor_compression, gzip_level),
	.usual_level = 6,
	.open_encoder = open_encoder,
	.restart_encoder = restart_encoder,
	.encode = encode,
	.close_encoder = close_encoder,
	.whole_room = whole_room,
};
