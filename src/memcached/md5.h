/* SPDX-License-Identifier: MIT */
/** MD5 (RFC 1321), by which ketama places keys. It protects nothing here. */
#ifndef CORACLE_MEMCACHED_MD5_H
#define CORACLE_MEMCACHED_MD5_H

#include <stdint.h>

#include <coracle/str.h>

void cor_memcached_md5(struct cor_str text, uint8_t ret[16]);

#endif
