/* SPDX-License-Identifier: MIT */
/* Who may use the desk: names with what is stored of their passwords, in memory. */
#ifndef EXAMPLES_NOTES_ACCOUNTS_H
#define EXAMPLES_NOTES_ACCOUNTS_H

#include <coracle/coracle.h>
#include <coracle/jwt.h>
#include <coracle/password.h>

#define NAME_BYTES   33
#define ACCOUNTS_MAX 1000

struct account {
	char name[NAME_BYTES];
	char hash[COR_PASSWORD_HASH_BYTES];
};

struct accounts {
	struct cor_mutex mutex;
	struct account items[ACCOUNTS_MAX];
	size_t len;
	struct cor_jwt_keys *keys; /* that sign tokens */
};

/* The principal of all schemes: the claim "sub" of a token. */
struct caller {
	const char *sub;
};
COR_DECLARE_SCHEMA(caller_schema, struct caller);

/* A password and a token, each as a scheme; passwords are computed by `computing`. */
extern const struct cor_security_scheme password_scheme, token_scheme;
extern const struct cor_executor computing;

extern const struct cor_resource users, sessions;

/* Where the state has them. */
struct accounts *accounts_of(struct cor_ctx *ctx);

#endif
