/* SPDX-License-Identifier: MIT */
/*
 * The build ID of an ELF file: a note of type 3 by "GNU" in one of its PT_NOTE segments, which a
 * linker puts there. Nothing of the file is trusted.
 */
#include "kernel/base/abi/elf.h"
#include "kernel/base/abi/procfs.h"
#include "kernel/base/string.h"
#include "kernel/fs/proc.h"
#include "mm/object.h"

#define NT_GNU_BUILD_ID 3
#define PHNUM_MAX       64

struct elf_note {
        u32 namesz, descsz, type;
};

static bool read_all(struct object *object, u64 offset, void *buf, size_t len)
{
        return object_read(object, offset, buf, len) == (ssize_t)len;
}

static bool is_build_id(const struct elf_note *note, const char name[4])
{
        return note->type == NT_GNU_BUILD_ID && note->namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
               note->descsz > 0 && note->descsz <= BUILD_ID_MAX;
}

/* Look for it among the notes in [at, end) of the file: its size, or 0. */
static unsigned find_note(struct object *object, u64 at, u64 end, u8 id[BUILD_ID_MAX])
{
        struct elf_note note;
        char name[4];
        u64 next;

        while (end > at && end - at > sizeof(note) + sizeof(name)) {
                if (!read_all(object, at, &note, sizeof(note)) ||
                    !read_all(object, at + sizeof(note), name, sizeof(name)))
                        return 0;
                next = at + sizeof(note) + ((u64)note.namesz + 3) / 4 * 4 +
                       ((u64)note.descsz + 3) / 4 * 4;
                if (next > end)
                        return 0;
                if (is_build_id(&note, name)) {
                        memset(id, 0, BUILD_ID_MAX);
                        at += sizeof(note) + sizeof(name);
                        return read_all(object, at, id, note.descsz) ? note.descsz : 0;
                }
                at = next;
        }
        return 0;
}

unsigned proc_build_id(const struct backing *backing, u8 id[BUILD_ID_MAX])
{
        struct object *object = backing ? backing->object : NULL;
        struct elf64_phdr segment;
        struct elf64_ehdr head;
        unsigned size = 0;

        if (!object || !read_all(object, 0, &head, sizeof(head)) ||
            memcmp(head.ident, "\177ELF\2", 5) != 0 ||
            (head.type != ET_EXEC && head.type != ET_DYN))
                return 0;
        for (unsigned i = 0; i < min_u64(head.phnum, PHNUM_MAX) && !size; i++) {
                if (!read_all(object, head.phoff + i * sizeof(segment), &segment, sizeof(segment)))
                        return 0;
                if (segment.type == PT_NOTE)
                        size = find_note(object, segment.offset, segment.offset + segment.filesz,
                                         id);
        }
        return size;
}
