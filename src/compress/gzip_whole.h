/* SPDX-License-Identifier: MIT */
/** gzip of what is here as a whole, by libdeflate. */
#ifndef CORACLE_COMPRESS_GZIP_WHOLE_H
#define CORACLE_COMPRESS_GZIP_WHOLE_H

#include "compress/coding.h"

/** For .whole of cor_gzip. In a build without libdeflate nothing is for it. */
extern const struct cor_coding cor_gzip_whole;

#endif
