#!/usr/bin/env bash
# Whether what links native executables is here: a C compiler, and zlib to link with.
command -v cc >/dev/null 2>&1 && printf '#include <zlib.h>\nint main(void) { return zlibVersion() == 0; }' | cc -x c - -lz -o /dev/null 2>/dev/null
