/* SPDX-License-Identifier: MIT */
/**
 * Passwords: what is stored instead of them, and whether one is right, by scrypt (RFC 7914).
 *
 *     struct check {
 *             const char *password, *hash;
 *             bool is_due;
 *     };
 *     static int check_password(struct cor_ctx *ctx, struct check *check)
 *     {
 *             return cor_password_verify(check->password, check->hash, NULL, &check->is_due);
 *     }
 *
 *     struct check check = { .password = login->password, .hash = user ? user->hash : NULL };
 *     rc = cor_offload(ctx, &computing, check_password, &check); // executor.h
 *     if (rc == -EACCES)
 *             return cor_problem(ctx, 401, 0, "name or password are wrong");
 *
 * Both functions compute for a fifth of a second, and take 16 MiB meanwhile, so that whoever steals
 * the hashes can try few passwords a second. Never call them in a handler, which would hold its
 * thread and all requests of it: give them an executor of threads, with as many as there are CPUs.
 *
 * Passwords are bytes: nothing is trimmed or normalised. docs/tokens.md, "Passwords", has more. It
 * is in libcoracle-crypto (`pkg-config --libs coracle-crypto`), which brings OpenSSL 3. Nothing
 * here yields; any thread.
 */
#ifndef CORACLE_PASSWORD_H
#define CORACLE_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_PASSWORD_BYTES      1024 /* of a password, at most */
#define COR_PASSWORD_HASH_BYTES 128  /* of what is stored, with its NUL */

/**
 * What computing takes: 128 * r * 2^log_n bytes of memory, and time in proportion to that and p.
 * Zeroed: log_n 14, r 8, p 5, as OWASP advises. log_n is 10 to 20, r 1 to 32, p 1 to 16; no more
 * than 128 MiB, and than 16 times the time of the default.
 */
struct cor_password_cost {
	uint32_t log_n;
	uint32_t r;
	uint32_t p;
};

/**
 * Make what is stored: "$scrypt$ln=14,r=8,p=5$SALT$HASH", with a random salt. NULL for the cost is
 * the default. Returns 0, -EINVAL (the password is empty, or the cost out of its limits),
 * -COR_ETOOLARGE (the password) or -ENOMEM.
 */
COR_API int cor_password_hash(const char *password, const struct cor_password_cost *cost,
	char ret[COR_PASSWORD_HASH_BYTES]) COR_CHECKED;

/**
 * Whether it is the password. `hash` is what was stored, by this library or by another one in this
 * form (passlib's is the same). NULL says that there is no such user: it takes as long, so that
 * nobody learns from the time who has an account. `cost` is what hashes are made with now; NULL:
 * the default. *ret_is_due (may be NULL) is set if the password is right: whether the hash was made
 * otherwise, so that a new one should be stored now that the password is there.
 *
 * Returns 0 (it is), -EACCES (it is not, or hash is NULL), -EBADMSG (what was stored is not in this
 * form, or asks for more than the limits of struct cor_password_cost), -EINVAL (the cost) or
 * -ENOMEM.
 */
COR_API int cor_password_verify(const char *password, const char *hash,
	const struct cor_password_cost *cost, bool *ret_is_due) COR_CHECKED;

COR_END_DECLS
#endif
