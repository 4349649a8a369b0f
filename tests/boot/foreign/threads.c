/* SPDX-License-Identifier: MIT */
/* Sixteen threads with mutexes and condition variables, thread-local storage, and their ends. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 16
#define ITEMS   4000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int queue[8], queued, head;
static long made, taken, sum;
static __thread long mine;

static void *produce(void *arg)
{
        (void)arg;
        for (;;) {
                pthread_mutex_lock(&lock);
                while (queued == 8)
                        pthread_cond_wait(&not_full, &lock);
                if (made == ITEMS) {
                        pthread_cond_signal(&not_full);
                        pthread_mutex_unlock(&lock);
                        return (void *)mine;
                }
                queue[(head + queued++) % 8] = (int)++made;
                mine++;
                pthread_cond_signal(&not_empty);
                pthread_mutex_unlock(&lock);
        }
}

static void *consume(void *arg)
{
        (void)arg;
        for (;;) {
                pthread_mutex_lock(&lock);
                while (queued == 0 && taken < ITEMS)
                        pthread_cond_wait(&not_empty, &lock);
                if (taken == ITEMS) {
                        pthread_cond_broadcast(&not_empty);
                        pthread_mutex_unlock(&lock);
                        return (void *)mine;
                }
                sum += queue[head];
                head = (head + 1) % 8;
                queued--;
                taken++;
                mine++;
                pthread_cond_signal(&not_full);
                if (taken == ITEMS) {
                        pthread_cond_broadcast(&not_empty);
                        pthread_cond_broadcast(&not_full);
                }
                pthread_mutex_unlock(&lock);
        }
}

static void a_queue(void)
{
        pthread_t t[THREADS];
        long in = 0, out = 0;

        for (int i = 0; i < THREADS; i++)
                if (pthread_create(&t[i], NULL, i % 2 ? consume : produce, NULL) != 0)
                        printf("no thread %d\n", i);
        for (int i = 0; i < THREADS; i++) {
                void *result;

                pthread_join(t[i], &result);
                *(i % 2 ? &out : &in) += (long)result;
        }
        printf("a queue: %ld in, %ld out, sum %ld, mine %ld\n", in, out, sum, mine);
}

static void *count_up(void *counter)
{
        for (int i = 0; i < 5000; i++) {
                pthread_mutex_lock(&lock);
                ++*(long *)counter;
                pthread_mutex_unlock(&lock);
        }
        return NULL;
}

static void a_counter(void)
{
        pthread_t t[THREADS];
        long counter = 0;

        for (int i = 0; i < THREADS; i++)
                pthread_create(&t[i], NULL, count_up, &counter);
        for (int i = 0; i < THREADS; i++)
                pthread_join(t[i], NULL);
        printf("a counter: %ld\n", counter);
}

static void *spell(void *arg)
{
        char want[32], *p;
        long wrong = 0;

        snprintf(want, sizeof(want), "thread %ld %.3f", (long)arg, (double)(long)arg / 7);
        for (int i = 0; i < 500; i++) {
                p = malloc((size_t)(i * 13 % 4000 + 32));
                snprintf(p, 32, "thread %ld %.3f", (long)arg, (double)(long)arg / 7);
                wrong += strcmp(p, want) != 0;
                errno = (int)(long)arg + 1;
                sched_yield();
                wrong += errno != (int)(long)arg + 1;
                free(p);
        }
        return (void *)wrong;
}

static void the_library(void)
{
        pthread_t t[THREADS];
        long wrong = 0;

        for (long i = 0; i < THREADS; i++)
                pthread_create(&t[i], NULL, spell, (void *)i);
        for (int i = 0; i < THREADS; i++) {
                void *result;

                pthread_join(t[i], &result);
                wrong += (long)result;
        }
        printf("printf, malloc and errno: %ld wrong\n", wrong);
}

static sem_t done;
static pthread_key_t key;
static volatile int destroyed;

static void destroy(void *value)
{
        destroyed += (int)(intptr_t)value;
}

static void *leave(void *arg)
{
        pthread_setspecific(key, (void *)(intptr_t)2);
        pthread_exit(arg);
}

static void *detached(void *arg)
{
        sem_post(&done);
        return arg;
}

static void ends(void)
{
        pthread_t t;
        void *result;

        pthread_key_create(&key, destroy);
        pthread_create(&t, NULL, leave, (void *)8);
        pthread_join(t, &result);
        printf("pthread_exit: %ld, destructor %d\n", (long)result, destroyed);
        sem_init(&done, 0, 0);
        for (int i = 0; i < 100; i++) {
                if (pthread_create(&t, NULL, detached, NULL) != 0)
                        printf("no detached thread %d\n", i);
                pthread_detach(t);
                sem_wait(&done);
        }
        printf("100 detached threads\n");
}

static void *get_signal(void *arg)
{
        int sig = 0;

        sigwait(arg, &sig);
        return (void *)(long)sig;
}

static void signals(void)
{
        struct timespec deadline;
        pthread_t t;
        void *result;
        sigset_t set;
        int r;

        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        pthread_create(&t, NULL, get_signal, &set);
        pthread_kill(t, SIGUSR1);
        pthread_join(t, &result);
        printf("pthread_kill: signal %ld\n", (long)result);
        clock_gettime(CLOCK_REALTIME, &deadline);
        deadline.tv_nsec += 10000000;
        if (deadline.tv_nsec >= 1000000000) {
                deadline.tv_sec++;
                deadline.tv_nsec -= 1000000000;
        }
        pthread_mutex_lock(&lock);
        do {
                r = pthread_cond_timedwait(&not_full, &lock, &deadline);
        } while (r == 0);
        pthread_mutex_unlock(&lock);
        printf("timed wait: error %d\n", r);
}

static void *stay(void *arg)
{
        (void)arg;
        for (;;)
                pause();
}

static void exits(void)
{
        pthread_t t;
        int status;

        fflush(stdout);
        if (fork() == 0) {
                for (int i = 0; i < 4; i++)
                        pthread_create(&t, NULL, stay, NULL);
                exit(3);
        }
        wait(&status);
        printf("exit with threads running: %d\n", WEXITSTATUS(status));
}

int main(void)
{
        a_queue();
        a_counter();
        the_library();
        ends();
        signals();
        exits();
        return 0;
}
