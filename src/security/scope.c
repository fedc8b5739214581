/* SPDX-License-Identifier: MIT */
#include "security/scope.h"

#include <errno.h>

#include "security/admission.h"

bool cor_scopes_next(struct cor_str *rest, struct cor_str *ret)
{
	while (rest->len != 0 && *rest->data == ' ')
		*rest = (struct cor_str){ rest->data + 1, rest->len - 1 };
	*ret = (struct cor_str){ rest->data, 0 };
	while (ret->len < rest->len && rest->data[ret->len] != ' ')
		ret->len++;
	*rest = (struct cor_str){ rest->data + ret->len, rest->len - ret->len };
	return ret->len != 0;
}

bool cor_scopes_have(const char *list, struct cor_str scope)
{
	struct cor_str rest = cor_str(list ? list : "");
	struct cor_str at;

	while (cor_scopes_next(&rest, &at))
		if (cor_str_equal(at, scope))
			return true;
	return false;
}

int cor_grant(struct cor_ctx *ctx, const char *scopes)
{
	struct cor_admission *admission = cor_admission_of(ctx);

	if (!admission)
		return 0; /* a test calls the check by itself */
	admission->granted = cor_printf(ctx, "%s%s%s", admission->granted ? admission->granted : "",
		admission->granted ? " " : "", scopes);
	return admission->granted ? 0 : -ENOMEM;
}

bool cor_has_scope(const struct cor_ctx *ctx, const char *scope)
{
	const struct cor_admission *admission = cor_admission_of(ctx);

	cor_ctx_look_who(ctx, __func__);
	return admission && cor_scopes_have(admission->granted, cor_str(scope));
}
