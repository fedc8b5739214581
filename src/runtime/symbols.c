/* SPDX-License-Identifier: MIT */
#include "runtime/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TABLE_BYTES_MAX ((size_t)512 * 1024 * 1024)
#define ID_BYTES_MAX    32
#define PATH_BYTES      4096

struct id {
	unsigned char bytes[ID_BYTES_MAX];
	size_t len; /* 0: there is none */
};

/* --- what is loaded --- */

struct object {
	uintptr_t address; /* that is looked for */
	bool is_found;
	bool is_first; /* the program itself: its name is no path */
	bool is_other; /* an object has been seen */
	uintptr_t bias;
	char path[PATH_BYTES];
	struct id id;
};

/* Of notes, each a header, a name and a description, both padded to four bytes. */
static void find_id(struct id *ret, const char *notes, size_t len)
{
	ElfW(Nhdr) note;

	while (len >= sizeof note) {
		memcpy(&note, notes, sizeof note);
		size_t name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		size_t text = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		if (name > len - sizeof note || text > len - sizeof note - name)
			return;
		const char *description = notes + sizeof note + name;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof "GNU" &&
			memcmp(notes + sizeof note, "GNU", sizeof "GNU") == 0 &&
			note.n_descsz <= ID_BYTES_MAX) {
			ret->len = note.n_descsz;
			memcpy(ret->bytes, description, ret->len);
			return;
		}
		notes = description + text;
		len -= sizeof note + name + text;
	}
}

static bool holds(const struct dl_phdr_info *info, uintptr_t address)
{
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		if (part->p_type == PT_LOAD &&
			address - (info->dlpi_addr + part->p_vaddr) < part->p_memsz)
			return true;
	}
	return false;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object *object = arg;

	(void)size;
	object->is_first = !object->is_other;
	object->is_other = true;
	if (!holds(info, object->address))
		return 0;
	object->is_found = true;
	object->bias = info->dlpi_addr;
	snprintf(object->path, sizeof object->path, "%s",
		object->is_first || !info->dlpi_name ? "/proc/self/exe" : info->dlpi_name);
	for (size_t i = 0; i < info->dlpi_phnum && object->id.len == 0; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t notes = info->dlpi_addr + part->p_vaddr;
		if (part->p_type == PT_NOTE)
			find_id(&object->id,
				(const char *)notes, // NOLINT(performance-no-int-to-ptr)
				part->p_memsz);
	}
	return 1;
}

/* --- its file --- */

static char *read_part(int fd, uint64_t at, uint64_t bytes)
{
	char *ret = bytes != 0 && bytes <= TABLE_BYTES_MAX ? malloc(bytes) : NULL;
	size_t len = 0;
	ssize_t n = 1;

	while (ret && len < bytes && n > 0) {
		n = pread(fd, ret + len, bytes - len, (off_t)(at + len));
		len += n > 0 ? (size_t)n : 0;
	}
	if (ret && len == bytes)
		return ret;
	free(ret);
	return NULL;
}

/* Another file may have taken the place of the one that was loaded. */
static bool is_the_same(int fd, const ElfW(Shdr) * sections, size_t count, const struct id *id)
{
	struct id its = { .len = 0 };

	for (size_t i = 0; i < count && its.len == 0; i++) {
		if (sections[i].sh_type != SHT_NOTE)
			continue;
		char *notes = read_part(fd, sections[i].sh_offset, sections[i].sh_size);
		if (notes)
			find_id(&its, notes, sections[i].sh_size);
		free(notes);
	}
	return its.len == id->len && memcmp(its.bytes, id->bytes, id->len) == 0;
}

/* The table of that type with its names, if there is one and it is not empty. */
static bool read_table(struct cor_symbol_file *file, int fd, const ElfW(Shdr) * sections,
	size_t count, uint32_t type)
{
	const ElfW(Shdr) *table = sections;

	while (table < sections + count && table->sh_type != type)
		table++;
	if (table == sections + count || table->sh_link >= count)
		return false;
	const ElfW(Shdr) *names = &sections[table->sh_link];
	file->symbols = read_part(fd, table->sh_offset, table->sh_size);
	file->names = read_part(fd, names->sh_offset, names->sh_size);
	file->count = table->sh_size / sizeof(ElfW(Sym));
	file->names_len = names->sh_size;
	if (file->symbols && file->names && file->names[names->sh_size - 1] == '\0')
		return true;
	free(file->symbols);
	free(file->names);
	file->symbols = file->names = NULL;
	return false;
}

static bool read_tables(
	struct cor_symbol_file *file, const char *path, const struct id *id, uint32_t type)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *head = fd < 0 ? NULL : read_part(fd, 0, sizeof(ElfW(Ehdr)));
	ElfW(Shdr) *sections = NULL;
	bool found = false;

	if (head && memcmp(head, ELFMAG, SELFMAG) == 0) {
		const ElfW(Ehdr) *elf = (const void *)head;
		if (elf->e_shentsize == sizeof *sections)
			sections = (void *)read_part(
				fd, elf->e_shoff, elf->e_shnum * sizeof *sections);
		found = sections && is_the_same(fd, sections, elf->e_shnum, id) &&
			read_table(file, fd, sections, elf->e_shnum, type);
	}
	free(sections);
	free(head);
	if (fd >= 0)
		close(fd);
	return found;
}

static bool read_debug_file(struct cor_symbol_file *file, const struct id *id)
{
	char path[PATH_BYTES];
	int len = snprintf(path, sizeof path, "/usr/lib/debug/.build-id/%02x/", id->bytes[0]);

	for (size_t i = 1; i < id->len; i++)
		len += snprintf(path + len, sizeof path - (size_t)len, "%02x", id->bytes[i]);
	snprintf(path + len, sizeof path - (size_t)len, ".debug");
	return id->len > 1 && read_tables(file, path, id, SHT_SYMTAB);
}

static struct cor_symbol_file *open_file(struct cor_symbols *symbols, const struct object *object)
{
	for (size_t i = 0; i < symbols->len; i++)
		if (symbols->files[i].bias == object->bias)
			return &symbols->files[i];
	if (symbols->len == COR_SYMBOL_FILES)
		return NULL;
	struct cor_symbol_file *file = &symbols->files[symbols->len++];
	file->bias = object->bias;
	if (!read_tables(file, object->path, &object->id, SHT_SYMTAB) &&
		!read_debug_file(file, &object->id))
		(void)read_tables(file, object->path, &object->id, SHT_DYNSYM);
	return file;
}

/* --- the name --- */

static void copy_up_to(char ret[COR_SYMBOL_BYTES], const char *text, char end)
{
	size_t len = 0;

	while (len < COR_SYMBOL_BYTES - 1 && text[len] != '\0' && (len == 0 || text[len] != end))
		len++;
	memcpy(ret, text, len);
	ret[len] = '\0';
}

static void find_function(const struct cor_symbol_file *file, struct cor_symbol *ret)
{
	ElfW(Sym) symbol;

	for (size_t i = 0; file->symbols && i < file->count; i++) {
		memcpy(&symbol, file->symbols + i * sizeof symbol, sizeof symbol);
		if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF ||
			ret->at - symbol.st_value >= symbol.st_size ||
			symbol.st_name >= file->names_len)
			continue;
		copy_up_to(ret->function, file->names + symbol.st_name, '.');
		return;
	}
}

/* Of the program, what the link leads to. */
static void name_file(char ret[COR_SYMBOL_BYTES], const struct object *object)
{
	char target[PATH_BYTES];
	const char *path = object->path;

	if (object->is_first) {
		ssize_t len = readlink(path, target, sizeof target - 1);
		target[len > 0 ? len : 0] = '\0';
		path = len > 0 ? target : path;
	}
	const char *slash = strrchr(path, '/');
	copy_up_to(ret, slash ? slash + 1 : path, '\0');
}

void cor_symbols_find(struct cor_symbols *symbols, const void *address, struct cor_symbol *ret)
{
	struct object object = { .address = (uintptr_t)address };

	*ret = (struct cor_symbol){ .at = (uintptr_t)address };
	dl_iterate_phdr(look_at, &object);
	if (!object.is_found)
		return;
	ret->at = (uintptr_t)address - object.bias;
	name_file(ret->file, &object);
	const struct cor_symbol_file *file = open_file(symbols, &object);
	if (file)
		find_function(file, ret);
}

void cor_symbols_close(struct cor_symbols *symbols)
{
	for (size_t i = 0; i < symbols->len; i++) {
		free(symbols->files[i].symbols);
		free(symbols->files[i].names);
	}
	symbols->len = 0;
}
