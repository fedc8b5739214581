/* SPDX-License-Identifier: MIT */
#include "shelf/each.h"

#include <errno.h>
#include <stdlib.h>

#include <coracle/clock.h>

#include "runtime/clock.h"
#include "shelf/bytes.h"
#include "shelf/enter.h"

/* Entries are copied by the dozen, and shown with no lock held. They do not move between units. */

#define BATCH_BYTES (64 * 1024)

struct copied {
	struct cor_item item;
	uint32_t key_bytes;
};

struct batch {
	char *room;
	size_t bytes; /* of the room */
	size_t used;
	uint32_t next; /* the unit to go on from */
};

static size_t rounded(size_t bytes)
{
	return (bytes + _Alignof(struct copied) - 1) & ~(_Alignof(struct copied) - 1);
}

static size_t bytes_of(const struct cor_shelf_entry *entry)
{
	return rounded(sizeof(struct copied) + entry->key_bytes + entry->value_bytes);
}

static void copy(
	struct batch *batch, const struct cor_shelf_part *part, uint32_t unit, int64_t now_ns)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	struct copied *copied = (struct copied *)(void *)(batch->room + batch->used);
	char *key = (char *)(copied + 1);
	int64_t left_ns = entry->expires_ns - now_ns;

	copied->key_bytes = entry->key_bytes;
	copied->item = (struct cor_item){
		.value = { key + entry->key_bytes, entry->value_bytes },
		.ttl_ms = entry->expires_ns == COR_FOREVER ? COR_FOREVER
							   : (left_ns - 1) / COR_NS_PER_MS + 1,
		.version = entry->version,
	};
	cor_shelf_copy_key(part, unit, key);
	cor_shelf_copy_value(part, unit, key + entry->key_bytes);
	batch->used += bytes_of(entry);
}

/* Returns 0; or how many bytes the room must have for the next one. */
static size_t fill(struct batch *batch, const struct cor_shelf_part *part, int64_t now_ns)
{
	while (batch->next < part->units_len) {
		uint8_t begins = part->begins[batch->next];
		const struct cor_shelf_entry *entry = cor_shelf_entry(part, batch->next);

		if (begins == COR_SHELF_ENTRY && entry->expires_ns > now_ns) {
			if (bytes_of(entry) > batch->bytes - batch->used)
				return batch->used == 0 ? bytes_of(entry) : 0;
			copy(batch, part, batch->next, now_ns);
		}
		if (begins == COR_SHELF_ENTRY)
			batch->next += entry->run;
		else if (begins != COR_SHELF_INSIDE)
			batch->next += UINT32_C(1) << (begins - COR_SHELF_FREE);
		else
			batch->next++;
	}
	return 0;
}

static int refill(struct batch *batch, const struct cor_shelf_part *part)
{
	size_t needed = BATCH_BYTES;

	batch->used = 0;
	while (needed != 0) {
		int rc;

		if (needed > batch->bytes) {
			char *room = realloc(batch->room, needed);

			if (!room)
				return -ENOMEM;
			batch->room = room;
			batch->bytes = needed;
		}
		rc = cor_shelf_enter(part);
		if (rc < 0)
			return rc;
		needed = fill(batch, part, cor_monotonic_ns());
		cor_shelf_leave(part);
	}
	return 0;
}

/* Returns false: visit() has had enough. */
static bool show(const struct batch *batch,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg)
{
	for (size_t at = 0; at < batch->used;) {
		const struct copied *copied = (const struct copied *)(const void *)(batch->room +
										    at);
		const struct cor_str key = { (const char *)(copied + 1), copied->key_bytes };

		if (!visit(arg, key, &copied->item))
			return false;
		at += rounded(sizeof *copied + copied->key_bytes + copied->item.value.len);
	}
	return true;
}

int cor_shelf_each(struct cor_store *store,
	bool (*visit)(void *arg, struct cor_str key, const struct cor_item *item), void *arg)
{
	const struct cor_shelf *shelf = (struct cor_shelf *)(void *)store;
	struct batch batch = { 0 };
	bool goes_on = true;
	int rc = 0;

	for (uint32_t i = 0; i < shelf->parts_len && rc == 0 && goes_on; i++) {
		batch.next = 0;
		while (rc == 0 && goes_on && batch.next < shelf->parts[i].units_len) {
			rc = refill(&batch, &shelf->parts[i]);
			goes_on = rc < 0 || show(&batch, visit, arg);
		}
	}
	free(batch.room);
	return rc;
}
