/* SPDX-License-Identifier: MIT */
/**
 * Whether a server is asked: what all threads of a process know of it.
 *
 * In -> so many failures in a row -> out, and nobody asks it -> its pause is over: the first who
 * comes asks (the others do not) -> in, or out again for twice as long. Nothing here yields; any
 * thread.
 */
#ifndef CORACLE_MEMCACHED_STORE_NODE_H
#define CORACLE_MEMCACHED_STORE_NODE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct cor_memcached_node {
	_Atomic uint32_t fails;       /* in a row */
	_Atomic int64_t out_until_ns; /* 0: it is in */
	_Atomic int64_t pause_ms;     /* of the next time that it is out; 0: the first */
	_Atomic bool is_probed;       /* somebody asks whether it is back */
	_Atomic int64_t out_since_ns;
	_Atomic int64_t told_ns; /* when it was last said that it is out; 0: never */
	_Atomic bool is_told;    /* that it is out now */
};

struct cor_memcached_node_rules {
	uint32_t fails;
	uint32_t dead_ms;
};

enum cor_memcached_verdict {
	COR_MEMCACHED_NO_VERDICT, /* who asked has given up before it was known */
	COR_MEMCACHED_GOOD,
	COR_MEMCACHED_BAD,
};

/** Whether it is out, and nobody may try it yet. */
bool cor_memcached_node_is_out(const struct cor_memcached_node *node, int64_t now_ns);

/** Whether the caller may ask it: then it tells what came of that, and *ret_is_probe, too. */
bool cor_memcached_node_enter(struct cor_memcached_node *node, int64_t now_ns, bool *ret_is_probe);

/** Returns whether it has just gone out. */
bool cor_memcached_node_tell(struct cor_memcached_node *node,
	const struct cor_memcached_node_rules *rules, enum cor_memcached_verdict verdict,
	bool is_probe, int64_t now_ns);

/**
 * It is out, or out again: whether to say so. Once for each time, and once a minute: one that comes
 * and goes is no flood.
 */
bool cor_memcached_node_says_out(struct cor_memcached_node *node, int64_t now_ns);

/** A probe was good: how long it was out, if that was said; else 0. */
int64_t cor_memcached_node_says_back(struct cor_memcached_node *node, int64_t now_ns);

#endif
