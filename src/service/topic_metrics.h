/* SPDX-License-Identifier: MIT */
/** Metrics of a service's topics: rows like those of its own, with the topic as a label. */
#ifndef CORACLE_SERVICE_TOPIC_METRICS_H
#define CORACLE_SERVICE_TOPIC_METRICS_H

#include <coracle/metrics.h>
#include <coracle/topic.h>

#include "service/metrics.h"
#include "topic/topics.h"

struct cor_topic_metrics {
	const char *names[COR_TOPICS_MAX];
	struct cor_metric subscribers, published, dropped;
	const struct cor_metric *list[4]; /* NULL at its end */
};

/** Make them. The topics are checked, and outlive them. */
void cor_topic_metrics_init(
	struct cor_topic_metrics *metrics, const struct cor_topic *const *topics);

/** Let those topics count there, before anybody uses them. The tally is of the list. */
void cor_topic_metrics_connect(const struct cor_topic_metrics *metrics,
	const struct cor_tally *tally, struct cor_topics *topics);

#endif
