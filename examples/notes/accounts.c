/* SPDX-License-Identifier: MIT */
#include "accounts.h"

#include <errno.h>
#include <string.h>

#define TOKEN_LIFE_S 3600

static const struct cor_field caller_fields[] = {
	COR_FIELD(struct caller, sub, .doc = "The name of the account"),
};
COR_SCHEMA(caller_schema, caller_fields);

/* Two at once: each takes 16 MiB and a fifth of a second. */
const struct cor_executor computing = { .name = "computing", .size = 2 };

/* --- tokens: signed here, and checked without looking anything up --- */

static const struct cor_jwt_keys *keys_of(struct cor_ctx *ctx)
{
	return accounts_of(ctx)->keys;
}

static const struct cor_jwt_rules rules = { .keys = keys_of, .issuer = "notes" };
COR_JWT(token_scheme, rules, caller_schema, .name = "token", .doc = "From POST /sessions");

/* --- passwords --- */

/* What is stored; NULL: there is no such account. The items never move. */
static struct account *find(struct accounts *accounts, const char *name)
{
	struct account *found = NULL;

	if (cor_mutex_lock(&accounts->mutex) < 0)
		return NULL;
	for (size_t i = 0; i < accounts->len && !found; i++)
		if (strcmp(accounts->items[i].name, name) == 0)
			found = &accounts->items[i];
	cor_mutex_unlock(&accounts->mutex);
	return found;
}

struct check {
	const char *password, *hash;
};

static int check_hash(struct cor_ctx *ctx, struct check *check)
{
	(void)ctx;
	return cor_password_verify(check->password, check->hash, NULL, NULL);
}

static int check_password(struct cor_ctx *ctx, const struct cor_login *login, struct caller *caller)
{
	const struct account *account = find(accounts_of(ctx), login->name);
	struct check check = { login->password, account ? account->hash : NULL };
	int rc = cor_offload(ctx, &computing, check_hash, &check);

	if (rc == -EACCES)
		return cor_deny(ctx, "%s has another password", login->name);
	caller->sub = login->name;
	return rc;
}
COR_BASIC(password_scheme, check_password, caller_schema, .name = "password",
	.doc = "Of POST /users");

/* --- POST /users --- */

struct user {
	char name[NAME_BYTES];
	const char *password;
};
static const struct cor_field user_fields[] = {
	COR_FIELD(struct user, name, .pattern = "^[a-z][a-z0-9-]*$", .example = "\"alice\""),
	COR_FIELD(struct user, password, .access = COR_WRITE_ONLY, .min_length = 8,
		.max_length = 200),
};
COR_LOCAL_SCHEMA(user_schema, struct user, user_fields);

struct hash {
	const char *password;
	char text[COR_PASSWORD_HASH_BYTES];
};

static int make_hash(struct cor_ctx *ctx, struct hash *hash)
{
	(void)ctx;
	return cor_password_hash(hash->password, NULL, hash->text);
}

static int add(struct cor_ctx *ctx, struct accounts *accounts, const struct account *account)
{
	if (accounts->len == ACCOUNTS_MAX)
		return cor_problem(
			ctx, 507, 0, "there are %d accounts, and no more may be", ACCOUNTS_MAX);
	for (size_t i = 0; i < accounts->len; i++)
		if (strcmp(accounts->items[i].name, account->name) == 0)
			return cor_problem(ctx, 409, 0, "%s has an account", account->name);
	accounts->items[accounts->len++] = *account;
	return 0;
}

static int add_user(struct cor_ctx *ctx, const struct user *in, struct user *out)
{
	struct accounts *accounts = accounts_of(ctx);
	struct hash hash = { .password = in->password };
	struct account account;
	int rc = cor_offload(ctx, &computing, make_hash, &hash);

	if (rc == 0)
		rc = cor_mutex_lock(&accounts->mutex);
	if (rc < 0)
		return rc;
	memcpy(account.name, in->name, sizeof account.name);
	memcpy(account.hash, hash.text, sizeof account.hash);
	rc = add(ctx, accounts, &account);
	cor_mutex_unlock(&accounts->mutex);
	*out = *in;
	return rc;
}
COR_OPERATION(add_user_operation, add_user, user_schema, user_schema, .status = 201,
	.summary = "Make an account", .problems = { 409, 507 }, .security = COR_PUBLIC);

/* --- POST /sessions --- */

struct session {
	struct cor_str token;
	int32_t expires_in;
};
static const struct cor_field session_fields[] = {
	COR_FIELD(struct session, token),
	COR_FIELD(struct session, expires_in, .doc = "Seconds"),
};
COR_LOCAL_SCHEMA(session_schema, struct session, session_fields);

static int begin_session(struct cor_ctx *ctx, const struct cor_none *in, struct session *out)
{
	const struct caller *caller = cor_principal(ctx, caller_schema);

	(void)in;
	out->expires_in = TOKEN_LIFE_S;
	return cor_jwt_sign(ctx, accounts_of(ctx)->keys, caller_schema, caller, &out->token,
		&(struct cor_jwt_options){ .lifetime_s = TOKEN_LIFE_S, .issuer = "notes" });
}
COR_OPERATION(begin_session_operation, begin_session, COR_NONE, session_schema, .status = 201,
	.summary = "Get a token for a password",
	.security = COR_SECURITY({ .scheme = &password_scheme }));

/* What computes for long is not to be had often. */
static const struct cor_limit per_client = { .name = "passwords", .count = 30, .per_s = 60 };

const struct cor_resource users = {
	.path = "/users",
	.post = &add_user_operation,
	.limits = COR_LIMITS(&per_client),
	.tag = "accounts",
};
const struct cor_resource sessions = {
	.path = "/sessions",
	.post = &begin_session_operation,
	.limits = COR_LIMITS(&per_client),
	.tag = "accounts",
};
