/* SPDX-License-Identifier: MIT */
/** Answers that nginx keeps for others. Private to the nginx folder. */
#ifndef CORACLE_NGINX_CACHE_H
#define CORACLE_NGINX_CACHE_H

#include "nginx/site.h"

/** Whether a proxy may keep the answers of a GET for others, and nothing contradicts. */
bool cor_nginx_may_keep(const struct cor_action *action);

/** Write where kept answers are, if there are any. */
void cor_nginx_write_cache(const struct cor_nginx_site *site);

/** Write a location's part of it, if its GET is kept. */
void cor_nginx_write_keeping(const struct cor_nginx_site *site, const struct cor_place *place);

#endif
