/* SPDX-License-Identifier: MIT */
/*
 * /live, /ready and /startup: whether to restart the service, whether to send it clients, and
 * whether it has come up. None of them waits for anything that the service depends on.
 */
#include "control/control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "control/readiness.h"

struct probe {
	const char *verbose; /* whether it is given counts, not its value */
};
static const struct cor_field probe_fields[] = {
	COR_FIELD(struct probe, verbose, .presence = COR_OPTIONAL, .doc = "Say what was looked at"),
};
COR_LOCAL_SCHEMA(probe_schema, struct probe, probe_fields, .unknown = COR_IGNORE);

/* What an answer says of the workers. */
static char *describe(struct cor_ctx *ctx)
{
	const struct cor_control *control = cor_control_of(ctx);
	const struct cor_roster *roster = control->roster;

	return cor_printf(ctx, "master %" PRId32 "%s, %" PRIu32 " of %" PRIu32 " workers ready",
		roster->master, roster->is_ending ? " ending" : "",
		cor_control_count_ready(control), roster->posts);
}

static int answer(struct cor_ctx *ctx, const struct probe *in, bool is_well, const char *why,
	struct cor_str *out)
{
	const char *text = in->verbose || !is_well ? describe(ctx) : "";

	if (!text)
		return -ENOMEM;
	if (!is_well)
		return cor_problem(ctx, 503, 0, "%s: %s", why, text);
	*out = cor_str(cor_printf(ctx, "ok%s%s\n", text[0] ? ": " : "", text));
	return out->data ? 0 : -ENOMEM;
}

/* The process that answers this has a master: without one it ends. */
static int get_live(struct cor_ctx *ctx, const struct probe *in, struct cor_str *out)
{
	return answer(ctx, in, true, "", out);
}
COR_OPERATION(get_live_operation, get_live, probe_schema, COR_TEXT,
	.summary = "Whether the service lives");
const struct cor_resource cor_control_live = { .path = "/live", .get = &get_live_operation };

/* The checks of all workers stand below, a line each. */
static int answer_ready(struct cor_ctx *ctx, const struct probe *in, bool is_well, const char *why,
	struct cor_str *out)
{
	const char *lines;
	int rc = cor_control_print_checks(ctx, is_well ? "\n" : "; ", &lines);

	if (rc < 0)
		return rc;
	const char *text = in->verbose || !is_well ? describe(ctx) : "";
	if (!text)
		return -ENOMEM;
	if (!is_well)
		return cor_problem(ctx, 503, 0, "%s: %s%s", why, text, lines);
	*out = cor_str(in->verbose ? cor_printf(ctx, "ok: %s%s\n", text, lines) : "ok\n");
	return out->data ? 0 : -ENOMEM;
}

static int get_ready(struct cor_ctx *ctx, const struct probe *in, struct cor_str *out)
{
	const struct cor_control *control = cor_control_of(ctx);
	const char *why;

	if (control->roster->is_ending)
		return answer_ready(ctx, in, false, "the service ends", out);
	if (cor_control_count_ready(control) == 0)
		return answer_ready(ctx, in, false, "no worker is ready", out);
	int rc = cor_control_judge(ctx, &why);
	return rc < 0 ? rc : answer_ready(ctx, in, !why, why, out);
}
COR_OPERATION(get_ready_operation, get_ready, probe_schema, COR_TEXT,
	.summary = "Whether the service can take clients", .problems = { 503 });
const struct cor_resource cor_control_ready = { .path = "/ready", .get = &get_ready_operation };

static int get_startup(struct cor_ctx *ctx, const struct probe *in, struct cor_str *out)
{
	bool is_up = cor_control_of(ctx)->roster->has_been_up != 0;

	return answer(ctx, in, is_up, "no worker has been ready yet", out);
}
COR_OPERATION(get_startup_operation, get_startup, probe_schema, COR_TEXT,
	.summary = "Whether the service has come up", .problems = { 503 });
const struct cor_resource cor_control_startup = { .path = "/startup",
	.get = &get_startup_operation };
