/* SPDX-License-Identifier: MIT */
/*
 * Memory of the shell: pools for what lives as long as one command, growing strings, and malloc
 * that does not fail. A shell without memory has nothing better to do than to say so and end.
 */
#include "userland/sh/sh.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 4000

struct chunk {
        struct chunk *below;
        size_t used, size;
        _Alignas(16) char data[];
};

struct pool {
        struct chunk *top;
};

void *must_alloc(size_t size)
{
        return must_realloc(NULL, size);
}

void *must_realloc(void *old, size_t size)
{
        void *memory = realloc(old, size);

        if (!memory) {
                complain("out of memory");
                _Exit(2);
        }
        return memory;
}

char *must_copy(const char *text)
{
        size_t size = strlen(text) + 1;

        return memcpy(must_alloc(size), text, size);
}

struct pool *pool_new(void)
{
        struct pool *pool = must_alloc(sizeof(*pool));

        pool->top = NULL;
        return pool;
}

void pool_free(struct pool *pool)
{
        struct pool_mark bottom = { NULL, 0 };

        pool_release(pool, bottom);
        free(pool);
}

void *pool_alloc(struct pool *pool, size_t size)
{
        struct chunk *chunk = pool->top;
        void *memory;

        size = (size + 15) & ~(size_t)15;
        if (!chunk || chunk->size - chunk->used < size) {
                size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

                chunk = must_alloc(sizeof(*chunk) + room);
                chunk->below = pool->top;
                chunk->used = 0;
                chunk->size = room;
                pool->top = chunk;
        }
        memory = chunk->data + chunk->used;
        chunk->used += size;
        return memset(memory, 0, size);
}

char *pool_string(struct pool *pool, const char *text, size_t length)
{
        char *copy = pool_alloc(pool, length + 1);

        memcpy(copy, text, length);
        return copy;
}

struct pool_mark pool_mark(struct pool *pool)
{
        struct pool_mark mark = { pool->top, pool->top ? pool->top->used : 0 };

        return mark;
}

void pool_release(struct pool *pool, struct pool_mark mark)
{
        while (pool->top != mark.chunk) {
                struct chunk *chunk = pool->top;

                pool->top = chunk->below;
                free(chunk);
        }
        if (pool->top)
                pool->top->used = mark.used;
}

void string_append(struct string *s, const char *text, size_t length)
{
        if (s->room < s->length + length + 1) {
                s->room = (s->length + length + 1) * 2;
                s->text = must_realloc(s->text, s->room);
        }
        memcpy(s->text + s->length, text, length);
        s->length += length;
        s->text[s->length] = 0;
}

void string_add(struct string *s, char c)
{
        string_append(s, &c, 1);
}

void string_free(struct string *s)
{
        free(s->text);
        memset(s, 0, sizeof(*s));
}
