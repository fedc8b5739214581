/* SPDX-License-Identifier: MIT */
/* Each operation, driven from its tables: by Alice, who has an account and a note. */
#include <stdio.h>
#include <string.h>

#include <coracle/testing.h>

#include "../accounts.h"
#include "../notes.h"

#define LOGIN  "alice:correct horse"
#define SECRET "no-blank-in-this-secret-of-many-bytes"
/* Of "sub": "alice", to the end of 2099, signed with that. */
#define TOKEN                                                                                      \
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsIml"                             \
	"zcyI6Im5vdGVzIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjQxMDI0NDQ4MDB9"                            \
	".9mW5fgVQ7oAd2U6inTDGsc7W1Pm9_scPDD2XsAmIPr4"

/* Passwords are slow to check, as they should be: only who logs in has one. */
static void add_account_and_note(struct cor_test *t)
{
	static char settings[512];

	snprintf(settings, sizeof settings, "--folder %s/attachments --token-secret " SECRET,
		cor_test_folder(t));
	cor_test_use(t, &(struct cor_test_setup){ .settings = settings });
	if (strncmp(t->name, "POST /sessions", 14) == 0)
		cor_test_call(t, .method = "POST", .path = COR_PATH("/users"),
			.json = "{\"name\":\"alice\",\"password\":\"correct horse\"}");
	cor_test_call(t, .method = "POST", .path = COR_PATH("/notes"), .bearer = TOKEN,
		.json = "{\"title\":\"Tea\"}");
	cor_test_call(t, .method = "PUT", .path = COR_PATH("/notes/1/attachment"), .bearer = TOKEN,
		.headers = COR_HTTP_FIELDS({ "If-Match", "*" }),
		.content_type = "multipart/form-data; boundary=b",
		.body = COR_STR("--b\r\nContent-Disposition: form-data; name=\"file\"; "
				"filename=\"a.txt\"\r\n\r\nleaves\r\n--b--\r\n"));
}

int main(int argc, char **argv)
{
	return cor_contract_main(argc, argv,
		&(struct cor_contract){
			.service = &notes_service,
			.before_each = add_account_and_note,
			.credentials = COR_CONTRACT_CREDENTIALS(
				{ .scheme = &password_scheme, .value = LOGIN },
				{ .scheme = &token_scheme, .value = TOKEN }),
			.inputs = COR_CONTRACT_INPUTS(
				{ NULL, "path id", "1" }, { NULL, "path id", "2" }),
			.exceptions = COR_CONTRACT_EXCEPTIONS(
				{ .status = 507, .reason = "needs a thousand accounts, or notes" },
				{ "POST /users", .status = 429, .reason = "takes an hour" },
				{ "POST /sessions", .status = 429, .reason = "takes a minute" }),
		});
}
