/* SPDX-License-Identifier: MIT */
/** Plans into programs that write their rows: see put.h. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_PROGRAM_H
#define CORACLE_SCHEMA_PROGRAM_H

#include "schema/codec.h"

/** For all plans of a codec, which are complete and have no faults. Returns 0 or -ENOMEM. */
int cor_codec_make_programs(struct cor_codec *codec) COR_CHECKED;

#endif
