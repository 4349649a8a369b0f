/* SPDX-License-Identifier: MIT */
/*
 * 16550 serial ports, and the console that COM1 is.
 *
 * Output is polled: a burst of up to 16 bytes (the FIFO) each time the transmitter says that it is
 * empty, so that nothing is lost when the machine stops right after. Input comes by interrupt.
 */
#include "arch/cpu.h"
#include "arch/port.h"
#include "arch/trap.h"
#include "kernel/base/log.h"
#include "kernel/dev/console.h"
#include "kernel/dev/vga.h"

#define REG_DATA      0
#define REG_INTERRUPT 1 /* enable; low divisor byte's partner while DLAB is set */
#define REG_FIFO      2
#define REG_LINE      3
#define REG_MODEM     4
#define REG_STATUS    5
#define REG_SCRATCH   7

#define INTERRUPT_RECEIVED 0x01
#define FIFO_ENABLE_CLEAR  0x07 /* on, both emptied, interrupt at the first byte */
#define LINE_8N1           0x03
#define LINE_DLAB          0x80
#define MODEM_DTR_RTS_OUT2 0x0b /* OUT2 lets the interrupt line through */
#define STATUS_RECEIVED    0x01
#define STATUS_EMPTY       0x20

#define FIFO_BYTES 16
#define COM1_LINE  4

static const u16 port_base[4] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
static bool port_probed[4], port_present[4];

static bool port_open(unsigned n)
{
        u16 base = port_base[n];

        if (port_probed[n])
                return port_present[n];
        port_probed[n] = true;
        port_out8(base + REG_SCRATCH, 0x5a);
        if (port_in8(base + REG_SCRATCH) != 0x5a)
                return false;
        port_out8(base + REG_INTERRUPT, 0);
        port_out8(base + REG_LINE, LINE_DLAB);
        port_out8(base + REG_DATA, 1); /* 115200 baud */
        port_out8(base + REG_INTERRUPT, 0);
        port_out8(base + REG_LINE, LINE_8N1);
        port_out8(base + REG_FIFO, FIFO_ENABLE_CLEAR);
        port_out8(base + REG_MODEM, MODEM_DTR_RTS_OUT2);
        port_present[n] = true;
        return true;
}

bool serial_write(unsigned n, const char *buf, size_t len)
{
        if (n >= ARRAY_SIZE(port_base) || !port_open(n))
                return false;
        while (len) {
                size_t burst = min_u64(len, FIFO_BYTES);

                while (!(port_in8(port_base[n] + REG_STATUS) & STATUS_EMPTY))
                        cpu_relax();
                for (size_t i = 0; i < burst; i++)
                        port_out8(port_base[n] + REG_DATA, (u8)buf[i]);
                buf += burst;
                len -= burst;
        }
        return true;
}

void console_write(const char *buf, size_t len)
{
        serial_write(0, buf, len);
        vga_write(buf, len);
}

/* Log lines end in a bare newline, which a raw terminal would not return the carriage for. */
static void console_log(const char *text, size_t len)
{
        size_t start = 0;

        for (size_t i = 0; i < len; i++) {
                if (text[i] != '\n')
                        continue;
                serial_write(0, text + start, i - start);
                serial_write(0, "\r\n", 2);
                start = i + 1;
        }
        serial_write(0, text + start, len - start);
        vga_write(text, len);
}

static void console_receive(void)
{
        while (port_in8(port_base[0] + REG_STATUS) & STATUS_RECEIVED)
                trap_console_byte(port_in8(port_base[0] + REG_DATA));
}

void trap_console_open(void)
{
        static struct log_sink sink = { .write = console_log, .level = LOG_DEBUG };

        port_open(0);
        log_add_sink(&sink);
}

void console_start(void)
{
        unsigned long irq;

        vga_open();
        if (!port_present[0] || !irq_attach(COM1_LINE, console_receive)) {
                log_warn("console: no input");
                return;
        }
        irq = cpu_irq_save();
        port_out8(port_base[0] + REG_INTERRUPT, INTERRUPT_RECEIVED);
        console_receive();
        cpu_irq_restore(irq);
}
