/* SPDX-License-Identifier: MIT */
/** TLS of connections to servers: see open_client of tls.h. */
#ifndef CORACLE_TLS_CONNECTOR_H
#define CORACLE_TLS_CONNECTOR_H

#include "tls/tls.h"

int cor_tls_connector_open(const struct cor_tls_client_options *options,
	struct cor_filter_source **ret, struct cor_start_failure *ret_failure);
void cor_tls_connector_close(struct cor_filter_source *source);

#endif
