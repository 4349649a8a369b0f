/* SPDX-License-Identifier: MIT */
/*
 * Formatted output into a buffer.
 *
 * Every conversion becomes pieces that are laid out in one place: blanks, a prefix (sign or 0x),
 * zeros, the body, blanks. No state outlives a call, no locks, safe in a panic.
 */
#include "kernel/base/printf.h"
#include "kernel/base/string.h"
#include "kernel/base/types.h"

/* Where output goes: counts everything, stores what fits. */
struct out {
        char *buf;
        size_t size;
        size_t len; /* of the whole text, stored or not */
};

struct spec {
        bool left, zero, plus, space, alt;
        int width;
        int precision; /* -1: none given */
        int length;    /* -2 hh, -1 h, 0, 1 l, ll and z */
};

static void out_char(struct out *o, char c)
{
        if (o->len < o->size)
                o->buf[o->len] = c;
        o->len++;
}

static void out_repeat(struct out *o, char c, int n)
{
        while (n-- > 0)
                out_char(o, c);
}

static void out_bytes(struct out *o, const char *s, int n)
{
        while (n-- > 0)
                out_char(o, *s++);
}

/* Blanks, prefix, zeros, body, blanks: the shape of every field. */
static void out_field(struct out *o, const struct spec *sp, const char *prefix, int zeros,
                      const char *body, int len)
{
        int prefix_len = (int)strlen(prefix);
        int pad = sp->width - prefix_len - zeros - len;

        if (!sp->left)
                out_repeat(o, ' ', pad);
        out_bytes(o, prefix, prefix_len);
        out_repeat(o, '0', zeros);
        out_bytes(o, body, len);
        if (sp->left)
                out_repeat(o, ' ', pad);
}

static void out_number(struct out *o, const struct spec *sp, u64 value, unsigned base, bool upper,
                       const char *prefix)
{
        const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
        char body[24]; /* 22 octal digits at most */
        int len = 0, zeros;

        for (u64 v = value; v; v /= base)
                body[sizeof(body) - ++len] = digits[v % base];
        if (sp->precision >= 0) {
                zeros = sp->precision - len;
        } else {
                zeros = len ? 0 : 1;
                if (sp->zero && !sp->left)
                        zeros = sp->width - (int)strlen(prefix) - len;
                if (zeros + len < 1)
                        zeros = 1;
        }
        if (base == 8 && sp->alt && zeros <= 0 && value)
                zeros = 1;
        out_field(o, sp, prefix, zeros > 0 ? zeros : 0, body + sizeof(body) - len, len);
}

static void out_string(struct out *o, const struct spec *sp, const char *s)
{
        size_t max = sp->precision >= 0 ? (size_t)sp->precision : 0x7fffffff;

        if (!s)
                s = "(null)";
        out_field(o, sp, "", 0, s, (int)strnlen(s, max));
}

static s64 arg_signed(va_list *ap, int length)
{
        if (length > 0)
                return va_arg(*ap, long);
        if (length == 0)
                return va_arg(*ap, int);
        return length == -1 ? (short)va_arg(*ap, int) : (signed char)va_arg(*ap, int);
}

static u64 arg_unsigned(va_list *ap, int length)
{
        if (length > 0)
                return va_arg(*ap, unsigned long);
        if (length == 0)
                return va_arg(*ap, unsigned);
        return length == -1 ? (u16)va_arg(*ap, unsigned) : (u8)va_arg(*ap, unsigned);
}

/* A count given in digits or as `*`; -1 if it is negative. */
static int parse_count(const char **p, va_list *ap)
{
        int n = 0;

        if (**p == '*') {
                ++*p;
                return va_arg(*ap, int);
        }
        while (**p >= '0' && **p <= '9')
                n = n * 10 + *(*p)++ - '0';
        return n;
}

static void parse_spec(const char **p, va_list *ap, struct spec *sp)
{
        *sp = (struct spec){ .precision = -1 };
        for (;; ++*p) {
                if (**p == '-')
                        sp->left = true;
                else if (**p == '0')
                        sp->zero = true;
                else if (**p == '+')
                        sp->plus = true;
                else if (**p == ' ')
                        sp->space = true;
                else if (**p == '#')
                        sp->alt = true;
                else
                        break;
        }
        sp->width = parse_count(p, ap);
        if (sp->width < 0) {
                sp->left = true;
                sp->width = -sp->width;
        }
        if (**p == '.') {
                ++*p;
                sp->precision = parse_count(p, ap);
        }
        for (; **p == 'h'; ++*p)
                sp->length--;
        for (; **p == 'l' || **p == 'z'; ++*p)
                sp->length = 1;
}

static void out_signed(struct out *o, const struct spec *sp, s64 v)
{
        const char *sign = v < 0 ? "-" : sp->plus ? "+" : sp->space ? " " : "";

        out_number(o, sp, v < 0 ? -(u64)v : (u64)v, 10, false, sign);
}

static void out_hex(struct out *o, const struct spec *sp, u64 v, bool upper)
{
        const char *prefix = !sp->alt || !v ? "" : upper ? "0X" : "0x";

        out_number(o, sp, v, 16, upper, prefix);
}

static void convert(struct out *o, struct spec *sp, char conv, va_list *ap)
{
        char c;

        switch (conv) {
        case 'd':
        case 'i': out_signed(o, sp, arg_signed(ap, sp->length)); break;
        case 'u': out_number(o, sp, arg_unsigned(ap, sp->length), 10, false, ""); break;
        case 'o': out_number(o, sp, arg_unsigned(ap, sp->length), 8, false, ""); break;
        case 'x':
        case 'X': out_hex(o, sp, arg_unsigned(ap, sp->length), conv == 'X'); break;
        case 'p': out_number(o, sp, (u64)va_arg(*ap, void *), 16, false, "0x"); break;
        case 's': out_string(o, sp, va_arg(*ap, const char *)); break;
        case 'c':
                c = (char)va_arg(*ap, int);
                out_field(o, sp, "", 0, &c, 1);
                break;
        case '%': out_char(o, '%'); break;
        default: /* not ours: shown as it stands, so that the mistake is seen */
                out_char(o, '%');
                out_char(o, conv);
        }
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
        struct out o = { .buf = buf, .size = size ? size - 1 : 0 };
        va_list args;

        va_copy(args, ap);
        while (*fmt) {
                struct spec sp;

                if (*fmt != '%') {
                        out_char(&o, *fmt++);
                        continue;
                }
                fmt++;
                parse_spec(&fmt, &args, &sp);
                if (!*fmt)
                        break;
                convert(&o, &sp, *fmt++, &args);
        }
        va_end(args);
        if (size)
                buf[o.len < o.size ? o.len : o.size] = '\0';
        return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(buf, size, fmt, ap);
        va_end(ap);
        return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(buf, size, fmt, ap);
        va_end(ap);
        if (!size)
                return 0;
        return (size_t)n < size ? n : (int)size - 1;
}
