/* SPDX-License-Identifier: MIT */
/** What stands in front of the service: a proxy's configuration. Private to the app folder. */
#ifndef CORACLE_APP_FRONT_H
#define CORACLE_APP_FRONT_H

#include "app/setup.h"
#include "base/buffer.h"

/** Append that of nginx, for the service and its settings. Reports what is wrong. */
enum cor_exit cor_front_write(const struct cor_setup *setup, struct cor_buffer *buffer) COR_CHECKED;

#endif
