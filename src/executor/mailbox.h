/* SPDX-License-Identifier: MIT */
/**
 * Memory that a pool's thread shares with the process that works for it: one job, and what has
 * become of it.
 *
 *     BORN -> READY <-> JOB
 *     BORN -> FAILED          READY -> LEAVE
 *
 * The thread moves it to BORN, JOB and LEAVE, the process to READY and FAILED. From any of them the
 * nursery adds DEAD when the process has ended: what the state says beside it is how far the
 * process came. Only a thread that has seen DEAD begins again with BORN.
 */
#ifndef CORACLE_EXECUTOR_MAILBOX_H
#define CORACLE_EXECUTOR_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/executor.h>

#include "executor/last_words.h"
#include "executor/marshaller.h"

enum cor_mail {
	COR_MAIL_BORN = 0, /* the process is made, and starts */
	COR_MAIL_READY,    /* it waits; what has become of the last job is here */
	COR_MAIL_JOB,      /* it works */
	COR_MAIL_LEAVE,    /* it is to end */
	COR_MAIL_FAILED,   /* its start has failed: the problem is here; it ends */
};

#define COR_MAIL_DEAD 0x100U /* besides one of these */

#define COR_MAIL_PROBLEM_BYTES 16384 /* of a problem's texts: the rest is cut off */

struct cor_mailbox {
	_Atomic uint32_t word;     /* one of the above */
	_Atomic uint32_t sleepers; /* that are to be woken when it changes */
	_Atomic int32_t pid;       /* 0: there is no process */
	int status;                /* of waitpid(), when it is dead */
	int fork_error;            /* a negative code: it was never made */

	struct cor_last_words last_words;
	_Atomic uint32_t log_level; /* of the owner: cor_log_level_follow() */
	cor_call *fn;
	uint32_t unit;                           /* see struct cor_future */
	const struct cor_marshaller *marshaller; /* NULL: the call is its bytes */
	int64_t deadline_ns;
	_Atomic uint32_t has_begun; /* the job: the process has seen it */
	size_t memory_bytes;        /* that the job may take of its ctx; 0: no limit */
	char request_id[COR_REQUEST_ID_BYTES];

	_Atomic uint32_t is_spoilt;   /* the process: another is to take its place */
	_Atomic uint64_t grown_bytes; /* by the process since it was ready: .recycle_bytes */
	int result;
	struct cor_ctx_record record; /* status 0: there is no problem; its texts are below */
	_Alignas(16) char problem[COR_MAIL_PROBLEM_BYTES];

	char *rest;               /* of the room, behind the call and all that belongs to it */
	_Alignas(16) char room[]; /* begins with the call */
};

/** Go from one state to another, and wake who waits. False: it was in another. */
bool cor_mailbox_move(struct cor_mailbox *mailbox, uint32_t from, uint32_t to) COR_CHECKED;

/** The process follows the log level of the caller's process, as it is now. */
void cor_mailbox_follow_log_level(struct cor_mailbox *mailbox);

/** The process has ended, as waitpid() says, or was never made (fork_error < 0). */
void cor_mailbox_bury(struct cor_mailbox *mailbox, int status, int fork_error);

/**
 * Block the thread until the state is not `seen`, for `wait_ns` at most (COR_FOREVER: as long as it
 * takes). Returns the state.
 */
uint32_t cor_mailbox_wait(struct cor_mailbox *mailbox, uint32_t seen, int64_t wait_ns);

/**
 * Whether it pays to look out for a while before sleeping: of one side of a mailbox. Zeroed, it is
 * to be found out.
 */
struct cor_lookout {
	uint32_t misses; /* in a row */
	uint32_t skips;  /* until it is tried again */
};

/**
 * Look for a state that is not `seen`, for less than a wake-up takes, and not at all where that has
 * not paid lately; others who want the processor get it. Returns the state.
 */
uint32_t cor_mailbox_look_out(
	const struct cor_mailbox *mailbox, uint32_t seen, struct cor_lookout *lookout);

/** Leave the ctx's problem here, as far as it can travel. */
void cor_mailbox_leave_problem(struct cor_mailbox *mailbox, const struct cor_ctx *ctx);

/** The ctx has the problem that was left here, if there is one. */
void cor_mailbox_take_problem(const struct cor_mailbox *mailbox, struct cor_ctx *ctx);

#endif
