// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Appending sections to an ELF file, by a tail that one header write makes live.
 *
 * Problem: a vmlinux is hundreds of megabytes, of which `.BTF` is one percent. Rewriting the file
 * is slow and moves what others hold offsets of; changing it in the middle leaves rubble when the
 * run is killed. ELF lets us do better: only the header says where the section header table is, and
 * only the table says where sections are, so that a second table behind the old end can replace the
 * first.
 *
 *	old end                                    new end
 *	   | data | data 2 | name table | section headers |
 *
 * The section headers are copied, the name table only when a name is new, nothing else.
 *
 * Invariants, each with the reason why it holds:
 *
 * (1) No byte below the old end is written, except the ELF header. All writes but one go through
 *     write_tail(), whose offsets plan_layout() starts at the old size and only ever raises.
 * (2) New data, names and section headers lie past the old end. They are what write_tail() writes.
 * (3) The header is written last, in one system call, after the tail is flushed. write_header()
 *     follows fdatasync(). The 52 or 64 bytes lie in the first sector of the file, so that they
 *     reach page cache and disk as one. Nothing but these bytes leads to the tail: it is they that
 *     count.
 * (4) Killed before (3), the file is the old one with a longer end: the old header still leads to
 *     the old table, by (1), and nothing in an ELF file refers to its end.
 * (5) An error before (3) cuts the file back to its old size; so do errors in (3), once the old
 *     header is known to stand there again. A file that is longer than this run made it is left
 *     alone: somebody else's bytes stand there.
 * (6) Nothing that exists moves. Other sections keep index, offset and size, as their headers are
 *     copied byte by byte. A section that exists under the name keeps its index, and its header
 *     leads to the new data; its old bytes stay. They are never overwritten, not even where the new
 *     ones would fit: that would be a write below the old end, and a kill in its midst would leave
 *     the old header leading to half a section. The price is growth: each *different* content adds
 *     its size.
 * (7) The file is locked (flock, exclusive, not waiting). What was read is what is written to:
 *     device, inode, size and time of change are compared with the caller's before the first write;
 *     before (3) the path must still lead to this inode, the size must be the planned one, and the
 *     ELF header must still hold the bytes that the plan was made from.
 * (8) Running twice gives the same bytes, because content that is already there under the name is
 *     recognised before anything is written.
 * (9) ELF32 and ELF64 in both byte orders, and more than 65,280 sections: when the count does not
 *     fit e_shnum, or was outside it before, it goes to the first section header's sh_size.
 *     e_shstrndx does not change, as the name table keeps its index.
 *
 * A loaded section (SHF_ALLOC, as `.BTF` of a linked kernel) loses the flag and its address with
 * its new header: the new bytes are in no segment, and a header that claims otherwise would make
 * objcopy and the linker lay out a segment with them. The segment keeps the old bytes, which is
 * what program headers describe; symbols that name the section keep their values. So a debug
 * vmlinux can be encoded again for its readers by section (bpftool, libbpf, pahole); it does not
 * turn into another bootable image.
 *
 * Not wanted, and refused: relocations that apply to the section (they would be applied to the new
 * bytes), a name table that is loaded and has to grow (its header could not stay true, see above),
 * and one that lies in the ELF header (the names would change).
 *
 * Cost: the new data, the section header table and, for a new name, the name table are written
 * once. Of the old file only these tables and a section to be replaced are read.
 *
 * Source: System V gABI, "ELF Header", "Sections", "Special Sections" for the header fields;
 * flock(2).
 */
#include "lib/elf/append.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/elf/elf_file.h"

enum { MAX_HEADER_SIZE = sizeof(Elf64_Ehdr) };

/* Where one request goes. */
struct placement {
	bool same;	/* the file holds it already; the rest is not used then */
	bool is_new;	/* there is no section of that name yet */
	uint32_t index; /* of its section */
	uint32_t name_off;
	uint64_t group_flag; /* SHF_GROUP if a section group lists the section */
	uint64_t data_off;   /* in the file */
};

struct append {
	const char *path;
	int fd;
	const struct elf_append_request *requests;
	size_t num_requests;

	void *map;		  /* the old file, private and read-only */
	struct file_identity old; /* before the first write */
	uint8_t old_header[MAX_HEADER_SIZE];
	struct elf_file elf;

	struct placement *placements; /* one a request */
	uint32_t num_sections;	      /* afterwards */
	struct span old_names;	      /* all bytes of the old name table, if a new one is made */
	uint64_t names_size;	      /* of the new name table; 0: the old one stays */
	uint64_t names_off;	      /* in the file */
	uint64_t table_off;	      /* in the file */
	uint64_t end;		      /* size of the file afterwards */
	uint8_t *meta;		      /* from names_off on: name table, section headers */
};

/* Open. */

static struct btfgen_error *lock_file(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return NULL;
	if (errno == EWOULDBLOCK)
		return error_create(BTFGEN_ERROR_IO, "file is locked by another process");
	/* File systems without locks: identity and header are compared all the same. */
	return NULL;
}

static struct btfgen_error *append_open(struct append *a, const struct file_identity *expected)
{
	struct btfgen_error *err;
	struct stat st;

	if (stat(a->path, &st) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot open for writing");
	if (!S_ISREG(st.st_mode))
		return error_create(BTFGEN_ERROR_INPUT, "not a regular file");
	a->fd = open(a->path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (a->fd < 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot open for writing");
	if (fstat(a->fd, &st) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot read");
	if (!S_ISREG(st.st_mode))
		return error_create(BTFGEN_ERROR_INPUT, "not a regular file");
	err = lock_file(a->fd);
	if (err)
		return err;
	/* Only now, as the holder of the lock before us may have written. */
	if (fstat(a->fd, &st) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot read");
	file_identity_set(&a->old, &st);
	if (expected && !file_identity_equal(expected, &a->old))
		return error_create(BTFGEN_ERROR_INPUT, "file changed since it was read");
	if (a->old.size == 0)
		return error_create(BTFGEN_ERROR_INPUT, "file is empty");
	return NULL;
}

static struct btfgen_error *append_parse(struct append *a)
{
	struct btfgen_error *err;
	void *map = mmap(NULL, (size_t)a->old.size, PROT_READ, MAP_PRIVATE, a->fd, 0);

	if (map == MAP_FAILED)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot read");
	a->map = map;
	err = elf_file_parse((struct span){ map, (size_t)a->old.size }, &a->elf);
	if (!err)
		memcpy(a->old_header, map, elf_header_size(&a->elf));
	return err;
}

static void append_deinit(struct append *a)
{
	if (a->map)
		munmap(a->map, (size_t)a->old.size);
	if (a->fd >= 0)
		close(a->fd);
	free(a->placements);
	free(a->meta);
}

/* Plan. */

/* Also of a section to be made: a header may name an index that no section has yet. */
static struct btfgen_error *check_relocations(const struct append *a, uint32_t index,
					      const char *name)
{
	for (uint32_t i = 1; i < a->elf.num_sections; i++) {
		struct elf_section other;
		struct btfgen_error *err = elf_section_get(&a->elf, i, &other);

		if (err)
			return err;
		if ((other.type == SHT_REL || other.type == SHT_RELA) && other.info == index &&
		    other.size)
			return error_create(BTFGEN_ERROR_INPUT, "section '%s' has relocations",
					    name);
	}
	return NULL;
}

/* Sets *ret_same if the section holds the wanted bytes already. */
static struct btfgen_error *check_same(const struct append *a, const struct elf_section *section,
				       struct span want, bool *ret_same)
{
	struct span have;
	struct btfgen_error *err = elf_section_data(&a->elf, section, &have);

	if (err)
		return err;
	*ret_same = have.data && !(section->flags & SHF_COMPRESSED) && have.size == want.size &&
		    memcmp(have.data, want.data, want.size) == 0;
	return NULL;
}

static struct btfgen_error *plan_section(struct append *a, size_t i)
{
	const struct elf_append_request *r = &a->requests[i];
	struct placement *place = &a->placements[i];
	struct elf_section section;
	struct btfgen_error *err;
	bool found;

	for (size_t k = 0; k < i; k++) {
		if (strcmp(r->section_name, a->requests[k].section_name) == 0)
			return error_create(BTFGEN_ERROR_INPUT, "section '%s' is asked for twice",
					    r->section_name);
	}
	err = elf_find_section(&a->elf, r->section_name, &section, &found);
	if (err)
		return err;
	if (!found) {
		if (a->num_sections == UINT32_MAX)
			return error_create(BTFGEN_ERROR_LIMIT, "too many sections");
		place->is_new = true;
		place->index = a->num_sections++;
		return check_relocations(a, place->index, r->section_name);
	}
	place->index = section.index;
	place->group_flag = section.flags & SHF_GROUP;
	err = check_same(a, &section, r->data, &place->same);
	if (err || place->same)
		return err;
	if (section.index == a->elf.names_index)
		return error_create(BTFGEN_ERROR_INPUT, "section '%s' is the section name table",
				    r->section_name);
	return check_relocations(a, section.index, r->section_name);
}

/* Index of each request's section; *ret_unchanged if all are there as wanted. */
static struct btfgen_error *plan_sections(struct append *a, bool *ret_unchanged)
{
	bool unchanged = true;

	/* Only in files made to harm: names would change with the header. */
	if (a->elf.names.data && a->elf.names.data < a->elf.bytes.data + elf_header_size(&a->elf))
		return error_create(BTFGEN_ERROR_INPUT,
				    "section name table lies in the ELF header");
	a->num_sections = a->elf.num_sections;
	for (size_t i = 0; i < a->num_requests; i++) {
		struct btfgen_error *err = plan_section(a, i);

		if (err)
			return err;
		unchanged &= a->placements[i].same;
	}
	*ret_unchanged = unchanged;
	return NULL;
}

/* Size of the new name table, and where in it the new names stand. */
static struct btfgen_error *plan_names(struct append *a)
{
	struct elf_section section;
	struct btfgen_error *err;
	uint64_t size;

	if (a->num_sections == a->elf.num_sections)
		return NULL;
	if (!a->elf.names.data)
		return error_create(BTFGEN_ERROR_INPUT, "file has no section name table");
	err = elf_section_get(&a->elf, a->elf.names_index, &section);
	if (!err)
		err = elf_section_data(&a->elf, &section, &a->old_names);
	if (err)
		return err;
	if (section.flags & SHF_ALLOC)
		return error_create(BTFGEN_ERROR_INPUT, "section name table is loaded");
	/* Bytes behind the last zero are part of no name: all names have been looked at. */
	size = a->old_names.size;
	for (size_t i = 0; i < a->num_requests; i++) {
		if (!a->placements[i].is_new)
			continue;
		if (size > UINT32_MAX)
			return error_create(BTFGEN_ERROR_LIMIT, "section name table exceeds 4 GiB");
		a->placements[i].name_off = (uint32_t)size;
		size += strlen(a->requests[i].section_name) + 1;
	}
	a->names_size = size;
	return NULL;
}

static uint64_t align_up(uint64_t off, uint64_t align)
{
	return (off + align - 1) & ~(align - 1);
}

/* Offsets from the old end on. No sum wraps: a file ends below 2^63, each part fits in memory. */
static struct btfgen_error *plan_layout(struct append *a)
{
	uint64_t off = a->old.size;

	for (size_t i = 0; i < a->num_requests; i++) {
		if (a->placements[i].same)
			continue;
		off = align_up(off, a->requests[i].align);
		a->placements[i].data_off = off;
		off += a->requests[i].data.size;
	}
	a->names_off = off;
	a->table_off = align_up(off + a->names_size, a->elf.is_64 ? 8 : 4);
	a->end = a->table_off + a->num_sections * elf_section_header_size(&a->elf);
	if (!a->elf.is_64 && a->end > UINT32_MAX)
		return error_create(BTFGEN_ERROR_LIMIT, "file would exceed the 4 GiB of ELF32");
	return NULL;
}

/* The count stands in the first section header. Zero is zero in either byte order. */
static bool uses_extended_count(const struct append *a)
{
	const uint8_t *field = a->old_header + (a->elf.is_64 ? offsetof(Elf64_Ehdr, e_shnum) :
							       offsetof(Elf32_Ehdr, e_shnum));

	return a->num_sections >= SHN_LORESERVE || load_u16(field, false) == 0;
}

/* Encodes a changed header over its copy, which keeps its name. */
static void table_change(const struct append *a, uint8_t *table, const struct elf_section *section)
{
	uint8_t *header = table + section->index * elf_section_header_size(&a->elf);

	/* sh_name is the first word in both classes. */
	elf_section_header_encode(&a->elf, section, load_u32(header, a->elf.swap), header);
}

static void table_place(const struct append *a, uint8_t *table, const struct placement *place,
			const struct elf_append_request *request)
{
	uint8_t *header = table + place->index * elf_section_header_size(&a->elf);
	struct elf_section section = {
		.type = SHT_PROGBITS,
		.flags = place->group_flag,
		.off = place->data_off,
		.size = request->data.size,
		.align = request->align,
	};

	elf_section_header_encode(&a->elf, &section,
				  place->is_new ? place->name_off : load_u32(header, a->elf.swap),
				  header);
}

static struct btfgen_error *fill_table(const struct append *a, uint8_t *table)
{
	struct elf_section section;
	struct btfgen_error *err;

	memcpy(table, a->elf.bytes.data + a->elf.table_off,
	       a->elf.num_sections * elf_section_header_size(&a->elf));
	if (uses_extended_count(a)) {
		err = elf_section_get(&a->elf, 0, &section);
		if (err)
			return err;
		section.size = a->num_sections;
		table_change(a, table, &section);
	}
	if (a->names_size) {
		err = elf_section_get(&a->elf, a->elf.names_index, &section);
		if (err)
			return err;
		section.off = a->names_off;
		section.size = a->names_size;
		table_change(a, table, &section);
	}
	for (size_t i = 0; i < a->num_requests; i++) {
		if (!a->placements[i].same)
			table_place(a, table, &a->placements[i], &a->requests[i]);
	}
	return NULL;
}

/* Everything behind the data, in one buffer. */
static struct btfgen_error *fill_meta(struct append *a)
{
	a->meta = calloc(1, a->end - a->names_off);
	if (!a->meta)
		return error_nomem();
	if (a->names_size) {
		memcpy(a->meta, a->old_names.data, a->old_names.size);
		for (size_t i = 0; i < a->num_requests; i++) {
			const char *name = a->requests[i].section_name;

			if (a->placements[i].is_new)
				memcpy(a->meta + a->placements[i].name_off, name, strlen(name));
		}
	}
	return fill_table(a, a->meta + (a->table_off - a->names_off));
}

/* Write. */

static struct btfgen_error *flush(const struct append *a)
{
	if (fdatasync(a->fd) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot flush");
	return NULL;
}

static struct btfgen_error *write_tail(const struct append *a)
{
	struct btfgen_error *err;

	for (size_t i = 0; i < a->num_requests; i++) {
		const struct span *data = &a->requests[i].data;

		if (a->placements[i].same)
			continue;
		err = file_write_fd_at(a->fd, data->data, data->size, a->placements[i].data_off);
		if (err)
			return err;
	}
	err = file_write_fd_at(a->fd, a->meta, a->end - a->names_off, a->names_off);
	if (err)
		return err;
	return flush(a);
}

static struct btfgen_error *read_header(const struct append *a, bool *ret_is_old)
{
	size_t size = elf_header_size(&a->elf);
	uint8_t now[MAX_HEADER_SIZE];
	ssize_t n;

	do {
		n = pread(a->fd, now, size, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot read");
	*ret_is_old = n == (ssize_t)size && memcmp(now, a->old_header, size) == 0;
	return NULL;
}

/* The last look before the file becomes another. */
static struct btfgen_error *check_still_ours(const struct append *a)
{
	struct btfgen_error *err;
	struct stat by_fd, by_path = {};
	bool is_old;

	if (fstat(a->fd, &by_fd) != 0)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot read");
	if (stat(a->path, &by_path) != 0 && errno != ENOENT)
		return error_create_errno(BTFGEN_ERROR_IO, errno, "cannot read");
	err = read_header(a, &is_old);
	if (err)
		return err;
	if (by_path.st_dev != a->old.dev || by_path.st_ino != a->old.ino ||
	    (uint64_t)by_fd.st_size != a->end || !is_old)
		return error_create(BTFGEN_ERROR_INPUT, "file changed while it was written");
	return NULL;
}

static void header_encode(const struct append *a, uint8_t header[static MAX_HEADER_SIZE])
{
	uint16_t count = uses_extended_count(a) ? 0 : (uint16_t)a->num_sections;

	memcpy(header, a->old_header, MAX_HEADER_SIZE);
	if (a->elf.is_64) {
		store_u64(header + offsetof(Elf64_Ehdr, e_shoff), a->table_off, a->elf.swap);
		store_u16(header + offsetof(Elf64_Ehdr, e_shnum), count, a->elf.swap);
	} else {
		store_u32(header + offsetof(Elf32_Ehdr, e_shoff), (uint32_t)a->table_off,
			  a->elf.swap);
		store_u16(header + offsetof(Elf32_Ehdr, e_shnum), count, a->elf.swap);
	}
}

/* One system call, whole or an error. A part of it written is undone by restore(). */
static struct btfgen_error *write_header(const struct append *a)
{
	size_t size = elf_header_size(&a->elf);
	uint8_t header[MAX_HEADER_SIZE];
	ssize_t n;

	header_encode(a, header);
	do {
		n = pwrite(a->fd, header, size, 0);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)size)
		return error_create_errno(BTFGEN_ERROR_IO, n < 0 ? errno : EIO, "cannot write");
	return NULL;
}

/* Invariant (5). What fails here leaves the ignored tail of (4). */
static void restore(const struct append *a, bool header_touched)
{
	struct btfgen_error *err;
	struct stat st;
	bool is_old;

	if (header_touched) {
		err = file_write_fd_at(a->fd, a->old_header, elf_header_size(&a->elf), 0);
		error_free(err);
		err = read_header(a, &is_old);
		error_free(err);
		if (err || !is_old)
			return;
	}
	if (fstat(a->fd, &st) != 0 || (uint64_t)st.st_size <= a->old.size ||
	    (uint64_t)st.st_size > a->end)
		return;
	if (ftruncate(a->fd, (off_t)a->old.size) != 0)
		return;
}

static struct btfgen_error *append_write(const struct append *a)
{
	struct btfgen_error *err = write_tail(a);
	bool header_touched = false;

	if (!err)
		err = check_still_ours(a);
	if (!err) {
		header_touched = true;
		err = write_header(a);
	}
	if (err) {
		restore(a, header_touched);
		return err;
	}
	return flush(a);
}

static struct btfgen_error *append_run(struct append *a, const struct file_identity *expected,
				       bool *ret_unchanged)
{
	struct btfgen_error *err = append_open(a, expected);
	bool unchanged = false;

	if (!err)
		err = append_parse(a);
	if (!err)
		err = plan_sections(a, &unchanged);
	if (err || unchanged) {
		if (!err)
			*ret_unchanged = true;
		return err;
	}
	err = plan_names(a);
	if (!err)
		err = plan_layout(a);
	if (!err)
		err = fill_meta(a);
	/* The plan is final; nothing has been written yet. */
	if (!err)
		err = append_write(a);
	if (!err)
		*ret_unchanged = false;
	return err;
}

struct btfgen_error *elf_append_sections(const char *path, const struct file_identity *expected,
					 const struct elf_append_request *requests,
					 size_t num_requests, bool *ret_unchanged)
{
	struct append a = {
		.path = path,
		.fd = -1,
		.requests = requests,
		.num_requests = num_requests,
	};
	struct btfgen_error *err;

	a.placements = calloc(num_requests ? num_requests : 1, sizeof(*a.placements));
	err = a.placements ? append_run(&a, expected, ret_unchanged) : error_nomem();
	append_deinit(&a);
	return error_in_file(err, path);
}
