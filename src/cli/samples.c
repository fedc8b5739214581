/* SPDX-License-Identifier: MIT */
#include "cli/samples.h"

#include <stdlib.h>
#include <string.h>

/* "name{labels} value", cut into its parts in place. */
static bool read_line(char *line, struct cor_sample *ret)
{
	char *open = strchr(line, '{'), *blank = strrchr(line, ' '), *end;

	if (line[0] == '#' || !blank)
		return false;
	ret->value = strtod(blank + 1, &end);
	if (end == blank + 1)
		return false;
	*blank = '\0';
	ret->name = line;
	ret->labels = "";
	if (open && open < blank && blank[-1] == '}') {
		blank[-1] = '\0';
		*open = '\0';
		ret->labels = open + 1;
	}
	return true;
}

void cor_samples_read(const struct cor_cli *cli, struct cor_str text, struct cor_samples *ret)
{
	char *copy = cor_cli_text(cli, "%.*s", (int)text.len, text.data), *next;
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	*ret = (struct cor_samples){ .items = cor_cli_alloc(cli, lines * sizeof *ret->items) };
	for (char *line = copy; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		ret->len += read_line(line, &ret->items[ret->len]);
	}
}

const char *cor_sample_label(
	const struct cor_cli *cli, const struct cor_sample *sample, const char *label)
{
	const char *mark = cor_cli_text(cli, "%s=\"", label), *at = sample->labels;
	char *value, *to;

	while ((at = strstr(at, mark)) && at != sample->labels && at[-1] != ',')
		at++;
	if (!at)
		return "";
	value = to = cor_cli_text(cli, "%s", at + strlen(mark));
	for (const char *from = value; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return value;
}

double cor_samples_value(const struct cor_samples *samples, const char *name, const char *labels)
{
	for (size_t i = 0; i < samples->len; i++)
		if (strcmp(samples->items[i].name, name) == 0 &&
			strcmp(samples->items[i].labels, labels) == 0)
			return samples->items[i].value;
	return 0;
}
