/* SPDX-License-Identifier: MIT */
/** Requests and answers, byte for byte; the script fills in {date}. */
#ifndef TESTS_SIMULATION_ANSWERS_H
#define TESTS_SIMULATION_ANSWERS_H

#define HEAD(method, target) method " " target " HTTP/1.1\r\nHost: a\r\nX-Request-Id: sim\r\n"
#define GET(target)          HEAD("GET", target) "\r\n"
#define PUT(target, bytes)   HEAD("PUT", target) "Content-Length: " bytes "\r\n\r\n"

#define ANSWER(status, type) "HTTP/1.1 " status "\r\nDate: {date}\r\nContent-Type: " type "\r\n"
#define LENGTH(bytes)        "Content-Length: " bytes "\r\n"
#define CHUNKED              "Transfer-Encoding: chunked\r\n\r\n"
#define LAST                 "Connection: close\r\n"
#define LAST_CHUNK           "0\r\n\r\n"

#define TEXT    "text/plain; charset=utf-8"
#define JSON    "application/json"
#define PROBLEM "application/problem+json"

#define HELLO_ADA ANSWER("200 OK", JSON) LENGTH("22") "\r\n{\"text\":\"Hello, Ada!\"}"
#define RESTED    ANSWER("200 OK", TEXT) LENGTH("7") "\r\nrested\n"
#define HEAD_LATE                                                                                  \
	ANSWER("408 Request Timeout", PROBLEM)                                                     \
	LENGTH("119")                                                                              \
	LAST "\r\n{\"type\":\"about:blank\",\"title\":\"Request Timeout\",\"status\":408,"         \
	     "\"detail\":\"the head of the request did not arrive in time\"}"
#define BODY_LATE                                                                                  \
	ANSWER("408 Request Timeout", PROBLEM)                                                     \
	LENGTH("144")                                                                              \
	LAST "\r\n{\"type\":\"about:blank\",\"title\":\"Request Timeout\",\"status\":408,"         \
	     "\"detail\":\"the body did not arrive in time\",\"instance\":\"/weight\","            \
	     "\"request_id\":\"sim\"}"
#define NAP_LATE                                                                                   \
	ANSWER("504 Gateway Timeout", PROBLEM)                                                     \
	LENGTH("98")                                                                               \
	"\r\n{\"type\":\"about:blank\",\"title\":\"Gateway Timeout\",\"status\":504,"              \
	"\"instance\":\"/nap\",\"request_id\":\"sim\"}"
#define NOT_FOUND                                                                                  \
	ANSWER("404 Not Found", PROBLEM)                                                           \
	LENGTH("134")                                                                              \
	"\r\n{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"                    \
	"\"detail\":\"there is nothing at this path\",\"instance\":\"/none\","                     \
	"\"request_id\":\"sim\"}"

#endif
