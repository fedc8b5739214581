/* SPDX-License-Identifier: MIT */
#include "service/topic_metrics.h"

static struct cor_metric row(
	enum cor_metric_kind kind, const char *name, const char *doc, struct cor_metric_label label)
{
	return (struct cor_metric){ .kind = kind, .name = name, .doc = doc, .labels = { label } };
}

void cor_topic_metrics_init(
	struct cor_topic_metrics *metrics, const struct cor_topic *const *topics)
{
	struct cor_metric_label label = { .name = "topic", .values = metrics->names };

	for (; topics[label.len] && label.len < COR_TOPICS_MAX; label.len++)
		metrics->names[label.len] = topics[label.len]->name;
	metrics->subscribers = row(
		COR_METRIC_GAUGE, "coracle_topic_subscribers", "Subscribers of a topic.", label);
	metrics->published = row(COR_METRIC_COUNTER, "coracle_topic_published",
		"Messages that were published.", label);
	metrics->dropped = row(COR_METRIC_COUNTER, "coracle_topic_dropped",
		"Messages that subscribers did not get, because they were too slow.", label);
	metrics->list[0] = &metrics->subscribers;
	metrics->list[1] = &metrics->published;
	metrics->list[2] = &metrics->dropped;
	metrics->list[3] = NULL;
}

void cor_topic_metrics_connect(const struct cor_topic_metrics *metrics,
	const struct cor_tally *tally, struct cor_topics *topics)
{
	_Atomic uint64_t *subscribers = cor_tally_cells(tally, &metrics->subscribers);
	_Atomic uint64_t *published = cor_tally_cells(tally, &metrics->published);
	_Atomic uint64_t *dropped = cor_tally_cells(tally, &metrics->dropped);

	if (!subscribers || !published || !dropped)
		return; /* the ledger has no room for them: they keep their own */
	for (size_t i = 0; i < topics->len; i++)
		topics->hubs[i].figures = (struct cor_topic_figures){
			.subscribers = subscribers + i,
			.published = published + i,
			.dropped = dropped + i,
		};
}
