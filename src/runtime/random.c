/* SPDX-License-Identifier: MIT */
#include "runtime/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/scheduler.h"

/*
 * There is no way to go on with bytes that could be guessed; a kernel that Coracle runs on never
 * refuses.
 */
static void fill(const struct cor_random *random, void *ret, size_t bytes)
{
	char *at = ret;

	(void)random;
	while (bytes != 0) {
		ssize_t got = getrandom(at, bytes, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		bytes -= (size_t)got;
	}
}

const struct cor_random cor_system_random = { .fill = fill };

void cor_random_bytes(struct cor_scheduler *scheduler, void *ret, size_t bytes)
{
	struct cor_random_store *store = &scheduler->random;

	if (bytes > sizeof store->bytes) {
		store->source->fill(store->source, ret, bytes);
		return;
	}
	if (bytes > store->left) {
		store->source->fill(store->source, store->bytes, sizeof store->bytes);
		store->left = sizeof store->bytes;
	}
	unsigned char *from = store->bytes + sizeof store->bytes - store->left;
	memcpy(ret, from, bytes);
	memset(from, 0, bytes); /* what became a key must not be found here later */
	store->left -= (uint32_t)bytes;
}

static void fill_here(void *ret, size_t bytes)
{
	const struct cor_random *random = cor_random_here();

	random->fill(random, ret, bytes);
}

void cor_random_fill(void *ret, size_t bytes)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	if (scheduler)
		cor_random_bytes(scheduler, ret, bytes);
	else
		fill_here(ret, bytes);
}

/*
 * RFC 9562 section 4.1 and 4.2: the variant in the top bits of byte 8, the version in those of byte
 * 6.
 */
void cor_uuid_random(struct cor_uuid *ret)
{
	cor_random_fill(ret->bytes, sizeof ret->bytes);
	ret->bytes[6] = (uint8_t)((ret->bytes[6] & 0x0f) | 0x40);
	ret->bytes[8] = (uint8_t)((ret->bytes[8] & 0x3f) | 0x80);
}
