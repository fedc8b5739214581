/* SPDX-License-Identifier: MIT */
#include "schema/bind.h"

#include <errno.h>
#include <strings.h>

#include <coracle/error.h>

#include "base/name.h"
#include "base/trim.h"
#include "base/utf8.h"
#include "base/violation_texts.h"
#include "schema/flags.h"
#include "schema/http_date.h"
#include "schema/members.h"
#include "schema/rules.h"
#include "schema/upload.h"
#include "schema/value.h"

struct binder {
	struct cor_codec *codec;
	struct cor_report report;
	const struct cor_plan *plan;
	enum cor_from source;
	enum cor_from default_from;
	enum cor_use use;
	struct cor_row_set taken;
	struct cor_row_set absent; /* of those, the ones that were not seen yet */
	const struct cor_bind_pair *pairs;
	size_t len;
	void *base;
};

static int bind_bool(
	const struct binder *binder, void *at, struct cor_str text, const struct cor_step *step)
{
	bool is_form = binder->source == COR_FROM_BODY; /* a ticked box is "on" */
	bool yes = cor_str_equal(text, COR_STR("true")) || cor_str_equal(text, COR_STR("1")) ||
		   (is_form && cor_str_equal(text, COR_STR("on")));
	bool no = cor_str_equal(text, COR_STR("false")) || cor_str_equal(text, COR_STR("0")) ||
		  (is_form && cor_str_equal(text, COR_STR("off")));

	if (yes || no)
		cor_member_put(at, yes);
	else
		cor_report(&binder->report, step, COR_SAYS_BOOLEAN);
	return 0;
}

static int store_value(const struct binder *binder, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	if (rule->facts->family == COR_FAMILY_BOOL)
		return bind_bool(binder, at, text, step);
	if (rule->facts->family == COR_FAMILY_NUMBER) {
		cor_value_number_text(&binder->report, rule, at, text, step);
		return 0;
	}
	if (!rule->facts->store) {
		cor_report(&binder->report, step, COR_SAYS_NO_TEXT);
		return 0;
	}
	if (!cor_utf8_valid(text)) {
		cor_report(&binder->report, step, COR_SAYS_UTF8);
		return 0;
	}
	if (cor_value_has_nul(&binder->report, rule, text, step))
		return 0;
	return rule->facts->store(&binder->report, rule, at, text, step);
}

static int bind_value(const struct binder *binder, const struct cor_value_rule *rule, void *at,
	struct cor_str text, const struct cor_step *step)
{
	size_t before = binder->report.violations->count;
	int rc = store_value(binder, rule, at, text, step);

	if (rc < 0 || !rule->is_checked || binder->report.violations->count != before)
		return rc;
	return cor_rules_check(&binder->report, rule, at, step);
}

static bool is_http_date(const struct binder *binder, const struct cor_row *row)
{
	return row->rule.kind == COR_KIND_TIMESTAMP && binder->source == COR_FROM_HEADER &&
	       cor_row_is_http_date(row->field, binder->use);
}

static int bind_scalar(const struct binder *binder, const struct cor_row *row, struct cor_str text,
	const struct cor_step *step)
{
	if (row->is_opt)
		cor_row_set_state(row, binder->base, COR_SET);
	if (is_http_date(binder, row)) {
		cor_http_date_store(
			&binder->report, (char *)binder->base + row->offset, text, step);
		return 0;
	}
	return bind_value(binder, &row->rule, (char *)binder->base + row->offset, text, step);
}

static bool names_row(const struct binder *binder, const struct cor_row *row, struct cor_str name)
{
	if (binder->source != COR_FROM_HEADER)
		return cor_str_equal(row->key, name);
	return row->key.len == name.len && strncasecmp(row->key.data, name.data, name.len) == 0;
}

static int bind_item(const struct binder *binder, const struct cor_row *row,
	struct cor_items *items, size_t *count, struct cor_str text, const struct cor_step *step)
{
	uint32_t max = row->field->max_items;

	if ((*count)++ >= max && max != 0)
		return 0; /* counted, not kept */
	void *item = cor_items_add(items, binder->report.arena);
	return item ? bind_value(binder, &row->rule, item, text, step) : -ENOMEM;
}

/* As far as the next comma; one inside a quoted string (RFC 9110 section 5.6.4) ends nothing. */
static size_t element_len(struct cor_str text)
{
	bool is_quoted = false;
	size_t at = 0;

	for (; at < text.len && (is_quoted || text.data[at] != ','); at++) {
		if (text.data[at] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && text.data[at] == '\\' && at + 1 < text.len)
			at++;
	}
	return at;
}

/* RFC 9110 section 5.6.1: a list in a header; empty elements are passed over. */
static int bind_list(const struct binder *binder, const struct cor_row *row,
	struct cor_items *items, size_t *count, struct cor_str text, const struct cor_step *step)
{
	int rc = 0;

	while (rc == 0 && text.len != 0) {
		size_t len = element_len(text);
		struct cor_str part = cor_trim((struct cor_str){ text.data, len });
		if (part.len != 0)
			rc = bind_item(binder, row, items, count, part, step);
		len += len < text.len; /* the comma */
		text.data += len;
		text.len -= len;
	}
	return rc;
}

/*
 * A browser sends every control of a form, the blank ones too: where no text is not a value, and
 * the row may be absent or is an array, which may have fewer items, it is as if it were not sent.
 */
static bool is_blank_control(
	const struct binder *binder, const struct cor_row *row, struct cor_str text)
{
	return binder->source == COR_FROM_BODY && text.len == 0 &&
	       !cor_kind_is_text(row->rule.kind) && row->rule.kind != COR_KIND_UPLOAD &&
	       (row->is_array || cor_row_is_set(row->field) ||
		       !cor_row_set_has(&binder->plan->required, row->index));
}

/* All pairs of the row's name, from the first one on. */
static int bind_array(const struct binder *binder, const struct cor_row *row, size_t first,
	const struct cor_step *step)
{
	struct cor_items items = { .item_bytes = row->rule.size };
	size_t count = 0, before = binder->report.violations->count;
	int rc = 0;

	for (size_t i = first; rc == 0 && i < binder->len; i++) {
		struct cor_str text = binder->pairs[i].value;
		if (!names_row(binder, row, binder->pairs[i].name) ||
			is_blank_control(binder, row, text))
			continue;
		if (binder->source == COR_FROM_HEADER)
			rc = bind_list(binder, row, &items, &count, text, step);
		else
			rc = bind_item(binder, row, &items, &count, text, step);
	}
	if (rc < 0)
		return rc;
	cor_value_count(&binder->report, row, count, step);
	if (cor_rules_has_items(row) && binder->report.violations->count == before)
		rc = cor_rules_check_items(&binder->report, row, &items.array, step);
	if (rc < 0)
		return rc;
	return cor_items_close(&items, binder->report.arena, (char *)binder->base + row->offset);
}

/* The names in one text: in a header, separated by commas. */
static void bind_names(const struct binder *binder, const struct cor_row *row, uint32_t *bits,
	struct cor_str text, const struct cor_step *step)
{
	if (binder->source != COR_FROM_HEADER) {
		cor_flags_add(&binder->report, &row->rule, bits, text, step);
		return;
	}
	while (text.len != 0) {
		size_t len = element_len(text);
		struct cor_str part = cor_trim((struct cor_str){ text.data, len });
		if (part.len != 0)
			cor_flags_add(&binder->report, &row->rule, bits, part, step);
		len += len < text.len; /* the comma */
		text.data += len;
		text.len -= len;
	}
}

/* All pairs of the row's name, as those of an array. */
static void bind_set(const struct binder *binder, const struct cor_row *row, size_t first,
	const struct cor_step *step)
{
	uint32_t bits = 0;

	for (size_t i = first; i < binder->len && !cor_report_is_full(&binder->report); i++) {
		struct cor_str text = binder->pairs[i].value;
		if (names_row(binder, row, binder->pairs[i].name) &&
			!is_blank_control(binder, row, text))
			bind_names(binder, row, &bits, text, step);
	}
	if (row->is_opt)
		cor_row_set_state(row, binder->base, COR_SET);
	cor_member_put((char *)binder->base + row->offset, bits);
}

/* RFC 9110 section 5.3: the lines of one name are one list, and those of Cookie one of pairs. */
static bool is_joined(const struct binder *binder, const struct cor_row *row)
{
	return binder->source == COR_FROM_HEADER && cor_kind_is_text(row->rule.kind) &&
	       !row->is_array;
}

static int bind_joined(const struct binder *binder, const struct cor_row *row, size_t first,
	const struct cor_step *step)
{
	struct cor_str text = binder->pairs[first].value;
	const char *joint = names_row(binder, row, COR_STR("Cookie")) ? "; " : ", ";

	for (size_t i = first + 1; i < binder->len; i++) {
		struct cor_str more = binder->pairs[i].value;
		if (!names_row(binder, row, binder->pairs[i].name))
			continue;
		const char *joined = cor_arena_printf(binder->report.arena, "%.*s%s%.*s",
			(int)text.len, text.data ? text.data : "", joint, (int)more.len,
			more.data ? more.data : "");
		if (!joined)
			return -ENOMEM;
		text = cor_str(joined);
	}
	return bind_scalar(binder, row, text, step);
}

/* All files of the row's name; a second one is too many, where it is no array. */
static int bind_files(const struct binder *binder, const struct cor_row *row, size_t first,
	const struct cor_step *step)
{
	struct cor_items items = { .item_bytes = row->rule.size };
	uint32_t max = row->field->max_items;
	size_t count = 0;

	for (size_t i = first; i < binder->len; i++) {
		if (!names_row(binder, row, binder->pairs[i].name) || (count++ >= max && max != 0))
			continue;
		void *item = cor_items_add(&items, binder->report.arena);
		if (!item)
			return -ENOMEM;
		cor_upload_store(&binder->report, &row->rule, item, binder->pairs[i].file, step);
	}
	cor_value_count(&binder->report, row, count, step);
	return cor_items_close(&items, binder->report.arena, (char *)binder->base + row->offset);
}

static int bind_file(const struct binder *binder, const struct cor_row *row, size_t i,
	const struct cor_step *step)
{
	if (row->is_array)
		return bind_files(binder, row, i, step);
	if (row->is_opt)
		cor_row_set_state(row, binder->base, COR_SET);
	cor_upload_store(&binder->report, &row->rule, (char *)binder->base + row->offset,
		binder->pairs[i].file, step);
	return 0;
}

static const struct cor_row *find_header_row(const struct binder *binder, struct cor_str name)
{
	for (uint32_t i = 0; i < binder->plan->len; i++) {
		const struct cor_row *row = &binder->plan->rows[i];
		if (cor_row_set_has(&binder->taken, i) && names_row(binder, row, name))
			return row;
	}
	return NULL;
}

static const struct cor_row *find_row(const struct binder *binder, struct cor_str name)
{
	if (binder->source == COR_FROM_HEADER)
		return find_header_row(binder, name);
	int position = cor_key_index_find(&binder->plan->keys, name);
	return position >= 0 ? &binder->plan->rows[position] : NULL;
}

/* RFC 9110 sections 13.1.3, 13.1.4: not one date, and the request is as if it were not there. */
static bool is_ignored(const struct binder *binder, const struct cor_row *row, size_t i)
{
	if (!is_http_date(binder, row) || !cor_http_date_may_be_ignored(row->field))
		return false;
	for (size_t j = 0; j < binder->len; j++)
		if (j != i && names_row(binder, row, binder->pairs[j].name))
			return true;
	return !cor_http_date_is(binder->pairs[i].value);
}

static int bind_pair(struct binder *binder, size_t i)
{
	const struct cor_bind_pair *pair = &binder->pairs[i];
	const struct cor_row *row = find_row(binder, pair->name);
	struct cor_step step = { .key = pair->name };

	if (!row && !cor_name_is_plain(pair->name))
		step.key = COR_NAME_MASKED;
	if (!row || !cor_row_set_has(&binder->taken, row->index)) {
		if (binder->source != COR_FROM_HEADER &&
			binder->plan->schema->unknown == COR_REFUSE)
			cor_members_refuse(&binder->report, binder->plan, row, COR_USE_REQUEST,
				binder->default_from, &step);
		return 0;
	}
	step.key = row->key;
	if (is_ignored(binder, row, i) || is_blank_control(binder, row, pair->value))
		return 0;
	bool again = !cor_row_set_has(&binder->absent, row->index);
	cor_row_set_remove(&binder->absent, row->index);
	if (row->is_partial)
		cor_row_give(row, binder->base);
	if (row->is_dict) {
		cor_report(&binder->report, &step, COR_SAYS_NO_TEXT);
		return 0;
	}
	if (row->rule.kind == COR_KIND_UPLOAD && (row->is_array || !again))
		return again ? 0 : bind_file(binder, row, i, &step);
	if (row->is_array)
		return again ? 0 : bind_array(binder, row, i, &step);
	if (cor_row_is_set(row->field)) {
		if (!again)
			bind_set(binder, row, i, &step);
		return 0;
	}
	if (is_joined(binder, row))
		return again ? 0 : bind_joined(binder, row, i, &step);
	if (!again)
		return bind_scalar(binder, row, pair->value, &step);
	cor_report(&binder->report, &step, COR_SAYS_TWICE);
	return 0;
}

const struct cor_field *cor_bind_row(const struct cor_codec *codec, const struct cor_schema *schema,
	enum cor_from default_from, struct cor_str name)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);
	int position = plan ? cor_key_index_find(&plan->keys, name) : -1;
	const struct cor_field *field = position >= 0 ? plan->rows[position].field : NULL;

	return field && field->access != COR_READ_ONLY &&
			       cor_row_source(field, default_from) == COR_FROM_BODY
		       ? field
		       : NULL;
}

/* Of the rows in `taken` those that are named get their values, the others their fallbacks. */
static int bind_taken(struct binder *binder, void *ret)
{
	size_t before = binder->report.violations->count;
	int rc = 0;

	binder->absent = binder->taken;
	for (size_t i = 0; rc == 0 && i < binder->len; i++)
		rc = bind_pair(binder, i);
	if (rc == 0)
		rc = cor_members_fill(binder->codec, &binder->report, binder->plan, &binder->absent,
			ret, NULL, 0);
	if (rc < 0)
		return rc;
	return binder->report.violations->count == before ? 0 : -COR_EINVALID;
}

int cor_bind(struct cor_codec *codec, struct cor_arena *arena, const struct cor_schema *schema,
	enum cor_from source, enum cor_from default_from, const struct cor_bind_pair *pairs,
	size_t len, void *ret, struct cor_violations *violations)
{
	static const char *const places[] = {
		[COR_FROM_DEFAULT] = "query",
		[COR_FROM_BODY] = "form",
		[COR_FROM_PATH] = "path",
		[COR_FROM_QUERY] = "query",
		[COR_FROM_HEADER] = "header",
		[COR_FROM_COOKIE] = "cookie",
	};
	struct binder binder = {
		.codec = codec,
		.report = { .violations = violations,
			.arena = arena,
			.in = places[source],
			.plain = true },
		.plan = cor_codec_plan(codec, schema),
		.source = source,
		.default_from = default_from,
		.use = COR_USE_REQUEST,
		.pairs = pairs,
		.len = len,
		.base = ret,
	};

	if (!binder.plan)
		return -COR_ETABLE;
	cor_plan_select(binder.plan, COR_USE_REQUEST, source, default_from, &binder.taken);
	return bind_taken(&binder, ret);
}

bool cor_binds_answer(const struct cor_codec *codec, const struct cor_schema *schema)
{
	const struct cor_plan *plan = cor_codec_plan(codec, schema);
	struct cor_row_set fields;

	if (!plan)
		return true;
	cor_plan_select_fields(plan, &fields);
	for (uint32_t i = 0; i < plan->words; i++)
		if (fields.words[i])
			return true;
	return false;
}

int cor_bind_answer(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_bind_pair *pairs, size_t len, void *ret,
	struct cor_violations *violations)
{
	struct binder binder = {
		.codec = codec,
		.report = { .violations = violations,
			.arena = arena,
			.in = "header",
			.plain = true,
			.is_foreign = true },
		.plan = cor_codec_plan(codec, schema),
		.source = COR_FROM_HEADER,
		.use = COR_USE_ANSWER,
		.pairs = pairs,
		.len = len,
		.base = ret,
	};

	if (!binder.plan)
		return -COR_ETABLE;
	cor_plan_select_fields(binder.plan, &binder.taken);
	return bind_taken(&binder, ret);
}
