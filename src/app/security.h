/* SPDX-License-Identifier: MIT */
/**
 * The listeners of --https: from settings and files to the filters of their connections. Private to
 * the app folder.
 *
 * Life: check (in the process that reads the settings) -> read (while the process may still read
 * keys) -> open (when it has forked what must not know them) -> renew, at any time -> close.
 */
#ifndef CORACLE_APP_SECURITY_H
#define CORACLE_APP_SECURITY_H

#include "app/setup.h"
#include "app/ticket_keys.h"
#include "app/tls_files.h"
#include "base/failure.h"

struct cor_filter_source;

/** Zeroed: nothing has been read. */
struct cor_security {
	struct cor_tls_files files;       /* between read and open */
	uint64_t stamp;                   /* of the files, before they were read */
	struct cor_filter_source *source; /* NULL: no connection has a filter */
	struct cor_ticket_ring own_ring;  /* of a process without a master */
};

/** Judge the settings, and the files that they name. Reports what is wrong. */
enum cor_exit cor_security_check(const struct cor_setup *setup) COR_CHECKED;

/** Whether no client is served without a certificate, wherever the service listens. */
bool cor_security_needs_certificate(const struct cor_setup *setup);

/** Read the files. Reports what is wrong. */
enum cor_exit cor_security_read(
	struct cor_security *security, const struct cor_setup *setup) COR_CHECKED;

/**
 * Make the filters' source, and forget the files. `ring` is shared with the other workers; NULL:
 * there are none. Reports what is wrong.
 */
enum cor_exit cor_security_open(struct cor_security *security, const struct cor_setup *setup,
	struct cor_ticket_ring *ring) COR_CHECKED;

/**
 * Read the files again and show new connections what they say; those that are there keep what they
 * have. Blocks for the files. Returns 0 or a negative code: *ret_failure says why all is as before.
 * -EACCES and -EPERM: this process may not read a file, though another of the service may.
 */
int cor_security_renew(struct cor_security *security, const struct cor_setup *setup,
	struct cor_start_failure *ret_failure) COR_CHECKED;

/** When nothing serves any more. */
void cor_security_close(struct cor_security *security, const struct cor_setup *setup);

#endif
