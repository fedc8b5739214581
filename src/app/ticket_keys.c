/* SPDX-License-Identifier: MIT */
#include "app/ticket_keys.h"

#include <string.h>

#include <coracle/random.h>

#define HOUR_S 3600

int cor_ticket_ring_init(void *region, size_t bytes)
{
	struct cor_ticket_ring *ring = region;

	memset(region, 0, bytes);
	return cor_lock_init(&ring->lock);
}

/* Whoever died while it wrote a key has sealed nothing with it. */
static int forget_all(void *arg)
{
	struct cor_ticket_ring *ring = arg;

	memset(ring->items, 0, sizeof ring->items);
	return 0;
}

static uint64_t hour_of(int64_t now_ns)
{
	return (uint64_t)(now_ns / COR_NS_PER_S / HOUR_S) + 1;
}

/* The key of the hour takes the place of the one before the last. */
bool cor_ticket_ring_newest(
	struct cor_ticket_ring *ring, int64_t now_ns, struct cor_tls_ticket_key *ret)
{
	uint64_t hour = hour_of(now_ns);
	size_t at = hour % COR_TICKET_KEY_HOURS;

	if (cor_lock_take(&ring->lock, forget_all, ring) < 0)
		return false;
	if (ring->items[at].hour != hour) {
		ring->items[at].hour = 0;
		cor_random_fill(&ring->items[at].key, sizeof ring->items[at].key);
		ring->items[at].hour = hour;
	}
	*ret = ring->items[at].key;
	cor_lock_give(&ring->lock);
	return true;
}

bool cor_ticket_ring_find(struct cor_ticket_ring *ring, int64_t now_ns, const uint8_t *name,
	struct cor_tls_ticket_key *ret, bool *ret_newest)
{
	uint64_t hour = hour_of(now_ns);
	bool found = false;

	if (cor_lock_take(&ring->lock, forget_all, ring) < 0)
		return false;
	for (size_t i = 0; i < COR_TICKET_KEY_HOURS && !found; i++) {
		uint64_t of_key = ring->items[i].hour;
		found = of_key != 0 && of_key + COR_TICKET_KEY_HOURS > hour &&
			memcmp(ring->items[i].key.name, name, sizeof ret->name) == 0;
		if (found) {
			*ret = ring->items[i].key;
			*ret_newest = of_key == hour;
		}
	}
	cor_lock_give(&ring->lock);
	return found;
}

static int64_t now_ns(void)
{
	return cor_system_clock.monotonic_ns(&cor_system_clock);
}

static bool newest(void *arg, struct cor_tls_ticket_key *ret)
{
	return cor_ticket_ring_newest(arg, now_ns(), ret);
}

static bool find(void *arg, const uint8_t *name, struct cor_tls_ticket_key *ret, bool *ret_newest)
{
	return cor_ticket_ring_find(arg, now_ns(), name, ret, ret_newest);
}

struct cor_tls_ticket_keys cor_ticket_keys_of(struct cor_ticket_ring *ring)
{
	return (struct cor_tls_ticket_keys){
		.newest = newest, .find = find, .arg = ring, .life_s = HOUR_S
	};
}
