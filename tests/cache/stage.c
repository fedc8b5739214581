/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stage.h"

#include "runtime/scheduler.h"
#include "world/turns.h"

static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, cents),
	COR_FIELD(struct price, currency, .presence = COR_OPTIONAL, .max_length = 8),
};
COR_SCHEMA(price_schema, price_fields);

static const struct cor_field old_price_fields[] = {
	COR_FIELD(struct old_price, cents),
	COR_FIELD(struct old_price, currency, .presence = COR_OPTIONAL),
	COR_FIELD(struct old_price, note, .presence = COR_OPTIONAL),
};
COR_SCHEMA(old_price_schema, old_price_fields, .name = "price");

static const struct cor_field pair_fields[] = {
	COR_FIELD(struct pair, a),
	COR_FIELD(struct pair, b, .presence = COR_OPTIONAL),
};
COR_SCHEMA(pair_schema, pair_fields);

static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, currency, .fallback = "\"EUR\""),
};
COR_SCHEMA(wish_schema, wish_fields);

const struct cor_cache kept = {
	.name = "kept", .store = &fake_store, .value_bytes = 1000, .ttl_ms = 10000
};
const struct cor_cache common = {
	.name = "common", .store = &fake_common_store, .value_bytes = 1000, .ttl_ms = 10000
};
const struct cor_cache near = {
	.name = "near",
	.store = &fake_common_store,
	.value_bytes = 1000,
	.ttl_ms = 10000,
	.near_ttl_ms = 5000,
};
const struct cor_cache unlisted_cache = { .name = "unlisted", .store = &fake_store };

static const struct cor_service shop = {
	.name = "shop",
	.caches = COR_CACHES(&kept, &common, &near),
	.schemas = COR_SCHEMAS(price_schema, old_price_schema, pair_schema, wish_schema),
};

struct play {
	struct stage stage;
	void (*act)(struct stage *stage);
};

static int run_act(void *arg)
{
	struct play *play = arg;
	const struct cor_ctx_options options = { .service = &shop };

	assert_int_equal(cor_ctx_create(&options, &play->stage.ctx), 0);
	assert_int_equal(cor_ctx_create(&options, &play->stage.other), 0);
	play->act(&play->stage);
	cor_ctx_destroy(play->stage.ctx);
	cor_ctx_destroy(play->stage.other);
	return 0;
}

void stage_run(void (*act)(struct stage *stage))
{
	struct play play = { .act = act };
	struct cor_world *world = cor_world_create();
	struct cor_seams seams = cor_world_seams(world);
	struct cor_scheduler *scheduler;

	fake_reset();
	assert_int_equal(cor_scheduler_create_with(NULL, &seams, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, run_act, &play, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_world_run(world, scheduler), 0);
	cor_scheduler_destroy(scheduler);
	fake_reset();
	cor_world_destroy(world);
}
