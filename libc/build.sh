#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Build newlib once: sh libc/build.sh DIR
#
#   DIR/src       the sources, unpacked from Debian's newlib-source package
#   DIR/install   headers and libraries
#   DIR/stamp     a hash of all that went in; when it still holds, nothing is done
#
# What goes in: this script, newlib.sed, the headers that stand in for newlib's own (override/),
# sys/mman.h for malloc, the tarball and the compiler's version. The compiler is always gcc, so that
# programs built with gcc and with clang link the same library. About 45 seconds.
set -eu

dir=$1
top=$(cd "$(dirname "$0")" && pwd)
cc=${NEWLIB_CC:-gcc}

tarball=
for f in /usr/src/newlib/newlib-*.tar.xz; do
        test -f "$f" && tarball=$f
done
if test -z "$tarball"; then
        echo "newlib's sources are missing: apt-get install newlib-source" >&2
        exit 1
fi

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
exec 9>"$dir/lock"
flock 9

inputs() {
        (cd "$top" && cat build.sh newlib.sed include/sys/mman.h && find override -type f |
                LC_ALL=C sort | xargs cat)
        "$cc" --version
        cksum "$tarball"
}
hash=$(inputs | sha256sum | cut -d' ' -f1)
if test "$(cat "$dir/stamp" 2>/dev/null)" = "$hash"; then
        touch "$dir/stamp"
        exit 0
fi

step() {
        printf '  %-7s %s\n' NEWLIB "$1"
}
run() {
        if ! "$@" >>"$dir/log" 2>&1; then
                tail -n 30 "$dir/log" >&2
                echo "building newlib failed; the whole log is $dir/log" >&2
                exit 1
        fi
}

rm -rf "$dir/stamp" "$dir/src" "$dir/obj" "$dir/install" "$dir/log"

step "unpack $(basename "$tarball")"
mkdir -p "$dir/src" "$dir/obj"
tar -xf "$tarball" -C "$dir/src" --strip-components=1
for f in stdlib/mallocr stdio/vfprintf stdio/vfwprintf stdio/vfscanf stdio/vfwscanf; do
        f=$dir/src/newlib/libc/$f.c
        sed -f "$top/newlib.sed" "$f" >"$f.new"
        if cmp -s "$f" "$f.new"; then
                echo "newlib.sed finds nothing to change in $f" >&2
                exit 1
        fi
        mv "$f.new" "$f"
done

# Position independent, so that static-pie programs can link it too. The *_PROVIDED and HAVE_*
# words leave out what the port brings itself: system calls without newlib's errno relay, real
# signals, rename, clock, abort, system, and the struct _reent of the running thread. EFTYPE is an
# error number that Linux does not have; the hash tables behind ndbm want it.
flags="-O2 -g -fPIE -fno-stack-protector -fcf-protection=none -ffunction-sections
  -fdata-sections -fno-strict-aliasing -U__linux__ -U__linux -Ulinux -U__gnu_linux__ -U__unix__
  -Uunix -nostdinc -I$top/override -I$top/include -isystem $("$cc" -print-file-name=include)
  -DREENTRANT_SYSCALLS_PROVIDED -DMISSING_SYSCALL_NAMES -DGETREENT_PROVIDED -DSIGNAL_PROVIDED
  -DCLOCK_PROVIDED -DABORT_PROVIDED -DHAVE_SYSTEM -DHAVE_RENAME -DHAVE_FCNTL -DHAVE_BLKSIZE -DEFTYPE=EINVAL"
flags=$(echo $flags)

step 'configure'
(
        cd "$dir/obj"
        export CC_FOR_TARGET="$cc" AR_FOR_TARGET=ar RANLIB_FOR_TARGET=ranlib NM_FOR_TARGET=nm \
                AS_FOR_TARGET=as LD_FOR_TARGET=ld STRIP_FOR_TARGET=strip \
                OBJDUMP_FOR_TARGET=objdump READELF_FOR_TARGET=readelf CFLAGS_FOR_TARGET="$flags"
        run ../src/configure --target=x86_64-elf --prefix="$dir/install" --disable-multilib \
                --disable-libgloss --disable-nls --enable-newlib-io-c99-formats \
                --enable-newlib-io-long-long --enable-newlib-io-long-double \
                --enable-newlib-io-pos-args --disable-newlib-supplied-syscalls \
                --enable-newlib-multithread --enable-newlib-retargetable-locking \
                --enable-newlib-global-stdio-streams --enable-newlib-long-time_t \
                --disable-newlib-iconv --enable-newlib-global-atexit
        step 'compile (about 45 seconds)'
        run make -j2 MAKEFLAGS= MAKEINFO=true all-target-newlib
        step 'install'
        run make MAKEFLAGS= MAKEINFO=true install-target-newlib
)
mv "$dir/install/x86_64-elf/include" "$dir/install/x86_64-elf/lib" "$dir/install/"
rm -rf "$dir/obj"
echo "$hash" >"$dir/stamp"
