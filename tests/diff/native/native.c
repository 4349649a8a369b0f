/* SPDX-License-Identifier: MIT */
/*
 * The program that makes the calls on Linux, in an address space that has nothing else in it
 * (own.h). It is entered at its first byte, in a process of the C library's that gives up all its
 * memory here. That process then makes another for each sequence of calls, so that nothing of one
 * sequence is there in the next.
 */
#include "kernel/base/abi/procfs.h"
#include "kernel/base/abi/userfaultfd.h"
#include "tests/diff/native/native.h"

#define MADV_POPULATE_WRITE 23

#define SIGBUS  7
#define SIGSEGV 11

#define O_RDWR 2

#define PR_SET_PDEATHSIG 1
#define PR_SET_MM        35
#define PR_SET_MM_MAP    14
#define SIGKILL          9

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

void native_main(void);

_Noreturn static void leave_process(int status)
{
        for (;;)
                sys1(SYS_EXIT, (uint64_t)status);
}

void trouble(enum own_trouble what, int64_t detail)
{
        own()->trouble = what;
        own()->detail = detail;
        leave_process(1);
}

/* The compiler may call these. */
void *memset(void *to, int byte, size_t len);
void *memcpy(void *to, const void *from, size_t len);

void *memset(void *to, int byte, size_t len)
{
        void *at = to;

        __asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(byte) : "memory");
        return to;
}

void *memcpy(void *to, const void *from, size_t len)
{
        void *at = to;

        __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(len) : : "memory");
        return to;
}

/* ------------------------------------------------------------------ signals */

/* As much as is needed of what the kernel hands to a handler. */
struct signal_info {
        int signo, error, code, pad;
        uint64_t addr;
};

struct signal_context {
        uint64_t flags, link, stack[3];
        uint64_t r8_to_r15[8], rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
};

struct signal_action {
        void (*handler)(int, struct signal_info *, struct signal_context *);
        uint64_t flags;
        void (*restorer)(void);
        uint64_t mask;
};

#define SA_SIGINFO  0x4
#define SA_RESTORER 0x04000000
#define SA_ONSTACK  0x08000000

static struct snapshot *current;

/* The access has happened as far as it could: it returns to its caller. */
static void on_fault(int signo, struct signal_info *info, struct signal_context *context)
{
        if (context->rip != (uint64_t)load_byte && context->rip != (uint64_t)store_byte)
                trouble(TROUBLE_CRASH, (int64_t)context->rip);
        current->signo = signo;
        current->code = info->code;
        current->addr = info->addr;
        context->rax = 0;
        context->rip = *(uint64_t *)context->rsp;
        context->rsp += 8;
}

static void catch_faults(void)
{
        static const uint64_t stack[3] = { OWN_SIGNAL_STACK - OWN_SIGNAL_SIZE, 0, OWN_SIGNAL_SIZE };
        static const struct signal_action action = { .handler = on_fault,
                                                     .flags = SA_SIGINFO | SA_RESTORER | SA_ONSTACK,
                                                     .restorer = signal_return };

        sys2(SYS_SIGALTSTACK, (uint64_t)stack, 0);
        sys4(SYS_SIGACTION, SIGSEGV, (uint64_t)&action, 0, 8);
        sys4(SYS_SIGACTION, SIGBUS, (uint64_t)&action, 0, 8);
}

/* ------------------------------------------------------------------ processes */

static void own_populate(void)
{
        long err = sys3(SYS_MADVISE, OWN_BASE, OWN_SIZE, MADV_POPULATE_WRITE);

        if (err)
                trouble(TROUBLE_SETUP, err);
}

/* A parent ends as its child did: whoever waits for it wants to know how the sequence ended. */
static void wait_for(long pid)
{
        int status = 0;

        sys4(SYS_WAIT, (uint64_t)pid, (uint64_t)&status, 0, 0);
        leave_process(status != 0);
}

static void wait_forsaken(long pid)
{
        sys2(SYS_MUNMAP, 0, OWN_BASE);
        sys2(SYS_MUNMAP, OWN_END, WORLD_END - OWN_END);
        own()->went = 1;
        sys6(SYS_FUTEX, (uint64_t)&own()->went, FUTEX_WAKE, 1, 0, 0, 0);
        wait_for(pid);
}

/* There as long as its parent. */
static void wait_beside(long pid)
{
        (void)pid;
        sys2(SYS_PRCTL, PR_SET_PDEATHSIG, SIGKILL);
        while (sys1(SYS_GETPPID, 0) != 1)
                sys1(SYS_PAUSE, 0);
        leave_process(0);
}

static long do_fork(enum fork_kind kind)
{
        uint64_t stack;
        long err;

        if (own()->waiting >= OWN_WAITERS)
                trouble(TROUBLE_SETUP, -11);
        stack = OWN_WAITER(own()->waiting++);
        own()->went = 0;
        if (kind == FORK_SIBLING)
                return fork_leaving_child(stack, wait_beside);
        err = fork_leaving_parent(stack, kind == FORK_CHILD ? wait_for : wait_forsaken);
        if (err)
                return err;
        sys1(SYS_ALARM, own()->seconds);
        while (kind == FORK_INHERITOR && !*(volatile uint32_t *)&own()->went)
                sys4(SYS_FUTEX, (uint64_t)&own()->went, FUTEX_WAIT, 0, 0);
        own_populate();
        look_open();
        return 0;
}

/* ------------------------------------------------------------------ calls */

static long do_mmap(const uint64_t *a)
{
        return sys6(SYS_MMAP, a[0], a[1], a[2], a[3], a[4] < FILES ? FD_FILES + a[4] : ~0UL, a[5]);
}

static long do_mincore(const uint64_t *a, struct snapshot *s)
{
        uint8_t vec[MINCORE_PAGES] = { 0 };
        long result = sys3(SYS_MINCORE, a[0], a[1], (uint64_t)vec);

        for (unsigned i = 0; i < MINCORE_PAGES; i++)
                s->vector = fold(s->vector, vec[i]);
        return result;
}

static long do_file(const struct op *op)
{
        uint64_t fd = FD_FILES + op->a[0] % MEMFDS;
        uint8_t byte = (uint8_t)op->a[2];

        switch (op->kind) {
        case OP_TRUNCATE: return sys2(SYS_FTRUNCATE, fd, op->a[1]);
        case OP_PUNCH: return sys4(SYS_FALLOCATE, fd, 3, op->a[1], op->a[2]);
        default: return sys4(SYS_PWRITE, fd, (uint64_t)&byte, 1, op->a[1]);
        }
}

static long do_scan(const uint64_t *a, struct snapshot *s)
{
        static struct page_region regions[SCAN_RANGES];
        struct pm_scan_arg scan = {
                .size = sizeof(scan),
                .flags = a[2],
                .start = a[0],
                .end = a[0] + a[1],
                .vec = (uint64_t)regions,
                .vec_len = SCAN_RANGES,
                .max_pages = a[3],
                .category_inverted = a[4] & 0xffff,
                .category_mask = a[4] >> 16 & 0xffff,
                .category_anyof_mask = a[4] >> 32 & 0xffff,
                .return_mask = PM_SCAN_CATEGORIES,
        };
        long result = sys3(SYS_IOCTL, FD_PAGEMAP, PAGEMAP_SCAN, (uint64_t)&scan);

        for (long i = 0; i < result; i++)
                s->vector = fold_region(s->vector, regions[i].start, regions[i].end,
                                        regions[i].categories);
        if (result >= 0)
                s->vector = fold(s->vector, scan.walk_end);
        return result;
}

/* ------------------------------------------------------------------ userfaultfd */

static long uffd_open(uint64_t features, uint64_t slot)
{
        struct uffdio_api api = { .api = UFFD_API, .features = features | UFFD_FEATURE_SIGBUS };
        long fd = sys1(SYS_USERFAULTFD, 02004000 /* O_CLOEXEC, O_NONBLOCK */);

        if (fd < 0)
                return fd;
        if ((uint64_t)fd != FD_UFFD + slot) {
                sys3(SYS_DUP3, (uint64_t)fd, FD_UFFD + slot, 0);
                sys1(SYS_CLOSE, (uint64_t)fd);
        }
        return sys3(SYS_IOCTL, FD_UFFD + slot, UFFDIO_API, (uint64_t)&api);
}

/* Bytes done, or what the ioctl said. */
static long uffd_fill(uint64_t fd, uint64_t what, void *arg, const int64_t *done)
{
        long err = sys3(SYS_IOCTL, fd, what, (uint64_t)arg);

        return *done ? *done : err;
}

static long uffd_copy(uint64_t fd, uint64_t what, const uint64_t *a)
{
        struct uffdio_copy copy = { .dst = a[0], .len = a[1], .src = a[2], .mode = a[3] };

        return uffd_fill(fd, what, &copy, &copy.copy);
}

static long uffd_zeropage(uint64_t fd, uint64_t what, const uint64_t *a)
{
        struct uffdio_zeropage zero = { .range = { a[0], a[1] }, .mode = a[2] };

        return uffd_fill(fd, what, &zero, &zero.done);
}

static long do_uffd(const struct op *op)
{
        const uint64_t *a = op->a;
        uint64_t slot = op_uffd(op), fd = FD_UFFD + slot;
        /* What all of the other ioctls begin with. */
        uint64_t arg[4] = { a[0], a[1], a[2], 0 };

        switch (op->kind) {
        case OP_UFFD_OPEN: return uffd_open(a[0], slot);
        case OP_UFFD_CLOSE: return sys1(SYS_CLOSE, fd);
        case OP_UFFD_COPY: return uffd_copy(fd, UFFDIO_COPY, a);
        case OP_UFFD_MOVE: return uffd_copy(fd, UFFDIO_MOVE, a);
        case OP_UFFD_ZEROPAGE: return uffd_zeropage(fd, UFFDIO_ZEROPAGE, a);
        case OP_UFFD_CONTINUE: return uffd_zeropage(fd, UFFDIO_CONTINUE, a);
        case OP_UFFD_POISON: return uffd_zeropage(fd, UFFDIO_POISON, a);
        case OP_UFFD_REGISTER: return sys3(SYS_IOCTL, fd, UFFDIO_REGISTER, (uint64_t)arg);
        case OP_UFFD_UNREGISTER: return sys3(SYS_IOCTL, fd, UFFDIO_UNREGISTER, (uint64_t)arg);
        case OP_UFFD_PROTECT: return sys3(SYS_IOCTL, fd, UFFDIO_WRITEPROTECT, (uint64_t)arg);
        default: return sys3(SYS_IOCTL, fd, UFFDIO_WAKE, (uint64_t)arg);
        }
}

/* ------------------------------------------------------------------ any call */

static long do_rlimit(const uint64_t *a)
{
        static const uint8_t resources[LIMITS] = { 9, 2, 3, 8 };
        uint64_t limit[2];

        sys2(SYS_GETRLIMIT, resources[a[0] % LIMITS], (uint64_t)limit);
        limit[0] = a[1];
        if (a[0] == LIMIT_DATA)
                limit[1] = a[2];
        return sys2(SYS_SETRLIMIT, resources[a[0] % LIMITS], (uint64_t)limit);
}

static long do_call(const struct op *op, struct snapshot *s)
{
        static const uint16_t numbers[OP_KINDS] = {
                [OP_MUNMAP] = SYS_MUNMAP,
                [OP_MPROTECT] = SYS_MPROTECT,
                [OP_MREMAP] = SYS_MREMAP,
                [OP_MADVISE] = SYS_MADVISE,
                [OP_MLOCK] = SYS_MLOCK,
                [OP_MLOCK2] = SYS_MLOCK2,
                [OP_MUNLOCK] = SYS_MUNLOCK,
                [OP_MLOCKALL] = SYS_MLOCKALL,
                [OP_MSEAL] = SYS_MSEAL,
                [OP_MUNLOCKALL] = SYS_MUNLOCKALL,
                [OP_MSYNC] = SYS_MSYNC,
                [OP_BRK] = SYS_BRK,
                [OP_REMAP_FILE_PAGES] = SYS_REMAP_FILE_PAGES,
        };
        const uint64_t *a = op->a;

        switch (op->kind) {
        case OP_READ: return load_byte(a[0]);
        case OP_WRITE: store_byte(a[0], (uint8_t)a[1]); return 0;
        case OP_MMAP: return do_mmap(a);
        case OP_MINCORE: return do_mincore(a, s);
        case OP_TRUNCATE:
        case OP_PUNCH:
        case OP_FWRITE: return do_file(op);
        case OP_RLIMIT: return do_rlimit(a);
        case OP_FORK: return do_fork((enum fork_kind)a[0]);
        case OP_SCAN: return do_scan(a, s);
        default: break;
        }
        if (op->kind >= OP_UFFD_OPEN)
                return do_uffd(op);
        return sys6(numbers[op->kind], a[0], a[1], a[2], a[3], a[4], 0);
}

/* ------------------------------------------------------------------ a sequence */

static void files_create(void)
{
        static const uint64_t sizes[MEMFDS] = { SMALL_FILE_SIZE, LARGE_FILE_SIZE, 0 };
        char name[2] = "0", path[] = "/proc/self/fd/6";

        for (unsigned i = 0; i < MEMFDS; i++) {
                name[0] = (char)('0' + i);
                if (sys2(SYS_MEMFD_CREATE, (uint64_t)name, 0) != FD_FILES + i)
                        trouble(TROUBLE_SETUP, i);
                sys2(SYS_FTRUNCATE, FD_FILES + i, sizes[i]);
                for (uint64_t page = 0; page < 12 && page < sizes[i] / OP_PAGE; page++) {
                        uint8_t byte = file_byte(i, page);

                        if (byte)
                                sys4(SYS_PWRITE, FD_FILES + i, (uint64_t)&byte, 1, page * OP_PAGE);
                }
        }
        if (sys2(SYS_OPEN, (uint64_t)path, 0) != FD_FILES + FILE_READONLY ||
            sys2(SYS_OPEN, (uint64_t) "/dev/zero", O_RDWR) != FD_FILES + FILE_ZERO)
                trouble(TROUBLE_SETUP, FILE_ZERO);
}

/* CAP_SYS_RESOURCE goes always: root may be without it, too. CAP_IPC_LOCK, CAP_SYS_RAWIO and
 * CAP_SYS_ADMIN may stay. */
static void drop_rights(bool root)
{
        uint32_t header[2] = { 0x20080522, 0 }, data[6];
        const uint32_t gone = 1u << 24 | (root ? 0 : 1u << 14 | 1u << 17 | 1u << 21);

        sys2(SYS_CAPGET, (uint64_t)header, (uint64_t)data);
        data[0] &= ~gone;
        data[1] &= ~gone;
        sys2(SYS_CAPSET, (uint64_t)header, (uint64_t)data);
}

static void run_ops(void)
{
        struct own *o = own();

        for (uint32_t i = 0; i < o->nr_ops; i++) {
                const struct op *op = &o->ops[i];
                struct snapshot *s = (struct snapshot *)(o->records + o->used);

                if (o->used + SNAPSHOT_MAX > OWN_RECORDS)
                        break;
                *s = (struct snapshot){ .size = sizeof(*s) };
                current = s;
                s->result = do_call(op, s);
                if (s->signo)
                        s->result = 0;
                look(s, snapshot_has_flags(op, i, o->nr_ops, s->result));
                o->used += s->size;
                o->done = i + 1;
        }
}

/* In a process of its own. */
static void run_sequence(long pid)
{
        (void)pid;
        sys2(SYS_PRCTL, PR_SET_PDEATHSIG, SIGKILL);
        sys1(SYS_ALARM, own()->seconds);
        own_populate();
        look_open();
        files_create();
        drop_rights(own()->root);
        run_ops();
        leave_process(0);
}

/* ------------------------------------------------------------------ the start */

struct mm_map {
        uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
        uint64_t arg_start, arg_end, env_start, env_end, auxv;
        uint32_t auxv_size, exe_fd;
};

/* Nothing but own memory is left, and the break is where the comparison wants it. */
static void give_up_memory(void)
{
        static const struct mm_map map = { .start_code = OWN_BASE,
                                           .end_code = OWN_BASE + OP_PAGE,
                                           .start_data = OWN_BASE,
                                           .end_data = OWN_BASE,
                                           .start_brk = HEAP_WINDOW,
                                           .brk = HEAP_WINDOW,
                                           .start_stack = OWN_BASE + OP_PAGE,
                                           .arg_start = OWN_BASE,
                                           .arg_end = OWN_BASE,
                                           .env_start = OWN_BASE,
                                           .env_end = OWN_BASE,
                                           .exe_fd = ~0u };
        long err;

        sys1(SYS_SET_TID_ADDRESS, 0);
        sys2(SYS_SET_ROBUST_LIST, 0, 24);
        err = sys2(SYS_MUNMAP, 0, OWN_BASE);
        if (!err)
                err = sys2(SYS_MUNMAP, OWN_END, WORLD_END - OWN_END);
        if (!err)
                err = sys6(SYS_PRCTL, PR_SET_MM, PR_SET_MM_MAP, (uint64_t)&map, sizeof(map), 0, 0);
        if (err)
                trouble(TROUBLE_SETUP, err);
}

/* Commands are bytes in a pipe; to each there is an answer: how the process ended. */
void native_main(void)
{
        uint32_t status = 0;
        char command;

        give_up_memory();
        catch_faults();
        while (sys3(SYS_READ, FD_COMMAND, (uint64_t)&command, 1) == 1) {
                long pid = 0;

                __asm__ volatile("" ::: "memory");
                own()->waiting = 0;
                pid = fork_leaving_child(OWN_RUNNER_STACK, run_sequence);
                status = 0;
                if (pid < 0 || sys4(SYS_WAIT, ~0UL, (uint64_t)&status, 0, 0) < 0)
                        trouble(TROUBLE_SETUP, pid);
                sys3(SYS_WRITE, FD_REPLY, (uint64_t)&status, 4);
        }
        leave_process(0);
}
