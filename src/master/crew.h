/* SPDX-License-Identifier: MIT */
/**
 * The workers: started, replaced when they die, told to leave.
 *
 * A post is one of the places that the plan wants filled. A worker that holds one is replaced when
 * it dies: immediately after a good life, later and later if its kind keeps dying young. A worker
 * that has left its post finishes what it has begun. A candidate holds no post yet; it is for a
 * reload to give it one.
 *
 * A worker that asks to retire stays until its heir, which is started for its post, is ready.
 *
 *     STARTING --"ready"--> READY --told--> LEAVING --> gone
 *
 * Everything here belongs to the master's one thread and runs on its loop.
 */
#ifndef CORACLE_MASTER_CREW_H
#define CORACLE_MASTER_CREW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "master/generation.h"
#include "runtime/reactor.h"
#include "runtime/timer.h"

#define COR_POSTS_MAX 256
#define COR_SLOTS_MAX (2 * COR_POSTS_MAX)

#define COR_WORKER_WHY 512

struct cor_crew;
struct cor_logger;
struct cor_roster;
struct cor_scheduler;

enum cor_worker_state {
	COR_WORKER_STARTING,
	COR_WORKER_READY,
	COR_WORKER_LEAVING,
};

struct cor_worker {
	struct cor_crew *crew;
	struct cor_generation *generation;
	struct cor_watch watch; /* its channel */
	struct cor_timer timer; /* the time that it has to start, or to leave */
	uint32_t slot;
	pid_t pid;
	enum cor_worker_state state;
	int64_t started_ns;
	struct cor_post *post;    /* NULL: it holds none */
	struct cor_post *heir_of; /* the post that it gets when it is ready; NULL: none */
	bool has_served;          /* it was ready once, whatever has come of it */
	bool has_emptied;         /* told to leave, it accepts no more */
	bool was_killed;          /* by the master, whose time for it was up */
	char why[COR_WORKER_WHY]; /* it fails, as it has said last; empty: it has not */
};

struct cor_post {
	struct cor_crew *crew;
	struct cor_worker *worker; /* NULL: nobody, for now */
	struct cor_worker *heir;   /* of a worker that retires: starting; NULL: none */
	bool retires;              /* the worker that holds it has asked to */
	struct cor_timer again;
	unsigned young_deaths; /* in a row */
};

struct cor_crew {
	struct cor_scheduler *scheduler;
	struct cor_logger *logger;
	char *const *argv;
	const char *variables; /* what the names of the service's own begin with */
	int segment;
	struct cor_roster *roster; /* slots are claimed there */
	/* Of the posts; NULL before the first. */
	struct cor_generation *generation;
	struct cor_post posts[COR_POSTS_MAX];
	uint32_t posts_len;
	unsigned numbers; /* the highest that a generation has had */
	int32_t moved;    /* by signals, all in all: workers added less those removed */
	struct cor_worker *slots[COR_SLOTS_MAX];
	uint32_t alive; /* workers of any state */
	bool is_ending; /* nobody is replaced any more */
	/* The master's, or a reload's. On the loop. */
	void (*on_ready)(struct cor_crew *crew, struct cor_worker *worker);
	/* One could not be started: it is tried again later, unless this ends the crew. */
	void (*on_not_started)(struct cor_crew *crew);
	/* `status` is that of waitpid(); the worker is freed afterwards. */
	void (*on_gone)(struct cor_crew *crew, struct cor_worker *worker, int status);
	void (*on_emptied)(struct cor_crew *crew);
};

/**
 * Start a worker of the generation without a post. Returns 0, -ENOMEM, -EAGAIN, -ENOSPC (no slot is
 * free) or the errno of exec.
 */
int cor_crew_start(struct cor_crew *crew, struct cor_generation *generation,
	struct cor_worker **ret) COR_CHECKED;

/** Give it a post. The worker that held it has no post from then on, and its heir is dismissed. */
void cor_crew_appoint(struct cor_crew *crew, struct cor_post *post, struct cor_worker *worker);

/** As many posts from now on: new ones are filled, workers of surplus ones are told to drain. */
void cor_crew_resize(struct cor_crew *crew, uint32_t posts);

/** Say COR_WORD_DRAIN or COR_WORD_END to it. It has its drain timeout, and is killed after that. */
void cor_crew_dismiss(struct cor_worker *worker, const char *word);

/** Say COR_WORD_END, or COR_WORD_DRAIN, to all, and replace nobody any more. */
void cor_crew_end(struct cor_crew *crew, const char *word);

/** Say COR_WORD_STOP to all. */
void cor_crew_stop(struct cor_crew *crew);

/** Give all of them the file that they log to from now on. `fd` is borrowed. */
void cor_crew_give_log(struct cor_crew *crew, int fd);

/** Kill all that is left. */
void cor_crew_kill(struct cor_crew *crew);

/** Whether each post has a worker that is ready. */
bool cor_crew_is_whole(const struct cor_crew *crew);

/** Whether everybody who is alive has said that nobody is queued. */
bool cor_crew_has_emptied(const struct cor_crew *crew);

/** A child has died. Returns false if it was not of the crew. */
bool cor_crew_bury(struct cor_crew *crew, pid_t pid, int status);

#endif
