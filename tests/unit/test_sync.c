/* SPDX-License-Identifier: MIT */
/* Locks and wait queues, under the tests' scheduler: order, exclusion, fairness, the rank check. */
#include "arch/cpu.h"
#include "kernel/sync/mutex.h"
#include "kernel/sync/rwsem.h"
#include "kernel/sync/trace.h"
#include "kernel/sync/wait.h"
#include "tests/unit/test.h"

static struct mutex mutex;
static struct rwsem sem;
static struct spinlock spin;
static struct waitq queue;
static char trail[256];
static int inside, writers_inside;

static void note(char c)
{
        size_t n = strlen(trail);

        CHECK(n + 1 < sizeof(trail));
        trail[n] = c;
}

/* ------------------------------------------------------------------ mutex */

static void mutex_user(void *arg)
{
        mutex_lock(&mutex);
        EXPECT_TRUE(mutex_is_mine(&mutex));
        note(*(char *)arg);
        host_yield();
        note(*(char *)arg);
        mutex_unlock(&mutex);
        EXPECT_FALSE(mutex_is_mine(&mutex));
}

TEST_BARE(mutex_excludes_and_is_fair)
{
        mutex_init(&mutex, RANK_FS, "m");
        for (const char *c = "abcd"; *c; c++)
                host_task_create("user", mutex_user, (void *)c);
        mutex_lock(&mutex);
        host_yield(); /* all of them queue up */
        EXPECT_FALSE(mutex_trylock(&mutex));
        mutex_unlock(&mutex);
        host_run();
        EXPECT_STREQ(trail, "aabbccdd");
        EXPECT_TRUE(mutex_trylock(&mutex));
        mutex_unlock(&mutex);
}

static void mutex_storm(void *arg)
{
        (void)arg;
        for (int i = 0; i < 200; i++) {
                mutex_lock(&mutex);
                EXPECT_EQ(inside++, 0);
                host_yield();
                inside--;
                mutex_unlock(&mutex);
        }
}

TEST_BARE(mutex_holds_in_any_schedule)
{
        mutex_init(&mutex, RANK_FS, "m");
        for (u64 seed = 1; seed <= 5; seed++) {
                host_sched_seed(seed);
                for (int i = 0; i < 4; i++)
                        host_task_create("storm", mutex_storm, NULL);
                host_run();
        }
}

/* ------------------------------------------------------------------ rwsem */

static void reader(void *arg)
{
        rwsem_read_lock(&sem);
        note(*(char *)arg);
        host_yield();
        note(*(char *)arg);
        rwsem_read_unlock(&sem);
}

static void writer(void *arg)
{
        rwsem_write_lock(&sem);
        EXPECT_TRUE(rwsem_is_writer(&sem));
        note(*(char *)arg);
        host_yield();
        note(*(char *)arg);
        rwsem_write_unlock(&sem);
}

TEST_BARE(rwsem_serves_in_order)
{
        rwsem_init(&sem, RANK_MMAP, "s");
        rwsem_write_lock(&sem);
        host_task_create("r", reader, "a");
        host_task_create("r", reader, "b");
        host_task_create("w", writer, "W");
        host_task_create("r", reader, "c");
        host_yield();
        EXPECT_STREQ(trail, "");
        rwsem_write_unlock(&sem);
        host_run();
        EXPECT_STREQ(trail, "ababWWcc");
        EXPECT_FALSE(rwsem_is_locked(&sem));
}

TEST_BARE(rwsem_reader_queues_behind_a_writer)
{
        rwsem_init(&sem, RANK_MMAP, "s");
        rwsem_read_lock(&sem);
        host_task_create("w", writer, "W");
        host_task_create("r", reader, "a");
        host_yield();
        EXPECT_STREQ(trail, "");
        rwsem_read_unlock(&sem);
        host_run();
        EXPECT_STREQ(trail, "WWaa");
}

TEST_BARE(rwsem_downgrade_lets_readers_in)
{
        rwsem_init(&sem, RANK_MMAP, "s");
        rwsem_write_lock(&sem);
        host_task_create("r", reader, "a");
        host_task_create("w", writer, "W");
        host_yield();
        rwsem_downgrade(&sem);
        EXPECT_FALSE(rwsem_is_writer(&sem));
        host_yield();
        EXPECT_STREQ(trail, "a");
        host_yield();
        EXPECT_STREQ(trail, "aa");
        rwsem_read_unlock(&sem);
        host_run();
        EXPECT_STREQ(trail, "aaWW");
}

static void rwsem_storm(void *arg)
{
        u64 state = (u64)arg * 2 + 1;

        for (int i = 0; i < 150; i++) {
                if (test_random_below(&state, 3) == 0) {
                        rwsem_write_lock(&sem);
                        EXPECT_EQ(inside, 0);
                        EXPECT_EQ(writers_inside++, 0);
                        host_yield();
                        writers_inside--;
                        rwsem_write_unlock(&sem);
                } else {
                        rwsem_read_lock(&sem);
                        EXPECT_EQ(writers_inside, 0);
                        inside++;
                        host_yield();
                        inside--;
                        rwsem_read_unlock(&sem);
                }
        }
}

TEST_BARE(rwsem_holds_in_any_schedule)
{
        rwsem_init(&sem, RANK_MMAP, "s");
        for (u64 seed = 1; seed <= 5; seed++) {
                host_sched_seed(seed);
                for (u64 i = 0; i < 5; i++)
                        host_task_create("storm", rwsem_storm, (void *)i);
                host_run();
                EXPECT_FALSE(rwsem_is_locked(&sem));
        }
}

/* ------------------------------------------------------------------ spinlock */

static void spin_storm(void *arg)
{
        (void)arg;
        for (int i = 0; i < 100; i++) {
                unsigned long irq = spin_lock_irq(&spin);

                EXPECT_EQ(inside++, 0);
                EXPECT_FALSE(cpu_irqs_enabled());
                host_yield();
                inside--;
                spin_unlock_irq(&spin, irq);
                EXPECT_TRUE(cpu_irqs_enabled());
        }
}

TEST_BARE(spinlock_excludes)
{
        spin_init(&spin, RANK_LEAF, "s");
        for (int i = 0; i < 3; i++)
                host_task_create("storm", spin_storm, NULL);
        host_run();
        EXPECT_TRUE(spin_trylock(&spin));
        EXPECT_FALSE(spin_trylock(&spin));
        EXPECT_TRUE(spin_is_locked(&spin));
        spin_unlock(&spin);
}

/* ------------------------------------------------------------------ wait queues */

static bool flag_set(void *arg)
{
        return *(int *)arg != 0;
}

static void waits_for_flag(void *arg)
{
        EXPECT_EQ(wait_event(&queue, flag_set, arg, false, PARK_FOREVER), 0);
        note('x');
}

TEST_BARE(wait_event_waits)
{
        int flag = 0;

        waitq_init(&queue);
        host_task_create("w", waits_for_flag, &flag);
        host_task_create("w", waits_for_flag, &flag);
        host_yield();
        waitq_wake_all(&queue); /* for nothing */
        host_yield();
        EXPECT_STREQ(trail, "");
        flag = 1;
        waitq_wake_all(&queue);
        host_run();
        EXPECT_STREQ(trail, "xx");
        EXPECT_FALSE(waitq_wake_one(&queue));
}

TEST_BARE(wait_event_ends_by_time_and_signal)
{
        int flag = 0;

        waitq_init(&queue);
        EXPECT_EQ(wait_event(&queue, flag_set, &flag, true, clock_ns() + 10), -ETIMEDOUT);
        host_task_signal(park_self(), true);
        EXPECT_EQ(wait_event(&queue, flag_set, &flag, true, PARK_FOREVER), -EINTR);
        flag = 1;
        EXPECT_EQ(wait_event(&queue, flag_set, &flag, true, PARK_FOREVER), 0);
        EXPECT_TRUE(list_empty(&queue.waiters));
}

static void waits_alone(void *arg)
{
        struct waiter w = { .exclusive = true };

        waitq_add(&queue, &w);
        while (!w.woken)
                park(false, PARK_FOREVER);
        waitq_remove(&queue, &w);
        note(*(char *)arg);
}

TEST_BARE(wake_one_reaches_each_in_turn)
{
        waitq_init(&queue);
        for (const char *c = "abc"; *c; c++)
                host_task_create("w", waits_alone, (void *)c);
        host_yield();
        EXPECT_TRUE(waitq_wake_one(&queue));
        EXPECT_TRUE(waitq_wake_one(&queue)); /* before the first has run */
        host_yield();
        EXPECT_STREQ(trail, "ab");
        EXPECT_TRUE(waitq_wake_one(&queue));
        host_run();
        EXPECT_STREQ(trail, "abc");
}

/* ------------------------------------------------------------------ the order */

static void take_twice(void *arg)
{
        (void)arg;
        spin_lock(&spin);
        spin_lock(&spin);
}

static void take_in_wrong_order(void *arg)
{
        (void)arg;
        rwsem_read_lock(&sem);
        mutex_lock(&mutex);
}

static void take_equal_rank(void *arg)
{
        mutex_lock(&mutex);
        mutex_lock(arg);
}

static void sleep_with_spinlock(void *arg)
{
        (void)arg;
        spin_lock(&spin);
        park(false, PARK_FOREVER);
}

static void lock_mutex_under_spinlock(void *arg)
{
        (void)arg;
        spin_lock(&spin);
        mutex_lock(&mutex);
}

static void release_what_is_not_held(void *arg)
{
        (void)arg;
        spin_unlock(&spin);
}

static void leave_with_lock(void *arg)
{
        (void)arg;
        mutex_lock(&mutex);
        lock_trace_check_none();
}

static void lock_without_rank(void *arg)
{
        struct spinlock none = { 0 };

        (void)arg;
        spin_lock(&none);
}

/* What happens to a copy whose page fault would wait for what the thread holds. */
static void fault_with_lock(void *arg)
{
        (void)arg;
        rwsem_read_lock(&sem);
        lock_trace_check_fault();
}

static void fault_with_spinlock(void *arg)
{
        (void)arg;
        spin_lock(&spin);
        lock_trace_check_fault();
}

static void show_backtrace(void *arg)
{
        host_panic_backtrace = true;
        take_in_wrong_order(arg);
}

static void abba_one(void *arg)
{
        mutex_lock(&mutex);
        host_yield();
        mutex_lock_nested(arg);
}

static void abba_two(void *arg)
{
        mutex_lock(arg);
        host_yield();
        mutex_lock_nested(&mutex);
}

static void abba(void *arg)
{
        host_task_create("one", abba_one, arg);
        host_task_create("two", abba_two, arg);
        host_run();
}

TEST_BARE(the_order_is_checked)
{
        struct mutex second;

        spin_init(&spin, RANK_LEAF, "leaf");
        mutex_init(&mutex, RANK_FS, "fs");
        mutex_init(&second, RANK_FS, "fs2");
        rwsem_init(&sem, RANK_MMAP, "mmap");
        EXPECT_PANIC(take_twice, NULL, "taken again");
        EXPECT_PANIC(take_in_wrong_order, NULL, "lock fs taken while holding mmap");
        EXPECT_PANIC(show_backtrace, NULL, "    #3 0x");
        EXPECT_PANIC(lock_without_rank, NULL, "has no rank");
        EXPECT_PANIC(fault_with_lock, NULL, "user memory touched while holding mmap");
        EXPECT_PANIC(fault_with_spinlock, NULL, "user memory touched while holding leaf");
        EXPECT_PANIC(take_equal_rank, &second, "taken while holding fs");
        EXPECT_PANIC(sleep_with_spinlock, NULL, "sleeping while holding spinlock leaf");
        EXPECT_PANIC(lock_mutex_under_spinlock, NULL, "panic: ");
        EXPECT_PANIC(release_what_is_not_held, NULL, "does not hold it");
        EXPECT_PANIC(leave_with_lock, NULL, "still holding fs");
        EXPECT_PANIC(abba, &second, "deadlock");
        mutex_lock(&mutex);
        mutex_lock_nested(&second);
        lock_trace_check_fault(); /* which mmap_lock may be taken behind */
        mutex_unlock(&mutex);
        mutex_unlock(&second);
        lock_trace_check_none();
}
