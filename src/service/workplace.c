/* SPDX-License-Identifier: MIT */
#include "service/workplace.h"

#include "executor/nursery.h"
#include "executor/pool.h"
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
	*ret = *cor_dispatcher_environment(dispatcher);
	ret->tally = workplace->shared->tally;
	ret->pools = workplace->shared->pools;
	ret->topics = workplace->shared->topics;
	*ret_own = dispatcher;
	return 0;
}

void cor_workplace_end(void *own)
{
	cor_dispatcher_destroy(own);
}

int cor_workplace_prepare(struct cor_workplace *workplace,
	int (*begin)(void *arg, struct cor_environment *ret, void **ret_own), void *arg)
{
	const struct cor_service *service = workplace->options.service;
	const struct cor_nursery_options options = {
		.name = service->name,
		.executors = service->executors,
		.begin = begin,
		.end = cor_workplace_end,
		.arg = arg,
		.logger = workplace->options.logger,
	};

	workplace->nursery = NULL;
	return service->executors ? cor_nursery_open(&options, &workplace->nursery) : 0;
}

int cor_workplace_open(struct cor_workplace *workplace, struct cor_pools **ret)
{
	const struct cor_pool_surroundings surroundings = {
		.begin = cor_workplace_begin,
		.end = cor_workplace_end,
		.arg = workplace,
		.shared = workplace->shared,
		.nursery = workplace->nursery,
		.marshaller = &cor_parcel_marshaller,
		.logger = workplace->options.logger,
	};
	const struct cor_service *service = workplace->options.service;

	*ret = NULL;
	return service->executors ? cor_pools_create(service->executors, &surroundings, ret) : 0;
}
