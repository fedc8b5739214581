/* SPDX-License-Identifier: MIT */
/*
 * asker thread|fiber AT [OPTION=VALUE ...]: a store of memcached, asked by lines of its input, in a
 * fiber or outside of one. Answers each with a line: "0 ..." or the name of a code. Words are
 * percent-encoded; "@N" is a value of N bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/compression.h>
#include <coracle/error.h>
#include <coracle/memcached.h>
#include <coracle/store.h>
#include <coracle/tls.h>

#include "store/kind.h"

#define WORDS 64

static struct cor_memcached options;
static struct cor_cache cache = {
	.name = "test",
	.store = &cor_memcached_store,
	.prefix = "",
	.ttl_ms = 60000,
	.memcached = &options,
};
static struct cor_store *store;
static struct cor_arena words; /* of a command */
static struct cor_memcached_tls tls = { .library = &cor_tls };
static uint32_t weights[] = { 1, 2, 3, 0 };

/* --- words --- */

static int digit_of(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static struct cor_str big_value(size_t len)
{
	char *bytes = cor_arena_alloc(&words, len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)('a' + (i * 7 + i / 251) % 26);
	return (struct cor_str){ bytes, len };
}

static struct cor_str decoded(const char *word)
{
	size_t len = 0;

	if (word[0] == '@')
		return big_value(strtoul(word + 1, NULL, 10));
	char *text = cor_arena_alloc(&words, strlen(word) + 1);
	for (; *word; word++) {
		bool is_escape = *word == '%' && word[1] && word[2];
		text[len++] = is_escape ? (char)(digit_of(word[1]) * 16 + digit_of(word[2]))
					: *word;
		word += is_escape ? 2 : 0;
	}
	return (struct cor_str){ text, len };
}

static void print_value(struct cor_str value)
{
	struct cor_str big = big_value(value.len);

	if (value.len > 100) {
		printf("%s%zu", cor_str_equal(big, value) ? "@" : "#", value.len);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] > ' ' && value.data[i] < 0x7f && value.data[i] != '%')
			putchar(value.data[i]);
		else
			printf("%%%02x", (unsigned char)value.data[i]);
}

static void print_code(int64_t rc)
{
	printf("%s", rc < 0 ? cor_errname((int)rc) : "0");
}

/* --- commands --- */

struct command {
	char *words[WORDS];
	int len;
};

static const char *word(const struct command *command, int at)
{
	return at < command->len ? command->words[at] : "";
}

static int64_t number(const struct command *command, int at)
{
	return strcmp(word(command, at), "forever") == 0 ? COR_FOREVER
							 : strtoll(word(command, at), NULL, 10);
}

static void print_item(const struct cor_item *item)
{
	putchar(' ');
	print_value(item->value);
	if (item->ttl_ms == COR_FOREVER)
		printf(" forever");
	else
		printf(" %" PRId64, item->ttl_ms);
	printf(" %" PRIu64, item->version);
}

static void get(const struct command *command)
{
	struct cor_arena arena = { 0 };
	struct cor_item item = { 0 };
	int rc = cor_store_get(store, decoded(word(command, 1)), &arena, &item);

	print_code(rc);
	if (rc == 0)
		print_item(&item);
	cor_arena_finish(&arena);
}

static void put(const struct command *command)
{
	struct cor_item item = { .value = decoded(word(command, 2)), .ttl_ms = number(command, 3) };

	item.version = strtoull(word(command, 5), NULL, 10);
	print_code(cor_store_put(
		store, decoded(word(command, 1)), &item, (enum cor_put)number(command, 4)));
}

static void remove_key(const struct command *command)
{
	print_code(cor_store_delete(store, decoded(word(command, 1))));
}

static void touch(const struct command *command)
{
	print_code(cor_store_touch(store, decoded(word(command, 1)), number(command, 2)));
}

static void add(const struct command *command)
{
	struct cor_item first = { .value = decoded(word(command, 3)),
		.ttl_ms = number(command, 4) };
	uint64_t result = 0;
	int rc = cor_store_add(
		store, decoded(word(command, 1)), number(command, 2), &first, &result);

	print_code(rc);
	if (rc == 0)
		printf(" %" PRIu64, result);
}

static void get_many(const struct command *command)
{
	struct cor_arena arena = { 0 };
	struct cor_str keys[WORDS] = { { NULL, 0 } };
	struct cor_item items[WORDS] = { { .ttl_ms = 0 } };
	size_t len = (size_t)command->len - 1;

	for (size_t i = 0; i < len; i++)
		keys[i] = decoded(word(command, (int)i + 1));
	ssize_t found = cor_store_get_many(store, keys, len, &arena, items);
	print_code(found);
	printf(" %zd", found < 0 ? 0 : found);
	for (size_t i = 0; i < len && found >= 0; i++) {
		putchar(' ');
		if (items[i].value.data)
			print_value(items[i].value);
		else
			putchar('-');
	}
	cor_arena_finish(&arena);
}

static void put_many(const struct command *command)
{
	struct cor_str keys[WORDS] = { { NULL, 0 } };
	struct cor_item items[WORDS] = { { .ttl_ms = 0 } };
	size_t len = ((size_t)command->len - 1) / 2;

	for (size_t i = 0; i < len; i++) {
		keys[i] = decoded(word(command, 2 * (int)i + 1));
		items[i] = (struct cor_item){ .value = decoded(word(command, 2 * (int)i + 2)) };
	}
	ssize_t kept = cor_store_put_many(store, keys, items, len);
	print_code(kept);
	printf(" %zd", kept < 0 ? 0 : kept);
}

static void clear(const struct command *command)
{
	(void)command;
	print_code(cor_store_clear(store));
}

static void figures(const struct command *command)
{
	struct cor_store_figures all;

	(void)command;
	cor_store_figures(store, &all);
	printf("0 hits=%" PRIu64 " misses=%" PRIu64 " puts=%" PRIu64 " deletes=%" PRIu64
	       " expired=%" PRIu64 " too_large=%" PRIu64 " lost=%" PRIu64 " errors=%" PRIu64,
		all.hits, all.misses, all.puts, all.deletes, all.expired, all.too_large, all.lost,
		all.errors);
}

/* --- what the store tells whoever runs it --- */

static char told[4096];

static void tell(void *arg, const struct cor_store *from, bool is_bad, const char *text)
{
	size_t len = strlen(told);

	(void)arg;
	(void)from;
	snprintf(told + len, sizeof told - len, "%s%s; ", is_bad ? "bad: " : "good: ", text);
}

static const struct cor_store_news news = { .tell = tell };

/* A child of fork() gives back what it has of its parent, who goes on. */
static void close_in_child(const struct command *command)
{
	pid_t pid = fork();
	int status = 0;

	(void)command;
	if (pid == 0) {
		cor_store_close(store);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	printf("%d", status);
}

static void print_news(const struct command *command)
{
	(void)command;
	printf("0 %s", told);
	told[0] = '\0';
}

/* --- load: fibers that put and get what tells its key --- */

#define KEYS 300

static struct {
	int64_t until_ns;
	int64_t longest_ns;
	uint64_t good, missed, failed, untried, wrong;
	uint32_t next;
} load;

static void check_value(struct cor_str key, struct cor_str value)
{
	bool is_own = value.len > key.len && memcmp(value.data, key.data, key.len) == 0 &&
		      value.data[key.len] == '=';

	load.good += is_own;
	load.wrong += !is_own;
}

static void count_code(int rc)
{
	if (rc == -ENOENT)
		load.missed++;
	else if (rc == -COR_EUNTRIED)
		load.untried++;
	else if (rc < 0)
		load.failed++;
}

static void load_once(struct cor_str key)
{
	struct cor_arena arena = { 0 };
	struct cor_item item;
	char text[200];
	int64_t begun_ns = cor_monotonic_ns();
	int rc = cor_store_get(store, key, &arena, &item);

	count_code(rc);
	if (rc == 0)
		check_value(key, item.value);
	if (rc == -ENOENT) {
		int len = snprintf(text, sizeof text, "%.*s=%0*d", (int)key.len, key.data,
			(int)(key.len * 7 % 100) + 1, 7);
		item = (struct cor_item){ .value = { text, (size_t)len } };
		rc = cor_store_put(store, key, &item, COR_PUT_ALWAYS);
		count_code(rc);
	}
	int64_t took_ns = cor_monotonic_ns() - begun_ns;
	load.longest_ns = took_ns > load.longest_ns ? took_ns : load.longest_ns;
	cor_arena_finish(&arena);
}

static int run_load(void *arg)
{
	char key[32];

	(void)arg;
	while (cor_monotonic_ns() < load.until_ns) {
		int len = snprintf(key, sizeof key, "key:%u", load.next++ * 7 % KEYS);
		load_once((struct cor_str){ key, (size_t)len });
		cor_ignore(load.untried ? cor_sleep_ms(1) : 0);
	}
	return 0;
}

static void run_loads(const struct command *command)
{
	struct cor_fiber *fibers[64];
	int64_t len = number(command, 2);

	memset(&load, 0, sizeof load);
	load.until_ns = cor_monotonic_ns() + number(command, 1) * 1000000;
	if (!cor_fiber_current())
		run_load(NULL);
	for (int64_t i = 0; i < len && cor_fiber_current(); i++)
		if (cor_fiber_start(NULL, run_load, NULL, NULL, &fibers[i]) < 0)
			abort();
	for (int64_t i = 0; i < len && cor_fiber_current(); i++)
		cor_fiber_join(fibers[i], NULL);
	printf("0 good=%" PRIu64 " missed=%" PRIu64 " failed=%" PRIu64 " untried=%" PRIu64
	       " wrong=%" PRIu64 " longest_ms=%" PRId64,
		load.good, load.missed, load.failed, load.untried, load.wrong,
		load.longest_ns / 1000000);
}

/* --- two at the same time: the first may give up before it is answered --- */

static int get_shortly(void *arg)
{
	struct cor_scope scope;

	cor_scope_enter(&scope, 20);
	get(arg);
	putchar(' ');
	cor_scope_leave(&scope);
	return 0;
}

static void get_both(const struct command *command)
{
	struct command second = { { command->words[0], command->words[2] }, 2 };
	struct cor_fiber *fiber;

	if (cor_fiber_start(NULL, get_shortly, (void *)(uintptr_t)command, NULL, &fiber) < 0)
		abort();
	cor_fiber_join(fiber, NULL);
	get(&second);
}

static const struct {
	const char *name;
	void (*run)(const struct command *command);
} verbs[] = {
	{ "get", get },
	{ "put", put },
	{ "delete", remove_key },
	{ "touch", touch },
	{ "add", add },
	{ "get_many", get_many },
	{ "put_many", put_many },
	{ "clear", clear },
	{ "figures", figures },
	{ "load", run_loads },
	{ "get_both", get_both },
	{ "news", print_news },
	{ "close_in_child", close_in_child },
};

static int run(void *arg)
{
	const struct command *command = arg;

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, word(command, 0)) == 0)
			verbs[i].run(command);
	putchar('\n');
	fflush(stdout);
	cor_arena_reset(&words);
	return 0;
}

/* --- options --- */

static const struct {
	const char *name;
	uint32_t *value;
} numbers[] = {
	{ "connect_ms", &options.connect_ms },
	{ "timeout_ms", &options.timeout_ms },
	{ "fails", &options.fails },
	{ "dead_ms", &options.dead_ms },
	{ "item_bytes", &options.item_bytes },
	{ "compress_bytes", &options.compress_bytes },
	{ "value_bytes", &cache.value_bytes },
};

static void set_tls(const char *name, const char *value)
{
	options.tls = &tls;
	if (strcmp(name, "ca") == 0)
		tls.ca = value;
	if (strcmp(name, "name") == 0)
		tls.name = value;
	if (strcmp(name, "certificate") == 0)
		tls.certificate = value;
	if (strcmp(name, "key") == 0)
		tls.key = value;
	if (strcmp(name, "trusts_all") == 0)
		tls.trusts_all = true;
}

static void set_option(char *text)
{
	char *value = strchr(text, '=');

	*value++ = '\0';
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (strcmp(numbers[i].name, text) == 0)
			*numbers[i].value = (uint32_t)strtoul(value, NULL, 10);
	if (strcmp(text, "prefix") == 0)
		cache.prefix = value;
	if (strcmp(text, "ttl_ms") == 0)
		cache.ttl_ms = strtoll(value, NULL, 10);
	if (strcmp(text, "compress") == 0)
		options.compress = strcmp(value, "gzip") == 0 ? &cor_gzip : &cor_zstd;
	if (strcmp(text, "chunks") == 0)
		options.chunks = true;
	if (strcmp(text, "moves") == 0)
		options.moves = true;
	if (strcmp(text, "noreply") == 0)
		options.noreply = true;
	if (strcmp(text, "weights") == 0)
		options.weights = weights;
	if (strcmp(text, "placement") == 0)
		options.placement = (enum cor_placement)strtoul(value, NULL, 10);
	if (strcmp(text, "user") == 0)
		options.user = value;
	if (strcmp(text, "password") == 0)
		options.password = value;
	if (strncmp(text, "tls_", 4) == 0)
		set_tls(text + 4, value);
}

int main(int argc, char **argv)
{
	struct cor_scheduler *scheduler = NULL;
	const char *fault = "";
	static char line[65536];
	bool in_fiber = argc > 1 && strcmp(argv[1], "fiber") == 0;

	cache.at = argv[2];
	for (int i = 3; i < argc; i++)
		set_option(argv[i]);
	if (cor_store_open(&cache, &store, &fault) < 0) {
		printf("fault: %s\n", fault);
		return 2;
	}
	store->news = &news;
	if (in_fiber && cor_scheduler_create(NULL, &scheduler) < 0)
		return 2;
	while (fgets(line, sizeof line, stdin)) {
		struct command command = { .len = 0 };
		for (char *rest = line, *at; (at = strsep(&rest, " \n")) && command.len < WORDS;)
			if (*at)
				command.words[command.len++] = at;
		if (!in_fiber) {
			run(&command);
			continue;
		}
		if (cor_fiber_start(scheduler, run, &command, NULL, NULL) < 0)
			return 2;
		cor_scheduler_stop(scheduler);
		if (cor_scheduler_run(scheduler) < 0)
			return 2;
	}
	cor_store_close(store);
	cor_scheduler_destroy(scheduler);
	return 0;
}
