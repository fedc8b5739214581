/* SPDX-License-Identifier: MIT */
#include "http2/history.h"

#include <nghttp2/nghttp2.h>

#define KNOWN 64 /* bits */

void cor_http2_history_open(struct cor_http2_history *history, int32_t id)
{
	int32_t steps = (id - history->last_id) / 2;

	history->opened = steps < KNOWN ? history->opened << steps : 0;
	history->opened |= 1;
	history->last_id = id;
}

void cor_http2_history_reset(struct cor_http2_history *history, int32_t id)
{
	if (id > history->reset_id)
		history->reset_id = id;
}

void cor_http2_history_take_back(struct cor_http2_history *history, int32_t id)
{
	history->taken_id = id;
}

uint32_t cor_http2_history_judge(const struct cor_http2_history *history, int32_t id, bool is_open)
{
	if (id == history->taken_id && id != 0)
		return NGHTTP2_STREAM_CLOSED;
	if (is_open)
		return 0;
	if (id > history->last_id || id <= history->reset_id || id % 2 == 0)
		return 0;
	int32_t steps = (history->last_id - id) / 2;
	bool was_skipped = steps < KNOWN && (history->opened >> steps & 1) == 0;
	return was_skipped ? NGHTTP2_PROTOCOL_ERROR : NGHTTP2_STREAM_CLOSED;
}
