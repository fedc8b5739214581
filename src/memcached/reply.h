/* SPDX-License-Identifier: MIT */
/**
 * What memcached answers, bytes in, replies out, of both protocols.
 *
 *     cor_memcached_reader_init(&reader, limit);
 *     while ((event = cor_memcached_read(&reader, bytes, len, &used, &data)) != COR_MEMCACHED_MORE)
 *             ... reader.reply; bytes += used; len -= used ...
 *
 * A line is looked at when all of it is there: what is used of one that is not is nothing, and the
 * next call gets it again with what has come since. Nothing is believed: a line is no longer than
 * COR_MEMCACHED_LINE_BYTES, a value no longer than the limit.
 */
#ifndef CORACLE_MEMCACHED_REPLY_H
#define CORACLE_MEMCACHED_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

#define COR_MEMCACHED_LINE_BYTES 2048

enum cor_memcached_code {
	COR_MEMCACHED_DONE = 0, /* HD; STORED, DELETED, TOUCHED, OK */
	COR_MEMCACHED_VALUE,    /* VA; VALUE: data follows */
	COR_MEMCACHED_MISS,     /* EN */
	COR_MEMCACHED_END,      /* END: of values or of statistics */
	COR_MEMCACHED_ABSENT,   /* NF; NOT_FOUND */
	COR_MEMCACHED_NOT_STORED,
	COR_MEMCACHED_EXISTS,
	COR_MEMCACHED_NOOP,   /* MN */
	COR_MEMCACHED_NUMBER, /* of incr and decr */
	COR_MEMCACHED_SERVER_VERSION,
	COR_MEMCACHED_STAT,
	COR_MEMCACHED_UNKNOWN,      /* ERROR: it does not know the command */
	COR_MEMCACHED_CLIENT_ERROR, /* what we have sent is wrong */
	COR_MEMCACHED_SERVER_ERROR,
};

/** Texts are good until the next call. */
struct cor_memcached_reply {
	enum cor_memcached_code code;
	bool is_meta; /* of that protocol alone */
	bool has_opaque;
	bool is_base64; /* the key */
	uint32_t opaque;
	uint32_t bytes; /* of a value */
	uint32_t flags;
	uint64_t version; /* cas */
	int64_t ttl_s;    /* -1: for ever */
	bool has_ttl;
	uint64_t number;
	struct cor_str key;  /* empty: not said */
	struct cor_str text; /* what an error or a version says, a statistic as "name value" */
};

enum cor_memcached_event {
	COR_MEMCACHED_MORE = 0, /* of this no more can be made: wait for more */
	COR_MEMCACHED_LINE,     /* a reply without a value */
	COR_MEMCACHED_BEGIN,    /* a reply whose value follows */
	COR_MEMCACHED_DATA,     /* some of it */
	COR_MEMCACHED_WHOLE,    /* that was all of it */
	COR_MEMCACHED_WRONG,    /* this is no memcached: the connection is of no use any more */
};

struct cor_memcached_reader {
	struct cor_memcached_reply reply;
	uint32_t limit; /* bytes of a value */
	uint32_t left;  /* of the value and the end of its line */
	bool is_wrong;
};

void cor_memcached_reader_init(struct cor_memcached_reader *reader, uint32_t limit);

/** *ret_used bytes are done with; of DATA, `ret_data` is where it stands. */
enum cor_memcached_event cor_memcached_read(struct cor_memcached_reader *reader, const char *bytes,
	size_t len, size_t *ret_used, struct cor_str *ret_data);

#endif
