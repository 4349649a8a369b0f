/* SPDX-License-Identifier: MIT */
/* POSIX threads: sixteen at once, every kind of lock, thread-local storage, no leak. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/expect.h"
#include "lib/transcript.h"

#define THREADS 16

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter;
static int turn;
static __thread long local = 5;
static __thread char big[3000];

static void *count_up(void *arg)
{
        for (int i = 0; i < 10000; i++) {
                pthread_mutex_lock(&mutex);
                counter++;
                pthread_mutex_unlock(&mutex);
                local += (long)arg;
        }
        big[2999] = 1;
        return (void *)local;
}

static void run_all(void *(*fn)(void *), long *sum)
{
        pthread_t t[THREADS];

        *sum = 0;
        for (long i = 0; i < THREADS; i++)
                if (pthread_create(&t[i], NULL, fn, (void *)i) != 0)
                        *sum = -1000000;
        for (int i = 0; i < THREADS; i++) {
                void *result = NULL;

                if (pthread_join(t[i], &result) != 0)
                        *sum = -1000000;
                *sum += (long)result;
        }
}

static void *take_turns(void *arg)
{
        for (int round = 0; round < 50; round++) {
                pthread_mutex_lock(&mutex);
                while (turn % THREADS != (int)(long)arg)
                        pthread_cond_wait(&cond, &mutex);
                turn++;
                pthread_cond_broadcast(&cond);
                pthread_mutex_unlock(&mutex);
        }
        return (void *)1;
}

static void *use_library(void *arg)
{
        char want[64], got[64];
        long wrong = 0;

        snprintf(want, sizeof(want), "thread %ld: %f", (long)arg, (double)(long)arg / 3);
        for (int i = 0; i < 2000; i++) {
                char *p = malloc((size_t)(i % 300 + 64));

                snprintf(p, 64, "thread %ld: %f", (long)arg, (double)(long)arg / 3);
                strcpy(got, p);
                wrong += strcmp(got, want) != 0;
                errno = (int)(long)arg;
                free(p);
                wrong += errno != (int)(long)arg;
                wrong += close(-1) != -1 || errno != EBADF;
        }
        return (void *)wrong;
}

static void sixteen(void)
{
        long sum;

        scene("sixteen threads");
        run_all(count_up, &sum);
        expect(counter == THREADS * 10000L, "a mutex counts right");
        expect(sum == THREADS * 5 + 10000L * (THREADS * (THREADS - 1) / 2) && local == 5,
               "each has its own thread-local variable");
        run_all(take_turns, &sum);
        expect(turn == THREADS * 50 && sum == THREADS, "a condition variable gives turns");
        run_all(use_library, &sum);
        expect(sum == 0, "malloc, printf and errno of each");
}

static void mutexes(void)
{
        struct timespec past = { 1, 0 };
        pthread_mutexattr_t attr;
        pthread_mutex_t m;

        scene("mutexes");
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
        pthread_mutex_init(&m, &attr);
        expect(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == 0, "recursive: twice");
        expect(pthread_mutex_unlock(&m) == 0 && pthread_mutex_unlock(&m) == 0 &&
                       pthread_mutex_unlock(&m) == EPERM,
               "and back, once more: EPERM");
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
        pthread_mutex_init(&m, &attr);
        expect(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == EDEADLK &&
                       pthread_mutex_trylock(&m) == EBUSY && pthread_mutex_unlock(&m) == 0,
               "error checking: EDEADLK, EBUSY");
        pthread_mutex_init(&m, NULL);
        expect(pthread_mutex_lock(&m) == 0 && pthread_mutex_timedlock(&m, &past) == ETIMEDOUT &&
                       pthread_mutex_destroy(&m) == EBUSY && pthread_mutex_unlock(&m) == 0 &&
                       pthread_mutex_destroy(&m) == 0,
               "normal: ETIMEDOUT, destroying it held: EBUSY");
}

static void conditions(void)
{
        struct timespec soon;
        pthread_condattr_t attr;
        pthread_cond_t c;

        scene("condition variables");
        pthread_mutex_lock(&mutex);
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 5000000;
        if (soon.tv_nsec >= 1000000000) {
                soon.tv_sec++;
                soon.tv_nsec -= 1000000000;
        }
        expect(pthread_cond_timedwait(&cond, &mutex, &soon) == ETIMEDOUT, "real time: ETIMEDOUT");
        pthread_condattr_init(&attr);
        pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        pthread_cond_init(&c, &attr);
        clock_gettime(CLOCK_MONOTONIC, &soon);
        soon.tv_sec -= soon.tv_sec > 0;
        expect(pthread_cond_timedwait(&c, &mutex, &soon) == ETIMEDOUT, "monotonic: ETIMEDOUT");
        pthread_mutex_unlock(&mutex);
        expect(pthread_cond_destroy(&c) == 0, "destroy");
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static long guarded[2];

static void *read_and_write(void *arg)
{
        long torn = 0;

        for (int i = 0; i < 2000; i++) {
                if ((i + (int)(long)arg) % 8 == 0) {
                        pthread_rwlock_wrlock(&rwlock);
                        guarded[0]++;
                        guarded[1]++;
                } else {
                        pthread_rwlock_rdlock(&rwlock);
                        torn += guarded[0] != guarded[1];
                }
                pthread_rwlock_unlock(&rwlock);
        }
        return (void *)torn;
}

static pthread_barrier_t barrier;
static int arrived;

static void *meet(void *arg)
{
        long serial = 0;

        (void)arg;
        for (int round = 1; round <= 20; round++) {
                __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
                serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
                if (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < round * THREADS)
                        serial += 1000;
                pthread_barrier_wait(&barrier);
        }
        return (void *)serial;
}

static sem_t items;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialised;

static void initialise(void)
{
        usleep(1000);
        initialised++;
}

static void *post(void *arg)
{
        (void)arg;
        pthread_once(&once, initialise);
        for (int i = 0; i < 100; i++)
                sem_post(&items);
        return (void *)(long)(initialised != 1);
}

static void others(void)
{
        long sum;
        int value;

        scene("other ways to wait");
        run_all(read_and_write, &sum);
        expect(sum == 0 && guarded[0] == THREADS * 250, "reader-writer lock");
        pthread_barrier_init(&barrier, NULL, THREADS);
        run_all(meet, &sum);
        expect(sum == 20 && pthread_barrier_destroy(&barrier) == 0, "barrier, 20 rounds");
        sem_init(&items, 0, 0);
        run_all(post, &sum);
        for (int i = 0; i < THREADS * 100; i++)
                sem_wait(&items);
        sem_getvalue(&items, &value);
        expect(sum == 0 && value == 0 && sem_trywait(&items) == -1 && errno == EAGAIN,
               "semaphore, once");
}

static pthread_key_t key;
static int destroyed, cleaned;

static void destroy_value(void *value)
{
        destroyed += *(int *)value;
        free(value);
}

static void clean(void *arg)
{
        (void)arg;
        cleaned++;
}

static void *leave_early(void *arg)
{
        int *value = malloc(sizeof(*value));

        *value = 3;
        pthread_setspecific(key, value);
        pthread_cleanup_push(clean, NULL);
        pthread_exit(arg);
        pthread_cleanup_pop(0);
        return NULL;
}

static void *wait_for_signal(void *arg)
{
        sigset_t set;
        int sig = 0;

        (void)arg;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigwait(&set, &sig);
        return (void *)(long)sig;
}

static void lives(void)
{
        pthread_t t;
        void *result;
        sigset_t set;

        scene("lives");
        pthread_key_create(&key, destroy_value);
        pthread_create(&t, NULL, leave_early, (void *)9);
        pthread_join(t, &result);
        expect(result == (void *)9 && destroyed == 3 && cleaned == 1,
               "pthread_exit: cleanup handlers, then destructors");
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        pthread_create(&t, NULL, wait_for_signal, NULL);
        expect(pthread_kill(t, SIGUSR1) == 0, "pthread_kill");
        pthread_join(t, &result);
        expect(result == (void *)(long)SIGUSR1, "the thread has it");
        expect(pthread_join(pthread_self(), NULL) == EDEADLK, "joining oneself: EDEADLK");
        expect(pthread_cancel(pthread_self()) == ENOSYS, "pthread_cancel: ENOSYS");
}

static void *nothing(void *arg)
{
        return arg;
}

static void *nothing_last(void *arg)
{
        sem_post(&items);
        return arg;
}

static long mappings(void)
{
        static char text[65536];
        long lines = 0, n = read_file("/proc/self/maps", text, sizeof(text));

        for (long i = 0; i < n; i++)
                lines += text[i] == '\n';
        return lines;
}

static void leaks(void)
{
        pthread_attr_t attr;
        pthread_t t;
        long before;

        scene("a thousand threads");
        pthread_create(&t, NULL, nothing, NULL);
        pthread_join(t, NULL);
        before = mappings();
        for (int i = 0; i < 500; i++) {
                pthread_create(&t, NULL, nothing, NULL);
                pthread_join(t, NULL);
        }
        expect(mappings() == before, "500 joined leave no mapping");
        pthread_attr_init(&attr);
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        for (int i = 0; i < 500; i++) {
                pthread_create(&t, &attr, nothing_last, NULL);
                sem_wait(&items);
        }
        for (int i = 0; i < 1000 && mappings() != before; i++)
                usleep(1000);
        expect(mappings() == before, "500 detached leave none either");
}

static void *fork_here(void *arg)
{
        int status = -1;
        pid_t pid = fork();

        (void)arg;
        if (pid == 0) {
                char *p = malloc(100000);
                pthread_t t;

                snprintf(p, 100, "%d", 42);
                pthread_create(&t, NULL, nothing, NULL);
                pthread_join(t, NULL);
                free(p);
                exit(local == 5 ? 12 : 1);
        }
        waitpid(pid, &status, 0);
        return (void *)(long)(WIFEXITED(status) && WEXITSTATUS(status) == 12);
}

static FILE *stream;
static volatile int stop;

static void *keep_writing(void *arg)
{
        (void)arg;
        while (!stop)
                fprintf(stream, "%d\n", 1);
        return NULL;
}

static void forks(void)
{
        int status, good = 0;
        pthread_t t;
        long sum;

        scene("fork");
        run_all(fork_here, &sum);
        expect(sum == THREADS, "from each of sixteen threads");
        stream = fopen("/dev/null", "w");
        pthread_create(&t, NULL, keep_writing, NULL);
        for (int i = 0; i < 50; i++) {
                if (fork() == 0) {
                        fprintf(stream, "%d\n", 2);
                        _exit(1);
                }
                wait(&status);
                good += WIFEXITED(status) && WEXITSTATUS(status) == 1;
        }
        stop = 1;
        pthread_join(t, NULL);
        fclose(stream);
        expect(good == 50, "while another writes to the stream that the child writes to");
}

int main(void)
{
        sixteen();
        mutexes();
        conditions();
        others();
        lives();
        leaks();
        forks();
        return expect_result();
}
