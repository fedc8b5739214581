/* SPDX-License-Identifier: MIT */
/** Forms of parts: what a service needs for them. */
#ifndef CORACLE_SERVICE_FORM_H
#define CORACLE_SERVICE_FORM_H

#include <stdbool.h>

#include <coracle/service.h>

/** Whether an operation of the service takes files into its input. */
bool cor_service_takes_files(const struct cor_service *service);

#endif
