/* SPDX-License-Identifier: MIT */
#include "service/language.h"

#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>
#include <coracle/service.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "base/violation_texts.h"
#include "http/accept.h"

/* --- choice --- */

static const struct cor_language *default_of(const struct cor_language *const *languages)
{
	for (; *languages; languages++)
		if ((*languages)->is_default)
			return *languages;
	return NULL;
}

/* The library's English is one of those to choose from, unless it is worded anew. */
const struct cor_language *cor_language_of(struct cor_exchange *x)
{
	const struct cor_service *service = cor_ctx_mounted(&x->ctx);
	const struct cor_language *const *languages = service ? service->languages : NULL;
	struct cor_str tags[COR_LANGUAGES_MAX + 1];
	size_t len = 0;

	if (!languages)
		return NULL;
	for (; len < COR_LANGUAGES_MAX && languages[len]; len++)
		tags[len] = cor_str(languages[len]->tag);
	tags[len] = COR_STR("en");
	struct cor_str accept = cor_exchange_header(x, COR_STR("Accept-Language"));
	int found = cor_accept_language(accept, tags, len + 1);
	if (found < 0)
		return default_of(languages);
	return (size_t)found < len ? languages[found] : NULL;
}

const char *cor_ctx_language(struct cor_ctx *ctx)
{
	struct cor_exchange *x = cor_exchange_of(ctx);
	const struct cor_language *language = x ? cor_language_of(x) : NULL;

	return language ? language->tag : "en";
}

/* --- translation --- */

struct translation {
	const struct cor_language *language;
	struct cor_arena *arena;
	struct cor_buffer buffer;
};

static const char *find_code(const struct cor_language *language, struct cor_str code)
{
	for (size_t i = 0; i < language->len; i++)
		if (language->texts[i].code &&
			cor_str_equal(cor_str(language->texts[i].code), code))
			return language->texts[i].text;
	return NULL;
}

static struct cor_str translate_word(const struct cor_language *language, struct cor_str word)
{
	for (size_t i = 0; i < language->len; i++)
		if (language->texts[i].word &&
			cor_str_equal(cor_str(language->texts[i].word), word))
			return cor_str(language->texts[i].text);
	return word;
}

/* The text with its parameters in the places of their names. */
static void fill_in(struct translation *translation, const char *text, const char *said)
{
	struct cor_buffer *buffer = &translation->buffer;
	const char *open, *close;

	buffer->len = 0;
	while ((open = strchr(text, '{')) && (close = strchr(open, '}'))) {
		struct cor_str name = { open + 1, (size_t)(close - open - 1) };
		cor_buffer_append(buffer, text, (size_t)(open - text));
		cor_buffer_append_str(
			buffer, translate_word(translation->language, cor_said_param(said, name)));
		text = close + 1;
	}
	cor_buffer_append_str(buffer, cor_str(text));
	cor_buffer_byte(buffer, '\0');
}

/* In memory of the request; NULL: the table does not have it, or there is no memory. */
static const char *translate(struct translation *translation, struct cor_str code, const char *said)
{
	const char *text = find_code(translation->language, code);

	if (!text)
		return NULL;
	fill_in(translation, text, said);
	if (cor_buffer_error(&translation->buffer) < 0)
		return NULL;
	return cor_arena_copy(
		translation->arena, translation->buffer.data, translation->buffer.len - 1);
}

static const char *translate_detail(
	struct translation *translation, const struct cor_violation *violation)
{
	const char *text = NULL;

	if (violation->code)
		text = translate(translation, cor_str(violation->code), violation->said);
	else
		text = translate_word(translation->language, cor_str(violation->detail)).data;
	return text ? text : violation->detail;
}

/* The log keeps the list that was found. */
static const struct cor_violations *translate_list(
	struct translation *translation, const struct cor_violations *found)
{
	struct cor_violations *list = cor_arena_zalloc(translation->arena, sizeof *list);
	struct cor_violation **end = list ? &list->first : NULL;

	if (!list)
		return found;
	list->count = found->count;
	for (const struct cor_violation *v = found->first; v; v = v->next) {
		struct cor_violation *copy = cor_arena_alloc(translation->arena, sizeof *copy);
		if (!copy)
			return found;
		*copy = *v;
		copy->detail = translate_detail(translation, v);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return list;
}

/* What the library says of a list, or the text that the service gave. */
static const char *translate_whole(
	struct translation *translation, const struct cor_problem_text *problem)
{
	const char *said = COR_SAYS_BREAKS_RULE, *text;

	if (!problem->violations)
		return translate_word(translation->language, cor_str(problem->detail)).data;
	if (problem->status == 400)
		said = COR_SAYS_MALFORMED;
	else if (problem->violations->count != 1)
		said = cor_arena_printf(
			translation->arena, COR_SAYS_BREAKS_RULES, problem->violations->count);
	if (!said)
		return NULL;
	struct cor_str code = cor_said_code(said, &text);
	return translate(translation, code, text);
}

static void say_in(const struct cor_language *language, struct cor_arena *arena,
	struct cor_problem_text *problem)
{
	struct translation translation = { .language = language, .arena = arena };
	bool has_detail = problem->detail && problem->detail[0];
	const char *detail = has_detail ? translate_whole(&translation, problem) : NULL;

	if (detail)
		problem->detail = detail;
	if (problem->violations)
		problem->violations = translate_list(&translation, problem->violations);
	cor_buffer_finish(&translation.buffer);
}

void cor_language_say(
	struct cor_exchange *x, struct cor_arena *arena, struct cor_problem_text *problem)
{
	const struct cor_language *language = cor_language_of(x);

	if (language)
		say_in(language, arena, problem);
}

COR_COLD void cor_language_translate(struct cor_exchange *x, struct cor_problem_text *problem)
{
	const struct cor_service *service = cor_ctx_mounted(&x->ctx);
	const struct cor_language *language;

	if (!service || !service->languages)
		return;
	language = cor_language_of(x);
	cor_ignore(cor_reply_header(&x->ctx, "Content-Language", language ? language->tag : "en"));
	cor_ignore(cor_reply_header(&x->ctx, "Vary", "Accept-Language"));
	if (language)
		say_in(language, &x->ctx.arena, problem);
}
