/* SPDX-License-Identifier: MIT */
/*
 * What a client may send as an encoded body: the same comes of it, however it is split, and as much
 * room as there is for it. The first byte says which coding, the second how it is split.
 */
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "compress/coding.h"
#include "target.h"

#define OUT_BYTES (64 * 1024)

struct outcome {
	int step;
	size_t len;
	char *data;
};

/* Until the input is used up, it is broken, or OUT_BYTES were made of it. */
static void feed(struct cor_decoder *decoder, const char *in, size_t len, size_t room,
	struct outcome *outcome)
{
	struct cor_coding_io io = { .in = in, .in_len = len };

	do {
		size_t left = OUT_BYTES - outcome->len;
		size_t n = left < room ? left : room;
		io.out = outcome->data + outcome->len;
		io.out_len = n;
		outcome->step = decoder->coding->decode(decoder, &io);
		if (io.out_len > n || io.in_len > len)
			abort();
		outcome->len += n - io.out_len;
		if (outcome->step < 0 && outcome->step != -COR_ESYNTAX)
			abort();
	} while (outcome->step == COR_DECODING_PART && io.out_len == 0 && outcome->len < OUT_BYTES);
}

static struct outcome decode(const struct cor_coding *coding, const char *data, size_t size,
	size_t piece, size_t room, char *out)
{
	struct outcome outcome = { .data = out };
	struct cor_decoder *decoder;

	if (coding->open_decoder(&decoder) < 0)
		abort();
	for (size_t at = 0; at < size && outcome.step >= 0 && outcome.len < OUT_BYTES; at += piece)
		feed(decoder, data + at, size - at < piece ? size - at : piece, room, &outcome);
	coding->close_decoder(decoder);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char first[OUT_BYTES], second[OUT_BYTES];
	static const struct cor_coding *const codings[] = { &cor_gzip, &cor_brotli, &cor_zstd };

	if (size < 3)
		return 0;
	const struct cor_coding *coding = codings[data[0] % 3];
	if (coding->missing)
		return 0;
	const char *body = (const char *)data + 2;
	struct outcome whole = decode(coding, body, size - 2, size, OUT_BYTES, first);
	struct outcome split = decode(
		coding, body, size - 2, 1 + data[1] % 16, 1 + (size_t)(data[1] / 16) * 512, second);
	/* once something is broken, how much came before is the decoder's affair */
	if (whole.len < OUT_BYTES && whole.step != split.step)
		abort();
	if (whole.step >= 0 && whole.len < OUT_BYTES &&
		(whole.len != split.len || memcmp(whole.data, split.data, whole.len) != 0))
		abort();
	return 0;
}
