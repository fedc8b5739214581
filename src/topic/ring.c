/* SPDX-License-Identifier: MIT */
#include "topic/ring.h"

#include <errno.h>
#include <string.h>

#define ALIGN 16

_Static_assert(COR_TOPIC_BYTES % ALIGN == 0, "records are aligned around the end, too");
_Static_assert(COR_TOPIC_RECORD_BYTES(COR_TOPIC_MESSAGE_BYTES_MAX) <= COR_TOPIC_BYTES / 2,
	"two of the largest fit");

int cor_topic_ring_init(struct cor_topic_ring *ring, const char *name, uint64_t first_id)
{
	memccpy(ring->name, name, '\0', sizeof ring->name - 1);
	ring->first_id = first_id;
	atomic_store(&ring->next_id, first_id);
	return cor_lock_init(&ring->lock);
}

/* --- bytes, around the end --- */

static void copy_in(struct cor_topic_ring *ring, uint64_t at, const void *data, size_t len)
{
	size_t from = at % COR_TOPIC_BYTES;
	size_t first = len < COR_TOPIC_BYTES - from ? len : COR_TOPIC_BYTES - from;

	memcpy(ring->bytes + from, data, first);
	memcpy(ring->bytes, (const char *)data + first, len - first);
}

static void copy_out(const struct cor_topic_ring *ring, uint64_t at, void *data, size_t len)
{
	size_t from = at % COR_TOPIC_BYTES;
	size_t first = len < COR_TOPIC_BYTES - from ? len : COR_TOPIC_BYTES - from;

	memcpy(data, ring->bytes + from, first);
	memcpy((char *)data + first, ring->bytes, len - first);
}

static struct cor_topic_record record_at(const struct cor_topic_ring *ring, uint64_t at)
{
	struct cor_topic_record record;

	copy_out(ring, at, &record, sizeof record);
	return record;
}

static uint64_t tail_of(const struct cor_topic_ring *ring)
{
	return atomic_load_explicit(&ring->tail, memory_order_relaxed);
}

static uint64_t head_of(const struct cor_topic_ring *ring)
{
	return atomic_load_explicit(&ring->head, memory_order_relaxed);
}

/* --- the lock --- */

static bool is_sound(const struct cor_topic_record *record, uint64_t left)
{
	return record->bytes >= sizeof *record && record->bytes <= left &&
	       record->bytes % ALIGN == 0 && record->event_bytes != 0 &&
	       sizeof *record + (uint64_t)record->event_bytes + record->data_bytes <= record->bytes;
}

/*
 * Whoever writes moves the tail before it overwrites, and the head when the record is whole: what
 * is between them is sound whenever its owner dies. Should something else have written there, the
 * topic begins anew.
 */
static int repair(void *arg)
{
	struct cor_topic_ring *ring = arg;
	uint64_t at = tail_of(ring), head = head_of(ring);

	while (at < head) {
		struct cor_topic_record record = record_at(ring, at);
		if (!is_sound(&record, head - at))
			break;
		at += record.bytes;
	}
	if (at != head || head - tail_of(ring) > COR_TOPIC_BYTES)
		atomic_store(&ring->tail, head);
	return 0;
}

static int take(struct cor_topic_ring *ring, int64_t deadline_ns)
{
	return cor_lock_take_until(&ring->lock, deadline_ns, repair, ring);
}

/* --- writing --- */

static void make_room(struct cor_topic_ring *ring, uint32_t bytes)
{
	uint64_t head = head_of(ring), tail = tail_of(ring);

	while (head + bytes - tail > COR_TOPIC_BYTES)
		tail += record_at(ring, tail).bytes;
	atomic_store(&ring->tail, tail);
}

static void append(struct cor_topic_ring *ring, const struct cor_topic_draft *draft)
{
	struct cor_topic_record record = {
		.id = atomic_load_explicit(&ring->next_id, memory_order_relaxed),
		.event_bytes = (uint32_t)draft->event.len + 1,
		.data_bytes = (uint32_t)draft->data.len,
	};
	uint64_t at = head_of(ring);
	size_t bytes = sizeof record + record.event_bytes + record.data_bytes;

	record.bytes = (uint32_t)((bytes + ALIGN - 1) / ALIGN * ALIGN);
	make_room(ring, record.bytes);
	copy_in(ring, at, &record, sizeof record);
	at += sizeof record;
	copy_in(ring, at, draft->event.data, draft->event.len);
	copy_in(ring, at + draft->event.len, "", 1);
	copy_in(ring, at + record.event_bytes, draft->data.data, draft->data.len);
	atomic_store(&ring->next_id, record.id + 1);
	atomic_store(&ring->head, head_of(ring) + record.bytes);
}

int cor_topic_ring_write(
	struct cor_topic_ring *ring, const struct cor_topic_draft *draft, int64_t deadline_ns)
{
	int rc = take(ring, deadline_ns);

	if (rc < 0)
		return rc;
	append(ring, draft);
	cor_lock_give(&ring->lock);
	return 0;
}

/* --- reading --- */

int cor_topic_ring_find(struct cor_topic_ring *ring, uint32_t keep, int64_t deadline_ns,
	struct cor_topic_place *ret)
{
	int rc = take(ring, deadline_ns);

	if (rc < 0)
		return rc;
	uint64_t next_id = atomic_load(&ring->next_id);
	uint64_t at = keep == 0 ? head_of(ring) : tail_of(ring);
	while (at != head_of(ring) && record_at(ring, at).id + keep < next_id)
		at += record_at(ring, at).bytes;
	*ret = (struct cor_topic_place){
		.position = at,
		.next_id = at == head_of(ring) ? next_id : record_at(ring, at).id,
	};
	cor_lock_give(&ring->lock);
	return 0;
}

ssize_t cor_topic_ring_read(struct cor_topic_ring *ring, uint64_t *position, char *room,
	size_t room_bytes, int64_t deadline_ns)
{
	int rc = take(ring, deadline_ns);
	size_t bytes = 0;

	if (rc < 0)
		return rc;
	uint64_t begin = *position < tail_of(ring) ? tail_of(ring) : *position;
	while (begin + bytes != head_of(ring)) {
		uint32_t more = record_at(ring, begin + bytes).bytes;
		if (bytes + more > room_bytes)
			break;
		bytes += more;
	}
	copy_out(ring, begin, room, bytes);
	*position = begin + bytes;
	cor_lock_give(&ring->lock);
	return (ssize_t)bytes;
}

void cor_topic_ring_await(struct cor_topic_ring *ring, int64_t deadline_ns)
{
	if (take(ring, deadline_ns) == 0)
		cor_lock_give(&ring->lock);
}
