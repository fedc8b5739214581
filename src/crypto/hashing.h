/* SPDX-License-Identifier: MIT */
/**
 * What is behind cor_hashing of <coracle/hashing.h>: libcoracle hashes by this table alone, and so
 * does not link OpenSSL. The folder is a library of its own.
 */
#ifndef CORACLE_CRYPTO_HASHING_H
#define CORACLE_CRYPTO_HASHING_H

#include <stdint.h>

#include <coracle/hashing.h>
#include <coracle/str.h>

/* Of this header: raised with every change, so that halves do not meet. */
#define COR_HASHING_INTERFACE 1

/** Those of RFC 7616 section 6.1. */
enum cor_hash { COR_HASH_MD5, COR_HASH_SHA_256, COR_HASH_SHA_512_256 };

#define COR_HASH_TEXT_BYTES 65 /* room for the longest, and its NUL */

struct cor_hashing {
	uint32_t interface; /* COR_HASHING_INTERFACE */
	/**
	 * The hash of a message, in small hex digits. Never yields; any thread. Returns 0, or
	 * -ENOTSUP: this OpenSSL has it not (MD5 where only FIPS is allowed).
	 */
	int (*hash)(enum cor_hash hash, struct cor_str message, char ret[COR_HASH_TEXT_BYTES]);
};

#endif
