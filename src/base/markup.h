/* SPDX-License-Identifier: MIT */
/** Text in XML and HTML. */
#ifndef CORACLE_BASE_MARKUP_H
#define CORACLE_BASE_MARKUP_H

#include "base/buffer.h"

/**
 * Append a text, escaped, for between tags and for attributes in double quotes. Control characters,
 * which XML 1.0 cannot have, are left out, but for tabs and line feeds (XML 1.0, section 2.2).
 */
void cor_markup(struct cor_buffer *buffer, struct cor_str text);

#endif
