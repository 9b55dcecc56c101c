// Runs a fuzz target without libFuzzer: on every file of a corpus, and on changes of them that are
// the same in every run.
//
//   fuzz_NAME CORPUS [ROUNDS]
//
// An input that ends the program is left in the file fuzz-last-input.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/target.h"

namespace flashflood::fuzz {
namespace {

constexpr const char* last_input = "fuzz-last-input";
constexpr std::size_t input_bytes_max = 1 << 16;

std::vector<std::string> read_corpus(const std::string& folder) {
  std::vector<std::string> seeds;
  std::vector<std::filesystem::path> paths;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    paths.push_back(item.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t i = 0, count = 1 + below(4); i < count; ++i) change(text);
    if (text.size() > input_bytes_max) text.resize(input_bytes_max);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return engine_() % bound; }

  void change(std::string& text) {
    if (text.empty()) text.push_back('\0');
    std::size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        text[at] = static_cast<char>(engine_());
        break;
      case 2:
        text.erase(at, 1 + below(8));
        break;
      case 3:
        text.insert(at, 1, static_cast<char>(engine_()));
        break;
      case 4:
        text.insert(below(text.size()), text.substr(at, below(32)));
        break;
      default: {  // a piece of another seed
        const std::string& other = seeds_[below(seeds_.size())];
        if (!other.empty()) text.insert(at, other.substr(below(other.size()), below(64)));
        break;
      }
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 engine_{1};
};

// std::abort() and the sanitizers leave no chance to write the input later, so it is written
// before.
class Runner {
 public:
  Runner() : file_(open(last_input, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
    require(file_ >= 0, "fuzz-last-input can be written");
  }
  Runner(const Runner&) = delete;
  ~Runner() {
    close(file_);
    std::filesystem::remove(last_input);
  }
  void run(const std::string& input) {
    auto size = static_cast<ssize_t>(input.size());
    require(pwrite(file_, input.data(), input.size(), 0) == size && ftruncate(file_, size) == 0,
            "fuzz-last-input can be written");
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }

 private:
  int file_;
};

int run(const std::string& folder, std::size_t rounds) {
  std::vector<std::string> seeds = read_corpus(folder);
  require(!seeds.empty(), "the corpus has files", folder);
  Runner runner;
  for (const std::string& seed : seeds) runner.run(seed);
  Mutator mutator(seeds);
  for (std::size_t i = 0; i < rounds; ++i) runner.run(mutator.next());
  std::printf("%zu seeds and %zu changes of them\n", seeds.size(), rounds);
  return 0;
}

}  // namespace
}  // namespace flashflood::fuzz

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: %s CORPUS [ROUNDS]\n", arguments[0]);
    return 2;
  }
  return flashflood::fuzz::run(arguments[1], count > 2 ? std::stoul(arguments[2]) : 2000);
}
