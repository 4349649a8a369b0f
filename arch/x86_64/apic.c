/* SPDX-License-Identifier: MIT */
/*
 * Interrupt controllers: the local APIC (end of interrupt, the one-shot timer) and the I/O APIC
 * (ISA lines). The old 8259 pair is moved out of the way of the exceptions and masked.
 *
 * The I/O APIC is taken where every PC has its first one, and ISA line n at its pin n, which is so
 * on QEMU's machines (except line 0, which nothing here uses); ACPI's tables are not read.
 */
#include "arch/port.h"
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/assert.h"
#include "kernel/base/log.h"

#define APIC_ENABLE     (1UL << 11) /* MSR_APIC_BASE */
#define APIC_BASE_FIELD 0x000ffffffffff000UL

/* Local APIC registers, by byte offset. */
#define LAPIC_ID            0x020
#define LAPIC_TPR           0x080
#define LAPIC_EOI           0x0b0
#define LAPIC_SPURIOUS      0x0f0
#define LAPIC_LVT_TIMER     0x320
#define LAPIC_LVT_LINT0     0x350
#define LAPIC_LVT_LINT1     0x360
#define LAPIC_LVT_ERROR     0x370
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_COUNT   0x390
#define LAPIC_TIMER_DIVIDE  0x3e0

#define LAPIC_SOFTWARE_ENABLE 0x100
#define LVT_MASKED            0x10000
#define LVT_NMI               0x400
#define DIVIDE_BY_16          0x3

#define IOAPIC_BASE    0xfec00000UL
#define IOAPIC_SELECT  0 /* 32-bit word offsets */
#define IOAPIC_WINDOW  4
#define IOAPIC_VERSION 0x01
#define IOAPIC_PIN(n)  (0x10 + 2 * (n))

#define PIC1 0x20
#define PIC2 0xa0

#define NR_LINES 16

static volatile u32 *lapic, *ioapic;
static unsigned ioapic_pins;
static void (*line_handlers[NR_LINES])(void);

static u32 lapic_read(unsigned reg)
{
        return lapic[reg / 4];
}

static void lapic_write(unsigned reg, u32 value)
{
        lapic[reg / 4] = value;
}

static u32 ioapic_read(u32 reg)
{
        ioapic[IOAPIC_SELECT] = reg;
        return ioapic[IOAPIC_WINDOW];
}

static void ioapic_write(u32 reg, u32 value)
{
        ioapic[IOAPIC_SELECT] = reg;
        ioapic[IOAPIC_WINDOW] = value;
}

/* Its vectors go to 0xf0.., so that a spurious interrupt is not taken for an exception. */
static void pic_disable(void)
{
        out8(PIC1, 0x11);
        out8(PIC2, 0x11);
        out8(PIC1 + 1, 0xf0);
        out8(PIC2 + 1, 0xf8);
        out8(PIC1 + 1, 4);
        out8(PIC2 + 1, 2);
        out8(PIC1 + 1, 1);
        out8(PIC2 + 1, 1);
        out8(PIC1 + 1, 0xff);
        out8(PIC2 + 1, 0xff);
}

static void ioapic_init(void)
{
        u32 version;

        ioapic = device_map(IOAPIC_BASE, PAGE_SIZE);
        version = ioapic_read(IOAPIC_VERSION);
        if (version == 0xffffffff || version == 0) {
                log_warn("apic: no I/O APIC, so no interrupts from devices");
                return;
        }
        ioapic_pins = (version >> 16 & 0xff) + 1;
        for (u32 pin = 0; pin < ioapic_pins; pin++)
                ioapic_write(IOAPIC_PIN(pin), LVT_MASKED);
}

void apic_init(void)
{
        u64 base = msr_read(MSR_APIC_BASE);

        pic_disable();
        msr_write(MSR_APIC_BASE, base | APIC_ENABLE);
        lapic = device_map(base & APIC_BASE_FIELD, PAGE_SIZE);
        lapic_write(LAPIC_TPR, 0);
        lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
        lapic_write(LAPIC_LVT_LINT1, LVT_NMI);
        lapic_write(LAPIC_LVT_ERROR, LVT_MASKED);
        lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_16);
        lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER); /* one-shot; armed by its initial count */
        lapic_write(LAPIC_SPURIOUS, LAPIC_SOFTWARE_ENABLE | VECTOR_SPURIOUS);
        ioapic_init();
}

u32 apic_timer_count(void)
{
        return lapic_read(LAPIC_TIMER_COUNT);
}

/* Counts down from `count` and interrupts at zero, once; 0 stops it. */
void apic_timer_start(u32 count)
{
        lapic_write(LAPIC_TIMER_INITIAL, count);
}

void apic_eoi(void)
{
        lapic_write(LAPIC_EOI, 0);
}

bool irq_attach(unsigned line, void (*handler)(void))
{
        if (line >= NR_LINES || line >= ioapic_pins)
                return false;
        CHECK(!line_handlers[line]);
        line_handlers[line] = handler;
        ioapic_write(IOAPIC_PIN(line) + 1, lapic_read(LAPIC_ID) & 0xff000000);
        ioapic_write(IOAPIC_PIN(line), VECTOR_LINES + line); /* edge, active high, fixed */
        return true;
}

void irq_dispatch(unsigned vector)
{
        unsigned line = vector - VECTOR_LINES;

        if (vector == VECTOR_SPURIOUS)
                return; /* not in service: there is nothing to end */
        if (line < NR_LINES && line_handlers[line])
                line_handlers[line]();
        else
                log_warn("apic: interrupt vector %u from nowhere", vector);
        apic_eoi();
}
