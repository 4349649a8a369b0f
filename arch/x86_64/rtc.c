/* SPDX-License-Identifier: MIT */
/* The battery-backed clock (MC146818): read once at boot. It is taken to keep UTC. */
#include "arch/x86_64/local.h"
#include "arch/x86_64/x86.h"
#include "kernel/base/string.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define RTC_SECONDS  0x00
#define RTC_MINUTES  0x02
#define RTC_HOURS    0x04
#define RTC_DAY      0x07
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b

#define STATUS_A_UPDATING 0x80
#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY   0x04
#define HOURS_PM          0x80

struct rtc_time {
        u8 second, minute, hour, day, month, year; /* of the century */
};

static u8 cmos_read(u8 reg)
{
        out8(CMOS_INDEX, reg);
        return in8(CMOS_DATA);
}

static u8 from_bcd(u8 v)
{
        return (u8)((v >> 4) * 10 + (v & 0xf));
}

static struct rtc_time rtc_sample(void)
{
        return (struct rtc_time){ cmos_read(RTC_SECONDS), cmos_read(RTC_MINUTES),
                                  cmos_read(RTC_HOURS),   cmos_read(RTC_DAY),
                                  cmos_read(RTC_MONTH),   cmos_read(RTC_YEAR) };
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, 2000 to 2099. */
static u64 days_since_1970(u64 year, u64 month, u64 day)
{
        static const u16 before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
        u64 leap_days = (year - 1969) / 4;

        if (year % 4 == 0 && month > 2)
                day++;
        return (year - 1970) * 365 + leap_days + before[month - 1] + day - 1;
}

static void rtc_decode(struct rtc_time *t)
{
        u8 status = cmos_read(RTC_STATUS_B);
        bool pm = !(status & STATUS_B_24_HOURS) && (t->hour & HOURS_PM);

        if (!(status & STATUS_B_24_HOURS))
                t->hour &= (u8)~HOURS_PM;
        if (!(status & STATUS_B_BINARY)) {
                t->second = from_bcd(t->second);
                t->minute = from_bcd(t->minute);
                t->hour = from_bcd(t->hour);
                t->day = from_bcd(t->day);
                t->month = from_bcd(t->month);
                t->year = from_bcd(t->year);
        }
        if (!(status & STATUS_B_24_HOURS))
                t->hour = (u8)(t->hour % 12 + (pm ? 12 : 0));
}

/* Two equal samples in a row were not cut by an update. */
u64 rtc_read(void)
{
        struct rtc_time t = rtc_sample(), again;

        if (cmos_read(RTC_STATUS_A) == 0xff)
                return 0; /* no clock: the bus floats */
        for (unsigned tries = 0; tries < 100; tries++) {
                while (cmos_read(RTC_STATUS_A) & STATUS_A_UPDATING)
                        ;
                again = t;
                t = rtc_sample();
                if (!memcmp(&t, &again, sizeof(t)))
                        break;
        }
        rtc_decode(&t);
        if (t.month < 1 || t.month > 12 || t.day < 1)
                return 0;
        return days_since_1970(2000u + t.year, t.month, t.day) * 86400 + t.hour * 3600u +
               t.minute * 60u + t.second;
}
