// The smallest program that uses an installed FlashFlood: records one event and reads it back.
#include <iostream>

#include "flashflood/flashflood.h"

int main(int, char** argv) {
  auto flood = flashflood::Flood::open(argv[1]);
  flood.put({.id = "greeting", .data = R"({"text": "hello"})"});
  for (const auto& event : flood.replay({.query = "text"})) {
    std::cout << event.id << ": " << event.data << '\n';
    return event.data == "\"hello\"" ? 0 : 1;
  }
  return 1;
}
