/* SPDX-License-Identifier: MIT */
/**
 * Text with a length, arrays, and values that may be absent or null.
 *
 * A struct cor_str borrows its bytes: it never owns them. It may hold U+0000 and need not end in a
 * NUL.
 */
#ifndef CORACLE_STR_H
#define CORACLE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_str {
	const char *data; /* NULL only when len is 0 */
	size_t len;       /* bytes */
};

/*
 * cor_array(T), cor_dict(T) and cor_opt(T) are structs without a name. So each use is a type of its
 * own, and you cannot assign one to another of the same T. Copy it member by member:
 *
 *     draft->rating.state = patch->rating.state;
 *     draft->rating.value = patch->rating.value;
 *
 * or, to assign it or pass it to a function, name the type once:
 *
 *     typedef cor_opt(int32_t) opt_rating;
 *
 * and declare the members with that name: the rows take them as they are.
 */

/** A cor_str over a string literal. */
#define COR_STR(literal) ((struct cor_str){ "" literal, sizeof(literal) - 1 })

/**
 * An array member: `cor_array(const char *) tags;` gives tags.items and tags.len. An empty array
 * that was sent ([]) has items != NULL; an absent one is zero.
 */
#define cor_array(type)                                                                            \
	struct {                                                                                   \
		__typeof__(type) *items;                                                           \
		size_t len;                                                                        \
	}

/**
 * A map member, of texts to values: `cor_dict(int64_t) stock;` gives stock.len and
 * stock.items[i].key and .value, in the order in which they were sent. cor_dict_find() looks one
 * up. An empty one that was sent ({}) has items != NULL; an absent one is zero.
 */
#define cor_dict(type)                                                                             \
	struct {                                                                                   \
		struct {                                                                           \
			const char *key;                                                           \
			__typeof__(type) value;                                                    \
		} * items;                                                                         \
		size_t len;                                                                        \
	}

/**
 * The value of a key in a cor_dict, as a pointer to it; NULL if it is not there. Looks at one item
 * after the other.
 *
 *     int64_t *pens = cor_dict_find(&shelf->stock, "pens");
 */
#define cor_dict_find(dict, key_)                                                                  \
	__extension__({                                                                            \
		__typeof__((dict)->items) cor_items_ = (dict)->items;                              \
		const char *cor_key_ = (key_);                                                     \
		size_t cor_at_ = 0, cor_len_ = (dict)->len;                                        \
		while (cor_at_ < cor_len_ && strcmp(cor_items_[cor_at_].key, cor_key_) != 0)       \
			cor_at_++;                                                                 \
		cor_at_ < cor_len_ ? &cor_items_[cor_at_].value : NULL;                            \
	})

/** The state of a cor_opt member. The zero value is "absent". */
enum cor_opt_state {
	COR_ABSENT = 0, /* the member was not there; value is zero */
	COR_NULL,       /* it was null; value is zero */
	COR_SET,        /* value holds it */
};

/**
 * A member that tells absent, null and set apart: `cor_opt(int64_t) stock;` gives stock.state and
 * stock.value.
 */
#define cor_opt(type)                                                                              \
	struct {                                                                                   \
		enum cor_opt_state state;                                                          \
		__typeof__(type) value;                                                            \
	}

/** The cor_str over a NUL-terminated string; NULL gives the empty one. */
static inline struct cor_str cor_str(const char *text)
{
	struct cor_str str = { text, text ? strlen(text) : 0 };
	return str;
}

/** Whether two strings hold the same bytes. */
static inline bool cor_str_equal(struct cor_str a, struct cor_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

COR_END_DECLS
#endif
