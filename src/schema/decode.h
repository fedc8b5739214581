/* SPDX-License-Identifier: MIT */
/**
 * JSON text into a struct, by its table. Private to the library; cor_decode() is the public face.
 *
 * Only the rows that take part are read; the caller zeroes the struct before the first row of it is
 * filled, so that several sources (path, query, headers, body) can fill one struct in turn. Nothing
 * here yields. One thread, the codec's.
 */
#ifndef CORACLE_SCHEMA_DECODE_H
#define CORACLE_SCHEMA_DECODE_H

#include <coracle/schema.h>

/** What the JSON is. It decides which rows take part. */
enum cor_use {
	/* A value at rest (cache, file, test): every row; .access, .from and .to mean nothing. */
	COR_USE_WHOLE = 0,
	COR_USE_REQUEST, /* READ_ONLY rows are refused; at the root only rows from the body */
	COR_USE_ANSWER,  /* WRITE_ONLY rows are not there; at the root none that goes to a header */
};

struct cor_decode_options {
	enum cor_use use;
	enum cor_from
		default_from; /* COR_USE_REQUEST: what COR_FROM_DEFAULT means to this operation */
	const char *in;       /* a literal, for the violations; NULL: "body" */
	unsigned depth_max;   /* 0: COR_JSON_DEPTH_MAX */
	bool was_written;     /* COR_USE_ANSWER: as an answer was written, see read_back.h */
	bool is_part;         /* and only members that a client has chosen */
	/*
	 * COR_USE_ANSWER, of a server that may be newer than the table: members that no row has are
	 * passed over, and what answers may lack may be absent.
	 */
	bool is_foreign;
};

/**
 * Decode `text` into the rows of *ret that take part and validate them. All that is wrong is added
 * to *violations. Strings and arrays belong to the arena. Returns 0, -COR_ESYNTAX (the one
 * violation added says where), -COR_EINVALID, -COR_ETOOLARGE (too deep; one violation), -ENOMEM or
 * -COR_ETABLE (the schema is not the codec's).
 */
int cor_decode_text(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const struct cor_decode_options *options, void *ret,
	struct cor_str text, struct cor_violations *violations) COR_CHECKED;

#endif
