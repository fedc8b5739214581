/* SPDX-License-Identifier: MIT */
/** A location for each place of the service. Private to the nginx folder. */
#ifndef CORACLE_NGINX_LOCATIONS_H
#define CORACLE_NGINX_LOCATIONS_H

#include "nginx/site.h"

/** Put the places into their order. Returns 0 or -ENOMEM. */
int cor_nginx_order(struct cor_nginx_site *site) COR_CHECKED;

/** Write all locations of a server {}. Returns 0 or -ENOMEM. */
int cor_nginx_write_locations(const struct cor_nginx_site *site) COR_CHECKED;

/** Whether a place is of the server {} that is being written. */
bool cor_nginx_is_here(const struct cor_nginx_site *site, const struct cor_place *place);

/** Whether one of the operations is a WebSocket. */
bool cor_nginx_has_websocket(const struct cor_nginx_site *site);

#endif
