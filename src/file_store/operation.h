/* SPDX-License-Identifier: MIT */
/**
 * What a store does, as one call that blocks: the same where it runs at once and on a thread of the
 * pool.
 */
#ifndef CORACLE_FILE_STORE_OPERATION_H
#define CORACLE_FILE_STORE_OPERATION_H

#include "file_store/file_store.h"

struct cor_file_call {
	/* One of cor_file_get() ...: what is to be done. */
	int (*act)(struct cor_file_store *store, struct cor_file_call *call);
	struct cor_str key;
	struct cor_item item; /* in, of what puts; out, of get and each */
	enum cor_put how;
	int64_t by;
	int64_t ttl_ms;
	const struct cor_clock *clock; /* the caller's */
	int64_t began_ns;              /* by it */
	struct cor_file_moment now;    /* since the stripe is locked: what is there is older */
	struct cor_arena *arena;       /* for the answer */
	bool only_reads;               /* and waits for no stripe */
	bool at_once;                  /* of get: what must wait is -EAGAIN */
	bool has_waited;               /* out: for another thread */
	uint64_t number;               /* out, of add */
	char *names;                   /* out, of list: of COR_ENTRY_NAME_BYTES each */
	size_t len;                    /* of names */
	const char *name;              /* of get_named: the file */
	struct cor_str found;          /* out, of get_named: the key */
};

int cor_file_get(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;
int cor_file_put(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;
int cor_file_remove(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;
int cor_file_touch(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;
int cor_file_add(struct cor_file_store *store, struct cor_file_call *call) COR_CHECKED;

#endif
