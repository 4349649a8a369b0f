# SPDX-License-Identifier: MIT
#
# Who may include whom. Input: C files. Output: one line for each #include that crosses a layer the
# wrong way. The rules, as path prefixes that a folder may include besides the compiler's own
# headers and <machine/...>:

BEGIN {
        allow["kernel/base"] = "kernel/base/"
        allow["kernel/sync"] = "kernel/base/ kernel/sync/ arch/"
        allow["mm"] = "mm/ kernel/base/ kernel/sync/ arch/"
        allow["kernel/sched"] = "kernel/ mm/ arch/"
        allow["kernel/fs"] = "kernel/ mm/ arch/"
        allow["kernel/dev"] = "kernel/ mm/ arch/"
        allow["kernel/sys"] = "kernel/ mm/ arch/"
        allow["kernel"] = "kernel/ mm/ arch/"
        allow["arch/contract"] = "kernel/base/ arch/"
        # The machine may use what serves everyone: pages and the slab. It calls up only by trap_*.
        allow["arch/x86_64"] = "kernel/base/ kernel/sync/ arch/ mm/page.h mm/slab.h"
        allow["arch/host"] = "kernel/base/ kernel/sync/ arch/ mm/"
        freestanding = " stdarg.h stdbool.h stddef.h stdint.h stdatomic.h limits.h cpuid.h "
}

# The layer that a file belongs to, or "" if it has no rule (tests, user programs).
function layer(path) {
        if (path ~ /^arch\/[a-z_]+\.h$/)
                return "arch/contract"
        if (match(path, /^(kernel\/[a-z]+|arch\/[a-z0-9_]+)\//))
                return substr(path, 1, RLENGTH - 1)
        if (path ~ /^kernel\//)
                return "kernel"
        if (path ~ /^mm\//)
                return "mm"
        return ""
}

function allowed(from, target,    rules, n, i) {
        n = split(allow[from], rules, " ")
        for (i = 1; i <= n; i++)
                if (index(target, rules[i]) == 1)
                        return 1
        return 0
}

FNR == 1 {
        from = layer(FILENAME)
}

# Private headers: what stands in *_impl.h or *_types.h is for its own folder.
from != "" && /^[ \t]*#[ \t]*include[ \t]+"/ {
        split($0, part, "\"")
        target = part[2]
        if (!allowed(from, target))
                printf "%s:%d: %s may not include %s\n", FILENAME, FNR, from, target
        else if (from != "mm" && from != "arch/host" && target ~ /^mm\/.*_(impl|types)\.h$/)
                printf "%s:%d: %s is private to mm/\n", FILENAME, FNR, target
}

from != "" && from != "arch/host" && /^[ \t]*#[ \t]*include[ \t]+</ {
        match($0, /<[^>]*>/)
        target = substr($0, RSTART + 1, RLENGTH - 2)
        if (target ~ /^machine\//) {
                if (from != "arch/contract" && from !~ /^arch\//)
                        printf "%s:%d: only arch/ includes <%s>\n", FILENAME, FNR, target
        } else if (index(freestanding, " " target " ") == 0)
                printf "%s:%d: <%s> is not a freestanding header\n", FILENAME, FNR, target
}

from == "mm" && /[^a-z_]current_[a-z_]+\(/ {
        printf "%s:%d: mm/ does not know the current task\n", FILENAME, FNR
}

from == "mm" && /TERRANE_HOST/ {
        printf "%s:%d: mm/ has no code for one machine only\n", FILENAME, FNR
}
