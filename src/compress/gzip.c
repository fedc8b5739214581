/* SPDX-License-Identifier: MIT */
/* gzip (RFC 1952), by zlib, but what is here as a whole. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "compress/coding.h"
#include "compress/gzip_whole.h"

#define ZLIB_CONST
#include <zlib.h>

#define MOST_BITS   15
#define LEAST_BITS  12
#define AS_GZIP     16                /* added to the bits of a window */
#define PIECE_BYTES ((size_t)1 << 30) /* zlib counts in unsigned int */

struct encoder {
	struct cor_encoder encoder; /* first */
	z_stream stream;
	int bits;
};

struct decoder {
	struct cor_decoder decoder; /* first */
	z_stream stream;
	bool is_whole;
};

/* --- between zlib's counts and ours --- */

static unsigned at_most(size_t len)
{
	return (unsigned)(len < PIECE_BYTES ? len : PIECE_BYTES);
}

static void lend(z_stream *stream, const struct cor_coding_io *io)
{
	stream->next_in = (const void *)io->in;
	stream->avail_in = at_most(io->in_len);
	stream->next_out = (void *)io->out;
	stream->avail_out = at_most(io->out_len);
}

static void take_back(const z_stream *stream, struct cor_coding_io *io)
{
	size_t taken = (size_t)((const char *)stream->next_in - io->in);
	size_t made = (size_t)((char *)stream->next_out - io->out);

	io->in += taken;
	io->in_len -= taken;
	io->out += made;
	io->out_len -= made;
}

/* --- to encode --- */

/* A window that is larger than what comes has no use, and its tables take time to clear. */
static int bits_for(const struct cor_encoder_options *options)
{
	int64_t length = options->length;
	int bits = LEAST_BITS;

	while (!options->lasts && bits < MOST_BITS && (length < 0 || length > (int64_t)1 << bits))
		bits++;
	return bits;
}

static int open_encoder(const struct cor_encoder_options *options, struct cor_encoder **ret)
{
	struct encoder *encoder = calloc(1, sizeof *encoder);

	if (!encoder)
		return -ENOMEM;
	encoder->bits = bits_for(options);
	if (deflateInit2(&encoder->stream, options->level, Z_DEFLATED, encoder->bits + AS_GZIP,
		    encoder->bits - 7, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(encoder);
		return -ENOMEM;
	}
	encoder->encoder.coding = &cor_gzip;
	encoder->encoder.level = options->level;
	*ret = &encoder->encoder;
	return 0;
}

static int restart_encoder(struct cor_encoder *self, const struct cor_encoder_options *options)
{
	struct encoder *encoder = (struct encoder *)self;

	if (encoder->bits != bits_for(options))
		return -EINVAL;
	return deflateReset(&encoder->stream) == Z_OK ? 0 : -EINVAL;
}

static int encode(struct cor_encoder *self, struct cor_coding_io *io, enum cor_coding_aim aim)
{
	static const int flush[] = {
		[COR_CODING_GO_ON] = Z_NO_FLUSH,
		[COR_CODING_FLUSH] = Z_SYNC_FLUSH,
		[COR_CODING_END] = Z_FINISH,
	};
	z_stream *stream = &((struct encoder *)self)->stream;
	int rc = Z_OK;

	do {
		lend(stream, io);
		rc = deflate(stream, io->in_len > PIECE_BYTES ? Z_NO_FLUSH : flush[aim]);
		take_back(stream, io);
	} while (io->in_len != 0 && io->out_len != 0 && rc == Z_OK);
	if (aim == COR_CODING_END)
		return rc == Z_STREAM_END ? COR_CODING_DONE : COR_CODING_FULL;
	return io->out_len == 0 ? COR_CODING_FULL : COR_CODING_DONE;
}

static void close_encoder(struct cor_encoder *self)
{
	struct encoder *encoder = (struct encoder *)self;

	if (!encoder)
		return;
	(void)deflateEnd(&encoder->stream);
	free(encoder);
}

/* --- to decode --- */

static int open_decoder(struct cor_decoder **ret)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);

	if (!decoder)
		return -ENOMEM;
	if (inflateInit2(&decoder->stream, MOST_BITS + AS_GZIP) != Z_OK) {
		free(decoder);
		return -ENOMEM;
	}
	decoder->decoder.coding = &cor_gzip;
	*ret = &decoder->decoder;
	return 0;
}

/* What comes behind a member must be another one: RFC 1952 section 2.2. */
static int decode(struct cor_decoder *self, struct cor_coding_io *io)
{
	struct decoder *decoder = (struct decoder *)self;
	int rc = Z_OK;

	while (rc == Z_OK && (io->in_len != 0 || !decoder->is_whole)) {
		if (decoder->is_whole && inflateReset(&decoder->stream) != Z_OK)
			return -ENOMEM;
		lend(&decoder->stream, io);
		rc = inflate(&decoder->stream, Z_NO_FLUSH);
		take_back(&decoder->stream, io);
		decoder->is_whole = rc == Z_STREAM_END;
		if (decoder->is_whole)
			rc = Z_OK;
		else if (io->in_len == 0 || io->out_len == 0)
			break;
	}
	if (rc == Z_MEM_ERROR)
		return -ENOMEM;
	if (rc != Z_OK && rc != Z_BUF_ERROR)
		return -COR_ESYNTAX;
	return decoder->is_whole && io->in_len == 0 ? COR_DECODING_WHOLE : COR_DECODING_PART;
}

static void close_decoder(struct cor_decoder *self)
{
	struct decoder *decoder = (struct decoder *)self;

	if (!decoder)
		return;
	(void)inflateEnd(&decoder->stream);
	free(decoder);
}

const struct cor_coding cor_gzip = {
	.interface = COR_CODING_INTERFACE,
	.name = "gzip",
	.alias = "x-gzip", /* RFC 9110 section 8.4.1.3 */
	.symbol = "cor_gzip",
	.usual_level = 6,
	.level_at = offsetof(struct cor_compression, gzip_level),
	.open_encoder = open_encoder,
	.restart_encoder = restart_encoder,
	.encode = encode,
	.close_encoder = close_encoder,
	.whole = &cor_gzip_whole,
	.open_decoder = open_decoder,
	.decode = decode,
	.close_decoder = close_decoder,
};
