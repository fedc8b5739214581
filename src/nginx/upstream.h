/* SPDX-License-Identifier: MIT */
/**
 * Between nginx and the service: where it is, how it is spoken to, and what it is told. Private to
 * the nginx folder.
 */
#ifndef CORACLE_NGINX_UPSTREAM_H
#define CORACLE_NGINX_UPSTREAM_H

#include "nginx/site.h"

/** Choose what to speak. Returns 0 or -EHOSTUNREACH. */
int cor_nginx_choose(struct cor_nginx_site *site) COR_CHECKED;

/** Write what the operator has to know of it, as comments. */
void cor_nginx_write_hints(const struct cor_nginx_site *site);

/** Write upstream {} and what it needs. Returns 0 or -ENOMEM. */
int cor_nginx_write_upstream(const struct cor_nginx_site *site) COR_CHECKED;

/** Write what is said to the service with each request. */
void cor_nginx_write_forwarding(const struct cor_nginx_site *site);

/** Write "proxy_pass http://shop;", indented twice. */
void cor_nginx_write_pass(const struct cor_nginx_site *site);

#endif
