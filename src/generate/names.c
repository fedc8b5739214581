/* SPDX-License-Identifier: MIT */
#include "generate/names.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/utf8.h"

#define NAME_BYTES 64 /* longer ones are cut: C tells 63 characters apart (C11 5.2.4.1) */

/* Keywords of C and C++, and macros of the headers that a table needs. Sorted by nothing. */
static const char *const reserved[] = { "alignas", "alignof", "and", "and_eq", "asm", "assert",
	"auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "char16_t", "char32_t",
	"char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
	"const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default",
	"delete", "do", "double", "dynamic_cast", "else", "enum", "errno", "explicit", "export",
	"extern", "false", "float", "for", "friend", "goto", "i386", "if", "inline", "int", "linux",
	"long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "offsetof",
	"operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
	"requires", "restrict", "return", "short", "signed", "sizeof", "static", "static_assert",
	"static_cast", "stderr", "stdin", "stdout", "struct", "switch", "template", "this",
	"thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof",
	"typeof_unqual", "union", "unix", "unsigned", "using", "va_arg", "va_copy", "va_end",
	"va_start", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq" };

/* Structs that the headers of the library bring along. */
static const char *const foreign_tags[] = { "itimerspec", "sigevent", "timespec", "timeval", "tm",
	"timezone", "iovec" };

/* Latin letters without their marks: U+00C0 to U+017F. */
static const char *const latin[] = { "A", "A", "A", "A", "A", "A", "AE", "C", "E", "E", "E", "E",
	"I", "I", "I", "I", "D", "N", "O", "O", "O", "O", "O", "x", "O", "U", "U", "U", "U", "Y",
	"Th", "ss", "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "o", "", "o", "u", "u", "u", "u", "y", "th", "y", "A", "a",
	"A", "a", "A", "a", "C", "c", "C", "c", "C", "c", "C", "c", "D", "d", "D", "d", "E", "e",
	"E", "e", "E", "e", "E", "e", "E", "e", "G", "g", "G", "g", "G", "g", "G", "g", "H", "h",
	"H", "h", "I", "i", "I", "i", "I", "i", "I", "i", "I", "i", "IJ", "ij", "J", "j", "K", "k",
	"k", "L", "l", "L", "l", "L", "l", "L", "l", "L", "l", "N", "n", "N", "n", "N", "n", "n",
	"N", "n", "O", "o", "O", "o", "O", "o", "OE", "oe", "R", "r", "R", "r", "R", "r", "S", "s",
	"S", "s", "S", "s", "S", "s", "T", "t", "T", "t", "T", "t", "U", "u", "U", "u", "U", "u",
	"U", "u", "U", "u", "U", "u", "W", "w", "Y", "y", "Y", "Z", "z", "Z", "z", "Z", "z", "s" };

_Static_assert(sizeof latin / sizeof latin[0] == 0x180 - 0xC0, "one for each letter");

static bool is_in(const char *const *list, size_t len, const char *text)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

#define IS_IN(list, text) is_in(list, sizeof(list) / sizeof((list)[0]), text)

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

bool cor_gen_is_identifier(const char *text)
{
	if (!is_letter(text[0]) && text[0] != '_')
		return false;
	for (const char *at = text; *at; at++)
		if (!is_letter(*at) && !is_digit(*at) && *at != '_')
			return false;
	return !IS_IN(reserved, text);
}

/* The next code point; a byte that is none counts as one. */
static uint32_t next_point(const unsigned char **at)
{
	const unsigned char *s = *at;
	size_t more = s[0] >= 0xF0 ? 3 : s[0] >= 0xE0 ? 2 : s[0] >= 0xC0 ? 1 : 0;
	uint32_t point = more ? s[0] & (0x3Fu >> more) : s[0];

	s++;
	for (size_t i = 0; i < more && (*s & 0xC0) == 0x80; i++)
		point = point << 6 | (*s++ & 0x3Fu);
	*at = s;
	return point;
}

/* ASCII of a text: letters lose their marks, what has none is its number. */
static const char *ascii(struct cor_gen *gen, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	char room[NAME_BYTES * 2] = "";
	size_t len = 0;

	while (*at && len < NAME_BYTES) {
		uint32_t point = next_point(&at);
		char one[2] = { (char)point, '\0' };
		const char *word = one;
		if (point >= 0x180)
			word = cor_gen_printf(gen, "_u%x", (unsigned)point);
		else if (point >= 0xC0)
			word = latin[point - 0xC0];
		else if (point >= 0x80)
			word = "_";
		size_t bytes = strlen(word);
		memcpy(room + len, word, bytes + 1);
		len += bytes;
	}
	return cor_gen_printf(gen, "%s", room);
}

/* A new word begins at an upper-case letter: orderId, HTTPServer, but not in ID or v2. */
static bool begins_word(const char *text, size_t i)
{
	if (i == 0 || !is_upper(text[i]))
		return false;
	if (!is_upper(text[i - 1]))
		return is_letter(text[i - 1]) || is_digit(text[i - 1]);
	return text[i + 1] >= 'a' && text[i + 1] <= 'z' &&
	       !(text[i + 1] == 's' && !is_letter(text[i + 2])); /* IDs */
}

const char *cor_gen_snake(struct cor_gen *gen, const char *text)
{
	const char *plain = ascii(gen, text);
	char room[NAME_BYTES + 1];
	size_t len = 0;

	for (size_t i = 0; plain[i] && len + 2 < sizeof room; i++) {
		char c = plain[i];
		bool is_word = is_letter(c) || is_digit(c);
		if ((!is_word || begins_word(plain, i)) && len && room[len - 1] != '_')
			room[len++] = '_';
		if (is_word)
			room[len++] = (char)(is_upper(c) ? c + 'a' - 'A' : c);
	}
	while (len && room[len - 1] == '_')
		len--;
	room[len] = '\0';
	return cor_gen_printf(gen, "%s", room);
}

const char *cor_gen_capitals(struct cor_gen *gen, const char *text)
{
	char *copy = cor_arena_strdup(gen->arena, cor_gen_snake(gen, text));

	for (char *at = copy; at && *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'z' ? *at + 'A' - 'a' : *at);
	return copy ? copy : cor_gen_printf(gen, "%s", "");
}

static bool ends(const char *text, size_t len, const char *end)
{
	size_t bytes = strlen(end);

	return len > bytes && memcmp(text + len - bytes, end, bytes) == 0;
}

const char *cor_gen_singular(struct cor_gen *gen, const char *text)
{
	size_t len = strlen(text);

	if (ends(text, len, "series") || ends(text, len, "ss") || ends(text, len, "us") ||
		ends(text, len, "is"))
		return text;
	if (ends(text, len, "ies"))
		return cor_gen_printf(gen, "%.*sy", (int)len - 3, text);
	if (ends(text, len, "sses") || ends(text, len, "xes") || ends(text, len, "ches") ||
		ends(text, len, "shes"))
		return cor_gen_printf(gen, "%.*s", (int)len - 2, text);
	if (ends(text, len, "s"))
		return cor_gen_printf(gen, "%.*s", (int)len - 1, text);
	return text;
}

static void take(struct cor_gen *gen, struct cor_node *taken, const char *name)
{
	if (cor_node_set(gen->arena, taken, name, cor_node_bool(gen->arena, true)) < 0 &&
		gen->error == 0)
		gen->error = -ENOMEM;
}

/* The name itself, else with the first number that nobody has. */
static const char *unique(struct cor_gen *gen, struct cor_node *taken, const char *name)
{
	const char *found = name;

	for (unsigned n = 2; cor_node_get(taken, found) && gen->error == 0; n++)
		found = cor_gen_printf(gen, "%s_%u", name, n);
	take(gen, taken, found);
	return found;
}

/* What is named after a type, as a tag or a variable. */
static const char *const derived[] = { "", "_schema", "_fields", "_names", "_branches" };
#define DERIVED (sizeof derived / sizeof derived[0])

static bool any_is_taken(struct cor_gen *gen, const char *tag)
{
	for (size_t i = 0; i < DERIVED; i++) {
		const char *name = cor_gen_printf(gen, "%s%s", tag, derived[i]);
		if (cor_node_get(gen->tags, name) || (i && cor_node_get(gen->handlers, name)))
			return true;
	}
	return false;
}

/* Something that a name of C may be. */
static const char *valid(struct cor_gen *gen, const char *snake, const char *otherwise)
{
	if (snake[0] == '\0')
		return otherwise;
	if (is_digit(snake[0]))
		return cor_gen_printf(gen, "n%s", snake);
	if (IS_IN(reserved, snake))
		return cor_gen_printf(gen, "%s_", snake);
	return snake;
}

const char *cor_gen_tag(struct cor_gen *gen, const char *text)
{
	const char *prefix = gen->options->prefix ? gen->options->prefix : "";
	const char *name = cor_gen_snake(gen, text);

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		name = cor_gen_printf(gen, "%s%s", prefix, name);
	name = valid(gen, name, "type");
	if (IS_IN(foreign_tags, name))
		name = cor_gen_printf(gen, "%s_value", name);
	if (strncmp(name, "cor_", 4) == 0)
		name = cor_gen_printf(gen, "x_%s", name);
	const char *found = name;
	for (unsigned n = 2; any_is_taken(gen, found) && gen->error == 0; n++)
		found = cor_gen_printf(gen, "%s_%u", name, n);
	for (size_t i = 0; i < DERIVED; i++)
		take(gen, gen->tags, cor_gen_printf(gen, "%s%s", found, derived[i]));
	return found;
}

const char *cor_gen_member(struct cor_gen *gen, struct cor_gen_type *type, const char *text)
{
	return unique(gen, type->members, valid(gen, cor_gen_snake(gen, text), "member"));
}

/* Of a name without a letter or digit: "<=" is less equal. */
static const char *spoken(struct cor_gen *gen, const char *text)
{
	static const struct {
		char sign;
		const char *word;
	} words[] = { { '+', "plus" }, { '-', "minus" }, { '*', "star" }, { '/', "slash" },
		{ '=', "equal" }, { '<', "less" }, { '>', "greater" }, { '!', "not" },
		{ '%', "percent" }, { '&', "and" }, { '|', "or" }, { '^', "caret" },
		{ '~', "tilde" }, { '.', "dot" }, { ',', "comma" }, { '?', "question" },
		{ ':', "colon" }, { '@', "at" }, { '#', "hash" }, { '$', "dollar" } };
	const char *found = "";

	for (const char *at = text; *at; at++)
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (words[i].sign == *at)
				found = cor_gen_printf(gen, "%s %s", found, words[i].word);
	return found;
}

const char *cor_gen_constant(struct cor_gen *gen, const char *tag, const char *text)
{
	const char *end = cor_gen_capitals(gen, text);

	if (!end[0])
		end = cor_gen_capitals(gen, spoken(gen, text));
	const char *name = cor_gen_printf(
		gen, "%s_%s", cor_gen_capitals(gen, tag), end[0] ? end : "OTHER");

	/* INT8_MAX and the like are macros, and so is what begins with an E. */
	if (strncmp(name, "INT", 3) == 0 || strncmp(name, "UINT", 4) == 0 ||
		strncmp(name, "SIZE_", 5) == 0 || strncmp(name, "COR_", 4) == 0)
		name = cor_gen_printf(gen, "X_%s", name);
	return unique(gen, gen->constants, name);
}

/* A function may have the name of a struct, but not that of a variable. */
static bool is_variable(struct cor_gen *gen, const char *name)
{
	bool is_derived = false;

	for (size_t i = 1; i < DERIVED; i++) {
		size_t len = strlen(name), end = strlen(derived[i]);
		is_derived = is_derived || (len > end && strcmp(name + len - end, derived[i]) == 0);
	}
	return is_derived && cor_node_get(gen->tags, name);
}

const char *cor_gen_handler(struct cor_gen *gen, const char *text)
{
	const char *prefix = gen->options->prefix ? gen->options->prefix : "", *name = text, *found;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		name = cor_gen_printf(gen, "%s%s", prefix, name);
	name = found = valid(gen, name, "operation");
	for (unsigned n = 2; gen->error == 0; n++) {
		const char *row = cor_gen_printf(gen, "%s_operation", found);
		if (!cor_node_get(gen->handlers, found) && !cor_node_get(gen->handlers, row) &&
			!is_variable(gen, found)) {
			take(gen, gen->handlers, row);
			break;
		}
		found = cor_gen_printf(gen, "%s_%u", name, n);
	}
	take(gen, gen->handlers, found);
	return found;
}
