/* SPDX-License-Identifier: MIT */
#include "memcached_store/node.h"

#include <coracle/memcached.h>

#include "runtime/clock.h"

#define TOLD_EVERY_MS INT64_C(60000)

bool cor_memcached_node_is_out(const struct cor_memcached_node *node, int64_t now_ns)
{
	int64_t until_ns = atomic_load(&node->out_until_ns);

	return until_ns != 0 && (now_ns < until_ns || atomic_load(&node->is_probed));
}

bool cor_memcached_node_enter(struct cor_memcached_node *node, int64_t now_ns, bool *ret_is_probe)
{
	int64_t until_ns = atomic_load(&node->out_until_ns);
	bool expected = false;

	*ret_is_probe = until_ns != 0;
	if (until_ns == 0)
		return true;
	if (now_ns < until_ns || !atomic_compare_exchange_strong(&node->is_probed, &expected, true))
		return false;
	/* another probe may have ended in between */
	if (atomic_load(&node->out_until_ns) == until_ns)
		return true;
	atomic_store(&node->is_probed, false);
	return false;
}

static void put_out(struct cor_memcached_node *node, const struct cor_memcached_node_rules *rules,
	int64_t now_ns)
{
	int64_t pause_ms = atomic_load(&node->pause_ms);

	if (pause_ms == 0)
		pause_ms = rules->dead_ms;
	int64_t longer_ms = 2 * pause_ms;
	if (atomic_load(&node->out_until_ns) == 0)
		atomic_store(&node->out_since_ns, now_ns);
	atomic_store(&node->pause_ms,
		longer_ms < COR_MEMCACHED_DEAD_MS_MAX ? longer_ms : COR_MEMCACHED_DEAD_MS_MAX);
	atomic_store(&node->out_until_ns, cor_clock_after_ms(now_ns, pause_ms));
}

static void take_in(struct cor_memcached_node *node)
{
	atomic_store(&node->fails, 0);
	atomic_store(&node->pause_ms, 0);
	atomic_store(&node->out_until_ns, 0);
}

bool cor_memcached_node_tell(struct cor_memcached_node *node,
	const struct cor_memcached_node_rules *rules, enum cor_memcached_verdict verdict,
	bool is_probe, int64_t now_ns)
{
	bool goes_out = false;

	if (verdict == COR_MEMCACHED_GOOD && is_probe)
		take_in(node);
	else if (verdict == COR_MEMCACHED_GOOD && atomic_load(&node->fails) != 0)
		atomic_store(&node->fails, 0);
	else if (verdict == COR_MEMCACHED_BAD)
		goes_out = is_probe || atomic_fetch_add(&node->fails, 1) + 1 == rules->fails;
	if (goes_out)
		put_out(node, rules, now_ns);
	if (is_probe)
		atomic_store(&node->is_probed, false);
	return goes_out;
}

bool cor_memcached_node_says_out(struct cor_memcached_node *node, int64_t now_ns)
{
	int64_t told_ns = atomic_load(&node->told_ns);

	if (atomic_load(&node->is_told) ||
		(told_ns != 0 && now_ns - told_ns < TOLD_EVERY_MS * COR_NS_PER_MS))
		return false;
	atomic_store(&node->told_ns, now_ns);
	atomic_store(&node->is_told, true);
	return true;
}

int64_t cor_memcached_node_says_back(struct cor_memcached_node *node, int64_t now_ns)
{
	int64_t out_ns = now_ns - atomic_load(&node->out_since_ns);

	return atomic_exchange(&node->is_told, false) ? out_ns : 0;
}
