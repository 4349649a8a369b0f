# The one change to newlib's sources, made with sed in libc/stdlib/mallocr.c.
#
# malloc there knows how to take large blocks from mmap and to grow them with mremap, and then
# switches that off for every newlib target, because none has mmap. Terrane has, and realloc by
# mremap is what it wants to show. Line numbers are avoided on purpose.
s/^#define HAVE_MMAP 0$/#define HAVE_MMAP 1\
#define HAVE_MREMAP 1/
