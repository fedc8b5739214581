/* SPDX-License-Identifier: MIT */
/**
 * What the parts of the translation of patterns share: schema/ecma.c has the groups and
 * repetitions, ecma_class.c the characters and classes. Private to them.
 */
#ifndef CORACLE_SCHEMA_ECMA_TRANSLATOR_H
#define CORACLE_SCHEMA_ECMA_TRANSLATOR_H

#include <string.h>

#include "schema/ecma.h"

#define COR_ECMA_GROUPS_MAX 99 /* that may be referred to by number, and that have a name */
#define COR_ECMA_DEPTH_MAX  32 /* of groups inside one another */

struct cor_ecma_translator {
	const char *start, *at, *end;
	struct cor_buffer *buffer;
	struct cor_ecma *ecma;
	struct cor_ecma_fault *fault;
	unsigned depth;
	bool is_assertion
		[COR_ECMA_DEPTH_MAX];        /* of the groups that are open: takes no quantifier */
	unsigned number[COR_ECMA_DEPTH_MAX]; /* and which capture it is; 0: none */
	size_t opened[COR_ECMA_DEPTH_MAX];   /* where in the buffer its inside begins */
	size_t counted[COR_ECMA_DEPTH_MAX +
		       1]; /* bytes in it that its own groups count; 0: in none */
	/* What stands in each of them, so far; 0: in none. */
	bool scans[COR_ECMA_DEPTH_MAX + 1];
	bool takes[COR_ECMA_DEPTH_MAX + 1]; /* the alternative that is read takes a character */
	bool may_be_empty[COR_ECMA_DEPTH_MAX + 1]; /* one before it takes none */
	unsigned groups;                           /* captures so far */
	struct cor_str names[COR_ECMA_GROUPS_MAX];
	unsigned names_len;
	bool may_refer[COR_ECMA_GROUPS_MAX + 1];
};

/** ECMA-262 does not know what stands at `at`. Always false; what was told first counts. */
bool cor_ecma_wrong(struct cor_ecma_translator *t, const char *at, const char *text);

/** ECMA-262 knows it, and PCRE2 cannot be made to mean it. Always false. */
bool cor_ecma_unsupported(struct cor_ecma_translator *t, const char *at, const char *text);

static inline bool cor_ecma_stands(const struct cor_ecma_translator *t, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(t->end - t->at) >= len && memcmp(t->at, text, len) == 0;
}

static inline bool cor_ecma_pass(struct cor_ecma_translator *t, const char *text)
{
	bool here = cor_ecma_stands(t, text);

	if (here)
		t->at += strlen(text);
	return here;
}

static inline void cor_ecma_put(struct cor_ecma_translator *t, const char *text)
{
	cor_buffer_append_str(t->buffer, cor_str(text));
}

static inline bool cor_ecma_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool cor_ecma_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/** One character, by its number: no text of it can mean anything else. */
void cor_ecma_put_code(struct cor_ecma_translator *t, uint32_t code);

uint32_t cor_ecma_take_character(struct cor_ecma_translator *t);

/** CharacterEscape: what follows the backslash, which is at `from`, is one character. */
bool cor_ecma_take_escaped(struct cor_ecma_translator *t, const char *from, uint32_t *ret);

/** A class of characters by a letter, into brackets that are open. False: there is none here. */
bool cor_ecma_take_class_letter(struct cor_ecma_translator *t, const char *from);

/** A class in brackets. */
bool cor_ecma_take_class(struct cor_ecma_translator *t);

#endif
