/* SPDX-License-Identifier: MIT */
#include "service/workplace.h"

#include "executor/nursery.h"
#include "executor/pool.h"
#include "service/composition.h"
#include "service/parcel.h"

/* A codec belongs to one thread, and a dispatcher knows the schemas that it is made of. */
int cor_workplace_begin(void *arg, struct cor_environment *ret, void **ret_own)
{
	const struct cor_workplace *workplace = arg;
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_arena scratch;

	cor_arena_init(&scratch, NULL, 0, 0);
	int rc = cor_dispatcher_create(&workplace->options, &scratch, NULL, &dispatcher);
	cor_arena_finish(&scratch);
	if (rc < 0)
		return rc;
	struct cor_environment *environments = cor_dispatcher_environment(dispatcher);
	for (size_t i = 0; i < cor_dispatcher_composition(dispatcher)->len; i++) {
		environments[i].tally = workplace->shared->tally;
		environments[i].timings = workplace->shared->timings;
		environments[i].calls = workplace->shared->calls;
		environments[i].pools = workplace->shared->pools;
		environments[i].topics = workplace->shared->topics;
	}
	*ret = *environments;
	*ret_own = dispatcher;
	return 0;
}

void cor_workplace_end(void *own)
{
	cor_dispatcher_destroy(own);
}

static const struct cor_executor *const *executors_of(const struct cor_workplace *workplace)
{
	return workplace->composition->whole->executors;
}

static void find_units(struct cor_workplace *workplace)
{
	const struct cor_executor *const *executors = executors_of(workplace);

	for (size_t i = 0; executors && executors[i] && i < COR_EXECUTORS_MAX; i++) {
		size_t member = cor_composition_owner(workplace->composition,
			offsetof(struct cor_service, executors), executors[i]);
		workplace->units[i] = (uint32_t)cor_composition_unit(
			workplace->composition, member);
	}
}

int cor_workplace_prepare(struct cor_workplace *workplace,
	int (*begin)(void *arg, struct cor_environment *ret, void **ret_own), void *arg)
{
	const struct cor_service *service = workplace->options.service;
	const struct cor_nursery_options options = {
		.name = service->name,
		.executors = executors_of(workplace),
		.units = workplace->units,
		.begin = begin,
		.end = cor_workplace_end,
		.arg = arg,
		.logger = workplace->options.logger,
	};

	workplace->nursery = NULL;
	find_units(workplace);
	return options.executors ? cor_nursery_open(&options, &workplace->nursery) : 0;
}

int cor_workplace_open(struct cor_workplace *workplace, struct cor_pools **ret)
{
	const struct cor_pool_surroundings surroundings = {
		.begin = cor_workplace_begin,
		.end = cor_workplace_end,
		.arg = workplace,
		.shared = workplace->shared,
		.units = workplace->units,
		.nursery = workplace->nursery,
		.marshaller = &cor_parcel_marshaller,
		.logger = workplace->options.logger,
	};

	*ret = NULL;
	return executors_of(workplace)
		       ? cor_pools_create(executors_of(workplace), &surroundings, ret)
		       : 0;
}
