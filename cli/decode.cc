#include "decode.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <iconv.h>
#include <lzma.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "failure.h"
#include "interrupt.h"

namespace flashflood::cli {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{256} << 10;

unsigned bounded(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, 1U << 30));
}

struct Step {
  std::size_t taken = 0;
  std::size_t made = 0;
};

class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;
  // `ended`: `raw` is all that is left. One that takes and makes nothing wants to see more.
  virtual Step step(std::string_view raw, bool ended, char* out, std::size_t size) = 0;
  // Whether it may end here.
  virtual bool complete() const = 0;
};

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw Failure("out of memory");
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }

  Step step(std::string_view raw, bool, char* out, std::size_t size) override {
    Step step;
    if (between_members_) {
      // Zeros may fill up a tape or a block device behind the last member.
      while (step.taken < raw.size() && raw[step.taken] == '\0') ++step.taken;
      if (step.taken == raw.size()) return step;
      inflateReset(&stream_);
      between_members_ = false;
    }
    stream_.next_in = reinterpret_cast<const Bytef*>(raw.data() + step.taken);
    stream_.avail_in = bounded(raw.size() - step.taken);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = bounded(size);
    const unsigned given = stream_.avail_in;
    const unsigned room = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      throw Failure(
          fmt::format("damaged gzip data ({})", stream_.msg ? stream_.msg : zError(code)));
    }
    between_members_ = code == Z_STREAM_END;
    step.taken += given - stream_.avail_in;
    step.made = room - stream_.avail_out;
    return step;
  }
  bool complete() const override { return between_members_; }

 private:
  z_stream stream_{};
  bool between_members_ = false;
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw Failure("out of memory");
    // zstd --long=31 is the most. The library itself stops at 128 MiB.
    const auto bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, bounds.upperBound);
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  Step step(std::string_view raw, bool, char* out, std::size_t size) override {
    // Between frames it would ask for the beginning of another one.
    if (raw.empty() && complete_) return {};
    ZSTD_inBuffer in{raw.data(), raw.size(), 0};
    ZSTD_outBuffer to{out, size, 0};
    const std::size_t code = ZSTD_decompressStream(stream_, &to, &in);
    if (ZSTD_isError(code)) {
      switch (ZSTD_getErrorCode(code)) {
        case ZSTD_error_memory_allocation:
        case ZSTD_error_frameParameter_windowTooLarge:
          throw Failure(
              "its Zstandard data needs a window that is too large for the memory here: decompress "
              "it with zstd -d --memory=2048MB where there is more, and record what comes out");
        default:
          throw Failure(fmt::format("damaged Zstandard data ({})", ZSTD_getErrorName(code)));
      }
    }
    complete_ = code == 0;
    return {in.pos, to.pos};
  }
  bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

class Bzip2Decoder final : public Decoder {
 public:
  Bzip2Decoder() { begin(); }
  ~Bzip2Decoder() override { BZ2_bzDecompressEnd(&stream_); }

  Step step(std::string_view raw, bool, char* out, std::size_t size) override {
    if (between_members_) {
      if (raw.empty()) return {};
      BZ2_bzDecompressEnd(&stream_);
      begin();
    }
    // It is not const, but is only read.
    stream_.next_in = const_cast<char*>(raw.data());
    stream_.avail_in = bounded(raw.size());
    stream_.next_out = out;
    stream_.avail_out = bounded(size);
    const unsigned given = stream_.avail_in;
    const unsigned room = stream_.avail_out;
    const int code = BZ2_bzDecompress(&stream_);
    if (code == BZ_MEM_ERROR) throw Failure("out of memory");
    if (code != BZ_OK && code != BZ_STREAM_END) throw Failure("damaged bzip2 data");
    between_members_ = code == BZ_STREAM_END;
    return {given - stream_.avail_in, room - stream_.avail_out};
  }
  bool complete() const override { return between_members_; }

 private:
  void begin() {
    stream_ = {};
    between_members_ = false;
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw Failure("out of memory");
  }

  bz_stream stream_{};
  bool between_members_ = false;
};

class XzDecoder final : public Decoder {
 public:
  XzDecoder() {
    if (lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK) {
      throw Failure("out of memory");
    }
  }
  ~XzDecoder() override { lzma_end(&stream_); }

  Step step(std::string_view raw, bool ended, char* out, std::size_t size) override {
    if (complete_) return {};
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(raw.data());
    stream_.avail_in = raw.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out);
    stream_.avail_out = size;
    const lzma_ret code = lzma_code(&stream_, ended ? LZMA_FINISH : LZMA_RUN);
    if (code == LZMA_MEM_ERROR) throw Failure("out of memory");
    if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR) {
      throw Failure("damaged xz data");
    }
    complete_ = code == LZMA_STREAM_END;
    return {raw.size() - stream_.avail_in, size - stream_.avail_out};
  }
  bool complete() const override { return complete_; }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool complete_ = false;
};

class Utf16Decoder final : public Decoder {
 public:
  explicit Utf16Decoder(Content::Kind kind)
      : converter_(iconv_open("UTF-8", kind == Content::Kind::utf16le ? "UTF-16LE" : "UTF-16BE")) {
    if (converter_ == none()) throw Failure("UTF-16 cannot be converted here (iconv_open failed)");
  }
  ~Utf16Decoder() override { iconv_close(converter_); }

  Step step(std::string_view raw, bool, char* out, std::size_t size) override {
    // It is not const, but is only read.
    char* from = const_cast<char*>(raw.data());
    std::size_t left = raw.size();
    char* to = out;
    std::size_t room = size;
    const bool whole = iconv(converter_, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
    const std::size_t taken = raw.size() - left;
    if (!whole && errno == EILSEQ && taken == 0) {
      throw Failure(fmt::format("it is not valid UTF-16 at byte {}", at_));
    }
    at_ += taken;
    complete_ = left == 0;
    return {taken, size - room};
  }
  bool complete() const override { return complete_; }

 private:
  static iconv_t none() { return reinterpret_cast<iconv_t>(-1); }

  iconv_t converter_;
  std::size_t at_ = 0;
  bool complete_ = true;
};

std::unique_ptr<Decoder> decoder_of(Content::Kind kind) {
  switch (kind) {
    case Content::Kind::gzip:
      return std::make_unique<GzipDecoder>();
    case Content::Kind::zstd:
      return std::make_unique<ZstdDecoder>();
    case Content::Kind::bzip2:
      return std::make_unique<Bzip2Decoder>();
    case Content::Kind::xz:
      return std::make_unique<XzDecoder>();
    default:
      return std::make_unique<Utf16Decoder>(kind);
  }
}

class DecodedSource final : public ByteSource {
 public:
  DecodedSource(Content::Kind kind, ByteSource& raw)
      : compressed_(Content{kind}.compressed()), raw_(raw), decoder_(decoder_of(kind)) {}

 protected:
  std::size_t fetch(char* out, std::size_t size) override {
    std::size_t wanted = 1;
    while (true) {
      const std::string_view raw = raw_.peek(wanted);
      if (reading_stopped()) return 0;
      // Decoders may hold output back, so ask them once more when the raw bytes are at their end.
      const bool ended = raw.size() < wanted;
      const Step step = decoder_->step(raw, ended, out, size);
      raw_.consume(step.taken);
      if (step.made > 0) return step.made;
      if (ended && step.taken == 0) {
        if (decoder_->complete() && raw.empty()) return 0;
        throw Failure(compressed_ ? "it ends in the middle of the compressed data"
                                  : "it ends in the middle of a character of UTF-16");
      }
      wanted = step.taken == 0 ? raw.size() + 1 : 1;
    }
  }

 private:
  bool compressed_;
  ByteSource& raw_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace

std::size_t ByteSource::read(char* out, std::size_t size) {
  if (begin_ == end_) return fetch(out, size);
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(out, buffer_.data() + begin_, taken);
  begin_ += taken;
  return taken;
}

std::string_view ByteSource::peek(std::size_t least) {
  if (end_ - begin_ < least) {
    if (buffer_.empty()) buffer_.resize(buffer_bytes);
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (end_ - begin_ < least) {
    const std::size_t got = fetch(buffer_.data() + end_, buffer_.size() - end_);
    if (got == 0) break;
    end_ += got;
  }
  return {buffer_.data() + begin_, end_ - begin_};
}

std::unique_ptr<ByteSource> make_decoder(Content::Kind kind, ByteSource& raw) {
  return std::make_unique<DecodedSource>(kind, raw);
}

Content look_at_content(ByteSource& source) {
  std::size_t wanted = 1;
  while (true) {
    const std::string_view seen = source.peek(wanted);
    const std::string_view head = seen.substr(0, content_head_bytes);
    if (seen.size() < wanted || !content_needs_more(head)) return content_of(head);
    wanted = seen.size() + 1;
  }
}

}  // namespace flashflood::cli
