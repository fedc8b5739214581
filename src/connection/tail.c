/* SPDX-License-Identifier: MIT */
#include "connection/tail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connection/connection.h"
#include "runtime/extents.h"

/*
 * A client that trickles: after it has been slow for so long, it must have kept up this pace
 * meanwhile.
 */
#define GRACE_S     10
#define BYTES_PER_S 500

/* The heap keeps large pieces that others lie between; mapped ones go back to the system. */
#define MAPPED_BYTES (64 * 1024)

/* --- memory --- */

static bool is_mapped(size_t bytes)
{
	return bytes >= MAPPED_BYTES;
}

static struct cor_tail *allocate(size_t capacity)
{
	size_t bytes = sizeof(struct cor_tail) + capacity;

	if (!is_mapped(bytes))
		return malloc(bytes);
	void *memory = mmap(
		NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void release(struct cor_tail *tail)
{
	size_t bytes = sizeof *tail + tail->capacity;

	if (is_mapped(bytes))
		munmap(tail, bytes);
	else
		free(tail);
}

/* Whole pages that have been sent from; the tail itself stands in the first. */
static void give_back(struct cor_tail *tail, size_t sent)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t end = (sizeof *tail + tail->at) / page * page;
	size_t begin = (sizeof *tail + tail->at - sent) / page * page;

	if (begin == 0)
		begin = page;
	if (is_mapped(sizeof *tail + tail->capacity) && begin < end)
		(void)madvise((char *)tail + begin, end - begin, MADV_DONTNEED);
}

/* --- the loop's list --- */

static void append(struct cor_loop *loop, struct cor_tail *tail)
{
	tail->next = NULL;
	tail->previous = loop->tails_last;
	if (loop->tails_last)
		loop->tails_last->next = tail;
	else
		loop->tails = tail;
	loop->tails_last = tail;
}

static void remove_from(struct cor_loop *loop, struct cor_tail *tail)
{
	if (tail->previous)
		tail->previous->next = tail->next;
	else
		loop->tails = tail->next;
	if (tail->next)
		tail->next->previous = tail->previous;
	else
		loop->tails_last = tail->previous;
}

static struct cor_crowd *crowd_of(const struct cor_tail *tail)
{
	return &tail->connection->loop->group->crowd;
}

/* It has moved: others have been waiting for longer. */
static void move_to_end(struct cor_tail *tail)
{
	struct cor_loop *loop = tail->connection->loop;

	remove_from(loop, tail);
	append(loop, tail);
}

/* --- life --- */

static void copy_behind(struct cor_tail *tail, struct cor_str text)
{
	if (text.len != 0)
		memcpy(tail->bytes + tail->len, text.data, text.len);
	tail->len += text.len;
}

static int64_t in_transit(const struct cor_connection *c)
{
	const struct cor_transport *transport = c->loop->scheduler->transport;
	ssize_t bytes = transport->in_transit(transport, c->watch.fd);

	return bytes < 0 ? 0 : (int64_t)bytes;
}

/* What was before it goes on in it. */
static void inherit(struct cor_tail *tail, struct cor_tail *before)
{
	size_t capacity = tail->capacity;

	*tail = *before;
	tail->capacity = capacity;
	tail->at = 0;
	tail->len = 0;
	copy_behind(tail, (struct cor_str){ before->bytes + before->at, before->len });
	remove_from(tail->connection->loop, before);
	release(before);
}

bool cor_tail_extend(struct cor_connection *c, struct cor_str first, struct cor_str second)
{
	struct cor_crowd *crowd = &c->loop->group->crowd;
	struct cor_tail *before = c->tail;
	assert(!before || !before->extents);
	size_t capacity = (before ? before->len : 0) + first.len + second.len;
	struct cor_tail *tail = allocate(capacity);

	if (!tail)
		return false;
	tail->capacity = capacity;
	if (before) {
		inherit(tail, before);
	} else {
		*tail = (struct cor_tail){ .connection = c, .capacity = capacity, .counts = true };
		tail->since_ns = cor_clock_now(c->loop->scheduler);
		tail->in_transit = in_transit(c);
		atomic_fetch_add(&crowd->tails, 1);
	}
	copy_behind(tail, first);
	copy_behind(tail, second);
	append(c->loop, tail);
	atomic_fetch_add(&crowd->bytes, first.len + second.len);
	c->tail = tail;
	return true;
}

bool cor_tail_extend_with(
	struct cor_connection *c, struct cor_str first, struct cor_extents *extents)
{
	if (!cor_tail_extend(c, first, COR_STR(""))) {
		cor_extents_destroy(extents);
		return false;
	}
	c->tail->extents = extents;
	return true;
}

int64_t cor_tail_left(const struct cor_tail *tail)
{
	return (int64_t)tail->len + (tail->extents ? tail->extents->left : 0);
}

/* Returns whether the client has taken anything since the last look. */
static bool look(struct cor_tail *tail)
{
	int64_t before = tail->in_transit;

	tail->in_transit = in_transit(tail->connection);
	tail->taken += before - tail->in_transit;
	return tail->in_transit < before;
}

void cor_tail_advance(struct cor_tail *tail, size_t sent)
{
	size_t of_bytes = sent < tail->len ? sent : tail->len;

	tail->at += of_bytes;
	tail->len -= of_bytes;
	if (sent != of_bytes)
		cor_extents_advance(tail->extents, sent - of_bytes);
	tail->in_transit += (int64_t)sent;
	(void)look(tail); /* there was room: it has moved */
	give_back(tail, of_bytes);
	atomic_fetch_sub(&crowd_of(tail)->bytes, of_bytes);
	move_to_end(tail);
}

void cor_tail_destroy(struct cor_tail *tail)
{
	struct cor_crowd *crowd = crowd_of(tail);

	if (tail->counts) {
		atomic_fetch_sub(&crowd->bytes, tail->len);
		atomic_fetch_sub(&crowd->tails, 1);
	}
	tail->connection->tail = NULL;
	remove_from(tail->connection->loop, tail);
	cor_extents_destroy(tail->extents);
	release(tail);
}

bool cor_tail_stops_counting(struct cor_tail *tail, uint64_t limit)
{
	struct cor_crowd *crowd = crowd_of(tail);
	uint64_t now = atomic_load(&crowd->bytes);

	while (now > limit)
		if (atomic_compare_exchange_weak(&crowd->bytes, &now, now - tail->len)) {
			atomic_fetch_sub(&crowd->tails, 1);
			tail->counts = false;
			return true;
		}
	return false;
}

/* --- the pace --- */

bool cor_tail_has_moved(struct cor_tail *tail)
{
	bool moved = look(tail);

	if (moved)
		move_to_end(tail);
	return moved;
}

bool cor_tail_keeps_pace(const struct cor_tail *tail)
{
	int64_t now_ns = cor_clock_now(tail->connection->loop->scheduler);
	int64_t slow_s = (now_ns - tail->since_ns) / COR_NS_PER_S;

	return slow_s <= GRACE_S || tail->taken / slow_s >= BYTES_PER_S;
}
