/* SPDX-License-Identifier: MIT */
/**
 * What Digest credentials (credentials.h) are hashed with.
 *
 *     .credentials = COR_CREDENTIALS(.digest = { &cor_hashing, .user = "shop",
 *             .password = shop_password }),
 *
 * It is in libcoracle-crypto (`pkg-config --libs coracle-crypto`), which brings OpenSSL 3. A
 * program that does not name cor_hashing has none of it.
 */
#ifndef CORACLE_HASHING_H
#define CORACLE_HASHING_H

#include <coracle/api.h>

COR_BEGIN_DECLS

/** Opaque, constant, and of the same version as libcoracle. */
struct cor_hashing;
COR_API extern const struct cor_hashing cor_hashing;

COR_END_DECLS
#endif
