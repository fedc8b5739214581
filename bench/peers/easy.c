/* SPDX-License-Identifier: MIT */
/* The same calls as bench/calls.c by libcurl's easy interface, in 50 threads: easy PORT CALLS. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <curl/curl.h>

#define THREADS 50

static atomic_long begun;
static long asked;
static char url[64];

/* The least that a JSON decoder would do. */
static size_t take(char *data, size_t size, size_t count, void *sum)
{
	for (size_t i = 0; i < size * count; i++)
		*(unsigned *)sum += (unsigned char)data[i];
	return size * count;
}

static void *call_on(void *nothing)
{
	CURL *curl = curl_easy_init();
	unsigned sum = 0;

	(void)nothing;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 30000L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sum);
	while (atomic_fetch_add(&begun, 1) < asked)
		if (curl_easy_perform(curl) != CURLE_OK)
			abort();
	curl_easy_cleanup(curl);
	return NULL;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	struct rusage usage;

	if (argc != 3)
		return 64;
	snprintf(url, sizeof url, "http://127.0.0.1:%d/json", (int)strtol(argv[1], NULL, 10));
	asked = strtol(argv[2], NULL, 10);
	curl_global_init(CURL_GLOBAL_ALL);
	double began_us = now_us();
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, call_on, NULL) != 0)
			abort();
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	getrusage(RUSAGE_SELF, &usage);
	double cpu_us = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
			(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	printf("{\"calls\": %ld, \"cpu_us\": %.2f, \"calls_a_second\": %.0f}\n", asked,
		cpu_us / (double)asked, (double)asked * 1e6 / (now_us() - began_us));
	return 0;
}
