/* SPDX-License-Identifier: MIT */
/** What nginx answers itself. Private to the nginx folder. */
#ifndef CORACLE_NGINX_PROBLEMS_H
#define CORACLE_NGINX_PROBLEMS_H

#include "nginx/site.h"

/** Write what the answers of nginx itself are made of. */
void cor_nginx_write_titles(const struct cor_nginx_site *site);

/** Write that they are problems: a server's, or a location's that has other pages besides. */
void cor_nginx_write_error_pages(const struct cor_nginx_site *site, const char *indent);

/** Write where they are answered. */
void cor_nginx_write_problem(const struct cor_nginx_site *site);

#endif
