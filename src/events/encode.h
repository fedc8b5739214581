/* SPDX-License-Identifier: MIT */
/** An event as text (WHATWG HTML, section 9.2.5). Nothing here yields. */
#ifndef CORACLE_EVENTS_ENCODE_H
#define CORACLE_EVENTS_ENCODE_H

#include <stdint.h>

#include <coracle/events.h>

#include "base/buffer.h"

/** What is wrong with an event, as a sentence; NULL: nothing. */
const char *cor_event_fault(const struct cor_event *event);

/** Append one without fault. An error stays in the buffer. */
void cor_event_append(struct cor_buffer *buffer, const struct cor_event *event);

/** Append when the client shall come again. */
void cor_event_append_retry(struct cor_buffer *buffer, uint32_t ms);

/** A comment, which clients ignore. */
#define COR_EVENT_COMMENT ":\n\n"

#endif
