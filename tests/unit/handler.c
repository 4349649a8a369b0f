/* SPDX-License-Identifier: MIT */
/* Handlers of userfaultfd for tests: handler.h. */
#include "tests/unit/handler.h"

struct uffd *context(struct mm *mm, u64 features)
{
        struct uffd *u = uffd_create(mm, 0);

        CHECK(u && uffd_set_features(u, features));
        return u;
}

int enlist(struct uffd *u, unsigned page, unsigned n, u64 modes)
{
        return uffd_register(u, at_page(page), n * PAGE_SIZE, modes);
}

static int put_letter(void *arg, u64 offset, void *page)
{
        memset(page, *(char *)arg + (int)(offset / PAGE_SIZE), PAGE_SIZE);
        return 0;
}

s64 fill(struct uffd *u, enum uffd_fill_kind kind, unsigned page, unsigned n, char letter)
{
        struct uffd_fill f = {
                .kind = kind,
                .dst = at_page(page),
                .len = n * PAGE_SIZE,
                .source = put_letter,
                .arg = &letter,
        };

        return uffd_fill(u, &f);
}

u32 no_thread_id(struct task *task)
{
        (void)task;
        return 7;
}

bool next(struct uffd *u, struct uffd_msg *msg)
{
        struct uffd_event *fork;

        return uffd_next(u, msg, &fork, no_thread_id);
}

struct handler handler;

/* Answers each fault with a page. */
static void handle(void *arg)
{
        (void)arg;
        while (handler.nr < handler.expected) {
                struct uffd_msg *msg = &handler.seen[handler.nr];

                if (!next(handler.u, msg)) {
                        host_yield();
                        continue;
                }
                handler.nr++;
                if (msg->event == UFFD_EVENT_PAGEFAULT) {
                        u64 page = (msg->pagefault.address - ARENA) / PAGE_SIZE;

                        if (msg->pagefault.flags & UFFD_PAGEFAULT_FLAG_WP)
                                EXPECT_EQ(uffd_writeprotect(handler.u, at_page(page), PAGE_SIZE,
                                                            false),
                                          0);
                        else if (msg->pagefault.flags & UFFD_PAGEFAULT_FLAG_MINOR)
                                EXPECT_EQ(fill(handler.u, UFFD_CONTINUE, page, 1, 0), PAGE_SIZE);
                        else
                                EXPECT_EQ(fill(handler.u, UFFD_COPY, page, 1, handler.letter),
                                          PAGE_SIZE);
                        uffd_wake(handler.u, at_page(page), PAGE_SIZE);
                }
        }
}

void serve(struct mm *mm, struct uffd *u, unsigned expected)
{
        handler.mm = mm;
        handler.u = u;
        handler.nr = 0;
        handler.expected = expected;
        handler.letter = 'h';
        host_task_create("handler", handle, NULL);
}

void close_it(void *arg)
{
        while (!uffd_has_message(arg))
                host_yield();
        uffd_release(arg);
}
