/* SPDX-License-Identifier: MIT */
/* A GET or HEAD of static files: which file it is, redirects, and what is no file. */
#include "files/serve.h"

#include <errno.h>

#include <coracle/context.h>
#include <coracle/error.h>
#include <coracle/log.h>
#include <coracle/request.h>

#include "exchange/exchange.h"
#include "files/answer.h"

static int redirect(struct cor_exchange *x)
{
	struct cor_str path = cor_exchange_path(x), query = cor_exchange_query(x);
	const char *location = cor_printf(&x->ctx, "%.*s/%s%.*s", (int)path.len, path.data,
		query.len != 0 ? "?" : "", (int)query.len, query.len != 0 ? query.data : "");
	int rc = location ? cor_reply_header(&x->ctx, "Location", location) : -ENOMEM;

	return rc < 0 ? rc : x->ops->respond(x, 301, (struct cor_str){ 0 }, (struct cor_str){ 0 });
}

static int refuse(struct cor_exchange *x, int rc)
{
	struct cor_ctx *ctx = &x->ctx;

	switch (rc) {
	case -ENOENT:
		return cor_ctx_problem(ctx, 404, 0, "there is nothing at this path");
	case -EACCES:
		cor_log_warning(ctx, "the file of this path may not be read by the service");
		return cor_ctx_problem(ctx, 404, 0, "there is nothing at this path");
	case -EMFILE:
	case -ENFILE:
		return cor_ctx_problem(ctx, 503, rc, "too many files are open");
	default:
		return rc == -ENOMEM ? rc : cor_ctx_problem(ctx, 500, rc, "reading the file");
	}
}

int cor_file_server_serve(const struct cor_file_server *server, struct cor_exchange *x)
{
	struct cor_file_answer *answer = cor_file_answer_begin(x);
	struct cor_file_name name;

	if (!answer)
		return -ENOMEM;
	answer->cache_control = server->files->cache_control;
	int rc = cor_file_name_take(&x->ctx.arena, cor_exchange_path(x), server->segments, &name);
	if (rc == 0)
		rc = cor_file_select(server, &x->ctx.arena, &name,
			cor_exchange_list(x, COR_KNOWN_ACCEPT_ENCODING), &answer->selected);
	if (rc == 0)
		return cor_file_answer_send(answer);
	return rc == -EISDIR ? redirect(x) : refuse(x, rc);
}
