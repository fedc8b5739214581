/* SPDX-License-Identifier: MIT */
/** Static files. Private to the nginx folder. */
#ifndef CORACLE_NGINX_FILES_H
#define CORACLE_NGINX_FILES_H

#include "nginx/site.h"

/** Whether nginx sends the files of a place itself; *ret_why (may be NULL): why not. */
bool cor_nginx_sends(
	const struct cor_nginx_site *site, const struct cor_place *place, const char **ret_why);

/** Write what all files have, if nginx sends any. */
void cor_nginx_write_types(const struct cor_nginx_site *site);

/** Write what is worked out of a request for them: of http {}. */
void cor_nginx_write_file_maps(const struct cor_nginx_site *site);

/** Write the location of a place of files. Returns 0 or -ENOMEM. */
int cor_nginx_write_files(const struct cor_nginx_site *site, size_t at) COR_CHECKED;

#endif
