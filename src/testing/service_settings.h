/* SPDX-License-Identifier: MIT */
/** The command line of a service inside of a test. Private to the testing folder. */
#ifndef CORACLE_TESTING_SERVICE_SETTINGS_H
#define CORACLE_TESTING_SERVICE_SETTINGS_H

#include "testing/service.h"

/** Of its .settings, and of what a test has in any case; in its arena. Returns argc or -ENOMEM. */
int cor_test_settings_split(struct cor_test_service *service, char ***ret);

#endif
