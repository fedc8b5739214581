/* SPDX-License-Identifier: MIT */
#include "runtime/seams.h"

#include <assert.h>

#include "runtime/scheduler.h"

struct cor_seams cor_seams_complete(const struct cor_seams *seams)
{
	struct cor_seams whole = seams ? *seams : (struct cor_seams){ 0 };

	if (!whole.clock)
		whole.clock = &cor_system_clock;
	if (!whole.random)
		whole.random = &cor_system_random;
	if (!whole.transport)
		whole.transport = &cor_system_transport;
	if (!whole.poller)
		whole.poller = &cor_system_poller;
	return whole;
}

void cor_seams_enter(struct cor_thread_seams *own, const struct cor_seams *seams)
{
	own->seams = cor_seams_complete(seams);
	own->outer = cor_this_thread.seams;
	cor_this_thread.seams = own;
}

void cor_seams_leave(struct cor_thread_seams *own)
{
	struct cor_thread_seams **at = &cor_this_thread.seams;

	while (*at && *at != own)
		at = &(*at)->outer;
	assert(*at); /* else another thread's */
	if (*at)
		*at = own->outer;
}

const struct cor_clock *cor_clock_here(void)
{
	const struct cor_thread *here = &cor_this_thread;

	if (here->scheduler)
		return here->scheduler->clock;
	return here->seams ? here->seams->seams.clock : &cor_system_clock;
}

const struct cor_transport *cor_transport_here(void)
{
	const struct cor_thread *here = &cor_this_thread;

	if (here->scheduler)
		return here->scheduler->transport;
	return here->seams ? here->seams->seams.transport : &cor_system_transport;
}

const struct cor_random *cor_random_here(void)
{
	const struct cor_thread *here = &cor_this_thread;

	if (here->scheduler)
		return here->scheduler->random.source;
	return here->seams ? here->seams->seams.random : &cor_system_random;
}
