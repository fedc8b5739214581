/* SPDX-License-Identifier: MIT */
/** Settings of the service's upstreams: a row for each. Private to the app folder. */
#ifndef CORACLE_APP_UPSTREAM_SETTINGS_H
#define CORACLE_APP_UPSTREAM_SETTINGS_H

#include "app/setup.h"

/**
 * Fill in the group of rows, --upstream-NAME-url; its schema stays NULL if there is no upstream, or
 * none of them can have one. Its values become setup->upstream_settings. Returns 0 or -ENOMEM.
 */
int cor_upstream_settings_offer(struct cor_setup *setup, struct cor_config_group *ret) COR_CHECKED;

/** Whether each upstream has a URL that can be called. Reports what is wrong. */
enum cor_exit cor_upstream_settings_check(const struct cor_setup *setup);

#endif
