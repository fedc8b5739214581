/* SPDX-License-Identifier: MIT */
/**
 * What can be set of a WebSocket operation: its .websocket. Everything is optional.
 */
#ifndef CORACLE_WEBSOCKET_OPTIONS_H
#define CORACLE_WEBSOCKET_OPTIONS_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

#define COR_WEBSOCKET_MESSAGE_BYTES (64 * 1024)
#define COR_WEBSOCKET_MESSAGE_MAX   (64 * 1024 * 1024)
#define COR_WEBSOCKET_FRAMES        1024
#define COR_WEBSOCKET_PING_MS       20000
#define COR_WEBSOCKET_PONG_MS       20000

/**
 * permessage-deflate (RFC 7692), with clients that offer it. A message that means more than
 * .message_bytes is refused before more than that has been unpacked.
 */
enum cor_websocket_compression {
	COR_COMPRESSION_OFF = 0,
	/**
	 * Each message for itself: a connection that waits holds no memory for it. Right for
	 * messages of a kilobyte and more.
	 */
	COR_COMPRESSION_SINGLE,
	/**
	 * A message may refer to those before it: small ones that resemble each other shrink most.
	 * Costs each connection about 45 KB for all of its life; its windows have 4 KiB.
	 */
	COR_COMPRESSION_TAKEOVER,
};

struct cor_websocket_options {
	/** COR_MESSAGES(schema): for the OpenAPI document, and known to the codec. */
	const struct cor_schema *receives;
	const struct cor_schema *sends;
	/**
	 * COR_PROTOCOLS("chat.v2", "chat.v1"): sub-protocols, the best one first. The first of
	 * them that the client offers is agreed on. A client that offers others only is refused
	 * (400); one that offers none is not. NULL: what clients offer is not answered.
	 */
	const char *const *protocols;
	/**
	 * COR_ORIGINS("https://shop.example"): pages of which origins may connect, besides those of
	 * the host that the request is for; "*" for all of them. Browsers let any page in the world
	 * connect, and send the user's cookies along: any other page is refused (403). Programs
	 * send no Origin, and are not.
	 */
	const char *const *origins;
	/** A longer message closes the connection with 1009. 0: COR_WEBSOCKET_MESSAGE_BYTES. */
	uint32_t message_bytes;
	/** One of more frames closes it with 1008. 0: COR_WEBSOCKET_FRAMES. */
	uint32_t message_frames;
	/**
	 * A client from which nothing has come for so long gets a ping, in a receive. 0:
	 * COR_WEBSOCKET_PING_MS.
	 */
	uint32_t ping_ms;
	/** It is given up if it does not answer for so long. 0: COR_WEBSOCKET_PONG_MS. */
	uint32_t pong_ms;
	/**
	 * A client that sends no message for so long, in a receive, is told to go (1001), however
	 * well it answers pings. 0: it may listen for ever.
	 */
	uint32_t idle_ms;
	enum cor_websocket_compression compression;
};

/* clang-format off */

#define COR_PROTOCOLS(...) (const char *const[]) { __VA_ARGS__, NULL }
#define COR_ORIGINS(...) (const char *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

COR_END_DECLS
#endif
