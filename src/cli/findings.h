/* SPDX-License-Identifier: MIT */
/** What `coracle doctor` finds: how it is, and, where it should be otherwise, what to do. */
#ifndef CORACLE_CLI_FINDINGS_H
#define CORACLE_CLI_FINDINGS_H

#include "cli/cli.h"

#define COR_FINDINGS_MAX 64 /* further ones are left out */

enum cor_finding_state {
	COR_FINDING_GOOD,
	COR_FINDING_NOTE, /* worth knowing */
	COR_FINDING_BAD,  /* to be mended: `advice` says how */
};

struct cor_finding {
	enum cor_finding_state state;
	const char *what;   /* a word or two: "open files" */
	const char *text;   /* how it is */
	const char *advice; /* NULL: nothing is to be done */
};

struct cor_findings {
	const struct cor_cli *cli;
	struct cor_finding items[COR_FINDINGS_MAX];
	size_t len;
	size_t bad;
};

/** Texts are in the arena, or constants. */
void cor_find(struct cor_findings *findings, enum cor_finding_state state, const char *what,
	const char *text, const char *advice);

#endif
