/* SPDX-License-Identifier: MIT */
/* The main of a test program: what it is asked, rounds, reports. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/random.h>
#include <coracle/test.h>

#include "testing/crash.h"
#include "testing/events.h"
#include "testing/failed.h"
#include "testing/heap.h"
#include "testing/options.h"
#include "testing/program.h"
#include "testing/report.h"
#include "testing/runner.h"
#include "testing/unused.h"
#include "testing/xml.h"

enum {
	STATUS_INTERNAL = 3,
	STATUS_USAGE = 4,
	STATUS_NONE = 5,
};

/* Who has asked for events learns that it was not the tests that failed. */
static int refuse(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--events") == 0)
			puts("{\"event\":\"refused\"}");
	return STATUS_USAGE;
}

static int list(const struct cor_runner *runner)
{
	if (runner->options->format == COR_FORMAT_EVENTS)
		cor_events_list(&runner->plan, stdout);
	else
		for (size_t i = 0; i < runner->plan.len; i++)
			printf("%s\n", runner->plan.items[i].name);
	return 0;
}

static void shuffle(struct cor_runner *runner, struct cor_report *report)
{
	if (!runner->options->shuffle)
		return;
	report->is_shuffled = true;
	if (runner->options->seed >= 0)
		report->seed = (uint32_t)runner->options->seed;
	else
		cor_random_fill(&report->seed, sizeof report->seed);
	cor_test_plan_shuffle(&runner->plan, report->seed);
}

static bool goes_on(const struct cor_report *report)
{
	return cor_report_status(report) == 0;
}

static void complain(const char *what, const char *path, int rc)
{
	if (rc < 0)
		fprintf(stderr, "%s %s cannot be written: %s\n", what, path, cor_strerror(rc));
}

static int write_files(const struct cor_report *report)
{
	const struct cor_options *options = report->runner->options;
	int junit = options->junit ? cor_xml_write_junit(report, options->junit) : 0;
	int sonar = options->sonar ? cor_xml_write_sonar(report, options->sonar) : 0;
	int failed = cor_failed_write(&report->runner->plan, report->runner->outcomes);

	complain("--junit", options->junit, junit);
	complain("--sonar", options->sonar, sonar);
	complain("the list of", "failed tests", failed == -EROFS || failed == -EACCES ? 0 : failed);
	return junit < 0 || sonar < 0 ? STATUS_INTERNAL : 0;
}

/* The outcomes of the last round are those that files tell. */
static int run(struct cor_runner *runner)
{
	struct cor_report *report = runner->report;

	runner->counts_memory = !runner->options->no_leaks && cor_heap_is_counted();
	shuffle(runner, report);
	runner->outcomes_len = cor_runner_outcomes(&runner->plan);
	runner->outcomes = cor_outcomes_create(runner->outcomes_len);
	if (!runner->outcomes) {
		fprintf(stderr, "no memory for the outcomes of %zu tests\n", runner->plan.len);
		return STATUS_INTERNAL;
	}
	cor_report_begin(report, runner);
	for (int64_t round = 0; round < runner->options->repeat && goes_on(report); round++) {
		for (size_t i = 0; round > 0 && i < runner->outcomes_len; i++)
			cor_outcome_clear(&runner->outcomes[i]);
		cor_runner_run(runner);
		cor_report_round(report);
	}
	cor_report_end(report);
	cor_unused_tell(runner);
	int written = write_files(report);
	int status = cor_report_status(report);
	cor_outcomes_destroy(runner->outcomes, runner->outcomes_len);
	return status == 0 ? written : status;
}

static int choose(struct cor_runner *runner)
{
	const struct cor_options *options = runner->options;
	int rc = cor_test_plan_select(&runner->plan, options);

	if (rc == 0 && (options->last_failed || options->failed_first))
		rc = cor_failed_apply(&runner->plan, options->last_failed);
	if (rc == 0 && runner->plan.len > 0)
		return options->list ? list(runner) : run(runner);
	if (rc == 0)
		fprintf(stderr, "no test is selected; --list has their names\n");
	return rc == 0 ? STATUS_NONE : rc == -ENOMEM ? STATUS_INTERNAL : STATUS_USAGE;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

#undef cor_test_main
int cor_test_main(int argc, char **argv, const struct cor_suite *suite)
{
	return cor_test_main_counted(NULL, argc, argv, suite);
}

int cor_test_main_counted(
	void (*keep_counts)(void), int argc, char **argv, const struct cor_suite *suite)
{
	return cor_test_main_with(argc, argv, suite, NULL, keep_counts);
}

int cor_test_main_with(int argc, char **argv, const struct cor_suite *suite,
	const struct cor_epilogue *epilogue, void (*keep_counts)(void))
{
	struct cor_options options;
	struct cor_suite named = *suite;
	struct cor_report report = { .epilogue = epilogue };
	struct cor_runner runner = {
		.suite = &named, .options = &options, .report = &report, .notices = { -1, -1 }
	};
	const char *program = argc > 0 ? argv[0] : "test";

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* in the order of standard error */
	named.name = suite->name ? suite->name : base_name(program);
	if (cor_options_read(&options, argc, argv) < 0)
		return refuse(argc, argv);
	if (options.help) {
		cor_options_help(base_name(program));
		return 0;
	}
	cor_crash_keeps(keep_counts);
	if (!options.list && !options.no_leaks)
		cor_heap_prepare();
	int rc = cor_test_plan_init(&runner.plan, &named);
	int status = rc == 0 ? choose(&runner) : rc == -ENOMEM ? STATUS_INTERNAL : STATUS_USAGE;
	cor_test_plan_finish(&runner.plan);
	return rc == 0 && status == STATUS_USAGE ? refuse(argc, argv) : status;
}
