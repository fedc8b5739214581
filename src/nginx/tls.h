/* SPDX-License-Identifier: MIT */
/** How nginx listens. Private to the nginx folder. */
#ifndef CORACLE_NGINX_TLS_H
#define CORACLE_NGINX_TLS_H

#include "nginx/site.h"

/** Write how nginx listens. Returns 0, -ENOMEM or -EILSEQ. */
int cor_nginx_write_listening(const struct cor_nginx_site *site) COR_CHECKED;

/** Write the server {} that sends clients without TLS to the one with it, if there is one. */
void cor_nginx_write_redirect(const struct cor_nginx_site *site);

#endif
