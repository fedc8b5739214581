/* SPDX-License-Identifier: MIT */
#include "cli/scaffold.h"

#include <string.h>

#include <coracle/files.h>

#include "cli/files.h"

/* Made by tools/coracle-embed of the folder scaffold. */
extern const struct cor_embedded_files cor_cli_scaffold;

#define NAME_BYTES_MAX 40

static const char *const keywords[] = { "alignas", "alignof", "asm", "auto", "bool", "break",
	"case", "char", "class", "const", "constexpr", "continue", "default", "delete", "do",
	"double", "else", "enum", "extern", "false", "float", "for", "goto", "if", "inline", "int",
	"long", "namespace", "new", "nullptr", "private", "protected", "public", "register",
	"restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "template",
	"this", "thread_local", "true", "typedef", "typename", "typeof", "union", "unsigned",
	"using", "virtual", "void", "volatile", "while", NULL };

const char *cor_scaffold_name_fault(const char *name)
{
	if (name[0] == '\0' || strlen(name) > NAME_BYTES_MAX)
		return "must have 1 to 40 letters";
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0' || name[0] < 'a')
		return "must be a name in C: small letters, digits and _, a letter first";
	for (size_t i = 0; keywords[i]; i++) {
		if (strcmp(name, keywords[i]) == 0)
			return "is a keyword of C or C++";
	}
	if (strncmp(name, "cor_", 4) == 0)
		return "begins with cor_, as the names of the library do";
	return NULL;
}

static char *mapped(const struct cor_cli *cli, const char *word, char from, char to)
{
	char *text = cor_cli_text(cli, "%s", word);

	for (char *at = text; *at; at++) {
		if (from == 'a' && *at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
		else if (*at == from && from != 'a')
			*at = to;
	}
	return text;
}

const char *cor_scaffold_capitals(const struct cor_cli *cli, const char *word)
{
	return mapped(cli, word, 'a', 'A');
}

const char *cor_scaffold_dashed(const struct cor_cli *cli, const char *word)
{
	return mapped(cli, word, '_', '-');
}

const char *cor_scaffold_underscored(const struct cor_cli *cli, const char *word)
{
	return mapped(cli, word, '-', '_');
}

/* The word whose mark, in small letters or capitals, begins the text between two '@'. */
static const char *word_at(const struct cor_cli *cli, const struct cor_scaffold_word *words,
	const char *text, size_t *ret_len)
{
	for (; words->mark; words++) {
		size_t len = strlen(words->mark);
		*ret_len = len + 2;
		if (text[0] != '@' || text[1 + len] != '@')
			continue;
		if (strncmp(text + 1, words->mark, len) == 0)
			return words->value;
		if (strncmp(text + 1, cor_scaffold_capitals(cli, words->mark), len) == 0)
			return cor_scaffold_capitals(cli, words->value);
	}
	return NULL;
}

/* The bytes are followed by a NUL, as coracle-embed has it. */
static struct cor_str fill(
	const struct cor_cli *cli, const struct cor_scaffold_word *words, const char *text)
{
	struct cor_buffer filled = { 0 };
	size_t len;

	while (*text) {
		const char *word = strchr(text, '@') == text ? word_at(cli, words, text, &len)
							     : NULL;
		if (word)
			cor_buffer_printf(&filled, "%s", word);
		else
			cor_buffer_byte(&filled, *text);
		text += word ? len : 1;
	}
	return cor_cli_take(cli, &filled);
}

static void add_part(const struct cor_cli *cli, const struct cor_scaffold_word *words,
	struct cor_str part, struct cor_buffer *path)
{
	if (part.len > 4 && memcmp(part.data, "dot-", 4) == 0) {
		cor_buffer_byte(path, '.');
		part.data += 4;
		part.len -= 4;
	}
	if (cor_str_equal(part, COR_STR("text")))
		part = COR_STR("util");
	for (; words->mark; words++) {
		const char *mark = cor_scaffold_capitals(cli, words->mark);
		const char *at = memmem(part.data, part.len, mark, strlen(mark));
		if (!at)
			continue;
		cor_buffer_append(path, part.data, (size_t)(at - part.data));
		cor_buffer_printf(path, "%s", words->value);
		part.len -= (size_t)(at - part.data) + strlen(mark);
		part.data = at + strlen(mark);
	}
	cor_buffer_append_str(path, part);
}

/* "main/NAME.c.in" -> "main/shop.c" */
static const char *path_of(
	const struct cor_cli *cli, const struct cor_scaffold_word *words, const char *template)
{
	struct cor_buffer path = { 0 };
	const char *end = template + strlen(template) - strlen(".in");

	while (template <end) {
		size_t len = strcspn(template, "/");
		if (template + len > end)
			len = (size_t)(end - template);
		add_part(cli, words, (struct cor_str){ template, len }, &path);
		template += len;
		if (template <end)
			cor_buffer_byte(&path, *template ++);
	}
	cor_buffer_byte(&path, '\0');
	return cor_cli_take(cli, &path).data;
}

/* The templates of a kind: their place in the table, and the paths of what is made of them. */
static size_t choose(const struct cor_cli *cli, const char *kind,
	const struct cor_scaffold_word *words, const struct cor_embedded_file **items,
	const char **paths)
{
	size_t len = 0, prefix = strlen(kind);

	for (size_t i = 0; i < cor_cli_scaffold.len; i++) {
		const struct cor_embedded_file *item = &cor_cli_scaffold.items[i];
		if (strncmp(item->name, kind, prefix) != 0 || item->name[prefix] != '/')
			continue;
		items[len] = item;
		paths[len++] = path_of(cli, words, item->name + prefix + 1);
	}
	return len;
}

struct cor_str cor_scaffold_text(
	const struct cor_cli *cli, const char *template, const struct cor_scaffold_word *words)
{
	size_t i = 0;

	while (strcmp(cor_cli_scaffold.items[i].name, template) != 0)
		i++;
	return fill(cli, words, cor_cli_scaffold.items[i].bytes);
}

static const char *below(const struct cor_cli *cli, const char *folder, const char *path)
{
	return strcmp(folder, ".") == 0 ? path : cor_cli_text(cli, "%s/%s", folder, path);
}

int cor_scaffold_write(const struct cor_cli *cli, const char *kind, const char *folder,
	const struct cor_scaffold_word *words, const char ***ret_files)
{
	size_t room = (cor_cli_scaffold.len + 1) * sizeof(void *);
	const struct cor_embedded_file **items = cor_cli_alloc(cli, room);
	const char **paths = cor_cli_alloc(cli, room);
	size_t len = choose(cli, kind, words, items, paths);
	int rc = COR_CLI_OK;

	for (size_t i = 0; i < len; i++) {
		const char *path = below(cli, folder, paths[i]);
		if (cor_cli_exists(path))
			return cor_cli_fail(cli, COR_CLI_OUTPUT, "%s: is there already", path);
	}
	for (size_t i = 0; i < len && rc == COR_CLI_OK; i++)
		rc = cor_cli_create_file(
			cli, below(cli, folder, paths[i]), fill(cli, words, items[i]->bytes));
	if (ret_files)
		*ret_files = paths;
	return rc;
}
