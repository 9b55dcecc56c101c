#include "format/compress.h"

#include <lz4.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <new>
#include <string>

#include "flashflood/error.h"

namespace flashflood::format {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx& compression_context() {
  thread_local std::unique_ptr<ZSTD_CCtx, FreeContext> context;
  if (!context) context.reset(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  return *context;
}

ZSTD_DCtx& decompression_context() {
  thread_local std::unique_ptr<ZSTD_DCtx, FreeContext> context;
  if (!context) context.reset(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  return *context;
}

Buffer compress_zstd(BytesView raw, int level) {
  Buffer out = Buffer::of(ZSTD_compressBound(raw.size()));
  std::size_t size = ZSTD_compressCCtx(&compression_context(), out.bytes.get(), out.size,
                                       raw.data(), raw.size(), level);
  if (ZSTD_isError(size)) {
    if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    throw Error(std::string("zstd cannot compress: ") + ZSTD_getErrorName(size));
  }
  out.size = size;
  return out;
}

Buffer compress_lz4(BytesView raw) {
  int raw_size = static_cast<int>(raw.size());
  Buffer out = Buffer::of(static_cast<std::size_t>(LZ4_compressBound(raw_size)));
  int size =
      LZ4_compress_default(raw.data(), out.bytes.get(), raw_size, static_cast<int>(out.size));
  if (size <= 0) return {};
  out.size = static_cast<std::size_t>(size);
  return out;
}

}  // namespace

Buffer compress(BytesView raw, Codec codec, int zstd_level) {
  Buffer out;
  if (codec == Codec::zstd) out = compress_zstd(raw, zstd_level);
  if (codec == Codec::lz4) out = compress_lz4(raw);
  if (out.size >= raw.size()) return {};
  return out;
}

bool decompress(BytesView stored, Codec codec, char* raw, std::size_t raw_bytes) {
  if (codec == Codec::zstd) {
    // An error is a huge number, never raw_bytes.
    std::size_t size =
        ZSTD_decompressDCtx(&decompression_context(), raw, raw_bytes, stored.data(), stored.size());
    if (ZSTD_isError(size) && ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) {
      throw std::bad_alloc();
    }
    return size == raw_bytes;
  }
  if (codec != Codec::lz4 || stored.size() > LZ4_MAX_INPUT_SIZE || raw_bytes > LZ4_MAX_INPUT_SIZE) {
    return false;
  }
  int size = LZ4_decompress_safe(stored.data(), raw, static_cast<int>(stored.size()),
                                 static_cast<int>(raw_bytes));
  return size >= 0 && static_cast<std::size_t>(size) == raw_bytes;
}

}  // namespace flashflood::format
