/* SPDX-License-Identifier: MIT */
/* What a table of texts says that nobody would ever be told, or would be told wrongly. */
#include <string.h>
#include <strings.h>

#include <coracle/language.h>

#include "base/utf8.h"
#include "base/violation_texts.h"
#include "service/check.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* RFC 5646 section 2.1, as far as it can be seen: subtags of 1 to 8 letters and digits. */
static bool is_tag(const char *tag)
{
	size_t len = tag ? strspn(tag, LETTERS) : 0;

	if (len < 2)
		return false;
	while (len >= 1 && len <= 8 && tag[len] == '-') {
		tag += len + 1;
		len = strspn(tag, LETTERS "0123456789");
	}
	return len >= 1 && len <= 8 && tag[len] == '\0';
}

/* What follows the code of the library's own text; NULL: there is none. */
static const char *find_text(const char *code)
{
	const char *text;

	for (size_t i = 0; i < cor_violation_texts_len; i++)
		if (cor_str_equal(cor_said_code(cor_violation_texts[i], &text), cor_str(code)))
			return text;
	return NULL;
}

static bool has_name(const char *text, struct cor_str name)
{
	while ((text = strchr(text, '{'))) {
		size_t len = strcspn(++text, "}");
		if (cor_str_equal((struct cor_str){ text, len }, name))
			return true;
	}
	return false;
}

/* Each parameter of the code is in the text. */
static void check_missing(const struct cor_check *check, const char *where, const char *own,
	const struct cor_text *text)
{
	for (const char *at = own; (at = strchr(at, COR_MARK_NAME));) {
		size_t len = strcspn(++at, "\2");
		if (!has_name(text->text, (struct cor_str){ at, len }))
			cor_contradict(check, where, "the text of \"%s\" lacks {%.*s}", text->code,
				(int)len, at);
	}
}

/* Each name in braces is a parameter of the code. */
static void check_names(const struct cor_check *check, const char *where, const char *own,
	const struct cor_text *text)
{
	for (const char *at = text->text; (at = strchr(at, '{'));) {
		size_t len = strcspn(++at, "}");
		if (at[len] != '}')
			cor_contradict(check, where, "the text of \"%s\" has a { without its }",
				text->code);
		else if (!cor_said_param(own, (struct cor_str){ at, len }).data)
			cor_contradict(check, where,
				"\"%s\" has no parameter {%.*s}: docs/errors.md lists those that it has",
				text->code, (int)len, at);
	}
}

static bool is_again(const struct cor_language *language, size_t i)
{
	const struct cor_text *text = &language->texts[i];

	for (size_t j = 0; j < i; j++) {
		const struct cor_text *other = &language->texts[j];
		if (text->code && other->code && strcmp(text->code, other->code) == 0)
			return true;
		if (text->word && other->word && strcmp(text->word, other->word) == 0)
			return true;
	}
	return false;
}

static void check_text(const struct cor_check *check, const char *where,
	const struct cor_language *language, size_t i)
{
	const struct cor_text *text = &language->texts[i];
	const char *name = text->code ? text->code : text->word ? text->word : "?";

	if (!text->code == !text->word) {
		cor_contradict(check, where, "text %zu needs a .code or a .word, and not both", i);
		return;
	}
	if (!text->text || text->text[0] == '\0' || !cor_utf8_valid(cor_str(text->text))) {
		cor_contradict(check, where, "the text of \"%s\" is empty or not UTF-8", name);
		return;
	}
	if (is_again(language, i))
		cor_contradict(check, where, "\"%s\" has two texts: leave one of them out", name);
	if (!text->code)
		return;
	const char *own = find_text(text->code);
	if (!own) {
		cor_contradict(check, where,
			"there is no code \"%s\": docs/errors.md lists them; texts of the service's own are a .word",
			text->code);
		return;
	}
	check_missing(check, where, own, text);
	check_names(check, where, own, text);
}

static void check_language(const struct cor_check *check, const struct cor_language *const *all,
	const struct cor_language *language)
{
	const char *where = cor_arena_printf(
		check->arena, "language %s", language->tag ? language->tag : "?");

	if (!where)
		return;
	if (!is_tag(language->tag))
		cor_contradict(check, where,
			"its tag is not one of RFC 5646: use \"de\", \"pt-BR\" and the like");
	for (; language->tag && *all != language; all++)
		if ((*all)->tag && strcasecmp((*all)->tag, language->tag) == 0)
			cor_contradict(check, where, "there are two of it: leave one out");
		else if ((*all)->is_default && language->is_default)
			cor_contradict(check, where, "%s .is_default as well: one can be",
				(*all)->tag ? (*all)->tag : "another one");
	for (size_t i = 0; i < language->len; i++)
		check_text(check, where, language, i);
}

void cor_check_languages(const struct cor_check *check, const struct cor_service *service)
{
	size_t len = 0;

	for (; service->languages && service->languages[len]; len++)
		check_language(check, service->languages, service->languages[len]);
	if (len > COR_LANGUAGES_MAX)
		cor_contradict(check, "languages", "there are %zu, at most %d are possible", len,
			COR_LANGUAGES_MAX);
}
