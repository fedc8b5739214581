/* SPDX-License-Identifier: MIT */
#include "file_store/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file_store/entry_file.h"
#include "file_store/scan.h"
#include "file_store/stripe.h"
#include "file_store/write.h"
#include "runtime/clock.h"

#define NAMES_FIRST 64

/* --- names --- */

struct list {
	char *names;
	size_t len;
	size_t room;
};

static int add_name(void *arg, const char *name, uint32_t stripe)
{
	struct list *list = arg;

	(void)stripe;
	if (list->len == list->room) {
		size_t room = list->room != 0 ? 2 * list->room : NAMES_FIRST;
		char *names = realloc(list->names, room * COR_ENTRY_NAME_BYTES);
		if (!names)
			return -ENOMEM;
		list->names = names;
		list->room = room;
	}
	memcpy(list->names + list->len++ * COR_ENTRY_NAME_BYTES, name, strlen(name) + 1);
	return 0;
}

int cor_file_list(struct cor_file_store *store, struct cor_file_call *call)
{
	struct list list = { 0 };
	int rc = cor_directory_walk(store, add_name, &list);

	if (rc == 0 && list.len != 0) {
		call->names = cor_arena_copy(
			call->arena, list.names, list.len * COR_ENTRY_NAME_BYTES);
		rc = call->names ? 0 : -ENOMEM;
	}
	call->len = rc == 0 ? list.len : 0;
	free(list.names);
	return rc;
}

/* --- look at one --- */

int cor_file_get_named(struct cor_file_store *store, struct cor_file_call *call)
{
	const struct cor_entry_read how = { .clock = call->clock, .arena = call->arena };
	struct cor_entry entry;
	int found = cor_entry_load_named(store, call->name, &how, &call->found, &entry);

	if (found == COR_ENTRY_BROKEN || found == COR_ENTRY_FOREIGN)
		cor_file_count_cause(store, COR_STORE_LOST);
	if (found != COR_ENTRY_GOOD)
		return found < 0 ? found : -ENOENT;
	call->item = (struct cor_item){
		.value = entry.value,
		.ttl_ms = entry.left_ns == COR_FOREVER ? COR_FOREVER
						       : (entry.left_ns - 1) / COR_NS_PER_MS + 1,
		.version = entry.head.version,
	};
	return 0;
}

/* --- clear --- */

static int clear_one(
	struct cor_file_store *store, struct cor_file_call *call, const char *name, uint32_t stripe)
{
	struct cor_arena arena;
	const struct cor_entry_read how = { .clock = call->clock, .arena = &arena };
	struct cor_entry entry;
	struct cor_str key;

	cor_arena_init(&arena, NULL, 0, 0);
	int found = cor_entry_load_named(store, name, &how, &key, &entry);
	cor_arena_finish(&arena);
	if (found < 0)
		return found;
	if (found == COR_ENTRY_NONE || found == COR_ENTRY_OTHER || found == COR_ENTRY_FOREIGN)
		return 0;
	int rc = cor_entry_remove(store, name, stripe);
	return rc == -ENOENT ? 0 : rc;
}

int cor_file_clear(struct cor_file_store *store, struct cor_file_call *call)
{
	int rc = cor_file_list(store, call);

	for (size_t i = 0; rc == 0 && i < call->len; i++) {
		const char *name = call->names + i * COR_ENTRY_NAME_BYTES;
		uint32_t stripe = 0;
		(void)!cor_entry_is_name(name, &stripe);
		rc = cor_stripe_lock(store, stripe);
		if (rc < 0)
			break;
		rc = clear_one(store, call, name, stripe);
		cor_stripe_unlock(store, stripe);
	}
	call->len = 0; /* the caller does not want them */
	return rc;
}
