/* SPDX-License-Identifier: MIT */
/**
 * What a loop has for the requests it serves, whatever protocol brings them: who answers, what they
 * may take, what is counted.
 */
#ifndef CORACLE_SERVING_SERVING_H
#define CORACLE_SERVING_SERVING_H

#include "base/date.h"
#include "connection/connection.h"
#include "exchange/caller.h"
#include "exchange/exchange.h"
#include "figures/requests.h"
#include "http/head_parser.h"
#include "serving/settings.h"

struct cor_serving {
	struct cor_loop *loop;
	const struct cor_http_settings *settings;
	const struct cor_handler *handler;
	/* Of settings and handler, what each request needs: here they are one step away. */
	const struct cor_environment *environment;
	size_t memory_bytes;
	int64_t timeout_ns;
	bool logs_access;
	uint32_t figures_len;
	struct cor_request_figures *figures;    /* the handler's, or its own */
	struct cor_route_parameters parameters; /* of the head that was parsed last */
	char date[COR_IMF_DATE_BYTES];          /* for the Date header */
	int64_t date_until_ns;                  /* monotonic */
	struct cor_request_figures own_figures;
	const struct cor_handler *own_handler; /* the one that it was made with */
	struct cor_serving *twin;              /* another of the same loop; NULL: none */
};

/**
 * Make it ready for the loop, which need not be ready itself. Settings and handler are borrowed.
 */
void cor_serving_init(struct cor_serving *serving, struct cor_loop *loop,
	const struct cor_http_settings *settings, const struct cor_handler *handler);

/** Make `twin`, of the same loop, count where `serving` does, and follow it. */
void cor_serving_share(struct cor_serving *twin, struct cor_serving *serving);

/**
 * Ask `handler` from the next request on, and have a line of the log for each answer that it gives
 * for a reason: see struct cor_route. NULL: the handler of the beginning again. So does its twin.
 */
void cor_serving_put_before(struct cor_serving *serving, const struct cor_handler *handler);

/** What the settings say of heads. */
struct cor_head_limits cor_serving_head_limits(const struct cor_serving *serving);

/** The Date header's value for now, COR_IMF_DATE_BYTES long. */
const char *cor_serving_date(struct cor_serving *serving);

/** How the requests of a connection have come. */
struct cor_arrival cor_serving_arrival(const struct cor_connection *connection);

#endif
