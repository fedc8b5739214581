/* SPDX-License-Identifier: MIT */
/** A service that takes every kind of row, in a body and beside it. */
#ifndef TESTS_TESTING_ROWS_H
#define TESTS_TESTING_ROWS_H

#include <coracle/service.h>

extern const struct cor_service rows;

#endif
