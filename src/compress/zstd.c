/* SPDX-License-Identifier: MIT */
/* zstd (RFC 8878), by Facebook's zstd. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include <coracle/error.h>

#include "compress/coding.h"

/* Of tables and windows. */
struct sizes {
	int window_bits;
	int hash_bits;
	int chain_bits;
};

/* What is more costs memory, up to 50 MB, and finds little more in an answer. */
static const struct sizes usual = { 18, 18, 17 };
static const struct sizes lasting = { 14, 12, 12 };

#define SHORT_BYTES (256 * 1024) /* up to which zstd has tables of that size by itself */
#define CLIENT_BITS 23           /* the most that a recipient must take: RFC 9659 section 3 */

#define HEADER_BYTES 18 /* at most, of a frame: RFC 8878 section 3.1.1 */

struct encoder {
	struct cor_encoder encoder; /* first */
	ZSTD_CCtx *state;
	const struct sizes *sizes; /* NULL: zstd's own */
};

struct decoder {
	struct cor_decoder decoder; /* first */
	ZSTD_DCtx *state;
	bool is_whole;
	unsigned fed; /* bytes of this frame, up to HEADER_BYTES */
};

/* --- to encode --- */

/* NULL: zstd's own. */
static const struct sizes *sizes_for(const struct cor_encoder_options *options)
{
	if (options->lasts)
		return &lasting;
	return options->length >= 0 && options->length <= SHORT_BYTES ? NULL : &usual;
}

static int restart_encoder(struct cor_encoder *self, const struct cor_encoder_options *options)
{
	const struct encoder *encoder = (const struct encoder *)self;
	unsigned long long pledged = options->length < 0 ? ZSTD_CONTENTSIZE_UNKNOWN
							 : (unsigned long long)options->length;

	return encoder->sizes != sizes_for(options) ||
			       ZSTD_isError(
				       ZSTD_CCtx_reset(encoder->state, ZSTD_reset_session_only)) ||
			       ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(encoder->state, pledged))
		       ? -EINVAL
		       : 0;
}

static bool set(struct encoder *encoder, ZSTD_cParameter parameter, int value)
{
	return !ZSTD_isError(ZSTD_CCtx_setParameter(encoder->state, parameter, value));
}

/* The fast levels have tables that are small enough. */
static bool set_sizes(struct encoder *encoder, int level)
{
	const struct sizes *sizes = encoder->sizes;

	if (!sizes)
		return true;
	if (!set(encoder, ZSTD_c_windowLog, sizes->window_bits))
		return false;
	return (sizes == &usual && level < 4) ||
	       (set(encoder, ZSTD_c_hashLog, sizes->hash_bits) &&
		       set(encoder, ZSTD_c_chainLog, sizes->chain_bits));
}

/* It takes its memory when it is first used. */
static int open_encoder(const struct cor_encoder_options *options, struct cor_encoder **ret)
{
	struct encoder *encoder = calloc(1, sizeof *encoder);

	if (!encoder)
		return -ENOMEM;
	encoder->sizes = sizes_for(options);
	encoder->state = ZSTD_createCCtx();
	if (!encoder->state || !set(encoder, ZSTD_c_compressionLevel, options->level) ||
		!set_sizes(encoder, options->level) ||
		restart_encoder(&encoder->encoder, options) < 0) {
		ZSTD_freeCCtx(encoder->state);
		free(encoder);
		return -ENOMEM;
	}
	encoder->encoder.coding = &cor_zstd;
	encoder->encoder.level = options->level;
	*ret = &encoder->encoder;
	return 0; /* NOLINT(analyzer-malloc-leak): *ret is a part of it */
}

static int encode(struct cor_encoder *self, struct cor_coding_io *io, enum cor_coding_aim aim)
{
	static const ZSTD_EndDirective directives[] = {
		[COR_CODING_GO_ON] = ZSTD_e_continue,
		[COR_CODING_FLUSH] = ZSTD_e_flush,
		[COR_CODING_END] = ZSTD_e_end,
	};
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };
	size_t left;

	do {
		left = ZSTD_compressStream2(
			((struct encoder *)self)->state, &out, &in, directives[aim]);
		if (ZSTD_isError(left))
			return -ENOMEM;
	} while (in.pos != in.size && out.pos != out.size);
	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	if (aim == COR_CODING_GO_ON)
		return io->in_len != 0 ? COR_CODING_FULL : COR_CODING_DONE;
	return left != 0 ? COR_CODING_FULL : COR_CODING_DONE;
}

static void close_encoder(struct cor_encoder *self)
{
	struct encoder *encoder = (struct encoder *)self;

	if (!encoder)
		return;
	ZSTD_freeCCtx(encoder->state);
	free(encoder);
}

/* --- to decode --- */

static int open_decoder(struct cor_decoder **ret)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);

	if (!decoder)
		return -ENOMEM;
	decoder->state = ZSTD_createDCtx();
	if (!decoder->state || ZSTD_isError(ZSTD_DCtx_setParameter(
				       decoder->state, ZSTD_d_windowLogMax, CLIENT_BITS))) {
		ZSTD_freeDCtx(decoder->state);
		free(decoder);
		return -ENOMEM;
	}
	decoder->decoder.coding = &cor_zstd;
	*ret = &decoder->decoder;
	return 0; /* NOLINT(analyzer-malloc-leak): *ret is a part of it */
}

/*
 * The first byte of the magic number of a frame, or of one that is skipped (RFC 8878 sections 3.1.1
 * and 3.1.2). zstd as it is built also takes formats of before 2016, which nobody sends but to find
 * a hole in their decoders.
 */
static bool may_begin_frame(unsigned char byte)
{
	return byte == 0x28 || (byte & 0xf0) == 0x50;
}

/*
 * The header of a frame goes in byte by byte. zstd, given a whole frame at once, decodes it in a
 * way of its own, which refuses frames that it takes in pieces (with an empty compressed block):
 * how the network splits a body may not decide what comes of it.
 */
static int step(struct decoder *decoder, ZSTD_inBuffer *in, ZSTD_outBuffer *out)
{
	ZSTD_inBuffer piece = *in;

	if (decoder->fed == 0 && in->pos != in->size &&
		!may_begin_frame(((const unsigned char *)in->src)[in->pos]))
		return -COR_ESYNTAX;
	if (decoder->fed < HEADER_BYTES && in->pos != in->size)
		piece.size = in->pos + 1;
	size_t left = ZSTD_decompressStream(decoder->state, out, &piece);
	if (ZSTD_isError(left))
		return ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? -ENOMEM
									       : -COR_ESYNTAX;
	decoder->is_whole = left == 0;
	if (decoder->is_whole)
		decoder->fed = 0;
	else if (decoder->fed < HEADER_BYTES)
		decoder->fed += (unsigned)(piece.pos - in->pos);
	in->pos = piece.pos;
	return 0;
}

/* What comes behind a frame must be another one: RFC 8878 section 3. */
static int decode(struct cor_decoder *self, struct cor_coding_io *io)
{
	struct decoder *decoder = (struct decoder *)self;
	ZSTD_inBuffer in = { io->in, io->in_len, 0 };
	ZSTD_outBuffer out = { io->out, io->out_len, 0 };

	while (in.pos != in.size || !decoder->is_whole) {
		int rc = step(decoder, &in, &out);
		if (rc < 0)
			return rc;
		if (!decoder->is_whole && (in.pos == in.size || out.pos == out.size))
			break;
	}
	io->in += in.pos;
	io->in_len -= in.pos;
	io->out += out.pos;
	io->out_len -= out.pos;
	return decoder->is_whole && io->in_len == 0 ? COR_DECODING_WHOLE : COR_DECODING_PART;
}

static void close_decoder(struct cor_decoder *self)
{
	struct decoder *decoder = (struct decoder *)self;

	if (!decoder)
		return;
	ZSTD_freeDCtx(decoder->state);
	free(decoder);
}

const struct cor_coding cor_zstd = {
	.interface = COR_CODING_INTERFACE,
	.name = "zstd",
	.symbol = "cor_zstd",
	.usual_level = 3,
	.level_at = offsetof(struct cor_compression, zstd_level),
	.open_encoder = open_encoder,
	.restart_encoder = restart_encoder,
	.encode = encode,
	.close_encoder = close_encoder,
	.open_decoder = open_decoder,
	.decode = decode,
	.close_decoder = close_decoder,
};
