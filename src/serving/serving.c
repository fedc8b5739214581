/* SPDX-License-Identifier: MIT */
#include "serving/serving.h"

#include "connection/introduction.h"
#include "observe/access.h"
#include "runtime/filter.h"

const char *cor_serving_date(struct cor_serving *serving)
{
	struct cor_scheduler *scheduler = serving->loop->scheduler;
	int64_t now_ns = cor_clock_now(scheduler);

	if (now_ns >= serving->date_until_ns) {
		int64_t wall_ns = cor_clock_realtime(scheduler);
		cor_imf_date_format(serving->date, wall_ns / COR_NS_PER_S);
		serving->date_until_ns = now_ns + COR_NS_PER_S - wall_ns % COR_NS_PER_S;
	}
	return serving->date;
}

struct cor_arrival cor_serving_arrival(const struct cor_connection *c)
{
	return (struct cor_arrival){
		.peer = c->peer,
		.trust = c->loop->group->trust,
		.is_tls = (c->filter && c->filter->is_secure) ||
			  (c->introduction && c->introduction->is_tls),
		.filter = c->filter,
		.proxy = c->introduction ? c->introduction->told : NULL,
	};
}

struct cor_head_limits cor_serving_head_limits(const struct cor_serving *serving)
{
	const struct cor_http_settings *settings = serving->settings;

	return (struct cor_head_limits){
		.request_line_bytes = settings->request_line_bytes,
		.header_line_bytes = settings->header_line_bytes,
		.header_block_bytes = settings->header_block_bytes,
		.header_count = settings->header_count,
	};
}

void cor_serving_put_before(struct cor_serving *serving, const struct cor_handler *handler)
{
	for (; serving; serving = serving->twin) {
		serving->handler = handler ? handler : serving->own_handler;
		serving->logs_access = handler || cor_access_wanted(serving->environment->logger);
	}
}

void cor_serving_init(struct cor_serving *serving, struct cor_loop *loop,
	const struct cor_http_settings *settings, const struct cor_handler *handler)
{
	*serving = (struct cor_serving){
		.loop = loop,
		.settings = settings,
		.handler = handler,
		.own_handler = handler,
		.environment = handler->environment,
		.memory_bytes = settings->request_memory_bytes,
		.timeout_ns = settings->request_timeout_ms * (int64_t)COR_NS_PER_MS,
		.logs_access = cor_access_wanted(handler->environment->logger),
		.figures = handler->figures ? handler->figures : &serving->own_figures,
		.figures_len = handler->figures ? handler->figures_len : 1,
	};
}

void cor_serving_share(struct cor_serving *twin, struct cor_serving *serving)
{
	twin->figures = serving->figures;
	twin->figures_len = serving->figures_len;
	serving->twin = twin;
}
