#include "bench/jmespath/corpus.h"

#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <utility>

namespace flashflood::bench {

namespace {
constexpr std::size_t block_bytes = 256 * 1024;
}

Corpus::Corpus(std::string name, std::string lines)
    : name_(std::move(name)), lines_(std::move(lines)), lines_bytes_(lines_.size()) {
  packed_.reserve(lines_.size() + padding);
  for (char c : lines_) {
    if (c != '\n') packed_.push_back(c);
  }
  bytes_ = packed_.size();
  packed_.append(padding, ' ');
  lines_.append(padding, ' ');
  fill_blocks();
}

void Corpus::fill_blocks() {
  const char* next = packed_.data();  // in the packed documents
  const char* block_begin = next;
  DocumentBlock block;
  auto end_block = [&] {
    block.bytes = {block_begin, static_cast<std::size_t>(next - block_begin)};
    blocks_.push_back(std::move(block));
    block = {};
    block_begin = next;
  };
  std::string_view rest = lines();
  while (!rest.empty()) {
    std::size_t size = rest.find('\n');
    block.documents.emplace_back(next, size);
    next += size;
    rest.remove_prefix(size + 1);
    block.ends.push_back(static_cast<std::uint32_t>(next - block_begin));
    ++events_;
    if (next - block_begin >= static_cast<std::ptrdiff_t>(block_bytes)) end_block();
  }
  if (!block.documents.empty()) end_block();
}

std::string read_events(const std::string& path, std::size_t events_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (path.ends_with(".zst")) {
    std::string packed = std::exchange(text, {});
    std::string piece(ZSTD_DStreamOutSize(), '\0');
    ZSTD_DStream* stream = ZSTD_createDStream();
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    while (input.pos < input.size) {
      ZSTD_outBuffer output{piece.data(), piece.size(), 0};
      if (ZSTD_isError(ZSTD_decompressStream(stream, &output, &input))) {
        throw std::runtime_error("cannot decompress " + path);
      }
      text.append(piece, 0, output.pos);
    }
    ZSTD_freeDStream(stream);
  }
  std::size_t end = 0;
  for (std::size_t i = 0; i < events_max && end < text.size(); ++i) {
    std::size_t line = text.find('\n', end);
    end = line == std::string::npos ? text.size() : line + 1;
  }
  text.resize(end);
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  return text;
}

std::string make_orders(std::size_t events) {
  constexpr std::array<std::string_view, 50> countries = {
      "US", "DE", "GB", "FR", "IT", "ES", "NL", "BE", "SE", "NO", "DK", "FI", "PL",
      "CZ", "AT", "CH", "PT", "GR", "IE", "HU", "RO", "BG", "HR", "SI", "SK", "EE",
      "LV", "LT", "LU", "MT", "CY", "IS", "JP", "KR", "CN", "IN", "ID", "TH", "VN",
      "AU", "NZ", "CA", "MX", "BR", "AR", "CL", "ZA", "EG", "NG", "KE"};
  constexpr std::array<std::string_view, 8> names = {"Ada Lovelace", "Grace Hopper", "Zoë Müller",
                                                     "陳大文",       "Alan Turing",  "Łukasz Żak",
                                                     "José Núñez",   "Edsger D."};
  constexpr std::array<std::string_view, 4> kinds = {"purchase", "refund", "quote", "transfer"};
  constexpr std::array<std::string_view, 5> tags = {"new", "gift", "express", "loyal", "bulk"};
  std::mt19937 random(1);  // its numbers are the same everywhere, those of distributions are not
  auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  auto price = [&] { return fmt::format("{}.{:02}", below(300), below(100)); };
  std::string out;
  out.reserve(events * 420);
  auto add = [&out](std::string_view format, const auto&... values) {
    fmt::vformat_to(std::back_inserter(out), format, fmt::make_format_args(values...));
  };
  for (std::size_t i = 0; i < events; ++i) {
    add(R"({{"id":"order-{:08}","kind":"{}","time":"2024-{:02}-{:02}T{:02}:{:02}:{:02}Z",)", i,
        kinds[below(4)], 1 + below(12), 1 + below(28), below(24), below(60), below(60));
    add(R"("user":{{"id":{},"name":"{}","address":{{"city":"City {}","zip":"{:05}","country":"{}"}}}},)",
        below(1'000'000), names[below(8)], below(500), below(100'000), countries[below(50)]);
    out.append(R"("items":[)");
    for (std::uint32_t item = 0, count = 1 + below(4); item < count; ++item) {
      add(R"({}{{"sku":"S{:05}","count":{},"price":{}}})", item == 0 ? "" : ",", below(100'000),
          1 + below(9), price());
    }
    add(R"(],"payment":{{"method":"{}","total":{},"currency":"EUR"}},)",
        below(2) == 0 ? "card" : "invoice", price());
    add(R"("tags":["{}","{}"],"note":{},"ok":{}}})", tags[below(5)], tags[below(5)],
        below(3) == 0 ? "\"leave at the door\"" : "null", below(8) == 0 ? "false" : "true");
    out.push_back('\n');
  }
  return out;
}

}  // namespace flashflood::bench
