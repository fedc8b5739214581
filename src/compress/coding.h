/* SPDX-License-Identifier: MIT */
/**
 * What is behind <coracle/compression.h>: libcoracle calls codings through this table alone, and so
 * links neither brotli nor zstd. The folder is a library of its own, which sees nothing of
 * libcoracle but headers. Bytes in, bytes out; nothing here yields.
 */
#ifndef CORACLE_COMPRESS_CODING_H
#define CORACLE_COMPRESS_CODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/compression.h>

/* Of this header and of struct cor_compression: raised with every change. */
#define COR_CODING_INTERFACE 2

/** Where a step reads and writes: it moves both on. */
struct cor_coding_io {
	const char *in;
	size_t in_len;
	char *out;
	size_t out_len;
};

/** What a step of an encoder is for. */
enum cor_coding_aim {
	COR_CODING_GO_ON, /* take the input; what comes out of it may come later */
	COR_CODING_FLUSH, /* what was taken can be decoded from what is out by then */
	COR_CODING_END,   /* what is out by then is whole */
};

/** What has become of a step. */
enum cor_coding_step {
	COR_CODING_DONE = 0, /* as the aim says, all of the input is taken */
	COR_CODING_FULL = 1, /* there was no room for the rest: step again with the same aim */
};

/** What has become of a body so far. */
enum cor_decoding_step {
	COR_DECODING_PART = 0,  /* room or input is used up before the end */
	COR_DECODING_WHOLE = 1, /* it may end here; input is used up */
};

/** First member of what a coding has for one. One thread at a time. */
struct cor_encoder {
	const struct cor_coding *coding;
	struct cor_encoder *next; /* of those that nobody uses: coding/pool.h */
	int level;
};
struct cor_decoder {
	const struct cor_coding *coding;
};

/** A level, and what is known of what comes. */
struct cor_encoder_options {
	int level;
	int64_t length; /* -1: nobody knows */
	bool lasts;     /* a little now and then, for hours: in as little memory as goes */
};

struct cor_coding {
	uint32_t interface; /* COR_CODING_INTERFACE */
	const char *name;   /* of the coding, lower case */
	const char *alias;  /* NULL: none */
	const char *symbol;
	const char *missing; /* the package that the build did not have; NULL: nothing is missing */
	uint8_t usual_level;
	bool is_large;   /* its encoder takes half a megabyte, whatever comes */
	size_t level_at; /* its member of struct cor_compression */

	/** Returns 0 or -ENOMEM. */
	int (*open_encoder)(const struct cor_encoder_options *options, struct cor_encoder **ret);
	/**
	 * Begin anew, at the level that it has. Returns 0, or -EINVAL: it is not made for what
	 * comes. NULL: it never is.
	 */
	int (*restart_encoder)(
		struct cor_encoder *encoder, const struct cor_encoder_options *options);
	/** Returns enum cor_coding_step or -ENOMEM: it is of no use any more. */
	int (*encode)(
		struct cor_encoder *encoder, struct cor_coding_io *io, enum cor_coding_aim aim);
	/** NULL is allowed. */
	void (*close_encoder)(struct cor_encoder *encoder);
	/**
	 * Encodes to the same format what is here as a whole, faster: in a single step that ends,
	 * with room for whole_room(). Decodes nothing. NULL: nothing does.
	 */
	const struct cor_coding *whole;
	/**
	 * Of such a one, NULL elsewhere: what `len` bytes take at most. 0: they are not for it, as
	 * they would hold the thread for too long, or are not worth it.
	 */
	size_t (*whole_room)(int level, size_t len);

	/** Returns 0 or -ENOMEM. */
	int (*open_decoder)(struct cor_decoder **ret);
	/**
	 * Returns enum cor_decoding_step, -COR_ESYNTAX (it is not what an encoder writes, or
	 * something follows its end) or -ENOMEM: it is of no use any more.
	 */
	int (*decode)(struct cor_decoder *decoder, struct cor_coding_io *io);
	/** NULL is allowed. */
	void (*close_decoder)(struct cor_decoder *decoder);
};

#endif
