/* SPDX-License-Identifier: MIT */
/*
 * Time: the TSC tells it, the local APIC's timer interrupts at a time, the PIT says how fast both
 * run. There is no periodic tick: an interrupt comes only when timer_arm() asked for it.
 *
 * Calibration compares readings of all three, 5 and 10 ms apart. A reading is taken several times
 * and the quickest one counts, so that a pause of the (virtual) CPU in the middle does no harm.
 */
#include "arch/cpu.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/log.h"

#define NS_PER_SEC 1000000000UL

#define PIT_HZ            1193182UL
#define PIT_CHANNEL2      0x42
#define PIT_COMMAND       0x43
#define PIT_GATE          0x61 /* bit 0 lets channel 2 count, bit 1 is the loudspeaker */
#define PIT_MODE0         0xb0 /* channel 2, low then high byte, count down once */
#define PIT_LATCH         0x80
#define CALIBRATION       (PIT_HZ / 100) /* ticks: 10 ms */
#define CALIBRATION_TRIES 10
#define READING_TRIES     8

/* QEMU's APIC timer, and its TSC under -icount, run at exactly 1 GHz. */
#define ROUND_HZ  1000000000UL
#define ROUND_PPM 500

#define APIC_DIVIDER 16

static u64 tsc_base;    /* TSC at boot */
static u64 ns_per_tsc;  /* nanoseconds a TSC tick, 32.32 fixed point; 0: not calibrated */
static u64 apic_per_ns; /* APIC timer counts a nanosecond, 32.32 fixed point */
static u64 boot_unix_ns;
static u64 armed = ~0UL; /* the deadline asked for */

struct reading {
        u64 tsc;
        u16 pit;
        u32 apic;
};

static u16 pit_read(void)
{
        u8 low;

        out8(PIT_COMMAND, PIT_LATCH);
        low = in8(PIT_CHANNEL2);
        return (u16)(in8(PIT_CHANNEL2) << 8 | low);
}

static void pit_start(void)
{
        out8(PIT_GATE, (in8(PIT_GATE) & ~2u) | 1);
        out8(PIT_COMMAND, PIT_MODE0);
        out8(PIT_CHANNEL2, 0xff);
        out8(PIT_CHANNEL2, 0xff);
}

static struct reading reading_take(void)
{
        struct reading best = { 0 };
        u64 best_time = ~0UL;

        for (unsigned i = 0; i < READING_TRIES; i++) {
                u64 before = rdtsc();
                struct reading r = { .pit = pit_read(), .apic = apic_timer_count() };
                u64 time = rdtsc() - before;

                r.tsc = before + time / 2;
                if (time < best_time) {
                        best_time = time;
                        best = r;
                }
        }
        return best;
}

static u64 round_hz(u64 hz)
{
        u64 error = hz > ROUND_HZ ? hz - ROUND_HZ : ROUND_HZ - hz;

        return error * 1000000 < ROUND_HZ * ROUND_PPM ? ROUND_HZ : hz;
}

/* Where no PIT answers (it does not count), take the APIC timer for QEMU's, at 1 GHz. */
static void calibrate_by_apic(u64 *tsc_hz, u64 *apic_hz)
{
        const u32 count = (u32)(ROUND_HZ / APIC_DIVIDER / 100);
        struct reading start = reading_take(), end;

        while (start.apic - apic_timer_count() < count)
                cpu_relax();
        end = reading_take();
        *tsc_hz = (end.tsc - start.tsc) * (ROUND_HZ / APIC_DIVIDER) / (start.apic - end.apic);
        *apic_hz = ROUND_HZ;
        log_warn("clock: no PIT: the APIC timer is taken to run at 1 GHz");
}

static bool pit_counts(void)
{
        u16 first = pit_read();

        for (unsigned i = 0; i < 100; i++)
                if (pit_read() != first)
                        return true;
        return false;
}

/* A reading, when the PIT has counted so many ticks since `start`. */
static struct reading reading_after(const struct reading *start, u16 ticks)
{
        while ((u16)(start->pit - pit_read()) < ticks)
                cpu_relax();
        return reading_take();
}

/* What the TSC counts while the PIT counts 2^16. */
static u64 pace(const struct reading *start, const struct reading *end)
{
        return ((end->tsc - start->tsc) << 16) / (u16)(start->pit - end->pit);
}

/* Measure 10 ms. Whether its halves agree. */
static bool calibrate_by_pit(u64 *tsc_hz, u64 *apic_hz)
{
        struct reading start, middle, end;
        u64 first, second, ticks;

        pit_start();
        start = reading_take();
        middle = reading_after(&start, CALIBRATION / 2);
        end = reading_after(&start, CALIBRATION);
        ticks = (u16)(start.pit - end.pit);
        *tsc_hz = round_hz((end.tsc - start.tsc) * PIT_HZ / ticks);
        *apic_hz = round_hz((u64)(start.apic - end.apic) * APIC_DIVIDER * PIT_HZ / ticks);
        first = pace(&start, &middle);
        second = pace(&middle, &end);
        return first < second + second / 64 && second < first + first / 64;
}

/*
 * The PIT's counter goes round in 55 ms. A virtual machine that is held up for longer in between
 * seems to be faster than it is, never slower: so the halves of a measurement have to agree, and of
 * those that do not, the slowest counts.
 */
static void calibrate(u64 *tsc_hz, u64 *apic_hz)
{
        u64 tsc, apic;

        apic_timer_start(~0u);
        pit_start();
        if (!pit_counts()) {
                calibrate_by_apic(tsc_hz, apic_hz);
                return;
        }
        *tsc_hz = ~0UL;
        for (unsigned i = 0; i < CALIBRATION_TRIES; i++) {
                bool agree = calibrate_by_pit(&tsc, &apic);

                if (tsc < *tsc_hz || agree) {
                        *tsc_hz = tsc;
                        *apic_hz = apic;
                }
                if (agree)
                        return;
        }
        log_warn("clock: no measurement agrees with itself");
}

void clock_init(void)
{
        u64 tsc_hz, apic_hz = ROUND_HZ;

        tsc_base = rdtsc();
        calibrate(&tsc_hz, &apic_hz);
        apic_timer_start(0);
        ns_per_tsc = (NS_PER_SEC << 32) / tsc_hz;
        apic_per_ns = (apic_hz / APIC_DIVIDER << 32) / NS_PER_SEC;
        boot_unix_ns = rtc_read() * NS_PER_SEC;
        if (boot_unix_ns)
                boot_unix_ns -= clock_ns();
        log_info("clock: TSC %lu kHz, APIC timer %lu kHz, booted at %lu", tsc_hz / 1000,
                 apic_hz / 1000, boot_unix_ns / NS_PER_SEC);
}

static u64 scale(u64 n, u64 factor)
{
        return (u64)((unsigned __int128)n * factor >> 32);
}

u64 clock_ns(void)
{
        return scale(rdtsc() - tsc_base, ns_per_tsc);
}

void clock_tsc(u64 *base, u64 *factor)
{
        *base = tsc_base;
        *factor = ns_per_tsc;
}

u64 clock_boot_unix_ns(void)
{
        return boot_unix_ns;
}

/* Start the counter for `armed`, or for as long as it can count: then it is started again. */
static void timer_start(void)
{
        u64 now = clock_ns();
        u64 ns = armed > now ? armed - now : 0;
        u64 count = ns >= NS_PER_SEC * 60 ? scale(NS_PER_SEC * 60, apic_per_ns)
                                          : scale(ns, apic_per_ns) + 1;

        apic_timer_start((u32)count);
}

void timer_arm(u64 deadline_ns)
{
        unsigned long irq;

        if (deadline_ns == armed)
                return;
        irq = cpu_irq_save();
        armed = deadline_ns;
        if (armed == ~0UL)
                apic_timer_start(0);
        else
                timer_start();
        cpu_irq_restore(irq);
}

/*
 * The counter has run out. The two clocks differ a little, so it may be early; and an interrupt
 * that was on its way when the timer was disarmed still arrives.
 */
void clock_timer_fired(struct trapframe *tf)
{
        apic_eoi();
        if (armed == ~0UL)
                return;
        if (clock_ns() < armed) {
                timer_start();
                return;
        }
        armed = ~0UL;
        trap_timer(trapframe_from_user(tf));
}
