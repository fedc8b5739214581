/* SPDX-License-Identifier: MIT */
#include "memcached_store/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/fiber.h>

#include "compress/coding.h"

#define MARK       "\xc0or1"
#define MARK_BYTES 4
#define UNIT_NS    10000000 /* a hundredth of a second */
#define END_BITS   24
#define END_MASK   ((1u << END_BITS) - 1)
#define OURS       (COR_MEMCACHED_HAS_KEY | COR_MEMCACHED_IS_COMPRESSED | COR_MEMCACHED_IS_CUT)

/* --- compression --- */

/* NOLINTNEXTLINE(readability-non-const-parameter): what it is told is written to */
static int encode(const struct cor_coding *coding, struct cor_str value, char *out, size_t room,
	size_t *ret_len)
{
	struct cor_encoder_options options = { .level = coding->usual_level,
		.length = (int64_t)value.len };
	struct cor_coding_io io = { value.data, value.len, out, room };
	struct cor_encoder *encoder;
	int rc = coding->open_encoder(&options, &encoder);

	if (rc < 0)
		return rc;
	rc = coding->encode(encoder, &io, COR_CODING_END);
	coding->close_encoder(encoder);
	*ret_len = room - io.out_len;
	return rc == COR_CODING_FULL ? -ENOSPC : rc;
}

/* Only what becomes smaller is kept. Returns 1, 0: it stays as it is, or -ENOMEM. */
static int compress_value(
	const struct cor_coding *coding, struct cor_str value, struct cor_memcached_outgoing *ret)
{
	size_t len;

	ret->owned = malloc(value.len);
	if (!ret->owned)
		return -ENOMEM;
	int rc = encode(coding, value, ret->owned, value.len - 1, &len);
	if (rc == 0) {
		ret->body = (struct cor_str){ ret->owned, len };
		return 1;
	}
	free(ret->owned);
	ret->owned = NULL;
	return rc == -ENOSPC ? 0 : rc;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): as above */
static int decode(const struct cor_coding *coding, struct cor_str packed, char *out, size_t len)
{
	struct cor_coding_io io = { packed.data, packed.len, out, len + 1 };
	struct cor_decoder *decoder;
	int rc = coding->open_decoder(&decoder);

	if (rc < 0)
		return rc;
	rc = coding->decode(decoder, &io);
	coding->close_decoder(decoder);
	if (rc == -ENOMEM)
		return rc;
	return rc == COR_DECODING_WHOLE && io.in_len == 0 && io.out_len == 1 ? 0 : -ENOENT;
}

/* --- out --- */

static void add(struct cor_memcached_outgoing *out, const void *data, size_t len)
{
	memcpy(out->room + out->head.len, data, len);
	out->head.len += len;
}

static void add_number(struct cor_memcached_outgoing *out, uint32_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out->room[out->head.len++] = (char)(number >> 8 * i);
}

int cor_memcached_pack(const struct cor_memcached_state *state, struct cor_str whole,
	enum cor_memcached_form form, struct cor_str value, struct cor_memcached_outgoing *ret)
{
	const struct cor_coding *coding = state->options.compress;
	int rc = 0;

	ret->flags = form == COR_MEMCACHED_HASHED ? COR_MEMCACHED_HAS_KEY : 0;
	ret->head = (struct cor_str){ ret->room, 0 };
	ret->body = value;
	ret->owned = NULL;
	if (coding && value.len >= state->options.compress_bytes)
		rc = compress_value(coding, value, ret);
	if (rc < 0)
		return rc;
	bool is_compressed = rc > 0;
	if (is_compressed)
		ret->flags |= COR_MEMCACHED_IS_COMPRESSED;
	if (ret->flags != 0)
		add(ret, MARK, MARK_BYTES);
	if (ret->flags & COR_MEMCACHED_HAS_KEY) {
		add_number(ret, (uint32_t)whole.len, 2);
		add(ret, whole.data, whole.len);
	}
	if (is_compressed) {
		add_number(ret, (uint32_t)value.len, 4);
		add(ret, coding->name, 1);
	}
	return 0;
}

void cor_memcached_outgoing_cut(
	struct cor_memcached_outgoing *out, const char manifest[COR_MEMCACHED_MANIFEST_BYTES])
{
	if (out->flags == 0)
		add(out, MARK, MARK_BYTES);
	out->flags |= COR_MEMCACHED_IS_CUT;
	memcpy(out->manifest, manifest, sizeof out->manifest);
	out->body = (struct cor_str){ out->manifest, sizeof out->manifest };
}

void cor_memcached_outgoing_finish(struct cor_memcached_outgoing *out)
{
	free(out->owned);
	out->owned = NULL;
}

/* --- times --- */

/* Rounded down, as the time to live is: never later than it says. */
uint32_t cor_memcached_end_flags(int64_t ttl_ms, int64_t realtime_ns)
{
	if (ttl_ms == COR_FOREVER || ttl_ms % 1000 == 0)
		return 0;
	uint64_t end = ((uint64_t)(realtime_ns / UNIT_NS) + (uint64_t)ttl_ms / 10) & END_MASK;
	return (end ? (uint32_t)end : END_MASK) << 8;
}

/* Hundredths of a second from now to the end that flags tell of, by the shorter way around. */
static int64_t units_left(uint32_t flags, int64_t realtime_ns)
{
	uint32_t now = (uint32_t)((uint64_t)(realtime_ns / UNIT_NS) & END_MASK);
	uint32_t ahead = ((flags >> 8) - now) & END_MASK;

	return ahead > END_MASK / 2 ? (int64_t)ahead - END_MASK - 1 : (int64_t)ahead;
}

/*
 * The server counts whole seconds, and the running one may be almost over. What the flags say
 * counts near the end alone: so a clock that has jumped does no harm before.
 */
int cor_memcached_left(const struct cor_memcached_ask *ask, int64_t realtime_ns, int64_t *ret_ms)
{
	if (ask->has_ttl && ask->ttl_s < 0) {
		*ret_ms = COR_FOREVER;
		return 0;
	}
	*ret_ms = 1;
	if (!ask->has_ttl)
		return 0;
	if (ask->ttl_s <= 2 && ask->flags >> 8 != 0) {
		int64_t left = units_left(ask->flags, realtime_ns);
		if (left <= 0)
			return -ENOENT;
		if (left <= ask->ttl_s * 100)
			*ret_ms = left * 10;
	} else if (ask->ttl_s > 1) {
		*ret_ms = ask->ttl_s > INT64_MAX / 1000 ? COR_FOREVER - 1 : (ask->ttl_s - 1) * 1000;
	}
	return 0;
}

/* --- in --- */

static bool take(struct cor_str *left, const void *expected, size_t len)
{
	if (left->len < len || memcmp(left->data, expected, len) != 0)
		return false;
	left->data += len;
	left->len -= len;
	return true;
}

static bool take_number(struct cor_str *left, uint32_t *ret, int bytes)
{
	*ret = 0;
	if (left->len < (size_t)bytes)
		return false;
	for (int i = 0; i < bytes; i++)
		*ret |= (uint32_t)(unsigned char)left->data[i] << 8 * i;
	left->data += bytes;
	left->len -= (size_t)bytes;
	return true;
}

int cor_memcached_open(const struct cor_memcached_state *state, struct cor_str whole,
	const struct cor_memcached_ask *ask, struct cor_memcached_incoming *ret)
{
	const struct cor_coding *coding = state->options.compress;
	struct cor_str left = ask->value;
	bool is_hashed = ask->request.key.form == COR_MEMCACHED_HASHED;
	uint32_t len;

	*ret = (struct cor_memcached_incoming){ .is_compressed = false };
	if (is_hashed != ((ask->flags & COR_MEMCACHED_HAS_KEY) != 0))
		return -ENOENT;
	if ((ask->flags & OURS) != 0 && !take(&left, MARK, MARK_BYTES))
		return -ENOENT;
	if (is_hashed && (!take_number(&left, &len, 2) || len != whole.len ||
				 !take(&left, whole.data, whole.len)))
		return -ENOENT;
	if (ask->flags & COR_MEMCACHED_IS_COMPRESSED) {
		ret->is_compressed = true;
		if (!take_number(&left, &ret->plain_bytes, 4) || !coding ||
			!take(&left, coding->name, 1))
			return -ENOENT;
	}
	ret->data = left;
	return 0;
}

int cor_memcached_unpack(const struct cor_memcached_state *state, struct cor_arena *arena,
	const struct cor_memcached_incoming *in, struct cor_str *ret)
{
	if (!in->is_compressed) {
		*ret = in->data;
		return 0;
	}
	if (in->plain_bytes > COR_CACHE_VALUE_BYTES_MAX)
		return -ENOENT;
	char *out = cor_arena_alloc(arena, (size_t)in->plain_bytes + 1);
	if (!out)
		return -ENOMEM;
	int rc = decode(state->options.compress, in->data, out, in->plain_bytes);
	if (rc == 0)
		*ret = (struct cor_str){ out, in->plain_bytes };
	return rc;
}
