/* SPDX-License-Identifier: MIT */
/* Which mappings become one, and when. The names of the cases are those of the rules. */
#include "userland/tests/merge/parts.h"

int main(void)
{
        merge_results();
        merge_compatible();
        merge_anon();
        merge_where();
        return 0;
}
