# The two changes to newlib's sources, made with sed. Lines are found by what they say, never by
# number, and build.sh stops when one is not found.
#
# stdlib/mallocr.c: malloc there knows how to take large blocks from mmap and to grow them with
# mremap, and then switches that off for every newlib target, because none has mmap. Terrane has,
# and realloc by mremap is what it wants to show.
s/^#define HAVE_MMAP 0$/#define HAVE_MMAP 1\
#define HAVE_MREMAP 1/
#
# stdio/vf*printf.c, vf*scanf.c: positional arguments ("%2$s") are looked up in a function that
# takes a va_list *, given &ap. On x86-64 va_list is an array, so the parameter ap is already a
# pointer to its element, and &ap is the address of that pointer: the arguments are read from the
# wrong memory.
s/\(get_arg (.*\)&ap, &numargs/\1(va_list *) ap, \&numargs/
