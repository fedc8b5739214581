/* SPDX-License-Identifier: MIT */
#include "coding/body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "http/fold.h"

#define IN_BYTES (16 * 1024)

struct cor_body_decoding {
	struct cor_decoder *decoder;
	const struct cor_coding *coding;
	uint32_t ratio_limit;
	bool is_whole;  /* what was taken may be all */
	bool has_ended; /* nothing comes any more */
	int error;      /* 0, or what every further read returns */
	int64_t taken;  /* encoded bytes */
	int64_t made;   /* decoded ones */
	size_t at;      /* of what is in `in` */
	size_t len;
	char in[IN_BYTES];
};

static struct cor_coded_exchange *coded_of(const struct cor_exchange *x)
{
	return (struct cor_coded_exchange *)(uintptr_t)x->ops; /* its first member */
}

/* --- what it is encoded with --- */

static size_t skip(struct cor_str text, size_t at, bool separators)
{
	while (at < text.len && !!memchr(", \t", text.data[at], 3) == separators)
		at++;
	return at;
}

/* The next name of a list, whose elements may be empty (RFC 9110 section 5.6.1.2). */
static bool next_name(struct cor_str *list, struct cor_str *ret)
{
	if (!list->data)
		return false;
	size_t begin = skip(*list, 0, true), end = skip(*list, begin, false);
	*ret = (struct cor_str){ list->data + begin, end - begin };
	*list = (struct cor_str){ list->data + end, list->len - end };
	return ret->len != 0;
}

bool cor_coding_is_named(struct cor_str content_encoding)
{
	struct cor_str name;

	while (next_name(&content_encoding, &name))
		if (!cor_fold_equal(name, COR_STR("identity")))
			return true;
	return false;
}

static const struct cor_coding *find(const struct cor_coding_list *accepts, struct cor_str name)
{
	for (size_t i = 0; i < accepts->len; i++) {
		const char *alias = accepts->items[i]->alias;
		if (cor_fold_equal(name, accepts->names[i]) ||
			(alias && cor_fold_equal(name, cor_str(alias))))
			return accepts->items[i];
	}
	return NULL;
}

/*
 * One coding. Each further one multiplies what a few bytes can grow to, and no client in use sends
 * two.
 */
static const struct cor_coding *coding_of(
	const struct cor_coding_plan *plan, struct cor_str content_encoding)
{
	const struct cor_coding *coding = NULL;
	struct cor_str name;

	while (plan && next_name(&content_encoding, &name)) {
		if (cor_fold_equal(name, COR_STR("identity")))
			continue;
		if (coding)
			return NULL;
		coding = find(&plan->accepts, name);
		if (!coding)
			return NULL;
	}
	return coding;
}

/* RFC 9110 section 12.5.3: a 415 for a coding says which are accepted. */
static COR_COLD int refuse_coding(struct cor_exchange *x, const struct cor_coding_plan *plan)
{
	const char *accepted = plan && plan->accepts.len ? plan->accepts_text : "identity";

	if (cor_reply_header(&x->ctx, "Accept-Encoding", accepted) < 0)
		return -ENOMEM;
	if (!plan || plan->accepts.len == 0)
		return cor_ctx_problem(
			&x->ctx, 415, 0, "the body is encoded: send it without Content-Encoding");
	return cor_problem(&x->ctx, 415, 0,
		"the body's Content-Encoding must be one of: %s; or send it without", accepted);
}

/* --- reading --- */

static COR_COLD int fail(
	struct cor_exchange *x, struct cor_body_decoding *decoding, int rc, const char *what)
{
	const char *text = cor_printf(&x->ctx, "the body %s", what);

	decoding->error = rc;
	return cor_ctx_fail(&x->ctx,
		rc == -ENOMEM          ? 503
		: rc == -COR_ETOOLARGE ? 413
				       : 400,
		rc, text ? text : "the body cannot be decoded");
}

static COR_COLD int broken(struct cor_exchange *x, struct cor_body_decoding *decoding, int rc)
{
	const char *what;

	if (rc == -ENOMEM)
		return fail(x, decoding, rc, "cannot be decoded: no memory");
	what = cor_printf(&x->ctx, "is not %s, as its Content-Encoding says, or not that alone",
		decoding->coding->name);
	return fail(x, decoding, rc, what ? what : "cannot be decoded");
}

static COR_COLD int cut_short(struct cor_exchange *x, struct cor_body_decoding *decoding)
{
	return fail(x, decoding, -COR_ESYNTAX, "ends before what it is encoded with does");
}

/* As soon as it is known, and not only at the end of all that a few bytes can grow to. */
static int check_size(struct cor_exchange *x, struct cor_body_decoding *decoding)
{
	if (decoding->made > x->body_limit_bytes) {
		decoding->error = -COR_ETOOLARGE;
		return cor_exchange_body_too_large(x);
	}
	if (decoding->made <= COR_BODY_RATIO_FREE_BYTES ||
		decoding->made / decoding->ratio_limit <= decoding->taken)
		return 0;
	const char *what = cor_printf(
		&x->ctx, "decodes to more than %" PRIu32 " times its bytes", decoding->ratio_limit);
	return fail(x, decoding, -COR_ETOOLARGE, what ? what : "decodes to too much");
}

static int refill(struct cor_coded_exchange *coded, struct cor_body_decoding *decoding)
{
	ssize_t n = coded->inner->read_body(coded->x, decoding->in, sizeof decoding->in);

	if (n < 0)
		return (int)(decoding->error = (int)n);
	decoding->has_ended = n == 0;
	decoding->taken += n;
	decoding->at = 0;
	decoding->len = (size_t)n;
	return 0;
}

/* Take what is here. Returns how much it came to, 0 at times, or a failure. */
static ssize_t decode(
	struct cor_exchange *x, struct cor_body_decoding *decoding, void *buffer, size_t size)
{
	struct cor_coding_io io = {
		.in = decoding->in + decoding->at,
		.in_len = decoding->len - decoding->at,
		.out = buffer,
		.out_len = size,
	};
	int rc = decoding->coding->decode(decoding->decoder, &io);

	if (rc < 0)
		return broken(x, decoding, rc);
	decoding->is_whole = rc == COR_DECODING_WHOLE;
	decoding->at = decoding->len - io.in_len;
	decoding->made += (int64_t)(size - io.out_len);
	rc = check_size(x, decoding);
	return rc < 0 ? rc : (ssize_t)(size - io.out_len);
}

/* A body without a byte is empty, whatever it is said to be encoded with. */
static ssize_t read_on(struct cor_coded_exchange *coded, void *buffer, size_t size)
{
	struct cor_body_decoding *decoding = coded->decoding;

	for (;;) {
		if (decoding->at == decoding->len && decoding->is_whole && decoding->has_ended)
			return 0;
		ssize_t n = decoding->taken ? decode(coded->x, decoding, buffer, size) : 0;
		if (n != 0)
			return n;
		if (decoding->has_ended && decoding->taken == 0)
			return 0;
		if (decoding->has_ended && !decoding->is_whole)
			return cut_short(coded->x, decoding);
		if (decoding->at == decoding->len && !decoding->has_ended) {
			int rc = refill(coded, decoding);
			if (rc < 0)
				return rc;
		}
	}
}

static ssize_t read_body(struct cor_exchange *x, void *buffer, size_t size)
{
	struct cor_coded_exchange *coded = coded_of(x);

	if (coded->decoding->error < 0)
		return coded->decoding->error;
	if (size == 0)
		return 0;
	int rc = cor_coded_turn(coded);
	return rc < 0 ? rc : read_on(coded, buffer, size);
}

/* --- life --- */

static int open_decoding(struct cor_coded_exchange *coded, const struct cor_coding *coding)
{
	struct cor_body_decoding *decoding = malloc(sizeof *decoding);

	if (!decoding)
		return -ENOMEM;
	memset(decoding, 0, offsetof(struct cor_body_decoding, in));
	decoding->coding = coding;
	decoding->ratio_limit = coded->plan->ratio_limit;
	if (coding->open_decoder(&decoding->decoder) < 0) {
		free(decoding);
		return -ENOMEM;
	}
	coded->decoding = decoding;
	coded->ops.read_body = read_body;
	return 0;
}

int cor_coded_read(struct cor_exchange *x, const struct cor_coding_plan *plan)
{
	struct cor_str content_encoding = cor_exchange_list(x, COR_KNOWN_CONTENT_ENCODING);
	const struct cor_coding *coding = coding_of(plan, content_encoding);

	if (!coding)
		return refuse_coding(x, plan);
	x->head.body = COR_BODY_UNKNOWN; /* its length is not that of what is read */
	return open_decoding(coded_of(x), coding);
}

void cor_coded_body_end(struct cor_coded_exchange *coded)
{
	struct cor_body_decoding *decoding = coded->decoding;

	if (!decoding)
		return;
	decoding->coding->close_decoder(decoding->decoder);
	free(decoding);
}
