/* SPDX-License-Identifier: MIT */
/**
 * Services made of services: one beneath a path of another, or for a host of its own.
 *
 *     static const struct cor_service shop = {
 *             .name = "shop",
 *             .mounts = (const struct cor_mount[]) {
 *                     { .prefix = "/v1", .service = &shop_v1 },
 *                     { .prefix = "/v2", .service = &shop_v2 },
 *                     { .host = "admin.example.com", .service = &admin },
 *                     { 0 },
 *             },
 *     };
 *
 * A mounted service is a service like any other, and still runs alone. All that it declares holds
 * for its operations, its hooks run, and its documentation stands beneath its prefix. What it may
 * inherit it has from the service that it is mounted in (docs/composition.md has the table):
 * middleware runs around its own, limits and problems are added to its own, and what it does not
 * say itself (security, CORS, compression, languages, the shape of errors, settings, the state that
 * a start hook makes) is as there. Mounts nest.
 *
 * What cannot stand together is told at start, with both services named: paths, settings, limits,
 * topics, executors, metrics, readiness checks and security schemes of one name that are not the
 * same.
 */
#ifndef CORACLE_MOUNT_H
#define CORACLE_MOUNT_H

#include <stdbool.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_MOUNTS_MAX       64 /* of a service, with those of mounted ones */
#define COR_MOUNTS_DEPTH_MAX 4  /* a service in a service ... */

struct cor_service;

/** One row of .mounts, which ends with a row without a service. */
struct cor_mount {
	/**
	 * "/v1": its paths stand behind it, just as they are: "/books" is "/v1/books". Text alone,
	 * without a slash at the end. NULL: they stay, for a service that has a host.
	 */
	const char *prefix;
	/**
	 * "admin.example.com": only for requests to that host, ".example.com": to any below it.
	 * Ports do not count, nor does case. A host comes before all below a name, and the longer
	 * name before the shorter. Only mounts of the outermost service have it. NULL: for all
	 * hosts that no mount has.
	 *
	 * If that leaves nothing for other hosts (the service has no resources, files, or mounts
	 * without a host), they are answered 421 (RFC 9110 section 7.4).
	 */
	const char *host;
	/** The same service may be mounted in several places: its hooks run once. */
	const struct cor_service *service;
	/** The documents of the services around it leave it out. Its own has it. */
	bool hidden;
};

COR_END_DECLS
#endif
