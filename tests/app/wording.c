/* SPDX-License-Identifier: MIT */
/* A service with types of its own, which speaks German, in the shape of Flask-RESTX. */
#include <stdlib.h>
#include <string.h>

#include <coracle/coracle.h>

struct colour {
	uint32_t rgb;
};
static int colour_read(struct cor_conversion *conversion, struct cor_str text, struct colour *ret)
{
	if (strcmp(text.data, "#000000") == 0)
		return cor_refuse(conversion, "is too dark: %s", text.data);
	ret->rgb = (uint32_t)strtoul(text.data + 1, NULL, 16);
	return 0;
}
static int colour_write(
	struct cor_conversion *conversion, const struct colour *colour, struct cor_str *ret)
{
	if (colour->rgb == 0x123456)
		return cor_refuse(conversion, "must stay secret");
	*ret = cor_str(cor_arena_printf(conversion->arena, "#%06x", colour->rgb));
	return ret->data ? 0 : -ENOMEM;
}
COR_LOCAL_TEXT_KIND(colour_kind, struct colour, colour_read, colour_write,
	.pattern = "^#[0-9a-f]{6}$", .is_flat = true);

struct size_json {
	int32_t width, height;
};
static const struct cor_field size_json_fields[] = {
	COR_FIELD(struct size_json, width, .range = COR_MIN(1)),
	COR_FIELD(struct size_json, height, .range = COR_MIN(1)),
};
COR_LOCAL_SCHEMA(size_json_schema, struct size_json, size_json_fields);
struct area {
	int32_t width, area;
};
static int area_load(
	struct cor_conversion *conversion, const struct size_json *json, struct area *ret)
{
	if (__builtin_mul_overflow(json->width, json->height, &ret->area))
		return cor_refuse_at(conversion, size_json_schema, height, "is too much");
	ret->width = json->width;
	return 0;
}
static int area_dump(
	struct cor_conversion *conversion, const struct area *area, struct size_json *ret)
{
	(void)conversion;
	*ret = (struct size_json){ area->width, area->width ? area->area / area->width : 0 };
	return 0;
}
COR_LOCAL_MAPPED_SCHEMA(
	area_schema, struct area, size_json_schema, area_load, area_dump, .is_flat = true);

struct wall {
	struct colour colour;  /* path */
	struct colour lighter; /* query */
	struct colour seen;    /* header */
	cor_array(struct area) areas;
	cor_opt(struct colour) frame;
};
static const struct cor_field wall_fields[] = {
	COR_OBJECT(struct wall, colour, colour_kind, .from = COR_FROM_PATH),
	COR_OBJECT(struct wall, lighter, colour_kind, .from = COR_FROM_QUERY,
		.fallback = "\"#ffffff\""),
	COR_OBJECT(struct wall, seen, colour_kind, .from = COR_FROM_HEADER, .key = "X-Seen",
		.fallback = "\"#777777\""),
	COR_OBJECT_ARRAY(struct wall, areas, area_schema),
	COR_OPT_OBJECT(struct wall, frame, colour_kind, .presence = COR_OPTIONAL | COR_NULLABLE),
};
COR_LOCAL_SCHEMA(wall_schema, struct wall, wall_fields);

struct painted {
	struct colour colour, lighter, seen;
	cor_array(struct area) areas;
	cor_opt(struct colour) frame;
	struct colour header;
};
static const struct cor_field painted_fields[] = {
	COR_OBJECT(struct painted, colour, colour_kind),
	COR_OBJECT(struct painted, lighter, colour_kind),
	COR_OBJECT(struct painted, seen, colour_kind),
	COR_OBJECT_ARRAY(struct painted, areas, area_schema),
	COR_OPT_OBJECT(struct painted, frame, colour_kind, .presence = COR_OPTIONAL | COR_NULLABLE),
	COR_OBJECT(struct painted, header, colour_kind, .to = COR_TO_HEADER, .key = "X-Colour"),
};
COR_LOCAL_SCHEMA(painted_schema, struct painted, painted_fields);

static int paint(struct cor_ctx *ctx, const struct wall *wall, struct painted *painted)
{
	if (wall->areas.len == 0)
		return cor_problem(ctx, 409, 0, "nothing to paint");
	painted->colour = painted->header = wall->colour;
	painted->lighter = wall->lighter;
	painted->seen = wall->seen;
	painted->areas.items = wall->areas.items;
	painted->areas.len = wall->areas.len;
	painted->frame.state = wall->frame.state;
	painted->frame.value = wall->frame.value;
	return 0;
}
COR_OPERATION(paint_operation, paint, wall_schema, painted_schema, .problems = { 409 });
static const struct cor_resource walls = { .path = "/walls/{colour}", .put = &paint_operation };

static const struct cor_text german_texts[] = {
	{ .code = "required", .text = "fehlt" },
	{ .code = "min", .text = "muss mindestens {limit} sein" },
	{ .code = "type", .text = "muss {wanted} sein, nicht {found}" },
	{ .word = "an array", .text = "eine Liste" },
	{ .word = "an object", .text = "ein Objekt" },
	{ .word = "nothing to paint", .text = "nichts zu streichen" },
	{ .word = "is too much", .text = "ist zu viel" },
};
static const struct cor_language german = COR_LANGUAGE("de", german_texts);

struct wording_settings {
	struct colour accent;
};
static const struct cor_field wording_settings_fields[] = {
	COR_OBJECT(struct wording_settings, accent, colour_kind, .fallback = "\"#808080\"",
		.doc = "Which colour"),
};
COR_LOCAL_SCHEMA(wording_settings_schema, struct wording_settings, wording_settings_fields);

static int start(struct cor_ctx *ctx, void **ret_state)
{
	const struct wording_settings *settings = cor_settings(ctx, wording_settings_schema);

	cor_log_info(ctx, "accent is %06x", settings ? settings->accent.rgb : 0);
	*ret_state = NULL;
	return 0;
}

static const struct cor_service wording = {
	.name = "wording",
	.version = "1",
	.resources = COR_RESOURCES(&walls),
	.languages = COR_LANGUAGES(&german),
	.errors = &cor_restx_errors,
	.settings = COR_SETTINGS(wording_settings_schema),
	.start = start,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &wording);
}
