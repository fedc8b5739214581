/* SPDX-License-Identifier: MIT */
/** TLS for the probe server, as a service has it. */
#ifndef CORACLE_TESTS_SERVER_PROBE_TLS_H
#define CORACLE_TESTS_SERVER_PROBE_TLS_H

#include "runtime/filter.h"

/** The source for certificate.pem and key.pem of a folder, or NULL: standard error says why. */
const struct cor_filter_source *probe_tls(const char *folder);

/** Free it, if it was made. */
void probe_tls_close(void);

#endif
