/* SPDX-License-Identifier: MIT */
#include "client/recall.h"

#include <errno.h>
#include <inttypes.h>

#include <coracle/clock.h>
#include <coracle/fiber.h>
#include <coracle/log.h>

#include "cache/flight.h"
#include "client/attempt.h"
#include "client/keep.h"
#include "client/upstreams.h"
#include "runtime/clock.h"

#define MS 1000

int64_t cor_recall_now_ms(void)
{
	struct timespec now = cor_now();

	return now.tv_sec * INT64_C(1000) + now.tv_nsec / COR_NS_PER_MS;
}

/* --- the beginning --- */

static const char *field_of(const struct cor_answer *answer, const char *name)
{
	return cor_fields_find(answer->message.fields, answer->message.fields_len, name);
}

static bool has_conditions(const struct cor_answer *answer)
{
	return field_of(answer, "If-None-Match") || field_of(answer, "If-Modified-Since") ||
	       field_of(answer, "If-Match") || field_of(answer, "If-Unmodified-Since");
}

/* RFC 9110 section 9.2.1; of a method that nobody knows the worst is expected. */
static bool is_safe(struct cor_str method)
{
	return cor_str_equal(method, COR_STR("OPTIONS")) || cor_str_equal(method, COR_STR("TRACE"));
}

static enum cor_recall_role role_of(
	const struct cor_answer *answer, const struct cor_cache_control *said)
{
	const struct cor_message *message = &answer->message;
	bool is_get = cor_str_equal(message->method, COR_STR("GET"));

	if (!is_get && !cor_str_equal(message->method, COR_STR("HEAD")))
		return is_safe(message->method) ? COR_RECALL_NOT : COR_RECALL_CHANGES;
	if (answer->jar || said->no_store || message->body.length != COR_BODY_ABSENT ||
		field_of(answer, "Range") || field_of(answer, "If-Range"))
		return COR_RECALL_NOT;
	return is_get ? COR_RECALL_GET : COR_RECALL_HEAD;
}

int cor_recall_begin(struct cor_answer *answer, const struct cor_http_call *call)
{
	const struct cor_cache *cache = answer->here->upstream->cache;
	const struct cor_environment *environment = answer->ctx->environment;
	struct cor_cache_here *here = cache ? cor_caches_find(environment->caches, cache) : NULL;
	struct cor_recall *recall;

	if (call->ret_source)
		*call->ret_source = COR_ANSWERED_BY_SERVER;
	if (!here)
		return 0;
	recall = cor_arena_zalloc(&answer->ctx->arena, sizeof *recall);
	if (!recall)
		return -ENOMEM;
	recall->cache = here;
	cor_cache_control_of(answer->message.fields, answer->message.fields_len, &recall->said);
	if (!recall->said.is_said && field_of(answer, "Pragma")) /* section 5.4 */
		recall->said.no_cache = cor_names_have(
			cor_str(field_of(answer, "Pragma")), "no-cache");
	recall->role = role_of(answer, &recall->said);
	recall->has_conditions = has_conditions(answer);
	answer->recall = recall;
	return 0;
}

/* --- what is kept --- */

static void look(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;
	struct cor_kept *kept = &recall->kept;
	struct cor_item item;

	recall->at = recall->of_url;
	cor_keep_look(answer, &recall->at, kept, &item);
	recall->epoch = kept->epoch;
	if (kept->kind == COR_KEPT_INDEX) {
		cor_kept_key_vary(answer, &recall->of_url, kept->generation, &recall->identity,
			kept->vary, &recall->at);
		cor_keep_look(answer, &recall->at, kept, &item);
	} else if (recall->identity.is_some) {
		kept->kind = COR_KEPT_NOTHING; /* it is for others */
	}
	recall->has_kept = kept->kind == COR_KEPT_ANSWER && !recall->has_conditions;
	if (recall->has_kept)
		cor_freshness_of(&kept->head, &kept->times, answer->here->upstream->caching,
			&recall->freshness);
}

/* --- whether it will do: section 4 --- */

/* What the call itself asks for (section 5.2.1), of an answer that old. */
static bool suits_call(const struct cor_recall *recall, int64_t age_ms)
{
	const struct cor_cache_control *said = &recall->said;
	const struct cor_freshness *freshness = &recall->freshness;
	bool holds = freshness->said.is_immutable && age_ms < freshness->fresh_ms;

	if (said->no_cache || said->is_broken)
		return false;
	if (freshness->fresh_ms - age_ms < said->min_fresh_s * MS && said->min_fresh_s)
		return false;
	if (said->max_age_s < 0 || holds) /* RFC 8246: what does not change is not asked for anew */
		return true;
	/* 0 is a reload, how young it may be */
	return said->max_age_s > 0 && age_ms <= said->max_age_s * MS;
}

/* Whether it may be given out stale, that long after its time. */
static bool suits_stale(const struct cor_recall *recall, int64_t age_ms, int64_t allowed_s)
{
	return age_ms >= 0 && !recall->freshness.is_never_stale &&
	       age_ms - recall->freshness.fresh_ms <= allowed_s * MS;
}

static bool is_fresh(const struct cor_recall *recall, int64_t age_ms)
{
	return age_ms >= 0 && age_ms < recall->freshness.fresh_ms &&
	       !recall->freshness.is_validated && suits_call(recall, age_ms);
}

/*
 * RFC 5861 section 3: one asks the server, and the others are given the stale one meanwhile.
 * Nothing runs behind a call that has ended, so the one waits for what it has asked.
 */
static bool leaves_it_to_another(struct cor_answer *answer, int64_t age_ms)
{
	struct cor_recall *recall = answer->recall;
	int64_t allowed_s = recall->freshness.said.stale_while_revalidate_s;
	struct cor_load_flight *flight;

	if (allowed_s <= 0 || !suits_stale(recall, age_ms, allowed_s) ||
		!suits_call(recall, age_ms) || recall->role != COR_RECALL_GET)
		return false;
	switch (cor_load_board(
		recall->cache, answer->ctx, cor_kept_key_str(&recall->at), &flight)) {
	case COR_FLIGHT_LEADS:
		recall->flight = flight;
		return false;
	case COR_FLIGHT_FOLLOWS:
		cor_load_leave(recall->cache, flight);
		return true;
	default:
		return false;
	}
}

/* --- giving it out --- */

struct replay {
	struct cor_wire wire;
	struct cor_str body;
	size_t at;
};

static ssize_t receive(struct cor_wire *wire, void *buffer, size_t size)
{
	struct replay *replay = cor_container_of(wire, struct replay, wire);
	size_t left = replay->body.len - replay->at;
	size_t n = size < left ? size : left;

	if (n)
		memcpy(buffer, replay->body.data + replay->at, n);
	replay->at += n;
	return (ssize_t)n;
}

static void end(struct cor_wire *wire)
{
	(void)wire;
}

/* Only of these is there any use when the head is there. */
static const struct cor_carrier replaying = { .name = "cache", .receive = receive, .end = end };

/* With the Age that it has now: section 4. */
static int put_head(struct cor_answer *answer)
{
	const struct cor_recall *recall = answer->recall;
	const struct cor_carrier_answer *kept = &recall->kept.head;
	struct cor_arena *arena = &answer->ctx->arena;
	int64_t age_ms = cor_freshness_age_ms(&recall->freshness, cor_recall_now_ms());
	struct cor_http_field *fields = cor_arena_zalloc(
		arena, (kept->fields_len + 2) * sizeof *fields);
	const char *age = cor_arena_printf(
		arena, "%" PRId64, (age_ms < 0 ? recall->freshness.age_ms : age_ms) / MS);
	size_t len = 0;

	if (!fields || !age)
		return -ENOMEM;
	for (size_t i = 0; i < kept->fields_len; i++)
		if (strcasecmp(kept->fields[i].name, "Age") != 0)
			fields[len++] = kept->fields[i];
	fields[len++] = (struct cor_http_field){ "Age", age };
	answer->head = (struct cor_carrier_answer){ kept->status, fields, len,
		recall->role == COR_RECALL_HEAD ? 0 : (int64_t)recall->kept.body.len };
	return 0;
}

int cor_recall_play(struct cor_answer *answer, enum cor_answer_source source)
{
	struct replay *replay = cor_arena_zalloc(&answer->ctx->arena, sizeof *replay);

	if (!replay || put_head(answer) < 0)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	replay->wire = (struct cor_wire){
		.carrier = &replaying, .request = &answer->request, .has_answer = true
	};
	replay->body = answer->recall->kept.body;
	answer->wire = &replay->wire;
	answer->fault.kind = COR_FAILED_NOT;
	answer->recall->source = source;
	return cor_answer_prepare_body(answer);
}

/* --- asking whether it holds: section 4.3.1 --- */

static void add_condition(struct cor_answer *answer, const char *name, const char *value)
{
	struct cor_message *message = &answer->message;

	if (!value || message->fields_len == COR_MESSAGE_FIELDS_MAX)
		return;
	message->fields[message->fields_len++] = (struct cor_http_field){ name, value };
	answer->recall->is_conditional = true;
}

void cor_recall_drop_conditions(struct cor_answer *answer)
{
	if (answer->recall->is_conditional) {
		cor_message_drop(&answer->message, "If-None-Match");
		cor_message_drop(&answer->message, "If-Modified-Since");
	}
	answer->recall->is_conditional = false;
}

/* So that there is time left in which the stale one can be used. */
static void hurry(struct cor_answer *answer)
{
	int64_t left_ms = cor_scope_remaining_ms();
	int64_t until_ns = cor_clock_after_ms(cor_monotonic_ns(), left_ms - left_ms / 10);

	if (left_ms != COR_FOREVER && until_ns < answer->deadline_ns)
		answer->deadline_ns = until_ns;
}

static int64_t error_allowed_s(const struct cor_recall *recall)
{
	int64_t of_answer = recall->freshness.stale_if_error_s;
	int64_t of_call = recall->said.stale_if_error_s;
	/* one that may be given out while it is renewed may be, too, when that fails */
	int64_t meanwhile = recall->freshness.said.stale_while_revalidate_s;

	of_answer = of_answer > meanwhile ? of_answer : meanwhile;
	return of_answer > of_call ? of_answer : of_call;
}

static bool may_rescue(const struct cor_recall *recall)
{
	int64_t age_ms = cor_freshness_age_ms(&recall->freshness, cor_recall_now_ms());
	int64_t allowed_s = error_allowed_s(recall);

	return recall->has_kept && !recall->goes_anew && allowed_s > 0 &&
	       suits_call(recall, age_ms) && suits_stale(recall, age_ms, allowed_s);
}

static int ask(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;

	if (recall->said.only_if_cached)
		return cor_answer_fail(answer, COR_FAILED_UNCACHED,
			"it is not in the cache \"%s\", and the call wants it from there alone",
			recall->cache->cache->name);
	if (recall->role == COR_RECALL_GET && recall->has_kept) {
		add_condition(answer, "If-None-Match", recall->freshness.etag);
		add_condition(answer, "If-Modified-Since", recall->freshness.modified);
	}
	if (may_rescue(recall))
		hurry(answer);
	return 0;
}

static int find(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;
	int64_t max_stale_s = recall->said.max_stale_s;

	look(answer);
	if (!recall->has_kept)
		return ask(answer);
	int64_t age_ms = cor_freshness_age_ms(&recall->freshness, cor_recall_now_ms());
	bool is_new = is_fresh(recall, age_ms);
	if (!is_new &&
		!(max_stale_s >= 0 && suits_call(recall, age_ms) &&
			suits_stale(recall, age_ms, max_stale_s)) &&
		!leaves_it_to_another(answer, age_ms))
		return ask(answer);
	bool is_stale = age_ms >= recall->freshness.fresh_ms;
	int rc = cor_recall_play(answer, is_stale ? COR_ANSWERED_STALE : COR_ANSWERED_FRESH);
	return rc < 0 ? rc : 1;
}

int cor_recall_find(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;

	if (recall && recall->role == COR_RECALL_NOT && recall->said.only_if_cached)
		return ask(answer);
	if (!recall || recall->is_asked || recall->role == COR_RECALL_NOT)
		return 0;
	recall->is_asked = true;
	recall->has_kept = false;
	cor_kept_key_of(answer, &answer->message.url, &recall->of_url);
	if (recall->role == COR_RECALL_CHANGES)
		return 0;
	if (cor_kept_identify(answer, &recall->identity))
		return find(answer);
	recall->role = COR_RECALL_NOT;
	return 0;
}

/* --- what has come of it --- */

static bool is_error(const struct cor_answer *answer)
{
	int status = answer->head.status;

	return status == 500 || status == 502 || status == 503 || status == 504;
}

/* It may have reached the server, who may have done it: section 4.4 asks for less. */
static int hear_change(struct cor_answer *answer, int rc)
{
	enum cor_failure kind = answer->fault.kind;

	if (rc < 0 ? answer->wire != NULL && !cor_failure_is(kind, COR_FAILED_UNTRIED)
		   : answer->head.status / 100 != 4)
		cor_keep_invalidate(answer);
	return rc;
}

/* Section 4.3.5: it is another one by now. */
static bool is_other(const struct cor_answer *answer)
{
	static const char *const names[] = { "ETag", "Last-Modified", "Content-Length" };
	const struct cor_carrier_answer *old = &answer->recall->kept.head;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *before = cor_fields_find(old->fields, old->fields_len, names[i]);
		const char *now = cor_fields_find(
			answer->head.fields, answer->head.fields_len, names[i]);
		if (now && (!before || strcmp(before, now) != 0))
			return true;
	}
	return false;
}

static void hear_head(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;

	if (recall->has_kept && answer->head.status / 100 != 5 &&
		(answer->head.status != recall->kept.head.status || is_other(answer)))
		cor_keep_drop(answer, &recall->at);
}

static int hear_not_modified(struct cor_answer *answer)
{
	int rc = cor_keep_renew(answer);

	if (rc < 0)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	cor_answer_end_exchange(answer);
	if (rc > 0)
		return cor_recall_play(answer, COR_ANSWERED_VALIDATED);
	answer->recall->goes_anew = true;
	answer->recall->has_kept = false;
	return 1;
}

static int hear_get(struct cor_answer *answer)
{
	bool was_conditional = answer->recall->is_conditional;

	if (is_error(answer))
		return 0; /* it may be asked the same once more */
	cor_recall_drop_conditions(answer);
	if (answer->head.status == 304 && was_conditional)
		return hear_not_modified(answer);
	if (answer->head.status != 304 && answer->head.status != 401)
		cor_keep_begin(answer);
	else if (was_conditional) /* it comes again */
		answer->recall->is_asked = false;
	return 0;
}

int cor_recall_heard(struct cor_answer *answer, int rc)
{
	struct cor_recall *recall = answer->recall;

	if (!recall || recall->role == COR_RECALL_NOT)
		return rc;
	if (recall->role == COR_RECALL_CHANGES)
		return hear_change(answer, rc);
	if (rc < 0)
		return rc;
	if (recall->role == COR_RECALL_GET)
		return hear_get(answer);
	hear_head(answer);
	return 0;
}

/* --- a stale one is better than none: RFC 5861 section 4 --- */

static bool is_servers(enum cor_failure kind)
{
	return cor_failure_is(kind, COR_FAILED_TIMEOUT) ||
	       cor_failure_is(kind, COR_FAILED_CONNECTION) || kind == COR_FAILED_PROTOCOL ||
	       kind == COR_FAILED_FULL || kind == COR_FAILED_OPEN;
}

/* Of an open breaker, of which there may be thousands, as of the failure that it is otherwise. */
static void tell_rescue(struct cor_answer *answer, int rc)
{
	const struct cor_freshness *freshness = &answer->recall->freshness;
	const char *name = answer->here->upstream->name;
	int64_t age_s = cor_freshness_age_ms(freshness, cor_recall_now_ms()) / MS;

	if (rc == 0)
		cor_log_warning(answer->ctx,
			"upstream %s: it answered %d; its answer of %" PRId64 " s ago is used",
			name, answer->head.status, age_s);
	else if (answer->fault.kind == COR_FAILED_OPEN || answer->is_shed)
		cor_log_debug(answer->ctx,
			"upstream %s: %s; its answer of %" PRId64 " s ago is used", name,
			answer->fault.text, age_s);
	else
		cor_log_warning(answer->ctx,
			"upstream %s: %s; its answer of %" PRId64 " s ago is used", name,
			answer->fault.text, age_s);
}

int cor_recall_rescue(struct cor_answer *answer, int rc)
{
	struct cor_recall *recall = answer->recall;

	if (!recall || recall->source != COR_ANSWERED_BY_SERVER ||
		!(rc < 0 ? is_servers(answer->fault.kind) : is_error(answer)) ||
		!may_rescue(recall))
		return rc;
	tell_rescue(answer, rc);
	cor_answer_end_exchange(answer);
	return cor_recall_play(answer, COR_ANSWERED_STALE);
}

/* --- the end --- */

bool cor_recall_refuse(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;
	enum cor_failure kind = answer->fault.kind;

	if (!recall || !recall->has_kept ||
		(recall->source != COR_ANSWERED_FRESH && recall->source != COR_ANSWERED_STALE) ||
		!cor_failure_is(kind, COR_FAILED_ANSWER) || recall->said.only_if_cached)
		return false;
	cor_keep_drop(answer, &recall->at);
	cor_answer_end_exchange(answer);
	answer->fault.kind = COR_FAILED_NOT;
	recall->has_kept = false;
	recall->source = COR_ANSWERED_BY_SERVER;
	return true;
}

static void land(struct cor_recall *recall)
{
	struct cor_buffer nothing = { 0 };

	if (recall->flight) {
		cor_load_land(recall->cache, recall->flight, true, &nothing);
		cor_load_leave(recall->cache, recall->flight);
	}
	recall->flight = NULL;
}

void cor_recall_moves(struct cor_answer *answer)
{
	struct cor_recall *recall = answer->recall;

	if (!recall)
		return;
	cor_recall_drop_conditions(answer);
	cor_keep_forget(answer);
	land(recall);
	recall->source = COR_ANSWERED_BY_SERVER;
	recall->is_asked = recall->has_kept = recall->goes_anew = false;
	if (recall->role == COR_RECALL_CHANGES)
		recall->role = role_of(answer, &recall->said); /* it may be a GET from here on */
}

void cor_recall_end(struct cor_answer *answer)
{
	if (!answer->recall)
		return;
	cor_keep_forget(answer);
	land(answer->recall);
}
