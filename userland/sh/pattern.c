/* SPDX-License-Identifier: MIT */
/*
 * Patterns: * any text, ? any character, [a-z] [!a-z] one of them, \c the character c; and the path
 * names that match one.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "userland/sh/sh.h"

/* Whether the character is in the set behind "["; *end is then behind "]". NULL when there is no
 * "]". */
static const char *match_set(const char *p, char c, int *matches)
{
        int negated = *p == '!' || *p == '^';
        int found = 0;

        p += negated;
        for (int first = 1; *p && (first || *p != ']'); first = 0) {
                unsigned char from, to;

                if (*p == '\\' && p[1])
                        p++;
                from = to = (unsigned char)*p++;
                if (p[0] == '-' && p[1] && p[1] != ']') {
                        p += p[1] == '\\' && p[2] ? 2 : 1;
                        to = (unsigned char)*p++;
                }
                found |= from <= (unsigned char)c && (unsigned char)c <= to;
        }
        *matches = found != negated;
        return *p ? p + 1 : NULL;
}

int pattern_match(const char *pattern, const char *text)
{
        const char *star = NULL, *retry = NULL;

        for (;;) {
                const char *next = pattern + 1;
                int matches = 0;

                if (*pattern == '*') {
                        star = ++pattern;
                        retry = text;
                        continue;
                }
                if (!*text && !*pattern)
                        return 1;
                if (*text && *pattern == '?')
                        matches = 1;
                else if (*text && *pattern == '[' &&
                         (next = match_set(pattern + 1, *text, &matches)))
                        ;
                else if (*text) {
                        int escaped = *pattern == '\\' && pattern[1];

                        matches = pattern[escaped] == *text;
                        next = pattern + escaped + 1;
                }
                if (*text && *pattern && matches) {
                        text++;
                        pattern = next;
                } else if (star && *retry) {
                        text = ++retry;
                        pattern = star;
                } else {
                        return 0;
                }
        }
}

int pattern_is_plain(const char *pattern)
{
        for (; *pattern; pattern++) {
                if (*pattern == '\\' && pattern[1])
                        pattern++;
                else if (strchr("*?[", *pattern))
                        return 0;
        }
        return 1;
}

struct names {
        char **list;
        int count, room;
};

static void add_name(struct names *names, const char *name)
{
        if (names->count == names->room) {
                char **larger;

                names->room = names->room * 2 + 16;
                larger = pool_alloc(shell.scratch, names->room * sizeof(*larger));
                if (names->count)
                        memcpy(larger, names->list, names->count * sizeof(*larger));
                names->list = larger;
        }
        names->list[names->count++] = pool_string(shell.scratch, name, strlen(name));
}

static char *join(const char *directory, const char *name, size_t length)
{
        size_t before = strlen(directory);
        char *path = pool_alloc(shell.scratch, before + length + 2);

        memcpy(path, directory, before);
        memcpy(path + before, name, length);
        return path;
}

static void expand_from(struct names *names, const char *directory, const char *pattern);

/* One part of the path has matched: goes on behind it, or keeps the name. */
static void part_matched(struct names *names, const char *path, const char *rest)
{
        struct stat info;
        size_t slashes = strspn(rest, "/");

        if (lstat(path, &info) != 0)
                return;
        if (!*rest)
                add_name(names, path);
        else if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
                expand_from(names, join(path, rest, slashes), rest + slashes);
}

/* The names below the directory (which ends with / or is empty) that the pattern describes. */
static void expand_from(struct names *names, const char *directory, const char *pattern)
{
        size_t length = strcspn(pattern, "/");
        char *part = pool_string(shell.scratch, pattern, length);
        struct dirent *entry;
        DIR *dir;

        if (!*pattern) {
                add_name(names, directory);
                return;
        }
        if (pattern_is_plain(part)) {
                char *to = part;

                for (const char *from = part; *from; from++) {
                        from += *from == '\\' && from[1];
                        *to++ = *from;
                }
                *to = 0;
                part_matched(names, join(directory, part, strlen(part)), pattern + length);
                return;
        }
        dir = opendir(*directory ? directory : ".");
        if (!dir)
                return;
        while ((entry = readdir(dir))) {
                if (entry->d_name[0] == '.' && part[0] != '.')
                        continue;
                if (pattern_match(part, entry->d_name))
                        part_matched(names, join(directory, entry->d_name, strlen(entry->d_name)),
                                     pattern + length);
        }
        closedir(dir);
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

int pattern_expand(const char *pattern, char ***list)
{
        struct names names = { NULL, 0, 0 };
        size_t slashes = strspn(pattern, "/");

        expand_from(&names, pool_string(shell.scratch, pattern, slashes), pattern + slashes);
        if (names.count)
                qsort(names.list, names.count, sizeof(*names.list), compare_names);
        *list = names.list;
        return names.count;
}
