/* SPDX-License-Identifier: MIT */
/* The kernel's command line, taken apart. */
#include "kernel/base/cmdline.h"
#include "tests/unit/test.h"

static const char *value_of(const char *line, const char *name)
{
        static char buf[64];

        return cmdline_param(line, name, buf, sizeof(buf)) ? buf : "(none)";
}

TEST_BARE(a_parameter_is_the_first_word_of_its_name)
{
        EXPECT_STREQ(value_of("quiet root=/dev/x root=y", "root"), "/dev/x");
        EXPECT_STREQ(value_of("quiet root=/dev/x", "quiet"), "");
        EXPECT_STREQ(value_of("quieter rootless=1", "quiet"), "(none)");
        EXPECT_STREQ(value_of("run=\"a  b\" c", "run"), "a  b");
        EXPECT_STREQ(value_of("x=1 -- root=2", "root"), "(none)");
        EXPECT_STREQ(value_of("", "root"), "(none)");
        EXPECT_EQ(cmdline_number("seed=123x", "seed"), 123);
        EXPECT_EQ(cmdline_number("seed", "seed"), 0);
}

TEST_BARE(a_value_is_cut_to_its_buffer)
{
        char buf[4] = "xxx";

        EXPECT_TRUE(cmdline_param("a=12345", "a", buf, sizeof(buf)));
        EXPECT_STREQ(buf, "123");
        EXPECT_TRUE(cmdline_param("a=12345", "a", buf, 0));
}

TEST_BARE(what_follows_two_dashes_is_for_the_first_program)
{
        char line[] = "quiet  run=\"a -- b\"  --  ls   -l /", none[] = "quiet --", *argv[3] = { 0 };

        EXPECT_EQ(cmdline_args(line, argv, 3), 3);
        EXPECT_STREQ(argv[0], "ls");
        EXPECT_STREQ(argv[1], "-l");
        EXPECT_STREQ(argv[2], "/");
        EXPECT_EQ(cmdline_args(none, argv, 3), 0);
}
