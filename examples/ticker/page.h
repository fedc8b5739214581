/* SPDX-License-Identifier: MIT */
/* What a browser does with the events: see ticker.c. */
#ifndef TICKER_PAGE_H
#define TICKER_PAGE_H

static const char ticker_page[] =
	"<!doctype html>\n"
	"<html lang=\"en\"><meta charset=\"utf-8\"><title>Ticker</title>\n"
	"<style>body { font: 1.2rem sans-serif; margin: 2rem } td { padding: 0.2rem 1rem }\n"
	"td + td { text-align: right }</style>\n"
	"<h1>Prices</h1><p id=\"state\">connecting</p><table id=\"prices\"></table>\n"
	"<script>\n"
	"const prices = document.getElementById('prices');\n"
	"const state = document.getElementById('state');\n"
	"const events = new EventSource('prices');\n"
	"events.onopen = () => { state.textContent = 'live'; };\n"
	"events.onerror = () => { state.textContent = 'connecting'; };\n"
	"events.addEventListener('price', (event) => {\n"
	"\tconst { symbol, cents } = JSON.parse(event.data);\n"
	"\tconst row = document.getElementById(symbol) ?? prices.insertRow();\n"
	"\trow.id = symbol;\n"
	"\trow.replaceChildren();\n"
	"\trow.insertCell().textContent = symbol;\n"
	"\trow.insertCell().textContent = (cents / 100).toFixed(2);\n"
	"\trow.dataset.id = event.lastEventId;\n"
	"});\n"
	"</script></html>\n";

#endif
