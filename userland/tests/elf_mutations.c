/* SPDX-License-Identifier: MIT */
/*
 * 1,000 damaged ELF files, each executed in a child; one line a file says what became of it.
 *
 * The sound file has two PT_LOADs (code; data and bss), a PT_GNU_STACK and code that checks its
 * bss and exits with 42. Each mutation writes an interesting value into one to three header
 * fields, or cuts the file short. Values that depend on the size of the machine's memory are left
 * out, so that the transcript is the same on every kernel that treats the fields alike.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUTATIONS 1000
#define CODE_AT   0x10000000ul
#define DATA_AT   0x10002000ul
#define FILE_SIZE 0x3000u
#define PATH      "/tmp/elf_mutation"

/* mov rax,[bss]; test; jnz bad; mov edi,42; mov eax,60; syscall; bad: mov edi,43; ... */
static const unsigned char code[] = {
        0x48, 0x8b, 0x04, 0x25, 0x00, 0x28, 0x00, 0x10, /* mov rax, [0x10002800] */
        0x48, 0x85, 0xc0,                               /* test rax, rax */
        0x75, 0x0c,                                     /* jnz bad */
        0xbf, 0x2a, 0x00, 0x00, 0x00,                   /* mov edi, 42 */
        0xb8, 0x3c, 0x00, 0x00, 0x00,                   /* mov eax, 60 */
        0x0f, 0x05,                                     /* syscall */
        0xbf, 0x2b, 0x00, 0x00, 0x00,                   /* bad: mov edi, 43 */
        0xb8, 0x3c, 0x00, 0x00, 0x00,                   /* mov eax, 60 */
        0x0f, 0x05,                                     /* syscall */
};

static unsigned char image[FILE_SIZE];

static void image_build(void)
{
        Elf64_Ehdr *eh = (Elf64_Ehdr *)image;
        Elf64_Phdr *ph = (Elf64_Phdr *)(image + sizeof(*eh));

        memset(image, 0, sizeof(image));
        memcpy(eh->e_ident, ELFMAG, SELFMAG);
        eh->e_ident[EI_CLASS] = ELFCLASS64;
        eh->e_ident[EI_DATA] = ELFDATA2LSB;
        eh->e_ident[EI_VERSION] = EV_CURRENT;
        eh->e_type = ET_EXEC;
        eh->e_machine = EM_X86_64;
        eh->e_version = EV_CURRENT;
        eh->e_entry = CODE_AT + 0x1000;
        eh->e_phoff = sizeof(*eh);
        eh->e_ehsize = sizeof(*eh);
        eh->e_phentsize = sizeof(*ph);
        eh->e_phnum = 3;

        ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
                              .p_flags = PF_R | PF_X,
                              .p_offset = 0,
                              .p_vaddr = CODE_AT,
                              .p_paddr = CODE_AT,
                              .p_filesz = 0x2000,
                              .p_memsz = 0x2000,
                              .p_align = 0x1000 };
        ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
                              .p_flags = PF_R | PF_W,
                              .p_offset = 0x2000,
                              .p_vaddr = DATA_AT,
                              .p_paddr = DATA_AT,
                              .p_filesz = 0x800,
                              .p_memsz = 0x3000,
                              .p_align = 0x1000 };
        ph[2] = (Elf64_Phdr){ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W, .p_align = 16 };
        memcpy(image + 0x1000, code, sizeof(code));
        memset(image + 0x2000, 0x5a, 0x1000); /* what bss must not show */
}

struct field {
        const char *name;
        unsigned offset, size;
};

#define EHDR(f)                                                           \
        {                                                                 \
#f, offsetof(Elf64_Ehdr, f), sizeof(((Elf64_Ehdr *)0)->f) \
        }
#define PHDR(n, f)                                                                                \
        {                                                                                         \
#n "." #f, sizeof(Elf64_Ehdr) + n * sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, f), \
                        sizeof(((Elf64_Phdr *)0)->f)                                              \
        }
#define PHDRS(n)                                                                                   \
        PHDR(n, p_type), PHDR(n, p_flags), PHDR(n, p_offset), PHDR(n, p_vaddr), PHDR(n, p_filesz), \
                PHDR(n, p_memsz), PHDR(n, p_align)

static const struct field fields[] = {
        { "ident0", 0, 1 }, { "ident4", 4, 1 }, { "ident5", 5, 1 }, { "ident6", 6, 1 },
        { "ident7", 7, 1 }, EHDR(e_type),       EHDR(e_machine),    EHDR(e_version),
        EHDR(e_entry),      EHDR(e_phoff),      EHDR(e_flags),      EHDR(e_ehsize),
        EHDR(e_phentsize),  EHDR(e_phnum),      EHDR(e_shoff),      PHDRS(0),
        PHDRS(1),           PHDRS(2),
};

static const uint64_t values[] = {
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        55,
        56,
        57,
        0x3e,
        0x40,
        0x78,
        0xff,
        0xfff,
        0x1000,
        0x1001,
        0x1800,
        0x2000,
        0x2fff,
        0x3000,
        0xffff,
        0x6474e551,
        0x7fffffff,
        0x80000000,
        0xf0000000,
        0x7fffffffe000,
        0x7ffffffff000,
        0x800000000000,
        0x7fffffffffffffff,
        0x8000000000000000,
        0xffff800000000000,
        0xffffffff80000000,
        0xfffffffffffff000,
        0xffffffffffffffff,
        CODE_AT,
        CODE_AT + 0x1000,
        CODE_AT + 0x1800,
        DATA_AT,
        DATA_AT + 0x800,
};

static uint64_t state = 0x9e3779b97f4a7c15;

static unsigned draw(unsigned bound)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (unsigned)((state >> 11) % bound);
}

static void mutate(char *what, size_t size)
{
        unsigned n = 1 + draw(8) / 6, used = 0;

        for (unsigned i = 0; i < n; i++) {
                const struct field *f = &fields[draw(sizeof(fields) / sizeof(fields[0]))];
                uint64_t v = values[draw(sizeof(values) / sizeof(values[0]))];

                memcpy(image + f->offset, &v, f->size);
                if (f->size < 8)
                        v &= (1ull << (8 * f->size)) - 1;
                used += (unsigned)snprintf(what + used, size - used, " %s=%llx", f->name,
                                           (unsigned long long)v);
        }
}

/* The file on disk, whole or cut short. */
static void image_write(unsigned length)
{
        int fd = open(PATH, O_WRONLY | O_CREAT | O_TRUNC, 0755);

        if (fd < 0 || write(fd, image, length) != (ssize_t)length || close(fd)) {
                perror(PATH);
                exit(1);
        }
}

/* Execute the file; `result` says how it ended. */
static void run(char *result, size_t size)
{
        char *argv[] = { "mutant", NULL }, *envp[] = { NULL };
        int fds[2], status, error = 0;
        pid_t pid;

        if (pipe(fds) || fcntl(fds[1], F_SETFD, FD_CLOEXEC)) {
                perror("pipe");
                exit(1);
        }
        pid = fork();
        if (pid < 0) {
                perror("fork");
                exit(1);
        }
        if (pid == 0) {
                alarm(5);
                execve(PATH, argv, envp);
                error = errno;
                if (write(fds[1], &error, sizeof(error)) != sizeof(error))
                        _exit(98);
                _exit(99);
        }
        close(fds[1]);
        if (read(fds[0], &error, sizeof(error)) != sizeof(error))
                error = 0;
        close(fds[0]);
        waitpid(pid, &status, 0);
        if (error)
                snprintf(result, size, "errno %d", error);
        else if (WIFSIGNALED(status))
                snprintf(result, size, "signal %d", WTERMSIG(status));
        else
                snprintf(result, size, "exit %d", WEXITSTATUS(status));
}

int main(void)
{
        char what[160], result[32];

        image_build();
        image_write(FILE_SIZE);
        run(result, sizeof(result));
        printf("sound: %s\n", result);
        for (int i = 1; i <= MUTATIONS; i++) {
                unsigned length = FILE_SIZE;

                image_build();
                what[0] = 0;
                if (draw(20) == 0) {
                        length = draw(2) ? draw(300) : draw(FILE_SIZE);
                        snprintf(what, sizeof(what), " cut=%u", length);
                } else {
                        mutate(what, sizeof(what));
                }
                image_write(length);
                run(result, sizeof(result));
                printf("%d:%s -> %s\n", i, what, result);
        }
        unlink(PATH);
        return 0;
}
