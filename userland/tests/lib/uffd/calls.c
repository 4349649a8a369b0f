/* SPDX-License-Identifier: MIT */
/* The calls of userfaultfd as commands of scripts: userfaultfd(2) and its ioctls. See cases.h. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "userland/tests/lib/arena.h"
#include "userland/tests/lib/transcript.h"
#include "userland/tests/lib/uffd/uffd.h"
#include "userland/tests/lib/uffd/words.h"

/* What a result field holds before the call. */
#define UNTOUCHED (-777777L)

static int fds[26];

int *uffd_named(const char *name)
{
        static int made;

        while (made < 26)
                fds[made++] = -1;
        return &fds[(*name - 'a') % 26u];
}

void uffd_close_all(void)
{
        for (char name = 'a'; name <= 'z'; name++) {
                int *fd = uffd_named(&name);

                if (*fd >= 0)
                        raw_call(NR_close, *fd);
                *fd = -1;
        }
}

/* ---------------------------------------------------------------- words */

struct word_bit {
        const char *word;
        unsigned long bit;
};

/* The bits that the words from `first` on stand for; those that are numbers count as they are. */
static unsigned long bits_of(const struct command *c, int first, const struct word_bit *rows)
{
        unsigned long bits = 0;

        for (int i = first; i < c->words; i++) {
                if (c->word[i][0] >= '0' && c->word[i][0] <= '9')
                        bits |= strtoul(c->word[i], NULL, 0);
                for (const struct word_bit *row = rows; row->word; row++)
                        if (strcmp(c->word[i], row->word) == 0)
                                bits |= row->bit;
        }
        return bits;
}

static const struct word_bit open_words[] = {
        { "user", UFFD_USER_MODE_ONLY },
        { NULL, 0 },
};

static const struct word_bit features[] = {
        { "wp", UFFD_PAGEFAULT_WP },
        { "fork", UFFD_EVENT_FORK_ON },
        { "remap", UFFD_EVENT_REMAP_ON },
        { "remove", UFFD_EVENT_REMOVE_ON },
        { "unmap", UFFD_EVENT_UNMAP_ON },
        { "sigbus", UFFD_SIGBUS },
        { "thread", UFFD_THREAD_ID },
        { "exact", UFFD_EXACT_ADDRESS },
        { "unpopulated", UFFD_WP_UNPOPULATED },
        { "poison", UFFD_POISON },
        { "async", UFFD_WP_ASYNC },
        { "moves", UFFD_MOVE },
        { NULL, 0 },
};

static const struct word_bit fill_modes[] = {
        { "dontwake", UFFD_DONTWAKE },
        { "wp", UFFD_COPY_WP },
        { "holes", UFFD_MOVE_HOLES },
        { NULL, 0 },
};

static const struct word_bit protect_modes[] = {
        { "dontwake", UFFD_PROTECT_DONTWAKE },
        { NULL, 0 },
};

static unsigned long register_mode(const char *word)
{
        unsigned long mode = 0;

        if (*word >= '0' && *word <= '9')
                return strtoul(word, NULL, 0);
        mode |= strchr(word, 'm') ? UFFD_MISSING : 0;
        mode |= strchr(word, 'w') ? UFFD_WP : 0;
        mode |= strchr(word, 'i') ? UFFD_MINOR : 0;
        return mode;
}

/* ---------------------------------------------------------------- opening */

static void do_open(const struct command *c)
{
        unsigned long flags = bits_of(c, 2, open_words);
        long fd;

        flags |= has_word(c, "blocks") ? 0 : O_NONBLOCK;
        flags |= has_word(c, "exec") ? 0 : O_CLOEXEC;
        fd = raw_call(USERFAULTFD, flags);
        *uffd_named(c->word[1]) = fd;
        put_result(fd < 0 ? fd : 0);
        alarm(20); /* nothing here may wait for ever */
}

static void do_api(const struct command *c)
{
        struct uffd_api api = { UFFD_API, bits_of(c, 2, features), UNTOUCHED };
        long result;

        for (int i = 2; i < c->words; i++)
                if (strncmp(c->word[i], "version=", 8) == 0)
                        api.api = strtoul(c->word[i] + 8, NULL, 0);
        result = raw_call(NR_ioctl, *uffd_named(c->word[1]), UFFDIO_API, &api);
        put_result(result);
        if (has_word(c, "show") || result < 0)
                put(" (%lx %lx %lx)", (long)api.api, (long)api.features, (long)api.ioctls);
}

static void do_close(const struct command *c)
{
        int *fd = uffd_named(c->word[1]);

        put_result(raw_call(NR_close, *fd));
        *fd = -1;
}

/* ---------------------------------------------------------------- ranges */

static struct uffd_range range_of(const struct command *c, int word)
{
        return (struct uffd_range){ place_of(c->word[word]), length_of(c->word[word + 1]) };
}

static void do_register(const struct command *c)
{
        struct uffd_register r = { range_of(c, 2), register_mode(c->word[4]), UNTOUCHED };
        long result = raw_call(NR_ioctl, *uffd_named(c->word[1]), UFFDIO_REGISTER, &r);

        if (result < 0)
                put_result(result);
        else
                put(" -> %lx", (unsigned long)r.ioctls);
}

static void do_range(const struct command *c)
{
        struct uffd_range range = range_of(c, 2);
        unsigned request = c->word[0][1] == 'w' ? UFFDIO_WAKE : UFFDIO_UNREGISTER;

        put_result(raw_call(NR_ioctl, *uffd_named(c->word[1]), request, &range));
}

static void do_protect(const struct command *c)
{
        struct uffd_protect p = { range_of(c, 2), bits_of(c, 4, protect_modes) };

        p.mode |= has_word(c, "off") ? 0 : UFFD_PROTECT;
        put_result(raw_call(NR_ioctl, *uffd_named(c->word[1]), UFFDIO_WRITEPROTECT, &p));
}

/* ---------------------------------------------------------------- filling */

static void put_filled(long result, long done)
{
        put_result(result);
        if (done == UNTOUCHED)
                put(" (as it was)");
        else if (done < 0 && done > -4096)
                put(" (%s)", errno_name(done));
        else if (done % (long)PAGE == 0)
                put(" (%ld)", done / (long)PAGE);
        else
                put(" (%ld bytes)", done);
}

/* Pages with letters, outside the arena, that a copy is made from. */
static unsigned long letters(const char *word, unsigned long pages)
{
        static unsigned char source[32 * PAGE] __attribute__((aligned(4096)));

        for (unsigned long i = 0; i < pages && i < sizeof(source) / PAGE; i++)
                stamp_at((unsigned long)source + i * PAGE, 1, (char)('A' + (*word - 'A' + i) % 26));
        return (unsigned long)source;
}

static void do_copy(const struct command *c)
{
        struct uffd_copy copy = { place_of(c->word[2]), 0, length_of(c->word[3]), 0, UNTOUCHED };
        long result;

        copy.mode = bits_of(c, 5, fill_modes);
        copy.src = c->word[4][0] == '@' ? place_of(c->word[4] + 1)
                                        : letters(c->word[4], (copy.len + PAGE - 1) / PAGE);
        result = raw_call(NR_ioctl, *uffd_named(c->word[1]), UFFDIO_COPY, &copy);
        put_filled(result, copy.done);
}

static void do_move(const struct command *c)
{
        struct uffd_copy move = { place_of(c->word[2]), place_of(c->word[3]), length_of(c->word[4]),
                                  bits_of(c, 5, fill_modes), UNTOUCHED };
        long result = raw_call(NR_ioctl, *uffd_named(c->word[1]), UFFDIO_MOVE, &move);

        put_filled(result, move.done);
}

static void do_fill(const struct command *c)
{
        struct uffd_fill fill = { range_of(c, 2), bits_of(c, 4, fill_modes), UNTOUCHED };
        unsigned request = UFFDIO_ZEROPAGE;
        long result;

        if (c->word[0][1] == 'c')
                request = UFFDIO_CONTINUE;
        else if (c->word[0][1] == 'p')
                request = UFFDIO_POISON;
        result = raw_call(NR_ioctl, *uffd_named(c->word[1]), request, &fill);
        put_filled(result, fill.done);
}

static void do_raw(const struct command *c)
{
        static const struct word_bit names[] = {
                { "api", UFFDIO_API },
                { "register", UFFDIO_REGISTER },
                { "copy", UFFDIO_COPY },
                { "unregister", UFFDIO_UNREGISTER },
                { "zeropage", UFFDIO_ZEROPAGE },
                { "writeprotect", UFFDIO_WRITEPROTECT },
                { "wake", UFFDIO_WAKE },
                { "continue", UFFDIO_CONTINUE },
                { "move", UFFDIO_MOVE },
                { "poison", UFFDIO_POISON },
                { NULL, 0 },
        };
        struct command name = { { c->word[2] }, 1 };

        put_result(raw_call(NR_ioctl, *uffd_named(c->word[1]), bits_of(&name, 0, names),
                            place_of(c->word[3])));
}

const struct command_row uffd_call_rows[] = {
        { "uopen", do_open },    { "uapi", do_api },     { "uclose", do_close },
        { "ureg", do_register }, { "uunreg", do_range }, { "uwake", do_range },
        { "uwp", do_protect },   { "ucopy", do_copy },   { "umove", do_move },
        { "uzero", do_fill },    { "ucont", do_fill },   { "upoison", do_fill },
        { "uraw", do_raw },      { NULL, NULL },
};
