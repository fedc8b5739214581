/* SPDX-License-Identifier: MIT */
#include "app/certificates.h"

#include <errno.h>

#include <coracle/fiber.h>

#include "master/channel.h"
#include "master/roster.h"
#include "runtime/clock.h"
#include "server/server.h"
#include "tls/tls.h"

#define DAY_S        (INT64_C(24) * 3600)
#define WARNING_DAYS 14
#define LOOK_MS      1000
#define RETRY_S      60

/* All workers find the same, each at its time: the first tells of it. Returns whether it is us. */
static bool is_first(_Atomic uint64_t *told, uint64_t what)
{
	return !told || atomic_exchange(told, what) != what;
}

static void warn(const struct cor_program *program, const char *path, int64_t left_s)
{
	struct cor_logger *logger = cor_program_logger(program);

	if (left_s <= 0)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"certificate %s has expired: clients refuse it; renew it", path);
	else if (left_s <= WARNING_DAYS * DAY_S)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"certificate %s expires in %d days: renew it", path, (int)(left_s / DAY_S));
}

static void warn_of_staple(const struct cor_program *program, size_t index, int64_t realtime_s)
{
	const struct cor_setup *setup = program->setup;
	const char *path = cor_tls_files_staple(&setup->server, index);
	int64_t end_s = setup->composition.whole->tls->staple_ends_s(
		program->security.source, index);

	if (path && end_s <= realtime_s + DAY_S)
		cor_logger_log(cor_program_logger(program), COR_LOG_WARNING, NULL,
			"what the OCSP responder says in %s %s: ask it again", path,
			end_s <= realtime_s ? "has ended, and no client is shown it"
					    : "ends within a day");
}

static void warn_of_all(const struct cor_program *program, int64_t realtime_s)
{
	const struct cor_setup *setup = program->setup;

	for (size_t i = 0; i < setup->server.certificate.len; i++) {
		warn_of_staple(program, i, realtime_s);
		warn(program, setup->server.certificate.items[i],
			setup->composition.whole->tls->expires_s(program->security.source, i) -
				realtime_s);
	}
}

static void check_expiry(const struct cor_program *program)
{
	const struct cor_setup *setup = program->setup;
	struct cor_roster *roster = program->roster;
	const struct cor_clock *clock = &cor_system_clock;
	int64_t realtime_s = clock->realtime_ns(clock) / COR_NS_PER_S;
	int64_t first_s = INT64_MAX;

	for (size_t i = 0; i < setup->server.certificate.len; i++) {
		int64_t expires_s = setup->composition.whole->tls->expires_s(
			program->security.source, i);
		first_s = expires_s < first_s ? expires_s : first_s;
	}
	if (roster)
		atomic_store(&roster->certificate_expires_s, first_s);
	if (is_first(roster ? &roster->certificate_day : NULL, (uint64_t)(realtime_s / DAY_S)))
		warn_of_all(program, realtime_s);
}

/* --- files that change --- */

/* What a fiber knows of the files from one look to the next. */
struct watch {
	struct cor_program *program;
	uint64_t served;  /* the stamp of those that are shown to clients */
	uint64_t seen;    /* by the last look */
	uint64_t failed;  /* of those that could not be used, with `served`: none */
	int64_t retry_s;  /* monotonic: when those are tried again */
	int64_t expiry_s; /* when it is time to look at that */
	bool has_retired;
};

static int64_t now_s(void)
{
	const struct cor_clock *clock = &cor_system_clock;

	return clock->monotonic_ns(clock) / COR_NS_PER_S;
}

/* A successor begins with the rights that this process has given up. */
static void retire(struct watch *watch)
{
	int channel = watch->program->setup->child.channel;

	watch->has_retired = cor_channel_say(channel, COR_WORD_RETIRE
				     "certificate the files of TLS have changed, and "
				     "this process may not read them") != -EAGAIN;
}

/* Whoever has heard of this already is told at level debug. */
static enum cor_log_level level_of(const struct watch *watch, enum cor_log_level level)
{
	struct cor_roster *roster = watch->program->roster;
	uint64_t what = watch->seen ^ (uint64_t)level;

	return is_first(roster ? &roster->certificate_stamp : NULL, what) ? level : COR_LOG_DEBUG;
}

static void tell_failure(const struct watch *watch, const struct cor_start_failure *failure)
{
	bool is_alone = watch->program->setup->child.role != COR_CHILD_WORKER;

	cor_logger_log(cor_program_logger(watch->program), level_of(watch, COR_LOG_WARNING), NULL,
		"the files of TLS have changed, but %s; the old ones are used until that is mended%s",
		failure->text, is_alone ? ", or the service is restarted" : "");
}

static void fail(struct watch *watch, int rc, const struct cor_start_failure *failure)
{
	bool is_worker = watch->program->setup->child.role == COR_CHILD_WORKER;

	watch->failed = watch->seen;
	watch->retry_s = now_s() + RETRY_S;
	if (is_worker && (rc == -EACCES || rc == -EPERM))
		retire(watch);
	else
		tell_failure(watch, failure);
}

static void renew(struct watch *watch)
{
	struct cor_program *program = watch->program;
	struct cor_start_failure failure;
	int rc = cor_security_renew(&program->security, program->setup, &failure);

	if (rc < 0) {
		fail(watch, rc, &failure);
		return;
	}
	watch->served = watch->failed = watch->seen;
	watch->expiry_s = 0;
	cor_logger_log(cor_program_logger(program), level_of(watch, COR_LOG_INFO), NULL,
		"the files of TLS have changed: new connections get what they say now");
}

/* Whoever writes several files has a moment for it: they are read when a look finds no change. */
static void look(struct watch *watch)
{
	uint64_t stamp = cor_tls_files_stamp(&watch->program->setup->server);
	bool has_settled = stamp == watch->seen;

	watch->seen = stamp;
	if (!has_settled || stamp == watch->served || watch->has_retired)
		return;
	if (stamp != watch->failed || now_s() >= watch->retry_s)
		renew(watch);
}

static int look_often(void *arg)
{
	struct watch watch = { .program = arg };
	int rc = 0;

	watch.served = watch.seen = watch.failed = watch.program->security.stamp;
	while (rc == 0) {
		look(&watch);
		if (now_s() >= watch.expiry_s) {
			check_expiry(watch.program);
			watch.expiry_s = now_s() + DAY_S;
		}
		rc = cor_sleep_ms(LOOK_MS);
	}
	return rc;
}

int cor_certificates_watch(struct cor_program *program, struct cor_server *server)
{
	const struct cor_fiber_options options = { .name = "certificates" };

	if (!program->security.source)
		return 0;
	return cor_fiber_start(
		cor_server_loop(server, 0)->scheduler, look_often, program, &options, NULL);
}
