/* SPDX-License-Identifier: MIT */
/* Sequences in files: replay.h. */
#define _GNU_SOURCE
#include "tests/diff/replay.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "tests/diff/report.h"

/* The program's text before and behind its calls: program.c, by way of image.S. */
extern const char program_text[], program_text_end[];

/* As comments: a "#" or "*" before each line. */
static void put_why(FILE *out, const char *why, const char *before)
{
        while (*why) {
                size_t len = strcspn(why, "\n");

                fprintf(out, "%s%.*s\n", before, (int)len, why);
                why += len + (why[len] == '\n');
        }
}

void replay_write(FILE *out, const struct sequence *sequence, const char *why)
{
        put_why(out, why, "# ");
        fprintf(out, "root %d\n", sequence->root);
        for (unsigned i = 0; i < sequence->nr; i++) {
                const struct op *op = &sequence->ops[i];

                fputs(op_name(op->kind), out);
                for (unsigned arg = 0; arg < op_args(op->kind); arg++)
                        fprintf(out, op->a[arg] == ~0UL ? " -1" : " %#lx", (long)op->a[arg]);
                fputs("   # ", out);
                report_op(out, op);
                fputs("\n", out);
        }
}

static bool read_op(char *line, struct op *op)
{
        char *word = strtok(line, " \t\n");

        *op = (struct op){ .kind = OP_KINDS };
        for (uint32_t kind = 0; kind < OP_KINDS; kind++)
                if (!strcmp(word, op_name(kind)))
                        op->kind = kind;
        if (op->kind == OP_KINDS)
                return false;
        for (unsigned arg = 0; arg < op_args(op->kind); arg++) {
                word = strtok(NULL, " \t\n");
                if (!word)
                        return false;
                op->a[arg] = strtoull(word, NULL, 0);
        }
        return !strtok(NULL, " \t\n");
}

bool replay_read(const char *path, struct sequence *sequence)
{
        const unsigned max = sizeof(sequence->ops) / sizeof(sequence->ops[0]);
        FILE *file = fopen(path, "r");
        char line[512];
        unsigned root;
        bool good = true;

        if (!file) {
                warn("%s", path);
                return false;
        }
        *sequence = (struct sequence){ .root = true };
        for (unsigned nr = 1; good && fgets(line, sizeof(line), file); nr++) {
                line[strcspn(line, "#")] = 0;
                if (!line[strspn(line, " \t\n")])
                        continue;
                if (sscanf(line, "root %u", &root) == 1) {
                        sequence->root = root;
                        continue;
                }
                good = sequence->nr < max && read_op(line, &sequence->ops[sequence->nr++]);
                if (!good)
                        warnx("%s:%u: not a call", path, nr);
        }
        fclose(file);
        return good;
}

void replay_program(FILE *out, const struct sequence *sequence, const char *why)
{
        static const char mark[] = "/* The calls. */\n";
        size_t len = (size_t)(program_text_end - program_text);
        const char *calls = memmem(program_text, len, mark, sizeof(mark) - 1);
        size_t head = (size_t)(calls - program_text) + sizeof(mark) - 1;

        fputs("/*\n", out);
        put_why(out, why, " * ");
        fputs(" */\n", out);
        fwrite(program_text, 1, head, out);
        for (unsigned i = 0; i < sequence->nr; i++) {
                const struct op *op = &sequence->ops[i];

                fprintf(out, "        { \"%s\", { ", op_name(op->kind));
                for (unsigned arg = 0; arg < 6; arg++)
                        fprintf(out, "%#lx%s", (long)op->a[arg], arg < 5 ? ", " : " } },   /* ");
                report_op(out, op);
                fputs(" */\n", out);
        }
        fwrite(program_text + head, 1, len - head, out);
}
