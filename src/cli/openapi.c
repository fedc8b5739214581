/* SPDX-License-Identifier: MIT */
/* coracle openapi: the document of the service, and whether a change of it breaks clients. */
#include <string.h>
#include <unistd.h>

#include <coracle/json_write.h>

#include "cli/api_changes.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/service.h"
#include "document/reference.h"

#define LOCK "openapi.lock.json"

/* --- documents --- */

static const struct {
	const char *word;
	const char *option;
} forms[] = {
	{ "3.1", "--print-openapi" },
	{ "3.0", "--print-openapi-3-0" },
	{ "2.0", "--print-swagger" },
	{ "postman", "--print-postman" },
};

static int print(struct cor_cli *cli, const char *form)
{
	struct cor_buffer buffer = { 0 };
	struct cor_str text;

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (strcmp(forms[i].word, form) != 0)
			continue;
		int rc = cor_service_ask(cli, forms[i].option, &text);
		if (rc != COR_CLI_OK)
			return rc;
		cor_buffer_append_str(&buffer, text);
		return cor_cli_print(cli, &buffer);
	}
	return COR_CLI_USAGE;
}

/* --- the locked copy --- */

static void indent(struct cor_buffer *buffer, unsigned depth)
{
	cor_buffer_byte(buffer, '\n');
	for (unsigned i = 0; i < depth; i++)
		cor_buffer_byte(buffer, '\t');
}

/* A line each, so that a change of the copy can be read in a review. */
static void write_lines(struct cor_str text, struct cor_buffer *buffer)
{
	unsigned depth = 0;
	bool is_text = false;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.data[i], next = i + 1 < text.len ? text.data[i + 1] : '\0';
		if (!is_text && (byte == '}' || byte == ']') && text.data[i - 1] != '{' &&
			text.data[i - 1] != '[')
			indent(buffer, depth);
		cor_buffer_byte(buffer, byte);
		if (is_text && byte == '\\') {
			cor_buffer_byte(buffer, text.data[++i]);
			continue;
		}
		is_text ^= byte == '"';
		if (is_text)
			continue;
		if (byte == ':')
			cor_buffer_byte(buffer, ' ');
		if (byte == '{' || byte == '[')
			depth++;
		if (next == '}' || next == ']')
			depth--;
		if (byte == ',' || ((byte == '{' || byte == '[') && next != '}' && next != ']'))
			indent(buffer, depth);
	}
	cor_buffer_byte(buffer, '\n');
}

/* The first $ref that leads nowhere; NULL: none does. Values that are no schema may have any. */
static const struct cor_node *lost_ref(
	const struct cor_node *document, const struct cor_node *node, struct cor_str key)
{
	static const char *const values[] = { "example", "examples", "default", "enum", "const" };
	const struct cor_node *ref = cor_node_get(node, "$ref"), *lost = NULL;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		if (cor_str_equal(key, cor_str(values[i])))
			return NULL;
	if (cor_node_type(ref) == COR_JSON_STRING && !cor_reference_follow(document, node))
		return ref;
	for (size_t i = 0; i < cor_node_len(node) && !lost; i++)
		lost = lost_ref(document, cor_node_item(node, i),
			cor_node_type(node) == COR_JSON_OBJECT ? cor_node_key(node, i)
							       : COR_STR(""));
	return lost;
}

static int check_document(
	const struct cor_cli *cli, const char *path, const struct cor_node *document)
{
	if (strncmp(cor_cli_member(cli, document, "openapi"), "3.", 2) != 0)
		return cor_cli_fail(
			cli, COR_CLI_DATA, "%s: is no OpenAPI document of 3.0 or 3.1", path);
	const struct cor_node *lost = lost_ref(document, document, COR_STR(""));
	if (!lost)
		return COR_CLI_OK;
	return cor_cli_fail(cli, COR_CLI_DATA,
		"%s: has no %s, where a $ref leads: what is compared must be in one file", path,
		cor_api_text(cli, lost));
}

static int read_document(struct cor_cli *cli, const char *path, struct cor_node **ret)
{
	struct cor_str text;
	int rc = path ? cor_cli_read_file(cli, path, &text)
		      : cor_service_ask(cli, "--print-openapi", &text);

	if (rc == COR_CLI_OK)
		rc = cor_cli_parse(cli, path ? path : "the service's document", text, ret);
	return rc == COR_CLI_OK ? check_document(cli, path ? path : "it", *ret) : rc;
}

static int lock(struct cor_cli *cli)
{
	struct cor_buffer buffer = { 0 };
	struct cor_node *document;
	struct cor_str text;
	int rc = read_document(cli, NULL, &document);

	if (rc != COR_CLI_OK)
		return rc;
	if (cor_node_print(cli->arena, document, &text) < 0)
		return cor_cli_fail(cli, COR_CLI_SOFTWARE, "there is no memory left");
	write_lines(text, &buffer);
	rc = cor_cli_replace_file(cli, cor_cli_path(cli, LOCK), cor_cli_take(cli, &buffer));
	if (rc == COR_CLI_OK)
		cor_cli_say(cli, "%s is what the service's document is compared with now", LOCK);
	return rc;
}

/* --- comparing --- */

static void write_text(const struct cor_api_changes *changes, struct cor_buffer *buffer)
{
	bool has_colour = cor_cli_wants_colour(STDOUT_FILENO);

	for (int breaks = 1; breaks >= 0; breaks--) {
		for (size_t i = 0; i < changes->len; i++) {
			const struct cor_api_change *change = &changes->items[i];
			if (change->breaks != (breaks == 1))
				continue;
			cor_buffer_printf(buffer, "%s%s%s  %s: %s\n",
				has_colour && breaks ? "\033[1;31m" : "",
				breaks ? "breaking  " : "compatible",
				has_colour && breaks ? "\033[0m" : "", change->where, change->text);
		}
	}
	if (changes->breaking + changes->compatible == 0)
		cor_buffer_literal(buffer, "nothing has changed for clients\n");
	else
		cor_buffer_printf(buffer, "%zu breaking, %zu compatible\n", changes->breaking,
			changes->compatible);
}

static int write_json(const struct cor_api_changes *changes, struct cor_buffer *buffer)
{
	struct cor_json_writer *writer = cor_write_begin(changes->cli->arena, NULL);
	struct cor_str text;

	cor_write_object(writer);
	cor_write_key(writer, "breaking");
	cor_write_uint64(writer, changes->breaking);
	cor_write_key(writer, "compatible");
	cor_write_uint64(writer, changes->compatible);
	cor_write_key(writer, "changes");
	cor_write_array(writer);
	for (size_t i = 0; i < changes->len; i++) {
		cor_write_object(writer);
		cor_write_key(writer, "breaks");
		cor_write_bool(writer, changes->items[i].breaks);
		cor_write_key(writer, "operation");
		cor_write_string(writer, changes->items[i].where);
		cor_write_key(writer, "change");
		cor_write_string(writer, changes->items[i].text);
		cor_write_end(writer);
	}
	cor_write_end(writer);
	cor_write_end(writer);
	if (cor_write_finish(writer, &text) < 0)
		return cor_cli_fail(changes->cli, COR_CLI_SOFTWARE, "there is no memory left");
	cor_buffer_append_str(buffer, text);
	cor_buffer_byte(buffer, '\n');
	return COR_CLI_OK;
}

static int compare(struct cor_cli *cli)
{
	const char *old = cli->words_len > 1 ? cli->words[1] : cor_cli_path(cli, LOCK);
	const char *new = cli->words_len > 2 ? cli->words[2] : NULL;
	struct cor_api_changes changes = { .cli = cli };
	struct cor_buffer buffer = { 0 };
	struct cor_node *before, *after;

	if (cli->words_len < 2 && !cor_cli_exists(old))
		return cor_cli_fail(cli, COR_CLI_INPUT,
			"there is no %s to compare with: coracle openapi lock writes it", old);
	int rc = read_document(cli, old, &before);
	if (rc == COR_CLI_OK)
		rc = read_document(cli, new, &after);
	if (rc != COR_CLI_OK)
		return rc;
	changes.before = before;
	changes.after = after;
	cor_api_compare(&changes);
	if (cor_cli_has(cli, "--json"))
		rc = write_json(&changes, &buffer);
	else
		write_text(&changes, &buffer);
	if (rc == COR_CLI_OK)
		rc = cor_cli_print(cli, &buffer);
	return rc == COR_CLI_OK && changes.breaking ? COR_CLI_NO : rc;
}

static int run(struct cor_cli *cli)
{
	const char *word = cli->words_len ? cli->words[0] : "3.1";
	bool is_diff = strcmp(word, "diff") == 0;

	if (!is_diff && cli->words_len > 1)
		return cor_cli_fail(cli, COR_CLI_USAGE, "%s: only diff takes files", cli->words[1]);
	if (!is_diff && cor_cli_has(cli, "--json"))
		return cor_cli_fail(cli, COR_CLI_USAGE, "--json: is for diff; documents are JSON");
	if (is_diff)
		return compare(cli);
	return strcmp(word, "lock") == 0 ? lock(cli) : print(cli, word);
}

const struct cor_cli_verb cor_cli_openapi = {
	.name = "openapi",
	.arguments = "[3.1|3.0|2.0|postman|lock|diff [OLD [NEW]]]",
	.summary = "Print the OpenAPI document, or tell whether it breaks clients",
	.doc = "3.1, 3.0, 2.0 and postman print the document of the service in that form; nothing is 3.1.\n"
	       "\n"
	       "lock keeps it in " LOCK ", to be committed. diff compares with that what the\n"
	       "service's document is now, or two files, and tells breaking changes from compatible ones:\n"
	       "the status is 1 if one breaks clients. docs/command.md has the rules.",
	.choices = "3.1 3.0 2.0 postman lock diff",
	.chosen_max = 1,
	.words_max = 3,
	.options = { { "--json", NULL, NULL, "What diff finds as JSON" } },
	.run = run,
};
