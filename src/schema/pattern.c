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
#define QUICK_LIMIT     2000   /* backtracking steps that every match may take: microseconds */
#define SLOW_LIMIT      200000 /* that some in a request may: milliseconds at the worst */
#define HEAP_LIMIT_KIB  1024

struct cor_pattern {
	struct cor_pattern *next;
	const struct cor_pattern_room *room;
	pcre2_code *code;
	pcre2_match_data *match;
	bool jit;
	bool is_fixed;
	struct cor_fixed_pattern fixed;
};

struct cor_pattern_room {
	struct cor_pattern *patterns;
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_jit_stack *stack;
};

/* Where the reason of a refusal goes. */
struct why {
	char *text;
	size_t bytes;
};

void cor_pattern_room_destroy(struct cor_pattern_room *room)
{
	if (!room)
		return;
	while (room->patterns) {
		struct cor_pattern *pattern = room->patterns;
		room->patterns = pattern->next;
		pcre2_match_data_free(pattern->match);
		pcre2_code_free(pattern->code);
		free(pattern);
	}
	pcre2_match_context_free(room->match);
	pcre2_jit_stack_free(room->stack);
	pcre2_compile_context_free(room->compile);
	free(room);
}

static void set_limits(struct cor_pattern_room *room)
{
	pcre2_set_heap_limit(room->match, HEAP_LIMIT_KIB);
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
	snprintf(why.text, why.bytes, "%s", (const char *)text);
	return -COR_EINVALID;
}

static struct cor_pattern *new_pattern(struct cor_pattern_room *room)
{
	struct cor_pattern *pattern = calloc(1, sizeof *pattern);

	if (!pattern)
		return NULL;
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

static int compile_code(
	pcre2_compile_context *context, const char *text, pcre2_code **ret, struct why why)
{
	struct cor_buffer translated = { 0 };
	struct cor_ecma_fault fault;
	int rc = cor_ecma_translate(cor_str(text), &translated, &fault);

	if (rc == -COR_EINVALID)
		snprintf(why.text, why.bytes, "at character %zu %s", fault.at, fault.text);
	if (rc == 0)
		rc = compile_translated(context,
			(struct cor_str){ translated.len ? translated.data : "", translated.len },
			ret, why);
	cor_buffer_finish(&translated);
	return rc;
}

int cor_pattern_check(const char *text, char *why, size_t why_bytes)
{
	pcre2_code *code = NULL;
	int rc = compile_code(NULL, text, &code, (struct why){ why, why_bytes });

	pcre2_code_free(code);
	return rc;
}

static int make_ready(struct cor_pattern_room *room, struct cor_pattern *pattern)
{
	pattern->match = pcre2_match_data_create(1, NULL);
	if (!pattern->match || need_stack(room) < 0)
		return -ENOMEM;
	/* Without a JIT on this machine the interpreter does it. */
	pattern->jit = pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) == 0;
	return 0;
}

int cor_pattern_compile(struct cor_pattern_room *room, const char *text, struct cor_pattern **ret,
	char *why, size_t why_bytes)
{
	struct cor_pattern *pattern = new_pattern(room);

	if (!pattern)
		return -ENOMEM;
	int rc = compile_code(room->compile, text, &pattern->code, (struct why){ why, why_bytes });
	if (rc == 0)
		rc = make_ready(room, pattern);
	if (rc < 0)
		return rc;
	pattern->is_fixed = cor_fixed_pattern_compile(text, &pattern->fixed);
	*ret = pattern;
	return 0;
}

static int match(const struct cor_pattern *pattern, struct cor_str subject, uint32_t limit)
{
	PCRE2_SPTR data = (PCRE2_SPTR)(subject.data ? subject.data : "");
	pcre2_match_context *context = pattern->room->match;

	pcre2_set_match_limit(context, limit);
	if (pattern->jit)
		return pcre2_jit_match(
			pattern->code, data, subject.len, 0, 0, pattern->match, context);
	return pcre2_match(
		pattern->code, data, subject.len, 0, PCRE2_NO_UTF_CHECK, pattern->match, context);
}

int cor_pattern_match(
	const struct cor_pattern *pattern, struct cor_str subject, unsigned *slow_matches)
{
	if (pattern->is_fixed)
		return cor_fixed_pattern_match(&pattern->fixed, subject);
	int rc = match(pattern, subject, QUICK_LIMIT);
	if (rc == PCRE2_ERROR_MATCHLIMIT && *slow_matches < COR_SLOW_MATCHES_MAX) {
		++*slow_matches;
		rc = match(pattern, subject, SLOW_LIMIT);
	}
	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : -COR_ETOOLARGE;
}
