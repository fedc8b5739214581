/* SPDX-License-Identifier: MIT */
/* A service whose sessions and limits are in caches, which settings put anywhere. */
#include <coracle/coracle.h>

struct visit {
	int64_t user;
	int64_t count;
};
static const struct cor_field visit_fields[] = {
	COR_FIELD(struct visit, user),
	COR_FIELD(struct visit, count),
};
COR_LOCAL_SCHEMA(visit_schema, struct visit, visit_fields);

static const struct cor_cache sessions = { .name = "sessions", .store = &cor_shared_store };
static const struct cor_session visits = {
	.keeps = COR_KEEPS(visit_schema), .idle_s = 3600, .cache = &sessions
};

static int get_visit(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct visit *visit = cor_session(ctx, &visits, visit_schema);

	(void)in;
	*out = cor_str(visit ? cor_printf(ctx, "%lld %lld", (long long)visit->user,
				       (long long)visit->count)
			     : "nobody");
	return out->data ? 0 : -ENOMEM;
}
COR_OPERATION(get_operation, get_visit, COR_NONE, COR_TEXT);

static int start_visit(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_session_start(ctx, &visits, visit_schema, &(struct visit){ .user = 7 });
}
COR_OPERATION(start_operation, start_visit, COR_NONE, COR_NONE, .problems = { 403 });

static int count_visit(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	const struct visit *visit = cor_session(ctx, &visits, visit_schema);
	struct visit next = visit ? *visit : (struct visit){ 0 };

	(void)in, (void)out;
	next.count++;
	int rc = cor_session_change(ctx, &visits, visit_schema, &next);
	return rc == -ENOENT ? cor_problem(ctx, 403, 0, "log in first") : rc;
}
COR_OPERATION(count_operation, count_visit, COR_NONE, COR_NONE, .problems = { 403 });

static int end_visit(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)in, (void)out;
	return cor_session_end(ctx, &visits);
}
COR_OPERATION(end_operation, end_visit, COR_NONE, COR_NONE, .problems = { 403 });

static const struct cor_resource visit_resource = { .path = "/visit",
	.get = &get_operation,
	.post = &start_operation,
	.put = &count_operation,
	.delete = &end_operation };

/* --- who is let in by a session --- */

static int check_visit(struct cor_ctx *ctx, const struct visit *visit, struct visit *member)
{
	*member = *visit;
	return cor_grant(ctx, "");
}
COR_SESSION_SCHEME(visit_scheme, check_visit, visits, visit_schema, visit_schema);

static int get_member(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	const struct visit *member = cor_principal(ctx, visit_schema);

	(void)in;
	*out = cor_str(cor_printf(ctx, "member %lld", (long long)member->user));
	return out->data ? 0 : -ENOMEM;
}
COR_OPERATION(member_operation, get_member, COR_NONE, COR_TEXT,
	.security = COR_SECURITY({ .scheme = &visit_scheme }));

COR_OPERATION(leave_operation, end_visit, COR_NONE, COR_NONE, .problems = { 403 },
	.security = COR_SECURITY({ .scheme = &visit_scheme }));

static const struct cor_resource member_resource = {
	.path = "/member", .get = &member_operation, .delete = &leave_operation
};

/* --- limits that are counted in a cache --- */

static const struct cor_cache counts = { .name = "counts", .store = &cor_shared_store };

static int by_header(struct cor_ctx *ctx, struct cor_str *ret)
{
	*ret = cor_request_header(ctx, "X-Client");
	return 0;
}

static const struct cor_limit open_limit = {
	.name = "open", .count = 20, .per_s = 100000, .key = by_header, .cache = &counts
};
static const struct cor_limit closed_limit = { .name = "closed",
	.count = 20,
	.per_s = 100000,
	.key = by_header,
	.cache = &counts,
	.fails_closed = true };

static int work(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(open_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&open_limit));
COR_OPERATION(closed_operation, work, COR_NONE, COR_NONE, .limits = COR_LIMITS(&closed_limit));

static const struct cor_resource open_resource = { .path = "/open", .get = &open_operation };
static const struct cor_resource closed_resource = { .path = "/closed", .get = &closed_operation };

static const struct cor_service keeper = {
	.name = "keeper",
	.version = "1.0.0",
	.resources = COR_RESOURCES(
		&visit_resource, &member_resource, &open_resource, &closed_resource),
	.sessions = COR_SESSIONS(&visits),
	.caches = COR_CACHES(&sessions, &counts),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &keeper);
}
