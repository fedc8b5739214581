/* SPDX-License-Identifier: MIT */
#include "service/caching.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <coracle/clock.h>
#include <coracle/request.h>

#include "base/date.h"
#include "http/precondition.h"
#include "schema/bind.h"
#include "service/selection.h"

/* --- the plan --- */

static const struct cor_field *find_row(const struct cor_schema *schema, const char *key,
	struct cor_arena *arena, bool *ret_is_short)
{
	struct cor_rows rows;

	for (const struct cor_field *field = cor_rows_first(&rows, schema); field && key;
		field = cor_rows_next(&rows))
		if (strcmp(cor_row_key(field), key) == 0) {
			field = cor_rows_keep(&rows, field, arena);
			*ret_is_short |= !field;
			return field;
		}
	return NULL;
}

int cor_caching_plan_make(const struct cor_operation *operation, struct cor_arena *arena,
	const struct cor_caching_plan **ret)
{
	const struct cor_caching *options = cor_operation_caching(operation);
	struct cor_caching_plan *plan = options ? cor_arena_zalloc(arena, sizeof *plan) : NULL;
	bool is_short = options && !plan;

	*ret = plan;
	if (!plan)
		return is_short ? -ENOMEM : 0;
	plan->options = options;
	plan->version = find_row(operation->out, options->version, arena, &is_short);
	plan->modified = find_row(operation->out, options->modified, arena, &is_short);
	return is_short ? -ENOMEM : 0;
}

/* --- what the request says --- */

static bool is_read(const struct cor_exchange *x)
{
	return x->head.method == COR_METHOD_GET || x->head.method == COR_METHOD_HEAD;
}

/* Several lines are joined in memory; without it, they must not pass for none. */
static int read_list(struct cor_exchange *x, enum cor_known name, struct cor_str *ret)
{
	*ret = cor_exchange_list(x, name);
	return ret->data || !cor_exchange_known(x, name).data ? 0 : -ENOMEM;
}

static int read_conditions(struct cor_exchange *x, struct cor_conditions *ret)
{
	*ret = (struct cor_conditions){
		.if_unmodified_since = cor_exchange_known(x, COR_KNOWN_IF_UNMODIFIED_SINCE),
		.if_modified_since = cor_exchange_known(x, COR_KNOWN_IF_MODIFIED_SINCE),
	};
	int rc = read_list(x, COR_KNOWN_IF_MATCH, &ret->if_match);
	return rc < 0 ? rc : read_list(x, COR_KNOWN_IF_NONE_MATCH, &ret->if_none_match);
}

static bool has_any(const struct cor_conditions *conditions)
{
	return conditions->if_match.data || conditions->if_none_match.data ||
	       conditions->if_modified_since.data || conditions->if_unmodified_since.data;
}

/* In a tag, before what stands for the part of the answer that was asked for. */
#define PART       '~'
#define PART_BYTES 17

/*
 * Tags that name versions are as good with the W/ that compression has put before them; a change is
 * of the whole, whichever part the client has seen.
 */
static int strengthen(struct cor_exchange *x, struct cor_str *list)
{
	char *text = list->data ? cor_arena_copy(&x->ctx.arena, list->data, list->len) : NULL;
	bool is_quoted = false, is_part = false;
	size_t len = 0;

	if (!list->data)
		return 0;
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < list->len; i++) {
		if (!is_quoted && i + 2 < list->len && memcmp(list->data + i, "W/\"", 3) == 0)
			i += 2;
		is_quoted ^= list->data[i] == '"';
		is_part = is_quoted && (is_part || (list->data[i] == PART && !is_read(x)));
		if (!is_part)
			text[len++] = list->data[i];
	}
	*list = (struct cor_str){ text, len };
	return 0;
}

static bool is_date(struct cor_str text)
{
	int64_t date_s;

	return text.data && cor_imf_date_parse(text, cor_now().tv_sec, &date_s) == 0;
}

/* A tag that must not be there, and a date that nobody knows or reads, let any change pass. */
static bool guards(const struct cor_conditions *conditions, const struct cor_caching_plan *plan)
{
	return conditions->if_match.data ||
	       (conditions->if_none_match.data &&
		       cor_str_equal(conditions->if_none_match, COR_STR("*"))) ||
	       (plan->modified && is_date(conditions->if_unmodified_since));
}

int cor_caching_require(struct cor_exchange *x, const struct cor_action *action)
{
	struct cor_conditions conditions;
	int rc;

	if (!action->caching->options->needs_condition || is_read(x))
		return 0;
	rc = read_conditions(x, &conditions);
	if (rc < 0 || guards(&conditions, action->caching))
		return rc;
	return cor_ctx_problem(
		&x->ctx, 428, 0, "say what you have seen: If-Match with the ETag that GET gives");
}

static int fail(struct cor_exchange *x)
{
	return cor_ctx_problem(&x->ctx, 412, 0,
		"it has changed since: GET it again, and send If-Match with its new ETag");
}

/* --- asked by a handler --- */

static const struct cor_reply_field *find_said(const struct cor_exchange *x, struct cor_str name)
{
	const struct cor_reply_field *field = x->fields_out;

	while (field && !cor_reply_field_is(field, name))
		field = field->next;
	return field;
}

/* What the 200 would say of its keeping (RFC 9110 section 15.4.5). */
static int leave_unchanged(struct cor_exchange *x, const struct cor_validators *validators)
{
	const struct cor_operation *operation = cor_action_of(x)->operation;
	const struct cor_caching *caching = operation ? cor_operation_caching(operation) : NULL;
	const char *control = caching ? caching->control : NULL;
	int rc = 0;

	if (validators && validators->etag.len)
		rc = cor_reply_header(&x->ctx, "ETag", validators->etag.data);
	if (rc == 0 && control && !find_said(x, COR_STR("cache-control")))
		rc = cor_exchange_add_field(x, "Cache-Control", cor_str(control));
	return rc < 0 ? rc : cor_ctx_reply(&x->ctx, 304, (struct cor_str){ 0 });
}

/* etagc of RFC 9110 section 8.8.3; '%' is what others are written with. */
static bool goes_into_a_tag(char c)
{
	return (unsigned char)c > 0x20 && c != '"' && c != '%' && c != PART && c != 0x7f;
}

/* Parts of an answer that a header has chosen have one address: they must not have one tag. */
static char *add_part(struct cor_exchange *x, char *at)
{
	const struct cor_operation *operation = cor_action_of(x)->operation;
	struct cor_str chosen = { 0 };

	if (operation && operation->selected_by & COR_BY_HEADER && is_read(x))
		chosen = cor_exchange_header(x, COR_STR(COR_SELECTION_HEADER));
	if (!chosen.data)
		return at;
	return at + snprintf(at, PART_BYTES + 1, "%c%016" PRIx64, PART,
			    (uint64_t)XXH3_64bits(chosen.data, chosen.len));
}

/* The tag of a version: two versions never have one, whatever texts they are. */
static const char *tag_of(struct cor_exchange *x, struct cor_str version)
{
	static const char hex[] = "0123456789ABCDEF";
	char *tag = cor_alloc(&x->ctx, 3 * version.len + PART_BYTES + 3), *at = tag;

	if (!tag)
		return NULL;
	*at++ = '"';
	for (size_t i = 0; i < version.len; i++) {
		unsigned char byte = (unsigned char)version.data[i];
		if (goes_into_a_tag(version.data[i])) {
			*at++ = version.data[i];
			continue;
		}
		*at++ = '%';
		*at++ = hex[byte >> 4];
		*at++ = hex[byte & 15];
	}
	*add_part(x, at) = '"';
	return tag;
}

static int judge(struct cor_exchange *x, const struct cor_validators *validators)
{
	struct cor_conditions conditions;
	int rc = read_conditions(x, &conditions);

	if (rc == 0)
		rc = strengthen(x, &conditions.if_match);
	if (rc < 0)
		return rc;
	switch (cor_precondition_check(&conditions, validators, is_read(x), cor_now().tv_sec)) {
	case COR_NOT_MODIFIED:
		return leave_unchanged(x, validators);
	case COR_PRECONDITION_FAILED:
		return fail(x);
	default:
		return 0;
	}
}

/* Others shall have the answer, too: conditions are judged when it is sent. */
static bool is_kept(const struct cor_exchange *x)
{
	return cor_action_of(x)->kept && is_read(x);
}

int cor_check_version_at(struct cor_ctx *ctx, const char *version, const struct timespec *modified)
{
	struct cor_validators now = { .modified_s = modified ? modified->tv_sec : -1 };
	struct cor_exchange *x = cor_exchange_of(ctx);

	if (!x || is_kept(x))
		return 0;
	if (version) {
		const char *tag = tag_of(x, cor_str(version));
		if (!tag)
			return -ENOMEM;
		now.etag = cor_str(tag);
	}
	return judge(x, version || modified ? &now : NULL);
}

int cor_check_version(struct cor_ctx *ctx, const char *version)
{
	return cor_check_version_at(ctx, version, NULL);
}

/* Without memory for its text there is a version all the same. */
int cor_check_version_number(struct cor_ctx *ctx, int64_t version)
{
	const char *text = cor_printf(ctx, "%" PRId64, version);

	return text ? cor_check_version_at(ctx, text, NULL) : -ENOMEM;
}

/* --- of an answer --- */

static int tag_of_row(struct cor_exchange *x, const struct cor_caching_plan *plan, const void *out,
	struct cor_buffer *spare, const char **ret)
{
	size_t before = spare->len;
	int rc = cor_row_text(plan->version, out, spare);

	if (rc <= 0)
		return rc == -COR_EINVALID ? 0 : rc;
	*ret = tag_of(x, (struct cor_str){ spare->data + before, spare->len - before });
	spare->len = before;
	return *ret ? 0 : -ENOMEM;
}

static int tag_of_bytes(struct cor_exchange *x, struct cor_str body, const char **ret)
{
	XXH128_hash_t hash = XXH3_128bits(body.data ? body.data : "", body.len);

	*ret = cor_printf(&x->ctx, "\"%016llx%016llx\"", (unsigned long long)hash.high64,
		(unsigned long long)hash.low64);
	return *ret ? 0 : -ENOMEM;
}

static int say_tag(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_str body, struct cor_buffer *spare)
{
	const struct cor_caching_plan *plan = action->caching;
	const char *tag = NULL;
	int rc = 0;

	if (find_said(x, COR_STR("etag")))
		return 0;
	if (plan->version)
		rc = tag_of_row(x, plan, out, spare, &tag);
	else if (plan->options->etag && is_read(x))
		rc = tag_of_bytes(x, body, &tag);
	return rc == 0 && tag ? cor_exchange_add_field(x, "ETag", cor_str(tag)) : rc;
}

static int say_modified(struct cor_exchange *x, const struct cor_action *action, const void *out)
{
	const struct cor_field *field = action->caching->modified;
	struct timespec time;

	if (!field || find_said(x, COR_STR("last-modified")))
		return 0;
	memcpy(&time, (const char *)out + field->offset, sizeof time);
	char *date = cor_alloc(&x->ctx, COR_IMF_DATE_BYTES + 1);
	if (!date)
		return -ENOMEM;
	cor_imf_date_format(date, time.tv_sec);
	return cor_exchange_add_field(x, "Last-Modified", cor_str(date));
}

static struct cor_validators validators_of(const struct cor_exchange *x)
{
	const struct cor_reply_field *etag = find_said(x, COR_STR("etag"));
	const struct cor_reply_field *modified = find_said(x, COR_STR("last-modified"));
	struct cor_validators now = { .modified_s = -1 };

	if (etag)
		now.etag = etag->value;
	if (modified && cor_imf_date_parse(modified->value, cor_now().tv_sec, &now.modified_s) < 0)
		now.modified_s = -1;
	return now;
}

int cor_caching_judge(struct cor_exchange *x, const struct cor_action *action)
{
	const char *control = action->caching->options->control;
	struct cor_conditions conditions;
	int rc = read_conditions(x, &conditions);

	if (rc == 0 && action->caching->version)
		rc = strengthen(x, &conditions.if_match);
	if (rc == 0 && control && !find_said(x, COR_STR("cache-control")))
		rc = cor_exchange_add_field(x, "Cache-Control", cor_str(control));
	if (rc < 0)
		return rc;
	if (!has_any(&conditions))
		return 0;
	const struct cor_validators now = validators_of(x);
	switch (cor_precondition_check(&conditions, &now, true, cor_now().tv_sec)) {
	case COR_NOT_MODIFIED:
		rc = cor_exchange_respond(x, 304, (struct cor_str){ 0 }, (struct cor_str){ 0 });
		return rc < 0 ? rc : 1;
	case COR_PRECONDITION_FAILED:
		return fail(x);
	default:
		return 0;
	}
}

int cor_caching_say(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_str body, struct cor_buffer *spare)
{
	int rc = say_tag(x, action, out, body, spare);

	return rc < 0 ? rc : say_modified(x, action, out);
}

int cor_caching_apply(struct cor_exchange *x, const struct cor_action *action, const void *out,
	struct cor_str body, struct cor_buffer *spare)
{
	struct cor_reply_field *before = x->fields_out_last;
	int rc = cor_caching_say(x, action, out, body, spare);

	if (rc == 0 && is_read(x))
		rc = cor_caching_judge(x, action);
	if (rc < 0) /* a problem must not be kept for as long as the answer */
		cor_exchange_take_back(x, before);
	return rc;
}
