/* SPDX-License-Identifier: MIT */
/* Generated tests of a table with every kind and every rule: the binder takes what they make. */
#include <coracle/coracle.h>
#include <coracle/testing.h>

#include "rows.h"

int main(int argc, char **argv)
{
	return cor_contract_main(argc, argv,
		&(struct cor_contract){
			.service = &rows,
			.inputs = COR_CONTRACT_INPUTS({ "POST /all", "body /span", "[1,2]" },
				{ "POST /all", "body /spans", "{\"a\":[1,2]}" }),
			.exceptions = COR_CONTRACT_EXCEPTIONS(
				{ NULL, "body /span", 422, "a function wants two ends" },
				{ NULL, "body /spans", 422, "a function wants two ends" },
				{ NULL, "body /choice", 422, "a span is in it" },
				{ NULL, "body /choices", 422, "a span is in it" },
				{ NULL, "body /by_name", .reason = "as a choice, and slow" },
				{ NULL, "body /n~1x", .reason = "as a choice, and slow" },
				{ NULL, "body /all", .reason = "as a choice, and slow" }),
			.unseen = COR_CONTRACT_STRICT,
			.timeout_ms = 60000, /* two seconds of a processor under sanitizers */
		});
}
