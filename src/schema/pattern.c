/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/pattern.h"

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "schema/ecma.h"
#include "schema/fixed_pattern.h"

#define JIT_STACK_BYTES 32768
#define JIT_STACK_LIMIT (256 * 1024)
#define HEAP_LIMIT_KIB  1024
#define DEEP_BYTES      (64u << 20) /* of stack or heap, for one match of a long text */
#define STEPS_MAX       200         /* of PCRE2's, in a match that is not counted */
#define PASSES_MAX      64          /* over the text, in such a match */
#define TRIED_BYTES     512         /* of a pattern, written, that are tried in a pass or step */
#define TRIED_MAX       4           /* times as much, at each character that is not counted */
#define LARGE_BYTES     1024        /* of a pattern, compiled: the more there is to go through */
#define WORK_PER_BYTE   16          /* that the length of a text gives it */

/* A pattern as it was compiled. */
struct form {
	pcre2_code *code;
	bool jit, is_ready; /* whether the JIT has made it; and was asked to */
};

struct cor_pattern {
	struct cor_pattern *next;
	struct cor_pattern *next_in_bucket;
	struct cor_pattern_room *room;
	const char *text;
	pcre2_match_data *match;
	struct form plain;
	uint32_t steps_max; /* of PCRE2's, in a match of the plain form; 0: each is to be counted */
	struct form counted; /* the JIT makes it when it is needed */
	bool is_fixed;
	struct cor_fixed_pattern fixed;
};

/* What the match that runs may still take. */
struct account {
	uint64_t left;
	size_t each; /* what is done between two callouts: more in a large pattern */
	size_t at;   /* where the text was last counted */
};

#define BUCKETS 256

struct cor_pattern_room {
	struct cor_pattern *patterns;
	struct cor_pattern *buckets[BUCKETS]; /* those that can be used, by their text */
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_jit_stack *stack;
	struct account account;
};

/* Where the reason of a refusal goes. */
struct why {
	char *text;
	size_t bytes;
};

static void free_forms(struct cor_pattern *pattern)
{
	pcre2_code_free(pattern->plain.code);
	pcre2_code_free(pattern->counted.code);
}

void cor_pattern_room_destroy(struct cor_pattern_room *room)
{
	if (!room)
		return;
	while (room->patterns) {
		struct cor_pattern *pattern = room->patterns;
		room->patterns = pattern->next;
		pcre2_match_data_free(pattern->match);
		free_forms(pattern);
		free(pattern);
	}
	pcre2_match_context_free(room->match);
	pcre2_jit_stack_free(room->stack);
	pcre2_compile_context_free(room->compile);
	free(room);
}

static size_t captured(const pcre2_callout_block *block, uint32_t group)
{
	const PCRE2_SIZE *ends = block->offset_vector;

	if (group >= block->capture_top)
		return 0;
	ends += 2 * group;
	return ends[0] < ends[1] && ends[1] <= block->subject_length ? ends[1] - ends[0] : 0;
}

/* How much of the text a callout may cost beyond what was passed over: see schema/ecma.h. */
static size_t ahead(const pcre2_callout_block *block)
{
	uint32_t n = block->callout_number;
	size_t rest = block->subject_length - block->current_position;

	if (n == COR_ECMA_PASSED)
		return 0;
	if (n < COR_ECMA_AT_LEAST)
		return captured(block, n);
	if (n >= COR_ECMA_CHOICES)
		return (size_t)1 << (n - COR_ECMA_CHOICES);
	size_t least = (size_t)1 << (n - COR_ECMA_AT_LEAST);
	return n == COR_ECMA_REST || least > rest ? rest : least;
}

static int count(pcre2_callout_block *block, void *data)
{
	struct account *account = data;
	size_t at = block->current_position;
	size_t work = account->each + (at > account->at ? at - account->at : 0) + ahead(block);

	account->at = at;
	if (work > account->left)
		return PCRE2_ERROR_MATCHLIMIT;
	account->left -= work;
	return 0;
}

static void set_limits(struct cor_pattern_room *room)
{
	pcre2_set_heap_limit(room->match, HEAP_LIMIT_KIB);
	pcre2_set_callout(room->match, count, &room->account);
}

int cor_pattern_room_create(struct cor_pattern_room **ret)
{
	struct cor_pattern_room *room = calloc(1, sizeof *room);

	if (!room)
		return -ENOMEM;
	room->compile = pcre2_compile_context_create(NULL);
	room->match = pcre2_match_context_create(NULL);
	if (!room->compile || !room->match) {
		cor_pattern_room_destroy(room);
		return -ENOMEM;
	}
	set_limits(room);
	*ret = room;
	return 0;
}

/* The stack is made with the first pattern: a service without patterns pays nothing. */
static int need_stack(struct cor_pattern_room *room)
{
	if (room->stack)
		return 0;
	room->stack = pcre2_jit_stack_create(JIT_STACK_BYTES, JIT_STACK_LIMIT, NULL);
	if (!room->stack)
		return -ENOMEM;
	pcre2_jit_stack_assign(room->match, NULL, room->stack);
	return 0;
}

/* What ECMA-262 has and PCRE2 has not, a lookbehind of any length among it. */
static int compile_failed(int code, struct why why)
{
	PCRE2_UCHAR text[128];

	if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	pcre2_get_error_message(code, text, sizeof text);
	snprintf(why.text, why.bytes, "is not supported here: %s", (const char *)text);
	return -COR_EINVALID;
}

static struct cor_pattern *new_pattern(struct cor_pattern_room *room, const char *text)
{
	size_t len = strlen(text);
	struct cor_pattern *pattern = calloc(1, sizeof *pattern + len + 1);

	if (!pattern)
		return NULL;
	pattern->text = memcpy(pattern + 1, text, len);
	pattern->room = room;
	pattern->next = room->patterns;
	room->patterns = pattern;
	return pattern;
}

static int compile_translated(
	pcre2_compile_context *context, struct cor_str text, pcre2_code **ret, struct why why)
{
	const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF |
				 PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C;
	int code;
	size_t at;

	*ret = pcre2_compile((PCRE2_SPTR)text.data, text.len, options, &code, &at, context);
	return *ret ? 0 : compile_failed(code, why);
}

static int compile_code(pcre2_compile_context *context, const char *text, struct cor_ecma *ecma,
	pcre2_code **ret, struct why why)
{
	struct cor_buffer translated = { 0 };
	struct cor_ecma_fault fault;
	int rc = cor_ecma_translate(cor_str(text), ecma, &translated, &fault);

	if (rc == -COR_EINVALID)
		snprintf(why.text, why.bytes, "%s: at character %zu %s",
			fault.is_unsupported ? "is not supported here"
					     : "is not a regular expression of ECMA-262",
			fault.at, fault.text);
	if (rc == 0)
		rc = compile_translated(context,
			(struct cor_str){ translated.len ? translated.data : "", translated.len },
			ret, why);
	cor_buffer_finish(&translated);
	return rc;
}

/* Without a JIT on this machine the interpreter does it. */
static void compile_jit(struct form *form)
{
	form->is_ready = true;
	form->jit = pcre2_jit_compile(form->code, PCRE2_JIT_COMPLETE) == 0;
}

/*
 * How many of PCRE2's steps bound the time of a match, so that it takes about as long as one that
 * is counted may; 0: none do. A turn of a group is not a step, and neither is what has not matched:
 * as long as nothing that scans is repeated, each part of the pattern passes over the text once
 * between two steps, if it can at all. In a search the steps start again at each place: all that is
 * in the pattern may be tried there.
 */
static uint32_t plain_steps(const pcre2_code *code, const struct cor_ecma *ecma)
{
	uint32_t options = 0;

	pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	bool is_anchored = (options & PCRE2_ANCHORED) != 0;
	if (ecma->scans && (!is_anchored || ecma->scans_again))
		return 0;
	if (is_anchored && !ecma->scans)
		return STEPS_MAX;
	size_t each = 1 + ecma->written / TRIED_BYTES;
	if (each > TRIED_MAX)
		return 0;
	size_t parts = ecma->scans ? ecma->scanners : 1 + ecma->repeats / 4;
	return (uint32_t)((ecma->scans ? PASSES_MAX : STEPS_MAX) / (parts * each));
}

/*
 * Both forms at once: the counted one is the larger, and a pattern that only turned out to be too
 * large when a text came would refuse that. A fixed one needs neither.
 */
static int compile_forms(
	struct cor_pattern *pattern, pcre2_compile_context *context, struct why why)
{
	struct cor_ecma ecma = { 0 }, counting = { .counts = true };
	int rc = compile_code(context, pattern->text, &ecma, &pattern->plain.code, why);

	pattern->is_fixed = rc == 0 && cor_fixed_pattern_compile(pattern->text, &pattern->fixed);
	if (rc < 0 || pattern->is_fixed)
		return rc;
	pattern->steps_max = plain_steps(pattern->plain.code, &ecma);
	return compile_code(context, pattern->text, &counting, &pattern->counted.code, why);
}

int cor_pattern_check(const char *text, char *why, size_t why_bytes)
{
	struct cor_pattern pattern = { .text = text };
	int rc = compile_forms(&pattern, NULL, (struct why){ why, why_bytes });

	free_forms(&pattern);
	return rc;
}

static int make_ready(struct cor_pattern_room *room, struct cor_pattern *pattern)
{
	if (pattern->is_fixed)
		return 0;
	if (pattern->steps_max != 0)
		compile_jit(&pattern->plain);
	pattern->match = pcre2_match_data_create(1, NULL);
	return pattern->match ? need_stack(room) : -ENOMEM;
}

static struct cor_pattern **bucket_of(struct cor_pattern_room *room, const char *text)
{
	uint32_t hash = 0;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619;
	return &room->buckets[(hash ^ hash >> 16) % BUCKETS];
}

int cor_pattern_compile(struct cor_pattern_room *room, const char *text, struct cor_pattern **ret,
	char *why, size_t why_bytes)
{
	struct cor_pattern **bucket = bucket_of(room, text), *pattern = *bucket;

	while (pattern && strcmp(pattern->text, text) != 0)
		pattern = pattern->next_in_bucket;
	if (pattern) {
		*ret = pattern;
		return 0;
	}
	pattern = new_pattern(room, text);
	if (!pattern)
		return -ENOMEM;
	int rc = compile_forms(pattern, room->compile, (struct why){ why, why_bytes });
	if (rc == 0)
		rc = make_ready(room, pattern);
	if (rc < 0)
		return rc;
	pattern->next_in_bucket = *bucket;
	*bucket = *ret = pattern;
	return 0;
}

const struct cor_fixed_pattern *cor_pattern_fixed(const struct cor_pattern *pattern)
{
	return pattern->is_fixed ? &pattern->fixed : NULL;
}

static int match(const struct cor_pattern *pattern, const struct form *form, struct cor_str subject,
	uint32_t steps_max)
{
	PCRE2_SPTR data = (PCRE2_SPTR)(subject.data ? subject.data : "");
	pcre2_match_context *context = pattern->room->match;

	pcre2_set_match_limit(context, steps_max);
	if (form->jit)
		return pcre2_jit_match(
			form->code, data, subject.len, 0, 0, pattern->match, context);
	return pcre2_match(
		form->code, data, subject.len, 0, PCRE2_NO_UTF_CHECK, pattern->match, context);
}

/*
 * A match that remembers much: each turn of a group is a place to come back to. What it needs is
 * given back with it.
 */
static int match_deep(struct cor_pattern *pattern, struct cor_str subject)
{
	struct cor_pattern_room *room = pattern->room;
	pcre2_match_data *kept = pattern->match;
	pcre2_jit_stack *stack = pcre2_jit_stack_create(JIT_STACK_BYTES, DEEP_BYTES, NULL);
	pcre2_match_data *own = pcre2_match_data_create(1, NULL);
	int rc = PCRE2_ERROR_NOMEMORY;

	if (stack && own) {
		pattern->match = own;
		pcre2_set_heap_limit(room->match, DEEP_BYTES / 1024);
		pcre2_jit_stack_assign(room->match, NULL, stack);
		rc = match(pattern, &pattern->counted, subject, UINT32_MAX);
		pcre2_jit_stack_assign(room->match, NULL, room->stack);
		pcre2_set_heap_limit(room->match, HEAP_LIMIT_KIB);
		pattern->match = kept;
	}
	pcre2_match_data_free(own);
	pcre2_jit_stack_free(stack);
	return rc;
}

static size_t cost_of(const pcre2_code *code)
{
	size_t bytes = 0;

	pcre2_pattern_info(code, PCRE2_INFO_SIZE, &bytes);
	return 1 + bytes / LARGE_BYTES;
}

static int match_counted(struct cor_pattern *pattern, struct cor_str subject, unsigned *work)
{
	struct account *account = &pattern->room->account;
	uint64_t of_length = WORK_PER_BYTE * ((uint64_t)subject.len + 1);
	uint64_t all = of_length + COR_PATTERN_WORK_MAX - *work;

	if (!pattern->counted.is_ready)
		compile_jit(&pattern->counted);
	*account = (struct account){ .left = all, .each = cost_of(pattern->counted.code) };
	int rc = match(pattern, &pattern->counted, subject, UINT32_MAX);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT || rc == PCRE2_ERROR_HEAPLIMIT)
		rc = match_deep(pattern, subject);
	if (all - account->left > of_length)
		*work += (unsigned)(all - account->left - of_length);
	return rc;
}

int cor_pattern_match(struct cor_pattern *pattern, struct cor_str subject, unsigned *work)
{
	if (pattern->is_fixed)
		return cor_fixed_pattern_match(&pattern->fixed, subject);
	int rc = PCRE2_ERROR_MATCHLIMIT;
	if (pattern->steps_max != 0)
		rc = match(pattern, &pattern->plain, subject, pattern->steps_max);
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
		rc = match_counted(pattern, subject, work);
	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : -COR_ETOOLARGE;
}
