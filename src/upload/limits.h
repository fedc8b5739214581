/* SPDX-License-Identifier: MIT */
/** What forms may take; the settings --upload-... */
#ifndef CORACLE_UPLOAD_LIMITS_H
#define CORACLE_UPLOAD_LIMITS_H

#include <stdint.h>

struct cor_upload_limits {
	const char *folder;    /* where files go that memory does not hold */
	uint32_t memory_bytes; /* of one file, before it goes there */
	uint32_t files;        /* of one request there at once: each has a descriptor */
	uint32_t parts;        /* of a form */
	uint32_t part_bytes;   /* header lines of a part */
};

/** Where no settings say otherwise: in tests. */
#define COR_UPLOAD_LIMITS                                                                          \
	((struct cor_upload_limits){                                                               \
		.folder = "/var/tmp",                                                              \
		.memory_bytes = 65536,                                                             \
		.files = 100,                                                                      \
		.parts = 1000,                                                                     \
		.part_bytes = 8192,                                                                \
	})

#endif
