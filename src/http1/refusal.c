/* SPDX-License-Identifier: MIT */
#include "http1/refusal.h"

#include "exchange/problem_json.h"
#include "http1/reply.h"

#define PLAIN_BODY                                                                                 \
	"{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"                      \
	"\"detail\":\"this port speaks HTTPS: write https:// in the address\"}"
_Static_assert(sizeof PLAIN_BODY - 1 == 122, "Content-Length says otherwise");

static const char plain_answer[] = "HTTP/1.1 400 Bad Request\r\n"
				   "Content-Type: application/problem+json\r\n"
				   "Content-Length: 122\r\n"
				   "Connection: close\r\n\r\n" PLAIN_BODY;

const struct cor_str cor_http1_plain_answer = { plain_answer, sizeof plain_answer - 1 };

COR_COLD size_t cor_http1_append_last(
	struct cor_connection *c, enum cor_method method, int status, const char *detail)
{
	struct cor_buffer *output = &c->loop->output;
	struct cor_buffer body = { 0 };
	struct cor_problem_text problem = { .status = (uint16_t)status, .detail = detail };

	cor_problem_write_json(&body, &problem);
	if (cor_buffer_error(&body) < 0)
		cor_buffer_clear(&body, 0); /* the status says it */
	struct cor_response_head head = {
		.status = (uint16_t)status,
		.connection = COR_CONNECTION_CLOSE,
		.date = cor_serving_date(&cor_http1_of(c)->serving),
		.content_type = COR_PROBLEM_MEDIA_TYPE,
		.content_length = (int64_t)body.len,
	};
	if (cor_http1_begin_head(output, &head, NULL) < 0 || cor_response_end(output) < 0)
		cor_connection_lose_to(c, COR_LOSS_MEMORY);
	size_t sent = method == COR_METHOD_HEAD ? 0 : body.len;
	cor_buffer_append(output, body.data, sent);
	cor_buffer_finish(&body);
	cor_connection_set(c, COR_CONNECTION_CLOSING);
	cor_connection_set(c, COR_CONNECTION_UNREAD);
	return sent;
}

COR_COLD void cor_http1_refuse(struct cor_connection *c, const struct cor_refused_head *refusal)
{
	struct cor_counts *counts = c->loop->counts;
	enum cor_method method = refusal->bytes ? (enum cor_method)refusal->parser->head.method
						: COR_METHOD_OTHER;

	cor_count(&counts->refused[refusal->why], 1);
	cor_figures_answer(cor_http1_of(c)->serving.figures, (uint16_t)refusal->status);
	size_t sent = cor_http1_append_last(c, method, refusal->status, refusal->reason);
	cor_access_of_refusal(c, refusal, sent);
	c->phase = COR_PHASE_IDLE;
	cor_connection_drop_input(c);
}
