/* SPDX-License-Identifier: MIT */
#include "topics.h"

static const struct cor_topic plain = { .name = "plain" };
static const struct cor_topic keeping = { .name = "keeping", .keep = 3 };
static const struct cor_topic oldest = { .name = "oldest", .queue_messages = 2 };
static const struct cor_topic newest = {
	.name = "newest", .queue_messages = 2, .when_slow = COR_SLOW_DROP_NEWEST
};
static const struct cor_topic cutting = {
	.name = "cutting", .queue_messages = 2, .when_slow = COR_SLOW_CUT
};
static const struct cor_topic narrow = { .name = "narrow", .message_bytes = 10, .queue_bytes = 25 };
static const struct cor_topic unknown = { .name = "unknown" };
static const struct cor_topic *const list[] = { &plain, &keeping, &oldest, &newest, &cutting,
	&narrow, NULL };

/* A subscriber of this thread, outside fibers. */
struct scene {
	struct place place;
	struct cor_ctx ctx;
	struct cor_subscription *subscription;
};

static void begin(struct scene *scene, const struct cor_topic *topic)
{
	open_place(&scene->place, list, NULL);
	begin_ctx(&scene->place, &scene->ctx);
	assert_int_equal(cor_subscribe(&scene->ctx, topic, NULL, &scene->subscription), 0);
}

static void end(struct scene *scene)
{
	end_ctx(&scene->ctx);
	close_place(&scene->place);
}

static void messages_come_in_order(void **state)
{
	struct scene scene;
	struct cor_message message;
	uint64_t id = 0;

	(void)state;
	begin(&scene, &plain);
	publish_some(&scene.place, &plain, 1, 2);
	assert_int_equal(cor_topic_publish(&scene.ctx, &plain, "price", COR_STR("3\0x")), 0);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(cor_subscription_receive(scene.subscription, &message), 0);
		assert_int_equal(number_of(&message), i);
		assert_true(message.id > id);
		assert_int_equal(message.lost, 0);
		id = message.id;
	}
	assert_int_equal(message.data.len, 3);
	assert_int_equal(message.data.data[3], '\0');
	assert_string_equal(message.event, "price");
	assert_int_equal(look(scene.subscription, NULL), -ETIMEDOUT);
	end(&scene);
}

static void what_came_before_is_not_received(void **state)
{
	struct scene scene;
	struct cor_subscription *later;

	(void)state;
	begin(&scene, &plain);
	publish_some(&scene.place, &plain, 1, 2);
	assert_int_equal(cor_subscribe(&scene.ctx, &plain, NULL, &later), 0);
	publish_some(&scene.place, &plain, 3, 1);
	assert_int_equal(look(later, NULL), 3);
	assert_int_equal(look(scene.subscription, NULL), 1);
	end(&scene);
}

static void bad_messages_are_refused(void **state)
{
	struct scene scene;
	struct cor_ctx alone;
	char name[COR_EVENT_NAME_BYTES + 1];

	(void)state;
	begin(&scene, &narrow);
	memset(name, 'x', sizeof name);
	name[COR_EVENT_NAME_BYTES] = '\0';
	assert_int_equal(publish(&scene.place, &unknown, 1), -EINVAL);
	assert_int_equal(cor_subscribe(&scene.ctx, &unknown, NULL, &scene.subscription), -EINVAL);
	assert_int_equal(cor_topic_publish(&scene.ctx, &narrow, name, COR_STR("x")), -EINVAL);
	assert_int_equal(cor_topic_publish(&scene.ctx, &narrow, "a\nb", COR_STR("x")), -EINVAL);
	assert_int_equal(
		cor_topic_publish(&scene.ctx, &narrow, name + 1, COR_STR("1234567890")), 0);
	assert_int_equal(cor_topic_publish(&scene.ctx, &narrow, NULL, COR_STR("12345678901")),
		-COR_ETOOLARGE);
	cor_ctx_init(&alone, NULL, NULL, 0, 0);
	assert_int_equal(cor_topic_publish(&alone, &plain, NULL, COR_STR("x")), -EINVAL);
	cor_ctx_finish(&alone);
	end(&scene);
}

/* --- who is too slow --- */

static uint64_t dropped_of(struct scene *scene, const struct cor_topic *topic)
{
	return *cor_topics_find(scene->place.topics, topic)->figures.dropped;
}

static void a_slow_one_loses_the_oldest(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &oldest);
	publish_some(&scene.place, &oldest, 1, 5);
	assert_int_equal(look(scene.subscription, &lost), 4);
	assert_int_equal(lost, 3);
	assert_int_equal(look(scene.subscription, &lost), 5);
	assert_int_equal(lost, 0);
	assert_int_equal(dropped_of(&scene, &oldest), 3);
	end(&scene);
}

static void a_slow_one_loses_the_newest(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &newest);
	publish_some(&scene.place, &newest, 1, 5);
	assert_int_equal(look(scene.subscription, &lost), 1);
	assert_int_equal(look(scene.subscription, &lost), 2);
	assert_int_equal(lost, 0);
	publish_some(&scene.place, &newest, 6, 1);
	assert_int_equal(look(scene.subscription, &lost), 6);
	assert_int_equal(lost, 3);
	end(&scene);
}

static void a_slow_one_is_cut(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, &cutting);
	publish_some(&scene.place, &cutting, 1, 2);
	assert_int_equal(look(scene.subscription, NULL), 1);
	publish_some(&scene.place, &cutting, 3, 3);
	assert_int_equal(look(scene.subscription, NULL), -ENOBUFS);
	assert_int_equal(look(scene.subscription, NULL), -ENOBUFS);
	end(&scene);
}

static void bytes_are_limited_too(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &narrow);
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			cor_topic_publish(&scene.ctx, &narrow, NULL, COR_STR("1234567890")), 0);
	assert_int_equal(look(scene.subscription, &lost), 1234567890);
	assert_int_equal(lost, 2);
	end(&scene);
}

static void one_that_is_slow_costs_others_nothing(void **state)
{
	struct scene scene;
	struct cor_subscription *fast;
	uint64_t lost;

	(void)state;
	begin(&scene, &oldest);
	assert_int_equal(cor_subscribe(&scene.ctx, &oldest, NULL, &fast), 0);
	for (int i = 1; i <= 10; i++) {
		publish_some(&scene.place, &oldest, i, 1);
		assert_int_equal(look(fast, &lost), i);
		assert_int_equal(lost, 0);
	}
	assert_int_equal(look(scene.subscription, &lost), 9);
	assert_int_equal(lost, 8);
	end(&scene);
}

/* --- who comes again --- */

static struct cor_subscription *come_again(struct scene *scene, uint64_t after)
{
	struct cor_subscription *again;
	const struct cor_subscription_options options = { .after = after };

	assert_int_equal(cor_subscribe(&scene->ctx, &keeping, &options, &again), 0);
	return again;
}

static uint64_t id_of_next(struct cor_subscription *subscription)
{
	struct cor_message message;

	assert_int_equal(cor_subscription_receive(subscription, &message), 0);
	return message.id;
}

static void who_comes_again_gets_what_is_kept(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &keeping);
	publish_some(&scene.place, &keeping, 1, 5);
	uint64_t first = id_of_next(scene.subscription);
	struct cor_subscription *again = come_again(&scene, first + 2);
	assert_int_equal(look(again, &lost), 4);
	assert_int_equal(lost, 0);
	assert_int_equal(look(again, &lost), 5);
	again = come_again(&scene, first);
	assert_int_equal(look(again, &lost), 3);
	assert_int_equal(lost, 1);
	again = come_again(&scene, first + 4);
	assert_int_equal(look(again, &lost), -ETIMEDOUT);
	publish_some(&scene.place, &keeping, 6, 1);
	assert_int_equal(look(again, &lost), 6);
	assert_int_equal(lost, 0);
	end(&scene);
}

static void ids_of_another_life_are_known(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &keeping);
	publish_some(&scene.place, &keeping, 1, 2);
	assert_int_equal(look(come_again(&scene, 17), &lost), 1);
	assert_int_equal(lost, 1);
	assert_int_equal(look(come_again(&scene, UINT64_MAX), &lost), 1);
	assert_int_equal(lost, 1);
	end(&scene);
}

/* The process forgets what nobody has subscribed to; the ring keeps it. */
static void what_is_kept_outlives_its_subscribers(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &keeping);
	publish_some(&scene.place, &keeping, 1, 1);
	uint64_t first = id_of_next(scene.subscription);
	cor_unsubscribe(scene.subscription);
	publish_some(&scene.place, &keeping, 2, 4);
	struct cor_subscription *again = come_again(&scene, first);
	for (int i = 3; i <= 5; i++) {
		assert_int_equal(look(again, &lost), i);
		assert_int_equal(lost, i == 3 ? 1 : 0);
	}
	end(&scene);
}

/* --- the end --- */

static void one_that_has_left_is_told_so(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, &plain);
	publish_some(&scene.place, &plain, 1, 1);
	cor_unsubscribe(scene.subscription);
	cor_unsubscribe(scene.subscription);
	cor_unsubscribe(NULL);
	assert_int_equal(look(scene.subscription, NULL), -COR_ECLOSED);
	publish_some(&scene.place, &plain, 2, 1);
	end(&scene);
}

static void closed_topics_end_what_is_received(void **state)
{
	struct scene scene;
	struct cor_subscription *late;

	(void)state;
	begin(&scene, &plain);
	publish_some(&scene.place, &plain, 1, 1);
	cor_topics_close(scene.place.topics);
	assert_int_equal(receive(scene.subscription, NULL), 1);
	assert_int_equal(receive(scene.subscription, NULL), -COR_ECLOSED);
	assert_int_equal(cor_subscribe(&scene.ctx, &plain, NULL, &late), -COR_ECLOSED);
	end(&scene);
}

/* --- who wants some of them --- */

static struct cor_subscription *listen_for(
	struct scene *scene, const struct cor_topic *topic, const char *event, uint64_t after)
{
	struct cor_subscription *subscription;
	char name[COR_EVENT_NAME_BYTES];

	snprintf(name, sizeof name, "%s", event);
	const struct cor_subscription_options options = { .after = after, .event = name };
	assert_int_equal(cor_subscribe(&scene->ctx, topic, &options, &subscription), 0);
	name[0] = '?'; /* it was copied */
	return subscription;
}

/* "a" has the odd numbers, "b" the even ones. */
static void publish_in_turn(struct scene *scene, const struct cor_topic *topic, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		char text[12];
		int len = snprintf(text, sizeof text, "%d", i);
		assert_int_equal(cor_topic_publish(&scene->ctx, topic, i % 2 ? "a" : "b",
					 (struct cor_str){ text, (size_t)len }),
			0);
	}
}

static void an_event_reaches_who_wants_it(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &plain);
	struct cor_subscription *a = listen_for(&scene, &plain, "a", 0);
	struct cor_subscription *b = listen_for(&scene, &plain, "b", 0);
	struct cor_subscription *none = listen_for(&scene, &plain, "c", 0);
	publish_in_turn(&scene, &plain, 1, 6);
	for (int i = 1; i <= 6; i++) {
		assert_int_equal(look(scene.subscription, &lost), i);
		assert_int_equal(lost, 0);
		assert_int_equal(look(i % 2 ? a : b, &lost), i);
		assert_int_equal(lost, 0);
	}
	assert_int_equal(look(a, NULL), -ETIMEDOUT);
	assert_int_equal(look(none, NULL), -ETIMEDOUT);
	end(&scene);
}

/* Neither do they fill its queue, nor are they lost. */
static void events_of_others_do_not_count(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &oldest);
	struct cor_subscription *a = listen_for(&scene, &oldest, "a", 0);
	publish_in_turn(&scene, &oldest, 1, 4);
	assert_int_equal(look(a, &lost), 1);
	assert_int_equal(lost, 0);
	assert_int_equal(look(a, &lost), 3);
	assert_int_equal(lost, 0);
	publish_in_turn(&scene, &oldest, 5, 8);
	assert_int_equal(look(a, &lost), 9);
	assert_int_equal(lost, 2); /* 5 and 7 */
	assert_int_equal(look(a, &lost), 11);
	assert_int_equal(lost, 0);
	end(&scene);
}

static void a_slow_one_is_cut_by_its_own_events(void **state)
{
	struct scene scene;

	(void)state;
	begin(&scene, &plain);
	struct cor_subscription *a = listen_for(&scene, &cutting, "a", 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(cor_topic_publish(&scene.ctx, &cutting, "b", COR_STR("0")), 0);
	publish_in_turn(&scene, &cutting, 1, 2);
	assert_int_equal(look(a, NULL), 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(cor_topic_publish(&scene.ctx, &cutting, "a", COR_STR("0")), 0);
	assert_int_equal(look(a, NULL), -ENOBUFS);
	end(&scene);
}

static void who_comes_again_gets_its_own_events(void **state)
{
	struct scene scene;
	uint64_t lost;

	(void)state;
	begin(&scene, &keeping); /* the last three */
	publish_in_turn(&scene, &keeping, 1, 5);
	uint64_t first = id_of_next(scene.subscription);
	struct cor_subscription *a = listen_for(&scene, &keeping, "a", first + 1);
	assert_int_equal(look(a, &lost), 3);
	assert_int_equal(lost, 0);
	assert_int_equal(look(a, &lost), 5);
	assert_int_equal(lost, 0);
	assert_int_equal(look(a, NULL), -ETIMEDOUT);
	end(&scene);
}

static void bad_names_are_refused(void **state)
{
	struct scene scene;
	struct cor_subscription *subscription;
	const struct cor_subscription_options options = { .event = "a\nb" };

	(void)state;
	begin(&scene, &plain);
	assert_int_equal(cor_subscribe(&scene.ctx, &plain, &options, &subscription), -EINVAL);
	end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_in_order),
		cmocka_unit_test(what_came_before_is_not_received),
		cmocka_unit_test(bad_messages_are_refused),
		cmocka_unit_test(a_slow_one_loses_the_oldest),
		cmocka_unit_test(a_slow_one_loses_the_newest),
		cmocka_unit_test(a_slow_one_is_cut),
		cmocka_unit_test(bytes_are_limited_too),
		cmocka_unit_test(one_that_is_slow_costs_others_nothing),
		cmocka_unit_test(who_comes_again_gets_what_is_kept),
		cmocka_unit_test(ids_of_another_life_are_known),
		cmocka_unit_test(what_is_kept_outlives_its_subscribers),
		cmocka_unit_test(one_that_has_left_is_told_so),
		cmocka_unit_test(closed_topics_end_what_is_received),
		cmocka_unit_test(an_event_reaches_who_wants_it),
		cmocka_unit_test(events_of_others_do_not_count),
		cmocka_unit_test(a_slow_one_is_cut_by_its_own_events),
		cmocka_unit_test(who_comes_again_gets_its_own_events),
		cmocka_unit_test(bad_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
