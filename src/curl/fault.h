/* SPDX-License-Identifier: MIT */
/** What became of a transfer, in the client's words. */
#ifndef CORACLE_CURL_FAULT_H
#define CORACLE_CURL_FAULT_H

#include "curl/wire.h"

/**
 * The wire has ended badly: fill in wire->wire.fault. Never yields. Returns a negative code, as
 * cor_http_get() has them (client.h).
 */
int cor_curl_fault(struct cor_curl_wire *wire);

#endif
