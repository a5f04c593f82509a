#include <zlib.h>

/* deflateInit2 is a macro. 16 beside the window's bits asks for gzip's head and tail. */
static inline int apus_gzip_begin(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY);
}

/* inflateInit and deflateInit are macros. */
static inline int apus_inflate_begin(z_stream *stream) { return inflateInit(stream); }
static inline int apus_deflate_begin(z_stream *stream) { return deflateInit(stream, Z_DEFAULT_COMPRESSION); }

/* inflateInit2 is a macro. */
static inline int apus_gunzip_begin(z_stream *stream) { return inflateInit2(stream, MAX_WBITS + 16); }
