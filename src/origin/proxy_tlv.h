/* SPDX-License-Identifier: MIT */
/** What follows the addresses in a PROXY header of version 2: sections 2.2.1 to 2.2.8. */
#ifndef CORACLE_ORIGIN_PROXY_TLV_H
#define CORACLE_ORIGIN_PROXY_TLV_H

#include "origin/proxy_header.h"

/**
 * Read all of it, from byte `at` of the header on; `header` is all of that, as the checksum is.
 * Returns 0 or -EINVAL.
 */
int cor_proxy_tlv_read(struct cor_str header, size_t at, struct cor_proxy_header *ret) COR_CHECKED;

#endif
