// simulation --seed N [--count M] [--trace]: runs seeds, and prints what went wrong, or the trace.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "simulation/world.h"

int main(int argc, char** argv) {
  std::uint64_t seed = 1, count = 1;
  bool trace = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--count" && i + 1 < argc) {
      count = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--trace") {
      trace = true;
    } else {
      std::fputs("usage: simulation --seed N [--count M] [--trace]\n", stderr);
      return 2;
    }
  }
  std::uint64_t failures = 0, steps = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto result = flashflood::simulation::World(seed + i).run(trace);
    steps += result.steps;
    if (count == 1)
      std::printf("seed %llu: %llu steps, %llu operations, %llu catalogs, trace %016llx\n",
                  static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(result.steps),
                  static_cast<unsigned long long>(result.operations),
                  static_cast<unsigned long long>(result.catalogs),
                  static_cast<unsigned long long>(result.trace_hash));
    if (result.failure.empty()) continue;
    ++failures;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed + i),
                result.failure.c_str());
    std::fflush(stdout);
  }
  if (count > 1)
    std::printf("%llu seeds, %llu steps, %llu failures\n", static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(steps), static_cast<unsigned long long>(failures));
  return failures == 0 ? 0 : 1;
}
