/* SPDX-License-Identifier: MIT */
/**
 * What is behind <coracle/tls.h>: libcoracle calls TLS through this table alone, and so does not
 * link OpenSSL. The folder is a library of its own, which sees nothing of libcoracle but headers.
 */
#ifndef CORACLE_TLS_TLS_H
#define CORACLE_TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>
#include <coracle/tls.h>

#include "base/failure.h"
#include "runtime/filter.h"

/* Of this header and of runtime/filter.h: raised with every change, so that halves do not meet. */
#define COR_TLS_INTERFACE 8

/** A file that has been read, or without bytes is to be; PEM unless it says otherwise. */
struct cor_tls_file {
	const char *path; /* for messages */
	struct cor_str bytes;
};

/** A certificate, followed by those that lead to a known issuer, and its key. */
struct cor_tls_pair {
	struct cor_tls_file certificate;
	struct cor_tls_file key;
	struct cor_tls_file staple; /* DER: what an OCSP responder says of it; no path: nothing */
};

/** Of session tickets. */
struct cor_tls_ticket_key {
	uint8_t name[16];
	uint8_t cipher[32];
	uint8_t mac[32];
};

/** Who has them. Any thread; nothing waits for long. */
struct cor_tls_ticket_keys {
	/** The key to seal with. Returns false where there is none: there are no tickets then. */
	bool (*newest)(void *arg, struct cor_tls_ticket_key *ret);
	/** The key of that name (16 bytes), and whether it is the newest; false: it is too old. */
	bool (*find)(
		void *arg, const uint8_t *name, struct cor_tls_ticket_key *ret, bool *ret_newest);
	void *arg;
	long life_s; /* of a session */
};

struct cor_tls_options {
	const struct cor_tls_pair *pairs; /* at least one; the first is the default */
	size_t pairs_len;
	bool is_modern; /* TLS 1.3 alone */
	/*
	 * Who may sign the certificates of clients, and CRLs, which are then needed of each.
	 * Without a path no client is asked for one.
	 */
	struct cor_tls_file client_ca;
	bool needs_client; /* else one may come without a certificate */
	/* Sent to a client that does not speak TLS but HTTP; static. */
	struct cor_str plain_answer;
	/* Copied; what it points to outlives the source. NULL: there are no tickets. */
	const struct cor_tls_ticket_keys *ticket_keys;
};

/** Of connections to servers. */
struct cor_tls_client_options {
	struct cor_tls_file ca;          /* who may sign; no path: whom the system trusts */
	const struct cor_tls_pair *pair; /* what is shown to a server that asks; NULL: nothing */
	bool trusts_all;                 /* whoever answers is taken for the server */
};

struct cor_tls {
	uint32_t interface; /* COR_TLS_INTERFACE */
	/**
	 * Make the source of filters for listeners; the options are borrowed for the call. Any
	 * thread may attach. Returns 0, -ENOMEM, or -EINVAL: *ret_failure says what is wrong with
	 * which file.
	 */
	int (*open)(const struct cor_tls_options *options, struct cor_filter_source **ret,
		struct cor_start_failure *ret_failure);
	/**
	 * Show new connections what the options say from now on: pairs and what clients must show;
	 * the rest stays as it was opened with. There are as many pairs. Any thread. Returns as
	 * open does; the source is unchanged then.
	 */
	int (*renew)(struct cor_filter_source *source, const struct cor_tls_options *options,
		struct cor_start_failure *ret_failure);
	/** When the certificate of pair `index` expires: seconds since 1970, UTC. */
	int64_t (*expires_s)(const struct cor_filter_source *source, size_t index);
	/**
	 * When what the OCSP responder says of that pair ends: nobody is shown it from then on.
	 * INT64_MAX: it does not end, or there is none.
	 */
	int64_t (*staple_ends_s)(const struct cor_filter_source *source, size_t index);
	/** Free it; filters that were made of it live on. NULL is allowed. */
	void (*close)(struct cor_filter_source *source);
	/**
	 * Make the source of filters for connections to servers, whose handshakes ask for the
	 * filter's `peer`. Any thread may attach. Reads files. Returns as open does.
	 */
	int (*open_client)(const struct cor_tls_client_options *options,
		struct cor_filter_source **ret, struct cor_start_failure *ret_failure);
	/** Free it, after its filters. NULL is allowed. */
	void (*close_client)(struct cor_filter_source *source);
};

#endif
