/* SPDX-License-Identifier: MIT */
/* The strings that exec carries from the old memory to the new. */
#include "arch/usercopy.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/sched/exec.h"
#include "mm/slab.h"

/* Linux's limits: one string; all of them without regard to the stack limit; at least so much. */
#define STRING_MAX (128 * 1024UL)
#define TOTAL_MAX  (6 * 1024 * 1024UL)
#define TOTAL_MIN  (128 * 1024UL)

#define CHUNK_BYTES (PAGE_SIZE - sizeof(struct chunk))

struct chunk {
        struct list node;
        u64 used;
        char data[];
};

void args_init(struct exec_args *args)
{
        memset(args, 0, sizeof(*args));
        list_init(&args->chunks);
}

void args_release(struct exec_args *args)
{
        while (!list_empty(&args->chunks)) {
                struct chunk *c = list_first(&args->chunks, struct chunk, node);

                list_del(&c->node);
                kfree(c);
        }
}

int args_set_limit(struct exec_args *args, u64 pointers, const struct mm_caller *who)
{
        u64 limit = max_u64(min_u64(who->rlimit_stack / 4, TOTAL_MAX), TOTAL_MIN);
        u64 stack = page_align_down(min_u64(who->rlimit_stack, who->rlimit_as));

        if (pointers >= limit / sizeof(u64))
                return -E2BIG;
        /* On the stack a word lies above them; its first page is not asked for. */
        stack = max_u64(stack, PAGE_SIZE) - sizeof(u64);
        args->limit = min_u64(limit - pointers * sizeof(u64), stack);
        return 0;
}

/* The chunk with room at the end; a new one if the last is full. */
static struct chunk *chunk_open(struct exec_args *args)
{
        struct chunk *c;

        if (!list_empty(&args->chunks)) {
                c = list_last(&args->chunks, struct chunk, node);
                if (c->used < CHUNK_BYTES)
                        return c;
        }
        c = kmalloc(PAGE_SIZE);
        if (!c)
                return NULL;
        c->used = 0;
        list_add_tail(&args->chunks, &c->node);
        return c;
}

static int bytes_add(struct exec_args *args, const char *bytes, size_t n)
{
        if (n > args->limit - args->bytes)
                return -E2BIG;
        args->bytes += n;
        while (n) {
                struct chunk *c = chunk_open(args);
                size_t part;

                if (!c)
                        return -ENOMEM;
                part = min_u64(n, CHUNK_BYTES - c->used);
                memcpy(c->data + c->used, bytes, part);
                c->used += part;
                bytes += part;
                n -= part;
        }
        return 0;
}

int args_add_kernel(struct exec_args *args, const char *string)
{
        return bytes_add(args, string, strlen(string) + 1);
}

int args_add_user(struct exec_args *args, uaddr string)
{
        char buf[256];
        u64 done = 0;

        for (;;) {
                /* Never across a page: the string may end right before one that is not there. */
                size_t part = min_u64(sizeof(buf), PAGE_SIZE - ((string + done) & ~PAGE_MASK));
                size_t len;
                int err;

                if (user_copy_in(buf, string + done, part))
                        return -EFAULT;
                len = strnlen(buf, part);
                if (len < part)
                        part = len + 1;
                done += part;
                if (done > STRING_MAX)
                        return -E2BIG;
                err = bytes_add(args, buf, part);
                if (err || len < part)
                        return err;
        }
}

long args_count_user(uaddr array)
{
        u64 pointer;
        long n = 0;

        if (!array)
                return 0;
        for (;; n++) {
                if (user_copy_in(&pointer, array + n * sizeof(pointer), sizeof(pointer)))
                        return -EFAULT;
                if (!pointer)
                        return n;
                if (n >= (long)(TOTAL_MAX / sizeof(pointer)))
                        return -E2BIG;
        }
}

int args_write(const struct exec_args *args, struct mm *mm, const struct mm_caller *who, u64 dst)
{
        const struct list *it;

        list_for_each (it, &args->chunks) {
                struct chunk *c = list_entry(it, struct chunk, node);

                if (mm_access(mm, who, dst, c->data, c->used, MM_ACCESS_WRITE) != (ssize_t)c->used)
                        return -ENOMEM;
                dst += c->used;
        }
        return 0;
}

/* Pointers on their way to the new stack, some at a time. */
struct pointer_buffer {
        u64 dst;
        unsigned nr;
        u64 words[32];
};

static int pointers_flush(struct pointer_buffer *b)
{
        size_t bytes = b->nr * sizeof(u64);

        if (user_copy_out(b->dst, b->words, bytes))
                return -EFAULT;
        b->dst += bytes;
        b->nr = 0;
        return 0;
}

static int pointers_add(struct pointer_buffer *b, u64 word)
{
        b->words[b->nr++] = word;
        return b->nr == ARRAY_SIZE(b->words) ? pointers_flush(b) : 0;
}

int args_write_pointers(const struct exec_args *args, u64 dst, u64 strings)
{
        struct pointer_buffer b = { .dst = dst };
        unsigned nr = 0, all = args->argc + args->envc;
        const struct list *it;
        u64 start = strings, at = strings;

        if (!args->argc && pointers_add(&b, 0))
                return -EFAULT;
        list_for_each (it, &args->chunks) {
                struct chunk *c = list_entry(it, struct chunk, node);

                for (u64 i = 0; i < c->used && nr < all; i++) {
                        at++;
                        if (c->data[i])
                                continue;
                        if (pointers_add(&b, start))
                                return -EFAULT;
                        start = at;
                        if (++nr == args->argc && pointers_add(&b, 0))
                                return -EFAULT;
                }
        }
        if (pointers_add(&b, 0))
                return -EFAULT;
        return pointers_flush(&b);
}

u64 args_env_offset(const struct exec_args *args)
{
        const struct list *it;
        unsigned nr = 0;
        u64 at = 0;

        list_for_each (it, &args->chunks) {
                struct chunk *c = list_entry(it, struct chunk, node);

                for (u64 i = 0; i < c->used && nr < args->argc; i++, at++)
                        nr += !c->data[i];
        }
        return at;
}
