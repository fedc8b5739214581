/* SPDX-License-Identifier: MIT */
/** What nghttp2 tells of frames, and asks for. */
#ifndef CORACLE_HTTP2_FRAMES_H
#define CORACLE_HTTP2_FRAMES_H

#include "http2/session.h"

/** The callbacks of all sessions, and their options. Returns 0 or -ENOMEM. */
int cor_http2_frames_init(struct cor_http2 *http2) COR_CHECKED;

/** The header block that is arriving is whole, or never will be. */
void cor_http2_drop_head(struct cor_http2_session *session);

#endif
