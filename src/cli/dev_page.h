/* SPDX-License-Identifier: MIT */
/** A report as a page for browsers. */
#ifndef CORACLE_CLI_DEV_PAGE_H
#define CORACLE_CLI_DEV_PAGE_H

#include "cli/dev_report.h"

/** Write the page, a document of HTML that needs nothing else. */
void cor_dev_write_page(
	const struct cor_cli *cli, const struct cor_dev_report *report, struct cor_buffer *page);

#endif
