/* SPDX-License-Identifier: MIT */
/** What a service inside of a test has logged. Private to the testing folder. */
#ifndef CORACLE_TESTING_SERVICE_LOG_H
#define CORACLE_TESTING_SERVICE_LOG_H

#include "testing/service.h"

/** All lines so far, until the next call; NULL: no memory. */
const char *cor_test_log_read(struct cor_test_service *service);

/** The last line, without its time and level; "": there is none. Until the next call. */
const char *cor_test_log_last(struct cor_test_service *service);

/** Print on standard error what the log has. */
void cor_test_service_show_log(const struct cor_test_service *service);

#endif
