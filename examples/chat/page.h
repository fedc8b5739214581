/* SPDX-License-Identifier: MIT */
/** The page of the room: HTML, with its style and its script. */
#ifndef CHAT_PAGE_H
#define CHAT_PAGE_H

extern const char page[];

#endif
