/* SPDX-License-Identifier: MIT */
/**
 * Parsing the head of an HTTP/1.1 request: request line and header fields (RFC 9112 sections 2, 3
 * and 5).
 *
 * Bytes in, one struct cor_head out. The caller keeps the head's bytes in one buffer that may grow,
 * and may move, between calls; everything here is an offset into it, counted from the first byte
 * that was given. Any split of the input gives the same result, and the work is linear in the
 * input. Nothing is allocated; nothing yields.
 *
 *     cor_head_parser_init(&parser, NULL);
 *     while ((n = cor_head_parse(&parser, bytes, len)) == 0)
 *             ...; // receive more behind bytes + len; an end of stream here is a request cut short
 *     if (n < 0)
 *             ...; // refuse with parser.error.status, close the connection
 *     // n bytes are the head: parser.head says what is in them
 *
 * States of the parser: initialised -> (needs more)* -> done or failed; reset it for the next
 * request.
 *
 * What is refused, and with what, beyond plain syntax errors (400):
 *  - 414 request line too long, 431 header line, header block or header count too large;
 *  - 505 a major version other than 1; HTTP/1.2 and above count as HTTP/1.1 (RFC 9110 section 2.5);
 *  - 501 a transfer coding before `chunked`; 400 a Transfer-Encoding that does not end in `chunked`
 *    or is given twice, one in HTTP/1.0, and one together with Content-Length (RFC 9112 sections
 *    6.1 and 6.3);
 *  - 400 Content-Length other than 1*DIGIT (leading zeros are allowed and mean nothing), or given
 *    twice, even if equal; 413 one above INT64_MAX;
 *  - 400 no Host in HTTP/1.1, more than one, an invalid one, a port above 65535, userinfo; an empty
 *    one is valid (RFC 9112 section 3.2);
 *  - 417 an expectation other than 100-continue;
 *  - 400 a target with a byte outside RFC 3986 (a '#', bytes above 0x7e: they must be
 *    percent-encoded, and guessing their charset is how two parties come to see two paths).
 *    Accepted although RFC 3986 does not list them, because browsers send them raw: [ ] ^ |
 *    anywhere, and { } ` \ in the query;
 *  - 400 Transfer_Encoding and Content_Length with an underscore: names made to be mistaken by a
 *    CGI-like hop.
 * Unknown methods are passed on; so are CONNECT and TRACE, for the server to refuse.
 */
#ifndef CORACLE_HTTP_HEAD_PARSER_H
#define CORACLE_HTTP_HEAD_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "http/error.h"
#include "http/head.h"

#define COR_HEAD_HOST_BYTES 63 /* longer ones are looked through each time */

/**
 * What only HTTP/1 says of a request. COR_BODY_UNKNOWN is Transfer-Encoding: chunked here: HTTP/1
 * has no other request body without a length.
 */
struct cor_http1_head {
	uint8_t minor_version; /* 0 or 1 */
	bool keep_alive;       /* the client wants and allows the connection to stay */
	bool expect_continue;  /* a body will come, and the client waits for 100 Continue */
	bool upgrade;          /* Upgrade is there and named in Connection */
};

/** Zero means the default; more than the maximum counts as the maximum. */
struct cor_head_limits {
	uint32_t request_line_bytes; /* without its CRLF: 8192, at most 16384 */
	uint32_t header_line_bytes;  /* without its CRLF: 8192, at most 16384 */
	uint32_t header_block_bytes; /* all header lines with their CRLFs: 32768, at most that */
	uint32_t header_count;       /* 100, at most that */
};

struct cor_head_parser {
	/* valid once cor_head_parse() returned more than 0; see fields */
	struct cor_head head;
	struct cor_http1_head http1;
	struct cor_http_error error; /* valid once it returned less */
	/* private */
	uint16_t request_line_bytes;
	uint16_t header_line_bytes;
	uint16_t header_block_bytes;
	uint16_t common_bytes; /* the least of those three */
	uint8_t header_count;
	uint8_t state;
	uint8_t seen;
	uint16_t line_max;  /* how long the current line may be */
	uint32_t line;      /* where it begins */
	uint32_t scanned;   /* up to where it was searched for its end */
	uint32_t block_end; /* where the header block must have ended */
	/* The last line whose Host was valid, kept over resets: a server is called by few names. */
	struct cor_span last_host; /* the value, in the line */
	uint8_t last_host_len;     /* of the line with its CRLF; 0: none yet */
	char last_host_line[COR_HEAD_HOST_BYTES];
	/* valid as the head is: head.fields_len of them, in the order sent */
	struct cor_head_field fields[COR_HEAD_FIELDS_MAX + COR_HEAD_FIELDS_DERIVED];
};

/** Begin a new head. `limits` NULL: all defaults. */
void cor_head_parser_init(struct cor_head_parser *parser, const struct cor_head_limits *limits);

/** Begin the next head with the same limits: cheaper than cor_head_parser_init(). */
void cor_head_parser_reset(struct cor_head_parser *parser);

/**
 * Go on: `bytes` holds all `len` bytes received since the parser was initialised, the new ones
 * behind the old ones; they may have moved. Bytes behind the head are left alone.
 * Returns the length of the head (an empty line before it and the empty line behind it included), 0
 * (more is needed) or -COR_ESYNTAX (parser->error says why).
 */
ssize_t cor_head_parse(struct cor_head_parser *parser, const char *bytes, size_t len) COR_CHECKED;

/*
 * Private to this folder: what heads of answers have in common with those of requests. The parser
 * was reset; `bytes` and `len` are as above. Each returns 1 when it is through, 0 (more is needed)
 * or -COR_ESYNTAX.
 */

/** The first line, to be judged by the caller: from parser->line up to its CR at ->scanned. */
int cor_head_first_line(struct cor_head_parser *parser, const char *bytes, size_t len) COR_CHECKED;

/** The first line is good: field lines follow. */
void cor_head_first_line_done(struct cor_head_parser *parser);

/** The field lines and the empty one: the head ends at parser->line. */
int cor_head_field_lines(struct cor_head_parser *parser, const char *bytes, size_t len) COR_CHECKED;

#endif
