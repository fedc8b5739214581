/* SPDX-License-Identifier: MIT */
/**
 * The views of a service's operations, made into schemas once, so that whoever reads its tables
 * afterwards sees operations without views.
 */
#ifndef CORACLE_SERVICE_VIEWS_H
#define CORACLE_SERVICE_VIEWS_H

#include <coracle/service.h>

#include "service/check.h"

/**
 * The service with the schemas of its views in the place of .in_view and .out_view; the service
 * itself where no operation has one. New tables are in the arena. What is wrong with a view is
 * reported to `check` (NULL: to nobody). Returns 0 or -ENOMEM.
 */
int cor_service_take_views(const struct cor_service *service, struct cor_arena *arena,
	const struct cor_check *check, const struct cor_service **ret) COR_CHECKED;

#endif
