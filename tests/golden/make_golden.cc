// Writes the golden files into a folder. They were made once, when the format was fixed; nothing
// runs this again, and it refuses to replace a file. A new version of a format adds files.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "golden_objects.h"

namespace {

namespace golden = flashflood::format::golden;
using flashflood::format::Codec;

bool write(const std::filesystem::path& file, const std::string& bytes) {
  if (std::filesystem::exists(file)) {
    std::fprintf(stderr, "%s is there already\n", file.c_str());
    return true;
  }
  std::ofstream out(file, std::ios::binary);
  out << bytes;
  return static_cast<bool>(out.flush());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: make_golden FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  bool done = write(folder / "single.bin",
                    encode_single(golden::single_properties(), golden::single_entry().view())) &&
              write(folder / "journal-none.bin", golden::journal(Codec::none, true)) &&
              write(folder / "journal-zstd.bin", golden::journal(Codec::zstd, true)) &&
              write(folder / "journal-lz4.bin", golden::journal(Codec::lz4, false)) &&
              write(folder / "catalog.bin", encode_catalog(golden::catalog())) &&
              write(folder / "catalog-pages.bin", encode_catalog(golden::catalog_with_pages())) &&
              write(folder / "catalog-zstd.bin", encode_catalog(golden::long_catalog())) &&
              write(folder / "catalog-posts.bin", encode_catalog(golden::catalog_with_posts())) &&
              write(folder / "page.bin", encode_catalog_page(golden::page())) &&
              write(folder / "page-posts.bin", encode_catalog_page(golden::page_with_posts())) &&
              write(folder / "index.bin", golden::index_part()) &&
              write(folder / "flashflood.json", encode_settings(golden::settings())) &&
              write(folder / "lease.json", encode_lease(golden::lease())) &&
              write(folder / "import.json", encode_import_mark(golden::import_mark())) &&
              write(folder / "split.json", encode_split(golden::split())) &&
              write(folder / "split-presigned.json", encode_split(golden::presigned_split()));
  return done ? 0 : 1;
}
