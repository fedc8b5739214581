/* SPDX-License-Identifier: MIT */
/**
 * What analysers have found in sources, put together: of clang-tidy, cppcheck, gcc and our own
 * rules.
 *
 * Each finding has a print that stays when lines above it come and go: of the tool, the rule, the
 * path and the text of the line. By it a baseline knows what was there before. All memory is the
 * arena's; an append without memory sets `error`.
 */
#ifndef CORACLE_LINT_FINDINGS_H
#define CORACLE_LINT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/str.h>

enum cor_finding_level {
	COR_FINDING_NOTE, /* style, performance: what could be better */
	COR_FINDING_WARNING,
	COR_FINDING_ERROR, /* it does not compile, or is sure to fail */
};

struct cor_finding {
	const char *tool; /* "clang-tidy", "cppcheck", "gcc", "coracle" */
	const char *rule; /* "bugprone-infinite-loop" */
	const char *path; /* from the project's folder */
	const char *message;
	uint32_t line, column; /* from 1; 0: of the whole file */
	enum cor_finding_level level;
	uint64_t print;
	bool is_known; /* the baseline has it */
};

struct cor_findings {
	struct cor_arena *arena;
	struct cor_finding *items;
	size_t len, room;
	int error; /* 0 or -ENOMEM */
};

/** Add one, unless the same was found at the same place already. Its texts are copied. */
void cor_findings_add(struct cor_findings *findings, const struct cor_finding *finding);

/**
 * Add what a tool has printed, in the form of compilers:
 * "PATH:LINE:COLUMN: warning: MESSAGE [RULE]".
 * Lines of another form, and notes to a finding, are passed over. `wants` says by which name a path
 * is reported, NULL if it is not.
 */
void cor_findings_read(struct cor_findings *findings, const char *tool, struct cor_str output,
	const char *(*wants)(void *arg, const char *path), void *arg);

/** By path, line and column, as reports list them. */
void cor_findings_sort(struct cor_findings *findings);

/**
 * Take those of a tool out that are wrong: the line says NOLINT, or the one before NOLINTNEXTLINE,
 * or it stands between NOLINTBEGIN and NOLINTEND; with rules in brackets, as "(analyzer-*)", only
 * these. Other tools than gcc do that by themselves.
 */
void cor_findings_leave_out(struct cor_findings *findings, const char *tool,
	struct cor_str (*text_of)(void *arg, const char *path), void *arg);

/** Give each its print; `text_of` gives the source of a path, {NULL, 0}: it is not there. Sorts. */
void cor_findings_mark(struct cor_findings *findings,
	struct cor_str (*text_of)(void *arg, const char *path), void *arg);

#endif
