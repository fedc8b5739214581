/* SPDX-License-Identifier: MIT */
/** Text in XML and HTML. */
#ifndef CORACLE_COVERAGE_MARKUP_H
#define CORACLE_COVERAGE_MARKUP_H

#include "base/buffer.h"

/**
 * Append a text, escaped, for between tags and for attributes in double quotes. Control characters,
 * which XML 1.0 cannot have, are left out, but for tabs.
 */
void cor_markup(struct cor_buffer *buffer, struct cor_str text);

#endif
