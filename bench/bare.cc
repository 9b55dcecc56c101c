#include "bench/bare.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>
#include <zstd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

#include "flashflood/arrow.h"
#include "flashflood/flashflood.h"
#include "format/journal.h"

namespace flashflood::bench {

namespace {

constexpr std::size_t block_bytes = 256 * 1024;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string(what) + " failed");
}

// Calls `piece` for consecutive pieces of the file, decompressed where it is zstd.
template <typename Piece>
void read_pieces(const std::string& path, const Piece& piece) {
  std::ifstream file(path, std::ios::binary);
  require(file.good(), "opening the events");
  std::string in(ZSTD_DStreamInSize(), '\0'), out(ZSTD_DStreamOutSize(), '\0');
  bool packed = path.ends_with(".zst");
  ZSTD_DStream* stream = ZSTD_createDStream();
  while (file.read(in.data(), static_cast<std::streamsize>(in.size())) || file.gcount() > 0) {
    auto count = static_cast<std::size_t>(file.gcount());
    if (!packed) {
      piece(std::string_view(in.data(), count));
      continue;
    }
    ZSTD_inBuffer input{in.data(), count, 0};
    while (input.pos < input.size) {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      require(!ZSTD_isError(ZSTD_decompressStream(stream, &output, &input)), "zstd");
      piece(std::string_view(out.data(), output.pos));
    }
  }
  ZSTD_freeDStream(stream);
}

struct Totals {
  std::uint64_t events = 0;
  std::uint64_t checksum = 0;
  void add(std::string_view id, Timestamp date, std::string_view data) {
    ++events;
    checksum += id.size() + data.size() * 31 +
                static_cast<std::uint64_t>(date.time_since_epoch().count()) +
                static_cast<unsigned char>(data.empty() ? 0 : data.back());
  }
  int print() const {
    fmt::print("{} {}\n", events, checksum);
    return 0;
  }
};

}  // namespace

int bare_record(const std::string& events, const std::string& output) {
  int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  require(file >= 0, "creating the output");
  simdjson::ondemand::parser parser;
  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  std::string block, packed(ZSTD_compressBound(2 * block_bytes), '\0'), rest, line_buffer;
  std::uint64_t checksum = 0, lines = 0;
  auto write_block = [&] {
    std::size_t size =
        ZSTD_compressCCtx(compressor, packed.data(), packed.size(), block.data(), block.size(), 1);
    require(!ZSTD_isError(size), "zstd");
    require(write(file, packed.data(), size) == static_cast<ssize_t>(size), "write");
    block.clear();
  };
  auto take_line = [&](std::string_view line) {
    line_buffer.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    line_buffer.assign(line);
    auto document = parser.iterate(line_buffer.data(), line.size(), line_buffer.capacity());
    std::string_view invoice = document["invoice"], date = document["date"];
    checksum += invoice.size() + static_cast<unsigned char>(date.back()) + invoice.back();
    ++lines;
    block += line;
    if (block.size() >= block_bytes) write_block();
  };
  read_pieces(events, [&](std::string_view piece) {
    for (;;) {
      std::size_t end = piece.find('\n');
      if (end == std::string_view::npos) break;
      if (rest.empty()) {
        take_line(piece.substr(0, end));
      } else {
        rest += piece.substr(0, end);
        take_line(rest);
        rest.clear();
      }
      piece.remove_prefix(end + 1);
    }
    rest += piece;
  });
  if (!block.empty()) write_block();
  ZSTD_freeCCtx(compressor);
  require(fsync(file) == 0 && close(file) == 0, "fsync");
  fmt::print("{} {}\n", lines, checksum);
  return 0;
}

int bare_replay(const std::string& flood) {
  Totals totals;
  for (const auto& item : std::filesystem::directory_iterator(flood + "/journals")) {
    std::string object = read_file(item.path());
    auto tail = format::parse_journal_tail(object, object.size(), item.path().string());
    for (const auto& info : tail->blocks()) {
      auto block = format::decode_block(
          std::string_view(object).substr(info.offset, info.stored_bytes), "block");
      for (std::size_t i = 0; i < block->size(); ++i)
        totals.add(block->id(i), block->date(i), block->data(i));
    }
  }
  return totals.print();
}

int library_replay(const std::string& flood) {
  Totals totals;
  auto handle = Flood::open(flood, {.create = false});
  for (const auto& event : handle.replay()) totals.add(event.id, event.date, event.data);
  return totals.print();
}

int arrow_replay(const std::string& flood) {
  Totals totals;
  ArrowArrayStream stream = arrow_stream(Flood::open(flood, {.create = false}).replay());
  for (;;) {
    ArrowArray batch{};
    require(stream.get_next(&stream, &batch) == 0, "reading Arrow batches");
    if (batch.release == nullptr) break;
    const auto text = [](const ArrowArray& column, std::int64_t row) {
      const auto* ends = static_cast<const std::int32_t*>(column.buffers[1]);
      return std::string_view(static_cast<const char*>(column.buffers[2]) + ends[row],
                              static_cast<std::size_t>(ends[row + 1] - ends[row]));
    };
    const auto* dates = static_cast<const std::int64_t*>(batch.children[1]->buffers[1]);
    for (std::int64_t row = 0; row < batch.length; ++row)
      totals.add(text(*batch.children[0], row), Timestamp{std::chrono::microseconds{dates[row]}},
                 text(*batch.children[3], row));
    batch.release(&batch);
  }
  stream.release(&stream);
  return totals.print();
}

double bare_puts(const std::filesystem::path& folder, int count) {
  std::filesystem::create_directories(folder);
  std::string bytes(300, 'x');
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    std::string temporary = folder / fmt::format("t{}", i), name = folder / fmt::format("n{}", i);
    int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    require(file >= 0 && write(file, bytes.data(), bytes.size()) == 300 && fsync(file) == 0 &&
                link(temporary.c_str(), name.c_str()) == 0 && unlink(temporary.c_str()) == 0 &&
                close(file) == 0,
            "writing a file");
  }
  std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  std::filesystem::remove_all(folder);
  return elapsed.count();
}

}  // namespace flashflood::bench
