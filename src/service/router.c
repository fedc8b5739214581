/* SPDX-License-Identifier: MIT */
#include "service/router.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "base/words.h"
#include "http/uri.h"

#define SENT_MAX 512 /* bytes of a percent-encoded segment that may be a known text */

struct cor_router_node {
	struct cor_str text;               /* of the segment that leads here */
	struct cor_router_node **children; /* by text: ordered by length, then bytes */
	size_t children_len;
	size_t children_capacity;
	struct cor_router_node *parameter; /* by {name} */
	const char *path;                  /* of the value */
	const void *value;
	const char *prefix; /* of what is beneath, or here */
	const void *prefix_value;
};

struct cor_router_slot {
	struct cor_str path; /* data NULL: free */
	const void *value;
};

#define ODD       0x9e3779b97f4a7c15u
#define OTHER_ODD 0xc2b2ae3d27d4eb4fu
#define THIRD_ODD 0x165667b19e3779f9u

/*
 * Hashes the length and the first, middle and last eight bytes, independently of each other. The
 * table holds the program's paths only, so a client cannot make them collide.
 */
static inline uint64_t hash(struct cor_str path)
{
	uint64_t h = path.len;

	if (path.len >= 8) {
		size_t last = path.len - 8;
		h = (h ^ cor_word_at(path.data)) * ODD +
		    cor_word_at(path.data + last / 2) * OTHER_ODD +
		    cor_word_at(path.data + last) * THIRD_ODD;
	} else {
		h = (h ^ cor_word_of_few(path.data, path.len)) * ODD;
	}
	return h;
}

/* Where a path is looked for first. Of a product the highest bits depend on every byte. */
static inline size_t first_slot(const struct cor_router *router, struct cor_str path)
{
	return hash(path) >> router->slots_shift;
}

static bool take_name(struct cor_str text, struct cor_segment *ret)
{
	bool opens = memchr(text.data, '{', text.len) != NULL;
	bool closes = memchr(text.data, '}', text.len) != NULL;

	*ret = (struct cor_segment){ .text = text };
	if (!opens && !closes)
		return true;
	if (text.len < 3 || text.data[0] != '{' || text.data[text.len - 1] != '}')
		return false;
	*ret = (struct cor_segment){ .text = { text.data + 1, text.len - 2 }, .is_name = true };
	return !memchr(ret->text.data, '{', ret->text.len) &&
	       !memchr(ret->text.data, '}', ret->text.len);
}

int cor_segment_next(struct cor_str *path, struct cor_segment *ret)
{
	if (path->len == 0)
		return 0;
	const char *begin = path->data + 1;
	size_t left = path->len - 1;
	const char *slash = memchr(begin, '/', left);
	size_t len = slash ? (size_t)(slash - begin) : left;

	*path = (struct cor_str){ begin + len, left - len };
	return take_name((struct cor_str){ begin, len }, ret) ? 1 : -COR_ETABLE;
}

static int compare(struct cor_str a, struct cor_str b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len ? memcmp(a.data, b.data, a.len) : 0;
}

/* The place of the text among the children, or where it would be inserted. */
static size_t place_of(const struct cor_router_node *node, struct cor_str text, bool *ret_found)
{
	size_t low = 0;
	size_t high = node->children_len;

	*ret_found = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(text, node->children[middle]->text);
		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int grow_children(struct cor_router *router, struct cor_router_node *node)
{
	size_t capacity = node->children_capacity ? 2 * node->children_capacity : 4;
	struct cor_router_node **children;

	if (node->children_len < node->children_capacity)
		return 0;
	children = cor_arena_zalloc(router->arena, capacity * sizeof *children);
	if (!children)
		return -ENOMEM;
	if (node->children_len)
		memcpy(children, node->children, node->children_len * sizeof *children);
	node->children = children;
	node->children_capacity = capacity;
	return 0;
}

static struct cor_router_node *text_child(
	struct cor_router *router, struct cor_router_node *node, struct cor_str text)
{
	bool found;
	size_t at = place_of(node, text, &found);

	if (found)
		return node->children[at];
	struct cor_router_node *child = cor_arena_zalloc(router->arena, sizeof *child);
	if (!child || grow_children(router, node) < 0)
		return NULL;
	memmove(node->children + at + 1, node->children + at,
		(node->children_len - at) * sizeof *node->children);
	node->children[at] = child;
	node->children_len++;
	child->text = text;
	if (text.len > router->text_max)
		router->text_max = text.len;
	return child;
}

static struct cor_router_node *name_child(struct cor_router *router, struct cor_router_node *node)
{
	if (!node->parameter)
		node->parameter = cor_arena_zalloc(router->arena, sizeof *node->parameter);
	return node->parameter;
}

int cor_router_init(struct cor_router *router, struct cor_arena *arena)
{
	*router = (struct cor_router){ .arena = arena };
	router->root = cor_arena_zalloc(arena, sizeof *router->root);
	return router->root ? 0 : -ENOMEM;
}

int cor_router_add(
	struct cor_router *router, const char *path, const void *value, const char **ret_other)
{
	struct cor_router_node *node = router->root;
	struct cor_str rest = cor_str(path);
	struct cor_segment segment;
	bool has_name = false;

	while (cor_segment_next(&rest, &segment) > 0) {
		has_name |= segment.is_name;
		node = segment.is_name ? name_child(router, node)
				       : text_child(router, node, segment.text);
		if (!node)
			return -ENOMEM;
	}
	if (node->value || node->prefix_value) {
		*ret_other = node->value ? node->path : node->prefix;
		return -EEXIST;
	}
	node->value = value;
	node->path = path;
	router->fixed_len += !has_name;
	return 0;
}

/* The path of any value that is reached by the node. */
static const char *any_path(const struct cor_router_node *node)
{
	const char *path = node->path;

	for (size_t i = 0; !path && i < node->children_len; i++)
		path = any_path(node->children[i]);
	return path || !node->parameter ? path : any_path(node->parameter);
}

int cor_router_add_prefix(
	struct cor_router *router, const char *path, const void *value, const char **ret_other)
{
	struct cor_router_node *node = router->root;
	struct cor_str rest = cor_str(strcmp(path, "/") == 0 ? "" : path);
	struct cor_segment segment;

	while (cor_segment_next(&rest, &segment) > 0) {
		node = text_child(router, node, segment.text);
		if (!node)
			return -ENOMEM;
	}
	if (node->value || node->prefix_value || node->parameter) {
		*ret_other = node->value          ? node->path
			     : node->prefix_value ? node->prefix
						  : any_path(node->parameter);
		return -EEXIST;
	}
	node->prefix = path;
	node->prefix_value = value;
	return 0;
}

int cor_router_surround(struct cor_router *router, const char *prefix, const void *value)
{
	struct cor_router_node *node = router->root;
	struct cor_str rest = cor_str(prefix);
	struct cor_segment segment;

	while (cor_segment_next(&rest, &segment) > 0) {
		node = text_child(router, node, segment.text);
		if (!node)
			return -ENOMEM;
	}
	if (!node->prefix_value) {
		node->prefix = prefix;
		node->prefix_value = value;
	}
	return 0;
}

static void fill_slot(struct cor_router *router, const struct cor_router_node *node)
{
	struct cor_str path = cor_str(node->path);
	size_t at = first_slot(router, path);

	while (router->slots[at].path.data)
		at = (at + 1) & (router->slots_len - 1);
	router->slots[at] = (struct cor_router_slot){ path, node->value };
}

/* Only children by text: behind a name each path has a name. */
static void fill_slots(struct cor_router *router, const struct cor_router_node *node)
{
	if (node->value)
		fill_slot(router, node);
	for (size_t i = 0; i < node->children_len; i++)
		fill_slots(router, node->children[i]);
}

int cor_router_seal(struct cor_router *router)
{
	size_t len = 4;

	router->slots_shift = 62;
	while (len < 4 * router->fixed_len) {
		len *= 2;
		router->slots_shift--;
	}
	router->slots = cor_arena_zalloc(router->arena, len * sizeof *router->slots);
	if (!router->slots)
		return -ENOMEM;
	router->slots_len = len;
	fill_slots(router, router->root);
	return 0;
}

/* The child that the segment leads to. The arena may not use the heap: it decodes on the stack. */
static const struct cor_router_node *find_decoded(
	const struct cor_router *router, const struct cor_router_node *node, struct cor_str sent)
{
	char room[SENT_MAX + 16] __attribute__((aligned(16)));
	struct cor_arena arena;
	struct cor_str text;
	bool found = false;
	size_t at = 0;

	if (sent.len > 3 * router->text_max || sent.len > SENT_MAX)
		return NULL;
	cor_arena_init(&arena, room, sizeof room, 1);
	if (cor_uri_decode(&arena, sent, &text) == 0)
		at = place_of(node, text, &found);
	cor_arena_finish(&arena);
	return found ? node->children[at] : NULL;
}

static const struct cor_router_node *find_child(
	const struct cor_router *router, const struct cor_router_node *node, struct cor_str sent)
{
	bool found;

	if (node->children_len == 0)
		return NULL;
	if (sent.len && memchr(sent.data, '%', sent.len))
		return find_decoded(router, node, sent);
	size_t at = place_of(node, sent, &found);
	return found ? node->children[at] : NULL;
}

/* A walk along a path, with the values of the {names} passed so far. */
struct walk {
	const struct cor_router *router;
	const char *path;
	struct cor_span *parameters;
	uint8_t parameters_len;
};

/* Recurses as deep as the longest path in the table. Visits each node at most once. */
static const void *walk_from(
	struct walk *walk, const struct cor_router_node *node, struct cor_str rest)
{
	if (rest.len == 0)
		return node->value ? node->value : node->prefix_value;
	const char *begin = rest.data + 1;
	const char *slash = memchr(begin, '/', rest.len - 1);
	size_t len = slash ? (size_t)(slash - begin) : rest.len - 1;
	struct cor_str sent = { begin, len };
	struct cor_str behind = { begin + len, rest.len - 1 - len };
	const struct cor_router_node *child = find_child(walk->router, node, sent);
	const void *value = child ? walk_from(walk, child, behind) : NULL;

	if (value || !node->parameter || len == 0)
		return value ? value : node->prefix_value;
	walk->parameters[walk->parameters_len++] = (struct cor_span){
		(uint16_t)(begin - walk->path), (uint16_t)len
	};
	value = walk_from(walk, node->parameter, behind);
	if (value)
		return value;
	walk->parameters_len--;
	return node->prefix_value;
}

static inline bool holds(const struct cor_router_slot *slot, struct cor_str path)
{
	return slot->path.data && cor_words_same(slot->path, path);
}

const void *cor_router_find_at_once(const struct cor_router *router, struct cor_str path)
{
	const struct cor_router_slot *slot = &router->slots[first_slot(router, path)];

	return holds(slot, path) ? slot->value : NULL;
}

const void *cor_router_find_fixed(const struct cor_router *router, struct cor_str path)
{
	size_t mask = router->slots_len - 1;

	for (size_t at = first_slot(router, path);; at++) {
		const struct cor_router_slot *slot = &router->slots[at & mask];
		if (!slot->path.data || holds(slot, path))
			return slot->value;
	}
}

const void *cor_router_find_named(const struct cor_router *router, struct cor_str path,
	struct cor_span *parameters, uint8_t *ret_len)
{
	struct walk walk = { .router = router, .path = path.data, .parameters = parameters };

	*ret_len = 0;
	if (path.len == 0 || path.data[0] != '/')
		return NULL;
	const void *value = walk_from(&walk, router->root, path);
	*ret_len = walk.parameters_len;
	return value;
}
