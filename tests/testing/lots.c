/* SPDX-License-Identifier: MIT */
/*
 * A service that is empty when it starts, and lets nobody in who has not logged in: its contract,
 * as a program whose source is where the variable SOURCE of the environment says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/coracle.h>
#include <coracle/testing.h>

#define FIRST_ID 41

struct parking {
	uint32_t lots, sessions;
	bool is_ended;
};

static int start(struct cor_ctx *ctx, void **ret_state)
{
	*ret_state = cor_alloc(ctx, sizeof(struct parking));
	if (!*ret_state)
		return -ENOMEM;
	memset(*ret_state, 0, sizeof(struct parking));
	return 0;
}

/* --- who --- */

struct driver {
	const char *name;
};
static const struct cor_field driver_fields[] = {
	COR_FIELD(struct driver, name, .min_length = 1, .max_length = 20, .example = "\"ada\""),
};
COR_LOCAL_SCHEMA(driver_schema, struct driver, driver_fields);

/* That of the last session, until it has ended. */
static int check_token(struct cor_ctx *ctx, const char *token, struct driver *driver)
{
	const struct parking *parking = cor_state(ctx);
	char wanted[32];

	snprintf(wanted, sizeof wanted, "t%u", 7000 + parking->sessions);
	if (parking->sessions == 0 || parking->is_ended || strcmp(token, wanted) != 0)
		return cor_deny(ctx, "no session has this token");
	driver->name = "ada";
	return cor_grant(ctx, "");
}
COR_BEARER(token_scheme, check_token, driver_schema, .name = "token");

static int check_key(struct cor_ctx *ctx, const char *key, struct driver *driver)
{
	if (strcmp(key, "sesame & co") != 0)
		return cor_deny(ctx, "nobody has this key");
	driver->name = "ali";
	return cor_grant(ctx, "");
}
COR_API_KEY(
	key_scheme, check_key, driver_schema, .name = "key", .in = COR_FROM_QUERY, .key = "key");

/* --- coming and going --- */

struct session {
	const char *token;
};
static const struct cor_field session_fields[] = {
	COR_FIELD(struct session, token),
};
COR_LOCAL_SCHEMA(session_schema, struct session, session_fields);

static int log_in(struct cor_ctx *ctx, const struct driver *driver, struct session *session)
{
	struct parking *parking = cor_state(ctx);

	(void)driver;
	parking->sessions++;
	parking->is_ended = false;
	session->token = cor_printf(ctx, "t%u", 7000 + parking->sessions);
	return session->token ? 0 : -ENOMEM;
}
COR_OPERATION(log_in_operation, log_in, driver_schema, session_schema, .status = 201,
	.security = COR_PUBLIC);

static int log_out(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	struct parking *parking = cor_state(ctx);

	(void)in, (void)out;
	parking->is_ended = true;
	return 0;
}
COR_OPERATION(log_out_operation, log_out, COR_NONE, COR_NONE,
	.security = COR_SECURITY({ .scheme = &token_scheme }));
static const struct cor_resource sessions = {
	.path = "/sessions", .post = &log_in_operation, .delete = &log_out_operation
};

/* --- lots --- */

struct lot_ref {
	int64_t id;
};
static const struct cor_field lot_ref_fields[] = {
	COR_FIELD(struct lot_ref, id, .from = COR_FROM_PATH, .range = COR_BETWEEN(1, 100000)),
};
COR_LOCAL_SCHEMA(lot_ref_schema, struct lot_ref, lot_ref_fields);

struct lot {
	int64_t id;
	const char *name;
};
static const struct cor_field lot_fields[] = {
	COR_FIELD(struct lot, id, .access = COR_READ_ONLY),
	COR_FIELD(struct lot, name, .min_length = 1, .max_length = 20),
};
COR_LOCAL_SCHEMA(lot_schema, struct lot, lot_fields);

static int add_lot(struct cor_ctx *ctx, const struct lot *in, struct lot *out)
{
	struct parking *parking = cor_state(ctx);

	*out = *in;
	out->id = FIRST_ID + parking->lots++;
	return 0;
}
COR_OPERATION(add_lot_operation, add_lot, lot_schema, lot_schema, .status = 201);
static const struct cor_resource lots = { .path = "/lots",
	.post = &add_lot_operation,
	.security = COR_SECURITY({ .scheme = &token_scheme }) };

static int get_lot(struct cor_ctx *ctx, const struct lot_ref *ref, struct lot *out)
{
	const struct parking *parking = cor_state(ctx);

	if (ref->id < FIRST_ID || ref->id >= FIRST_ID + (int64_t)parking->lots)
		return cor_problem(ctx, 404, 0, "no lot %" PRId64, ref->id);
	*out = (struct lot){ .id = ref->id, .name = "North" };
	return 0;
}
COR_OPERATION(get_lot_operation, get_lot, lot_ref_schema, lot_schema, .problems = { 404 });
static const struct cor_resource one_lot = { .path = "/lots/{id}",
	.get = &get_lot_operation,
	.security = COR_SECURITY({ .scheme = &token_scheme }) };

static const struct cor_resource spots = { .path = "/spots/{id}",
	.get = &get_lot_operation,
	.security = COR_SECURITY({ .scheme = &key_scheme }) };

static const struct cor_resource *const resources[] = { &sessions, &lots, &one_lot, &spots, NULL };

static const struct cor_service parking_service = {
	.name = "parking",
	.version = "1",
	.resources = resources,
	.start = start,
	.single_process = true,
};

int main(int argc, char **argv)
{
	const char *source = getenv("SOURCE");
	const struct cor_contract contract = { .service = &parking_service };

	return cor_contract_run(__gcov_exit, argc, argv, source ? source : __FILE__, 1, &contract);
}
