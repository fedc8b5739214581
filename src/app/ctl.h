/* SPDX-License-Identifier: MIT */
/** SERVICE ctl ...: what an operator tells a running service. Private to the app folder. */
#ifndef CORACLE_APP_CTL_H
#define CORACLE_APP_CTL_H

#include <stdbool.h>

#include <coracle/service.h>

/** Whether the command line begins with it. */
bool cor_ctl_is_meant(int argc, char *const *argv);

/** Do what it says; the order of `argv` changes. Returns an exit status. */
int cor_ctl(int argc, char **argv, const struct cor_service *service);

#endif
