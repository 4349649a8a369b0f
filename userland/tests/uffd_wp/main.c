/* SPDX-License-Identifier: MIT */
/*
 * Write protection by userfaultfd: page by page and marker by marker, told and untold, with
 * PAGEMAP_SCAN; and what exec leaves of a descriptor.
 */
#include "userland/tests/lib/uffd/cases.h"

static const struct script_case told[] = {
        { "wp.told.write",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; bits 0 4; touch r 0; go a write 0 1 X; uread u; blocked a; uwp u 0 1 off; join a; bits 0 4" },
        { "wp.told.thread_exact",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u thread exact; ureg u 0 4 w; uwp u 0 4; go a touch w 2.99; uread u; uwp u 2 1 off; join a" },
        { "wp.told.kernel",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; go a get 1 2; uread u; uwp u 1 1 off; uread u; uwp u 2 1 off; join a" },
        { "wp.told.off_dontwake",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; go a touch w 1; uread u; uwp u 0 4 off dontwake; blocked a; uwake u 0 4; join a; bits 0 4" },
        { "wp.told.off_wakes_only_range",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; go a touch w 1; uread u; uwp u 2 2 off; blocked a; uwp u 1 1 off; join a" },
        { "wp.told.wake_is_told_again",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; go a touch w 1; uread u; uwake u 0 4; uread u; uwp u 0 4 off; join a" },
        { "wp.told.twice",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; uwp u 0 4; uwp u 0 4 off; uwp u 0 4 off; bits 0 4; write 0 4 K" },
        { "wp.told.missing_too",
          "map 0 4 rw; write 0 1 A; uopen u; uapi u; ureg u 0 4 mw; uwp u 0 4; bits 0 4; go a touch w 1; uread u; ucopy u 1 1 B wp; uread u; uwp u 1 1 off; join a; bits 0 4" },
        { "wp.told.missing_copied_plain",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 mw; uwp u 0 4; go a touch w 1; uread u; ucopy u 1 1 B; join a; bits 0 4" },
        { "wp.told.zero_page",
          "map 0 4 rw; read 0 2; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; go a write 0 1 A; uread u; uwp u 0 1 off; join a; bits 0 4" },
        { "wp.told.unpopulated_without",
          "map 0 4 rw; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; write 0 1 A; umany u 1" },
        { "wp.told.close_and_restore",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; uclose u; bits 0 4; write 0 4 K" },
        { "wp.told.unregister",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; uunreg u 1 2; bits 0 4; write 1 2 K" },
        { "wp.told.unregister_wakes_not",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; go a touch w 1; uread u; uunreg u 0 4; blocked a; uwake u 0 4; join a" },
};

static const struct script_case memory[] = {
        { "wp.memory.protect_round_trip",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; protect 0 4 r; bits 0 4; touch w 0; protect 0 4 rw; bits 0 4; go a touch w 0; uread u; uwp u 0 2 off; join a; write 2 1 Z" },
        { "wp.memory.off_while_read_only",
          "map 0 4 rw; write 0 4 A; protect 0 4 r; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; uwp u 0 4 off; bits 0 4; touch w 0; protect 0 4 rw; write 0 4 K" },
        { "wp.memory.fork_shared_page",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; fork 1; uwp u 0 4; bits 0 4; go a write 0 1 X; uread u; uwp u 0 4 off; join a; bits 0 4; exit 1" },
        { "wp.memory.forked_then_off",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; child; bits 0 4; write 1 1 K; end; uwp u 0 4 off; bits 0 4; write 0 1 X; bits 0 4" },
        { "wp.memory.dontneed",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; advise 0 2 dontneed; bits 0 4; write 0 1 X; umany u 1; bits 0 4" },
        { "wp.memory.free",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; advise 0 2 free; bits 0 4; go a write 0 1 X; uread u; uwp u 0 1 off; join a" },
        { "wp.memory.guard",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; advise 1 1 102; bits 0 4; advise 1 1 103; bits 0 4; uwp u 1 1; bits 0 4" },
        { "wp.memory.unmapped_piece",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; unmap 1 1; bits 0 4; map 1 1 rw; bits 0 4; write 1 1 X" },
        { "wp.memory.locked",
          "map 0 4 rw locked; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; go a touch w 3; uread u; uwp u 3 1 off; join a" },
        { "wp.memory.lock_after",
          "map 0 4 rw; write 0 2 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; go a lock 0 4; upoll u wait; umany u 1; uwp u 0 4 off; upoll u; join a; bits 0 4" },
        { "wp.memory.peek",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; peek 0; poke 0 X; bits 0 1; give 0 1" },
        { "wp.memory.read_only_mapping",
          "map 0 4 r; read 0 4; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; poke 0 X; umany u 1; bits 0 4" },
        { "wp.memory.counts",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u unpopulated; ureg u 0 4 w; mark; uwp u 0 4; counts; advise 0 4 dontneed; uwp u 0 4; counts; uwp u 0 4 off; counts; bits 0 4" },
};

static const struct script_case shared[] = {
        { "wp.shared.write",
          "map 0 4 rw shared; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; bits 0 4; go a write 0 1 X; uread u; uwp u 0 1 off; join a; bits 0 4" },
        { "wp.shared.unpopulated",
          "map 0 4 rw shared; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; bits 0 4; go a write 0 1 X; uread u; uwp u 0 1 off; join a; touch r 1; bits 0 4" },
        { "wp.shared.in_cache",
          "object memfd 4; map 0 4 rw shared memfd; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; bits 0 4; touch r 0; bits 0 4; go a write 0 1 X; uread u; uwp u 0 1 off; join a" },
        { "wp.shared.other_mapping",
          "object memfd 4; map 0 4 rw shared memfd; map 8 4 rw shared memfd; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; write 8 1 X; umany u 1; bits 0 4; touch r 0; bits 0 1" },
        { "wp.shared.dontneed",
          "map 0 4 rw shared; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; advise 0 4 dontneed; bits 0 4; go a touch w 1; uread u; uwp u 1 1 off; join a; bits 0 4" },
        { "wp.shared.remove",
          "map 0 4 rw shared; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; advise 0 4 remove; bits 0 4" },
        { "wp.shared.truncate",
          "object memfd 4; map 0 4 rw shared memfd; read 0 4; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; resize memfd 2; bits 0 4; resize memfd 4; bits 0 4; go a touch w 3; uread u; uwp u 3 1 off; join a" },
        { "wp.shared.unregister_markers",
          "map 0 4 rw shared; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; uunreg u 0 4; bits 0 4; write 0 1 A" },
        { "wp.shared.fork",
          "map 0 4 rw shared; write 0 2 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; child; bits 0 4; write 0 1 X; bits 0 4; end; bits 0 4" },
        { "wp.shared.private_memfd",
          "object memfd 4; map 0 4 rw memfd; write 0 1 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 4; bits 0 4; touch r 1; bits 0 4; go a write 1 1 X; uread u; uwp u 1 1 off; join a; bits 0 4" },
        { "wp.shared.minor_and_wp",
          "object memfd 4; map 0 4 rw shared memfd; uopen u; uapi u; ureg u 0 4 wi; uwp u 0 2; go a touch w 0; uread u; ucont u 0 1 wp; uread u; uwp u 0 1 off; join a; bits 0 4" },
        { "wp.shared.missing_and_wp",
          "map 0 4 rw shared; uopen u; uapi u; ureg u 0 4 mw; uwp u 0 2; bits 0 4; go a touch w 0; uread u; uwp u 0 1 off; uread u; ucopy u 0 1 A; join a; bits 0 4" },
};

static const struct script_case unpopulated[] = {
        { "wp.unpopulated.marker",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 2; bits 0 4; go a write 0 1 A; uread u; uwp u 0 1 off; join a; bits 0 4" },
        { "wp.unpopulated.read_first",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 2; touch r 0; bits 0 4; go a write 0 1 A; uread u; uwp u 0 1 off; join a" },
        { "wp.unpopulated.copy_over",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 mw; uwp u 0 4; ucopy u 0 1 A; uzero u 1 1; upoison u 2 1; ucopy u 3 1 B wp; bits 0 4" },
        { "wp.unpopulated.dontneed",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 4; advise 0 2 dontneed; bits 0 4; write 0 1 A; umany u 1" },
        { "wp.unpopulated.unregister",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 4; uunreg u 0 2; bits 0 4; uclose u; bits 0 4" },
        { "wp.unpopulated.fork",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 4; child; bits 0 4; write 0 1 A; end" },
        { "wp.unpopulated.protect",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 4; protect 0 4 r; bits 0 4; protect 0 4 rw; bits 0 4" },
        { "wp.unpopulated.lock",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 1; go a lock 0 1; uread u; uwp u 0 1 off; join a; bits 0 1" },
        { "wp.unpopulated.missing",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 mw; uwp u 0 4; go a touch w 0; uread u; uwp u 0 1 off; uread u; uzero u 0 1; join a; bits 0 4" },
        { "wp.unpopulated.missing_read",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 mw; uwp u 0 4; go a touch r 0; uread u; uzero u 0 1; blocked a; ucopy u 0 1 A; join a; bits 0 4" },
        { "wp.unpopulated.incore",
          "map 0 4 rw; uopen u; uapi u unpopulated; ureg u 0 4 w; uwp u 0 2; incore 0 4" },
};

static const struct script_case async[] = {
        { "wp.async.writes",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u async; ureg u 0 4 w; uwp u 0 4; bits 0 4; write 1 2 K; bits 0 4; umany u 1" },
        { "wp.async.kernel",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u async; ureg u 0 4 w; uwp u 0 4; get 1 1; poke 2 X; bits 0 4" },
        { "wp.async.unpopulated",
          "map 0 4 rw; write 0 2 A; uopen u; uapi u async unpopulated; ureg u 0 4 w; uwp u 0 4; bits 0 4; touch r 2; write 3 1 Z; write 0 1 K; bits 0 4" },
        { "wp.async.shared",
          "map 0 4 rw shared; write 0 2 A; uopen u; uapi u async; ureg u 0 4 w; uwp u 0 4; bits 0 4; write 1 2 K; bits 0 4" },
        { "wp.async.other_modes",
          "map 0 4 rw; map 4 4 rw shared; uopen u; uapi u async; ureg u 0 4 m; ureg u 0 4 mw; ureg u 4 4 i; ureg u 4 4 wi; flags 0; flags 4" },
        { "wp.async.fork",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u async; ureg u 0 4 w; uwp u 0 4; child; bits 0 4; write 0 1 K; end; bits 0 4; write 1 1 X; bits 0 4" },
        { "wp.scan.plain",
          "map 0 4 rw; write 0 2 A; scan 0 4 0; scan 0 4 2; scan 0 4 8; scan 0 4 0 wp; scan 0 4 2 wp" },
        { "wp.scan.registered",
          "map 0 4 rw; write 0 2 A; uopen u; uapi u async unpopulated; ureg u 0 4 w; scan 0 4 0; uwp u 0 4; scan 0 4 0; scan 0 4 2; write 1 2 K; scan 0 4 0; scan 0 4 2; scan 0 4 1" },
        { "wp.scan.write_protects",
          "map 0 8 rw; write 0 8 A; uopen u; uapi u async unpopulated; ureg u 0 8 w; scan 0 8 2 wp; scan 0 8 2 wp; write 1 1 X; write 4 2 Y; scan 0 8 2 wp; scan 0 8 2; bits 0 8" },
        { "wp.scan.part",
          "map 0 8 rw; write 0 8 A; uopen u; uapi u async unpopulated; ureg u 0 8 w; scan 2 3 2 wp; bits 0 8; scan 0 8 2" },
        { "wp.scan.check",
          "map 0 8 rw; write 0 8 A; uopen u; uapi u async unpopulated; scan 0 8 2 check; scan 0 8 2 wp check; ureg u 0 4 w; scan 0 4 2 check; scan 0 8 2 check; scan 0 8 2 wp; scan 0 4 2 wp check" },
        { "wp.scan.not_async",
          "map 0 4 rw; write 0 4 A; uopen u; uapi u; ureg u 0 4 w; uwp u 0 2; scan 0 4 0; scan 0 4 2; scan 0 4 2 wp; scan 0 4 2 check; bits 0 4" },
        { "wp.scan.unpopulated_memory",
          "map 0 8 rw; uopen u; uapi u async unpopulated; ureg u 0 8 w; scan 0 8 2; scan 0 8 0 wp; bits 0 8; write 3 1 A; touch r 5; scan 0 8 2; scan 0 8 0" },
        { "wp.scan.shared",
          "object memfd 8; map 0 8 rw shared memfd; uopen u; uapi u async unpopulated; ureg u 0 8 w; scan 0 8 2 wp; write 2 1 X; touch r 4; scan 0 8 2 wp; scan 0 8 0" },
        { "wp.scan.holes",
          "map 0 2 rw; map 4 2 rw; write 0 2 A; write 4 2 E; uopen u; uapi u async unpopulated; ureg u 0 6 w; scan 0 8 0; scan 0 8 2 wp; scan 0 8 0" },
        { "wp.scan.poison_guard",
          "map 0 8 rw; write 0 4 A; uopen u; uapi u async unpopulated; ureg u 0 8 mw; upoison u 5 1; advise 6 1 102; scan 0 8 0; scan 0 8 0 wp; scan 0 8 0; bits 0 8" },
};

static const struct script_case executed[] = {
        { "exec.closed",
          "map 0 4 rw; child; uopen u; uapi u; ureg u 0 4 m; exec u uinfo,u+upoll,u; end" },
        { "exec.open",
          "map 0 4 rw; child; uopen u exec; uapi u; ureg u 0 4 mw; exec u uinfo,u+upoll,u+umany,u,1; end" },
        { "exec.open_unhandshaken", "child; uopen u exec; exec u upoll,u+uapi,u; end" },
        { "exec.fills",
          "child; map 0 4 rw; uopen u exec; uapi u; ureg u 0 4 mw; exec u map,0,4,rw+ucopy,u,0,1,A+uzero,u,0,1+upoison,u,0,1+ucont,u,0,1+umove,u,0,1,1+uwp,u,0,1+uwake,u,0,4; end" },
        { "exec.registers",
          "child; map 0 4 rw; uopen u exec; uapi u; ureg u 0 4 m; exec u map,0,4,rw+ureg,u,0,4,m+uunreg,u,0,4+uapi,u+uclose,u; end" },
        { "exec.events_asked",
          "child; map 0 4 rw; uopen u exec; uapi u unmap remap remove fork; ureg u 0 4 m; exec u upoll,u+umany,u,1+uinfo,u; end" },
        { "exec.waiting_thread",
          "child; map 0 4 rw; uopen u exec; uapi u; ureg u 0 4 m; go a touch w 1; upoll u wait; exec u umany,u,1+uinfo,u; end" },
        { "exec.producer_waits",
          "child; map 0 4 rw; uopen u exec; uapi u unmap; ureg u 0 4 m; go a unmap 0 1; upoll u wait; exec u umany,u,1+uinfo,u+upoll,u; end" },
};

int main(int argc, char **argv)
{
        if (argc > 1)
                return uffd_executed(argc, argv);
        RUN_UFFD_CASES(told);
        RUN_UFFD_CASES(memory);
        RUN_UFFD_CASES(shared);
        RUN_UFFD_CASES(unpopulated);
        RUN_UFFD_CASES(async);
        RUN_UFFD_CASES(executed);
        return 0;
}
