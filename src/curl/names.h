/* SPDX-License-Identifier: MIT */
/** The addresses that a call connects to, from the resolver of libcoracle in place of curl's. */
#ifndef CORACLE_CURL_NAMES_H
#define CORACLE_CURL_NAMES_H

#include "curl/wire.h"

/**
 * Find those of the destination and hand them to curl, which tries them in its way. Names of
 * proxies, and those that lie behind them, stay curl's and the proxy's. Yields. Returns 0, or a
 * code with wire->wire.fault; -ETIMEDOUT and -ECANCELED without.
 */
int cor_curl_names_set(struct cor_curl_wire *wire) COR_CHECKED;

#endif
