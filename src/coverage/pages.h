/* SPDX-License-Identifier: MIT */
/** Reports for a browser. */
#ifndef CORACLE_COVERAGE_PAGES_H
#define CORACLE_COVERAGE_PAGES_H

#include "base/buffer.h"
#include "coverage/counts.h"
#include "coverage/options.h"

/** The page of a file: its source, with what ran. `name` is that of the page of the table. */
void cor_cover_file_page(const struct cor_file_counts *file,
	const struct cor_cover_options *options, struct cor_buffer *buffer);

/** The page with the table, and the name of the page of a file: "main_service_shelf.c.html". */
void cor_cover_index_page(const struct cor_coverage *coverage,
	const struct cor_cover_options *options, struct cor_buffer *buffer);
void cor_cover_page_name(const struct cor_file_counts *file, struct cor_buffer *buffer);

#endif
