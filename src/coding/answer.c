/* SPDX-License-Identifier: MIT */
#include "coding/answer.h"

#include <errno.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/sync.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "coding/body.h"
#include "coding/fields.h"
#include "coding/media.h"

#define PIECE_BYTES   (16 * 1024)   /* encoded in one go */
#define AT_ONCE_BYTES (64 * 1024)   /* of an answer that is encoded without letting others in */
#define SHARE_BYTES   (1024 * 1024) /* of one that waits for its turn, in one go */
#define OUT_BYTES     4096          /* of a stream, on their way from the encoder */
#define TURN_NS       1000000

static struct cor_coded_exchange *coded_of(const struct cor_exchange *x)
{
	return (struct cor_coded_exchange *)(uintptr_t)x->ops; /* its first member */
}

int cor_coded_turn(struct cor_coded_exchange *coded)
{
	int64_t now_ns = cor_monotonic_ns();

	if (coded->turn_ns == 0)
		coded->turn_ns = now_ns;
	if (now_ns - coded->turn_ns < TURN_NS)
		return 0;
	int rc = cor_yield();
	coded->turn_ns = cor_monotonic_ns();
	return rc;
}

/* --- which coding --- */

static bool is_listed(const struct cor_coding_plan *plan, struct cor_str type)
{
	if (type.len == 0)
		return false;
	if (type.data == plan->content_type.data && type.len == plan->content_type.len)
		return plan->is_listed;
	return cor_coding_media_listed(plan->compression->media_types, type);
}

/* An answer that has content, or, of a 304, whose 200 would have it. */
static bool may_be_coded(
	const struct cor_coded_exchange *coded, uint16_t status, struct cor_str type)
{
	const struct cor_coding_plan *plan = coded->plan;

	if (!plan->compression || status == 206)
		return false;
	if (status == 304)
		return plan->is_listed && cor_coding_fields_allow(coded->x);
	return cor_status_has_body(status) && is_listed(plan, type) &&
	       cor_coding_fields_allow(coded->x);
}

static bool is_too_short(const struct cor_coding_plan *plan, int64_t length)
{
	uint32_t least = plan->compression->least_bytes;

	return length >= 0 && length < (least ? least : COR_COMPRESSION_LEAST_BYTES);
}

/* Of those that the client accepts, for a body of that length; -1: nobody knows it. */
static const struct cor_coding *choose(const struct cor_coded_exchange *coded, int64_t length)
{
	const struct cor_coding_list *codings = coded->lasts ? &coded->plan->lasting
							     : &coded->plan->codings;
	struct cor_str accept = cor_exchange_list(coded->x, COR_KNOWN_ACCEPT_ENCODING);
	bool takes_identity;

	if (!accept.data || length == 0)
		return NULL;
	int best = cor_accept_coding(accept, codings->names, codings->len, &takes_identity);
	if (best < 0 || (takes_identity && is_too_short(coded->plan, length)))
		return NULL;
	return codings->items[best];
}

static struct cor_encoder *take_encoder(
	const struct cor_coded_exchange *coded, const struct cor_coding *coding, int64_t length)
{
	const struct cor_encoder_options options = {
		.level = cor_coding_level(coded->plan->compression, coding),
		.length = length,
		.lasts = coded->lasts,
	};

	return cor_encoder_take(coded->plan->pool, coding, &options);
}

/* For a body that is here: as a whole, where that is faster. */
static struct cor_encoder *take_encoder_of(const struct cor_coded_exchange *coded,
	const struct cor_coding *coding, struct cor_str body)
{
	int level = cor_coding_level(coded->plan->compression, coding);

	if (coding->whole && coding->whole->whole_room(level, body.len) != 0)
		coding = coding->whole;
	return take_encoder(coded, coding, (int64_t)body.len);
}

static void give_back(struct cor_coded_exchange *coded, struct cor_encoder *encoder, int rc)
{
	if (rc < 0 && encoder)
		encoder->coding->close_encoder(encoder);
	else
		cor_encoder_give_back(coded->plan->pool, encoder);
}

/*
 * What a coded answer says that the same one would not say otherwise. What comes after *ret_before
 * goes again if another answer takes the place of this one.
 */
static int announce(struct cor_exchange *x, const struct cor_coding *coding,
	struct cor_reply_field **ret_before)
{
	int rc = cor_coding_fields_weaken(x);

	*ret_before = x->fields_out_last;
	return rc < 0 ? rc : cor_coding_fields_announce(x, coding->name);
}

/* --- at once --- */

static bool takes_whole(const struct cor_encoder *encoder)
{
	return encoder->coding->whole_room != NULL;
}

static size_t room_for(const struct cor_encoder *encoder, size_t len)
{
	return takes_whole(encoder) ? encoder->coding->whole_room(encoder->level, len)
				    : OUT_BYTES + len / 4;
}

static int encode_piece(struct cor_encoder *encoder, struct cor_str piece, enum cor_coding_aim aim,
	struct cor_buffer *out)
{
	struct cor_coding_io io = { .in = piece.data, .in_len = piece.len };
	int step;

	do {
		size_t room = room_for(encoder, io.in_len);
		io.out = cor_buffer_reserve(out, room);
		if (!io.out)
			return cor_buffer_error(out);
		io.out_len = room;
		step = encoder->coding->encode(encoder, &io, aim);
		out->len += room - io.out_len;
	} while (step == COR_CODING_FULL);
	return step;
}

/* As far as its share goes, a piece after the other; *at moves on. */
static int encode_share(struct cor_coded_exchange *coded, struct cor_encoder *encoder,
	struct cor_str body, size_t *at, struct cor_buffer *out)
{
	size_t end = body.len - *at < SHARE_BYTES ? body.len : *at + SHARE_BYTES;
	int rc = 0;

	while (rc == 0 && *at < end) {
		size_t n = takes_whole(encoder) || end - *at < PIECE_BYTES ? end - *at
									   : PIECE_BYTES;
		rc = encode_piece(encoder, (struct cor_str){ body.data + *at, n },
			*at + n == body.len ? COR_CODING_END : COR_CODING_GO_ON, out);
		*at += n;
		if (rc == 0)
			rc = cor_coded_turn(coded);
	}
	return rc;
}

/*
 * Long bodies one after the other: in turns with each other they would take as many encoders, and
 * none would be done sooner. The one that has had its share lets the next go on, which may be
 * shorter.
 */
static int encode_in_line(struct cor_coded_exchange *coded, const struct cor_coding *coding,
	struct cor_str body, struct cor_buffer *out)
{
	struct cor_mutex *line = &coded->plan->pool->line;
	struct cor_encoder *encoder = NULL;
	size_t at = 0;
	int rc;

	while ((rc = cor_mutex_lock(line)) == 0) {
		if (!encoder)
			encoder = take_encoder_of(coded, coding, body);
		rc = encoder ? encode_share(coded, encoder, body, &at, out) : -ENOMEM;
		cor_mutex_unlock(line);
		if (rc < 0 || at == body.len)
			break;
	}
	give_back(coded, encoder, rc);
	return rc;
}

/*
 * Others have their turns meanwhile, and what the body stands in may be theirs then: the thread's
 * scratch, or what a handler has of its thread. So *body is in *copy from now on.
 */
static int encode_long(struct cor_coded_exchange *coded, const struct cor_coding *coding,
	struct cor_str *body, struct cor_buffer *copy, struct cor_buffer *out)
{
	cor_buffer_append_str(copy, *body);
	if (cor_buffer_error(copy) < 0)
		return cor_buffer_error(copy);
	*body = (struct cor_str){ copy->data, copy->len };
	return encode_in_line(coded, coding, *body, out);
}

static int encode_short(struct cor_coded_exchange *coded, const struct cor_coding *coding,
	struct cor_str body, struct cor_buffer *out)
{
	struct cor_encoder *encoder = take_encoder_of(coded, coding, body);
	int rc = encoder ? encode_piece(encoder, body, COR_CODING_END, out) : -ENOMEM;

	give_back(coded, encoder, rc);
	return rc;
}

static int respond_with(struct cor_coded_exchange *coded, uint16_t status, struct cor_str type,
	const struct cor_coding *coding, struct cor_str body)
{
	struct cor_exchange *x = coded->x;
	struct cor_reply_field *before;
	int rc = announce(x, coding, &before);

	if (rc == 0)
		rc = coded->inner->respond(x, status, type, body);
	if (rc < 0)
		cor_exchange_take_back(x, before);
	return rc;
}

/*
 * Without memory for it, the answer is sent as it is. A HEAD is answered as a GET would be, so that
 * its Content-Length is that of the encoded body (RFC 9110 section 9.3.2).
 */
static int respond(
	struct cor_exchange *x, uint16_t status, struct cor_str type, struct cor_str body)
{
	struct cor_coded_exchange *coded = coded_of(x);
	const struct cor_coding *coding = NULL;
	struct cor_buffer copy = { 0 }, out = { 0 };

	if (may_be_coded(coded, status, type) && cor_coding_fields_vary(x) == 0)
		coding = choose(coded, status == 304 ? -1 : (int64_t)body.len);
	if (coding && status == 304) {
		cor_ignore(cor_coding_fields_weaken(x));
		coding = NULL;
	}
	int rc = -ENOMEM;
	if (coding && body.len <= AT_ONCE_BYTES)
		rc = encode_short(coded, coding, body, &out);
	else if (coding)
		rc = encode_long(coded, coding, &body, &copy, &out);
	if (rc == 0)
		rc = respond_with(
			coded, status, type, coding, (struct cor_str){ out.data, out.len });
	if (rc == -ENOMEM)
		rc = coded->inner->respond(x, status, type, body);
	cor_buffer_finish(&copy);
	cor_buffer_finish(&out);
	return rc;
}

/* --- in pieces --- */

static int start_with(struct cor_coded_exchange *coded, uint16_t status, struct cor_str type,
	const struct cor_coding *coding)
{
	struct cor_exchange *x = coded->x;
	struct cor_reply_field *before = x->fields_out_last;
	struct cor_encoder *encoder = NULL;
	int rc = 0;

	if (cor_exchange_sends_content(x, status)) {
		encoder = take_encoder(coded, coding, -1);
		rc = encoder ? 0 : -ENOMEM;
	}
	if (rc == 0)
		rc = announce(x, coding, &before);
	if (rc == 0)
		rc = coded->inner->start(x, status, type);
	if (rc == 0) {
		coded->encoder = encoder;
		return 0;
	}
	cor_exchange_take_back(x, before);
	give_back(coded, encoder, 0);
	return rc;
}

static void stay(struct cor_exchange *x)
{
	struct cor_coded_exchange *coded = coded_of(x);

	coded->lasts = true;
	coded->inner->stay(x);
}

static int start(struct cor_exchange *x, uint16_t status, struct cor_str type)
{
	struct cor_coded_exchange *coded = coded_of(x);
	const struct cor_coding *coding = NULL;
	int rc = -ENOMEM;

	if (may_be_coded(coded, status, type) && cor_coding_fields_vary(x) == 0)
		coding = choose(coded, -1);
	if (coding && status == 304)
		cor_ignore(cor_coding_fields_weaken(x));
	else if (coding)
		rc = start_with(coded, status, type, coding);
	return rc == -ENOMEM ? coded->inner->start(x, status, type) : rc;
}

/* From the encoder to the protocol. What is lost on the way leaves a gap: nothing may follow. */
static int encode_on(
	struct cor_coded_exchange *coded, struct cor_str piece, enum cor_coding_aim aim)
{
	struct cor_coding_io io = { .in = piece.data, .in_len = piece.len };
	char out[OUT_BYTES];
	int step = COR_CODING_FULL;

	while (step == COR_CODING_FULL && coded->error == 0) {
		io.out = out;
		io.out_len = sizeof out;
		step = coded->encoder->coding->encode(coded->encoder, &io, aim);
		if (step < 0)
			coded->error = step;
		else if (io.out_len != sizeof out)
			coded->error = coded->inner->write(coded->x, out, sizeof out - io.out_len);
	}
	return coded->error;
}

static int write_piece(struct cor_exchange *x, const void *data, size_t size)
{
	struct cor_coded_exchange *coded = coded_of(x);
	const char *rest = data;
	int rc = 0;

	if (!coded->encoder)
		return coded->inner->write(x, data, size);
	while (rc == 0 && size != 0) {
		size_t n = size < PIECE_BYTES ? size : PIECE_BYTES;
		rc = encode_on(coded, (struct cor_str){ rest, n }, COR_CODING_GO_ON);
		coded->has_more = true;
		rest += n;
		size -= n;
		if (rc == 0)
			rc = coded->error = cor_coded_turn(coded);
	}
	return rc;
}

static int flush(struct cor_exchange *x)
{
	struct cor_coded_exchange *coded = coded_of(x);
	int rc = coded->error;

	if (coded->encoder && coded->has_more && rc == 0) {
		rc = encode_on(coded, (struct cor_str){ 0 }, COR_CODING_FLUSH);
		coded->has_more = false;
	}
	coded->turn_ns = 0; /* who flushes waits for something, as a rule */
	return rc < 0 ? rc : coded->inner->flush(x);
}

/* --- life --- */

void cor_coded_begin(struct cor_coded_exchange *coded, struct cor_exchange *x,
	const struct cor_coding_plan *plan)
{
	*coded = (struct cor_coded_exchange){
		.ops = *x->ops,
		.inner = x->ops,
		.x = x,
		.plan = plan,
	};
	coded->ops.respond = respond;
	coded->ops.start = start;
	coded->ops.write = write_piece;
	coded->ops.flush = flush;
	if (x->ops->stay)
		coded->ops.stay = stay;
	x->ops = &coded->ops;
}

/* A reply that is cut needs no end. */
static void end_stream(struct cor_coded_exchange *coded)
{
	struct cor_exchange *x = coded->x;

	if (!x->broken && encode_on(coded, (struct cor_str){ 0 }, COR_CODING_END) < 0)
		x->broken = true;
	give_back(coded, coded->encoder, x->broken ? -ECANCELED : 0);
}

void cor_coded_end(struct cor_coded_exchange *coded)
{
	if (coded->encoder)
		end_stream(coded);
	cor_coded_body_end(coded);
	coded->x->ops = coded->inner;
}
