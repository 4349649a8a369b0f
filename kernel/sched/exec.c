/* SPDX-License-Identifier: MIT */
/*
 * execve: see exec.h for the order. One struct exec holds what the call has taken; exec_release()
 * gives back whatever the new program does not own by then.
 */
#include "kernel/sched/exec.h"
#include "arch/context.h"
#include "arch/usercopy.h"
#include "kernel/base/abi/prctl.h"
#include "kernel/base/assert.h"
#include "kernel/base/errno.h"
#include "kernel/base/string.h"
#include "kernel/fs/file.h"
#include "kernel/sched/exec_impl.h"
#include "kernel/sched/futex.h"
#include "kernel/sched/process.h"
#include "kernel/sched/signal.h"
#include "kernel/sched/vdso.h"
#include "mm/slab.h"

#define STACK_EXTRA (128 * 1024UL) /* mapped below the strings at once, as on Linux */

static u64 aslr_seed;

void exec_set_aslr(u64 seed)
{
        aslr_seed = seed;
}

/* Another number for each program, all following from the first. */
u64 exec_random_seed(void)
{
        if (!aslr_seed)
                return 0;
        aslr_seed = aslr_seed * 6364136223846793005ULL + 1442695040888963407ULL;
        return aslr_seed | 1;
}

static ssize_t read_file(void *file, void *buf, size_t len, u64 offset)
{
        return file_read_kernel(file, buf, len, offset);
}

/* ------------------------------------------------------------------ arguments */

static int strings_collect(struct exec *x, const struct exec_source *src)
{
        long argc = src->kernel ? src->argc : args_count_user(src->argv);
        long envc = src->kernel ? src->envc : args_count_user(src->envp);
        struct mm_caller who = current_mm_caller();
        long skip = x->script.nr ? 1 : 0; /* a script's argv[0] makes way for the interpreter */
        int err;

        if (argc < 0 || envc < 0)
                return argc < 0 ? argc : envc;
        err = args_set_limit(&x->args, max_u64(argc, 1) + envc, &who);
        for (unsigned i = 0; !err && i < x->script.nr; i++)
                err = args_add_kernel(&x->args, x->script.argv[i]);
        /* Without any argument a program would take its environment for one: it gets "". */
        if (!err && !argc && !x->script.nr)
                err = args_add_kernel(&x->args, "");
        for (long i = skip; !err && i < argc; i++)
                err = source_add(&x->args, src, true, i);
        for (long i = 0; !err && i < envc; i++)
                err = source_add(&x->args, src, false, i);
        x->args.argc = x->script.nr + (argc > skip ? argc - skip : 0);
        if (!x->args.argc)
                x->args.argc = 1;
        x->args.envc = envc;
        x->args.name_offset = x->args.bytes;
        return err ? err : args_add_kernel(&x->args, src->name);
}

int source_add(struct exec_args *args, const struct exec_source *src, bool arg, long i)
{
        u64 pointer;

        if (src->kernel)
                return args_add_kernel(args, arg ? src->kernel_argv[i] : src->kernel_envp[i]);
        if (user_copy_in(&pointer, (arg ? src->argv : src->envp) + i * 8, sizeof(pointer)))
                return -EFAULT;
        return args_add_user(args, pointer);
}

/* ------------------------------------------------------------------ before the point of no return
 */

/* The interpreter that PT_INTERP names. */
static int interp_open(struct exec *x)
{
        u8 head[EXEC_HEAD];
        int err;

        if (!x->image.interp)
                return 0;
        err = file_open_exec(x->image.interp, &x->interp_file);
        if (err)
                return err;
        memset(head, 0, sizeof(head));
        err = file_read_kernel(x->interp_file, head, sizeof(head), 0);
        if (err < 0)
                return err;
        err = elf_open(&x->interp, head, read_file, x->interp_file);
        return err == -ENOEXEC ? -ELIBBAD : err;
}

/* The new address space with its stack, on which the strings lie already. */
static int memory_create(struct exec *x)
{
        struct mm_caller who = current_mm_caller();
        u64 personality = current_task()->personality, strings = x->args.bytes + sizeof(u64);
        struct mm_layout layout = {
                .stack_rlimit = who.rlimit_stack,
                .seed = personality & ADDR_NO_RANDOMIZE ? 0 : exec_random_seed(),
                .legacy = (personality & ADDR_COMPAT_LAYOUT) || mm_sysctl.legacy_va_layout,
        };
        u64 size = page_align_up(strings);
        s64 at;

        /* The strings are within RLIMIT_AS. That the rest is not is found when it is too late. */
        who.rlimit_as = MM_NO_LIMIT;
        x->mm = mm_create(&layout);
        if (!x->mm)
                return -ENOMEM;
        if (current_mm())
                mm_set_thp_disable(x->mm, mm_get_thp_disable(current_mm()));
        size = max_u64(size, min_u64(size + STACK_EXTRA, page_align_down(who.rlimit_stack)));
        at = mm_map_stack(x->mm, &who, size, x->image.stack_executable);
        if (at < 0)
                return at;
        x->strings = at + size - strings;
        return args_write(&x->args, x->mm, &who, x->strings);
}

static int exec_prepare(struct exec *x, const struct exec_source *src)
{
        int err = script_resolve(x);

        if (!err)
                err = strings_collect(x, src);
        if (!err)
                err = elf_open(&x->image, x->head, read_file, x->file);
        if (!err)
                err = interp_open(x);
        if (!err)
                err = memory_create(x);
        if (err)
                return err;
        x->sighand = sighand_copy(current_task()->sighand);
        if (!x->sighand)
                return -ENOMEM;
        if (current_task()->files_shared) {
                x->files = files_copy(current_files());
                if (!x->files)
                        return -ENOMEM;
        }
        return 0;
}

static void exec_release(struct exec *x)
{
        elf_close(&x->image);
        elf_close(&x->interp);
        args_release(&x->args);
        script_release(x);
        if (x->mm)
                mm_put(x->mm);
        if (x->sighand)
                sighand_put(x->sighand);
        if (x->files)
                files_put(x->files);
        if (x->interp_file)
                file_put(x->interp_file);
        if (x->file)
                file_put(x->file);
}

/* ------------------------------------------------------------------ after it */

/* Put the new memory, files and actions in the place of the old. */
static void resources_replace(struct exec *x)
{
        struct task *me = current_task();
        struct mm *mm = me->mm;
        struct sighand *sighand = me->sighand;
        struct files *files = NULL;

        futex_exit(me);
        vfork_done(me);
        sighand_reset(x->sighand, false);
        spin_lock(&process_lock);
        me->mm = x->mm;
        me->sighand = x->sighand;
        if (x->files) {
                files = me->files;
                me->files = x->files;
                me->files_shared = false;
        }
        spin_unlock(&process_lock);
        x->mm = NULL;
        x->sighand = NULL;
        x->files = NULL;
        sched_switch_mm(me->mm);
        if (mm)
                mm_put(mm);
        sighand_put(sighand);
        if (files)
                files_put(files);
        files_close_on_exec(me->files);
}

static void identity_replace(struct exec *x, const char *name)
{
        struct task *me = current_task();
        const char *slash = strrchr(name, '/');
        struct file *old;

        task_set_comm(me, slash ? slash + 1 : name);
        cred_exec(x->file, &x->secure);
        spin_lock(&process_lock);
        old = me->process->exe;
        me->process->exe = x->file;
        me->process->did_exec = true;
        me->process->dumpable = x->secure ? 0 : 1;
        spin_unlock(&process_lock);
        file_get(x->file);
        if (old)
                file_put(old);
        me->altstack = (struct stack_abi){ .flags = me->altstack.flags }; /* as on Linux */
        me->rseq = (struct rseq_state){ 0 };
        me->keep_caps = false;
        me->pdeath_signal = x->secure ? 0 : me->pdeath_signal;
        me->fs_base = me->gs_base = 0;
        context_set_user_tls(0, 0);
        fpu_init(me->fpu);
        fpu_load(me->fpu);
}

static int program_load(struct exec *x)
{
        struct elf_loaded prog, interp = { 0 };
        struct mm_image *im = &prog.image;
        int err = elf_load(&x->image, x->file, &prog);
        s64 vdso;
        u64 sp;

        if (!err && x->interp_file)
                err = elf_load(&x->interp, x->interp_file, &interp);
        if (err)
                return err;
        vdso = vdso_map(current_mm());
        if (vdso < 0)
                return (int)vdso;
        x->vdso = (u64)vdso;
        im->start_brk = page_align_up(prog.brk);
        /* A static PIE lies where mmap puts things; its heap gets the room of a PIE instead. */
        if (x->image.header.type == ET_DYN && !x->interp_file)
                im->start_brk = page_align_down(mm_pie_base(current_mm())) + PAGE_SIZE;
        im->arg_start = x->strings;
        im->arg_end = im->env_start = x->strings + args_env_offset(&x->args);
        im->env_end = x->strings + x->args.name_offset;
        err = stack_fill(x, &prog, x->interp_file ? interp.bias : 0, &sp);
        if (err)
                return err;
        im->start_stack = sp;
        mm_set_image(current_mm(), im);
        context_ask_exit(&current_task()->context);
        trapframe_start(task_frame(current_task()), x->interp_file ? interp.entry : prog.entry, sp);
        return 0;
}

static int exec_source_run(struct file *file, const struct exec_source *src)
{
        struct exec *x = kzalloc(sizeof(*x));
        int err = -ENOMEM;

        if (!x) {
                file_put(file);
                return err;
        }
        x->file = file;
        x->name = src->name;
        args_init(&x->args);
        err = exec_prepare(x, src);
        if (!err)
                err = process_kill_other_threads();
        if (!err) {
                resources_replace(x);
                identity_replace(x, src->name);
                /* Nothing to go back to: the process dies of it, as on Linux. */
                if (program_load(x))
                        signal_kill_self(SIGSEGV);
        }
        exec_release(x);
        kfree(x);
        return err;
}

int exec_check(void)
{
        struct task *me = current_task();

        spin_lock(&process_lock);
        if (me->user->nr_tasks <= rlimit_of(me->process, RLIMIT_NPROC))
                me->over_nproc = false;
        spin_unlock(&process_lock);
        return me->over_nproc ? -EAGAIN : 0;
}

int exec_run(struct file *file, const char *name, uaddr argv, uaddr envp)
{
        struct exec_source src = { .name = name, .argv = argv, .envp = envp };

        return exec_source_run(file, &src);
}

int exec_run_kernel(struct file *file, const char *name, char *const argv[], char *const envp[])
{
        struct exec_source src = {
                .name = name, .kernel = true, .kernel_argv = argv, .kernel_envp = envp
        };

        while (argv[src.argc])
                src.argc++;
        while (envp[src.envc])
                src.envc++;
        return exec_source_run(file, &src);
}
