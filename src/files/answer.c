/* SPDX-License-Identifier: MIT */
/* The answer to a GET or HEAD: conditions, ranges, headers. */
#include "files/answer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/request.h>

#include "exchange/exchange.h"
#include "http/precondition.h"
#include "http/range.h"
#include "runtime/extents.h"

#define NS_PER_S    1000000000
#define SMALL_BYTES (32 * 1024) /* read, and sent with the head: cheaper than sendfile(2) */

/* --- headers --- */

static void add(struct cor_file_answer *answer, struct cor_str name, struct cor_str value)
{
	answer->fields[answer->fields_len++] = (struct cor_reply_field){ NULL, name, value };
}

/* What a POST answers with is not what its path names (RFC 9110 section 9.3.3). */
static bool is_read(const struct cor_exchange *x)
{
	return x->head.method == COR_METHOD_GET || cor_exchange_is_head(x);
}

/* What middleware or a handler has set; NULL: nothing. */
static const struct cor_reply_field *find_said(const struct cor_exchange *x, const char *name)
{
	const struct cor_reply_field *field = x->fields_out;

	while (field && strcasecmp(field->name.data, name) != 0)
		field = field->next;
	return field;
}

static char *put_hex(char *out, uint64_t value)
{
	int digits = value == 0 ? 1 : (67 - __builtin_clzll(value)) / 4;

	for (int i = digits; i-- > 0; value >>= 4)
		out[i] = "0123456789abcdef"[value & 15];
	return out + digits;
}

/*
 * The time of the last change counts in nanoseconds, so that one within the same second changes it;
 * the suffix tells a compressed file from its like.
 */
static void make_etag(struct cor_file_answer *answer)
{
	const struct cor_file *file = &answer->selected.file;
	const char *coding = answer->selected.coding;
	char *out = answer->etag;

	*out++ = '"';
	out = put_hex(out, (uint64_t)file->modified_ns);
	*out++ = '-';
	out = put_hex(out, (uint64_t)file->size);
	if (coding) {
		*out++ = '-';
		out = stpcpy(out, coding);
	}
	*out++ = '"';
	answer->validators.etag = (struct cor_str){ answer->etag, (size_t)(out - answer->etag) };
}

static void make_validators(struct cor_file_answer *answer)
{
	const struct cor_file *file = &answer->selected.file;
	const struct cor_reply_field *etag = find_said(answer->x, "etag");
	const struct cor_reply_field *modified = find_said(answer->x, "last-modified");
	int64_t *modified_s = &answer->validators.modified_s;

	*modified_s = file->modified_ns < 0 ? -1 : file->modified_ns / NS_PER_S;
	if (modified && cor_imf_date_parse(modified->value, cor_now().tv_sec, modified_s) < 0)
		*modified_s = -1;
	if (etag)
		answer->validators.etag = etag->value;
	else if (file->etag)
		answer->validators.etag = cor_str(file->etag);
	else
		make_etag(answer);
}

/* What a 200, a 206 and a 304 have (RFC 9110 section 15.4.5). */
static void add_fields(struct cor_file_answer *answer)
{
	if (!find_said(answer->x, "etag"))
		add(answer, COR_STR("ETag"), answer->validators.etag);
	if (answer->validators.modified_s >= 0 && !find_said(answer->x, "last-modified")) {
		cor_imf_date_format(answer->modified, answer->validators.modified_s);
		add(answer, COR_STR("Last-Modified"),
			(struct cor_str){ answer->modified, COR_IMF_DATE_BYTES });
	}
	if (answer->cache_control && !find_said(answer->x, "cache-control"))
		add(answer, COR_STR("Cache-Control"), cor_str(answer->cache_control));
	if (answer->selected.varies)
		add(answer, COR_STR("Vary"), COR_STR("Accept-Encoding"));
}

static void add_content_fields(struct cor_file_answer *answer)
{
	if (answer->selected.coding)
		add(answer, COR_STR("Content-Encoding"), cor_str(answer->selected.coding));
	if (is_read(answer->x))
		add(answer, COR_STR("Accept-Ranges"), COR_STR("bytes"));
	if (answer->disposition.len != 0)
		add(answer, COR_STR("Content-Disposition"), answer->disposition);
	if (answer->forbids_sniffing && !find_said(answer->x, "x-content-type-options"))
		add(answer, COR_STR("X-Content-Type-Options"), COR_STR("nosniff"));
}

static void add_own_type(struct cor_file_answer *answer)
{
	if (answer->has_own_type)
		add(answer, COR_STR("Content-Type"), answer->selected.media_type);
}

static void link_fields(struct cor_file_answer *answer)
{
	for (size_t i = 0; i < answer->fields_len; i++)
		cor_exchange_link_field(answer->x, &answer->fields[i]);
}

/* --- bodies --- */

static void close_file(struct cor_file_answer *answer)
{
	struct cor_file *file = &answer->selected.file;

	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* The file is the extents' own, from then on. */
static struct cor_extents *take_extents(
	struct cor_file_answer *answer, uint32_t most, size_t text_bytes)
{
	struct cor_extents *extents = cor_extents_create(
		answer->selected.file.fd, most, text_bytes);

	if (extents)
		answer->selected.file.fd = -1;
	return extents;
}

static void add_extent(const struct cor_file_answer *answer, struct cor_extents *extents,
	const struct cor_range *range)
{
	const struct cor_file *file = &answer->selected.file;
	struct cor_str text = { file->bytes, (size_t)range->bytes };

	if (file->bytes)
		text.data += range->first;
	if (file->lasts)
		cor_extents_add_lasting(extents, text);
	else if (file->bytes)
		cor_extents_add_text(extents, text);
	else
		cor_extents_add(extents, range->first, range->bytes);
}

/* A type that is no constant is a field as any other. */
static struct cor_str type_of(struct cor_file_answer *answer)
{
	return answer->has_own_type ? (struct cor_str){ NULL, 0 } : answer->selected.media_type;
}

/* What add_extent() copies. */
static size_t copied_bytes(
	const struct cor_file_answer *answer, const struct cor_range *ranges, int len)
{
	size_t bytes = 0;

	for (int i = 0; i < len && answer->selected.file.bytes && !answer->selected.file.lasts; i++)
		bytes += (size_t)ranges[i].bytes;
	return bytes;
}

static int send_range(
	struct cor_file_answer *answer, uint16_t status, const struct cor_range *range)
{
	struct cor_exchange *x = answer->x;
	struct cor_extents *extents = take_extents(answer, 1, copied_bytes(answer, range, 1));

	if (!extents)
		return -ENOMEM;
	add_extent(answer, extents, range);
	return x->ops->send_extents(x, status, type_of(answer), extents);
}

/*
 * Returns 1: all of it was in the memory of the system, and is in *ret. 0: it is not, or has become
 * shorter: the way that waits, and sees, takes it.
 */
static int read_small(
	struct cor_file_answer *answer, const struct cor_range *range, struct cor_str *ret)
{
	char *bytes = cor_arena_alloc(&answer->x->ctx.arena, (size_t)range->bytes);

	if (!bytes)
		return -ENOMEM;
	const struct cor_file *file = &answer->selected.file;
	ssize_t n = cor_extents_read_at_once(file->fd, bytes, (size_t)range->bytes, range->first);
	*ret = (struct cor_str){ bytes, (size_t)range->bytes };
	return n == range->bytes;
}

static int send_one(struct cor_file_answer *answer, uint16_t status, const struct cor_range *range)
{
	struct cor_exchange *x = answer->x;
	const char *bytes = answer->selected.file.bytes;
	struct cor_str body = { bytes ? bytes + range->first : NULL, (size_t)range->bytes };

	if (cor_exchange_is_head(x) || (!bytes && range->bytes > SMALL_BYTES))
		return send_range(answer, status, range);
	if (!bytes) {
		int rc = read_small(answer, range, &body);
		if (rc <= 0)
			return rc < 0 ? rc : send_range(answer, status, range);
		close_file(answer);
	}
	return x->ops->respond(x, status, type_of(answer), body);
}

static int send_whole(struct cor_file_answer *answer)
{
	const struct cor_range whole = { 0, answer->selected.file.size };

	add_content_fields(answer);
	add_own_type(answer);
	link_fields(answer);
	return send_one(answer, 200, &whole);
}

/* --- parts --- */

static int send_part(struct cor_file_answer *answer, const struct cor_range *range)
{
	add_content_fields(answer);
	add(answer, COR_STR("Content-Range"),
		cor_content_range_print(answer->content_range, range, answer->selected.file.size));
	add_own_type(answer);
	link_fields(answer);
	return send_one(answer, 206, range);
}

static int send_parts(struct cor_file_answer *answer, const struct cor_range *ranges, int len)
{
	struct cor_exchange *x = answer->x;
	struct cor_parts *parts = cor_arena_alloc(&x->ctx.arena, sizeof *parts);

	if (!parts)
		return -ENOMEM;
	cor_parts_begin(parts, answer->selected.media_type, answer->selected.file.size);
	struct cor_extents *extents = take_extents(answer, 2 * (uint32_t)len + 1,
		cor_parts_bytes(parts, ranges, len) + copied_bytes(answer, ranges, len));
	if (!extents)
		return -ENOMEM;
	for (int i = 0; i < len; i++) {
		cor_parts_add_head(parts, extents, &ranges[i]);
		add_extent(answer, extents, &ranges[i]);
	}
	cor_parts_add_end(parts, extents);
	add_content_fields(answer);
	add(answer, COR_STR("Content-Type"), parts->media_type);
	link_fields(answer);
	return x->ops->send_extents(x, 206, (struct cor_str){ 0 }, extents);
}

static int refuse_ranges(const struct cor_file_answer *answer)
{
	struct cor_ctx *ctx = &answer->x->ctx;
	const char *text = cor_printf(ctx, "bytes */%lld", (long long)answer->selected.file.size);
	int rc = text ? cor_reply_header(ctx, "Content-Range", text) : -ENOMEM;

	return rc < 0 ? rc
		      : cor_ctx_problem(ctx, 416, 0,
				"nothing of the file is in the ranges of Range: see Content-Range");
}

/* A HEAD tells of the whole, and so do all others but a GET (RFC 9110 section 14.2). */
static struct cor_str wanted_ranges(const struct cor_file_answer *answer)
{
	const struct cor_exchange *x = answer->x;
	struct cor_str range = cor_exchange_known(x, COR_KNOWN_RANGE);
	struct cor_str if_range = cor_exchange_known(x, COR_KNOWN_IF_RANGE);

	if (!range.data || x->head.method != COR_METHOD_GET)
		return (struct cor_str){ 0 };
	if (if_range.data && !cor_if_range_holds(if_range, &answer->validators, cor_now().tv_sec))
		return (struct cor_str){ 0 };
	return range;
}

static int send_content(struct cor_file_answer *answer)
{
	struct cor_range ranges[COR_RANGES_MAX];
	struct cor_str wanted = wanted_ranges(answer);
	int len = 0;

	if (wanted.data)
		len = cor_ranges_parse(wanted, answer->selected.file.size, ranges);
	if (len < 0)
		return refuse_ranges(answer);
	if (is_read(answer->x))
		add_fields(answer);
	if (len == 0)
		return send_whole(answer);
	return len == 1 ? send_part(answer, &ranges[0]) : send_parts(answer, ranges, len);
}

/* --- conditions --- */

static bool has_conditions(const struct cor_exchange *x)
{
	return x->head.known[COR_KNOWN_IF_MATCH] || x->head.known[COR_KNOWN_IF_NONE_MATCH] ||
	       x->head.known[COR_KNOWN_IF_MODIFIED_SINCE] ||
	       x->head.known[COR_KNOWN_IF_UNMODIFIED_SINCE];
}

static enum cor_precondition check_conditions(const struct cor_file_answer *answer)
{
	struct cor_exchange *x = answer->x;

	if (!is_read(x) || !has_conditions(x))
		return COR_PRECONDITION_HOLDS;
	const struct cor_conditions conditions = {
		.if_match = cor_exchange_list(x, COR_KNOWN_IF_MATCH),
		.if_unmodified_since = cor_exchange_known(x, COR_KNOWN_IF_UNMODIFIED_SINCE),
		.if_none_match = cor_exchange_list(x, COR_KNOWN_IF_NONE_MATCH),
		.if_modified_since = cor_exchange_known(x, COR_KNOWN_IF_MODIFIED_SINCE),
	};
	return cor_precondition_check(&conditions, &answer->validators, true, cor_now().tv_sec);
}

static int say_not_modified(struct cor_file_answer *answer)
{
	struct cor_exchange *x = answer->x;

	add_fields(answer);
	link_fields(answer);
	return x->ops->respond(x, 304, (struct cor_str){ 0 }, (struct cor_str){ 0 });
}

struct cor_file_answer *cor_file_answer_begin(struct cor_exchange *x)
{
	struct cor_file_answer *answer = cor_arena_alloc(&x->ctx.arena, sizeof *answer);

	if (!answer)
		return NULL;
	answer->x = x;
	answer->cache_control = NULL;
	answer->disposition = (struct cor_str){ 0 };
	answer->forbids_sniffing = answer->has_own_type = false;
	answer->fields_len = 0;
	return answer;
}

int cor_file_answer_send(struct cor_file_answer *answer)
{
	struct cor_reply_field *before = answer->x->fields_out_last;
	int rc;

	make_validators(answer);
	switch (check_conditions(answer)) {
	case COR_NOT_MODIFIED:
		rc = say_not_modified(answer);
		break;
	case COR_PRECONDITION_FAILED:
		rc = cor_ctx_problem(&answer->x->ctx, 412, 0,
			"the file is another than If-Match or If-Unmodified-Since says");
		break;
	default:
		rc = send_content(answer);
	}
	close_file(answer);
	if (rc < 0 && answer->fields_len != 0)
		cor_exchange_take_back(answer->x, before);
	return rc;
}
