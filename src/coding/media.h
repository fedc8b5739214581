/* SPDX-License-Identifier: MIT */
/** Which media types are compressed. Nothing here allocates or yields. */
#ifndef CORACLE_CODING_MEDIA_H
#define CORACLE_CODING_MEDIA_H

#include <stdbool.h>

#include <coracle/str.h>

/** What a media type that a service lists says: "text/csv", "text" or "+json". */
bool cor_coding_media_valid(const char *pattern);

/**
 * Whether a Content-Type is one of `patterns`, in any case and with whatever parameters; NULL: of
 * those that are compressed unless a service says otherwise.
 */
bool cor_coding_media_listed(const char *const *patterns, struct cor_str content_type);

#endif
