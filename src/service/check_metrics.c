/* SPDX-License-Identifier: MIT */
/* What Prometheus would not take, or take for something else, of a service's metrics. */
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "service/check.h"
#include "service/metrics.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

static bool is_name(const char *name)
{
	return name[0] != '\0' && strchr(LETTERS, name[0]) &&
	       name[strspn(name, LETTERS "0123456789")] == '\0';
}

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *text, const char *suffix)
{
	size_t len = strlen(text), suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

/* Endings that the formats add to a name: a sample could be taken for another metric's. */
static void check_ending(const struct cor_check *check, const char *name)
{
	static const char *const endings[] = { "_total", "_count", "_sum", "_bucket", "_created",
		"_info" };

	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (ends_with(name, endings[i]))
			cor_contradict(check, name,
				"the name of a metric cannot end in %s, which the format adds "
				"itself: leave it away",
				endings[i]);
}

static void check_name(const struct cor_check *check, const char *name)
{
	if (!is_name(name))
		cor_contradict(check, name,
			"the name of a metric has letters, digits and underscores only, and "
			"begins with no digit");
	if (strlen(name) >= COR_LEDGER_NAME_BYTES)
		cor_contradict(check, name, "the name of a metric has at most %d characters",
			COR_LEDGER_NAME_BYTES - 1);
	if (begins_with(name, "coracle_") || begins_with(name, "process_"))
		cor_contradict(check, name,
			"names that begin with coracle_ or process_ are taken: use the service's "
			"own name");
	check_ending(check, name);
}

/* --- labels --- */

static void check_values(
	const struct cor_check *check, const char *where, const struct cor_metric_label *label)
{
	for (size_t i = 0; i < label->len; i++) {
		const char *value = label->values[i];
		if (!value || value[0] == '\0' || !cor_utf8_valid(cor_str(value))) {
			cor_contradict(check, where,
				"value %zu of label %s is missing, empty or not UTF-8: each "
				"enumerator needs a name",
				i, label->name);
			return; /* one tells enough */
		}
		for (size_t other = 0; other < i; other++)
			if (label->values[other] && strcmp(label->values[other], value) == 0)
				cor_contradict(check, where, "label %s has the value %s twice",
					label->name, value);
	}
}

static void check_label(
	const struct cor_check *check, const char *where, const struct cor_metric_label *label)
{
	if (!is_name(label->name) || begins_with(label->name, "__") ||
		strcmp(label->name, "le") == 0)
		cor_contradict(check, where,
			"a label cannot be named \"%s\": letters, digits and underscores, no "
			"digit and no __ at the beginning, and not le",
			label->name);
	if (!label->values || label->len == 0)
		cor_contradict(check, where, "label %s has no values: COR_LABEL(\"%s\", names)",
			label->name, label->name);
	else
		check_values(check, where, label);
}

static void check_labels(const struct cor_check *check, const struct cor_metric *metric)
{
	const struct cor_metric_label *labels = metric->labels;
	size_t series = 1;

	for (size_t i = 0; i < COR_LABELS_MAX; i++) {
		if (!labels[i].name) {
			if (labels[i].values)
				cor_contradict(check, metric->name, "a label has no name");
			continue;
		}
		check_label(check, metric->name, &labels[i]);
		series *= labels[i].len > COR_SERIES_MAX ? COR_SERIES_MAX + 1 : labels[i].len;
	}
	if (labels[1].name && !labels[0].name)
		cor_contradict(check, metric->name, "the second label is there without a first");
	if (labels[0].name && labels[1].name && strcmp(labels[0].name, labels[1].name) == 0)
		cor_contradict(check, metric->name, "two labels are named %s", labels[0].name);
	if (series > COR_SERIES_MAX)
		cor_contradict(check, metric->name,
			"its labels have more than %d combinations of values", COR_SERIES_MAX);
}

/* --- buckets --- */

static void check_rise(const struct cor_check *check, const struct cor_metric *metric)
{
	if (metric->buckets[0] < 0)
		cor_contradict(check, metric->name, "a bucket cannot be below 0");
	for (size_t i = 1; i < metric->buckets_len; i++)
		if (metric->buckets[i] <= metric->buckets[i - 1])
			cor_contradict(check, metric->name,
				"its buckets do not rise: %lld stands behind %lld",
				(long long)metric->buckets[i], (long long)metric->buckets[i - 1]);
}

static void check_buckets(const struct cor_check *check, const struct cor_metric *metric)
{
	if (metric->divisor < 0)
		cor_contradict(check, metric->name, ".divisor cannot be below 0");
	if (metric->kind != COR_METRIC_HISTOGRAM) {
		if (metric->buckets_len != 0 || metric->divisor != 0)
			cor_contradict(
				check, metric->name, "only a histogram has buckets and a divisor");
		return;
	}
	if (!metric->buckets || metric->buckets_len == 0 || metric->buckets_len > COR_BUCKETS_MAX)
		cor_contradict(check, metric->name,
			"a histogram needs 1 to %d buckets: COR_BUCKETS(5, 10, 25)",
			COR_BUCKETS_MAX);
	else
		check_rise(check, metric);
}

/* --- all of them --- */

static bool is_named_before(
	const struct cor_metric *const *list, const struct cor_metric *const *end)
{
	for (; list < end; list++)
		if ((*list)->name && strcmp((*list)->name, (*end)->name) == 0)
			return true;
	return false;
}

static void check_metric(const struct cor_check *check, const struct cor_metric *metric)
{
	check_name(check, metric->name);
	if (!metric->doc || metric->doc[0] == '\0')
		cor_contradict(
			check, metric->name, "the metric has no .doc, which says what it is");
	else if (!cor_utf8_valid(cor_str(metric->doc)))
		cor_contradict(check, metric->name, ".doc is not UTF-8");
	check_labels(check, metric);
	check_buckets(check, metric);
}

void cor_check_metrics(const struct cor_check *check, const struct cor_service *service)
{
	const char *where = service->name ? service->name : "service";
	size_t before = check->why->count, cells = 1;

	for (const struct cor_metric *const *at = service->metrics; at && *at; at++) {
		if (!(*at)->name) {
			cor_contradict(check, where, "a metric has no name");
			continue;
		}
		check_metric(check, *at);
		if (is_named_before(service->metrics, at))
			cor_contradict(check, (*at)->name, "two metrics have this name");
		if (check->why->count == before)
			cells += cor_metric_series(*at) * cor_metric_cells(*at);
	}
	if (cells > COR_LEDGER_OWN_MAX)
		cor_contradict(check, where,
			"its metrics need %zu cells, and there is room for %d: one for each "
			"combination of label values, and in a histogram for each bucket, too",
			cells, COR_LEDGER_OWN_MAX);
}
