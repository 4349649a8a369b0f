/* SPDX-License-Identifier: MIT */
/* Telling what was found: tell.h. */
#include "tests/diff/tell.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#include "tests/diff/replay.h"

#define SHRINK_SECONDS 60

const char *tell_date_and_release(void)
{
        static char line[128];
        struct utsname uts;
        time_t t = time(NULL);
        struct tm tm;

        uname(&uts);
        gmtime_r(&t, &tm);
        strftime(line, sizeof(line), "%Y-%m-%d", &tm);
        snprintf(line + strlen(line), sizeof(line) - strlen(line), ", Linux %.64s", uts.release);
        return line;
}

static FILE *create(const char *folder, const char *name, const char *ending)
{
        char path[512];
        FILE *file;

        snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending);
        for (char *c = path + strlen(folder) + 1; *c; c++)
                if (*c == ' ' || *c == '/')
                        *c = '-';
        file = fopen(path, "w");
        if (!file)
                warn("%s", path);
        return file;
}

static void save(const struct sequence *sequence, const struct options *o, const char *name,
                 const char *why)
{
        FILE *file;

        if (mkdir(o->save, 0777) && errno != EEXIST)
                warn("%s", o->save);
        file = create(o->save, name, ".calls");
        if (file) {
                replay_write(file, sequence, why);
                fclose(file);
        }
        file = create(o->save, name, ".c");
        if (file) {
                replay_program(file, sequence, why);
                fclose(file);
        }
        file = create(o->save, name, ".txt");
        if (file) {
                trial_tell(sequence, o, file, true);
                fclose(file);
        }
}

void tell_finding(struct sequence *sequence, const struct options *o, const char *name)
{
        struct trial trial = trial_run(sequence, o);
        unsigned before = sequence->nr;
        char why[256];

        if (trial.finding == FOUND_NOTHING) {
                printf("%s: a difference that was not there again\n", name);
                return;
        }
        printf("%s: %s in call %u: %s\n", name, finding_name(trial.finding), trial.index,
               trial.kind);
        fflush(stdout);
        if (o->shrink)
                trial_shrink(sequence, o, &trial, SHRINK_SECONDS);
        snprintf(why, sizeof(why), "%s, %u of %u calls: %s (%s)\n%s", name, sequence->nr, before,
                 finding_name(trial.finding), trial.kind, tell_date_and_release());
        puts(why);
        trial_tell(sequence, o, stdout, o->verbose);
        fflush(stdout);
        if (o->save)
                save(sequence, o, name, why);
}
