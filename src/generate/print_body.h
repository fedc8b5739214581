/* SPDX-License-Identifier: MIT */
/** What operations take and give, as names of C. Private to the generate folder. */
#ifndef CORACLE_GENERATE_PRINT_BODY_H
#define CORACLE_GENERATE_PRINT_BODY_H

#include "generate/service.h"

/** "book_schema", "COR_TEXT". */
const char *cor_gen_body_schema(struct cor_gen *gen, const struct cor_gen_body *body);

/** "struct book", "struct cor_str". */
const char *cor_gen_body_struct(struct cor_gen *gen, const struct cor_gen_body *body);

/** Whether nothing can be written of it: it is NULL, or the library has refused a table. */
bool cor_gen_operation_is_refused(const struct cor_gen_operation *operation);

#endif
