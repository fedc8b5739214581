/* SPDX-License-Identifier: MIT */
#include "topic/message.h"

#include <errno.h>
#include <string.h>

#define ROOM_FIRST 8
#define ROOM_IDLE  64 /* a queue that was longer gives its memory back */

struct cor_topic_message *cor_topic_message_create(
	const struct cor_topic_record *record, const char *texts)
{
	size_t bytes = (size_t)record->event_bytes + record->data_bytes;
	struct cor_topic_message *message = malloc(sizeof *message + bytes + 1);

	if (!message)
		return NULL;
	*message = (struct cor_topic_message){
		.references = 1,
		.event_bytes = record->event_bytes,
		.data_bytes = record->data_bytes,
		.id = record->id,
	};
	memcpy(message->texts, texts, bytes);
	message->texts[bytes] = '\0';
	return message;
}

static int grow(struct cor_topic_queue *queue)
{
	uint32_t room = queue->room == 0 ? ROOM_FIRST : 2 * queue->room;
	struct cor_topic_item *items = malloc(room * sizeof *items);

	if (!items)
		return -ENOMEM;
	for (uint32_t i = 0; i < queue->len; i++)
		items[i] = queue->items[(queue->first + i) & (queue->room - 1)];
	free(queue->items);
	queue->items = items;
	queue->room = room;
	queue->first = 0;
	return 0;
}

int cor_topic_queue_add(struct cor_topic_queue *queue, struct cor_topic_message *message)
{
	if (queue->len == queue->room && grow(queue) < 0)
		return -ENOMEM;
	queue->items[(queue->first + queue->len++) & (queue->room - 1)] = (struct cor_topic_item){
		message, queue->passed
	};
	queue->bytes += message->data_bytes;
	return 0;
}

static void release(struct cor_topic_queue *queue)
{
	free(queue->items);
	*queue = (struct cor_topic_queue){ .passed = queue->passed };
}

struct cor_topic_item cor_topic_queue_take(struct cor_topic_queue *queue)
{
	if (queue->len == 0)
		return (struct cor_topic_item){ NULL, queue->passed };
	struct cor_topic_item item = queue->items[queue->first & (queue->room - 1)];

	queue->first++;
	queue->len--;
	queue->bytes -= item.message->data_bytes;
	if (queue->len == 0 && queue->room > ROOM_IDLE)
		release(queue);
	return item;
}

void cor_topic_queue_clear(struct cor_topic_queue *queue)
{
	while (queue->len != 0)
		cor_topic_queue_drop(queue);
	release(queue);
}
