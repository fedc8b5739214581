/* SPDX-License-Identifier: MIT */
#include "service/outskirts.h"

#include <errno.h>

#include "http/uri.h"
#include "service/verb.h"

static void refuse_malformed(struct cor_place *place)
{
	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		place->actions[method].refusal = 400;
		place->actions[method].route.name = "400";
		place->actions[method].detail =
			"the path has a bad percent-encoding, a %00, or a segment \".\" or \"..\"";
	}
}

static int init_place(struct cor_place *place, const struct cor_service *service,
	struct cor_encoder_pool *encoders, struct cor_arena *arena)
{
	int rc = cor_place_init(place, service, NULL, arena);

	if (rc == 0)
		rc = cor_place_plan_limits(place, service, arena);
	return rc < 0 ? rc : cor_place_code(place, service, encoders, arena);
}

int cor_outskirts_init(struct cor_outskirts *outskirts, const struct cor_service *service,
	struct cor_encoder_pool *encoders, struct cor_arena *arena)
{
	int rc = init_place(&outskirts->nowhere, service, encoders, arena);

	if (rc == 0)
		rc = init_place(&outskirts->malformed, service, encoders, arena);
	if (rc < 0)
		return rc;
	refuse_malformed(&outskirts->malformed);
	outskirts->nowhere.allow = cor_verbs_allowed(NULL, arena); /* OPTIONS * */
	if (!outskirts->nowhere.allow)
		return -ENOMEM;
	outskirts->whole_server = (struct cor_action){
		.route = { .name = "OPTIONS", .body_limit_bytes = -1 },
		.kind = COR_ACTION_OPTIONS,
		.place = &outskirts->nowhere,
	};
	return 0;
}

static void misdirect(struct cor_action *action, const struct cor_place *place)
{
	*action = (struct cor_action){
		.route = { .name = "421", .body_limit_bytes = -1 },
		.kind = COR_ACTION_REFUSE,
		.refusal = 421,
		.detail = "this server has no such host: see Host, or :authority",
		.place = place,
	};
}

void cor_outskirts_close(struct cor_outskirts *outskirts)
{
	for (int method = 0; method < COR_METHOD_COUNT; method++) {
		misdirect(&outskirts->nowhere.actions[method], &outskirts->nowhere);
		misdirect(&outskirts->malformed.actions[method], &outskirts->malformed);
	}
	misdirect(&outskirts->whole_server, &outskirts->nowhere);
	outskirts->nowhere.cors = outskirts->malformed.cors = NULL;
}

const struct cor_action *cor_outskirts_action(
	const struct cor_outskirts *outskirts, const struct cor_head *head, struct cor_str path)
{
	if (head->target_form == COR_TARGET_ASTERISK)
		return &outskirts->whole_server;
	if (cor_uri_check_path(path) < 0)
		return &outskirts->malformed.actions[head->method];
	return &outskirts->nowhere.actions[head->method];
}
