/* SPDX-License-Identifier: MIT */
#include "control/exposition.h"

#include <inttypes.h>

/* Suffixes belong to samples in OpenMetrics, and to families in the older format. */
static const struct type {
	const char *suffix;
	const char *text, *open;
} types[] = {
	[COR_FAMILY_COUNTER] = { "_total", "counter", "counter" },
	[COR_FAMILY_GAUGE] = { "", "gauge", "gauge" },
	[COR_FAMILY_HISTOGRAM] = { "", "histogram", "histogram" },
	[COR_FAMILY_INFO] = { "_info", "gauge", "info" },
};

/* Both formats escape these three in label values; in help texts a quote may stay. */
static void append_escaped(struct cor_buffer *buffer, struct cor_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '\n')
			cor_buffer_append(buffer, "\\n", 2);
		else if (c == '\\' || c == '"')
			cor_buffer_printf(buffer, "\\%c", c);
		else
			cor_buffer_byte(buffer, c);
	}
}

static void append_help(struct cor_exposition *exposition, const char *help)
{
	for (; *help; help++) {
		if (*help == '\n' || *help == '\\' || (*help == '"' && exposition->is_open))
			cor_buffer_printf(exposition->buffer, "\\%c", *help == '\n' ? 'n' : *help);
		else
			cor_buffer_byte(exposition->buffer, *help);
	}
}

void cor_exposition_family(struct cor_exposition *exposition, const char *name,
	enum cor_family_type type, const char *help)
{
	const struct type *row = &types[type];
	const char *suffix = exposition->is_open ? "" : row->suffix;

	exposition->name = name;
	cor_buffer_printf(exposition->buffer, "# TYPE %s%s %s\n# HELP %s%s ", name, suffix,
		exposition->is_open ? row->open : row->text, name, suffix);
	append_help(exposition, help);
	cor_buffer_byte(exposition->buffer, '\n');
}

static void begin_sample(
	const struct cor_exposition *exposition, const char *suffix, struct cor_labels labels)
{
	struct cor_buffer *buffer = exposition->buffer;

	cor_buffer_printf(buffer, "%s%s", exposition->name, suffix);
	for (size_t i = 0; i < labels.len; i++) {
		cor_buffer_printf(buffer, "%c%s=\"", i == 0 ? '{' : ',', labels.items[i].name);
		append_escaped(buffer, labels.items[i].value);
		cor_buffer_byte(buffer, '"');
	}
	if (labels.len != 0)
		cor_buffer_byte(buffer, '}');
}

void cor_exposition_count(struct cor_exposition *exposition, const char *suffix,
	struct cor_labels labels, uint64_t value)
{
	begin_sample(exposition, suffix, labels);
	cor_buffer_printf(exposition->buffer, " %" PRIu64 "\n", value);
}

void cor_exposition_number(struct cor_exposition *exposition, const char *suffix,
	struct cor_labels labels, double value)
{
	begin_sample(exposition, suffix, labels);
	cor_buffer_printf(exposition->buffer, " %.17g\n", value);
}

void cor_exposition_end(struct cor_exposition *exposition)
{
	if (exposition->is_open)
		cor_buffer_append(exposition->buffer, "# EOF\n", 6);
}
