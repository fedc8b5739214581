/* SPDX-License-Identifier: MIT */
/** The program that the tests of the app folder run: a small service, and others that are odd. */
#ifndef CORACLE_TESTS_APP_TRIAL_H
#define CORACLE_TESTS_APP_TRIAL_H

#include <coracle/coracle.h>

struct trial_settings {
	const char *greeting;
	const char *password;
	bool start_fails;
	bool background_fails;
	bool prepare_fails;
	bool prepare_says;
	bool threads_fail;
	uint32_t prepare_ms;
	uint32_t start_ms;
	uint32_t stop_ms;
	cor_array(uint32_t) lucky_numbers;
};
COR_DECLARE_SCHEMA(trial_settings_schema, struct trial_settings);

struct delay {
	uint32_t ms;
};
COR_DECLARE_SCHEMA(delay_schema, struct delay);

/* What others have of the small one. */
extern const struct cor_resource hello_resource, waiting_resource, process_resource,
	crashing_resource;
extern const struct cor_resource astray_resource, own_docs_resource; /* both greet */
/** Lock a mutex that another fiber has, for ever: until the request's deadline or end. */
int wait_for_mutex(void);

int trial_start(struct cor_ctx *ctx, void **ret_state);
int trial_start_thread(struct cor_ctx *ctx, void *state, void **ret_thread_state);

/** The service of that name, as SERVICE in the environment has it; NULL if there is none. */
const struct cor_service *other_trial(const char *name);

#endif
