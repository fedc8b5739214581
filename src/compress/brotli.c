/* SPDX-License-Identifier: MIT */
/* br (RFC 7932), by Google's brotli. */
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>

#include <brotli/decode.h>
#include <brotli/encode.h>

#include <coracle/error.h>

#include "compress/coding.h"

/* Of a window: what is more costs memory, up to 35 MB, and finds little more in an answer. */
#define MOST_BITS  16
#define LEAST_BITS 10
#define BLOCK_BITS 16 /* of what is compressed in one go */

/* Before what an encoder has allocated, in a list. */
struct block {
	_Alignas(max_align_t) struct block *next;
	struct block **link; /* what points to it */
};

struct encoder {
	struct cor_encoder encoder; /* first */
	BrotliEncoderState *state;
	struct block *blocks;  /* all that it has */
	jmp_buf out_of_memory; /* of the call that is being made */
};

struct decoder {
	struct cor_decoder decoder; /* first */
	BrotliDecoderState *state;
	bool is_whole;
};

/* --- memory of encoders --- */

/*
 * As brotli is built, its encoder ends the process when there is no memory. So it never hears of
 * it: the call that it was made by is left, and what it had allocated goes with the list.
 */
static void *allocate(void *arg, size_t size)
{
	struct encoder *encoder = arg;
	struct block *block = size > SIZE_MAX - sizeof *block ? NULL : malloc(sizeof *block + size);

	if (!block)
		longjmp(encoder->out_of_memory, 1);
	block->next = encoder->blocks;
	block->link = &encoder->blocks;
	if (block->next)
		block->next->link = &block->next;
	encoder->blocks = block;
	return block + 1;
}

static void release(void *arg, void *memory)
{
	(void)arg;
	if (!memory)
		return;
	struct block *block = (struct block *)memory - 1;
	*block->link = block->next;
	if (block->next)
		block->next->link = block->link;
	free(block);
}

/* --- to encode --- */

static uint32_t bits_for(int64_t length)
{
	uint32_t bits = LEAST_BITS;

	while (bits < MOST_BITS && (length < 0 || length > (int64_t)1 << bits))
		bits++;
	return bits;
}

static uint32_t hint_for(int64_t length)
{
	return length < 0 ? 0 : length > INT32_MAX ? INT32_MAX : (uint32_t)length;
}

static int set_up(struct encoder *encoder, const struct cor_encoder_options *options)
{
	if (setjmp(encoder->out_of_memory))
		return -ENOMEM;
	encoder->state = BrotliEncoderCreateInstance(allocate, release, encoder);
	if (!encoder->state)
		return -ENOMEM;
	BrotliEncoderSetParameter(encoder->state, BROTLI_PARAM_QUALITY, (uint32_t)options->level);
	BrotliEncoderSetParameter(encoder->state, BROTLI_PARAM_LGWIN, bits_for(options->length));
	BrotliEncoderSetParameter(encoder->state, BROTLI_PARAM_LGBLOCK, BLOCK_BITS);
	BrotliEncoderSetParameter(
		encoder->state, BROTLI_PARAM_SIZE_HINT, hint_for(options->length));
	return 0;
}

static void close_encoder(struct cor_encoder *self)
{
	struct encoder *encoder = (struct encoder *)self;

	for (struct block *block = encoder ? encoder->blocks : NULL, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(encoder);
}

static int open_encoder(const struct cor_encoder_options *options, struct cor_encoder **ret)
{
	struct encoder *encoder = calloc(1, sizeof *encoder);

	if (!encoder)
		return -ENOMEM;
	encoder->encoder.coding = &cor_brotli;
	encoder->encoder.level = options->level;
	int rc = set_up(encoder, options);
	if (rc == 0)
		*ret = &encoder->encoder;
	else
		close_encoder(&encoder->encoder);
	return rc;
}

/* A call of brotli. Returns 0 or -ENOMEM. */
static int call(struct encoder *encoder, struct cor_coding_io *io, BrotliEncoderOperation operation)
{
	const uint8_t *in = (const uint8_t *)io->in;
	uint8_t *out = (uint8_t *)io->out;

	if (setjmp(encoder->out_of_memory))
		return -ENOMEM;
	if (!BrotliEncoderCompressStream(
		    encoder->state, operation, &io->in_len, &in, &io->out_len, &out, NULL))
		return -ENOMEM;
	io->in = (const char *)in;
	io->out = (char *)out;
	return 0;
}

static int encode(struct cor_encoder *self, struct cor_coding_io *io, enum cor_coding_aim aim)
{
	static const BrotliEncoderOperation operations[] = {
		[COR_CODING_GO_ON] = BROTLI_OPERATION_PROCESS,
		[COR_CODING_FLUSH] = BROTLI_OPERATION_FLUSH,
		[COR_CODING_END] = BROTLI_OPERATION_FINISH,
	};
	struct encoder *encoder = (struct encoder *)self;

	do {
		if (call(encoder, io, operations[aim]) < 0)
			return -ENOMEM;
	} while (io->in_len != 0 && io->out_len != 0);
	if (aim == COR_CODING_END)
		return BrotliEncoderIsFinished(encoder->state) ? COR_CODING_DONE : COR_CODING_FULL;
	return io->in_len != 0 || BrotliEncoderHasMoreOutput(encoder->state) ? COR_CODING_FULL
									     : COR_CODING_DONE;
}

/* --- to decode --- */

static int open_decoder(struct cor_decoder **ret)
{
	struct decoder *decoder = calloc(1, sizeof *decoder);

	if (!decoder)
		return -ENOMEM;
	decoder->state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	if (!decoder->state) {
		free(decoder);
		return -ENOMEM;
	}
	decoder->decoder.coding = &cor_brotli;
	*ret = &decoder->decoder;
	return 0; /* NOLINT(analyzer-malloc-leak): *ret is a part of it */
}

static int fault_of(const BrotliDecoderState *state)
{
	int code = BrotliDecoderGetErrorCode(state);

	return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
			       code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
		       ? -ENOMEM
		       : -COR_ESYNTAX;
}

static int decode(struct cor_decoder *self, struct cor_coding_io *io)
{
	struct decoder *decoder = (struct decoder *)self;
	const uint8_t *in = (const uint8_t *)io->in;
	uint8_t *out = (uint8_t *)io->out;

	if (!decoder->is_whole) {
		BrotliDecoderResult result = BrotliDecoderDecompressStream(
			decoder->state, &io->in_len, &in, &io->out_len, &out, NULL);
		if (result == BROTLI_DECODER_RESULT_ERROR)
			return fault_of(decoder->state);
		decoder->is_whole = result == BROTLI_DECODER_RESULT_SUCCESS;
		io->in = (const char *)in;
		io->out = (char *)out;
	}
	if (!decoder->is_whole)
		return COR_DECODING_PART;
	return io->in_len == 0 ? COR_DECODING_WHOLE : -COR_ESYNTAX;
}

static void close_decoder(struct cor_decoder *self)
{
	struct decoder *decoder = (struct decoder *)self;

	if (!decoder)
		return;
	BrotliDecoderDestroyInstance(decoder->state);
	free(decoder);
}

const struct cor_coding cor_brotli = {
	.interface = COR_CODING_INTERFACE,
	.name = "br",
	.symbol = "cor_brotli",
	.usual_level = 5,
	.is_large = true,
	.level_at = offsetof(struct cor_compression, brotli_level),
	.open_encoder = open_encoder,
	.restart_encoder = NULL, /* brotli has no way to */
	.encode = encode,
	.close_encoder = close_encoder,
	.open_decoder = open_decoder,
	.decode = decode,
	.close_decoder = close_decoder,
};
