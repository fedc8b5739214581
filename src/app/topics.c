/* SPDX-License-Identifier: MIT */
#include "app/topics.h"

#include "app/shared.h"
#include "service/dispatcher.h"

static int show(struct cor_program *program)
{
	cor_topic_metrics_init(&program->topic_metrics, program->setup->composition.whole->topics);
	const struct cor_tally_options options = {
		.metrics = program->topic_metrics.list,
		.ledger = program->ledger,
		.slot = program->setup->child.slot,
		.thread = COR_LEDGER_OTHERS,
	};
	int rc = cor_tally_create(&options, &program->topic_tally);

	if (rc == 0)
		cor_topic_metrics_connect(
			&program->topic_metrics, program->topic_tally, program->topics);
	return rc;
}

static void give_to_all(struct cor_program *program)
{
	for (size_t i = 0; i < program->setup->composition.len; i++)
		program->environments[i].topics = program->topics;
	for (size_t i = 0; i < program->threads; i++)
		cor_dispatcher_set_topics(program->dispatchers[i], program->topics);
}

int cor_program_open_topics(struct cor_program *program)
{
	struct cor_topics_options options = {
		.topics = program->setup->composition.whole->topics,
		.slot = program->setup->child.slot,
	};
	int rc = 0;

	if (!options.topics || !options.topics[0])
		return 0;
	if (program->setup->child.role == COR_CHILD_WORKER)
		rc = cor_shared_topics(&program->segment, &options.board);
	if (rc == 0)
		rc = cor_topics_create(&options, &program->topics);
	if (rc < 0)
		return rc;
	give_to_all(program);
	return show(program);
}

void cor_program_drop_topics(struct cor_program *program)
{
	cor_topics_destroy(program->topics);
	program->topics = NULL;
}
