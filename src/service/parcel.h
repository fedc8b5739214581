/* SPDX-License-Identifier: MIT */
/** A handler that runs in a process: its request travels there, and its answer back. */
#ifndef CORACLE_SERVICE_PARCEL_H
#define CORACLE_SERVICE_PARCEL_H

#include <coracle/service.h>

#include "executor/marshaller.h"
#include "exchange/caller.h"
#include "exchange/exchange.h"
#include "security/admission.h"

#define COR_PARCEL_BYTES_MIN 4096 /* that an executor must have for a call */

/** A header that the handler has added to its reply. */
struct cor_parcel_header {
	const char *name;
	const char *value;
};

/** The call of such a handler. */
struct cor_parcel_call {
	struct cor_exchange *x; /* the request's own: as long as the job runs it is only read */
	const struct cor_operation *operation;
	const void *in;
	const char *peer;
	struct cor_caller caller;
	/* As they were: middleware goes on, and may change them, once a late job is given up. */
	const struct cor_ctx_value *values;
	const struct cor_admission *admission;
	bool of_trusted;
	/* What has come back, in the memory of the job's ctx. */
	void *out;
	struct cor_parcel_header *headers;
	size_t headers_len;
	uint32_t reply_status; /* of cor_respond(), cor_problem_with() or cor_reply_status_set() */
	bool adds_members;     /* of the second */
	struct cor_str reply;  /* what it has written; not to be trusted */
};

/** The job of a parcel: only processes do it. */
int cor_parcel_job(struct cor_ctx *ctx, struct cor_parcel_call *call) COR_CHECKED;

/** How it travels. */
extern const struct cor_marshaller cor_parcel_marshaller;

#endif
