/* SPDX-License-Identifier: MIT */
/**
 * A service inside of the process, in a world of its own, that is asked one request after another
 * as fast as it goes: without a test around it, as service.h of the testing folder has one.
 */
#ifndef CORACLE_FUZZ_STAGE_H
#define CORACLE_FUZZ_STAGE_H

#include <coracle/script.h>
#include <coracle/service.h>

#include "app/inside.h"
#include "base/buffer.h"
#include "http/answer_parser.h"
#include "http/chunked.h"
#include "world/world.h"

struct cor_fuzz_stage {
	const struct cor_service *service;
	int log; /* a descriptor */
	struct cor_world *world;
	struct cor_seams seams;
	struct cor_script *script;
	struct cor_inside *inside;
	int socket; /* the connection, which is kept; -1: none */
	bool has_ended;
};

/** What came; what it points to lasts until the next one. */
struct cor_fuzz_answer {
	const char *fault; /* why there is none; NULL: there is one */
	struct cor_answer_parser parser;
	struct cor_buffer received; /* the head, and what followed */
	struct cor_buffer body;
};

/** Start. Returns 0, or a code: what is wrong stands on standard error, or in the log. */
int cor_fuzz_stage_open(
	struct cor_fuzz_stage *stage, const struct cor_service *service, int log) COR_CHECKED;

/** Stop, and free it. Returns false if it does not stop: nothing is freed then. */
bool cor_fuzz_stage_close(struct cor_fuzz_stage *stage);

/** Send bytes, and wait for the answer in the world's time. */
void cor_fuzz_stage_ask(struct cor_fuzz_stage *stage, struct cor_str bytes, bool is_head,
	struct cor_fuzz_answer *answer);

/** Let time pass. */
void cor_fuzz_stage_pass_s(struct cor_fuzz_stage *stage, int64_t seconds);

void cor_fuzz_answer_finish(struct cor_fuzz_answer *answer);

/** A header of the answer; empty: it has none. */
struct cor_str cor_fuzz_answer_header(const struct cor_fuzz_answer *answer, const char *name);

#endif
