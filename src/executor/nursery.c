/* SPDX-License-Identifier: MIT */
#include "executor/nursery.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/error.h>

#include "executor/cradle.h"
#include "executor/turnover.h"
#include "runtime/cpus.h"
#include "observe/logger.h"
#include "runtime/forked.h"
#include "sandbox/compute.h"

#define CALL_BYTES_DEFAULT 65536

uint32_t cor_nursery_size(const struct cor_executor *executor)
{
	if (executor->kind != COR_PROCESSES)
		return 0;
	return executor->size ? executor->size : cor_cpus_usable();
}

uint32_t cor_nursery_mailboxes(const struct cor_executor *executor)
{
	return cor_nursery_size(executor) * (cor_turnover_is_planned(executor) ? 2 : 1);
}

size_t cor_nursery_call_bytes(const struct cor_executor *executor)
{
	return executor->call_bytes ? executor->call_bytes : CALL_BYTES_DEFAULT;
}

/* --- making --- */

static size_t stride_of(const struct cor_executor *executor)
{
	size_t call = cor_nursery_call_bytes(executor);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (sizeof(struct cor_mailbox) + call + page - 1) / page * page;
}

static struct cor_nursery *make(const struct cor_nursery_options *options, uint32_t len)
{
	struct cor_nursery *nursery = calloc(
		1, sizeof *nursery + len * sizeof nursery->executors[0]);

	if (!nursery)
		return NULL;
	nursery->options = *options;
	nursery->channel = -1;
	nursery->pids = calloc(len, sizeof nursery->pids[0]);
	for (size_t i = 0; options->executors[i]; i++) {
		const struct cor_executor *executor = options->executors[i];
		uint32_t size = cor_nursery_mailboxes(executor);
		for (uint32_t j = 0; j < size; j++)
			nursery->executors[nursery->len++] = executor;
		if (size != 0 && stride_of(executor) > nursery->stride)
			nursery->stride = stride_of(executor);
	}
	return nursery;
}

static void destroy(struct cor_nursery *nursery)
{
	if (nursery->channel >= 0)
		close(nursery->channel);
	cor_relay_close(&nursery->relay);
	if (nursery->mail)
		munmap(nursery->mail, nursery->len * nursery->stride);
	free(nursery->pids);
	free(nursery);
}

/* Pages that nobody touches cost nothing. */
static int map_mail(struct cor_nursery *nursery)
{
	void *mail = mmap(NULL, nursery->len * nursery->stride, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mail == MAP_FAILED || !nursery->pids)
		return -ENOMEM;
	nursery->mail = mail;
	return 0;
}

/* What stdio has gathered is written once. */
static int fork_it(struct cor_nursery *nursery)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	nursery->owner = getpid();
	(void)fflush(NULL);
	pid_t pid = fork();
	int error = errno;
	if (pid == 0) {
		close(ends[0]);
		nursery->channel = ends[1];
		cor_cradle_run(nursery);
	}
	close(ends[1]);
	nursery->channel = ends[0];
	nursery->pid = pid;
	return pid < 0 ? -error : 0;
}

static bool wants_sandbox(const struct cor_executor *const *executors)
{
	for (size_t i = 0; executors[i]; i++)
		if (executors[i]->isolation == COR_SANDBOX)
			return true;
	return false;
}

static void say(struct cor_logger *logger, const char *what)
{
	if (logger)
		cor_logger_log(logger, COR_LOG_ERROR, NULL, "COR_SANDBOX: %s", what);
	else
		cor_log_error(NULL, "COR_SANDBOX: %s", what);
}

int cor_nursery_open(const struct cor_nursery_options *options, struct cor_nursery **ret)
{
	struct cor_start_failure failure;
	uint32_t len = 0;

	for (size_t i = 0; options->executors[i]; i++)
		len += cor_nursery_mailboxes(options->executors[i]);
	if (len == 0) {
		*ret = NULL;
		return 0;
	}
	if (!cor_fork_is_safe())
		return -COR_ETHREADS;
	if (wants_sandbox(options->executors) && cor_sandbox_can_compute(&failure) < 0) {
		say(options->logger, failure.text);
		return -EOPNOTSUPP;
	}
	struct cor_nursery *nursery = make(options, len);
	if (!nursery)
		return -ENOMEM;
	int rc = map_mail(nursery);
	if (rc == 0)
		rc = cor_relay_open(&nursery->relay, options->logger);
	if (rc == 0)
		rc = fork_it(nursery);
	if (rc < 0)
		destroy(nursery);
	else
		*ret = nursery;
	return rc;
}

/* The end of the channel is the sign. */
void cor_nursery_close(struct cor_nursery *nursery)
{
	if (!nursery)
		return;
	close(nursery->channel);
	nursery->channel = -1;
	while (waitpid(nursery->pid, NULL, 0) < 0 && errno == EINTR)
		;
	destroy(nursery);
}

/* --- using it --- */

uint32_t cor_nursery_slot(const struct cor_nursery *nursery, const struct cor_executor *executor)
{
	uint32_t slot = 0;

	while (nursery->executors[slot] != executor)
		slot++;
	return slot;
}

struct cor_foreign cor_nursery_room(const struct cor_nursery *nursery, uint32_t slot)
{
	const char *room = cor_nursery_mailbox(nursery, slot)->room;

	return (struct cor_foreign){ room,
		room + cor_nursery_call_bytes(nursery->executors[slot]) };
}

/* Its memory is given back, too; a kernel that cannot do that has it overwritten. */
void cor_nursery_clear(const struct cor_nursery *nursery, uint32_t slot)
{
	char *mail = nursery->mail + slot * nursery->stride;

	if (madvise(mail, nursery->stride, MADV_REMOVE) < 0)
		memset(mail, 0, nursery->stride);
}

int cor_nursery_tell(struct cor_nursery *nursery, struct cor_nursery_order order)
{
	ssize_t sent;

	do
		sent = send(nursery->channel, &order, sizeof order, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -COR_EBROKEN : 0;
}

bool cor_nursery_lives(const struct cor_nursery *nursery)
{
	struct pollfd channel = { .fd = nursery->channel };

	return poll(&channel, 1, 0) == 0;
}
