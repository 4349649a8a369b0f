/* SPDX-License-Identifier: MIT */
/*
 * The ELF loader: the bytes are a file. Its headers are read, and if they are a program's, its
 * segments are mapped into an address space that has a stack. What is mapped then is what mm/ holds
 * to be right, and the places that the loader tells of lie in user space.
 */
#include <string.h>

#include "arch/host/host.h"
#include "arch/host/user.h"
#include "arch/usercopy.h"
#include "kernel/base/assert.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec.h"
#include "kernel/sched/process.h"
#include "mm/mm_types.h"
#include "mm/object.h"
#include "tests/diff/terrane.h"
#include "tests/fuzz/fuzz.h"

#define HEAD_SIZE  256
#define STACK_SIZE (128UL << 10)

static struct mm *mm;
static struct backing backing;

static const struct mm_caller who = {
        .rlimit_as = MM_NO_LIMIT,
        .rlimit_data = MM_NO_LIMIT,
        .rlimit_data_max = MM_NO_LIMIT,
        .rlimit_stack = 8UL << 20,
        .rlimit_memlock = 8UL << 20,
};

/* ------------------------------------------------------------------ what the loader asks for */

struct mm *current_mm(void)
{
        return mm;
}

struct mm_caller current_mm_caller(void)
{
        return who;
}

struct backing *file_backing(struct file *file)
{
        (void)file;
        return &backing;
}

bool file_is_noexec(const struct file *file)
{
        (void)file;
        return false;
}

size_t user_clear(uaddr dst, size_t n)
{
        static const u8 zeroes[PAGE_SIZE];

        CHECK(n <= PAGE_SIZE);
        return host_store(mm, &who, dst, zeroes, n).signo ? n : 0;
}

/* ------------------------------------------------------------------ the file */

struct bytes {
        const uint8_t *data;
        size_t size;
};

static ssize_t bytes_read(void *file, void *buf, size_t len, u64 offset)
{
        const struct bytes *bytes = file;
        size_t n;

        if (offset >= bytes->size)
                return 0;
        n = min_u64(len, bytes->size - offset);
        memcpy(buf, bytes->data + offset, n);
        return (ssize_t)n;
}

static void backing_release(struct backing *b)
{
        object_put(b->object);
}

static void backing_make(const uint8_t *data, size_t size)
{
        backing = (struct backing){ .release = backing_release, .flags = BACKING_REGULAR };
        refcount_init(&backing.ref);
        backing.object = object_create(size, 0);
        CHECK(backing.object && object_write(backing.object, 0, data, size) == (ssize_t)size);
}

/* ------------------------------------------------------------------ one program */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc, (void)argv;
        terrane_boot(TERRANE_RAM);
        return 0;
}

static void load(const struct elf_image *image)
{
        struct mm_layout layout = { .stack_rlimit = who.rlimit_stack };
        struct elf_loaded loaded;
        int err;

        mm = mm_create(&layout);
        CHECK(mm && mm_map_stack(mm, &who, STACK_SIZE, image->stack_executable) > 0);
        err = elf_load(image, NULL, &loaded);
        CHECK(err <= 0);
        if (!err) {
                CHECK(loaded.entry < TASK_SIZE);
                loaded.image.start_brk = loaded.brk;
                mm_set_image(mm, &loaded.image);
                mm_brk(mm, &who, loaded.brk + PAGE_SIZE);
                host_fetch(mm, &who, loaded.entry);
        }
        rwsem_write_lock(&mm->mmap_lock);
        mm_validate(mm);
        rwsem_write_unlock(&mm->mmap_lock);
        host_tlb_verify(&mm->mmu);
        mm_put(mm);
        mm = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct bytes bytes = { data, size };
        uint64_t before = fuzz_free_pages();
        struct elf_image image;
        u8 head[HEAD_SIZE] = { 0 };

        memcpy(head, data, min_u64(size, HEAD_SIZE));
        if (elf_open(&image, head, bytes_read, &bytes) == 0) {
                CHECK(!image.interp || strlen(image.interp) < ELF_INTERP_MAX);
                backing_make(data, size);
                load(&image);
                backing_put(&backing);
                elf_close(&image);
        }
        CHECK(fuzz_free_pages() == before && mm_committed() == 0);
        return 0;
}
