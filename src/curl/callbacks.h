/* SPDX-License-Identifier: MIT */
/**
 * What curl calls for a transfer: a connection is there, give some of the body, here is some of the
 * answer. All are called inside of curl, on the loop's stack or the caller's, and never wait.
 */
#ifndef CORACLE_CURL_CALLBACKS_H
#define CORACLE_CURL_CALLBACKS_H

#include "curl/wire.h"

/** Have curl call them for this wire. */
void cor_curl_callbacks_set(struct cor_curl_wire *wire);

#endif
