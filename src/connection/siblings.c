/* SPDX-License-Identifier: MIT */
#include "connection/siblings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/inbox.h"

/*
 * Of a row's inbox, for those of this generation: a row that a later one has taken over since
 * cannot be reached.
 */
static void print_name(
	const struct cor_siblings *siblings, uint32_t row, char ret[COR_INBOX_NAME_BYTES])
{
	snprintf(ret, COR_INBOX_NAME_BYTES, "coracle/%016" PRIx64 "/%" PRIu32 "/%" PRIu32,
		siblings->table->token, siblings->generation, row);
}

static struct cor_sibling *own_row(const struct cor_siblings *siblings)
{
	return &siblings->table->items[siblings->self];
}

static void show_row(struct cor_sibling_table *table, uint32_t row)
{
	uint32_t len = atomic_load(&table->len);

	while (len <= row && !atomic_compare_exchange_weak(&table->len, &len, row + 1))
		;
}

int cor_siblings_open(struct cor_siblings *siblings)
{
	char name[COR_INBOX_NAME_BYTES];

	print_name(siblings, siblings->self, name);
	atomic_store(&own_row(siblings)->generation, 0);
	atomic_store(&own_row(siblings)->connections, 0);
	atomic_store(&own_row(siblings)->coming, 0);
	siblings->spare = -1;
	siblings->has_left = false;
	siblings->inbox = cor_inbox_open(name);
	if (siblings->inbox < 0)
		return siblings->inbox;
	(void)cor_siblings_has_spare(siblings);
	show_row(siblings->table, siblings->self);
	return 0;
}

/* The watchdog may leave while a loop joins: whoever comes second takes the row out. */
void cor_siblings_join(struct cor_siblings *siblings)
{
	if (atomic_load(&siblings->has_left))
		return;
	atomic_store(&own_row(siblings)->generation, siblings->generation);
	if (atomic_load(&siblings->has_left))
		atomic_store(&own_row(siblings)->generation, 0);
}

void cor_siblings_rest(struct cor_siblings *siblings)
{
	atomic_store(&own_row(siblings)->generation, 0);
}

void cor_siblings_leave(struct cor_siblings *siblings)
{
	atomic_store(&siblings->has_left, true);
	atomic_store(&own_row(siblings)->generation, 0);
	cor_inbox_stop(siblings->inbox);
}

/* The row may have a new owner since it was counted up: then there is nothing to take back. */
static void count_down(_Atomic uint32_t *count)
{
	uint32_t now = atomic_load(count);

	while (now != 0 && !atomic_compare_exchange_weak(count, &now, now - 1))
		;
}

/* The row with the fewest; its own index where that is itself, give or take an eighth. */
static uint32_t find_least(const struct cor_siblings *siblings, uint32_t connections)
{
	const struct cor_sibling_table *table = siblings->table;
	uint32_t len = atomic_load_explicit(&table->len, memory_order_relaxed);
	uint32_t least = connections - connections / 8;
	uint32_t best = siblings->self;

	for (uint32_t i = 0; i < len; i++) {
		const struct cor_sibling *row = &table->items[i];
		uint32_t count = atomic_load_explicit(&row->connections, memory_order_relaxed) +
				 atomic_load_explicit(&row->coming, memory_order_relaxed);
		if (count >= least || i == siblings->self ||
			atomic_load_explicit(&row->generation, memory_order_relaxed) !=
				siblings->generation)
			continue;
		least = count;
		best = i;
	}
	return best;
}

/* Counted before it is sent, so that a burst does not go to one who has not looked yet. */
bool cor_siblings_hand_over(const struct cor_siblings *siblings, uint32_t connections,
	const struct cor_parcel *parcel, int fd)
{
	char name[COR_INBOX_NAME_BYTES];
	uint32_t best = find_least(siblings, connections);

	if (best == siblings->self)
		return false;
	struct cor_sibling *row = &siblings->table->items[best];
	print_name(siblings, best, name);
	atomic_fetch_add(&row->coming, 1);
	if (cor_inbox_send(siblings->inbox, name, parcel, sizeof *parcel, fd) == 0)
		return true;
	count_down(&row->coming);
	return false;
}

bool cor_siblings_has_spare(struct cor_siblings *siblings)
{
	int none = -1;

	if (atomic_load(&siblings->spare) >= 0)
		return true;
	int fd = fcntl(siblings->inbox, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && !atomic_compare_exchange_strong(&siblings->spare, &none, fd))
		close(fd);
	return fd >= 0;
}

bool cor_siblings_use_spare(struct cor_siblings *siblings)
{
	int fd = atomic_exchange(&siblings->spare, -1);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int cor_siblings_receive(struct cor_siblings *siblings, struct cor_parcel *ret)
{
	int fd;
	int rc = cor_inbox_receive(siblings->inbox, ret, sizeof *ret, &fd);

	if (rc == -EMFILE && cor_siblings_use_spare(siblings))
		rc = cor_inbox_receive(siblings->inbox, ret, sizeof *ret, &fd);
	if (rc < 0)
		return rc;
	count_down(&own_row(siblings)->coming);
	return fd;
}

void cor_siblings_close(struct cor_siblings *siblings)
{
	if (siblings->inbox < 0)
		return;
	(void)cor_siblings_use_spare(siblings);
	close(siblings->inbox);
	siblings->inbox = -1;
}
