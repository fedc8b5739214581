/* SPDX-License-Identifier: MIT */
#include "memcached/placement.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memcached/md5.h"

/* --- rendezvous --- */

static uint32_t rotate(uint32_t word, int by)
{
	return word << by | word >> (32 - by);
}

struct murmur {
	uint32_t hash;
	uint32_t word; /* bytes that are no whole word yet */
	uint32_t len;
};

static uint32_t scrambled(uint32_t word)
{
	return rotate(word * 0xcc9e2d51, 15) * 0x1b873593;
}

static void add_byte(struct murmur *murmur, char byte)
{
	murmur->word |= (uint32_t)(unsigned char)byte << 8 * (murmur->len % 4);
	if (++murmur->len % 4 != 0)
		return;
	murmur->hash = rotate(murmur->hash ^ scrambled(murmur->word), 13) * 5 + 0xe6546b64;
	murmur->word = 0;
}

static void add_text(struct murmur *murmur, struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++)
		add_byte(murmur, text.data[i]);
}

uint32_t cor_memcached_murmur(struct cor_str name, struct cor_str key)
{
	struct murmur murmur = { 0 };

	add_text(&murmur, name);
	add_byte(&murmur, '-');
	add_text(&murmur, key);
	uint32_t hash = murmur.hash ^ scrambled(murmur.word) ^ murmur.len;
	hash = (hash ^ hash >> 16) * 0x85ebca6b;
	hash = (hash ^ hash >> 13) * 0xc2b2ae35;
	return hash ^ hash >> 16;
}

/* Of two with the same score it is that whose name is the greater. */
static size_t find_by_score(
	const struct cor_memcached_placement *placement, struct cor_str key, const bool *is_out)
{
	const struct cor_memcached_server *list = placement->servers->list;
	size_t winner = placement->servers->len;
	uint32_t most = 0;

	for (size_t i = 0; i < placement->servers->len; i++) {
		if (is_out && is_out[i])
			continue;
		uint32_t score = cor_memcached_murmur(cor_str(list[i].name), key);
		bool is_better = winner == placement->servers->len || score > most ||
				 (score == most && strcmp(list[i].name, list[winner].name) > 0);
		if (is_better) {
			winner = i;
			most = score;
		}
	}
	return winner;
}

/* --- ketama --- */

#define POINTS          100 /* of a server */
#define WEIGHTED_POINTS 160 /* on average */

static uint32_t word_of(const uint8_t digest[16], size_t at)
{
	const uint8_t *byte = digest + 4 * at;

	return (uint32_t)byte[3] << 24 | (uint32_t)byte[2] << 16 | (uint32_t)byte[1] << 8 | byte[0];
}

/* The usual port is left out. */
static struct cor_str point_name(
	const struct cor_memcached_server *server, uint32_t index, char *text, size_t bytes)
{
	int len = server->port == COR_MEMCACHED_PORT
			  ? snprintf(text, bytes, "%s-%u", server->host, index)
			  : snprintf(text, bytes, "%s:%u-%u", server->host, server->port, index);

	return (struct cor_str){ text, len < (int)bytes ? (size_t)len : bytes - 1 };
}

/* As many digests as the server has; each gives `words` points. */
static void add_points(
	struct cor_memcached_placement *placement, size_t server, uint32_t digests, uint32_t words)
{
	char text[1100];
	uint8_t digest[16];

	for (uint32_t i = 0; i < digests; i++) {
		cor_memcached_md5(
			point_name(&placement->servers->list[server], i, text, sizeof text),
			digest);
		for (uint32_t word = 0; word < words; word++)
			placement->points[placement->len++] = (struct cor_memcached_point){
				word_of(digest, word), (uint32_t)server
			};
	}
}

/* In libmemcached's order of operations: it rounds between them. */
static uint32_t weighted_digests(const struct cor_memcached_servers *servers, size_t at)
{
	uint32_t total = 0;

	for (size_t i = 0; i < servers->len; i++)
		total += servers->list[i].weight;
	float share = (float)servers->list[at].weight / (float)total;
	float points = share * WEIGHTED_POINTS / 4 * (float)servers->len;
	return (uint32_t)floorf((float)((double)points + 0.0000000001));
}

static int by_value(const void *a, const void *b)
{
	const struct cor_memcached_point *one = a, *other = b;

	if (one->value != other->value)
		return one->value < other->value ? -1 : 1;
	return one->server < other->server ? -1 : one->server > other->server;
}

int cor_memcached_place(struct cor_arena *arena, enum cor_placement how,
	const struct cor_memcached_servers *servers, struct cor_memcached_placement *ret)
{
	*ret = (struct cor_memcached_placement){ .how = how, .servers = servers };
	if (how == COR_PLACE_RENDEZVOUS)
		return 0;
	ret->points = cor_arena_alloc(
		arena, (servers->len + 1) * WEIGHTED_POINTS * sizeof *ret->points);
	if (!ret->points)
		return -ENOMEM;
	for (size_t i = 0; i < servers->len; i++)
		if (how == COR_PLACE_KETAMA)
			add_points(ret, i, POINTS, 1);
		else
			add_points(ret, i, weighted_digests(servers, i), 4);
	qsort(ret->points, ret->len, sizeof *ret->points, by_value);
	return 0;
}

static size_t find_by_point(
	const struct cor_memcached_placement *placement, struct cor_str key, const bool *is_out)
{
	uint8_t digest[16];
	size_t left = 0, right = placement->len;

	cor_memcached_md5(key, digest);
	uint32_t hash = word_of(digest, 0);
	while (left < right) {
		size_t middle = left + (right - left) / 2;
		if (placement->points[middle].value < hash)
			left = middle + 1;
		else
			right = middle;
	}
	for (size_t i = 0; i < placement->len; i++) {
		uint32_t server = placement->points[(right + i) % placement->len].server;
		if (!is_out || !is_out[server])
			return server;
	}
	return placement->servers->len;
}

/* --- both --- */

size_t cor_memcached_find(
	const struct cor_memcached_placement *placement, struct cor_str key, const bool *is_out)
{
	bool by_score = placement->how == COR_PLACE_RENDEZVOUS;
	size_t found;

	if (placement->servers->len == 1)
		return 0;
	found = by_score ? find_by_score(placement, key, is_out)
			 : find_by_point(placement, key, is_out);
	return found < placement->servers->len ? found : cor_memcached_find(placement, key, NULL);
}
