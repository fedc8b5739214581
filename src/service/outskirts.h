/* SPDX-License-Identifier: MIT */
/** What a service answers where it has nothing. */
#ifndef CORACLE_SERVICE_OUTSKIRTS_H
#define CORACLE_SERVICE_OUTSKIRTS_H

#include "service/plan.h"

struct cor_encoder_pool;

struct cor_outskirts {
	struct cor_place nowhere;
	struct cor_place malformed;      /* of malformed paths */
	struct cor_action whole_server;  /* OPTIONS * */
	const struct cor_router *router; /* of the paths that slashes lead to; NULL: none do */
};

/** Let it refuse requests to hosts that nobody has, whatever they ask for: 421. */
void cor_outskirts_close(struct cor_outskirts *outskirts);

/** Make it. Returns 0 or -ENOMEM. */
int cor_outskirts_init(struct cor_outskirts *outskirts, const struct cor_service *service,
	struct cor_encoder_pool *encoders, struct cor_arena *arena) COR_CHECKED;

/** What a request comes to that found nothing, or whose path is malformed. */
const struct cor_action *cor_outskirts_action(
	const struct cor_outskirts *outskirts, const struct cor_head *head, struct cor_str path);

#endif
