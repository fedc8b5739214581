/* SPDX-License-Identifier: MIT */
/** Everything a service includes. */
#ifndef CORACLE_CORACLE_H
#define CORACLE_CORACLE_H

#include <inttypes.h>

#include <coracle/api.h>
#include <coracle/app.h>
#include <coracle/arena.h>
#include <coracle/base64.h>
#include <coracle/calendar.h>
#include <coracle/check.h>
#include <coracle/clock.h>
#include <coracle/computed.h>
#include <coracle/context.h>
#include <coracle/cors.h>
#include <coracle/decimal_number.h>
#include <coracle/document.h>
#include <coracle/error.h>
#include <coracle/error_shape.h>
#include <coracle/events.h>
#include <coracle/executor.h>
#include <coracle/fiber.h>
#include <coracle/files.h>
#include <coracle/future.h>
#include <coracle/group.h>
#include <coracle/ip.h>
#include <coracle/json.h>
#include <coracle/json_hook.h>
#include <coracle/json_lines.h>
#include <coracle/json_node.h>
#include <coracle/json_patch.h>
#include <coracle/json_patch_struct.h>
#include <coracle/json_pointer.h>
#include <coracle/json_pull.h>
#include <coracle/json_write.h>
#include <coracle/language.h>
#include <coracle/log.h>
#include <coracle/metrics.h>
#include <coracle/net.h>
#include <coracle/parts.h>
#include <coracle/random.h>
#include <coracle/readiness.h>
#include <coracle/request.h>
#include <coracle/response.h>
#include <coracle/schema.h>
#include <coracle/schema_custom.h>
#include <coracle/schema_field.h>
#include <coracle/schema_rows.h>
#include <coracle/schema_union.h>
#include <coracle/secret.h>
#include <coracle/security.h>
#include <coracle/service.h>
#include <coracle/str.h>
#include <coracle/stream.h>
#include <coracle/sync.h>
#include <coracle/timestamp.h>
#include <coracle/topic.h>
#include <coracle/upload.h>
#include <coracle/uri.h>
#include <coracle/uuid.h>
#include <coracle/view.h>
#include <coracle/violation.h>
#include <coracle/websocket.h>
#include <coracle/websocket_options.h>

#endif
