/* SPDX-License-Identifier: MIT */
/**
 * What clients are told, in their language.
 *
 *     static const struct cor_text german_texts[] = {
 *             { .code = "required", .text = "fehlt" },
 *             { .code = "max_length", .text = "darf höchstens {limit} Zeichen haben" },
 *             { .code = "type", .text = "muss {wanted} sein, nicht {found}" },
 *             { .word = "a string", .text = "ein Text" },
 *             { .word = "a number", .text = "eine Zahl" },
 *     };
 *     static const struct cor_language german = COR_LANGUAGE("de", german_texts);
 *
 *     static const struct cor_service shop = { ..., .languages = COR_LANGUAGES(&german) };
 *
 * docs/errors.md lists the codes of the library's texts, each with its parameters: in the text they
 * stand in braces, each once or more. A word is what a parameter or a text of the service's own
 * (cor_invalid(), cor_problem(), .noun of a text kind) is in English, as a whole. What a table does
 * not have stays English; so does the log.
 *
 * Accept-Language (RFC 9110 section 12.5.4) chooses. A table of "de" serves "de-AT" as well, and
 * "de" is content with "de-AT"; where nothing fits, the .is_default language does, or English. A
 * table of "en" words English anew. Each error answer says Content-Language and Vary.
 *
 * The start refuses a code that is not known, a text that lacks a parameter of its code, or names
 * another one, and a tag that is none.
 */
#ifndef CORACLE_LANGUAGE_H
#define CORACLE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_ctx;

/** One text, of a code or a word. */
struct cor_text {
	const char *code;
	const char *word;
	const char *text;
};

struct cor_language {
	const char *tag; /* RFC 5646: "de", "pt-BR" */
	const struct cor_text *texts;
	size_t len;
	bool is_default;
};

#define COR_LANGUAGES_MAX 64

/* clang-format off */

/** A language with its table; options are members of struct cor_language. */
#define COR_LANGUAGE(...) COR_LANGUAGE_(__VA_ARGS__, )
#define COR_LANGUAGE_(tag_, table, ...) \
	{ \
		.tag = tag_, \
		.texts = _Generic(&(table)[0], \
			const struct cor_text *: (table), \
			struct cor_text *: (table)), \
		.len = sizeof(table) / sizeof((table)[0]), \
		__VA_ARGS__ \
	}

/** For .languages of the service. */
#define COR_LANGUAGES(...) (const struct cor_language *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

/**
 * The tag of the language that the client is told errors in: "en" where the service has no
 * languages or there is no request. For texts of a handler's own. Never yields.
 */
COR_API const char *cor_ctx_language(struct cor_ctx *ctx);

COR_END_DECLS
#endif
