/* SPDX-License-Identifier: MIT */
/* I/O ports for drivers, and the ways to leave: QEMU's exit device, power off, reset. */
#include "arch/boot.h"
#include "arch/cpu.h"
#include "arch/port.h"
#include "arch/x86_64/x86.h"

#define EXIT_DEVICE 0xf4   /* isa-debug-exit: QEMU ends with status 2 * value + 1 */
#define ACPI_PM1A   0x604  /* pc and q35: PM1a control */
#define ACPI_PM1A_2 0xb004 /* Bochs and old QEMU */
#define ACPI_SLEEP5 0x2000 /* SLP_EN with SLP_TYPa 0, which is S5 there */

#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET   0xfe
#define RESET_CONTROL    0xcf9
#define RESET_FULL       0x06

u8 port_in8(u16 port)
{
        return in8(port);
}

void port_out8(u16 port, u8 value)
{
        out8(port, value);
}

/* With QEMU's -no-reboot, a reset ends it too, which is the last resort. */
void machine_power_off(u8 code)
{
        irq_disable();
        out8(EXIT_DEVICE, code);
        out16(ACPI_PM1A, ACPI_SLEEP5);
        out16(ACPI_PM1A_2, ACPI_SLEEP5);
        machine_reset();
}

void machine_reset(void)
{
        struct {
                u16 limit;
                u64 base;
        } __attribute__((packed)) no_idt = { 0, 0 };

        irq_disable();
        out8(RESET_CONTROL, RESET_FULL);
        out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
        for (volatile unsigned i = 0; i < 100000; i++)
                cpu_relax();
        asm volatile("lidt %0; int3" : : "m"(no_idt)); /* no handler, so the CPU shuts down */
        cpu_halt();
}
