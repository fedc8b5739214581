/* SPDX-License-Identifier: MIT */
/**
 * Sealing: values that are handed to a client and come back unchanged, or not at all. Cookies of
 * sessions, links in mails, states of a login elsewhere.
 *
 *     static int start(struct cor_ctx *ctx, void **ret_state)
 *     {
 *             struct shop *shop = cor_alloc(ctx, sizeof *shop);
 *             ...
 *             return cor_seal_keys_read(ctx, settings->seal_keys, &shop->seal_keys);
 *     }
 *
 *     rc = cor_seal_encrypted(ctx, shop->seal_keys, "session", value, &text);
 *     ...
 *     rc = cor_unseal_encrypted(ctx, shop->seal_keys, "session", 3600, text, &unsealed);
 *     if (rc < 0) {
 *             cor_log_info(ctx, "session refused: %s", cor_unseal_strerror(rc));
 *             return cor_problem(ctx, 401, 0, "sign in again");
 *     }
 *
 * A signed value can be read by the client, an encrypted one cannot; neither can be changed, nor
 * used for another purpose, nor for longer than whoever opens it allows. It can be used again
 * within that time: what may happen only once needs a note of yours. The text is base64url, fit
 * for a cookie or a URL, and has 60 characters (signed) or 55 (encrypted) besides four for every
 * three bytes of the value.
 *
 * docs/tokens.md has the format. It is in libcoracle-crypto (`pkg-config --libs coracle-crypto`),
 * which brings OpenSSL 3. Nothing here yields; keys may be used by any thread.
 */
#ifndef CORACLE_SEALING_H
#define CORACLE_SEALING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/str.h>

COR_BEGIN_DECLS

#define COR_SEAL_SECRET_BYTES  32      /* of a secret, at least */
#define COR_SEAL_KEYS_MAX      16      /* secrets of a set */
#define COR_SEAL_VALUE_BYTES   1048576 /* of a value, at most */
#define COR_SEAL_PURPOSE_BYTES 255     /* of the name of a purpose, at most */

/**
 * Keys, made from secrets: the first seals, all open. Constant once it is made; any thread. To
 * rotate, put a new secret in front, and take the last one out when nothing that it has sealed is
 * still of use. Rotate long before a secret has encrypted 2^32 values (SP 800-38D section 8.3: the
 * nonces are random); signing has no such limit.
 */
struct cor_seal_keys;

/**
 * Make the keys of `len` secrets, the newest first; the secrets are not kept. Each is at least
 * COR_SEAL_SECRET_BYTES of what nobody can guess: `openssl rand -base64 48`. The caller owns *ret.
 *
 * Returns 0, -ENOMEM, or -COR_EPROBLEM: none or too many, one that is too short, or the same twice;
 * the problem recorded in ctx says which and what to do, so that a start hook can return the code.
 */
COR_API int cor_seal_keys_create(struct cor_ctx *ctx, const struct cor_str *secrets, size_t len,
	struct cor_seal_keys **ret) COR_CHECKED;

/**
 * The same from a file with a secret on each line, the newest first; empty lines count for nothing.
 * Blocks while it reads. Returns the same; the problem then names the file.
 */
COR_API int cor_seal_keys_read(
	struct cor_ctx *ctx, const char *path, struct cor_seal_keys **ret) COR_CHECKED;

/** Wipe and free them. NULL is allowed. */
COR_API void cor_seal_keys_destroy(struct cor_seal_keys *keys);

/**
 * Seal a value with HMAC-SHA-256, or with AES-256-GCM and a random nonce. `purpose` says what it is
 * for: the name of the cookie, say. The text belongs to ctx.
 *
 * Returns 0, -EINVAL (the purpose is empty or too long), -COR_ETOOLARGE (the value) or -ENOMEM.
 */
COR_API int cor_seal_signed(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
	const char *purpose, struct cor_str value, struct cor_str *ret_text) COR_CHECKED;
COR_API int cor_seal_encrypted(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
	const char *purpose, struct cor_str value, struct cor_str *ret_text) COR_CHECKED;

struct cor_unsealed {
	struct cor_str value; /* belongs to ctx */
	int64_t age_s;        /* since it was sealed, by the clock of cor_now() */
	bool is_newest;       /* by the key that seals now; else seal it again while it is valid */
};

#define COR_SEAL_SKEW_S 60 /* by which the clocks of those who seal and open may differ */

/**
 * Open what was sealed the same way, for the same purpose, at most `max_age_s` seconds ago
 * (COR_FOREVER: at any time).
 *
 * Returns 0; -EINVAL (a purpose as above, or an age below 1) or -ENOMEM; or why it is refused,
 * which is for the log: a client learns no more than that it is.
 * -EBADMSG: it is not what sealing makes.
 * -ENOKEY: no key of the set has sealed it; the key is out of the set, or it is forged.
 * -EKEYREJECTED: it is forged, damaged, or was sealed for another purpose.
 * -EKEYEXPIRED: it is older, or more than COR_SEAL_SKEW_S from the future.
 */
COR_API int cor_unseal_signed(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
	const char *purpose, int64_t max_age_s, struct cor_str text,
	struct cor_unsealed *ret) COR_CHECKED;
COR_API int cor_unseal_encrypted(struct cor_ctx *ctx, const struct cor_seal_keys *keys,
	const char *purpose, int64_t max_age_s, struct cor_str text,
	struct cor_unsealed *ret) COR_CHECKED;

/**
 * For .sealing of struct cor_service: its cookies (cookie.h) and sessions (session.h) can be
 * sealed, by the keys of --cookie-keys. Opaque, constant, and of the same version as libcoracle.
 */
struct cor_sealing;
COR_API extern const struct cor_sealing cor_sealing;

/** A line of English for what unsealing returns, for the log. Any thread. */
COR_API const char *cor_unseal_strerror(int code);

COR_END_DECLS
#endif
