// Objects as the first release wrote them: they are read, hold what they held, and are written
// again byte for byte where no compressor has a say. The worked examples of docs/format.md are
// these files.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "base/text.h"
#include "golden_objects.h"

namespace flashflood::format {
namespace {

const std::filesystem::path source_folder = FLASHFLOOD_SOURCE_DIR;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Bytes golden_file(const std::string& file) {
  return read_file(source_folder / "tests" / "golden" / file);
}

void expect_same(const EntryView& read, const EntryView& expected) {
  EXPECT_EQ(read.date, expected.date);
  EXPECT_EQ(read.id, expected.id);
  EXPECT_EQ(read.data, expected.data);
  EXPECT_EQ(read.kind, expected.kind);
  EXPECT_EQ(read.entry_class, expected.entry_class);
  EXPECT_EQ(read.order, expected.order);
}

void expect_journal(const std::string& file, Codec codec, bool with_id_table) {
  Bytes object = golden_file(file);
  auto tail = parse_journal_tail(object, object.size(), file);
  EXPECT_EQ(tail->properties().origin, JournalOrigin::sealed);
  EXPECT_EQ(tail->properties().token, golden::journal_properties().token);
  EXPECT_EQ(tail->properties().epoch, 7u);
  EXPECT_FALSE(tail->properties().id_made_here);
  EXPECT_EQ(tail->has_id_table(), with_id_table);
  std::vector<Entry> expected = golden::journal_entries();
  ASSERT_EQ(tail->entries(), expected.size());
  ASSERT_EQ(tail->blocks().size(), 2u);
  EXPECT_EQ(tail->blocks()[0].dead_count, 1u);
  std::uint64_t row = 0;
  for (const BlockInfo& info : tail->blocks()) {
    EXPECT_EQ(info.codec, codec);
    BytesView stored = BytesView(object).substr(info.offset, info.stored_bytes);
    auto block = decode_block(stored, info, file);
    check_block_order(*block, file);
    for (std::size_t i = 0; i < block->size(); ++i, ++row) {
      expect_same(block->entry(i), expected[row].view());
      if (with_id_table) {
        EXPECT_EQ(tail->rows_of(expected[row].id), std::vector<std::uint64_t>{row});
      }
    }
  }
}

TEST(Golden, Single) {
  Bytes object = golden_file("single.bin");
  SingleJournal single = decode_single(object, "single.bin");
  expect_same(single.entry.view(), golden::single_entry().view());
  EXPECT_EQ(single.properties.token.bytes, "0123456789abcdef");
  EXPECT_EQ(single.properties.epoch, 42u);
  EXPECT_FALSE(single.properties.id_made_here);
  EXPECT_EQ(encode_single(golden::single_properties(), golden::single_entry().view()), object);
}

TEST(Golden, JournalPlain) {
  expect_journal("journal-none.bin", Codec::none, true);
  EXPECT_EQ(golden::journal(Codec::none, true), golden_file("journal-none.bin"));
}

TEST(Golden, JournalZstd) { expect_journal("journal-zstd.bin", Codec::zstd, true); }

TEST(Golden, JournalLz4) { expect_journal("journal-lz4.bin", Codec::lz4, false); }

TEST(Golden, Catalogs) {
  EXPECT_EQ(decode_catalog(golden_file("catalog.bin"), "catalog.bin"), golden::catalog());
  EXPECT_EQ(encode_catalog(golden::catalog()), golden_file("catalog.bin"));
  EXPECT_EQ(decode_catalog(golden_file("catalog-pages.bin"), "catalog-pages.bin"),
            golden::catalog_with_pages());
  EXPECT_EQ(encode_catalog(golden::catalog_with_pages()), golden_file("catalog-pages.bin"));
  EXPECT_EQ(decode_catalog(golden_file("catalog-zstd.bin"), "catalog-zstd.bin"),
            golden::long_catalog());
  EXPECT_EQ(decode_catalog(golden_file("catalog-posts.bin"), "catalog-posts.bin"),
            golden::catalog_with_posts());
  EXPECT_EQ(encode_catalog(golden::catalog_with_posts()), golden_file("catalog-posts.bin"));
}

TEST(Golden, CatalogPage) {
  EXPECT_EQ(decode_catalog_page(golden_file("page.bin"), "page.bin").journals,
            golden::page().journals);
  EXPECT_EQ(encode_catalog_page(golden::page()), golden_file("page.bin"));
  EXPECT_EQ(decode_catalog_page(golden_file("page-posts.bin"), "page-posts.bin").journals,
            golden::page_with_posts().journals);
  EXPECT_EQ(encode_catalog_page(golden::page_with_posts()), golden_file("page-posts.bin"));
}

TEST(Golden, IndexPart) {
  Bytes object = golden_file("index.bin");
  auto tail = parse_index_tail(object, object.size(), "index.bin");
  EXPECT_EQ(tail->entries(), 4u);
  BytesView page = BytesView(object).substr(index_page_offset(0), index_page_bytes);
  EXPECT_EQ(decode_index_page(page, 0, "index.bin"), golden::index_entries());
  for (const IndexEntry& entry : golden::index_entries()) EXPECT_TRUE(tail->may_hold(entry.id));
  EXPECT_FALSE(tail->may_hold(golden::mixed_hash(1, 3)));
  EXPECT_EQ(golden::index_part(), object);
}

TEST(Golden, JsonObjects) {
  EXPECT_EQ(decode_settings(golden_file("flashflood.json"), "f"), golden::settings());
  EXPECT_EQ(encode_settings(golden::settings()), golden_file("flashflood.json"));
  EXPECT_EQ(decode_lease(golden_file("lease.json"), "l"), golden::lease());
  EXPECT_EQ(encode_lease(golden::lease()), golden_file("lease.json"));
  EXPECT_EQ(decode_import_mark(golden_file("import.json"), "i"), golden::import_mark());
  EXPECT_EQ(encode_import_mark(golden::import_mark()), golden_file("import.json"));
}

TEST(Golden, Splits) {
  EXPECT_EQ(decode_split(golden_file("split.json")), golden::split());
  EXPECT_EQ(encode_split(golden::split()), golden_file("split.json"));
  EXPECT_EQ(decode_split(golden_file("split-presigned.json")), golden::presigned_split());
  EXPECT_EQ(encode_split(golden::presigned_split()), golden_file("split-presigned.json"));
}

// The dumps in docs/format.md: a fenced block whose first line is "```text <file>", then lines of
// an offset, two blanks, bytes with one blank between them, and what they mean behind two blanks.
std::map<std::string, Bytes> dumps_in(const std::string& document) {
  std::map<std::string, Bytes> dumps;
  std::istringstream lines(document);
  Bytes* dump = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      bool starts = line.starts_with("```text ") && line.ends_with(".bin");
      dump = starts ? &dumps[line.substr(8)] : nullptr;
    } else if (dump != nullptr) {
      EXPECT_EQ(std::stoul(line.substr(0, 4), nullptr, 16), dump->size()) << line;
      for (std::size_t at = 6; at + 2 <= line.size() && line[at] != ' '; at += 3) {
        auto byte = from_hex(line.substr(at, 2));
        if (!byte) {
          ADD_FAILURE() << line;
          break;
        }
        *dump += *byte;
      }
    }
  }
  return dumps;
}

TEST(Golden, TheWorkedExamplesAreTheseFiles) {
  auto dumps = dumps_in(read_file(source_folder / "docs" / "format.md"));
  EXPECT_TRUE(dumps.contains("single.bin"));
  EXPECT_TRUE(dumps.contains("catalog.bin"));
  for (const auto& [file, bytes] : dumps) EXPECT_EQ(bytes, golden_file(file)) << file;
}

TEST(Golden, TheWorkedExamplesOfJsonAreTheseFiles) {
  std::string document = read_file(source_folder / "docs" / "format.md");
  for (const char* file :
       {"flashflood.json", "lease.json", "import.json", "split.json", "split-presigned.json"}) {
    std::string text = golden_file(file);
    if (!text.ends_with('\n')) text += '\n';
    EXPECT_NE(document.find("```json\n" + text + "```"), std::string::npos) << file;
  }
}

}  // namespace
}  // namespace flashflood::format
