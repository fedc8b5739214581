/* SPDX-License-Identifier: MIT */
/** The files that the settings name for TLS, as they were when they were read. */
#ifndef CORACLE_APP_TLS_FILES_H
#define CORACLE_APP_TLS_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "app/secret_file.h"
#include "server/settings.h"

/** Zeroed: nothing has been read. */
struct cor_tls_files {
	struct cor_secret_file *certificates; /* one for each --certificate */
	struct cor_secret_file *keys;
	struct cor_secret_file *staples; /* zeroed where there is none */
	size_t len;
	struct cor_secret_file client_ca; /* zeroed without --client-ca */
};

/** A file that could not be read. */
struct cor_tls_unread {
	const char *key; /* of the setting; NULL: it was not a file that failed */
	const char *path;
};

/**
 * Read them. Blocks. Returns 0, -ENOMEM, or what cor_secret_file_read() says of the file that
 * *ret_unread names. What has been read is to be forgotten in any case.
 */
int cor_tls_files_read(struct cor_tls_files *files, const struct cor_server_settings *settings,
	struct cor_tls_unread *ret_unread) COR_CHECKED;

/** The path of the --ocsp of a certificate; NULL: it has none. */
const char *cor_tls_files_staple(const struct cor_server_settings *settings, size_t index);

/** What a code of cor_tls_files_read() means, and what to do. */
const char *cor_tls_files_why(int rc);

/** Wipe them and give their memory back. */
void cor_tls_files_forget(struct cor_tls_files *files);

/**
 * Another number once one of the files has changed: written, replaced, or reached by another link.
 * Blocks as long as stat() does.
 */
uint64_t cor_tls_files_stamp(const struct cor_server_settings *settings);

#endif
