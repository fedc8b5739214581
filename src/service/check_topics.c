/* SPDX-License-Identifier: MIT */
/* The service's topics: each has a name that tells it from the others, and limits that can be. */
#include <string.h>

#include <coracle/topic.h>

#include "service/check.h"

static bool is_plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *p))
			return false;
	return name[0] != '\0' && strlen(name) < COR_TOPIC_NAME_BYTES;
}

static bool is_named_before(const struct cor_topic *const *all, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, all[at]->name) == 0)
			return true;
	return false;
}

static void check_name(const struct cor_check *check, const struct cor_topic *const *all, size_t at)
{
	const char *name = all[at]->name;

	if (!name)
		cor_contradict(check, "a topic", "it has no .name");
	else if (!is_plain(name))
		cor_contradict(check, name,
			"the name of a topic has 1 to %d small letters, digits, '_' and '-'",
			COR_TOPIC_NAME_BYTES - 1);
	else if (is_named_before(all, at))
		cor_contradict(check, name, "two topics have that name");
}

static void check_limits(const struct cor_check *check, const struct cor_topic *topic)
{
	const char *where = topic->name ? topic->name : "a topic";

	if (topic->message_bytes > COR_TOPIC_MESSAGE_BYTES_MAX)
		cor_contradict(check, where, "its .message_bytes are more than %d",
			COR_TOPIC_MESSAGE_BYTES_MAX);
	if (topic->keep > COR_TOPIC_KEEP_MAX)
		cor_contradict(
			check, where, "its .keep is more than %d messages", COR_TOPIC_KEEP_MAX);
	if (topic->messages && topic->messages->media != COR_MEDIA_JSON)
		cor_contradict(check, where,
			"%s in .messages has no table: leave it out for text or bytes",
			topic->messages->symbol);
}

void cor_check_topics(const struct cor_check *check, const struct cor_service *service)
{
	const struct cor_topic *const *all = service->topics;
	size_t len = 0;

	while (all && all[len])
		len++;
	if (len > COR_TOPICS_MAX)
		cor_contradict(check, service->name ? service->name : "service",
			"the service has %zu topics, more than %d", len, COR_TOPICS_MAX);
	for (size_t i = 0; i < len; i++) {
		check_name(check, all, i);
		check_limits(check, all[i]);
	}
}
