/* SPDX-License-Identifier: MIT */
#include "file_store/entry.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SUFFIX     ".cor"
#define HEX        32 /* digits of a name */
#define PAGE_BYTES 4096

static const char digits[] = "0123456789abcdef";

/* --- names --- */

static void print_name(XXH128_hash_t hash, char *name)
{
	for (int i = 0; i < HEX; i++) {
		uint64_t half = i < HEX / 2 ? hash.low64 : hash.high64;
		name[i] = digits[half >> (4 * (i % (HEX / 2))) & 15];
	}
	memcpy(name + HEX, SUFFIX, sizeof SUFFIX);
}

static uint32_t stripe_of(const char *name)
{
	uint32_t low = (uint32_t)(strchr(digits, name[0]) - digits);
	uint32_t high = (uint32_t)(strchr(digits, name[1]) - digits);

	return (low | high << 4) % COR_STRIPES;
}

bool cor_entry_is_name(const char *name, uint32_t *ret)
{
	if (strspn(name, digits) != HEX || strcmp(name + HEX, SUFFIX) != 0)
		return false;
	*ret = stripe_of(name);
	return true;
}

void cor_entry_key_init(
	struct cor_entry_key *key, const char *prefix, struct cor_str text, uint64_t seed)
{
	key->prefix_bytes = (uint32_t)strlen(prefix);
	key->key_bytes = key->prefix_bytes + (uint32_t)text.len;
	memset(&key->front.head, 0, sizeof key->front.head);
	memcpy(key->front.key, prefix, key->prefix_bytes);
	memcpy(key->front.key + key->prefix_bytes, text.data, text.len);
	print_name(XXH3_128bits_withSeed(key->front.key, key->key_bytes, seed), key->name);
	key->stripe = stripe_of(key->name);
}

/* --- whole or not --- */

static uint64_t check_of(const struct cor_entry_head *head, const char *value)
{
	const size_t skipped = sizeof head->check;
	uint64_t of_value = XXH3_64bits(value, head->value_bytes);

	return XXH3_64bits_withSeed(
		(const char *)head + skipped, sizeof *head - skipped + head->key_bytes, of_value);
}

void cor_entry_seal(struct cor_entry_key *key, struct cor_str value)
{
	struct cor_entry_head *head = &key->front.head;

	head->magic = COR_ENTRY_MAGIC;
	head->format = COR_ENTRY_FORMAT;
	head->key_bytes = key->key_bytes;
	head->value_bytes = value.len;
	head->check = check_of(head, value.len != 0 ? value.data : "");
}

bool cor_entry_begins(const struct cor_entry_head *head, size_t len, int64_t file_bytes)
{
	return len >= sizeof *head && head->magic == COR_ENTRY_MAGIC &&
	       head->format == COR_ENTRY_FORMAT && head->key_bytes != 0 &&
	       head->key_bytes <= COR_ENTRY_KEY_BYTES && len - sizeof *head >= head->key_bytes &&
	       head->value_bytes <= COR_CACHE_VALUE_BYTES_MAX &&
	       (int64_t)(sizeof *head + head->key_bytes + head->value_bytes) == file_bytes;
}

bool cor_entry_is_whole(const struct cor_entry_head *head, const char *value)
{
	return head->check == check_of(head, value);
}

/* --- its time --- */

/* What is left by one clock. A clock that was set back says less than nothing of the age. */
static int64_t left_by(int64_t created_ns, int64_t now_ns, int64_t ttl_ns)
{
	int64_t age_ns;

	if (now_ns < created_ns || __builtin_sub_overflow(now_ns, created_ns, &age_ns))
		return 0;
	return ttl_ns == COR_FOREVER ? COR_FOREVER : ttl_ns - age_ns;
}

int64_t cor_entry_left_ns(
	const struct cor_entry_head *head, const struct cor_file_moment *now, uint64_t boot)
{
	int64_t real_ns = left_by(head->created.real_ns, now->real_ns, head->ttl_ns);
	int64_t mono_ns;

	if (head->boot != boot)
		return real_ns;
	mono_ns = left_by(head->created.mono_ns, now->mono_ns, head->ttl_ns);
	return mono_ns < real_ns ? mono_ns : real_ns;
}

int64_t cor_entry_cost(int64_t file_bytes)
{
	return (file_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}
