/* SPDX-License-Identifier: MIT */
/** The calendar behind the timestamps. Nothing here yields or allocates; any thread. */
#ifndef CORACLE_BASE_TIMESTAMP_H
#define CORACLE_BASE_TIMESTAMP_H

#include <stdint.h>

#include <coracle/timestamp.h>

/** Days since 1970-01-01 of a day of the proleptic Gregorian calendar (month 1 to 12). */
int64_t cor_timestamp_days(int64_t year, unsigned month, unsigned day);

#endif
