/* SPDX-License-Identifier: MIT */
/** Which proxies are trusted, and where they introduce their clients: from the settings. */
#ifndef CORACLE_SERVER_TRUST_H
#define CORACLE_SERVER_TRUST_H

#include <stdbool.h>

#include <coracle/api.h>

#include "origin/forwarded.h"
#include "server/settings.h"

/** Read the settings, which have been checked. Returns 0, -ENOMEM, or -EINVAL. */
int cor_trust_open(const struct cor_server_settings *settings, struct cor_trust *ret) COR_CHECKED;

/** Free what it has. Zeroed is allowed. */
void cor_trust_close(struct cor_trust *trust);

/** Whether connections to that listener, as it was given, begin with a PROXY header. */
bool cor_trust_has_header(const struct cor_server_settings *settings, const char *listener);

#endif
