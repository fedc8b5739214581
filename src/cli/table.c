/* SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include <string.h>
#include <unistd.h>

/* Characters, not bytes: those that continue one in UTF-8 do not count. */
static size_t width(const char *text)
{
	size_t len = 0;

	for (; *text; text++)
		len += ((unsigned char)*text & 0xc0) != 0x80;
	return len;
}

static void write_row(const struct cor_table *table, const char *const *cells, const size_t *widths,
	struct cor_buffer *buffer)
{
	for (size_t i = 0; i < table->columns; i++) {
		bool is_last = i + 1 == table->columns;
		cor_buffer_printf(buffer, "%s%*s", cells[i],
			is_last ? 0 : (int)(widths[i] - width(cells[i]) + 2), "");
	}
	while (buffer->len && buffer->data[buffer->len - 1] == ' ')
		buffer->len--;
	cor_buffer_byte(buffer, '\n');
}

void cor_table_write(const struct cor_table *table, struct cor_buffer *buffer)
{
	size_t widths[COR_TABLE_COLUMNS_MAX] = { 0 };
	bool has_colour = cor_cli_wants_colour(STDOUT_FILENO);

	for (size_t i = 0; i < table->columns; i++)
		widths[i] = width(table->heads[i]);
	for (size_t row = 0; row < table->len; row++) {
		for (size_t i = 0; i < table->columns; i++) {
			size_t needed = width(table->rows[row][i]);
			widths[i] = needed > widths[i] ? needed : widths[i];
		}
	}
	cor_buffer_printf(buffer, "%s", has_colour ? "\033[1m" : "");
	write_row(table, table->heads, widths, buffer);
	cor_buffer_printf(buffer, "%s", has_colour ? "\033[0m" : "");
	for (size_t row = 0; row < table->len; row++)
		write_row(table, table->rows[row], widths, buffer);
}
