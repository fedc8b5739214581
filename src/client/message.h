/* SPDX-License-Identifier: MIT */
/** What a call sends: method, target, fields and body, in the memory of its ctx. */
#ifndef CORACLE_CLIENT_MESSAGE_H
#define CORACLE_CLIENT_MESSAGE_H

#include <coracle/client.h>

#include "base/number.h"
#include "client/sent_form.h"
#include "client/upstreams.h"
#include "http/url.h"
#include "schema/encode.h"

#define COR_MESSAGE_FIELDS_MAX 64

struct cor_message_body {
	struct cor_str bytes;                 /* if it has neither of the next two */
	const struct cor_http_source *source; /* NULL: none */
	struct cor_body *relayed;             /* NULL: none */
	const struct cor_sent_form *form;     /* that .source reads; NULL: it is another */
	int64_t length;                       /* as struct cor_carrier_request has it */
	bool was_read;                        /* something of it is gone */
};

struct cor_message {
	struct cor_str method;
	struct cor_url url; /* where it goes: of the upstream, until a redirect leads elsewhere */
	struct cor_http_field fields[COR_MESSAGE_FIELDS_MAX];
	size_t fields_len;
	struct cor_message_body body;
	bool is_repeatable;
	char *left; /* the value of the upstream's .deadline_header; NULL: it has none */
};

#define COR_MESSAGE_LEFT_BYTES COR_NUMBER_BYTES

/**
 * Make it. `wanted` is the schema of the answer; NULL: it is a stream. Returns 0, -ENOMEM,
 * -COR_ETABLE (a schema is not listed) or -EINVAL: *why says what contradicts itself.
 */
int cor_message_make(struct cor_ctx *ctx, const struct cor_upstream_here *here,
	const struct cor_http_call *call, const struct cor_schema *wanted, struct cor_message *ret,
	struct cor_encode_fault *why) COR_CHECKED;

/**
 * Why nobody may send such a field, as the end of a message about it: "cannot be the name of a
 * header". NULL: one may. A value of NULL is any.
 */
const char *cor_message_field_fault(const char *name, const char *value);

/** Whether a field speaks of the connection or the body, which only a carrier does. */
bool cor_message_owns_field(const char *name);

/** Take away a field, in any case. */
void cor_message_drop(struct cor_message *message, const char *name);

/** It becomes a GET without a body. */
void cor_message_drop_body(struct cor_message *message);

/** Whether its body can be sent once more. Calls .rewind of a source. Returns 0 or a code. */
int cor_message_rewind(struct cor_message *message) COR_CHECKED;

#endif
