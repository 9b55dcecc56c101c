// Writes the corpora with which the fuzz targets begin: expressions and documents of the JMESPath
// compliance suite, and small stored objects of every kind.
//
//   fuzz_corpus SUITE FOLDER      makes FOLDER/parse, evaluate, read, formats, original

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "format/settings.h"
#include "format/test_objects.h"
#include "fuzz/target.h"

namespace flashflood::fuzz {
namespace {

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void add(std::string_view bytes) {
    if (!known_.insert(std::string(bytes)).second) return;
    std::ofstream file(folder_ / fmt::format("{:04}", known_.size()), std::ios::binary);
    file << bytes;
    file.close();
    require(!file.fail(), "the corpus can be written", folder_.string());
  }

 private:
  std::filesystem::path folder_;
  std::set<std::string> known_;
};

void write_queries(const std::filesystem::path& suite, const std::filesystem::path& folder) {
  constexpr std::size_t document_bytes_max = 4096;
  Corpus parse(folder / "parse"), evaluate(folder / "evaluate"), read(folder / "read");
  std::vector<std::filesystem::path> files;
  for (const auto& item : std::filesystem::directory_iterator(suite)) {
    if (item.path().extension() == ".json") files.push_back(item.path());
  }
  std::sort(files.begin(), files.end());
  simdjson::dom::parser parser;
  for (const auto& file : files) {
    for (simdjson::dom::element group : simdjson::dom::array(parser.load(file.string()))) {
      std::string given = simdjson::minify(group["given"]);
      if (given.size() > document_bytes_max) continue;
      read.add(given);
      for (simdjson::dom::element one : simdjson::dom::array(group["cases"])) {
        std::string_view expression = one["expression"];
        parse.add(expression);
        if (expression.find('\n') != expression.npos) continue;
        evaluate.add(std::string(expression) + "\n" + given);
      }
    }
  }
  for (const char* json :
       {R"({"a":1,"a":2,"b":[1.50,-0,1e400,1E+2,123456789012345678901234567890]})",
        R"(["\u0041\ud83d\ude00\"\\\/\b\f\n\r\t", "\ud83d", "é😀"])", " [ true , false , null ] \n",
        "\xEF\xBB\xBF[]", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"}) {
    read.add(json);
    evaluate.add(std::string("a || b[*] || [0] || @\n") + json);
  }
}

void write_formats(const std::filesystem::path& folder) {
  using namespace format;
  using namespace format::testing;
  Corpus corpus(folder / "formats");
  Dice dice(1);
  Entry single = small_entry("some id", 1'300'000'000'000'000, "{\"amount\":3}");
  single.entry_class = EntryClass::single;
  single.order = 1;
  corpus.add(encode_single({JournalOrigin::single, {"0123456789abcdef"}, 5, true}, single.view()));
  for (Codec codec : {Codec::none, Codec::zstd, Codec::lz4}) {
    corpus.add(small_journal(codec));
    auto entries = random_entries(dice, 4, 40);
    auto some = views(entries);
    corpus.add(encode_block(some, {codec}).stored);
  }
  corpus.add(encode_catalog(small_catalog()));
  corpus.add(encode_catalog({}));
  corpus.add(encode_catalog_page({small_catalog().journals}));
  corpus.add(index_part(random_index_entries(dice, 3)));
  corpus.add(encode_settings(
      {"0123456789abcdef0123456789abcdef", std::chrono::seconds(7200), std::chrono::seconds(60)}));
  corpus.add(encode_lease({5, std::chrono::seconds(900), {"0123456789abcdef"}}));
  corpus.add(encode_import_mark({{IdHash::of("a"), IdHash::of("b")}}));
}

void write_original(const std::filesystem::path& folder) {
  Corpus corpus(folder / "original");
  const std::string journal =
      "2019-11-25T101010.123456Z--2019-11-26T000000.000000Z--2019-12-01T010203.000004Z--0d2a5be5";
  corpus.add(journal);
  corpus.add("987-11-25T101010.123456Z--987-11-25T101010.123456Z--new--0d2a5be5");
  corpus.add(std::string(journal.rbegin(), journal.rend()) +
             "---a/b---2019-12-02T000000.000001Z--UPDATE");
  corpus.add(
      R"({"journal_id": "j", "size": 12, "events": [)"
      R"({"event_id": "a", "timestamp": "2019-11-25T101010.123456Z", "offset": 0, "size": 5}, )"
      R"({"event_id": "\u00fc", "timestamp": "987-11-25T101010.5Z", "offset": 5, "size": 7}]})");
}

}  // namespace
}  // namespace flashflood::fuzz

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: fuzz_corpus SUITE FOLDER\n");
    return 2;
  }
  try {
    flashflood::fuzz::write_queries(arguments[1], arguments[2]);
    flashflood::fuzz::write_formats(arguments[2]);
    flashflood::fuzz::write_original(arguments[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fuzz_corpus: %s\n", error.what());
    return 1;
  }
  return 0;
}
