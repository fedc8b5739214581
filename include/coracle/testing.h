/* SPDX-License-Identifier: MIT */
/** The testing kit: all of it. Link with pkg-config coracle-testing. */
#ifndef CORACLE_TESTING_H
#define CORACLE_TESTING_H

#include <coracle/test.h>
#include <coracle/test_expect.h>
#include <coracle/test_mock.h>
#include <coracle/test_snapshot.h>
#include <coracle/test_fuzz.h>
#include <coracle/test_service.h>
#include <coracle/test_contract.h>

#endif
