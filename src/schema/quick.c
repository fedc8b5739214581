/* SPDX-License-Identifier: MIT */
#include "schema/quick.h"

#include "base/block.h"
#include "base/compiler.h"
#include "base/printed.h"
#include "base/timestamp.h"
#include "schema/decoder.h"
#include "schema/fixed_pattern.h"
#include "schema/rules.h"
#include "schema/value.h"

const char *cor_quick_bool(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	size_t left = (size_t)(decoder->reader.end - text);
	bool value = left >= 4 && memcmp(text, "true", 4) == 0;

	(void)row;
	if (!value && (left < 5 || memcmp(text, "false", 5) != 0))
		return NULL;
	cor_member_put(at, value);
	return text + (value ? 4 : 5);
}

/*
 * Each function below has one way without a loop for what is short, and leaves the rest to another
 * function, by a call at its end: the short way needs no frame.
 */

/* Up to 18 digits. */
static COR_OUT_OF_LINE const char *quick_long_integer(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	const char *end = decoder->reader.end;
	bool negative = text < end && *text == '-';
	uint64_t magnitude;
	const char *stop = cor_decimal_scan_natural(text + negative, end, &magnitude);

	if (!stop)
		return NULL;
	int64_t value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (!cor_bounds_hold_integer(&row->rule.bounds, value))
		return NULL;
	cor_value_put_whole(&row->rule, at, (uint64_t)value);
	return stop;
}

const char *cor_quick_integer(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	int64_t value;
	const char *stop = cor_decimal_scan_seven_whole(text, decoder->reader.end, &value);

	if (!stop || !cor_bounds_hold_integer(&row->rule.bounds, value))
		return quick_long_integer(decoder, row, at, text);
	cor_value_put_whole(&row->rule, at, (uint64_t)value);
	return stop;
}

static COR_OUT_OF_LINE const char *quick_long_natural(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	uint64_t value;
	const char *stop = cor_decimal_scan_natural(text, decoder->reader.end, &value);

	if (!stop || !cor_bounds_hold_natural(&row->rule.bounds, value))
		return NULL;
	cor_value_put_whole(&row->rule, at, value);
	return stop;
}

const char *cor_quick_natural(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	int64_t value;
	const char *stop = cor_decimal_scan_seven_whole(text, decoder->reader.end, &value);

	if (!stop || value < 0 || !cor_bounds_hold_natural(&row->rule.bounds, (uint64_t)value))
		return quick_long_natural(decoder, row, at, text);
	cor_value_put_whole(&row->rule, at, (uint64_t)value);
	return stop;
}

/* Any number. */
static COR_OUT_OF_LINE const char *quick_any_real(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	struct cor_decimal decimal;

	if (cor_decimal_scan(text, decoder->reader.end, &decimal) < 0)
		return NULL;
	double value = cor_decimal_double(&decimal);
	if (!cor_bounds_hold_real(&row->rule.bounds, value))
		return NULL;
	cor_member_put(at, value);
	return decimal.text.data + decimal.text.len;
}

/* As doubles are printed; NULL if they are not, or if it goes on behind that. */
static inline const char *take_printed(
	const struct cor_decoder *decoder, double *at, const char *text)
{
	const char *stop = cor_printed_scan(text, decoder->reader.end, at);

	return COR_LIKELY(stop && (*stop == ',' || *stop == ']' || *stop == '}')) ? stop : NULL;
}

/* More digits. */
static COR_OUT_OF_LINE const char *quick_long_real(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	const char *end = decoder->reader.end;
	bool negative = text < end && *text == '-';
	unsigned places;
	uint64_t digits;
	double value;
	const char *stop = take_printed(decoder, &value, text);

	if (!stop) {
		stop = cor_decimal_scan_double(text + negative, end, &digits, &places);
		if (!stop)
			return quick_any_real(decoder, row, at, text);
		value = cor_decimal_real(digits, -(int64_t)places);
		value = negative ? -value : value;
	}
	if (!cor_bounds_hold_real(&row->rule.bounds, value))
		return NULL;
	cor_member_put(at, value);
	return stop;
}

const char *cor_quick_real(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	double value;
	const char *stop = cor_decimal_scan_seven(text, decoder->reader.end, &value);

	if (!stop || !cor_bounds_hold_real(&row->rule.bounds, value))
		return quick_long_real(decoder, row, at, text);
	cor_member_put(at, value);
	return stop;
}

/* A string that is plain throughout (ASCII, nothing escaped): where it ends, or NULL. */
static inline const char *pass_plain(
	const struct cor_decoder *decoder, const char *text, struct cor_str *ret)
{
	const char *end = decoder->reader.end;

	if (text == end || *text != '"')
		return NULL;
	const char *stop = cor_json_scan_plain(text + 1, end);
	if (stop == end || *stop != '"')
		return NULL;
	*ret = (struct cor_str){ text + 1, (size_t)(stop - text - 1) };
	return stop + 1;
}

/* What is plain has one byte for each character. */
static inline bool limits_hold(const struct cor_value_rule *rule, struct cor_str text)
{
	return text.len >= rule->min_length && text.len <= rule->max_length &&
	       (!rule->fixed || cor_fixed_pattern_match(rule->fixed, text));
}

static COR_OUT_OF_LINE const char *quick_long_string(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	struct cor_str value;
	const char *stop = pass_plain(decoder, text, &value);

	if (!stop || (row->rule.is_limited && !limits_hold(&row->rule, value)))
		return NULL;
	char *copy = cor_arena_alloc(decoder->report.arena, value.len + 1);
	if (!copy)
		return NULL;
	cor_words_copy(copy, value);
	cor_value_put_text(&row->rule, at, copy, value.len);
	return stop;
}

/*
 * Of less than 16 bytes, where the text does not end before 16: a whole vector is copied, for which
 * an arena has room.
 */
static inline const char *quick_short_string(struct cor_decoder *decoder, const struct cor_row *row,
	void *at, const char *text, bool is_limited)
{
#ifdef COR_VECTORS
	if (COR_LIKELY(decoder->reader.end - text > 16 && *text == '"')) {
		unsigned odd = cor_json_odd_bits(++text);
		unsigned len = odd != 0 ? (unsigned)__builtin_ctz(odd) : 0;
		struct cor_str value = { text, len };
		if (COR_LIKELY(odd != 0 && text[len] == '"') &&
			(!is_limited || limits_hold(&row->rule, value)) &&
			cor_arena_has_room(decoder->report.arena, 16)) {
			char *copy = cor_arena_alloc(decoder->report.arena, 16);
			memcpy(copy, text, 16);
			cor_value_put_text(&row->rule, at, copy, len);
			return text + len + 1;
		}
		text--;
	}
#else
	(void)is_limited;
#endif
	return quick_long_string(decoder, row, at, text);
}

const char *cor_quick_string(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	return quick_short_string(decoder, row, at, text, false);
}

static const char *quick_limited_string(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	return quick_short_string(decoder, row, at, text, true);
}

const char *cor_quick_chars(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	const struct cor_value_rule *rule = &row->rule;
	struct cor_str value;
	const char *stop = pass_plain(decoder, text, &value);

	if (!stop || value.len >= rule->size || !limits_hold(rule, value))
		return NULL;
	cor_words_copy(at, value);
	((char *)at)[value.len] = '\0';
	return stop;
}

const char *cor_quick_time(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	struct timespec time;
	struct cor_str value;
	const char *stop = pass_plain(decoder, text, &value);

	(void)row;
	if (!stop || cor_timestamp_parse(value, &time) < 0)
		return NULL;
	cor_member_put(at, time);
	return stop;
}

const char *cor_quick_uuid(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	struct cor_uuid uuid;
	struct cor_str value;
	const char *stop = pass_plain(decoder, text, &value);

	(void)row;
	if (!stop || cor_uuid_parse(value, &uuid) < 0)
		return NULL;
	cor_member_put(at, uuid);
	return stop;
}

const char *cor_quick_enum(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	struct cor_str value;
	const char *stop = pass_plain(decoder, text, &value);

	if (!stop)
		return NULL;
	int position = cor_key_index_find(&row->rule.names->names, value);
	if (position < 0)
		return NULL;
	cor_member_put(at, row->rule.names->table[position].value);
	return stop;
}

/*
 * Members in the order of the table; what may be left out may be missing. Only what nests nothing
 * is read so: an object that is not as usual is read twice, not once more for each level.
 */
const char *cor_quick_object(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	const struct cor_plan *plan = row->rule.plan;
	const struct cor_row *member = plan->rows, *last = member + plan->len;
	const char *end = decoder->reader.end;
	uint64_t absent = plan->taken[decoder->use].words[0];

	if (!plan->reads_flat || text == end || *text != '{' || cor_quick_is_deep(&decoder->reader))
		return NULL;
	for (text++; member < last; member++) {
		const char *value = cor_quick_key(member, text, end);
		if (!value || !(absent & member->bit))
			continue;
		text = cor_quick_member(decoder, member, at, value);
		if (!text || text == end)
			return NULL;
		absent ^= member->bit;
		if (*text == '}')
			return (absent & plan->awaited.words[0]) == 0 ? text + 1 : NULL;
		if (*text++ != ',')
			return NULL;
	}
	return NULL;
}

bool cor_quick_is_flat(const struct cor_plan *plan)
{
	bool is_flat = !plan->rest && !plan->bare && plan->len <= 64;

	for (uint32_t i = 0; i < plan->len && is_flat; i++)
		is_flat = plan->rows[i].quick && !plan->rows[i].rule.plan;
	return is_flat;
}

/* No more items than the row may have. Those that were read by then are left in the arena. */
static const char *quick_array(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	const size_t max = row->field->max_items ? row->field->max_items : SIZE_MAX;
	const struct cor_json_reader *reader = &decoder->reader;
	struct cor_items items = cor_items_of(row);

	if (text == reader->end || *text != '[' || cor_quick_is_deep(reader))
		return NULL;
	do {
		void *item = items.array.len < max ? cor_items_add(&items, decoder->report.arena)
						   : NULL;
		text++;
		text += text < reader->end && *text == ' ';
		text = item ? row->quick_value(decoder, row, item, text) : NULL;
		if (!text || text == reader->end)
			return NULL;
	} while (*text == ',');
	if (*text != ']' || items.array.len < row->field->min_items)
		return NULL;
	cor_member_put(at, items.array);
	return text + 1;
}

/* A double of an array, which mostly is as doubles are printed. */
COR_IN_LINE const char *take_real(
	struct cor_decoder *decoder, const struct cor_row *row, double *at, const char *text)
{
	const char *stop = take_printed(decoder, at, text);

	if (COR_LIKELY(stop))
		return cor_bounds_hold_real(&row->rule.bounds, *at) ? stop : NULL;
	stop = cor_quick_real(decoder, row, at, text);
	return stop != decoder->reader.end ? stop : NULL;
}

/*
 * An array of doubles is read into the memory that the arena has free, of which it takes what it
 * needs in the end: an even number, as the arena hands out 16 bytes at a time. If that is too
 * little, it is begun again.
 */
static const char *quick_reals(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	struct cor_arena *arena = decoder->report.arena;
	const char *const end = decoder->reader.end, *stop = text;
	struct cor_array_value array = { arena->next, 0 };
	const size_t room = (size_t)(arena->end - arena->next) / 16 * 2;
	const uint32_t max = row->field->max_items ? row->field->max_items : UINT32_MAX;
	double *item = array.items, *full = item;

	if (text == end || *text != '[' || cor_quick_is_deep(&decoder->reader))
		return NULL;
	if (room != 0) /* an empty arena is at NULL */
		full += max < room ? max : room;
	do {
		if (item == full)
			return room < max ? quick_array(decoder, row, at, text) : NULL;
		stop++;
		stop += stop < end && *stop == ' ';
		stop = take_real(decoder, row, item++, stop);
		if (!stop)
			return NULL;
	} while (*stop == ',');
	array.len = (size_t)(item - (double *)array.items);
	if (*stop != ']' || array.len < row->field->min_items)
		return NULL;
	(void)cor_arena_alloc(arena, array.len * sizeof(double));
	cor_member_put(at, array);
	return stop + 1;
}

/* Of what nests nothing, or of flat objects; see cor_quick_object(). */
static bool is_quick_array(const struct cor_row *row)
{
	const struct cor_plan *plan = row->rule.plan;

	return row->is_array && !row->is_dict && row->quick_value && (!plan || plan->reads_flat) &&
	       !cor_rules_has_items(row);
}

const char *cor_quick_bare(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	const struct cor_row *bare = row->rule.plan->bare;

	return bare->quick && bare->is_array ? bare->quick(decoder, bare, at, text) : NULL;
}

cor_quick_value *cor_quick_for_value(const struct cor_row *row)
{
	const struct cor_value_rule *rule = &row->rule;
	cor_quick_value *quick = rule->facts->quick;

	if (rule->is_checked || rule->format || (rule->pattern && !rule->fixed))
		return NULL;
	return quick == cor_quick_string && rule->is_limited ? quick_limited_string : quick;
}

/* A member beside which it is written down that it was there. */
static const char *quick_noted(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text)
{
	void *base = (char *)at - row->offset;
	const char *stop = row->quick_value(decoder, row, at, text);

	if (stop && row->is_partial)
		cor_row_give(row, base);
	if (stop && row->is_opt)
		cor_row_set_state(row, base, COR_SET);
	return stop;
}

cor_quick_value *cor_quick_for(const struct cor_row *row)
{
	if (is_quick_array(row) && !row->is_partial && !row->is_opt && !row->nullable)
		return row->quick_value == cor_quick_real ? quick_reals : quick_array;
	if (row->is_array || row->field->computed || !row->quick_value)
		return NULL;
	return row->is_partial || row->is_opt ? quick_noted : row->quick_value;
}
