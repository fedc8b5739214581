/* SPDX-License-Identifier: MIT */
#include "service/idempotency.h"

#include <errno.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/random.h>

#include "cache/fetch.h"
#include "cache/outcome.h"
#include "http/fold.h"
#include "schema/encode.h"
#include "service/answer.h"
#include "service/answer_cache.h"
#include "service/elsewhere.h"
#include "service/site.h"
#include "store/open.h"

#define KEY_MARK      "\2idempotency "
#define LOOKS         3   /* at a key that comes and goes */
#define SETTLE_MS     500 /* for the end, which is told whatever becomes of the request */
#define RETRY_AFTER_S "1"

/* What is under a key, behind the mark; then the record, if there is one. */
struct entry {
	char fingerprint[16];
	uint64_t claim; /* whose it is while it is in progress */
	uint32_t kind;
	uint32_t unused;
};

enum {
	IN_PROGRESS = 1,
	ANSWERED,         /* with the operation's output */
	ANSWERED_OTHER,   /* by cor_respond(): JSON */
	ANSWERED_NOTHING, /* the same, without a body */
	REFUSED,          /* a problem: the body of the record is outcome.h's */
};

static struct cor_store *store_of(const struct cor_keyed_request *request)
{
	return cor_store_behind(request->here->store);
}

/* --- the key --- */

static int refuse_header(struct cor_exchange *x)
{
	return cor_problem(&x->ctx, 400, 0,
		"send Idempotency-Key once, 1 to %d characters, which may stand in quotes: "
		"\"8e03978e-40d5-43dd-bc93-6894a57f9324\"",
		COR_IDEMPOTENCY_KEY_BYTES);
}

/*
 * RFC 9651 section 4.2.5, of characters that stand for themselves. Many clients leave the quotes
 * out, so they are taken off: the key is the same.
 */
static bool is_key(struct cor_str *text)
{
	bool is_string = text->len >= 2 && text->data[0] == '"' && text->data[text->len - 1] == '"';
	const char *not_in = is_string ? "\"\\" : "\"\\,;";

	if (is_string)
		*text = (struct cor_str){ text->data + 1, text->len - 2 };
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] < (is_string ? 0x20 : 0x21) || text->data[i] > 0x7e ||
			strchr(not_in, text->data[i]))
			return false;
	return text->len >= 1 && text->len <= COR_IDEMPOTENCY_KEY_BYTES;
}

/* 0 and the key; 1: there is none; or a code. */
static int read_header(struct cor_exchange *x, struct cor_str *ret)
{
	const struct cor_idempotency *options = cor_action_of(x)->operation->idempotency;
	int rc = cor_exchange_read_header(x, COR_STR(COR_IDEMPOTENCY_HEADER), ret);

	if (rc < 0)
		return rc;
	if (!ret->data && !options->is_required)
		return 1;
	return ret->data && is_key(ret) ? 0 : refuse_header(x);
}

/* All hosts below a name have one place, but each may be somebody's. */
static int append_host(struct cor_keyed_request *request)
{
	struct cor_exchange *x = request->x;
	const char *host = request->action->place->host;

	if (!host || host[0] != '.')
		return cor_answer_key_text(&request->key, cor_str(host ? host : ""));
	struct cor_str name = cor_host_name(cor_span_text(x->bytes, x->head.host));
	char *lower = cor_arena_copy(&x->ctx.arena, name.data, name.len);
	if (!lower)
		return -ENOMEM;
	for (size_t i = 0; i < name.len; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] |= 0x20;
	return cor_answer_key_text(&request->key, (struct cor_str){ lower, name.len });
}

/* Who it is cannot be told from another, whose answer would be given out. */
static int refuse_principal(struct cor_keyed_request *request)
{
	request->is_judged = true;
	return cor_problem(&request->x->ctx, 500, 0,
		"an Idempotency-Key needs a principal that is told apart from others: it has a "
		"NULL where its row has a .fallback");
}

static int make_key(struct cor_keyed_request *request, struct cor_str sent)
{
	const struct cor_action *action = request->action;
	const char *name = cor_printf(&request->x->ctx, KEY_MARK "%s %s ",
		action->place->resource->path, action->operation->handler);
	struct cor_cache_key *key = &request->key;

	if (!name)
		return -ENOMEM;
	key->len = 0;
	int rc = cor_cache_key_append(key, cor_str(name));
	if (rc == 0)
		rc = append_host(request);
	if (rc == 0 && action->gate.ways)
		rc = cor_answer_key_principal(request->x, false, key);
	if (rc == -COR_EINVALID)
		return refuse_principal(request);
	return rc < 0 ? rc : cor_answer_key_text(key, sent);
}

/* All of the input: a client that sends the key with another one has made a mistake. */
static int take_fingerprint(struct cor_keyed_request *request)
{
	const struct cor_schema *in = request->action->operation->in;
	struct cor_buffer json = { 0 };
	struct cor_str text = { "", 0 };
	int rc = 0;

	if (in->media == COR_MEDIA_TEXT || in->media == COR_MEDIA_BYTES) {
		text = *(const struct cor_str *)request->in;
	} else if (in->media == COR_MEDIA_JSON) {
		rc = cor_encode_append(request->x->ctx.environment->codec, in, COR_USE_WHOLE,
			request->in, &json, NULL);
		text = (struct cor_str){ json.data, json.len };
	}
	XXH128_hash_t hash = XXH3_128bits(text.data ? text.data : "", text.len);
	memcpy(request->fingerprint, &hash, sizeof request->fingerprint);
	cor_buffer_finish(&json);
	return rc;
}

/* --- what is kept --- */

static int64_t lease_ms_of(const struct cor_keyed_request *request)
{
	int64_t lease_ms = request->action->operation->idempotency->lease_ms;

	return lease_ms ? lease_ms : COR_IDEMPOTENCY_LEASE_MS;
}

static int64_t keep_ms_of(const struct cor_keyed_request *request)
{
	int64_t keep_ms = request->action->operation->idempotency->keep_ms;

	return keep_ms ? keep_ms : COR_IDEMPOTENCY_KEEP_MS;
}

static int put(struct cor_keyed_request *request, uint32_t kind, enum cor_put how, uint64_t version)
{
	struct cor_mark mark = cor_mark(COR_MARK_IDEMPOTENT, 0);
	struct entry entry = { .claim = request->claim, .kind = kind };
	struct cor_buffer buffer = { 0 };

	memcpy(entry.fingerprint, request->fingerprint, sizeof entry.fingerprint);
	cor_buffer_append(&buffer, &mark, sizeof mark);
	cor_buffer_append(&buffer, &entry, sizeof entry);
	if (request->bytes.len != 0)
		cor_buffer_append(&buffer, request->bytes.data, request->bytes.len);
	const struct cor_item item = { .value = { buffer.data, buffer.len },
		.version = version,
		.ttl_ms = kind == IN_PROGRESS ? lease_ms_of(request) : keep_ms_of(request) };
	int rc = cor_buffer_error(&buffer);
	if (rc == 0)
		rc = cor_store_put(store_of(request), cor_cache_key_str(&request->key), &item, how);
	cor_cache_count(&request->x->ctx, request->here, COR_CACHE_PUTS, rc == 0);
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_unkept(&request->x->ctx, request->here, item.value.len);
	cor_buffer_finish(&buffer);
	return cor_cache_told(&request->x->ctx, request->here, rc);
}

/* --- what is there --- */

static int say_busy(struct cor_exchange *x)
{
	cor_ignore(cor_reply_header(&x->ctx, "Retry-After", RETRY_AFTER_S));
	return cor_ctx_problem(
		&x->ctx, 409, 0, "a request with this Idempotency-Key is being worked on");
}

static int replay(struct cor_keyed_request *request, uint32_t kind, struct cor_str text)
{
	struct cor_exchange *x = request->x;
	int rc = cor_answer_record_read(text, &request->record), code;

	request->is_judged = rc == 0;
	if (rc == 0)
		rc = cor_reply_header(&x->ctx, COR_IDEMPOTENCY_REPLAYED, "true");
	if (rc < 0)
		return rc;
	if (kind != REFUSED) {
		request->content_type = kind == ANSWERED         ? request->action->content_type
					: kind == ANSWERED_OTHER ? COR_STR("application/json")
								 : (struct cor_str){ 0 };
		return 0;
	}
	rc = cor_outcome_read_failure(&x->ctx, request->record.body, &code);
	if (rc == 0)
		rc = cor_answer_record_say(&request->record, x);
	return rc < 0 ? rc : code;
}

/* What is left of the value is the record. False: another program has written it. */
static bool take_entry(struct cor_item *item, struct entry *ret)
{
	struct cor_mark mark;

	if (!cor_mark_take(item, &mark) || mark.kind != COR_MARK_IDEMPOTENT ||
		item->value.len < sizeof *ret)
		return false;
	memcpy(ret, item->value.data, sizeof *ret);
	item->value.data += sizeof *ret;
	item->value.len -= sizeof *ret;
	return true;
}

/* Returns as replay(), or -EBADMSG: another program has written it. */
static int judge(struct cor_keyed_request *request, struct cor_item *item)
{
	struct entry entry;

	if (!take_entry(item, &entry))
		return -EBADMSG;
	request->is_judged = true;
	if (memcmp(entry.fingerprint, request->fingerprint, sizeof entry.fingerprint) != 0)
		return cor_ctx_problem(&request->x->ctx, 422, 0,
			"this Idempotency-Key was sent with another request: make up a new one");
	if (entry.kind == IN_PROGRESS)
		return say_busy(request->x);
	return replay(request, entry.kind, item->value);
}

static int get(struct cor_keyed_request *request, struct cor_item *ret)
{
	struct cor_ctx *ctx = &request->x->ctx;

	return cor_cache_told(ctx, request->here,
		cor_store_get(
			store_of(request), cor_cache_key_str(&request->key), &ctx->arena, ret));
}

/* 1: it is ours; 0 or a problem: it was answered; or as the store says. */
static int claim(struct cor_keyed_request *request)
{
	struct cor_item item;
	int rc = -ENOENT;

	cor_random_fill(&request->claim, sizeof request->claim);
	for (int i = 0; i < LOOKS && rc == -ENOENT; i++) {
		rc = put(request, IN_PROGRESS, COR_PUT_NEW, 0);
		if (rc == 0)
			return 1;
		if (rc != -EEXIST)
			return rc;
		rc = get(request, &item);
		if (rc == 0)
			return judge(request, &item);
	}
	return rc;
}

/* One look for each request, as calls of cache.h are counted. */
static int claim_and_count(struct cor_keyed_request *request)
{
	int rc = claim(request);

	cor_cache_count(&request->x->ctx, request->here,
		request->is_judged ? COR_CACHE_HITS : COR_CACHE_MISSES, 1);
	return rc;
}

/* --- working on it --- */

static int call(struct cor_keyed_request *request, void **ret)
{
	const struct cor_operation *operation = request->action->operation;
	struct cor_exchange *x = request->x;

	if (operation->executor)
		return cor_serve_elsewhere(x, operation, request->in, ret);
	*ret = cor_arena_zalloc(&x->ctx.arena, operation->out->size);
	return *ret ? operation->call(&x->ctx, request->in, *ret) : -ENOMEM;
}

static void write_record(
	struct cor_keyed_request *request, uint16_t status, uint16_t own_len, struct cor_str body)
{
	request->bytes.len = 0;
	cor_answer_record_write(request->x, status, 0, own_len, body, &request->bytes);
}

static int record_output(struct cor_keyed_request *request, const void *out)
{
	struct cor_action chosen = *request->action;
	struct cor_buffer buffer = { 0 };
	struct cor_str body;

	if (request->x->status)
		chosen.status = request->x->status;
	uint16_t own_len = cor_reply_count(request->x); /* without those of rows */
	int rc = cor_answer_make(request->x, &chosen, out, &buffer, &body);
	if (rc == 0)
		write_record(request, chosen.status, own_len, body);
	cor_buffer_finish(&buffer);
	rc = rc < 0 ? rc : cor_buffer_error(&request->bytes);
	if (rc == 0)
		rc = cor_answer_record_read(
			(struct cor_str){ request->bytes.data, request->bytes.len },
			&request->record);
	request->content_type = request->action->content_type;
	return rc;
}

/* What a handler refuses stays refused; what another try may change does not. */
static bool is_final(int status)
{
	return status < 500 && status != 401 && status != 408 && status != 429 &&
	       status != COR_STATUS_CLIENT_GONE;
}

/* Which kind is to be kept of a failure; 0: none. */
static uint32_t record_failure(
	struct cor_keyed_request *request, const struct cor_outcome_before *before, int rc)
{
	struct cor_ctx *ctx = &request->x->ctx;
	const struct cor_reply_text *chosen = cor_ctx_chosen(ctx);
	int status = cor_status_answered(request->x, rc);
	uint16_t own_len = cor_reply_count(request->x);
	struct cor_buffer failure = { 0 };
	uint32_t kind = REFUSED;

	if (!is_final(status))
		return 0;
	if (ctx->problem.status != 0 && chosen && rc == -COR_EPROBLEM) {
		write_record(request, (uint16_t)status, own_len, chosen->text);
		return chosen->text.len ? ANSWERED_OTHER : ANSWERED_NOTHING;
	}
	if (cor_outcome_write_failure(ctx, before, rc, &failure) < 0)
		kind = 0;
	else
		write_record(request, (uint16_t)status, own_len,
			(struct cor_str){ failure.data, failure.len });
	cor_buffer_finish(&failure);
	return kind;
}

/* The lease may have ended before the work, and the key be another's by now. */
static bool is_ours(const struct cor_keyed_request *request, struct cor_item *item)
{
	struct entry entry;

	return take_entry(item, &entry) && entry.kind == IN_PROGRESS &&
	       entry.claim == request->claim;
}

static void replace(struct cor_keyed_request *request, uint32_t kind, uint64_t version)
{
	if (kind != 0 && cor_buffer_error(&request->bytes) == 0)
		cor_ignore(put(request, kind, COR_PUT_UNCHANGED, version));
	else if (!request->x->leaves_job)
		cor_cache_told(&request->x->ctx, request->here,
			cor_store_delete(store_of(request), cor_cache_key_str(&request->key)));
}

/*
 * Without memory, or if the store fails, others wait until the lease is over; also where a job goes
 * on that the handler, which has failed, did not wait for: it may still do what was asked.
 */
static void settle(struct cor_keyed_request *request, uint32_t kind)
{
	struct cor_item item;
	struct cor_scope deaf;

	cor_scope_shield(&deaf, SETTLE_MS);
	int rc = get(request, &item);
	uint64_t version = rc == 0 ? item.version : 0;
	if (rc == -ENOENT && kind != 0 && cor_buffer_error(&request->bytes) == 0)
		cor_ignore(put(request, kind, COR_PUT_NEW, 0));
	else if (rc == 0 && is_ours(request, &item))
		replace(request, kind, version);
	cor_scope_leave(&deaf);
}

static int work(struct cor_keyed_request *request)
{
	struct cor_exchange *x = request->x;
	struct cor_outcome_before before = cor_outcome_begin(&x->ctx);
	struct cor_reply_aside aside = cor_reply_put_aside(x);
	uint32_t kind = ANSWERED;
	void *out;
	int rc = call(request, &out);

	if (rc > 0)
		rc = cor_ctx_positive(&x->ctx, "", rc);
	if (rc == 0)
		rc = record_output(request, out);
	if (rc < 0)
		kind = record_failure(request, &before, rc);
	settle(request, kind);
	if (rc == 0)
		cor_reply_restore(x, aside);
	else
		cor_reply_join(x, aside);
	return rc;
}

/* The cache says nothing of the key: 1, or the problem. */
static int go_on_without(struct cor_keyed_request *request, int rc)
{
	struct cor_ctx *ctx = &request->x->ctx;

	if (rc == -ENOMEM || cor_scope_error() == rc)
		return rc;
	if (!request->action->operation->idempotency->is_required)
		return 1;
	rc = cor_ctx_problem(ctx, 503, rc, "Idempotency-Keys cannot be looked up now: try again");
	ctx->problem.retry_after_s = 1;
	return rc;
}

int cor_keyed_request_serve(struct cor_keyed_request *request, struct cor_exchange *x,
	const struct cor_action *action, const void *in)
{
	struct cor_str sent;
	int rc;

	request->x = x;
	request->action = action;
	request->in = in;
	rc = read_header(x, &sent);
	if (rc != 0)
		return rc;
	request->here = cor_cache_of(&x->ctx, action->operation->idempotency->cache);
	if (!request->here)
		return -COR_EPROBLEM;
	rc = make_key(request, sent);
	if (rc == -COR_ETOOLARGE)
		cor_cache_tell_long_key(&x->ctx, request->here);
	if (rc == 0)
		rc = take_fingerprint(request);
	if (rc == 0)
		rc = claim_and_count(request);
	if (rc == 1)
		rc = work(request);
	else if (rc < 0 && !request->is_judged)
		rc = go_on_without(request, rc);
	if (rc == 0)
		x->status = request->record.status;
	return rc;
}

int cor_keyed_request_send(struct cor_keyed_request *request)
{
	struct cor_exchange *x = request->x;
	struct cor_reply_field *before = x->fields_out_last;
	int rc = cor_answer_record_say(&request->record, x);

	if (rc == 0)
		rc = cor_exchange_respond(
			x, request->record.status, request->content_type, request->record.body);
	if (rc < 0)
		cor_exchange_take_back(x, before);
	return rc;
}

void cor_keyed_request_finish(struct cor_keyed_request *request)
{
	cor_buffer_finish(&request->bytes);
}
