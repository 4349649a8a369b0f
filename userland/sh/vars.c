/* SPDX-License-Identifier: MIT */
/*
 * Variables in one list, in the order in which they came to be, and the positional parameters.
 */
#include "userland/sh/sh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct variable {
        struct variable *next;
        char *name;
        char *value; /* NULL: exported without a value */
        int exported;
};

static struct variable *variables;
struct parameters parameters;

static struct variable *find(const char *name)
{
        struct variable *v = variables;

        while (v && strcmp(v->name, name) != 0)
                v = v->next;
        return v;
}

static struct variable *find_or_make(const char *name)
{
        struct variable **end = &variables;
        struct variable *v = find(name);

        if (v)
                return v;
        while (*end)
                end = &(*end)->next;
        v = must_alloc(sizeof(*v));
        memset(v, 0, sizeof(*v));
        v->name = must_copy(name);
        *end = v;
        return v;
}

const char *var_get(const char *name)
{
        struct variable *v = find(name);

        return v ? v->value : NULL;
}

void var_set(const char *name, const char *value)
{
        struct variable *v = find_or_make(name);
        char *old = v->value;

        v->value = must_copy(value);
        free(old);
}

int var_assign(const char *assignment)
{
        const char *equals = strchr(assignment, '=');
        char *name;

        if (!equals || !is_name_start(*assignment))
                return -1;
        for (const char *c = assignment; c < equals; c++)
                if (!is_name_char(*c))
                        return -1;
        name = must_copy(assignment);
        name[equals - assignment] = 0;
        var_set(name, equals + 1);
        free(name);
        return 0;
}

int var_unset(const char *name)
{
        struct variable **at = &variables;
        struct variable *v;

        while (*at && strcmp((*at)->name, name) != 0)
                at = &(*at)->next;
        v = *at;
        if (!v)
                return 0;
        *at = v->next;
        free(v->name);
        free(v->value);
        free(v);
        return 1;
}

void var_export(const char *name)
{
        find_or_make(name)->exported = 1;
}

void vars_import(char **environment)
{
        for (; environment && *environment; environment++) {
                char *equals;
                char *name;

                if (var_assign(*environment) != 0)
                        continue;
                name = must_copy(*environment);
                equals = strchr(name, '=');
                *equals = 0;
                var_export(name);
                free(name);
        }
}

/* The value in single quotes, so that it can be read back. */
static void print_quoted(const char *value)
{
        putchar('\'');
        for (; *value; value++) {
                if (*value == '\'')
                        fputs("'\\''", stdout);
                else
                        putchar(*value);
        }
        putchar('\'');
}

void vars_print(int exported_only)
{
        for (struct variable *v = variables; v; v = v->next) {
                if (exported_only && !v->exported)
                        continue;
                if (!exported_only && !v->value)
                        continue;
                printf("%s%s", exported_only ? "export " : "", v->name);
                if (v->value) {
                        putchar('=');
                        print_quoted(v->value);
                }
                putchar('\n');
        }
}

char **vars_environment(struct pool *pool)
{
        size_t count = 0;
        char **environment;

        for (struct variable *v = variables; v; v = v->next)
                count++;
        environment = pool_alloc(pool, (count + 1) * sizeof(*environment));
        count = 0;
        for (struct variable *v = variables; v; v = v->next) {
                size_t size;

                if (!v->exported || !v->value)
                        continue;
                size = strlen(v->name) + strlen(v->value) + 2;
                environment[count] = pool_alloc(pool, size);
                snprintf(environment[count++], size, "%s=%s", v->name, v->value);
        }
        return environment;
}

void parameters_free(struct parameters *old)
{
        for (int i = 0; i < old->count; i++)
                free(old->values[i]);
        free(old->values);
        old->count = 0;
        old->values = NULL;
}

void parameters_set(int count, char **values)
{
        struct parameters fresh = { count, must_alloc((count + 1) * sizeof(char *)) };

        for (int i = 0; i < count; i++)
                fresh.values[i] = must_copy(values[i]);
        fresh.values[count] = NULL;
        parameters_free(&parameters);
        parameters = fresh;
}
