/* SPDX-License-Identifier: MIT */
#include "executor/pool_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/room.h"
#include "executor/growth.h"
#include "executor/manners.h"
#include "executor/work.h"
#include "observe/logger.h"
#include "runtime/clock.h"
#include "runtime/forked.h"
#include "runtime/scheduler.h"
#include "sandbox/compute.h"

#define REST_NS      COR_NS_PER_MS /* without a job: there is time to put things back */
#define JOBS_BETWEEN 32            /* at most, until they are put back anyway */

struct life {
	const struct cor_nursery *nursery;
	const struct cor_executor *executor;
	struct cor_mailbox *mailbox;
	struct cor_foreign room; /* of the mailbox */
	void *call;              /* as many bytes */
	struct cor_environment environment;
	struct cor_ctx ctx; /* of start and stop */
	void *own;
	timer_t cpu_timer;          /* if the executor limits CPU time */
	struct cor_lookout lookout; /* for the next job */
	struct cor_manners manners;
	struct cor_growth growth; /* if it limits that */
};

/* --- becoming one --- */

/* A job that writes where it should not finds nothing of the others. */
static void forget_others(const struct cor_nursery *nursery, uint32_t slot)
{
	char *mine = nursery->mail + slot * nursery->stride;
	char *end = nursery->mail + nursery->len * nursery->stride;

	if (mine != nursery->mail)
		(void)munmap(nursery->mail, (size_t)(mine - nursery->mail));
	if (mine + nursery->stride != end)
		(void)munmap(mine + nursery->stride, (size_t)(end - mine) - nursery->stride);
}

static void become(const struct cor_nursery *nursery, uint32_t slot, pid_t parent)
{
	sigset_t none;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (int fd = STDERR_FILENO + 1; fd <= nursery->channel + 1; fd++)
		close(fd);
	forget_others(nursery, slot);
	cor_forked_settle();
	/* without, it only dies silently */
	cor_ignore(cor_last_words_prepare(&cor_nursery_mailbox(nursery, slot)->last_words));
	sigemptyset(&none);
	(void)pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static int limit_memory(const struct cor_executor *executor)
{
	const struct rlimit limit = { executor->memory_bytes, executor->memory_bytes };

	if (executor->memory_bytes == 0)
		return 0;
	return setrlimit(RLIMIT_DATA, &limit) < 0 ? -errno : 0;
}

/* Its signal, SIGXCPU, ends the process. */
static int make_cpu_timer(struct life *life)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGXCPU };

	if (life->executor->job_cpu_ms == 0)
		return 0;
	return timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &life->cpu_timer) < 0 ? -errno : 0;
}

/* 0: no longer. */
static void limit_cpu(const struct life *life, uint32_t ms)
{
	const struct itimerspec time = { .it_value = {
						 ms / 1000, (long)(ms % 1000) * COR_NS_PER_MS } };

	if (life->executor->job_cpu_ms != 0)
		(void)timer_settime(life->cpu_timer, 0, &time, NULL);
}

/* What the start has needed is there. */
static int enter_sandbox(struct life *life)
{
	struct cor_start_failure failure;
	int rc = cor_sandbox_compute(life->growth.fd, &failure);

	return rc < 0 ? cor_problem(&life->ctx, 500, rc, "%s", failure.text) : 0;
}

/* Of the service that lists the executor. */
static uint32_t unit_of(const struct life *life)
{
	const struct cor_nursery_options *options = &life->nursery->options;
	size_t at = 0;

	while (options->executors[at] != life->executor)
		at++;
	return options->units ? options->units[at] : 0;
}

static int start(struct life *life)
{
	const struct cor_nursery_options *options = &life->nursery->options;
	int rc = 0;

	cor_this_thread.duty.executor = life->executor->name;
	cor_log_level_follow(&life->mailbox->log_level);
	if (options->begin)
		rc = options->begin(options->arg, &life->environment, &life->own);
	struct cor_environment *its = cor_environment_of_unit(&life->environment, unit_of(life));
	cor_ctx_init(&life->ctx, its, NULL, 0, 0);
	life->call = malloc((size_t)(life->room.end - life->room.start));
	if (rc == 0 && !life->call)
		rc = -ENOMEM;
	if (rc == 0)
		rc = limit_memory(life->executor);
	if (rc == 0)
		rc = make_cpu_timer(life);
	if (rc == 0 && life->executor->recycle_bytes != 0)
		rc = cor_growth_open(&life->growth);
	if (rc == 0 && life->executor->start)
		rc = life->executor->start(&life->ctx, &life->environment.thread_state);
	its->thread_state = life->environment.thread_state;
	cor_last_words_keep();
	cor_manners_begin(&life->manners, life->executor->isolation == COR_SANDBOX);
	if (rc == 0 && life->executor->isolation == COR_SANDBOX)
		rc = enter_sandbox(life);
	if (rc == 0 && life->growth.fd >= 0)
		cor_growth_begin(&life->growth);
	if (rc != 0)
		cor_pool_say_failure(life->executor, "process", &life->ctx, rc);
	return rc;
}

/* --- jobs --- */

struct delivery {
	struct cor_mailbox *mailbox;
	void *call;            /* room for one that is its bytes */
	struct cor_arena room; /* for what comes of it */
};

/* What a child of the job writes there, its parent does not see. */
static int run_on_copy(struct cor_mailbox *mailbox, struct cor_ctx *ctx, void *call)
{
	size_t bytes = (size_t)(mailbox->rest - mailbox->room);

	memcpy(call, mailbox->room, bytes);
	int rc = mailbox->fn(ctx, call);
	cor_forked_check();
	memcpy(mailbox->room, call, bytes);
	return rc;
}

static int deliver(struct cor_ctx *ctx, void *arg)
{
	struct delivery *delivery = arg;
	struct cor_mailbox *mailbox = delivery->mailbox;

	if (!mailbox->marshaller)
		return run_on_copy(mailbox, ctx, delivery->call);
	return mailbox->marshaller->run(ctx, mailbox->room, &delivery->room);
}

static void work(struct life *life)
{
	struct cor_mailbox *mailbox = life->mailbox;
	struct delivery delivery = { .mailbox = mailbox, .call = life->call };
	const char *end = life->room.end;
	struct cor_ctx ctx;

	atomic_store(&mailbox->has_begun, 1);
	cor_arena_init_room(&delivery.room, mailbox->rest, (size_t)(end - mailbox->rest));

	struct cor_environment *its = cor_environment_of_unit(&life->environment, mailbox->unit);
	its->thread_state = life->environment.thread_state;
	cor_ctx_init(&ctx, its, NULL, 0, mailbox->memory_bytes);
	memcpy(ctx.request_id, mailbox->request_id, sizeof ctx.request_id);
	cor_this_thread.duty.operation = NULL; /* known to those who have it from the call */
	limit_cpu(life, life->executor->job_cpu_ms);
	errno = 0; /* see COR_FACT_SHORT */
	mailbox->result = cor_job_call(deliver, &ctx, &delivery, mailbox->deadline_ns);
	cor_ctx_await(&ctx);
	limit_cpu(life, 0);
	cor_mailbox_leave_problem(mailbox, &ctx);
	cor_ctx_finish(&ctx);
	if (life->growth.fd >= 0)
		atomic_store(&mailbox->grown_bytes, cor_growth_bytes(&life->growth));
}

/* A job that has come meanwhile has not begun, and finds another process. */
static void give_up(struct cor_mailbox *mailbox)
{
	atomic_store(&mailbox->is_spoilt, 1);
	cor_ignore(cor_mailbox_move(mailbox, COR_MAIL_READY, COR_MAIL_LEAVE));
}

/* Returns whether there is a job. What takes long is put back when nobody waits for it. */
static bool await_job(struct life *life)
{
	struct cor_mailbox *mailbox = life->mailbox;
	bool is_due = life->manners.jobs != 0;
	bool is_overdue = life->manners.jobs >= JOBS_BETWEEN;
	uint32_t word = COR_MAIL_READY;

	if (!is_overdue)
		word = cor_mailbox_look_out(mailbox, COR_MAIL_READY, &life->lookout);
	if (is_due && !is_overdue && word == COR_MAIL_READY)
		word = cor_mailbox_wait(mailbox, COR_MAIL_READY, REST_NS);
	if (is_due && word == COR_MAIL_READY && !cor_manners_restore(&life->manners)) {
		give_up(mailbox);
		return false;
	}
	if (word == COR_MAIL_READY)
		word = cor_mailbox_wait(mailbox, COR_MAIL_READY, COR_FOREVER);
	return word == COR_MAIL_JOB;
}

static void serve(struct life *life)
{
	while (await_job(life)) {
		work(life);
		cor_manners_restore_first(&life->manners);
		if (!cor_mailbox_move(life->mailbox, COR_MAIL_JOB, COR_MAIL_READY))
			return;
	}
}

static void stop(struct life *life)
{
	const struct cor_nursery_options *options = &life->nursery->options;

	if (life->executor->stop)
		life->executor->stop(&life->ctx, life->environment.thread_state);
	cor_ctx_await(&life->ctx);
	cor_ctx_finish(&life->ctx);
	if (options->end && life->own)
		options->end(life->own);
	free(life->call);
}

_Noreturn void cor_pool_process_run(const struct cor_nursery *nursery, uint32_t slot)
{
	struct life life = {
		.nursery = nursery,
		.executor = nursery->executors[slot],
		.mailbox = cor_nursery_mailbox(nursery, slot),
		.room = cor_nursery_room(nursery, slot),
		.growth = { .fd = -1 },
	};

	become(nursery, slot, getppid());
	if (start(&life) != 0) {
		cor_ignore(cor_mailbox_move(life.mailbox, COR_MAIL_BORN, COR_MAIL_FAILED));
		_exit(0);
	}
	if (cor_mailbox_move(life.mailbox, COR_MAIL_BORN, COR_MAIL_READY))
		serve(&life);
	stop(&life);
	(void)fflush(NULL);
	_exit(0);
}
