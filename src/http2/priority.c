/* SPDX-License-Identifier: MIT */
#include "http2/priority.h"

#include <string.h>

#include <coracle/error.h>

#include "http2/session.h"

#define ID_BYTES 4 /* of the payload, before the field */

/* --- the field: a dictionary of RFC 8941 --- */

/* The next member, up to a comma that is in no string. */
static struct cor_str take_member(struct cor_str *rest)
{
	bool is_string = false;
	size_t n = 0;

	for (; n < rest->len && (is_string || rest->data[n] != ','); n++) {
		if (is_string && rest->data[n] == '\\')
			n++;
		else if (rest->data[n] == '"')
			is_string = !is_string;
	}
	n = n < rest->len ? n : rest->len;
	struct cor_str member = { rest->data, n };
	size_t taken = n < rest->len ? n + 1 : n;
	*rest = (struct cor_str){ rest->data + taken, rest->len - taken };
	return member;
}

/* Without blanks around it, and its parameters. */
static struct cor_str trim(struct cor_str member)
{
	while (member.len != 0 && (member.data[0] == ' ' || member.data[0] == '\t')) {
		member.data++;
		member.len--;
	}
	for (size_t n = 0; n < member.len; n++)
		if (member.data[n] == ';' || member.data[n] == ' ' || member.data[n] == '\t')
			member.len = n;
	return member;
}

nghttp2_extpri cor_http2_priority_parse(struct cor_str field)
{
	nghttp2_extpri priority = { .urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY };

	while (field.len != 0) {
		struct cor_str member = trim(take_member(&field));
		if (member.len == 3 && memcmp(member.data, "u=", 2) == 0 && member.data[2] >= '0' &&
			member.data[2] <= '7')
			priority.urgency = (uint32_t)(member.data[2] - '0');
		else if (cor_str_equal(member, COR_STR("i")) ||
			 cor_str_equal(member, COR_STR("i=?1")))
			priority.inc = 1;
		else if (cor_str_equal(member, COR_STR("i=?0")))
			priority.inc = 0;
	}
	return priority;
}

/* --- the frame --- */

static int take_chunk(nghttp2_session *frames, const nghttp2_frame_hd *head, const uint8_t *data,
	size_t len, void *arg)
{
	struct cor_http2_session *session = arg;
	struct cor_http2_priority *priority = &session->priority;
	size_t room = sizeof priority->payload - priority->len;
	size_t n = len < room ? len : room;

	(void)frames, (void)head;
	memcpy(priority->payload + priority->len, data, n);
	priority->len = (uint8_t)(priority->len + n);
	return 0;
}

static int32_t prioritized_id(const struct cor_http2_priority *priority)
{
	uint32_t id = 0;

	for (int i = 0; i < ID_BYTES; i++)
		id = id << 8 | (uint8_t)priority->payload[i];
	return (int32_t)(id & INT32_MAX);
}

static void prioritize(
	struct cor_http2_session *session, int32_t id, const nghttp2_extpri *priority)
{
	cor_ignore(nghttp2_session_change_extpri_stream_priority(session->frames, id, priority, 0));
}

static int frame_is_whole(
	nghttp2_session *frames, void **payload, const nghttp2_frame_hd *head, void *arg)
{
	struct cor_http2_session *session = arg;
	struct cor_http2_priority *priority = &session->priority;
	size_t len = priority->len;
	int32_t id = prioritized_id(priority);

	(void)frames;
	*payload = NULL;
	priority->len = 0;
	if (len < ID_BYTES)
		return cor_http2_session_fail(
			session, NGHTTP2_FRAME_SIZE_ERROR, "PRIORITY_UPDATE has a wrong length");
	if (head->stream_id != 0 || id % 2 == 0)
		return cor_http2_session_fail(
			session, NGHTTP2_PROTOCOL_ERROR, "PRIORITY_UPDATE is about no request");
	nghttp2_extpri said = cor_http2_priority_parse(
		(struct cor_str){ priority->payload + ID_BYTES, len - ID_BYTES });
	if (id > session->history.last_id) {
		priority->early_id = id;
		priority->early = said;
	} else if (nghttp2_session_find_stream(session->frames, id)) {
		prioritize(session, id, &said);
	}
	return 0;
}

void cor_http2_priority_begin(struct cor_http2_session *session, int32_t id)
{
	if (session->priority.early_id == id)
		prioritize(session, id, &session->priority.early);
}

void cor_http2_priority_listen(nghttp2_session_callbacks *on, nghttp2_option *options)
{
	nghttp2_option_set_user_recv_extension_type(options, NGHTTP2_PRIORITY_UPDATE);
	nghttp2_session_callbacks_set_on_extension_chunk_recv_callback(on, take_chunk);
	nghttp2_session_callbacks_set_unpack_extension_callback(on, frame_is_whole);
}
