/* SPDX-License-Identifier: MIT */
/** Whether a request is let in, and as whom: found once, and kept with its ctx. */
#ifndef CORACLE_SECURITY_ADMISSION_H
#define CORACLE_SECURITY_ADMISSION_H

#include <stdint.h>

#include <coracle/security.h>

#include "exchange/exchange.h"
#include "security/gate.h"

struct cor_admission {
	const struct cor_security_scheme *scheme; /* that let the client in; NULL: none */
	/* its scopes, with blanks between them; while a check runs, what that one grants */
	const char *granted;
	const struct cor_security_scheme *lacking; /* 403: whose principal lacks a scope */
	struct cor_str missing;                    /* that scope */
	enum { COR_ADMISSION_RUNS = 0, COR_ADMISSION_OVER } state;
	int rc; /* 0: let in; -EACCES: 401; -EPERM, -EXDEV: 403; else that of a check */
	const struct cor_ctx_record *record; /* the problem of that check */
	bool is_unknown;  /* a session was shown, and its cache fails: a 503 in place of a 401 */
	uint32_t refused; /* by place in the list: a credential was shown, and is nobody's */
};

/** Stands among the values of a ctx for its admission. */
extern const struct cor_schema cor_admission_key;

/** That of a request; NULL: nobody has asked yet. */
struct cor_admission *cor_admission_of(const struct cor_ctx *ctx);

/** Keep one that was found elsewhere: in a process. Returns 0 or -ENOMEM. */
int cor_admission_keep(struct cor_ctx *ctx, struct cor_admission *admission) COR_CHECKED;

/**
 * Find out who it is, unless that is known, without an answer yet. Yields as the schemes' checks
 * do. Returns 0 or -ENOMEM: what came of it is in cor_admission_of().
 */
int cor_admission_find(struct cor_exchange *x, const struct cor_gate *gate) COR_CHECKED;

/**
 * The name of the principal that a scheme has let in: the first row of its schema as text, in ctx
 * memory. Returns 0, -ENOENT (it has none: a row that is absent, or has no text) or -ENOMEM.
 */
int cor_admission_name(struct cor_ctx *ctx, const struct cor_security_scheme *scheme,
	struct cor_str *ret) COR_CHECKED;

/**
 * Let the request pass, or record why not: 401 and 403 with their challenges, or what a check has
 * failed with. Yields as above. Returns 0 or a negative code.
 */
int cor_admit(struct cor_exchange *x, const struct cor_gate *gate) COR_CHECKED;

#endif
