/* SPDX-License-Identifier: MIT */
/**
 * Answers compressed for clients that accept it, and request bodies that come compressed.
 *
 *     #include <coracle/compression.h>
 *
 *     static const struct cor_compression compression = {
 *             .codings = COR_CODINGS(&cor_zstd, &cor_brotli, &cor_gzip),
 *     };
 *     static const struct cor_service service = {
 *             .name = "bookshop",
 *             .compression = &compression,
 *             ...
 *     };
 *
 * It is linked with libcoracle-compress (`pkg-config --libs coracle-compress`), which brings zlib,
 * libdeflate, brotli and zstd. A service that names no coding has none of them.
 *
 * An operation's own .compression counts, else its resource's, else the service's.
 * docs/compression.md says which answers are compressed, and what that costs.
 */
#ifndef CORACLE_COMPRESSION_H
#define CORACLE_COMPRESSION_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

/** A content coding (RFC 9110 section 8.4.1). Opaque, and of the same version as libcoracle. */
struct cor_coding;

/** gzip, RFC 1952: every client has it. */
COR_API extern const struct cor_coding cor_gzip;

/**
 * br, RFC 7932: smaller than gzip; browsers ask for it over https. A build of the library without
 * brotli has it by name only: the start says so.
 */
COR_API extern const struct cor_coding cor_brotli;

/** zstd, RFC 8878: as small as gzip for a fraction of the time. As for brotli. */
COR_API extern const struct cor_coding cor_zstd;

/** What answers are compressed from, unless .least_bytes says otherwise. */
#define COR_COMPRESSION_LEAST_BYTES 1024

/** A request's body may decode to so many times its bytes, unless .body_ratio_limit says more. */
#define COR_BODY_RATIO_LIMIT 200

/** Below so many decoded bytes no ratio is too large. */
#define COR_BODY_RATIO_FREE_BYTES (64 * 1024)

#define COR_GZIP_LEVEL_MAX   9
#define COR_BROTLI_LEVEL_MAX 9  /* 10 and 11 would hold the thread for too long */
#define COR_ZSTD_LEVEL_MAX   12 /* so would what is above */

struct cor_compression {
	/**
	 * COR_CODINGS(...), at most eight: of those that a client likes equally the first is
	 * chosen. NULL: nothing is compressed.
	 */
	const struct cor_coding *const *codings;
	/** 1 (fast) to COR_GZIP_LEVEL_MAX (small). 0: 6. */
	uint8_t gzip_level;
	/** 1 to COR_BROTLI_LEVEL_MAX. 0: 5. */
	uint8_t brotli_level;
	/** 1 to COR_ZSTD_LEVEL_MAX. 0: 3. */
	uint8_t zstd_level;
	/**
	 * Shorter answers are sent as they are: they fit into a packet or two either way. Of a
	 * stream the length is not known: it is compressed. 0: COR_COMPRESSION_LEAST_BYTES.
	 */
	uint32_t least_bytes;
	/**
	 * COR_MEDIA_TYPES(...): what is compressed: "text/csv", "text" for all of text/, "+json"
	 * for all types that end so. NULL: text, JSON, XML, JavaScript, SVG and what else is text;
	 * not images, sound, video and archives, which are compressed already.
	 */
	const char *const *media_types;
};

/* clang-format off */

#define COR_CODINGS(...) \
	(const struct cor_coding *const[]) { __VA_ARGS__, NULL }

#define COR_MEDIA_TYPES(...) \
	(const char *const[]) { __VA_ARGS__, NULL }

/**
 * For .compression of an operation or a resource whose answers must not be compressed.
 *
 * Use it where an answer holds both a secret and text that a request chooses. Who can make a
 * browser send such requests, and can see how long the encrypted answers are, finds the secret
 * letter by letter, since what repeats compresses better (the BREACH attack): tokens against
 * cross-site requests, session ids, and what a search says of somebody else.
 */
#define COR_UNCOMPRESSED (&(const struct cor_compression){ 0 })

/* clang-format on */

COR_END_DECLS
#endif
