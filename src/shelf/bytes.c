/* SPDX-License-Identifier: MIT */
#include "shelf/bytes.h"

#include <string.h>

#include "shelf/room.h"

/* --- from run to run --- */

struct place {
	const struct cor_shelf_part *part;
	char *at;
	size_t left; /* in this run */
	uint32_t more;
};

static struct place behind_header(const struct cor_shelf_part *part, uint32_t unit)
{
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	return (struct place){ part, (char *)(entry + 1),
		(size_t)entry->run * COR_SHELF_UNIT - sizeof *entry, entry->more };
}

/* So many of `bytes` are in one piece. */
static size_t piece(struct place *place, size_t bytes)
{
	if (place->left == 0) {
		struct cor_shelf_link link = place->part->links[place->more];

		place->at = place->part->units + (size_t)place->more * COR_SHELF_UNIT;
		place->left = (size_t)link.after * COR_SHELF_UNIT;
		place->more = link.before;
	}
	return bytes < place->left ? bytes : place->left;
}

static void pass(struct place *place, size_t bytes)
{
	place->at += bytes;
	place->left -= bytes;
}

static void skip(struct place *place, size_t bytes)
{
	while (bytes != 0) {
		size_t here = piece(place, bytes);

		pass(place, here);
		bytes -= here;
	}
}

static void write_some(struct place *place, struct cor_str text)
{
	while (text.len != 0) {
		size_t here = piece(place, text.len);

		memcpy(place->at, text.data, here);
		pass(place, here);
		text = (struct cor_str){ text.data + here, text.len - here };
	}
}

static void read_some(struct place *place, char *to, size_t bytes)
{
	while (bytes != 0) {
		size_t here = piece(place, bytes);

		memcpy(to, place->at, here);
		pass(place, here);
		to += here;
		bytes -= here;
	}
}

/* --- units --- */

/* A first run that has no room for the header is not possible: a unit has. */
static uint32_t take_runs(const struct cor_shelf_part *part, uint32_t units)
{
	uint32_t first, len = cor_shelf_room_take(part, units, &first), last = first;
	struct cor_shelf_entry *entry = cor_shelf_entry(part, first);

	entry->run = len;
	entry->more = COR_SHELF_NONE;
	part->begins[first] = COR_SHELF_ENTRY;
	for (units -= len; units != 0; units -= len) {
		uint32_t run;

		len = cor_shelf_room_take(part, units, &run);
		part->links[run] = (struct cor_shelf_link){ COR_SHELF_NONE, len };
		if (last == first)
			entry->more = run;
		else
			part->links[last].before = run;
		last = run;
	}
	return first;
}

uint32_t cor_shelf_make_bytes(
	const struct cor_shelf_part *part, struct cor_str key, struct cor_str value)
{
	uint32_t unit = take_runs(part, cor_shelf_units_of(key.len, value.len));
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	struct place place = behind_header(part, unit);

	entry->key_bytes = (uint16_t)key.len;
	entry->value_bytes = (uint32_t)value.len;
	write_some(&place, key);
	write_some(&place, value);
	return unit;
}

void cor_shelf_drop_bytes(const struct cor_shelf_part *part, uint32_t unit)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	uint32_t len = entry->run, more = entry->more;

	part->begins[unit] = COR_SHELF_INSIDE;
	cor_shelf_room_give(part, unit, len);
	while (more != COR_SHELF_NONE) {
		struct cor_shelf_link link = part->links[more];

		cor_shelf_room_give(part, more, link.after);
		more = link.before;
	}
}

/* --- what is in them --- */

void cor_shelf_write_value(const struct cor_shelf_part *part, uint32_t unit, struct cor_str value)
{
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	struct place place = behind_header(part, unit);

	entry->value_bytes = (uint32_t)value.len;
	skip(&place, entry->key_bytes);
	write_some(&place, value);
}

void cor_shelf_copy_key(const struct cor_shelf_part *part, uint32_t unit, char *to)
{
	struct place place = behind_header(part, unit);

	read_some(&place, to, cor_shelf_entry(part, unit)->key_bytes);
}

void cor_shelf_copy_value(const struct cor_shelf_part *part, uint32_t unit, char *to)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);
	struct place place = behind_header(part, unit);

	if (entry->more == COR_SHELF_NONE) {
		memcpy(to, place.at + entry->key_bytes, entry->value_bytes);
		return;
	}
	skip(&place, entry->key_bytes);
	read_some(&place, to, entry->value_bytes);
}

bool cor_shelf_has_key_in_runs(const struct cor_shelf_part *part, uint32_t unit, struct cor_str key)
{
	struct place place = behind_header(part, unit);

	while (key.len != 0) {
		size_t here = piece(&place, key.len);

		if (memcmp(place.at, key.data, here) != 0)
			return false;
		pass(&place, here);
		key = (struct cor_str){ key.data + here, key.len - here };
	}
	return true;
}
