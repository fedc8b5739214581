/* SPDX-License-Identifier: MIT */
#include "app/witness.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/shared.h"
#include "connection/connection.h"
#include "connection/progress.h"
#include "runtime/stall.h"
#include "server/server.h"
#include "service/cache_metrics.h"

#define PATIENCE_MS 40 /* the control process has 100 */

/** What one thread that serves is asked. It writes, until it has answered. */
struct question {
	struct cor_task task;
	struct cor_loop *loop;
	uint32_t thread;
	_Atomic bool is_asked; /* and has not answered yet */
	struct cor_request_list list;
	struct cor_worker_sums
		known; /* what it has said last: a thread that is held has them still */
	struct cor_stall stall;
};

struct cor_witness {
	struct cor_desk *desk;
	pthread_t thread;
	bool runs;
	_Atomic bool is_over;
	bool can_ask_stalled;
	uint32_t seen;                        /* rings */
	const struct cor_cache_counter *kept; /* NULL: there are no caches */
	const struct cor_caches *caches;
	struct cor_request_list list;
	uint32_t questions_len;
	struct question questions[];
};

/* --- on the thread that is asked --- */

static void copy(char *ret, size_t bytes, const char *text)
{
	size_t len = strnlen(text, bytes - 1);

	memcpy(ret, text, len);
	ret[len] = '\0';
}

static void add(struct question *question, const struct cor_progress *progress)
{
	static const enum cor_request_state states[] = {
		[COR_PROGRESS_RUNNING] = COR_REQUEST_RUNNING,
		[COR_PROGRESS_WAITING] = COR_REQUEST_WAITING,
		[COR_PROGRESS_READING] = COR_REQUEST_READING,
		[COR_PROGRESS_WRITING] = COR_REQUEST_WRITING,
	};
	struct cor_address address;
	char peer[COR_ADDRESS_TEXT_BYTES];
	struct cor_request_row row = {
		.began_ns = progress->began_ns,
		.state = states[progress->state],
		.thread = question->thread,
		.figures = progress->figures,
	};

	cor_peer_address(&progress->connection->peer, &address);
	cor_address_print(&address, peer);
	copy(row.handler, sizeof row.handler, progress->handler);
	if (progress->waits_in)
		copy(row.waits_in, sizeof row.waits_in, progress->waits_in);
	copy(row.peer, sizeof row.peer, peer);
	copy(row.id, sizeof row.id, progress->request_id);
	cor_request_list_add(&question->list, &row);
}

static struct cor_worker_sums sums_of(const struct cor_loop *loop)
{
	struct cor_census census;

	cor_loop_take_census(loop, &census);
	return (struct cor_worker_sums){
		.idle = census.idle,
		.receiving = census.receiving,
		.busy = census.busy,
		.ending = census.ending,
		.fibers = census.fibers,
		.memory_bytes = census.memory_bytes,
	};
}

static void be_asked(struct cor_task *task)
{
	struct question *question = cor_container_of(task, struct question, task);
	struct cor_progress oldest[COR_REQUESTS_LISTED_MAX];
	uint32_t more = 0;
	uint32_t len = cor_loop_list_progress(
		question->loop, oldest, COR_REQUESTS_LISTED_MAX, &more);

	question->list.sums = sums_of(question->loop);
	question->list.len = 0;
	question->list.more = more;
	for (uint32_t i = 0; i < len; i++)
		add(question, &oldest[i]);
	atomic_store(&question->is_asked, false);
}

/* --- on its own --- */

/* One that still owes an answer to an earlier ring gives it to this one. */
static void ask(struct question *question)
{
	if (atomic_exchange(&question->is_asked, true))
		return;
	cor_scheduler_post(question->loop->scheduler, &question->task);
}

static bool has_answered(const struct question *question)
{
	return !atomic_load(&question->is_asked);
}

static void wait_for_answers(const struct cor_witness *witness)
{
	uint32_t at = 0;

	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		while (at < witness->questions_len && has_answered(&witness->questions[at]))
			at++;
		if (at == witness->questions_len)
			return;
		(void)poll(NULL, 0, 1);
	}
}

static void add_list(struct cor_request_list *to, const struct cor_request_list *from)
{
	for (uint32_t i = 0; i < from->len; i++)
		cor_request_list_add(to, &from->rows[i]);
	to->more += from->more;
}

/* Of its other requests nothing is known. */
static void add_held(struct cor_witness *witness, struct question *question)
{
	struct cor_scheduler *scheduler = question->loop->scheduler;
	struct cor_request_row row = {
		.began_ns = cor_scheduler_back_ns(scheduler),
		.state = COR_REQUEST_HOLDING,
		.thread = question->thread,
	};

	if (row.began_ns == COR_FOREVER)
		return; /* it has come back, or has ended */
	if (witness->can_ask_stalled && cor_stall_ask(scheduler, &question->stall) == 0) {
		copy(row.handler, sizeof row.handler, question->stall.fiber);
		copy(row.id, sizeof row.id, question->stall.request_id);
	}
	cor_request_list_add(&witness->list, &row);
}

static void hear(struct cor_witness *witness, struct question *question)
{
	if (has_answered(question)) {
		question->known = question->list.sums;
		add_list(&witness->list, &question->list);
	} else {
		add_held(witness, question);
	}
	cor_worker_sums_add(&witness->list.sums, &question->known);
}

static void answer(struct cor_witness *witness)
{
	for (uint32_t i = 0; i < witness->questions_len; i++)
		ask(&witness->questions[i]);
	wait_for_answers(witness);
	witness->list.len = witness->list.more = 0;
	witness->list.sums = (struct cor_worker_sums){ 0 };
	for (uint32_t i = 0; i < witness->questions_len; i++)
		hear(witness, &witness->questions[i]);
	if (witness->kept)
		cor_cache_counter_measure(witness->kept, witness->caches);
	cor_desk_answer(witness->desk, witness->seen, &witness->list);
}

static void *run(void *arg)
{
	struct cor_witness *witness = arg;

	for (;;) {
		witness->seen = cor_doorbell_wait(&witness->desk->bell, witness->seen);
		if (atomic_load(&witness->is_over))
			return NULL;
		answer(witness);
	}
}

/* --- life --- */

static struct cor_witness *make(const struct cor_server *server, uint32_t threads)
{
	struct cor_witness *witness = calloc(
		1, sizeof *witness + threads * sizeof witness->questions[0]);

	for (uint32_t i = 0; witness && i < threads; i++) {
		witness->questions[i].task.run = be_asked;
		witness->questions[i].loop = cor_server_loop(server, i);
		witness->questions[i].thread = i;
	}
	if (witness)
		witness->questions_len = threads;
	return witness;
}

int cor_witness_start(struct cor_program *program, struct cor_server *server)
{
	struct cor_desks *desks;

	if (!program->roster || !program->setup->master.control)
		return 0;
	int rc = cor_shared_desks(&program->segment, &desks);
	if (rc < 0)
		return rc;
	struct cor_witness *witness = make(server, (uint32_t)program->threads);
	program->witness = witness;
	if (!witness)
		return -ENOMEM;
	witness->desk = &desks->items[program->setup->child.slot];
	witness->seen = atomic_load(&witness->desk->bell.rings);
	witness->kept = program->kept;
	witness->caches = program->caches;
	witness->can_ask_stalled = cor_stall_install() == 0;
	rc = -pthread_create(&witness->thread, NULL, run, witness);
	witness->runs = rc == 0;
	if (witness->runs)
		atomic_store(&witness->desk->pid, getpid());
	return rc;
}

void cor_witness_stop(struct cor_program *program)
{
	struct cor_witness *witness = program->witness;

	if (!witness || !witness->runs)
		return;
	witness->runs = false;
	atomic_store(&witness->is_over, true);
	(void)cor_doorbell_ring(&witness->desk->bell);
	pthread_join(witness->thread, NULL);
}

void cor_witness_destroy(struct cor_witness *witness)
{
	free(witness);
}
