/* SPDX-License-Identifier: MIT */
/** The configuration in the making. Private to the nginx folder. */
#ifndef CORACLE_NGINX_SITE_H
#define CORACLE_NGINX_SITE_H

#include <stdint.h>

#include <coracle/str.h>

#include "nginx/nginx.h"
#include "service/plan.h"

#define COR_NGINX_ID_BYTES 48

/** Of bodies, beyond what the service takes: of those it says itself that they are too large. */
#define COR_NGINX_BODY_MARGIN (UINT64_C(1) << 20)

struct cor_nginx_site {
	const struct cor_nginx_options *options;
	struct cor_arena *arena;
	struct cor_buffer *buffer;
	char id[COR_NGINX_ID_BYTES]; /* of the upstream, and what names of variables begin with */
	enum cor_spoken spoken;      /* with the service: HTTP, HTTPS or uwsgi */
	const char *module;          /* what directives about it begin with: "proxy" or "uwsgi" */
	const struct cor_place **places; /* that clients ask for, in the order of their locations */
	size_t places_len;
	const char *host; /* whose server {} is being written; NULL: of all that have none */
	bool has_tls;
	bool trusted_only; /* of the listeners: those that do not trust nginx are left out */
};

#endif
