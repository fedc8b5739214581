/* SPDX-License-Identifier: MIT */
/* place HOW AT WEIGHTS KEYS: for each of "key:0" and so on the index of its server, a byte each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memcached/placement.h"

static void set_weights(struct cor_memcached_servers *servers, const char *text)
{
	for (size_t i = 0; i < servers->len && *text; i++) {
		char *end;
		servers->list[i].weight = (uint32_t)strtoul(text, &end, 10);
		text = *end ? end + 1 : end;
	}
}

int main(int argc, char **argv)
{
	struct cor_arena arena = { 0 };
	struct cor_memcached_servers servers;
	struct cor_memcached_placement placement;
	const char *fault = "";

	if (argc != 5 || cor_memcached_servers_parse(&arena, argv[2], &servers, &fault) != 0) {
		fprintf(stderr, "place: %s\n", fault);
		return 2;
	}
	set_weights(&servers, argv[3]);
	if (cor_memcached_place(&arena, (enum cor_placement)strtoul(argv[1], NULL, 10), &servers,
		    &placement) != 0)
		return 2;
	for (unsigned long i = 0; i < strtoul(argv[4], NULL, 10); i++) {
		char key[32];
		int len = snprintf(key, sizeof key, "key:%lu", i);
		putchar((int)cor_memcached_find(
			&placement, (struct cor_str){ key, (size_t)len }, NULL));
	}
	cor_arena_finish(&arena);
	return 0;
}
