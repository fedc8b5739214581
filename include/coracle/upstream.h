/* SPDX-License-Identifier: MIT */
/**
 * Upstreams: the other servers that a service calls, by name.
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .base_url = "http://prices:8080",
 *             .timeout_ms = 300,
 *             .retries = 1,
 *     };
 *     static const struct cor_service shop = {
 *             .name = "shop",
 *             .upstreams = COR_UPSTREAMS(&prices),
 *             ...
 *     };
 *
 * Calls are in client.h. An upstream is constant data; what may differ from place to place is a
 * setting: --upstream-prices-url, and the variable and member of the file that go with it.
 *
 * Every wait has an end: each of the timeouts below has a default, and all of them are cut to what
 * is left of the deadline of the request that is being served.
 */
#ifndef CORACLE_UPSTREAM_H
#define CORACLE_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/adaptive_limit.h>
#include <coracle/api.h>
#include <coracle/balance.h>
#include <coracle/hedge.h>
#include <coracle/breaker.h>

COR_BEGIN_DECLS

struct cor_cache;        /* store.h */
struct cor_carrier;      /* curl.h */
struct cor_coding;       /* compression.h */
struct cor_credentials;  /* credentials.h */
struct cor_http_caching; /* http_cache.h */

#define COR_UPSTREAMS_MAX            32 /* of a service */
#define COR_UPSTREAM_NAME_BYTES      40 /* with its NUL */
#define COR_UPSTREAM_TIMEOUT_MS      30000
#define COR_CONNECT_TIMEOUT_MS       3000
#define COR_FIRST_BYTE_TIMEOUT_MS    10000
#define COR_BETWEEN_BYTES_TIMEOUT_MS 10000
#define COR_ANSWER_LIMIT_BYTES       (8 * 1024 * 1024)
#define COR_ANSWER_RATIO_LIMIT       200
#define COR_REDIRECTS                5
#define COR_IN_FLIGHT                100
#define COR_KEPT_CONNECTIONS         100
#define COR_KEPT_MS                  4000

/** A header field: of a request that is sent, or of an answer. */
struct cor_http_field {
	const char *name;
	const char *value;
};

/* clang-format off */

/** Fields of every call: .headers = COR_HTTP_FIELDS({ "Accept-Language", "en" }). */
#define COR_HTTP_FIELDS(...) \
	(const struct cor_http_field[]) { __VA_ARGS__, { NULL, NULL } }

/** For .upstreams of a service: COR_UPSTREAMS_MAX at most. */
#define COR_UPSTREAMS(...) \
	(const struct cor_upstream *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

/**
 * How the server of an https URL is known, and what it knows us by. Of another server, to which a
 * redirect leads, only .ca_file counts.
 */
struct cor_upstream_tls {
	/** PEM file of the authorities that may vouch for it. NULL: those of the system. */
	const char *ca_file;
	/** PEM files of our own certificate and its key. NULL: none. */
	const char *certificate_file;
	const char *key_file;
	/** The name in its certificate, and sent as SNI. NULL: the host of the URL. */
	const char *server_name;
	/** "sha256//BASE64" of its public key (as curl has it): no other is believed. NULL: any. */
	const char *pin;
	/** COR_TLS_UNVERIFIED believes anybody: for a try, never for what matters. */
	enum { COR_TLS_VERIFIED = 0, COR_TLS_UNVERIFIED } verification;
};

struct cor_upstream {
	/** Small letters, digits and '-': in the log, in metrics, in the names of its settings. */
	const char *name;
	/** For people: in --help. */
	const char *doc;
	/**
	 * Where it is: "http://prices:8080", "https://api.example.com/v2" (paths of calls follow
	 * "/v2"), "http://unix:/run/prices.sock" or, with a path,
	 * "http://unix:/run/prices.sock:/v2" as nginx has it. NULL: --upstream-NAME-url must say.
	 */
	const char *base_url;
	/**
	 * COR_TARGETS(...): several of the same, instead of .base_url. They have one scheme and one
	 * path. NULL, with .balance: --upstream-NAME-url must say, once for each.
	 */
	const char *const *targets;
	/** How calls are spread over them. NULL: as by default. */
	const struct cor_balance *balance;
	/**
	 * &cor_curl of <coracle/curl.h>: needed for https and proxies. NULL: plain HTTP/1.1 alone,
	 * without a library of its own, which carries what it can in any case.
	 */
	const struct cor_carrier *carrier;

	/* --- timeouts, in milliseconds --- */

	/** Of a whole call, with its redirects and retries. 0: COR_UPSTREAM_TIMEOUT_MS. */
	uint32_t timeout_ms;
	/** To a connection, with its name and TLS. 0: COR_CONNECT_TIMEOUT_MS. */
	uint32_t connect_timeout_ms;
	/** From the whole request to the head of the answer. 0: COR_FIRST_BYTE_TIMEOUT_MS. */
	uint32_t first_byte_timeout_ms;
	/** For each further piece, either way. 0: COR_BETWEEN_BYTES_TIMEOUT_MS. */
	uint32_t between_bytes_timeout_ms;

	/* --- limits --- */

	/** A longer answer is a failure, counted as decoded. 0: COR_ANSWER_LIMIT_BYTES. */
	uint32_t answer_limit_bytes;
	/** So is one that decodes to more than that many times its size.
	 * 0: COR_ANSWER_RATIO_LIMIT. */
	uint32_t answer_ratio_limit;
	/** Calls at the same time, of a thread; more wait. 0: COR_IN_FLIGHT. */
	uint32_t in_flight;
	/** How many requests it gets at once falls when it becomes slow, of all workers:
	 * adaptive_limit.h. NULL: .in_flight alone counts. */
	const struct cor_adaptive_limit *adaptive_limit;
	/**
	 * Connections that a thread keeps to a server while they have no call; the others are
	 * closed, those without one for longest first. 0: COR_KEPT_CONNECTIONS. With the curl
	 * carrier only the sum of all counts.
	 */
	uint32_t kept;
	/**
	 * How long one of them is kept, in milliseconds: less than the server does, which closes
	 * them after 5 seconds or more. 0: COR_KEPT_MS.
	 */
	uint32_t kept_ms;

	/* --- what each call has --- */

	/** COR_HTTP_FIELDS(...); a call's own of the same name replaces one. */
	const struct cor_http_field *headers;
	/** COR_CREDENTIALS(...): what it knows us by (credentials.h). NULL: nothing. */
	const struct cor_credentials *credentials;
	/** COR_CODINGS(&cor_gzip): what its answers may come compressed with. NULL: not at all. */
	const struct cor_coding *const *codings;
	/** Of https. NULL: the system's authorities, no certificate. */
	const struct cor_upstream_tls *tls;
	/** "http://127.0.0.1:3128", "socks5h://127.0.0.1:1080". NULL: none. */
	const char *proxy;
	/**
	 * COR_ENVIRONMENT_TRUSTED: variables of the process say what .proxy and .tls leave open, as
	 * with curl and requests. http_proxy, https_proxy and all_proxy are its proxies, by the
	 * scheme of each URL, no_proxy lists what goes without, SSL_CERT_FILE is a .ca_file. The
	 * first four may be in capitals, but for HTTP_PROXY where REQUEST_METHOD is set. They are
	 * read when a thread makes its first call.
	 */
	enum { COR_ENVIRONMENT_IGNORED = 0, COR_ENVIRONMENT_TRUSTED } environment;
	/**
	 * The name of a field that tells the upstream how many milliseconds are left, as a number:
	 * "X-Request-Timeout-Ms". NULL: it is not told.
	 */
	const char *deadline_header;

	/* --- what becomes of failures --- */

	/**
	 * How often a call is tried again, where that can do no harm: nothing was sent, or the
	 * method is idempotent (RFC 9110 section 9.2.2), or the call says that it may be. 0: never.
	 */
	uint32_t retries;
	/**
	 * COR_ASK_ONCE: of equal GETs of one thread, at the same time, one is sent, and its answer
	 * is everybody's. Equal are path, query and all fields, those of credentials too, but not
	 * X-Request-Id and those of traces. Calls with a .jar or a body, cor_http_open(), and calls
	 * outside of a fiber are sent each. Who is cancelled, or has no more time, fails alone.
	 */
	enum { COR_ASK_EACH = 0, COR_ASK_ONCE } equal_gets;
	/**
	 * One of the service's .caches, in which answers are kept by the rules of HTTP:
	 * http_cache.h. NULL: each call asks.
	 */
	const struct cor_cache *cache;
	/** What else is to be said of that. NULL: nothing. */
	const struct cor_http_caching *caching;
	/** When a call that is not answered yet is sent once more: hedge.h. NULL: never. */
	const struct cor_hedge *hedge;
	/** When it gets no calls for a while, of all workers: breaker.h. NULL: it always does. */
	const struct cor_breaker *breaker;
	/**
	 * With a master, each worker asks every 5 s whether it can be reached, and /ready?verbose
	 * shows it as "upstream NAME": its breaker is not open, and one of its targets that are in
	 * takes a connection. It is closed again; over TLS or a proxy the head of a HEAD may have
	 * gone with it. COR_UPSTREAM_REQUIRED: /ready is 503 while it cannot (readiness.h, among
	 * whose COR_READINESS_MAX it counts).
	 */
	enum {
		COR_UPSTREAM_UNCHECKED = 0,
		COR_UPSTREAM_REQUIRED,
		COR_UPSTREAM_OPTIONAL,
	} readiness;
	/** Redirects (301, 302, 303, 307, 308) that are followed. */
	enum { COR_FOLLOW = 0, COR_DO_NOT_FOLLOW } redirects;
	/** How many, at most. 0: COR_REDIRECTS. */
	uint32_t redirects_max;
};

COR_END_DECLS
#endif
