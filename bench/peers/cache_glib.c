/* SPDX-License-Identifier: MIT */
/*
 * The peer of bench/caches.c: an LRU of GHashTable and GQueue behind a mutex, whose values are
 * copied out, too. Usage: cache-glib 1|2 threads.
 */
#include <glib.h>
#include <string.h>

#include "keys.h"

struct entry {
	char key[16];
	char value[KEYS_VALUE_BYTES];
	GList link;
};

static GHashTable *table;
static GQueue order = G_QUEUE_INIT;
static GMutex mutex;
static struct keys keys;

static void get(const char *key, char *value)
{
	g_mutex_lock(&mutex);
	struct entry *entry = g_hash_table_lookup(table, key);
	if (!entry)
		abort();
	memcpy(value, entry->value, sizeof entry->value);
	g_queue_unlink(&order, &entry->link);
	g_queue_push_head_link(&order, &entry->link);
	g_mutex_unlock(&mutex);
}

static void run(int thread, int calls)
{
	static _Thread_local char value[128][KEYS_VALUE_BYTES];

	for (int i = 0; i < calls; i++)
		get(keys.items[keys.order[thread][i]].text, value[i % 128]);
}

int main(int argc, char **argv)
{
	keys_make(&keys);
	table = g_hash_table_new(g_str_hash, g_str_equal);
	for (int i = 0; i < KEYS_LEN; i++) {
		struct entry *entry = g_new0(struct entry, 1);

		memcpy(entry->key, keys.items[i].text, sizeof entry->key);
		entry->link.data = entry;
		g_hash_table_insert(table, entry->key, entry);
		g_queue_push_head_link(&order, &entry->link);
	}
	printf("%.1f\n", keys_measure(run, argc > 1 && argv[1][0] == '2' ? 2 : 1));
	return 0;
}
